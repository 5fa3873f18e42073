"""Writes of the ledger. Each action is atomic and idempotent by key: the same key with the same content returns the
first transfer, with other content it is refused. Accounts are locked in order of id before a balance is read.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from foundation.records.sets import insert_rows
from people.models import User
from people.queries import today_of

from .enums import AccountKind, Purpose, TransferKind
from .models import Account, Debt, Transfer
from .queries import Balance, accounts_with_expiry, balance_of, balances_of, lots_of, open_debts_of
from .rules.lots import Lot, expired


class LedgerRefusal(Exception):
    """A write that the ledger does not take; the message is a sentence for people."""


class KeyUsedDifferently(LedgerRefusal):
    """The key stands for a transfer with other content."""


class NotEnoughPoints(LedgerRefusal):
    """The debit account does not have the points available."""


class AlreadyResolved(LedgerRefusal):
    """The pending transfer was posted or voided before, the other way."""


class NotPending(LedgerRefusal):
    """Only a pending transfer can be posted or voided."""


class TooMuchTakenBack(LedgerRefusal):
    """Together the take-backs of a transfer would be more than it moved."""


@dataclass(frozen=True)
class Order:
    """A transfer to be written. `points` above zero; `key` made of facts that never change."""

    debit: Account
    credit: Account
    points: int
    key: str
    purpose: Purpose
    reference: str = ""
    note: str = ""
    expires_on: dt.date | None = None
    undoes: Transfer | None = None
    repays: Debt | None = None

    def row(self, kind: TransferKind, *, by, at: dt.datetime, resolves: Transfer | None = None) -> Transfer:
        return Transfer(kind=kind, by=by, at=at, resolves=resolves, **{name: getattr(self, name) for name in _ORDERED})


class Hold(NamedTuple):
    """A payout to be held, by the ids of its accounts; the key as of an order."""

    debit_id: int
    credit_id: int
    points: int
    key: str
    reference: str
    expires_on: dt.date | None


_ORDERED = ("debit", "credit", "points", "key", "purpose", "reference", "note", "expires_on", "undoes", "repays")
_CONTENT = (
    "kind",
    "debit_id",
    "credit_id",
    "points",
    "purpose",
    "reference",
    "expires_on",
    "undoes_id",
    "repays_id",
    "resolves_id",
)
"""What makes two transfers the same; who wrote it, when and with which note does not."""


def single_account(kind: AccountKind) -> Account:
    """The one account of a kind that has one."""
    return Account.objects.get_or_create(kind=kind, defaults={"key": kind.value, "name": str(kind.label)})[0]


def account_of(person) -> Account:
    return Account.objects.get_or_create(
        person=person, defaults={"kind": AccountKind.PERSON, "key": f"person:{person.public_id}"}
    )[0]


def accounts_of(people: Iterable) -> dict[int, Account]:
    """The accounts of people by person id, made where one is missing. Two queries where none is."""
    people = list(people)
    found = {account.person_id: account for account in Account.objects.filter(person__in=people)}
    missing = [person for person in people if person.pk not in found]
    if missing:
        rows = [Account(kind=AccountKind.PERSON, person=each, key=f"person:{each.public_id}") for each in missing]
        Account.objects.bulk_create(rows, ignore_conflicts=True)
        found |= {account.person_id: account for account in Account.objects.filter(person__in=missing)}
    return found


def account_ids_of(people_ids: Iterable[int]) -> dict[int, int]:
    """Account id by person id, made where one is missing."""
    ids = set(people_ids)
    found = dict(Account.objects.filter(person__in=ids).order_by().values_list("person_id", "pk"))
    if missing := ids - found.keys():
        made = accounts_of(User.objects.filter(pk__in=missing))
        found |= {person: account.pk for person, account in made.items()}
    return found


def locked_balances(account_ids: Iterable[int]) -> dict[int, Balance]:
    """Balances that nobody else can change until the end of the transaction."""
    return balances_of(_lock(account_ids))


@transaction.atomic
def transfer(order: Order, *, by, at: dt.datetime) -> Transfer:
    """Moves points at once. NotEnoughPoints when the debit account lacks them."""
    return _write([order.row(TransferKind.DIRECT, by=by, at=at)])[0]


@transaction.atomic
def pend(orders: Iterable[Order], *, by, at: dt.datetime) -> list[Transfer]:
    """Holds points until each transfer is posted or voided. All or none: NotEnoughPoints when an account lacks them."""
    return _write([order.row(TransferKind.PENDING, by=by, at=at) for order in orders])


@transaction.atomic
def pend_payouts(holds: Sequence[Hold], *, at: dt.datetime) -> dict[str, int]:
    """Holds many payouts as `pend` does, by the set: transfer id by key. Only debit accounts are locked, since a hold
    changes what is available on no other. Holds of references that stand already are compared one by one."""
    accounts = _lock({hold.debit_id for hold in holds})
    stand = Transfer.objects.filter(reference__in={hold.reference for hold in holds}).order_by()
    if stand.exists():
        return _pend_one_by_one(holds, at=at)
    _require_available(holds, accounts)
    same = (TransferKind.PENDING.value, Purpose.PAYOUT.value, "", connection.ops.adapt_datetimefield_value(at))
    columns = [*Hold._fields, "kind", "purpose", "note", "at"]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            insert_rows(cursor, Transfer._meta.db_table, columns, [(*hold, *same) for hold in holds])
    except IntegrityError:  # a key that was used before
        return _pend_one_by_one(holds, at=at)
    return dict(stand.values_list("key", "pk"))


def _pend_one_by_one(holds: Sequence[Hold], *, at: dt.datetime) -> dict[str, int]:
    rows = [Transfer(kind=TransferKind.PENDING, purpose=Purpose.PAYOUT, at=at, **hold._asdict()) for hold in holds]
    return {row.key: row.pk for row in _write(rows)}


@transaction.atomic
def post(pending: Transfer, *, by, at: dt.datetime, note: str = "") -> Transfer:
    """Moves the points that a pending transfer holds. AlreadyResolved when it was voided."""
    return _resolve(pending, TransferKind.POST, by=by, at=at, note=note)


@transaction.atomic
def void(pending: Transfer, *, by, at: dt.datetime, note: str = "") -> Transfer:
    """Gives back the points that a pending transfer holds. AlreadyResolved when it was posted."""
    return _resolve(pending, TransferKind.VOID, by=by, at=at, note=note)


@transaction.atomic
def take_back(original: Transfer, *, points: int, key: str, by, at: dt.datetime, note: str = "") -> Transfer | Debt:
    """Takes back points of a settled transfer: what is available at once, the rest as a debt. The transfer, or the debt
    when nothing was there."""
    _lock([original.debit_id, original.credit_id])
    if done := _done_before(key, original, points):
        return done
    _require_within(original, points)
    there = max(0, min(points, balance_of(original.credit).available))
    debt = _record_debt(original, points - there, key, by=by, at=at, note=note)
    if not there:
        return debt
    order = Order(
        original.credit, original.debit, there, key, Purpose.REVERSAL, original.reference, note, undoes=original
    )
    return _write([order.row(TransferKind.DIRECT, by=by, at=at)])[0]


@transaction.atomic
def fund_pool(pool: Account, *, points: int, key: str, by, at: dt.datetime, note: str = "") -> Transfer:
    """Points from *issued* into a pool."""
    return transfer(
        Order(single_account(AccountKind.ISSUED), pool, points, key, Purpose.FUNDING, note=note), by=by, at=at
    )


@transaction.atomic
def expire_points(account: Account, *, on: dt.date, at: dt.datetime) -> list[Transfer]:
    """Takes what has expired by that day, lot by lot. Running it again takes nothing twice."""
    _lock([account.pk])
    gone = single_account(AccountKind.EXPIRED)
    orders = [_expiry(account, gone, lot) for lot in expired(lots_of(account), on=on)]
    return _write([order.row(TransferKind.DIRECT, by=None, at=at) for order in orders])


def expire_due_points(*, at: dt.datetime) -> list[Transfer]:
    """Takes what has expired from every account, by the calendar of each person's zone."""
    gone: list[Transfer] = []
    for account in accounts_with_expiry(by_on=(at + dt.timedelta(days=1)).date()):
        gone += expire_points(account, on=today_of(account.person, at=at), at=at)
    return gone


