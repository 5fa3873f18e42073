"""What a viewer may see of goals: live, and the history of frozen results. Masked here, before any template sees it.

Members see the status, how far it is, and their own part. Leads of the team, and who may see its division, see every
member's part. With fewer than *k* + 1 contributors a member sees percent to the nearest 5 and no value, since value
less one's own part would be a colleague's. So it is where the goal's members are all but a few of those who are scored
alike in a division: leaderboards show these people's figures, and the total would tell the few from the rest.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from foundation.periods import DAY, Period, workday_of
from people.access import may, reach
from people.enums import Permission
from people.models import TeamMembership, User
from people.queries import teams_led_by
from people.rules.privacy import SMALLEST_MINIMUM
from scorecards.queries import scored_places_on

from ..enums import Counted, GoalStatus, PayMode, Scope
from ..models import Adjustment, Goal, Review, Snapshot, SnapshotMember
from ..rules.settle import (
    TOTAL_UNITS,
    MemberResult,
    Settlement,
    live_status,
    needed_a_day,
    settle,
    share_of,
    status_of,
    value_of,
)
from .due import current_period
from .facts import Gathered, gather
from .shown import shown_totals
from .terms import rule_terms

NEAREST_PERCENT = 5
SHOWN_PERIODS = 12
REMEMBERED_SECONDS = 600


@dataclass(frozen=True)
class LivePart:
    """One member's part so far, for those who may see it."""

    person: User
    value: Fraction | None
    days: int
    status: GoalStatus | None
    is_eligible: bool
    is_excluded: bool


@dataclass(frozen=True)
class LiveGoal:
    """A goal in its running period. `value` is None where there is no data or it is hidden (`is_masked`). Values in
    the natural unit; `percent` of the target, to the nearest 5 where masked. Nothing is ever paid from this.
    """

    goal: Goal
    period: Period
    target: Fraction
    status: GoalStatus
    value: Fraction | None
    percent: Fraction | None
    is_masked: bool
    sees_all: bool
    days_left: int
    needed_a_day: Fraction | None
    own_value: Fraction | None
    own_points: int
    is_member: bool
    points: int
    is_pool: bool
    guard_met: bool | None
    parts: tuple[LivePart, ...] = ()
    achieved: int = 0
    members: int = 0
    is_reported: bool = False
    """Whether another system has said how the goal stands in this period."""

    @property
    def has_status(self) -> bool:
        """Whether there is a status for this viewer: the team's or their own, and reported where it must be."""
        if self.goal.counted == Counted.REPORTED:
            return self.is_reported
        return self.goal.scope == Scope.TEAM or self.is_member


@dataclass(frozen=True)
class PastPeriod:
    """A closed period: its state, result and what the viewer got. `reason` is what members are told."""

    snapshot: Snapshot
    state: str
    until: dt.datetime
    value: Fraction | None
    status: str
    points: int
    own_points: int | None
    own_points_before: int | None
    unpaid: str
    reason: str
    reached: int = 0
    members: int = 0
    """Of an individual goal, for those who see every member's result: how many reached it, of how many."""


def goals_seen_by(viewer: User, *, on: dt.date) -> QuerySet[Goal]:
    """Goals of teams that the viewer belongs to today or lately, leads, or may look at by division."""
    belongs = TeamMembership.objects.filter(person=viewer, team=OuterRef("team")).on(on - 100 * DAY)
    belongs_now = TeamMembership.objects.filter(person=viewer, team=OuterRef("team")).on(on)
    above = TeamMembership.objects.on(on).filter(person=viewer, team__path__startswith=OuterRef("team__path"))
    mine = Exists(belongs) | Exists(belongs_now) | (Q(with_teams_below=True) & Exists(above))
    seen = Q(mine) if may(viewer, Permission.VIEW_OWN) else Q(pk__in=())
    goals = Goal.objects.filter(seen | _seen_whole(viewer, on=on))
    return goals.select_related("team__division", "metric").order_by("name", "pk")


