"""What members contributed to goals in a period: set-based, for any number of goals with the same period at once."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from foundation.periods import Period
from foundation.records.sets import drop_temporary, in_this_order, insert_rows, make_temporary, tell_planner
from metrics.models import DayValue
from metrics.queries import queue_sums
from people.models import QueueMembership, TeamMembership
from scorecards.enums import GuardOperator
from scorecards.models import ScoreDay

from ..enums import Counted, GoalStatus, GuardScope, Scope
from ..models import Goal, GoalTerms, ReportedResult, Snapshot
from ..rules.pools import Claim, excluded_goals
from ..rules.settle import COUNT_UNITS, TOTAL_UNITS, WHOLE, Contribution, Facts, Reported
from .due import member_teams
from .terms import terms_in_force

MEMBERS = "goal_members"
NEVER = dt.date.max


class Membership(NamedTuple):
    """A stretch of a period in which a person belongs to a goal; half-open, within the period."""

    goal_id: int
    person_id: int
    from_on: dt.date
    until_on: dt.date


@dataclass
class Gathered:
    """The facts of one goal's period. `kept_by`: person id → the goal whose pool pays them instead."""

    goal: Goal
    terms: GoalTerms
    contributions: list[Contribution]
    facts: Facts
    kept_by: dict[int, int] = field(default_factory=dict)


def gather(
    goals: Sequence[Goal],
    period: Period,
    *,
    until: dt.date | None = None,
    terms: Mapping[int, GoalTerms] | None = None,
) -> dict[int, Gathered]:
    """Facts by goal id, over the workdays of the period, or those before `until`. `terms` by goal id are those in force
    at the period's start unless others are given. Goals without terms are left out.

    1. Who belongs to which goal when. 2. Totals, counts, days. 3. Guards. 4. Home queues: multipliers and pools.
    """
    terms = terms_in_force(goals, on=period.start) if terms is None else terms
    goals = [goal for goal in goals if goal.pk in terms]
    if not goals:
        return {}
    members = memberships_of(goals, period)
    with connection.cursor() as cursor:
        _make_members(cursor, goals, terms, members, until or period.end)
        sums, days, workdays = _sums(cursor), _days(cursor), _workdays(cursor)
        guarded = any(terms[goal.pk].guard_metric_id for goal in goals)
        guards = _sums(cursor, column="guard_metric_id") if guarded else {}
        drop_temporary(cursor, MEMBERS)
    people = {each.person_id for each in members}
    is_rivalled = _has_rival_pools(goals, terms, period)
    reads_homes = is_rivalled or _has_queue_percents(goals, terms) or _guards_by_home(goals, terms)
    homes = home_queues(people, on=period.last) if reads_homes else {}
    queue_guards = _queue_guards(goals, terms, homes, period.start, until or period.end)
    kept = _kept_by_other_pools(goals, terms, people, homes, period) if is_rivalled else {}
    guard_goals, reported = _guard_goals(terms.values(), period), _reported(goals, period)
    people_of: dict[int, set[int]] = {}
    for each in members:
        people_of.setdefault(each.goal_id, set()).add(each.person_id)
    return {
        goal.pk: _gathered(
            goal,
            terms[goal.pk],
            sorted(people_of.get(goal.pk, ())),
            sums,
            days,
            workdays,
            guards,
            queue_guards,
            homes,
            kept,
            guard_goals,
            reported,
        )
        for goal in goals
    }


def memberships_of(goals: Iterable[Goal], period: Period) -> list[Membership]:
    """Who belongs to each goal when: stretches of a period without overlap, from the memberships of its teams."""
    goals_of_team: dict[int, list[int]] = {}
    for goal in goals:
        for team in member_teams(goal):
            goals_of_team.setdefault(team, []).append(goal.pk)
    spans: dict[tuple[int, int], list[tuple[dt.date, dt.date]]] = {}
    start, end = period.start, period.end
    for team, person, from_on, until_on in _memberships(goals_of_team, period):
        span = (from_on if from_on > start else start, until_on if until_on and until_on < end else end)
        for goal_id in goals_of_team[team]:
            spans.setdefault((goal_id, person), []).append(span)
    return [Membership(*key, *span) for key, found in spans.items() for span in _merged(found)]