def _expiry(account: Account, gone: Account, lot: Lot) -> Order:
    """The key holds what expired of the lot before, which only rises: a released hold can let it expire once more."""
    income = Transfer.objects.get(pk=lot.transfer_id)
    before = sum(income.undone_by.filter(purpose=Purpose.EXPIRY).values_list("points", flat=True))
    return Order(account, gone, lot.left, f"expire:{income.pk}:{before}", Purpose.EXPIRY, undoes=income)


def _resolve(pending: Transfer, kind: TransferKind, *, by, at, note) -> Transfer:
    if pending.kind != TransferKind.PENDING:
        raise NotPending(_("Only a pending transfer can be posted or voided."))
    _lock([pending.debit_id, pending.credit_id])
    if done := Transfer.objects.filter(resolves=pending).first():
        if done.kind == kind:
            return done
        raise AlreadyResolved(_("The transfer was %(kind)s before.") % {"kind": done.get_kind_display()})
    order = Order(
        pending.debit,
        pending.credit,
        pending.points,
        f"{kind.value}:{pending.key}",
        Purpose(pending.purpose),
        pending.reference,
        note,
        pending.expires_on,
        undoes=pending.undoes,
        repays=pending.repays,
    )
    return _insert([order.row(kind, by=by, at=at, resolves=pending)])[0]


