"""What stands of a goal's payouts: pending or posted, less what was taken back."""

from collections import Counter

from ledger.enums import Purpose, TransferKind
from ledger.models import Debt, Transfer

from ..models import Goal, Snapshot


def payout_reference(goal: Goal, period: str) -> str:
    """What links the transfers of a goal's period."""
    return f"goal:{goal.public_id}:{period}"


def points_standing(goal: Goal, period: str) -> dict[int, int]:
    """Person id → points that stand for the period, pending or posted."""
    rows = Transfer.objects.filter(reference=payout_reference(goal, period)).select_related("debit", "credit")
    resolved = {row.resolves_id for row in rows}
    found: Counter[int] = Counter()
    for row in rows:
        if row.purpose == Purpose.REVERSAL:
            found[row.debit.person_id] -= row.points
        elif row.kind in TransferKind.settling or (row.kind == TransferKind.PENDING and row.pk not in resolved):
            found[row.credit.person_id] += row.points
    for debt in Debt.objects.filter(undoes__reference=payout_reference(goal, period)).select_related("account"):
        found[debt.account.person_id] -= debt.points
    return {person: points for person, points in found.items() if points}


def settled_for(goal: Goal, period: str, person_id: int) -> list[Transfer]:
    """Transfers that moved points to a person for the period, newest first."""
    rows = Transfer.objects.filter(
        reference=payout_reference(goal, period), kind__in=TransferKind.settling, credit__person=person_id
    )
    return list(rows.select_related("debit", "credit").order_by("-pk"))


def standing_snapshot(goal: Goal, period: str) -> Snapshot:
    """The result that holds: the newest of its corrections."""
    rows = Snapshot.objects.select_related("goal__team__division", "terms__pool")
    return rows.get(goal=goal, period=period, corrected_by=None)
