"""Balances are sums over transfers; histories are the transfers themselves."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from .enums import AccountKind, Purpose, TransferKind
from .models import Account, Debt, Transfer
from .rules.lots import Income, Lot, Outflow, lots_after

_SETTLED = Case(When(kind__in=TransferKind.settling, then=F("points")), default=Value(0), output_field=IntegerField())
_OPEN = Case(
    When(kind=TransferKind.PENDING, then=F("points")),
    When(kind__in=TransferKind.resolving, then=-F("points")),
    default=Value(0),
    output_field=IntegerField(),
)


@dataclass(frozen=True)
class Balance:
    """Whole reward points. `settled` is what was posted, `held` what pending transfers would take from it, `incoming`
    what pending transfers would bring."""

    settled: int = 0
    held: int = 0
    incoming: int = 0

    @property
    def available(self) -> int:
        return self.settled - self.held


def balances_of(accounts: Iterable[Account | int], *, at: dt.datetime | None = None) -> dict[int, Balance]:
    """Balances by account id, now or at a moment. Two queries however many accounts."""
    ids = [getattr(account, "pk", account) for account in accounts]
    rows = Transfer.objects.order_by() if at is None else Transfer.objects.filter(at__lte=at).order_by()
    out = {row["debit"]: row for row in _sums(rows.filter(debit__in=ids), "debit")}
    into = {row["credit"]: row for row in _sums(rows.filter(credit__in=ids), "credit")}
    none = {"settled": 0, "open": 0}
    return {
        pk: Balance(
            into.get(pk, none)["settled"] - out.get(pk, none)["settled"],
            out.get(pk, none)["open"],
            into.get(pk, none)["open"],
        )
        for pk in ids
    }


def _sums(rows: QuerySet, side: str) -> QuerySet:
    return rows.values(side).annotate(settled=Coalesce(Sum(_SETTLED), 0), open=Coalesce(Sum(_OPEN), 0))


def balance_of(account: Account, *, at: dt.datetime | None = None) -> Balance:
    return balances_of([account], at=at)[account.pk]


def history_of(account: Account) -> QuerySet[Transfer]:
    """The transfers of an account, newest first."""
    return (
        Transfer.objects.filter(Q(debit=account) | Q(credit=account))
        .select_related("debit", "credit", "resolves", "undoes")
        .order_by("-at", "-pk")
    )


def open_transfers(*, reference: str) -> QuerySet[Transfer]:
    """Pending transfers of a reference that nothing has resolved."""
    return Transfer.objects.filter(kind=TransferKind.PENDING, reference=reference, resolution__isnull=True)


def open_debts_of(account: Account) -> list[tuple[Debt, int]]:
    """Debts of an account with what is still owed, oldest first."""
    debts = Debt.objects.filter(account=account).annotate(
        paid=Coalesce(Sum("repayments__points", filter=Q(repayments__kind__in=TransferKind.settling)), 0)
    )
    return [(debt, debt.points - debt.paid) for debt in debts.order_by("pk") if debt.points > debt.paid]


def accounts_with_expiry(*, by_on: dt.date) -> QuerySet[Account]:
    """Accounts of people with income that expires by a day and is not wholly gone by expiry already."""
    gone = Transfer.objects.filter(undoes=OuterRef("pk"), purpose=Purpose.EXPIRY).order_by()
    gone = gone.values("undoes").annotate(points=Sum("points")).values("points")
    income = Transfer.objects.filter(
        Q(expires_on__lte=by_on), kind__in=TransferKind.settling, credit__kind=AccountKind.PERSON
    ).annotate(gone=Coalesce(Subquery(gone), 0))
    return Account.objects.filter(pk__in=income.filter(gone__lt=F("points")).values("credit")).select_related("person")


def lots_of(account: Account) -> list[Lot]:
    """What is left of each income of an account, the soonest to expire first. Held points count as gone."""
    rows = Transfer.objects.filter(Q(debit=account) | Q(credit=account)).order_by("pk")
    released = set(rows.filter(kind=TransferKind.VOID).values_list("resolves_id", flat=True))
    events = (_event(row, account, released) for row in rows)
    return lots_after(event for event in events if event)


def _event(row: Transfer, account: Account, released: set[int]) -> Income | Outflow | None:
    """Income counts when it is settled; what leaves counts from when it is held, unless the hold was released."""
    if row.credit_id == account.pk:
        if row.kind not in TransferKind.settling:
            return None
        return Income(row.pk, row.points, row.expires_on)
    if row.kind in TransferKind.resolving or row.pk in released:
        return None
    return Outflow(row.points, row.undoes_id)
