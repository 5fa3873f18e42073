"""Which periods of which goals are over and not closed yet, and whether their workdays are final."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q

from foundation.periods import Period, ends_at, parse_period, period_of, workday_of
from interactions.models import Touch
from people.models import TeamMembership
from people.queries import default_division
from scorecards.models import DivisionDay, Reopening, ScoreDay
from scorecards.queries import division_sql, late_since, may_come_in_sql, touched_pairs_sql

from ..enums import Counted, Frequency
from ..models import Goal, GoalTerms, ReportedResult, Snapshot


@dataclass(frozen=True)
class Due:
    """A period of a goal that is over, with its lag, and has no result yet."""

    goal: Goal
    period: Period

    @property
    def order(self) -> tuple:
        return (self.period.end, self.period.start, self.goal.pk)


def first_period(goal: Goal) -> Period:
    """The first whole period of a goal: it starts on or after the goal does."""
    period = period_of(Frequency(goal.frequency).kind, goal.starts_on)
    return period if period.start == goal.starts_on else period.next


def current_period(goal: Goal, *, at: dt.datetime) -> Period:
    """The period that is running in the zone of the goal's team."""
    return period_of(Frequency(goal.frequency).kind, workday_of(at, goal.team.division.zone))


def due_periods(*, at: dt.datetime, goal: Goal | None = None) -> list[Due]:
    """Periods over with their lag, oldest first: every one that was missed. One query where nothing is due."""
    goals = Goal.objects.filter(is_active=True).select_related("team__division", "metric")
    goals = goals.annotate(closed_until=Max("snapshots__ends_on"))
    goals = goals.filter(pk=goal.pk) if goal else goals
    goals = list(goals)
    candidates = [(each, period) for each in goals if each.counted != Counted.REPORTED for period in _over(each, at=at)]
    candidates += _reported_over([each for each in goals if each.counted == Counted.REPORTED], at=at)
    if not candidates:
        return []
    lags = _lags(each for each, _ in candidates)
    return sorted((Due(each, period) for each, period in candidates if _lag_passed(each, period, lags, at)), key=_order)


def _order(due: Due) -> tuple:
    return due.order


def _over(goal: Goal, *, at: dt.datetime) -> Iterable[Period]:
    period = first_period(goal)
    if goal.closed_until:
        period = max(period, period_of(period.kind, goal.closed_until))
    while _is_over(goal, period, at=at):
        yield period
        period = period.next


def _is_over(goal: Goal, period: Period, *, at: dt.datetime) -> bool:
    return ends_at(period.last, goal.team.division.zone) <= at and (not goal.ends_on or period.end <= goal.ends_on)


def _reported_over(goals: list[Goal], *, at: dt.datetime) -> list[tuple[Goal, Period]]:
    """Periods that another system reported, in whatever order, and that have no result yet."""
    by_id = {goal.pk: goal for goal in goals}
    closed = Snapshot.objects.filter(goal=OuterRef("goal"), period=OuterRef("period"))
    rows = ReportedResult.objects.filter(~Exists(closed), goal__in=by_id).order_by("pk") if by_id else ()
    found = [(by_id[row.goal_id], parse_period(row.period)) for row in rows]
    return [
        (goal, period)
        for goal, period in found
        if period.start >= first_period(goal).start and _is_over(goal, period, at=at)
    ]


def _lags(goals: Iterable[Goal]) -> dict[int, list[tuple[dt.date, int]]]:
    lags: dict[int, list[tuple[dt.date, int]]] = {}
    rows = GoalTerms.objects.filter(goal__in={goal.pk for goal in goals}).order_by("from_on")
    for goal_id, from_on, minutes in rows.values_list("goal_id", "from_on", "lag_minutes"):
        lags.setdefault(goal_id, []).append((from_on, minutes))
    return lags


