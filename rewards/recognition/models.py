"""What people give each other: a note, and perhaps points of a monthly budget. Taken back by a new row."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation.records.appendonly import AppendOnlyModel
from foundation.records.dated import DatedSetting
from ledger.models import Transfer

from .enums import Kind

PERSON = settings.AUTH_USER_MODEL
LONGEST_NOTE = 500


class Budget(DatedSetting):
    """What may be given in a month, in force from a day until the next row. 0: notes only."""

    lead_points = models.PositiveIntegerField(
        _("points of a lead a month"),
        default=0,
        help_text=_("So many points each lead may give in a month to people they lead. 0: notes only."),
    )
    peer_points = models.PositiveIntegerField(
        _("points of a colleague a month"),
        default=0,
        help_text=_("So many points each agent may give in a month to people of their teams. 0: no points."),
    )
    pair_points = models.PositiveIntegerField(
        _("points between two colleagues a month"),
        default=0,
        help_text=_("The most that two colleagues may give each other in a month, both ways together."),
    )

    class Meta:
        verbose_name = _("monthly budget")
        verbose_name_plural = _("monthly budgets")
        ordering = ["-from_on"]
        constraints = [models.UniqueConstraint(fields=["from_on"], name="recognition_budget_once_a_day")]

    def __str__(self):
        return str(self.from_on)


class LeadBudget(DatedSetting):
    """What one lead may give in a month instead of what every lead may, in force from a day until their next row."""

    person = models.ForeignKey(PERSON, models.CASCADE, related_name="recognition_budgets", verbose_name=_("lead"))
    points = models.PositiveIntegerField(
        _("points a month"), help_text=_("Instead of the points of every lead. 0: notes only.")
    )

    class Meta:
        verbose_name = _("monthly budget of one lead")
        verbose_name_plural = _("monthly budgets of single leads")
        ordering = ["person", "-from_on"]
        constraints = [models.UniqueConstraint(fields=["person", "from_on"], name="recognition_leadbudget_once_a_day")]

    def __str__(self):
        return f"{self.person} {self.from_on}"


class Gift(AppendOnlyModel):
    """What one person gave another. `month_on` is the first day of the month in which it counts, where the giver is.
    A token of the form makes a form that is sent twice one gift.
    """

    erasable_texts = ("note",)

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    giver = models.ForeignKey(PERSON, models.PROTECT, related_name="gifts_given", verbose_name=_("by"))
    recipient = models.ForeignKey(PERSON, models.PROTECT, related_name="gifts_received", verbose_name=_("for"))
    points = models.PositiveIntegerField(_("points"), default=0)
    note = models.CharField(_("note"), max_length=LONGEST_NOTE)
    month_on = models.DateField(_("month"))
    token = models.UUIDField(editable=False)
    transfer = models.OneToOneField(Transfer, models.PROTECT, null=True, related_name="+", verbose_name=_("transfer"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("recognition")
        verbose_name_plural = _("recognitions")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["giver", "token"], name="recognition_gift_once_a_token"),
            models.CheckConstraint(name="recognition_gift_not_oneself", condition=~Q(giver=F("recipient"))),
            models.CheckConstraint(
                name="recognition_gift_points_by_transfer",
                condition=Q(points=0, transfer__isnull=True) | Q(points__gt=0, transfer__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["giver", "month_on"], name="recognition_gift_month")]

    def __str__(self):
        return f"{self.giver_id} → {self.recipient_id}: {self.points}"


class TakenBack(AppendOnlyModel):
    """A gift was taken back, with its points as far as they were there; the rest is a debt of the ledger."""

    erasable_texts = ("reason",)

    gift = models.OneToOneField(Gift, models.PROTECT, related_name="taken_back", verbose_name=_("recognition"))
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("recognition taken back")
        verbose_name_plural = _("recognitions taken back")

    def __str__(self):
        return f"{self.gift_id}: {self.reason}"
