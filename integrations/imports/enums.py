"""Choices of imports."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    INTERACTIONS = "interactions", _("interactions")
    READINGS = "readings", _("external readings")
    EVALUATIONS = "evaluations", _("quality evaluations")


class Status(models.TextChoices):
    UPLOADED = "uploaded", _("uploaded")
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


DUE = (Status.QUEUED, Status.RUNNING)
"""What a worker may claim: a running import whose worker died is due again when its lease runs out."""

FINISHED = (Status.DONE, Status.FAILED, Status.CANCELLED)
