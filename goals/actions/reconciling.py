"""After stabilisation a frozen result is compared with today's facts, and posted where it still holds.

Within the tolerance, with the same status and the same shares: its pending transfers are posted. Anything else, a
better status too: a person decides. When late data ends, and on each reopening, it is compared again; after posting
the job only opens reviews. The unique row of the comparison is the claim.
"""

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from foundation.jobs.actions import claim
from foundation.periods import Period
from inbox.enums import Kind
from ledger.actions import post

from ..enums import Counted, EventType, Frequency, ReconcileStage, ReviewCause, Scope, Unpaid, Verdict
from ..models import Payout, Reconciliation, Review, Snapshot, SnapshotMember
from ..queries.due import people_with_touches, reopenings_since
from ..queries.facts import Gathered, gather
from ..queries.terms import rule_terms
from ..rules.settle import Settlement, settle, within_tolerance
from .closing import for_reading
from .events import record_rewards
from .telling import tell_moved

logger = logging.getLogger(__name__)
JOB = "reconcile"


@dataclass
class Reconciled:
    """What a run did: results posted, reviews opened, comparisons that changed nothing, and what failed."""

    posted: int = 0
    reviews: int = 0
    unchanged: int = 0
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """A frozen result beside today's. `causes`: person id (None for the team) → why a person must decide."""

    snapshot: Snapshot
    gathered: Gathered | None
    now: Settlement | None
    causes: dict[int | None, ReviewCause]


def reconcile(*, at: dt.datetime) -> Reconciled:
    """Compares every result whose time has come: once after stabilisation, once when late data ended, once for each
    reopening. Results with changes still on their way wait for the next run.
    """
    done = Reconciled()
    for snapshot, stage, trigger in comparisons_due(at=at):
        try:
            _reconcile(snapshot, stage, trigger, done, at=at)
        except Exception as error:  # one bad result must not stop the others
            logger.exception("%s could not be reconciled", snapshot)
            done.failed[str(snapshot)] = f"{type(error).__name__}: {error}"
    return done


def comparisons_due(*, at: dt.datetime) -> list[tuple[Snapshot, ReconcileStage, str]]:
    """(result, stage, trigger), oldest first."""
    standing = Snapshot.objects.filter(corrected_by=None).select_related("goal__team__division", "terms__pool")
    made = Reconciliation.objects.filter(snapshot__goal=OuterRef("goal"), snapshot__period=OuterRef("period"))
    first = standing.filter(~Exists(made.filter(stage=ReconcileStage.STABILISED)))
    due = [(each, ReconcileStage.STABILISED, "") for each in first.order_by("at", "pk") if _stabilised(each, at)]
    late = at - dt.timedelta(days=settings.LAUREL_LATE_DATA_DAYS)
    second = standing.filter(Exists(made), ~Exists(made.filter(stage=ReconcileStage.WINDOW_OVER)), at__lte=late)
    due += [(each, ReconcileStage.WINDOW_OVER, "") for each in second.order_by("at", "pk")]
    return due + _reopened(standing.filter(Exists(made)))


def _stabilised(snapshot: Snapshot, at: dt.datetime) -> bool:
    return snapshot.at + dt.timedelta(hours=snapshot.terms.stabilisation_hours) <= at


def _reopened(standing) -> list[tuple[Snapshot, ReconcileStage, str]]:
    """Results in whose period a workday of a member's division was reopened after they were frozen."""
    due = []
    for reopening, snapshots in reopenings_since(standing):
        trigger = f"reopening:{reopening.pk}"
        done = Reconciliation.objects.filter(stage=ReconcileStage.REOPENED, trigger=trigger)
        seen = set(done.values_list("snapshot__goal", "snapshot__period"))
        new = [each for each in snapshots if (each.goal_id, each.period) not in seen]
        due += [(each, ReconcileStage.REOPENED, trigger) for each in new]
    return due


@transaction.atomic
def _reconcile(snapshot: Snapshot, stage: ReconcileStage, trigger: str, done: Reconciled, *, at: dt.datetime) -> None:
    claim(JOB)
    made = Reconciliation.objects.filter(
        snapshot__goal=snapshot.goal_id, snapshot__period=snapshot.period, stage=stage, trigger=trigger
    )
    if made.exists() or changes_on_their_way(snapshot, at=at):
        return
    compared = compare(snapshot)
    row = Reconciliation.objects.create(
        snapshot=snapshot,
        stage=stage,
        trigger=trigger,
        verdict=Verdict.REVIEW if compared.causes else Verdict.SAME,
        value=for_reading(compared.now.value if compared.now else None),
        status=(compared.now.status if compared.now else None) or "",
        at=at,
    )
    opened = _open_reviews(row, compared.causes, at=at)
    done.reviews += opened
    posted = _post(row, compared.causes, at=at) if stage == ReconcileStage.STABILISED else 0
    done.posted += bool(posted)
    done.unchanged += not (opened or posted)


def changes_on_their_way(snapshot: Snapshot, *, at: dt.datetime) -> bool:
    """Whether a member's workday of the period still waits to be scored anew."""
    members = set(snapshot.members.values_list("person", flat=True))
    return bool(members & people_with_touches(snapshot.starts_on, snapshot.ends_on, at=at))


