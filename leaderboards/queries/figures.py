"""What people's days add up to now: points, and totals and counts of metrics."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import BigIntegerField, Exists, ExpressionWrapper, F, OuterRef, Sum

from foundation.periods import Period
from metrics.models import DayValue
from people.rules.privacy import Standing, Value
from scorecards.models import ScoreDay

from ..models import Board
from ..rules.ranking import Ranking, Sums, standings_for, values_for
from .populations import day_of

People = Collection[int] | None
"""Ids of people; None: everyone whom the profile scored in the division."""


@dataclass(frozen=True)
class Figures:
    """The ranked value of each person who has one, and their points."""

    values: Mapping[int, Value]
    points: Mapping[int, Sums]

    @property
    def standings(self) -> list[Standing]:
        return standings_for(self.values, self.points)


def live_figures(board: Board, period: Period, ranking: Ranking, *, of: People = None) -> Figures:
    """What the days of a period add up to now, of everyone on the board or of some."""
    points = points_by_agent(board, period, of=of)
    measured = None if ranking.metric_id is None else measured_by_agent(board, period, ranking.metric_id, of=of)
    before = points_by_agent(board, period.previous, of=of) if ranking.compares_periods else None
    return Figures(values_for(ranking, points=points, measured=measured, points_before=before), points)


def population_of(board: Board, period: Period) -> frozenset[int] | None:
    """Whom a board ranks live: who stands on it on the first or the last of the days. None where everyone whom the
    profile scored in the division does."""
    if board.team_id is None and board.queue_id is None:
        return None
    return day_of(period.start).people_of(board) | day_of(period.last).people_of(board)


def points_by_agent(board: Board, period: Period, *, of: People = None) -> dict[int, Sums]:
    """Points and maximum of each agent whom the profile scored in the division during a period. One query."""
    return _added_up(days_of(board, period, of=of), "points", "maximum")


def measured_by_agent(board: Board, period: Period, metric_id: int, *, of: People = None) -> dict[int, Sums]:
    """Total and count of a metric for the same agents and days. One query."""
    return _added_up(_values_of(board, period, of=of).filter(metric_id=metric_id), "total", "count")


def all_measured(board: Board, period: Period, metric_ids: Collection[int]) -> dict[int, dict[int, Sums]]:
    """Metric id → person id → total and count, for the same agents and days. One query."""
    found: dict[int, dict[int, Sums]] = {metric: {} for metric in metric_ids}
    if not metric_ids:
        return found
    sums = _values_of(board, period).filter(metric_id__in=metric_ids).order_by().values("agent_id", "metric_id")
    sums = sums.annotate(first=_sum("total"), second=_sum("count"))
    for agent, metric, total, count in sums.values_list("agent_id", "metric_id", "first", "second"):
        found[metric][agent] = Sums(int(total), int(count))
    return found


def point_rows(board: Board, period: Period) -> Iterator[tuple[int, dt.date, int, int]]:
    """Agent, workday, points and maximum of each scored day that counts for a board. One query."""
    return days_of(board, period).order_by().values_list("agent_id", "workday", "points", "maximum").iterator()


def measured_rows(board: Board, period: Period, metric_id: int) -> Iterator[tuple[int, dt.date, int, int]]:
    """Agent, workday, total and count of a metric on each of these days, in their stored units. One query."""
    values = _values_of(board, period).filter(metric_id=metric_id).order_by()
    values = values.annotate(first=_raw("total"), second=_raw("count"))
    return values.values_list("agent_id", "workday", "first", "second").iterator()


def days_of(board: Board, period: Period, *, of: People = None):
    """Scored days that count for a board."""
    days = ScoreDay.objects.filter(profile_id=board.profile_id, division_id=board.division_id)
    days = days if of is None else days.filter(agent_id__in=of)
    return days.filter(workday__gte=period.start, workday__lt=period.end)


def _values_of(board: Board, period: Period, *, of: People = None):
    """Day values on workdays that count for a board."""
    scored = days_of(board, period, of=of).filter(agent_id=OuterRef("agent_id"), workday=OuterRef("workday"))
    return DayValue.objects.filter(Exists(scored), workday__gte=period.start, workday__lt=period.end)


def _added_up(days, first: str, second: str) -> dict[int, Sums]:
    """Two columns of whole numbers added up for each agent."""
    sums = days.order_by().values("agent_id").annotate(first=_sum(first), second=_sum(second))
    return {agent: Sums(int(a), int(b)) for agent, a, b in sums.values_list("agent_id", "first", "second")}


def _sum(field: str) -> Sum:
    return Sum(F(field), output_field=BigIntegerField())


def _raw(field: str) -> ExpressionWrapper:
    return ExpressionWrapper(F(field), output_field=BigIntegerField())
