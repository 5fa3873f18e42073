"""Periods close: frozen, with their pending transfers and events, together or not at all, once.

1. Ask which periods are over with their lag, oldest first.
2. Leave those whose workdays are not all final, or whose guarding goal has not closed.
3. In batches of goals with the same period: gather, settle, write. A batch that fails is tried goal by goal, so that
   one bad goal stops no other.

The claim is the unique row of the snapshot, in the transaction that does the work; one worker at a time holds the job.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from uuid import UUID

from django.db import connection, transaction

from foundation.jobs.actions import claim
from foundation.periods import Kind, Period, period_of
from foundation.records.sets import insert_models, insert_rows
from ledger.actions import Hold, account_ids_of, locked_balances, pend_payouts, single_account
from ledger.enums import AccountKind

from ..enums import Expiry, ReviewCause, Unpaid
from ..models import Goal, GoalTerms, Payout, Review, Snapshot, SnapshotMember
from ..queries.due import Due, due_periods, unfinished_goals
from ..queries.facts import Gathered, gather
from ..queries.standing import payout_reference
from ..queries.terms import rule_terms
from ..rules.keys import member_key
from ..rules.settle import COUNT_UNITS, TOTAL_UNITS, Settlement, settle
from .events import record_close
from .telling import tell_closed

logger = logging.getLogger(__name__)
JOB = "close_periods"
BATCH = 100


@dataclass(frozen=True)
class Closed:
    """A period of a goal that was frozen: its status (empty for an individual goal) and the points that are pending."""

    goal: str
    period: str
    status: str
    points: int


@dataclass
class Closing:
    """What a run did. `failed`: goal and period → the error; they are tried again by the next run."""

    closed: list[Closed] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


class DryRun(Exception):
    """Takes back what a trial wrote."""


def close_periods(*, at: dt.datetime, goal: Goal | None = None, dry_run: bool = False) -> Closing:
    """Closes every period that is due, oldest first, until none is left. Running it again, at once or late changes
    nothing that is closed.
    """
    done = Closing()
    due = due_periods(at=at, goal=goal)
    for _, group in groupby(due, key=lambda each: (each.period.end, each.period.start)):
        _close_group(list(group), done, at=at, dry_run=dry_run)
    return done


def _close_group(due: list[Due], done: Closing, *, at: dt.datetime, dry_run: bool) -> None:
    """Closes goals with the same period, those that guard others first."""
    period = due[0].period
    unfinished = unfinished_goals(due, period=period)
    waiting = [each.goal for each in due if each.goal.pk not in unfinished]
    while waiting:
        ready, waiting_next = _ready(waiting, period)
        if not ready:
            return
        for start in range(0, len(ready), BATCH):
            _close_batch(ready[start : start + BATCH], period, done, at=at, dry_run=dry_run)
        waiting = waiting_next


def _ready(goals: Sequence[Goal], period: Period) -> tuple[list[Goal], list[Goal]]:
    """Goals whose guarding goal, if any, is not among those that still wait."""
    ids = {goal.pk for goal in goals}
    rows = GoalTerms.objects.filter(goal__in=ids, from_on__lte=period.start).order_by("from_on")
    guard = dict(rows.values_list("goal_id", "guard_goal_id"))
    ready = [goal for goal in goals if guard.get(goal.pk) not in ids]
    return ready, [goal for goal in goals if guard.get(goal.pk) in ids]


def _close_batch(goals: Sequence[Goal], period: Period, done: Closing, *, at: dt.datetime, dry_run: bool) -> None:
    try:
        done.closed += _close(goals, period, at=at, dry_run=dry_run)
    except Exception as error:  # one bad goal must not stop the others; each is tried alone and named
        if len(goals) == 1:
            logger.exception("%s %s could not be closed", goals[0], period.key)
            done.failed[f"{goals[0]} {period.key}"] = f"{type(error).__name__}: {error}"
            return
        for goal in goals:
            _close_batch([goal], period, done, at=at, dry_run=dry_run)


def _close(goals: Sequence[Goal], period: Period, *, at: dt.datetime, dry_run: bool) -> list[Closed]:
    try:
        with transaction.atomic():
            closed = _freeze(goals, period, at=at)
            if dry_run:
                raise DryRun
    except DryRun:
        pass
    return closed


def _freeze(goals: Sequence[Goal], period: Period, *, at: dt.datetime) -> list[Closed]:
    """Everything that a close writes, inside one transaction."""
    claim(JOB)
    taken = _taken(goals, period)
    gathered = gather([goal for goal in goals if goal.pk not in taken], period)
    results = [
        Result(each, settle(rule_terms(each.goal, each.terms), each.contributions, each.facts))
        for each in gathered.values()
    ]
    _find_short_pools(results)
    for result in results:
        result.snapshot = snapshot_of(result, period, at=at)
    _write_snapshots([result.snapshot for result in results], period)
    write_members(results)
    _pay(results, period, at=at)
    Review.objects.bulk_create(
        Review(snapshot=result.snapshot, cause=ReviewCause.POOL_SHORT, at=at) for result in results if result.is_short
    )
    record_close([result.snapshot for result in results], at=at)
    tell_closed([result.snapshot for result in results], at=at)
    return [
        Closed(str(result.gathered.goal), period.key, result.snapshot.status, result.snapshot.points)
        for result in results
    ]


def _write_snapshots(snapshots: Sequence[Snapshot], period: Period) -> None:
    """Writes the results of a period, by the set; then they know their keys."""
    with connection.cursor() as cursor:
        insert_models(cursor, snapshots)
    written = Snapshot.objects.filter(goal__in=[each.goal_id for each in snapshots], period=period.key, corrects=None)
    keys = dict(written.order_by().values_list("goal_id", "pk"))
    for each in snapshots:
        each.pk, each._state.adding = keys[each.goal_id], False


def _taken(goals: Sequence[Goal], period: Period) -> set[int]:
    """Goals that another worker closed in between."""
    return set(Snapshot.objects.filter(goal__in=goals, period=period.key).values_list("goal_id", flat=True))


@dataclass
class Result:
    """A goal's period on its way to being written."""

    gathered: Gathered
    settlement: Settlement
    is_short: bool = False
    snapshot: Snapshot | None = None

    @property
    def points(self) -> int:
        return 0 if self.is_short else self.settlement.points

    @property
    def unpaid(self) -> str:
        if self.is_short:
            return Unpaid.POOL_SHORT
        return self.settlement.because or ""