def _seen_whole(viewer: User, *, on: dt.date) -> Q:
    """Goals of which the viewer sees every member's part."""
    led = Q(team__in=teams_led_by(viewer, on=on).values("pk")) if may(viewer, Permission.VIEW_LED) else Q(pk__in=())
    where = reach(viewer, Permission.VIEW_DIVISION)
    if where.everywhere:
        return led | Q(pk__isnull=False)
    return led | Q(team__division__in=where.divisions)


def live_goals_for(viewer: User, *, at: dt.datetime, on: dt.date) -> list[LiveGoal]:
    """The viewer's active goals in their running periods, those one belongs to first."""
    goals = [goal for goal in goals_seen_by(viewer, on=on).filter(is_active=True) if _runs(goal, at=at)]
    whole = set(Goal.objects.filter(_seen_whole(viewer, on=on)).values_list("pk", flat=True))
    found = [
        live_goal(each, period, viewer, at=at, sees_all=each.goal.pk in whole)
        for period, group in _by_period(goals, at=at).items()
        for each in gather(group, period, until=_tomorrow(group[0], at)).values()
    ]
    return sorted(found, key=lambda each: (not each.is_member, each.goal.name, each.goal.pk))


def live_goal_for(
    viewer: User, goal: Goal, *, at: dt.datetime, on: dt.date, period: Period | None = None
) -> LiveGoal | None:
    """One goal in its running period, or in another one of its own, with the parts of its members where the viewer may
    see them.
    """
    asked, period = period, period or current_period(goal, at=at)
    has_it = asked is not None or _runs(goal, at=at)
    gathered = gather([goal], period, until=_tomorrow(goal, at)).get(goal.pk) if has_it else None
    sees_all = Goal.objects.filter(_seen_whole(viewer, on=on), pk=goal.pk).exists()
    return live_goal(gathered, period, viewer, at=at, sees_all=sees_all, with_parts=True) if gathered else None


def _runs(goal: Goal, *, at: dt.datetime) -> bool:
    period = current_period(goal, at=at)
    return goal.starts_on <= period.start and (goal.ends_on is None or period.end <= goal.ends_on)


def _by_period(goals: Iterable[Goal], *, at: dt.datetime) -> dict[Period, list[Goal]]:
    found: dict[Period, list[Goal]] = defaultdict(list)
    for goal in goals:
        found[current_period(goal, at=at)].append(goal)
    return found


def _tomorrow(goal: Goal, at: dt.datetime) -> dt.date:
    return workday_of(at, goal.team.division.zone) + DAY


def live_goal(
    gathered: Gathered, period: Period, viewer: User, *, at: dt.datetime, sees_all: bool, with_parts: bool = False
) -> LiveGoal:
    """The rule over the facts so far, then what this viewer may see of it."""
    goal, terms = gathered.goal, rule_terms(gathered.goal, gathered.terms)
    today = workday_of(at, goal.team.division.zone)
    settlement = settle(terms, gathered.contributions, gathered.facts)
    own = next((each for each in gathered.contributions if each.person_id == viewer.pk), None)
    result = next((each for each in settlement.members if each.person_id == viewer.pk), None)
    alone = goal.scope == Scope.INDIVIDUAL
    counted = ([own] if own else []) if alone else gathered.contributions
    value = value_of(counted, averages=terms.averages)
    days_left = max((period.end - today).days, 0)
    status = (
        settlement.status
        if terms.is_reported
        else live_status(value, terms, elapsed=(today - period.start).days, length=len(period))
    )
    hides_total = goal.scope == Scope.TEAM and not terms.is_reported
    is_shown = sees_all or not hides_total or goal.pk in shown_totals(today)
    masked = not sees_all and hides_total and (_contributors(gathered) <= _minimum() or not is_shown)
    achieved = sum(each.status == GoalStatus.ACHIEVED for each in settlement.members)
    percent = share_of(value, terms.thresholds)
    if alone and own is None and gathered.contributions:
        percent = Fraction(100 * achieved, len(gathered.contributions))
    return LiveGoal(
        goal=goal,
        period=period,
        target=Fraction(terms.thresholds.achieved, TOTAL_UNITS),
        status=status,
        value=None if masked else value,
        percent=_to_nearest(percent) if masked else percent,
        is_masked=masked,
        sees_all=sees_all,
        days_left=days_left,
        needed_a_day=None if masked or terms.is_reported else needed_a_day(value, terms, days_left=days_left),
        own_value=value_of([own], averages=terms.averages) if own else None,
        own_points=result.points if result else 0,
        is_member=own is not None,
        points=gathered.terms.points,
        is_pool=gathered.terms.pay_mode == PayMode.FIXED_POOL,
        guard_met=own.guard_met if goal.scope == Scope.INDIVIDUAL and own else gathered.facts.guard_met,
        parts=_parts(gathered, settlement) if with_parts and sees_all else (),
        achieved=achieved,
        is_reported=gathered.facts.reported is not None,
        members=len(gathered.contributions) if sees_all else 0,
    )


