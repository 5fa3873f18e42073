"""One's own reward points: what is there, what is on its way, what expires soon, and every transfer with its source."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from goals.models import Goal
from ledger.enums import AccountKind, TransferKind
from ledger.models import Account, Transfer
from ledger.queries import Balance, balance_of, history_of, lots_of
from rewards.catalogue.queries import requests_named
from rewards.recognition.queries import gifts_named
from rewards.thanks.queries import gifts_of

SOON = dt.timedelta(days=7)
"""Points that expire within so long are warned of."""
MOST_ROWS = 200


@dataclass(frozen=True)
class Expiring:
    """Points of one day that are gone from that day on."""

    points: int
    on: dt.date
    days: int


@dataclass(frozen=True)
class PointsRow:
    """One transfer as its person reads it. `points` as they change the balance, `balance` after it; None on its way."""

    transfer: Transfer
    points: int
    source: str
    period: str
    balance: int | None = None


@dataclass(frozen=True)
class OwnPoints:
    """`pending` are transfers that nothing has resolved yet; `rows` are settled, newest first."""

    balance: Balance
    expiring: tuple[Expiring, ...] = ()
    pending: tuple[PointsRow, ...] = ()
    rows: tuple[PointsRow, ...] = ()


def points_of(person, *, on: dt.date) -> OwnPoints | None:
    """The person's points as of a day in their zone; None for whoever never had any. Always the same few queries."""
    account = Account.objects.filter(person=person, kind=AccountKind.PERSON).first()
    if account is None:
        return None
    transfers = list(history_of(account))
    resolved = {row.resolves_id for row in transfers}
    names = _goal_names(transfers) | gifts_of(_named_by(transfers, "thanks"))
    names |= requests_named(_named_by(transfers, "item")) | gifts_named(_named_by(transfers, "gift"))
    settled = [row for row in transfers if row.kind in TransferKind.settling]
    waiting = [row for row in transfers if row.kind == TransferKind.PENDING and row.pk not in resolved]
    balance, after = balance_of(account), {}
    left = balance.settled
    for row in settled:
        after[row.pk], left = left, left - _signed(row, account)
    return OwnPoints(
        balance,
        expiring_soon(account, on=on),
        tuple(_row(row, account, names) for row in waiting),
        tuple(_row(row, account, names, after[row.pk]) for row in settled[:MOST_ROWS]),
    )


def expiring_soon(account: Account, *, on: dt.date) -> tuple[Expiring, ...]:
    """What expires within the next days, the soonest first, together by day."""
    by_day: dict[dt.date, int] = {}
    for lot in lots_of(account):
        if lot.left and lot.expires_on is not None and on < lot.expires_on <= on + SOON:
            by_day[lot.expires_on] = by_day.get(lot.expires_on, 0) + lot.left
    return tuple(Expiring(points, day, (day - on).days) for day, points in sorted(by_day.items()))


def _signed(row: Transfer, account: Account) -> int:
    return row.points if row.credit_id == account.pk else -row.points


def _row(row: Transfer, account: Account, names: dict[str, str], balance: int | None = None) -> PointsRow:
    _kind, source, period = _parts(row.reference)
    return PointsRow(row, _signed(row, account), names.get(source, ""), period, balance)


def _parts(reference: str) -> tuple[str, str, str]:
    """What a transfer came of, its public id, and for a goal the period; empty where there is none."""
    kind, _, rest = reference.partition(":")
    source, _, period = rest.partition(":")
    return kind, source, period


def _named_by(transfers: Iterable[Transfer], kind: str) -> set[str]:
    """The public ids of what transfers of a kind came of."""
    return {source for each, source, _ in (_parts(row.reference) for row in transfers) if each == kind}


def _goal_names(transfers: Iterable[Transfer]) -> dict[str, str]:
    ids = {UUID(goal) for goal in _named_by(transfers, "goal")}
    return {str(pk): name for pk, name in Goal.objects.filter(public_id__in=ids).values_list("public_id", "name")}