def _find_short_pools(results: Iterable[Result]) -> None:
    """Marks goals whose pool cannot pay them in full, in order of goal id; such a goal pays nobody."""
    pools = {result.gathered.terms.pool_id for result in results} - {None}
    left = {pk: balance.available for pk, balance in locked_balances(pools).items()}
    for result in sorted(results, key=lambda each: each.gathered.goal.pk):
        pool = result.gathered.terms.pool_id
        if pool is None:
            continue
        result.is_short = result.settlement.points > left[pool]
        left[pool] -= result.points


def snapshot_of(result: Result, period: Period, *, at: dt.datetime, corrects: Snapshot | None = None) -> Snapshot:
    """The row of a result, not written yet."""
    gathered, settlement = result.gathered, result.settlement
    return Snapshot(
        goal=gathered.goal,
        period=period.key,
        starts_on=period.start,
        ends_on=period.end,
        terms=gathered.terms,
        total=_natural(sum(each.total for each in gathered.contributions), TOTAL_UNITS),
        count=_natural(sum(each.count for each in gathered.contributions), COUNT_UNITS),
        value=for_reading(settlement.value),
        status=settlement.status or "",
        points=result.points,
        unpaid=result.unpaid,
        workdays=gathered.facts.workdays,
        corrects=corrects,
        as_they_were=as_they_were(gathered),
        at=at,
    )


def as_they_were(gathered: Gathered) -> dict:
    """The terms and the guard at the freeze, as plain values, so that a result explains itself for ever."""
    terms = gathered.terms
    names = ["aggregation", "operator", "achieved", "on_track", "at_risk", "minimum_volume", "pay_form", "pay_mode"]
    names += ["points", "floor_percent", "floor_points", "cap_points", "sharing", "guard_operator", "guard_bound"]
    names += ["guard_scope", "guard_goal_status", "stabilisation_hours", "tolerance_percent"]
    plain = {name: _plain(getattr(terms, name)) for name in names}
    return plain | {
        "pool": terms.pool.key if terms.pool else None,
        "guard_metric": terms.guard_metric.key if terms.guard_metric else None,
        "guard_goal": str(terms.guard_goal.public_id) if terms.guard_goal else None,
        "guard_met": gathered.facts.guard_met,
    }


def _plain(value):
    return str(value) if isinstance(value, Decimal) else value