def _leaves_few(members: set[int], *, on: dt.date) -> bool:
    """Whether, of the people whom one profile scores in one division, a few are members, or all but a few."""
    parts = [part for group in _scored_alike(on) for part in (group - members, group & members) if group & members]
    return any(0 < len(part) <= _minimum() for part in parts)


def _scored_alike(on: dt.date) -> list[set[int]]:
    """The people of each profile in each division, remembered for `REMEMBERED_SECONDS`."""
    key = f"goals.scored-alike.{on}"
    groups = cache.get(key)
    if groups is None:
        by_place: dict[tuple, set[int]] = defaultdict(set)
        for person, place in scored_places_on(on).items():
            by_place[place].add(person)
        groups = list(by_place.values())
        cache.set(key, groups, REMEMBERED_SECONDS)
    return groups


def _contributors(gathered: Gathered) -> int:
    return sum(1 for each in gathered.contributions if each.count)


def _minimum() -> int:
    return max(settings.LAUREL_MINIMUM_GROUP, SMALLEST_MINIMUM)


def _to_nearest(percent: Fraction | None) -> Fraction | None:
    return None if percent is None else Fraction(round(percent / NEAREST_PERCENT) * NEAREST_PERCENT)


def _parts(gathered: Gathered, settlement: Settlement) -> tuple[LivePart, ...]:
    """Every member by name, the largest part first."""
    terms = rule_terms(gathered.goal, gathered.terms)
    people = User.objects.in_bulk([each.person_id for each in gathered.contributions])
    results: dict[int, MemberResult] = {each.person_id: each for each in settlement.members}
    alone = gathered.goal.scope == Scope.INDIVIDUAL
    parts = [
        LivePart(
            person=people[each.person_id],
            value=(own := value_of([each], averages=terms.averages)),
            days=each.days,
            status=status_of(own, terms.thresholds) if alone else None,
            is_eligible=results[each.person_id].eligible,
            is_excluded=each.excluded,
        )
        for each in gathered.contributions
    ]
    return tuple(sorted(parts, key=lambda part: (part.value is None, -(part.value or 0), part.person.name)))


# History ---------------------------------------------------------------------------------------------------------


def history_for(viewer: User, goal: Goal, *, on: dt.date, period: str = "") -> list[PastPeriod]:
    """The newest closed periods of a goal with their state, or the one of that key, in seven queries however many."""
    sees_all = Goal.objects.filter(_seen_whole(viewer, on=on), pk=goal.pk).exists()
    own = SnapshotMember.objects.filter(person=viewer)
    standing = Snapshot.objects.filter(goal=goal, corrected_by=None).select_related("terms", "goal")
    standing = standing.filter(period=period) if period else standing
    rows = standing.prefetch_related(Prefetch("members", queryset=own, to_attr="own")).order_by("-starts_on")
    rows = list(rows[:SHOWN_PERIODS])
    reviews = _reviews(goal)
    settled = _settled(goal)
    counts = _counts(rows)
    few = set() if sees_all else _leaving_few(rows, on=on)
    return [
        _past(
            row,
            reviews.get(row.period, []),
            row.period in settled,
            viewer,
            sees_all,
            counts.get(row.pk, NOBODY),
            leaves_few=row.pk in few,
        )
        for row in rows
    ]


