"""Runs of scheduled jobs, and the claims by which one worker at a time holds a duty."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")


class JobRun(models.Model):
    """One run of a job that found something to do, or failed. An idle look leaves only `Heartbeat`."""

    job = models.CharField(_("job"), max_length=60)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, default=Outcome.RUNNING)
    detail = models.TextField(_("detail"), blank=True)

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        indexes = [models.Index(fields=["job", "-started_at"], name="jobs_jobrun_latest")]
        ordering = ["-started_at", "-pk"]

    def __str__(self):
        return f"{self.job} {self.started_at:%Y-%m-%d %H:%M:%S}"

    @property
    def duration_seconds(self) -> float | None:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


class Heartbeat(models.Model):
    """When a job last looked for work, and the row that a worker locks while it does it."""

    job = models.CharField(_("job"), max_length=60, primary_key=True)
    last_at = models.DateTimeField(_("last looked"), null=True)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self):
        return self.job