def _natural(units: int, scale: int) -> Decimal:
    return Decimal(units) / scale


def for_reading(value: Fraction | None) -> Decimal | None:
    """The exact value is total ÷ count; this is for reading."""
    return None if value is None else Decimal(value.numerator) / value.denominator


MEMBER_COLUMNS = ["snapshot_id", "person_id", "total", "count", "days", "percent", "value", "status", "points"]
MEMBER_COLUMNS += ["unpaid", "kept_by_id"]
PAYOUT_COLUMNS = ["goal_id", "period", "person_id", "snapshot_id", "transfer_id"]


def write_members(results: Iterable[Result], *, only: int | None = None) -> None:
    """The rows of the results' members, or of one person."""
    rows = [row for result in results for row in _member_cells(result) if only in (None, row[1])]
    with connection.cursor() as cursor:
        insert_rows(cursor, SnapshotMember._meta.db_table, MEMBER_COLUMNS, rows)


def _member_cells(result: Result) -> Iterable[tuple]:
    """`MEMBER_COLUMNS` as they are stored."""
    parts = {each.person_id: each for each in result.gathered.contributions}
    to_units, kept_by = SnapshotMember._meta.get_field("value").to_units, result.gathered.kept_by
    for member in result.settlement.members:
        part = parts[member.person_id]
        unpaid = result.unpaid if result.is_short else member.because or ""
        yield (
            result.snapshot.pk,
            member.person_id,
            part.total,
            part.count,
            part.days,
            part.percent,
            to_units(for_reading(member.value)),
            str(member.status or ""),
            0 if result.is_short else member.points,
            str(unpaid),
            kept_by.get(member.person_id),
        )


def _pay(results: Sequence[Result], period: Period, *, at: dt.datetime) -> None:
    """A pending transfer and a payout for everyone with a share."""
    paying = [(result, result.settlement.paid) for result in results if result.points]
    if not any(paid for _, paid in paying):
        return
    payees, issued = _payees([result.snapshot for result, _ in paying]), single_account(AccountKind.ISSUED)
    holds: list[Hold] = []
    payouts: list[tuple] = []
    for result, paid in paying:
        goal, terms, statuses = result.gathered.goal, result.gathered.terms, _statuses(result)
        goal_id, period_key, snapshot_id = str(goal.public_id), period.key, result.snapshot.pk
        debit, expiry = terms.pool_id or issued.pk, expires_on(terms, at=at)
        reference = payout_reference(goal, period_key)
        for person, points in paid.items():
            public_id, account = payees[person]
            key = member_key(goal_id, period_key, statuses[person], str(public_id))
            holds.append(Hold(debit, account, points, key, reference, expiry))
            payouts.append((goal.pk, period_key, person, snapshot_id))
    ids = pend_payouts(holds, at=at)
    rows = [(*payout, ids[hold.key]) for payout, hold in zip(payouts, holds, strict=True)]
    with connection.cursor() as cursor:
        insert_rows(cursor, Payout._meta.db_table, PAYOUT_COLUMNS, rows)


def _payees(snapshots: Sequence[Snapshot]) -> dict[int, tuple[UUID, int]]:
    """Person id → public id and account id of whoever has points in the results."""
    rows = SnapshotMember.objects.filter(snapshot__in=snapshots, points__gt=0).order_by()
    found = {
        person: (public_id, account)
        for person, public_id, account in rows.values_list(
            "person_id", "person__public_id", "person__reward_account__pk"
        )
    }
    missing = [person for person, (_, account) in found.items() if account is None]
    made = account_ids_of(missing) if missing else {}
    return found | {person: (found[person][0], account) for person, account in made.items()}


def _statuses(result: Result) -> dict[int, str]:
    """Person id → the status that pays them: their own, or the team's."""
    return {each.person_id: each.status or result.settlement.status for each in result.settlement.members}


def expires_on(terms: GoalTerms, *, at: dt.datetime) -> dt.date | None:
    """The day on which points are gone: so many days after the close, or with the month in which they are paid."""
    if terms.expiry == Expiry.AFTER_DAYS:
        return at.date() + dt.timedelta(days=terms.expires_after_days)
    if terms.expiry == Expiry.WITH_MONTH:
        paid_on = (at + dt.timedelta(hours=terms.stabilisation_hours)).date()
        return period_of(Kind.MONTHLY, paid_on).end
    return None