def _leaving_few(rows: Sequence[Snapshot], *, on: dt.date) -> set[int]:
    """Ids of team results whose members are all but a few of those who are scored alike today."""
    members: dict[int, set[int]] = defaultdict(set)
    of_teams = [row.pk for row in rows if row.goal.scope == Scope.TEAM]
    for snapshot, person in SnapshotMember.objects.filter(snapshot__in=of_teams).values_list("snapshot", "person"):
        members[snapshot].add(person)
    return {snapshot for snapshot, people in members.items() if _leaves_few(people, on=on)}


class Counts(NamedTuple):
    members: int
    contributors: int
    reached: int


NOBODY = Counts(0, 0, 0)


def _counts(rows: Sequence[Snapshot]) -> dict[int, Counts]:
    counted = SnapshotMember.objects.filter(snapshot__in=rows).order_by().values("snapshot")
    counted = counted.annotate(
        members=Count("pk"),
        contributors=Count("pk", filter=Q(count__gt=0)),
        reached=Count("pk", filter=Q(status=GoalStatus.ACHIEVED)),
    )
    return {snapshot: Counts(*numbers) for snapshot, *numbers in counted.values_list("snapshot", *Counts._fields)}


def _reviews(goal: Goal) -> dict[str, list[Review]]:
    found: dict[str, list[Review]] = defaultdict(list)
    rows = Review.objects.filter(snapshot__goal=goal).select_related("snapshot", "decision").order_by("pk")
    rows = rows.prefetch_related(Prefetch("decision__adjustments", queryset=Adjustment.objects.all()))
    for review in rows:
        found[review.snapshot.period].append(review)
    return found


def _settled(goal: Goal) -> set[str]:
    """Periods that were compared after stabilisation."""
    rows = Snapshot.objects.filter(goal=goal, reconciliations__isnull=False)
    return set(rows.values_list("period", flat=True))


def _past(
    row: Snapshot, reviews: list[Review], settled: bool, viewer, sees_all: bool, counts: Counts, *, leaves_few: bool
) -> PastPeriod:
    own = row.own[0] if row.own else None
    mine = [each for each in reviews if each.person_id in (None, viewer.pk) or sees_all]
    decided = [each.decision for each in mine if hasattr(each, "decision")]
    adjustment = next(
        (each for done in reversed(decided) for each in done.adjustments.all() if each.person_id == viewer.pk), None
    )
    hidden = not sees_all and row.goal.scope == Scope.TEAM and (counts.contributors <= _minimum() or leaves_few)
    counts = counts if sees_all and row.goal.scope == Scope.INDIVIDUAL else NOBODY
    return PastPeriod(
        snapshot=row,
        state=_state(mine, decided, settled),
        until=row.at + dt.timedelta(hours=row.terms.stabilisation_hours),
        value=None if hidden else _value(row, own),
        status=own.status if own and row.goal.scope == Scope.INDIVIDUAL else row.status,
        points=row.points if sees_all else 0,
        own_points=adjustment.points_after if adjustment else own.points if own else None,
        own_points_before=adjustment.points_before if adjustment else None,
        unpaid=own.get_unpaid_display() if own and own.unpaid else "",
        reason=decided[-1].get_reason_display() if decided else "",
        reached=counts.reached,
        members=counts.members,
    )


def _value(row: Snapshot, own: SnapshotMember | None) -> Fraction | None:
    source = own if own and row.goal.scope == Scope.INDIVIDUAL else row
    return None if source.value is None else Fraction(source.value)


def _state(reviews: list[Review], decided: list, settled: bool) -> str:
    """`review`, `voided`, `adjusted`, `final` or `provisional`."""
    if len(decided) < len(reviews):
        return "review"
    if decided:
        return {"void": "voided", "adjust": "adjusted"}.get(decided[-1].decision, "final")
    return "final" if settled else "provisional"