def _memberships(team_ids: Iterable[int], period: Period):
    rows = TeamMembership.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gt=period.start), team__in=list(team_ids), from_on__lt=period.end
    )
    return rows.order_by("pk").values_list("team_id", "person_id", "from_on", "until_on")


def _merged(spans: list[tuple[dt.date, dt.date]]) -> list[tuple[dt.date, dt.date]]:
    """The same days without overlap."""
    if len(spans) == 1:
        return spans
    done: list[tuple[dt.date, dt.date]] = []
    for start, end in sorted(spans):
        if done and start <= done[-1][1]:
            done[-1] = (done[-1][0], max(end, done[-1][1]))
        else:
            done.append((start, end))
    return done


def _make_members(cursor, goals, terms: Mapping[int, GoalTerms], members: Sequence[Membership], until: dt.date) -> None:
    columns = ["goal_id bigint", "person_id bigint", "from_on date", "until_on date"]
    columns += ["metric_id bigint", "guard_metric_id bigint"]
    make_temporary(cursor, MEMBERS, columns)
    metrics = {goal.pk: goal.metric_id for goal in goals}
    insert_rows(
        cursor,
        MEMBERS,
        [column.split()[0] for column in columns],
        [
            [
                each.goal_id,
                each.person_id,
                each.from_on,
                min(each.until_on, until),
                metrics[each.goal_id],
                terms[each.goal_id].guard_metric_id,
            ]
            for each in members
        ],
    )
    tell_planner(cursor, MEMBERS)


def _join(table: str, more: str = "") -> str:
    return (
        f"FROM {MEMBERS} m {in_this_order()} {table} v ON v.agent_id = m.person_id AND v.workday >= m.from_on"
        f" AND v.workday < m.until_on{more}"
    )


def _sums(cursor, *, column: str = "metric_id") -> dict[tuple[int, int], tuple[int, int]]:
    """(goal id, person id) → total and count of the goal's metric, in stored units."""
    join = _join(DayValue._meta.db_table, f" AND v.metric_id = m.{column}")
    cursor.execute(f"SELECT m.goal_id, m.person_id, SUM(v.total), SUM(v.count) {join} GROUP BY m.goal_id, m.person_id")
    return {(goal, person): (int(total), int(count)) for goal, person, total, count in cursor.fetchall()}


def _days(cursor) -> dict[tuple[int, int], tuple[int, int]]:
    """(goal id, person id) → days with data and points scored on them."""
    join = _join(ScoreDay._meta.db_table)
    cursor.execute(f"SELECT m.goal_id, m.person_id, COUNT(*), SUM(v.points) {join} GROUP BY m.goal_id, m.person_id")
    return {(goal, person): (int(days), int(points)) for goal, person, days, points in cursor.fetchall()}


def _workdays(cursor) -> dict[int, int]:
    """Goal id → workdays of the period on which any member had data."""
    join = _join(ScoreDay._meta.db_table)
    cursor.execute(f"SELECT m.goal_id, COUNT(DISTINCT v.workday) {join} GROUP BY m.goal_id")
    return dict(cursor.fetchall())


def home_queues(people: Iterable[int], *, on: dt.date) -> dict[int, dict[int, int]]:
    """Person id → weight by queue on a day, the home queue first: highest weight, ties by queue id."""
    rows = QueueMembership.objects.on(on).filter(person__in=list(people)).order_by("person_id", "-weight", "queue_id")
    found: dict[int, dict[int, int]] = {}
    for person, queue, weight in rows.values_list("person_id", "queue_id", "weight"):
        found.setdefault(person, {}).setdefault(queue, weight)
    return found


def _gathered(
    goal, terms, people, sums, days, workdays, guards, queue_guards, homes, kept, guard_goals, reported
) -> Gathered:
    percent = _percents(terms, people, homes)
    if _reads_queue(terms):
        guards = _of_queues(goal, terms, people, homes, queue_guards)
    kept_by = {person: kept[goal.pk, person] for person in people if (goal.pk, person) in kept}
    guards_each = _guards_each(goal, terms)
    contributions = []
    for person in people:
        key = (goal.pk, person)
        with_data, points = days.get(key, (0, 0))
        total, count = (
            (points * TOTAL_UNITS, with_data * COUNT_UNITS) if goal.counted == Counted.POINTS else sums.get(key, (0, 0))
        )
        met = _meets(terms, [guards[key]] if key in guards else []) if guards_each else True
        contributions.append(Contribution(person, total, count, with_data, percent[person], met, person in kept_by))
    guard_met = _team_guard(goal, terms, people, guards, guard_goals)
    facts = Facts(workdays.get(goal.pk, 0), guard_met, reported.get(goal.pk))
    return Gathered(goal, terms, contributions, facts, kept_by)


