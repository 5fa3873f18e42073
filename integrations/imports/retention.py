"""How long uploaded files, and the rows that could not be read, are kept. The counts of an import stay."""

import shutil
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from foundation.records.retention import Kept

from .enums import DUE
from .models import Import, ImportFile, ImportIssue


def _aged(before):
    """Imports of before that no worker may take up, with files or rows left."""
    left = Q(Exists(ImportFile.objects.filter(import_run=OuterRef("pk"))))
    left |= Q(Exists(ImportIssue.objects.filter(import_run=OuterRef("pk"))))
    return Import.objects.filter(left, created_at__lt=before).exclude(status__in=DUE)


def _clear(keys, at) -> None:
    """Only copies of uploads go from the disk, and only once the rows are gone; files named to a command stay."""
    ImportIssue.objects.filter(import_run__in=keys).delete()
    ImportFile.objects.filter(import_run__in=keys).delete()
    for public_id in Import.objects.filter(pk__in=keys).values_list("public_id", flat=True):
        folder = Path(default_storage.path("imports")) / str(public_id)
        transaction.on_commit(lambda folder=folder: shutil.rmtree(folder, ignore_errors=True))


UPLOADS = Kept(
    setting="uploads",
    label=_("Uploaded files, and their rows that could not be read"),
    aged=_aged,
    clear=_clear,
    batch=1,
)


def erase(person, *, at) -> None:
    """Takes away what the reports of imports quote of a person."""
    quoted = Q(value__iexact=person.external_id) if person.external_id else Q()
    for text in filter(None, (person.name, person.email)):
        quoted |= Q(value__icontains=text) | Q(reason__icontains=text)
    ImportIssue.objects.filter(quoted).delete()
