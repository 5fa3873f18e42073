"""Legs of contacts and their quality evaluations, and the touches that say whose workday changed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.records.fields import UnitField
from people.models import Queue

from .enums import Direction, MediaType, TouchReason

SECOND_PLACES = 3
CHARGE_PLACES = 8


def _seconds(name, **kwargs):
    return UnitField(name, places=SECOND_PLACES, null=True, blank=True, **kwargs)


class Leg(models.Model):
    """One leg: one contact and the agent who took it. Times in UTC, durations in seconds (kept to a millisecond).

    Null means unknown and is never taken for zero. `workday` is the date on which the leg began, in the time
    zone of the agent's division of that day; it is stored and never recomputed by a later move.
    """

    source = models.CharField(_("source"), max_length=60)
    external_id = models.CharField(_("id in the source"), max_length=160)
    leg_number = models.PositiveIntegerField(_("leg"), default=1)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="legs",
        verbose_name=_("agent"),
        db_index=False,
    )
    workday = models.DateField(_("workday"))
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    media_type = models.CharField(_("media type"), max_length=10, choices=MediaType, default=MediaType.VOICE)
    direction = models.CharField(_("direction"), max_length=10, choices=Direction, null=True, blank=True)
    queue = models.ForeignKey(
        Queue, models.PROTECT, null=True, blank=True, related_name="legs", verbose_name=_("queue"), db_index=False
    )
    wait_seconds = _seconds(_("wait"))
    talk_seconds = _seconds(_("talk"))
    hold_seconds = _seconds(_("hold"))
    after_call_seconds = _seconds(_("after-call work"))
    answered = models.BooleanField(_("answered"), null=True, blank=True)
    abandoned = models.BooleanField(_("abandoned"), null=True, blank=True)
    transferred = models.BooleanField(_("transferred"), null=True, blank=True)
    resolved = models.BooleanField(_("resolved"), null=True, blank=True)
    wrap_up = models.CharField(_("wrap-up code"), max_length=120, null=True, blank=True)
    rating = UnitField(_("satisfaction rating"), places=SECOND_PLACES, null=True, blank=True)
    charge = UnitField(_("charge"), places=CHARGE_PLACES, null=True, blank=True)
    customer_key = models.CharField(_("customer key"), max_length=64, null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id", "leg_number"], name="interactions_leg_once"),
            models.CheckConstraint(
                name="interactions_leg_durations_not_negative",
                condition=(Q(wait_seconds__isnull=True) | Q(wait_seconds__gte=0))
                & (Q(talk_seconds__isnull=True) | Q(talk_seconds__gte=0))
                & (Q(hold_seconds__isnull=True) | Q(hold_seconds__gte=0))
                & (Q(after_call_seconds__isnull=True) | Q(after_call_seconds__gte=0)),
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "workday"], name="interactions_leg_agent_day"),
            models.Index(fields=["queue", "workday"], name="interactions_leg_queue_day"),
            models.Index(
                fields=["started_at"], condition=Q(customer_key__isnull=False), name="interactions_leg_customer"
            ),
        ]

    def __str__(self):
        return f"{self.source} {self.external_id}/{self.leg_number}"

    @property
    def handle_seconds(self):
        """Talk plus what is recorded of hold and after-call work; unknown without talk."""
        if self.talk_seconds is None:
            return None
        return self.talk_seconds + (self.hold_seconds or 0) + (self.after_call_seconds or 0)


class Evaluation(models.Model):
    """A quality evaluation, of a leg or of an agent's workday. Only released ones count."""

    source = models.CharField(_("source"), max_length=60)
    external_id = models.CharField(_("id in the source"), max_length=160)
    leg = models.ForeignKey(
        Leg, models.PROTECT, null=True, blank=True, related_name="evaluations", verbose_name=_("interaction")
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="evaluations", verbose_name=_("agent"), db_index=False
    )
    workday = models.DateField(_("workday"))
    form = models.CharField(_("form"), max_length=120, blank=True)
    score = UnitField(_("score"), places=SECOND_PLACES)
    maximum = UnitField(_("maximum"), places=SECOND_PLACES)
    evaluator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("evaluator")
    )
    released = models.BooleanField(_("released"), default=True)

    class Meta:
        verbose_name = _("quality evaluation")
        verbose_name_plural = _("quality evaluations")
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="interactions_evaluation_once"),
            models.CheckConstraint(
                name="interactions_evaluation_score_in_range",
                condition=Q(maximum__gt=0) & Q(score__gte=0) & Q(score__lte=models.F("maximum")),
            ),
        ]
        indexes = [models.Index(fields=["agent", "workday"], name="interactions_eval_agent_day")]

    def __str__(self):
        return f"{self.source} {self.external_id}"


class Touch(models.Model):
    """An insert-only row "this agent's workday changed, because": written in the transaction of every fact,
    taken away by the recompute that reads the facts after it.
    """

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    workday = models.DateField()
    reason = models.CharField(max_length=12, choices=TouchReason)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("touch")
        verbose_name_plural = _("touches")
        indexes = [models.Index(fields=["agent", "workday"], name="interactions_touch_agent_day")]

    def __str__(self):
        return f"{self.agent_id} {self.workday} {self.reason}"