def _guards_by_home(goals, terms) -> bool:
    return any(_guards_each(goal, terms[goal.pk]) and _reads_queue(terms[goal.pk]) for goal in goals)


def _reads_queue(terms: GoalTerms) -> bool:
    return bool(terms.guard_metric_id) and terms.guard_scope == GuardScope.HOME_QUEUE


def _queue_guards(goals, terms, homes, from_on: dt.date, until_on: dt.date) -> dict[tuple[int, int], tuple[int, int]]:
    """(queue id, metric id) → total and count of guards that read a queue's value. No query where none does."""
    reading = [goal for goal in goals if _reads_queue(terms[goal.pk])]
    if not reading:
        return {}
    queues = {goal.team.primary_queue_id for goal in reading if goal.scope == Scope.TEAM} - {None}
    if any(goal.scope == Scope.INDIVIDUAL for goal in reading):
        queues |= {next(iter(weights)) for weights in homes.values()}
    return queue_sums({terms[goal.pk].guard_metric_id for goal in reading}, queues, from_on=from_on, until_on=until_on)


def _of_queues(goal: Goal, terms: GoalTerms, people, homes, queue_guards) -> dict[tuple[int, int], tuple[int, int]]:
    """(goal id, person id) → what the guard reads: the home queue's figures on the period's last workday, for a team
    its primary queue's, once.
    """
    if goal.scope == Scope.TEAM:
        queue_of = dict.fromkeys(people[:1], goal.team.primary_queue_id)
    else:
        queue_of = {person: next(iter(homes.get(person, ())), None) for person in people}
    found = {(goal.pk, person): queue_guards.get((queue, terms.guard_metric_id)) for person, queue in queue_of.items()}
    return {key: sums for key, sums in found.items() if sums}


def _guards_each(goal: Goal, terms: GoalTerms) -> bool:
    return goal.scope == Scope.INDIVIDUAL and terms.guard_metric_id is not None


def _team_guard(goal, terms, people, guards, guard_goals) -> bool | None:
    """Whether the goal's guard is met by the team, or by the guarding goal; None without data."""
    if terms.guard_goal_id:
        return guard_goals.get((terms.guard_goal_id, terms.guard_goal_status))
    if terms.guard_metric_id is None or goal.scope == Scope.INDIVIDUAL:
        return True
    return _meets(terms, [guards[goal.pk, person] for person in people if (goal.pk, person) in guards])


def _meets(terms: GoalTerms, sums: Sequence[tuple[int, int]]) -> bool | None:
    """Whether the sum of totals over the sum of counts meets the guard's bound; None without data."""
    total, count = sum(each[0] for each in sums), sum(each[1] for each in sums)
    if not count:
        return None
    bound = GoalTerms._meta.get_field("guard_bound").to_units(terms.guard_bound)
    left, right = total * COUNT_UNITS, bound * count
    return left >= right if terms.guard_operator == GuardOperator.AT_LEAST else left <= right


def _guard_goals(rows: Iterable[GoalTerms], period: Period) -> dict[tuple[int, str], bool]:
    """(guard goal id, status) → whether its frozen result of the same period is at least that good."""
    wanted = {(row.guard_goal_id, row.guard_goal_status) for row in rows if row.guard_goal_id}
    if not wanted:
        return {}
    frozen = Snapshot.objects.filter(goal__in={goal for goal, _ in wanted}, period=period.key, corrected_by=None)
    statuses = dict(frozen.values_list("goal_id", "status"))
    order = list(GoalStatus.values)
    return {
        (goal, least): order.index(statuses[goal]) >= order.index(least) for goal, least in wanted if statuses.get(goal)
    }


def _reported(goals: Iterable[Goal], period: Period) -> dict[int, Reported]:
    """Goal id → what another system said of the period, for goals that count that."""
    ids = [goal.pk for goal in goals if goal.counted == Counted.REPORTED]
    rows = ReportedResult.objects.filter(goal__in=ids, period=period.key) if ids else ()
    return {row.goal_id: Reported(GoalStatus(row.status), _exact(row.value)) for row in rows}


