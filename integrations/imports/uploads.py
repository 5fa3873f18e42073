"""What the pages do with an import before it starts: take in files, keep a draft of the mapping, throw it away."""

import datetime as dt
import shutil
from collections.abc import Iterable
from pathlib import Path, PurePath

from django.core.files.storage import default_storage

from . import actions
from .models import DATA, Import, Mapping
from .rules.answers import text_of


def upload(uploads: Iterable[tuple[str, object]], *, by, at: dt.datetime) -> Import:
    """An import from uploaded (role, file) pairs, with a guessed mapping to begin with.

    Raises `ImportRefused` for a file that cannot be read at all; then nothing is kept.
    """
    run = actions.create_import(by=by, at=at)
    try:
        for role, file in uploads:
            actions.store_upload(file, run=run, role=role)
        draft(run, mapping_text=_first_mapping(run))
    except Exception:
        discard(run)
        raise
    return run


def _first_mapping(run: Import) -> str:
    """A guess from the header and the first rows. Raises `ImportRefused` where the file shows none."""
    seen = actions.preview(run, mapping_text="")
    if not seen.columns:
        raise actions.ImportRefused(seen.error)
    stem = PurePath(run.files.filter(role=DATA).first().name).stem
    source = stem[:60] or "file"
    return actions.guess_mapping(seen.columns, seen.cells, source=source) or text_of({"source": source})


def draft(run: Import, *, mapping_text: str, mapping: Mapping | None = None) -> None:
    """Keeps the mapping as it is now with an import that was not started yet."""
    run.mapping_text = mapping_text
    run.mapping = mapping or run.mapping
    run.save(update_fields=["mapping_text", "mapping"])


def put_table(run: Import, *, name: str, file) -> None:
    """The file of a table that the mapping joins, in place of one that was there."""
    run.files.filter(role=name).delete()
    actions.store_upload(file, run=run, role=name)


def discard(run: Import) -> None:
    """Takes away an import that wrote nothing, with the uploaded copies of its files."""
    run.delete()
    shutil.rmtree(Path(default_storage.path("imports")) / str(run.public_id), ignore_errors=True)
