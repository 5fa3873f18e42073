"""Who is told of events, what they still have to be told, and each try."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.records.appendonly import AppendOnlyModel
from goals.models import Event

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
