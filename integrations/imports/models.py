"""Saved mappings, and imports with their files, their counts and the rows they could not read."""

import uuid

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .enums import FINISHED, Kind, Status

DATA = "data"
"""The role of a file that holds the rows; other files carry the name of the table that they are joined as."""

ISSUES_KEPT = 10_000
"""How many unreadable rows an import keeps word for word. All are counted."""

VALUE_KEPT = 200


class Mapping(models.Model):
    """Which column feeds which field, as YAML; saved to be used again."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    text = models.TextField(_("mapping"), validators=[MinLengthValidator(1)])
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("saved by")
    )
    saved_at = models.DateTimeField(_("saved"))

    class Meta:
        verbose_name = _("mapping")
        verbose_name_plural = _("mappings")
        ordering = ["name"]

    def __str__(self):
        return self.name


class Import(models.Model):
    """One import. `mapping_text` is the mapping as it was; `position` is saved in the transaction of each batch, so
    that work taken up again after a crash ends with the same result. A worker holds an import by its lease.
    """

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    mapping = models.ForeignKey(
        Mapping, models.SET_NULL, null=True, blank=True, related_name="imports", verbose_name=_("mapping")
    )
    mapping_text = models.TextField(_("mapping as used"), blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.INTERACTIONS)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.UPLOADED)
    dry_run = models.BooleanField(_("dry run"), default=False)
    only_within_reach = models.BooleanField(
        _("only for people of the divisions in which whoever sent it may import"), default=False, editable=False
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("uploaded"))
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    cancel_asked_at = models.DateTimeField(_("cancelling asked for"), null=True, blank=True)

    rows_total = models.PositiveBigIntegerField(_("rows in the files, about"), default=0)
    rows_taken = models.PositiveBigIntegerField(_("rows read"), default=0)
    rows_new = models.PositiveBigIntegerField(_("new"), default=0)
    rows_changed = models.PositiveBigIntegerField(_("changed"), default=0)
    rows_unchanged = models.PositiveBigIntegerField(_("unchanged"), default=0)
    rows_left_out = models.PositiveBigIntegerField(_("left out"), default=0)
    rows_refused = models.PositiveBigIntegerField(_("not readable"), default=0)
    people_created = models.PositiveIntegerField(_("people created"), default=0)
    first_workday = models.DateField(_("first workday"), null=True, blank=True)
    last_workday = models.DateField(_("last workday"), null=True, blank=True)
    last_line = models.PositiveBigIntegerField(_("last line taken"), default=0)
    position = models.JSONField(default=dict, editable=False)
    error = models.TextField(_("error"), blank=True)

    lease_holder = models.CharField(max_length=80, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["status", "created_at"], name="imports_import_due")]

    def __str__(self):
        return ", ".join(file.name for file in self.files.all() if file.role == DATA) or str(self.public_id)

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED

    @property
    def percent(self) -> int:
        """How far the import is, 0 to 100; 100 only when it is done."""
        if self.status == Status.DONE:
            return 100
        return min(99, 100 * self.rows_taken // self.rows_total) if self.rows_total else 0


class ImportFile(models.Model):
    """A file of an import: rows (role `data`) or a table joined in, under the name the mapping gives it."""

    import_run = models.ForeignKey(Import, models.CASCADE, related_name="files", verbose_name=_("import"))
    role = models.CharField(_("role"), max_length=60, default=DATA)
    order = models.PositiveIntegerField(default=0)
    name = models.CharField(_("file name"), max_length=255)
    path = models.CharField(_("where it is kept"), max_length=1000)
    size = models.PositiveBigIntegerField(_("size in bytes"), default=0)

    class Meta:
        verbose_name = _("file of an import")
        verbose_name_plural = _("files of imports")
        ordering = ["order", "pk"]

    def __str__(self):
        return self.name


class ImportIssue(models.Model):
    """A row that could not be read, or was read otherwise than the file says. `value` never holds a customer key."""

    import_run = models.ForeignKey(Import, models.CASCADE, related_name="issues", verbose_name=_("import"))
    file = models.CharField(_("file"), max_length=255, blank=True)
    line = models.PositiveBigIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=200, blank=True)
    value = models.CharField(_("value"), max_length=VALUE_KEPT, blank=True)
    reason = models.CharField(_("reason"), max_length=400)

    class Meta:
        verbose_name = _("row not read")
        verbose_name_plural = _("rows not read")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.file}:{self.line} {self.reason}"