def compare(snapshot: Snapshot) -> Comparison:
    """A result beside what today's facts give under the same terms."""
    period = Period(snapshot.starts_on, snapshot.ends_on, Frequency(snapshot.goal.frequency).kind)
    found = gather([snapshot.goal], period, terms={snapshot.goal_id: snapshot.terms}).get(snapshot.goal_id)
    if found is None:
        return Comparison(snapshot, None, None, {None: ReviewCause.VALUE})
    now = settle(rule_terms(snapshot.goal, snapshot.terms), found.contributions, found.facts)
    members = list(snapshot.members.all())
    causes = _each(snapshot, members, now) if snapshot.goal.scope == Scope.INDIVIDUAL else _team(snapshot, members, now)
    return Comparison(snapshot, found, now, causes)


def _team(snapshot: Snapshot, members: Iterable[SnapshotMember], now: Settlement) -> dict[int | None, ReviewCause]:
    if now.status != snapshot.status:
        return {None: ReviewCause.STATUS}
    if not _near(snapshot, _frozen_value(snapshot), now.value):
        return {None: ReviewCause.VALUE}
    if snapshot.unpaid != Unpaid.POOL_SHORT and now.paid != {
        each.person_id: each.points for each in members if each.points
    }:
        return {None: ReviewCause.SHARES}
    return {}


def _each(snapshot: Snapshot, members: Iterable[SnapshotMember], now: Settlement) -> dict[int | None, ReviewCause]:
    """Each member of an individual goal alone, so that one changed result holds up nobody else's."""
    today = {each.person_id: each for each in now.members}
    frozen = {each.person_id: each for each in members}
    causes: dict[int | None, ReviewCause] = {}
    for person in sorted(today.keys() | frozen.keys()):
        cause = _member(snapshot, frozen.get(person), today.get(person))
        if cause:
            causes[person] = cause
    return causes


def _member(snapshot: Snapshot, before: SnapshotMember | None, now) -> ReviewCause | None:
    if before is None or now is None:
        points = before.points if before else now.points
        return ReviewCause.SHARES if points else None
    if (now.status or "") != before.status:
        return ReviewCause.STATUS
    if not _near(snapshot, _member_value(snapshot, before), now.value):
        return ReviewCause.VALUE
    short = snapshot.unpaid == Unpaid.POOL_SHORT
    return ReviewCause.SHARES if not short and now.points != before.points else None


def _near(snapshot: Snapshot, frozen: Fraction | None, now: Fraction | None) -> bool:
    return within_tolerance(frozen, now, percent=Fraction(snapshot.terms.tolerance_percent))


def _frozen_value(snapshot: Snapshot) -> Fraction | None:
    if snapshot.goal.counted == Counted.REPORTED:
        return None if snapshot.value is None else Fraction(snapshot.value)
    return _value(snapshot, snapshot.total, snapshot.count) if snapshot.value is not None else None


def _member_value(snapshot: Snapshot, member: SnapshotMember) -> Fraction | None:
    return _value(snapshot, member.total, member.count) if member.value is not None else None


def _value(snapshot: Snapshot, total, count) -> Fraction:
    """The exact value, from total and count; the stored value is rounded."""
    averages = rule_terms(snapshot.goal, snapshot.terms).averages
    return Fraction(total) / Fraction(count) if averages else Fraction(total)


def _open_reviews(row: Reconciliation, causes: dict[int | None, ReviewCause], *, at: dt.datetime) -> int:
    """One review for the team, or for each member it is about, where none is open. How many were opened."""
    waiting = Review.objects.filter(
        snapshot__goal=row.snapshot.goal_id, snapshot__period=row.snapshot.period, decision=None
    )
    still_open = set(waiting.values_list("person", flat=True))
    new = [
        Review(snapshot=row.snapshot, reconciliation=row, person_id=person, cause=cause, at=at)
        for person, cause in causes.items()
        if person not in still_open and None not in still_open
    ]
    Review.objects.bulk_create(new)
    return len(new)


def _post(row: Reconciliation, causes: dict[int | None, ReviewCause], *, at: dt.datetime) -> int:
    """Posts the pending payouts of everyone who is not under review. The points posted."""
    if None in causes:
        return 0
    payouts = pending_payouts(row.snapshot).exclude(person__in=[person for person in causes if person])
    posted = {each.person_id: post(each.transfer, by=None, at=at).points for each in payouts}
    points, key = sum(posted.values()), f"reconciliation:{row.pk}"
    if points:
        record_rewards(EventType.REWARD_POSTED, row.snapshot, key=key, points=points, at=at)
        tell_moved(Kind.REWARD_POSTED, row.snapshot, posted, key=key, at=at)
    return points


def pending_payouts(snapshot: Snapshot):
    """Payouts of a goal's period whose transfer is still pending."""
    rows = Payout.objects.filter(goal=snapshot.goal_id, period=snapshot.period, transfer__resolution=None)
    return rows.select_related("transfer__debit", "transfer__credit", "person").order_by("person")
