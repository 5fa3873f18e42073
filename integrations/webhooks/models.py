"""Events out: who is told, what they still have to be told, and each try. Events in: who reports, what came, and what
became of it.
"""

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.records.appendonly import AppendOnlyModel
from goals.enums import Counted
from goals.models import Event, Goal

from .rules.backoff import Circuit


class Endpoint(models.Model):
    """A subscriber: where it listens, to which events, and whether its circuit is closed.

    It is told of events from `after` on, the newest event when it was made. `leased_until` is the claim of the worker
    that delivers to it.
    """

    name = models.CharField(_("name"), max_length=120)
    url = models.URLField(_("URL"), max_length=500)
    secret = models.CharField(_("secret"), max_length=120, editable=False)
    events = models.JSONField(_("events"), default=list)
    is_on = models.BooleanField(_("on"), default=True)
    after = models.BigIntegerField(default=0, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    next_at = models.DateTimeField(_("next try"), null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name

    @property
    def circuit(self) -> Circuit:
        return Circuit(self.failures, self.next_at)


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("waits")
    DELIVERED = "delivered", _("delivered")
    DISCARDED = "discarded", _("discarded")


class Delivery(models.Model):
    """An event that an endpoint is to be told of, once."""

    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="deliveries", verbose_name=_("endpoint"))
    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries", verbose_name=_("event"))
    state = models.CharField(_("state"), max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-event_id"]
        constraints = [models.UniqueConstraint(fields=["endpoint", "event"], name="webhooks_delivery_once")]
        indexes = [
            models.Index(
                fields=["endpoint", "event"], condition=models.Q(state="waiting"), name="webhooks_delivery_waiting"
            )
        ]

    def __str__(self):
        return f"{self.event} → {self.endpoint}"


class Attempt(AppendOnlyModel):
    """One try: the status that came back (none when nothing did), how long it took, and how the answer began."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="attempts", verbose_name=_("delivery"))
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    duration_ms = models.PositiveIntegerField(_("duration in ms"))
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("try")
        verbose_name_plural = _("tries")
        ordering = ["-pk"]

    def __str__(self):
        return self.error or str(self.status)


# Events in ---------------------------------------------------------------------------------------------------------

PERSON = settings.AUTH_USER_MODEL


class Source(models.Model):
    """Another system that reports how goals stand.

    What it sends is signed with `secret`, or with `old_secret` until `old_secret_until` while the secret is changed.
    `status_url` is asked before anything comes of a report; in it `{goalId}` and `{period}` are filled in.
    """

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    secret = models.CharField(_("secret"), max_length=120, editable=False)
    old_secret = models.CharField(max_length=120, blank=True, editable=False)
    old_secret_until = models.DateTimeField(_("old secret holds until"), null=True, editable=False)
    status_url = models.CharField(_("status address"), max_length=500)
    status_token = models.CharField(_("token for the status address"), max_length=500, blank=True)
    window_seconds = models.PositiveIntegerField(_("replay window in seconds"), default=300)
    patience_hours = models.PositiveIntegerField(_("hours until a person is asked"), default=24)
    is_on = models.BooleanField(_("on"), default=True)

    class Meta:
        verbose_name = _("source of reports")
        verbose_name_plural = _("sources of reports")
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name

    def secrets_at(self, at: dt.datetime) -> list[str]:
        """The secrets that hold at a moment."""
        old_holds = self.old_secret and self.old_secret_until and at < self.old_secret_until
        return [self.secret, self.old_secret] if old_holds else [self.secret]


class GoalLink(models.Model):
    """The goal here that a source's goal stands for. A report pays this goal and no other."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="links", verbose_name=_("source"))
    external_id = models.CharField(_("goal id at the source"), max_length=200)
    goal = models.ForeignKey(
        Goal,
        models.PROTECT,
        related_name="links",
        verbose_name=_("goal"),
        limit_choices_to={"counted": Counted.REPORTED},
        help_text=_("A goal that counts a status that another system reports."),
    )
    by = models.ForeignKey(PERSON, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("linked at"), editable=False)

    class Meta:
        verbose_name = _("link of a goal")
        verbose_name_plural = _("links of goals")
        ordering = ["source", "external_id"]
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="webhooks_goallink_once")]

    def __str__(self):
        return f"{self.source}: {self.external_id} → {self.goal}"


class ReportState(models.TextChoices):
    WAITING = "waiting", _("waits for the source's answer")
    TAKEN = "taken", _("taken")
    MANUAL = "manual", _("waits for a person")
    DISCARDED = "discarded", _("discarded")


class Report(models.Model):
    """One event as it came, once for each id of its source. `why` says what it waits for, or why it was discarded.

    `next_at` is when the status address is asked next; whoever asks moves it on first, which is the claim.
    """

    source = models.ForeignKey(Source, models.PROTECT, related_name="reports", verbose_name=_("source"))
    event_id = models.CharField(_("event id"), max_length=200)
    digest = models.CharField(max_length=64, editable=False)
    external_goal = models.CharField(_("goal id at the source"), max_length=200)
    period = models.CharField(_("period"), max_length=10)
    status = models.CharField(_("status"), max_length=8)
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=5, null=True)
    body = models.TextField(_("as it came"))
    state = models.CharField(_("state"), max_length=9, choices=ReportState, default=ReportState.WAITING)
    why = models.CharField(_("why"), max_length=300, blank=True)
    tries = models.PositiveIntegerField(_("times asked"), default=0)
    next_at = models.DateTimeField(_("asked next"))
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["source", "event_id"], name="webhooks_report_once")]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state="waiting"), name="webhooks_report_waiting")
        ]

    def __str__(self):
        return f"{self.external_goal} {self.period}: {self.status}"


class Handling(AppendOnlyModel):
    """One thing that was done about a report: the source was asked, or a person decided. `state` is where it led."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="handlings", verbose_name=_("report"))
    state = models.CharField(_("state"), max_length=9, choices=ReportState)
    what = models.CharField(_("what happened"), max_length=300)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    by = models.ForeignKey(PERSON, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("handling of a report")
        verbose_name_plural = _("handlings of reports")
        ordering = ["-pk"]

    def __str__(self):
        return self.what