def _lag_passed(goal: Goal, period: Period, lags: dict, at: dt.datetime) -> bool:
    """Whether the lag of the terms in force has passed. A period without terms is not a period of the goal."""
    minutes = [minutes for from_on, minutes in lags.get(goal.pk, ()) if from_on <= period.start]
    if not minutes:
        return False
    return ends_at(period.last, goal.team.division.zone) + dt.timedelta(minutes=minutes[-1]) <= at


def unfinished_goals(dues: Iterable[Due], *, period: Period) -> set[int]:
    """Ids of goals some of whose members still have a workday of the period that is not final: it is open with data in
    its division, or a touch waits on it. Late touches that wait for a reopening do not count.
    """
    unfinished_people = _people_with_open_days(period) | _people_with_touches(period)
    if not unfinished_people:
        return set()
    teams = {due.goal.pk: member_teams(due.goal) for due in dues}
    members = _people_of_teams({team for each in teams.values() for team in each}, period)
    return {
        goal_id for goal_id, ids in teams.items() if any(members.get(team, set()) & unfinished_people for team in ids)
    }


def member_teams(goal: Goal) -> list[int]:
    """The teams whose memberships make the goal's members."""
    if not goal.with_teams_below:
        return [goal.team_id]
    return list(type(goal.team).objects.filter(path__startswith=goal.team.path).values_list("pk", flat=True))


def _people_of_teams(team_ids: set[int], period: Period) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    rows = TeamMembership.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gt=period.start), team__in=team_ids, from_on__lt=period.end
    )
    for team, person in rows.values_list("team_id", "person_id"):
        found.setdefault(team, set()).add(person)
    return found


def _people_with_open_days(period: Period) -> set[int]:
    rows = ScoreDay.objects.filter(workday__gte=period.start, workday__lt=period.end)
    pairs = set(rows.values_list("division_id", "workday").distinct())
    closed = DivisionDay.objects.filter(workday__gte=period.start, workday__lt=period.end)
    still_open = pairs - set(closed.values_list("division_id", "workday"))
    people: set[int] = set()
    for division, day in still_open:
        people |= set(rows.filter(division_id=division, workday=day).values_list("agent_id", flat=True))
    return people


def _people_with_touches(period: Period) -> set[int]:
    """People with a touch on a workday of the period that is not final yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT t.agent_id FROM {Touch._meta.db_table} t WHERE t.workday >= %s AND t.workday < %s"
            f" AND NOT EXISTS (SELECT 1 FROM {DivisionDay._meta.db_table} d WHERE d.workday = t.workday"
            f" AND d.division_id = {division_sql('t')})",
            [period.start, period.end, default_division().pk],
        )
        return {person for (person,) in cursor.fetchall()}


def people_with_touches(start: dt.date, end: dt.date, *, at: dt.datetime) -> set[int]:
    """People with a change on a workday from `start` to before `end` that will still come in: late changes that wait
    for a reopening do not count.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.agent_id FROM ({touched_pairs_sql()}) p"
            f" LEFT JOIN {DivisionDay._meta.db_table} d ON d.division_id = p.division_id AND d.workday = p.workday"
            f" WHERE p.workday >= %s AND p.workday < %s AND {may_come_in_sql('p', 'd')}",
            [default_division().pk, start, end, late_since(at)],
        )
        return {person for (person,) in cursor.fetchall()}


def reopenings_since(standing) -> list[tuple[Reopening, list[Snapshot]]]:
    """Reopenings with the results whose period they reach into and which were frozen before."""
    found = []
    for reopening in Reopening.objects.select_related("division").order_by("pk"):
        reached = standing.filter(
            at__lte=reopening.at, starts_on__lte=reopening.to_on, ends_on__gt=reopening.from_on
        ).order_by("pk")
        people = set(
            ScoreDay.objects.filter(
                division=reopening.division, workday__gte=reopening.from_on, workday__lte=reopening.to_on
            ).values_list("agent_id", flat=True)
        )
        found.append((reopening, [each for each in reached if people & _member_ids(each)]))
    return found


def _member_ids(snapshot: Snapshot) -> set[int]:
    return set(snapshot.members.values_list("person", flat=True))