def _exact(value) -> Fraction | None:
    return None if value is None else Fraction(value)


def _percents(terms: GoalTerms, people: Sequence[int], homes) -> dict[int, int]:
    """The multiplier of each person: by home queue, else by team."""
    multipliers = terms.multipliers.all()
    if not multipliers:
        return dict.fromkeys(people, WHOLE)
    by_queue = {each.queue_id: each.percent for each in multipliers if each.queue_id}
    by_team = {each.team_id: each.percent for each in multipliers if each.team_id}
    of_team = _team_percents(by_team, people) if by_team else {}
    return {
        person: by_queue.get(next(iter(homes.get(person, ())), None), of_team.get(person, WHOLE)) for person in people
    }


def _team_percents(by_team: Mapping[int, int], people: Sequence[int]) -> dict[int, int]:
    rows = TeamMembership.objects.filter(team__in=by_team, person__in=people).values_list("person_id", "team_id")
    found: dict[int, int] = {}
    for person, team in rows:
        found[person] = max(found.get(person, 0), by_team[team])
    return found


# One person, one pool --------------------------------------------------------------------------------------------


def _has_rival_pools(goals, terms, period: Period) -> bool:
    """Whether a person could be paid from two pools at all."""
    pools = {terms[goal.pk].pool_id for goal in goals if goal.scope == Scope.TEAM} - {None}
    if not pools:
        return False
    rows = GoalTerms.objects.filter(
        pool__isnull=False, goal__in=_pooled_goals(goals[0].frequency, period), from_on__lte=period.start
    )
    return len(pools | set(rows.order_by().values_list("pool", flat=True).distinct())) > 1


def _has_queue_percents(goals, terms) -> bool:
    return any(each.queue_id for goal in goals for each in terms[goal.pk].multipliers.all())


def _kept_by_other_pools(goals, terms, people: set[int], homes, period: Period) -> dict[tuple[int, int], int]:
    """(goal id, person id) → the goal whose pool keeps the person, over all team goals of the same frequency and
    period that pay from a pool, closed or not, achieved or not.
    """
    pooled = {goal.pk: goal for goal in goals if terms[goal.pk].pool_id and goal.scope == Scope.TEAM}
    rivals = {goal.pk: goal for goal in _pooled_goals(goals[0].frequency, period).select_related("team")} | pooled
    rival_terms = terms_in_force(rivals.values(), on=period.start) | dict(terms)
    claims: dict[int, list[Claim]] = {}
    for person, goal in _pool_memberships(rivals, rival_terms, people, period):
        claims.setdefault(person[0], []).append(_claim(rivals[goal], rival_terms[goal], person, homes))
    return {
        (goal, person): keeper.goal_id
        for person, found in claims.items()
        for goal, keeper in excluded_goals(found).items()
    }


def _pooled_goals(frequency: str, period: Period) -> QuerySet[Goal]:
    return Goal.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=period.end),
        is_active=True,
        scope=Scope.TEAM,
        frequency=frequency,
        starts_on__lte=period.start,
    )


def _pool_memberships(rivals, rival_terms, people, period):
    """((person id, membership start), goal id) for the earliest membership of each person in each pooled goal."""
    pooled = {goal for goal in rivals if goal in rival_terms and rival_terms[goal].pool_id}
    of_team: dict[int, list[int]] = {}
    for goal in pooled:
        of_team.setdefault(rivals[goal].team_id, []).append(goal)
    first: dict[tuple[int, int], dt.date] = {}
    for team, person, from_on, _ in _memberships(of_team, period):
        if person in people:
            for goal in of_team[team]:
                first[goal, person] = min(first.get((goal, person), NEVER), from_on)
    return [((person, from_on), goal) for (goal, person), from_on in first.items()]


def _claim(goal: Goal, terms: GoalTerms, person: tuple[int, dt.date], homes) -> Claim:
    weights = homes.get(person[0], {})
    queue = goal.team.primary_queue_id
    return Claim(
        goal.pk,
        terms.pool_id,
        goal.team_id,
        is_home_queue=queue is not None and next(iter(weights), None) == queue,
        queue_weight=weights.get(queue, 0),
        member_from=person[1],
    )
