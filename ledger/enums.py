"""Choices of accounts and transfers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountKind(models.TextChoices):
    PERSON = "person", _("person")
    POOL = "pool", _("reward pool")
    ISSUED = "issued", _("issued points")
    EXPIRED = "expired", _("expired points")
    SPENT = "spent", _("spent points")


AccountKind.single = (AccountKind.ISSUED, AccountKind.EXPIRED, AccountKind.SPENT)
"""Kinds of which there is one account."""


class TransferKind(models.TextChoices):
    DIRECT = "direct", _("direct")
    PENDING = "pending", _("pending")
    POST = "post", _("posted")
    VOID = "void", _("voided")


TransferKind.settling = (TransferKind.DIRECT, TransferKind.POST)
"""Kinds that move points."""
TransferKind.resolving = (TransferKind.POST, TransferKind.VOID)
"""Kinds that end a pending transfer."""


class Purpose(models.TextChoices):
    FUNDING = "funding", _("funding of a pool")
    PAYOUT = "payout", _("goal reached")
    ADJUSTMENT = "adjustment", _("correction of a payout")
    REVERSAL = "reversal", _("taken back")
    REPAYMENT = "repayment", _("repayment of a debt")
    EXPIRY = "expiry", _("expired")
    THANKS = "thanks", _("customer thanks")
    GRANT = "grant", _("given by a supervisor")
    REDEMPTION = "redemption", _("redeemed")
