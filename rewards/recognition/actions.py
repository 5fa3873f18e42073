"""Writes of recognition: somebody gives, and it may be taken back."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.pages.formats import format_number
from inbox.actions import notify
from inbox.enums import Kind as Told
from ledger.actions import Order, account_of, single_account, take_back, transfer
from ledger.enums import AccountKind, Purpose
from people.models import User
from people.queries import today_of

from .enums import Kind
from .models import Gift, TakenBack
from .queries import budget_on, left_of, points_between, recipients_of


class GiftRefusal(Exception):
    """What cannot be given; the message is a sentence for people."""


class NotTheirs(GiftRefusal):
    """The giver may not give to this person."""


class OverBudget(GiftRefusal):
    """More than is left of the month, or between these two."""


class TokenUsed(GiftRefusal):
    """The same form was sent before with other content."""


class AlreadyTakenBack(GiftRefusal):
    """It was taken back before."""


@dataclass(frozen=True)
class Given:
    """What is to be given, as the form says."""

    kind: Kind
    recipient: User
    points: int
    note: str
    token: UUID


@transaction.atomic
def give(given: Given, *, by: User, at: dt.datetime) -> Gift:
    """Gives a note, and points of the month's budget with it. The same token gives once.

    Giver and recipient are locked in order of id before the month is counted, so that no two gifts both find room.
    """
    list(User.objects.filter(pk__in=[by.pk, given.recipient.pk]).order_by("pk").select_for_update())
    if known := Gift.objects.filter(giver=by, token=given.token).first():
        return _same(known, given)
    on = today_of(by, at=at)
    if not recipients_of(by, given.kind, on=on).filter(pk=given.recipient.pk).exists():
        raise NotTheirs(_("You cannot give to this person. Nothing was given."))
    _require_left(given, by=by, on=on)
    gift = Gift(giver=by, month_on=on.replace(day=1), at=at, **vars(given))
    if given.points:
        order = Order(
            debit=single_account(AccountKind.ISSUED),
            credit=account_of(given.recipient),
            points=given.points,
            key=f"gift:{by.public_id}:{given.token}",
            purpose=Purpose.GRANT,
            reference=f"gift:{gift.public_id}",
        )
        gift.transfer = transfer(order, by=by, at=at)
    gift.save()
    _tell(gift)
    return gift


def _same(known: Gift, given: Given) -> Gift:
    now = (given.kind, given.recipient.pk, given.points, given.note)
    if (known.kind, known.recipient_id, known.points, known.note) != now:
        raise TokenUsed(_("This form was sent before. What it gave then stands; open a new form to give more."))
    return known


def _require_left(given: Given, *, by: User, on: dt.date) -> None:
    left = left_of(by, given.kind, on=on).points
    if given.kind == Kind.THANKS:
        between = points_between(by, given.recipient, month_on=on.replace(day=1))
        left = min(left, max(budget_on(on).pair_points - between, 0))
    if given.points > left:
        text = ngettext(
            "%(points)s point is left for this person this month. Nothing was given; take fewer points, or none.",
            "%(points)s points are left for this person this month. Nothing was given; take fewer points, or none.",
            left,
        )
        raise OverBudget(text % {"points": format_number(left)})


def _tell(gift: Gift) -> None:
    kind = Told.RECOGNITION if gift.kind == Kind.RECOGNITION else Told.THANKS
    params = {"points": gift.points, "note": gift.note}
    url, key = reverse("recognition:index"), f"gift:{gift.public_id}"
    notify(gift.recipient, kind, params=params, url=url, key=key, at=gift.at, by=gift.giver)


@transaction.atomic
def take_gift_back(gift: Gift, *, reason: str, by: User, at: dt.datetime) -> TakenBack:
    """By whoever gave it: a new row, and its points as far as they are there; the rest is a debt.

    AlreadyTakenBack, NotTheirs.
    """
    Gift.objects.select_for_update().get(pk=gift.pk)
    if gift.giver_id != by.pk:
        raise NotTheirs(_("Only who gave it takes it back."))
    if TakenBack.objects.filter(gift=gift).exists():
        raise AlreadyTakenBack(_("It was taken back before."))
    row = TakenBack.objects.create(gift=gift, reason=reason, by=by, at=at)
    if gift.transfer:
        key = f"gift:{gift.public_id}:back"
        take_back(gift.transfer, points=gift.points, key=key, by=by, at=at)
        told = {"params": {"points": gift.points, "note": reason}, "url": reverse("recognition:index"), "key": key}
        notify(gift.recipient, Told.REWARD_REVERSED, **told, by=by, at=at)
    return row