def _lock(account_ids: Iterable[int]) -> dict[int, Account]:
    rows = Account.objects.select_for_update().filter(pk__in=set(account_ids)).order_by("pk")
    return {account.pk: account for account in rows}


def _write(rows: list[Transfer]) -> list[Transfer]:
    """Writes rows that are not there yet, once the debit accounts are seen to have what they need."""
    accounts = _lock({row.debit_id for row in rows} | {row.credit_id for row in rows})
    found = _found(rows)
    new = list({row.key: row for row in rows if row.key not in found}.values())
    _require_available(new, accounts)
    found |= {row.key: row for row in _insert(new)}
    _require_same(rows, found)
    return [found[row.key] for row in rows]


def _found(rows: list[Transfer]) -> dict[str, Transfer]:
    """Rows that stand already, by key. KeyUsedDifferently when one has other content."""
    found = {each.key: each for each in Transfer.objects.filter(key__in=[row.key for row in rows])}
    _require_same([row for row in rows if row.key in found], found)
    return found


def _require_same(rows: list[Transfer], found: dict[str, Transfer]) -> None:
    for row in rows:
        if not _same(row, found[row.key]):
            raise KeyUsedDifferently(_("The key “%(key)s” stands for another transfer.") % {"key": row.key})


def _same(one: Transfer, other: Transfer) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _CONTENT)


def _require_available(rows: Sequence[Transfer | Hold], accounts: dict[int, Account]) -> None:
    needed: dict[int, int] = {}
    for row in rows:
        if not accounts[row.debit_id].may_be_negative:
            needed[row.debit_id] = needed.get(row.debit_id, 0) + row.points
    for pk, balance in balances_of(needed).items():
        if balance.available < needed[pk]:
            raise NotEnoughPoints(
                _("“%(account)s” has %(available)s points available; %(needed)s are needed.")
                % {"account": accounts[pk], "available": balance.available, "needed": needed[pk]}
            )


def _insert(rows: list[Transfer]) -> list[Transfer]:
    written = Transfer.objects.bulk_create(rows)
    for row in written:
        if row.kind in TransferKind.settling and row.credit.kind == AccountKind.PERSON:
            _repay(row)
    return written


def _repay(income: Transfer) -> None:
    """Pays debts of an account from what came in, oldest first, as far as it goes."""
    rest = min(income.points, balance_of(income.credit).available)
    for debt, owed in open_debts_of(income.credit):
        if rest <= 0:
            return
        points = min(rest, owed)
        order = Order(
            income.credit, debt.owed_to, points, f"repay:{debt.pk}:{income.key}", Purpose.REPAYMENT, repays=debt
        )
        _insert([order.row(TransferKind.DIRECT, by=income.by, at=income.at)])
        rest -= points


def _done_before(key: str, original: Transfer, points: int) -> Transfer | Debt | None:
    """What an earlier take-back with this key wrote. KeyUsedDifferently when it was another."""
    taken = Transfer.objects.filter(key=key).first()
    debt = Debt.objects.filter(key=key).first()
    if not (taken or debt):
        return None
    together = (taken.points if taken else 0) + (debt.points if debt else 0)
    if together != points or any(each.undoes_id != original.pk for each in (taken, debt) if each):
        raise KeyUsedDifferently(_("The key “%(key)s” stands for another transfer.") % {"key": key})
    return taken or debt


def remaining_of(original: Transfer) -> int:
    """Points of a settled transfer that were not taken back yet."""
    taken = sum(original.undone_by.filter(purpose=Purpose.REVERSAL).values_list("points", flat=True))
    return original.points - taken - sum(original.debts.values_list("points", flat=True))


def _require_within(original: Transfer, points: int) -> None:
    if points > remaining_of(original):
        raise TooMuchTakenBack(_("More would be taken back than the transfer moved."))


def _record_debt(original: Transfer, points: int, key: str, *, by, at, note) -> Debt | None:
    if not points:
        return None
    return Debt.objects.create(
        account=original.credit,
        owed_to=original.debit,
        points=points,
        undoes=original,
        key=key,
        by=by,
        at=at,
        note=note,
    )
