"""Reward points: accounts and the transfers between them. A balance is a sum; nothing is ever changed or deleted."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation.records.appendonly import AppendOnlyModel

from .enums import AccountKind, Purpose, TransferKind

PERSON = settings.AUTH_USER_MODEL


class Account(models.Model):
    """Holds reward points. Only *issued* may be below zero: what it lacks is what all others hold together."""

    kind = models.CharField(_("kind"), max_length=8, choices=AccountKind)
    person = models.OneToOneField(
        PERSON, models.PROTECT, null=True, blank=True, related_name="reward_account", verbose_name=_("person")
    )
    key = models.CharField(_("key"), max_length=120, unique=True, help_text=_("Such as RPOOL_2024_Q3."))
    name = models.CharField(_("name"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                name="ledger_account_person_if_kind_person",
                condition=Q(kind=AccountKind.PERSON, person__isnull=False)
                | (~Q(kind=AccountKind.PERSON) & Q(person__isnull=True)),
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(kind__in=["issued", "expired", "spent"]),
                name="ledger_account_single_kinds",
            ),
        ]

    def __str__(self):
        return self.name or self.key

    @property
    def may_be_negative(self) -> bool:
        return self.kind == AccountKind.ISSUED


class Transfer(AppendOnlyModel):
    """`points` from the debit account to the credit account.

    A *pending* transfer holds the points on the debit account until one *post* or *void* resolves it; that row repeats
    its accounts and points, so that every balance is one sum over this table. `undoes` names the transfer that this
    one takes back, wholly or in part; `repays` the debt that it pays. `expires_on`: the points are gone on that day.
    """

    kind = models.CharField(_("kind"), max_length=8, choices=TransferKind)
    debit = models.ForeignKey(Account, models.PROTECT, related_name="debits", verbose_name=_("from"), db_index=False)
    credit = models.ForeignKey(Account, models.PROTECT, related_name="credits", verbose_name=_("to"), db_index=False)
    points = models.PositiveBigIntegerField(_("points"))
    key = models.CharField(_("key"), max_length=200, unique=True)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    reference = models.CharField(_("reference"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    resolves = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="resolution", verbose_name=_("resolves")
    )
    undoes = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by", verbose_name=_("takes back")
    )
    repays = models.ForeignKey(
        "Debt", models.PROTECT, null=True, blank=True, related_name="repayments", verbose_name=_("repays")
    )
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by"), db_index=False
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="ledger_transfer_points_above_zero", condition=Q(points__gt=0)),
            models.CheckConstraint(name="ledger_transfer_two_accounts", condition=~Q(debit=F("credit"))),
            models.CheckConstraint(
                name="ledger_transfer_resolves_if_post_or_void",
                condition=Q(kind__in=["post", "void"], resolves__isnull=False)
                | (~Q(kind__in=["post", "void"]) & Q(resolves__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["debit", "kind", "points"], name="ledger_transfer_debit"),
            models.Index(fields=["credit", "kind", "points"], name="ledger_transfer_credit"),
            models.Index(fields=["reference"], name="ledger_transfer_reference"),
        ]

    def __str__(self):
        return f"{self.points} {self.debit_id} → {self.credit_id} ({self.kind})"


class Debt(AppendOnlyModel):
    """What a take-back did not find: `account` owes `points` to `owed_to`. Later income pays it first."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="debts", verbose_name=_("account"))
    owed_to = models.ForeignKey(Account, models.PROTECT, related_name="+", verbose_name=_("owed to"))
    points = models.PositiveBigIntegerField(_("points"))
    undoes = models.ForeignKey(Transfer, models.PROTECT, related_name="debts", verbose_name=_("takes back"))
    key = models.CharField(_("key"), max_length=200, unique=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("debt")
        verbose_name_plural = _("debts")
        ordering = ["pk"]
        constraints = [models.CheckConstraint(name="ledger_debt_points_above_zero", condition=Q(points__gt=0))]

    def __str__(self):
        return f"{self.account_id} owes {self.points} to {self.owed_to_id}"
