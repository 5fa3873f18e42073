"""What a lead reads of their people: sums over scored days, and where each metric stands."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from django.db.models import BigIntegerField, Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum

from foundation.periods import DAY, Kind, Period, period_of
from foundation.periods.spans import Span
from metrics.enums import Aggregation
from metrics.models import DayValue, Metric
from people.access import is_led_column, led_people, visible_people
from people.models import TeamMembership, User
from scorecards.enums import ScoreReason, ZoneKind
from scorecards.models import Score, ScoreDay
from scorecards.queries import TermsInForce, profile_id_on, terms_in_force
from scorecards.rules.scoring import BOUND_UNITS, Measured, Zone, zone_at

from .rules.coaching import Earned, Weakest, share_of, weakest

ONE = 1000
"""A count of 1, as it is stored."""


@dataclass(frozen=True)
class TeamRow:
    """One agent in a span of days. Without any scored day in it points and maximum are None: no data is not zero."""

    person_id: int
    public_id: UUID
    name: str
    profile_id: int | None
    is_led: bool = False
    """Whether the viewer leads the agent, rather than sees the division."""
    teams: tuple[str, ...] = ()
    points: int | None = None
    maximum: int | None = None
    points_before: int | None = None
    maximum_before: int | None = None
    last_on: dt.date | None = None
    group_percent: Fraction | None = None
    marks: Mapping[int, "Mark"] = field(default_factory=dict)
    """By metric; none where there is no data."""
    weakest: Weakest | None = None
    paused: int | None = None
    """Points out of the maximum that a guard held; None without scores."""

    @property
    def percent(self) -> Fraction | None:
        return Fraction(100 * self.points, self.maximum) if self.maximum else None

    @property
    def percent_before(self) -> Fraction | None:
        return Fraction(100 * self.points_before, self.maximum_before) if self.maximum_before else None

    @property
    def change(self) -> int | None:
        """Points more or fewer than in the span before."""
        return None if self.points is None or self.points_before is None else self.points - self.points_before

    @property
    def against_group(self) -> Fraction | None:
        """Percent of goal above or below that of the group together, in points of percent."""
        return None if self.percent is None or self.group_percent is None else self.percent - self.group_percent


@dataclass(frozen=True)
class Mark:
    """Where a metric of an agent stands over a span: its value, exact, and the zone of an average day."""

    value: Fraction
    zone: str
    zones: tuple[Zone, ...] = ()
    """The zones that the value itself lies in; none where the value is a sum and its mean is placed."""


@dataclass(frozen=True)
class TeamView:
    """The people a viewer may look at, before paging."""

    rows: list[TeamRow]
    teams: list[tuple[int, str]]
    """Today's teams of these people, to filter by."""
    terms: list[TermsInForce] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    """What their profiles score, in order."""
    group_percent: Fraction | None = None
    """Percent of goal of everyone in the team asked for together, whoever is searched for."""
    group: list[int] = field(default_factory=list)
    """The people of whom the group's figures are made."""


@dataclass(frozen=True)
class Wanted:
    """Which rows of the team a lead wants to see."""

    search: str = ""
    team_id: int | None = None
    metric_id: int | None = None
    zone: str = ""
    """Of that metric: one of `ZoneKind`, or `BELOW` for all but on target."""
    only_with_data: bool = False


BELOW = "below"
ZONE_CHOICES = (BELOW, ZoneKind.OUT, ZoneKind.GOOD, ZoneKind.TARGET)


def led_agents(viewer, *, on: dt.date) -> QuerySet[User]:
    """Those whom the viewer leads, and those of their divisions who have figures. Never the viewer themself."""
    led = led_people(viewer, on=on).values("pk")
    has_figures = Exists(ScoreDay.objects.filter(agent_id=OuterRef("pk")))
    people = visible_people(viewer, on=on).filter(Q(pk__in=led) | has_figures, is_active=True)
    return people.exclude(pk=viewer.pk)


def team_for(viewer, *, span: Span, on: dt.date, wanted: Wanted | None = None) -> TeamView:
    """The agents that the viewer may look at, with their points. The team asked for is the group that they are
    compared with; search, zone and data narrow the rows and not the group. Always the same number of queries.
    """
    wanted = wanted or Wanted()
    everyone = led_agents(viewer, on=on).annotate(profile_id=profile_id_on(span.now.last))
    named = everyone.annotate(is_led=is_led_column(viewer, on=on)).order_by("name", "pk")
    people = list(named.values_list("pk", "public_id", "name", "profile_id", "is_led"))
    teams_of = _teams_of(everyone, on=on)
    group = [each for each in people if wanted.team_id is None or wanted.team_id in dict(teams_of[each[0]])]
    days = _days_of(everyone, span=span)
    terms = terms_in_force({row[3] for row in group if row[3]}, from_on=span.now.last, to_on=span.now.last)
    known = [days[each[0]] for each in group if each[0] in days]
    percent = share_of((each.points, each.maximum) for each in known if each.points is not None)
    rows = [_row(each, teams_of[each[0]], days.get(each[0], NO_DAYS), percent) for each in group]
    view = TeamView(
        rows=rows,
        teams=sorted({team for teams in teams_of.values() for team in teams}, key=lambda team: (team[1], team[0])),
        terms=terms,
        metrics=_metrics_of(terms),
        group_percent=percent,
        group=[row.person_id for row in rows],
    )
    filled = _with_figures([row for row in rows if _matches(row.name, wanted.search)], view, period=span.now)
    return replace(view, rows=[row for row in filled if _is_wanted(row, wanted)])


def _is_wanted(row: TeamRow, wanted: Wanted) -> bool:
    if wanted.only_with_data and row.points is None and not row.marks:
        return False
    if not wanted.zone or wanted.metric_id is None:
        return True
    mark = row.marks.get(wanted.metric_id)
    if mark is None:
        return False
    below = mark.zone in (ZoneKind.OUT, ZoneKind.GOOD)
    return below if wanted.zone == BELOW else mark.zone == wanted.zone


def _with_figures(rows: list[TeamRow], view: TeamView, *, period: Period) -> list[TeamRow]:
    """The rows with their marks, their weakest metric and what was paused. Two queries."""
    marks = marks_for(rows, view, period=period)
    earned = _earned(rows, period=period)
    order = [metric.pk for metric in view.metrics]
    filled = []
    for row in rows:
        own = earned.get(row.person_id, {})
        filled.append(
            replace(
                row,
                marks={pk: marks[row.person_id, pk] for pk in order if (row.person_id, pk) in marks},
                weakest=weakest((pk, own[pk]) for pk in order if pk in own),
                paused=sum(one.paused for one in own.values()) if own else None,
            )
        )
    return filled


def _earned(rows: Collection[TeamRow], *, period: Period) -> dict[int, dict[int, Earned]]:
    """Person → metric → points of its objectives over a period, as they were scored."""
    scores = Score.objects.filter(
        agent_id__in=[row.person_id for row in rows], workday__gte=period.start, workday__lt=period.end
    ).order_by()
    paused = Sum("maximum", filter=Q(reason=ScoreReason.GUARDED), default=0)
    sums = scores.values_list("agent_id", "terms__metric_id").annotate(
        earned=Sum("points"), most=Sum("maximum"), paused=paused
    )
    found = defaultdict(dict)
    for agent, metric, *figures in sums:
        found[agent][metric] = Earned(*figures)
    return found


def _row(person, teams, days: "_Days", group_percent: Fraction | None) -> TeamRow:
    pk, public_id, name, profile_id, is_led = person
    return TeamRow(
        person_id=pk,
        public_id=public_id,
        name=name,
        profile_id=profile_id,
        is_led=bool(is_led),
        teams=tuple(name for _, name in teams),
        points=days.points,
        maximum=days.maximum,
        points_before=days.points_before,
        maximum_before=days.maximum_before,
        last_on=days.last_on,
        group_percent=group_percent,
    )


def _matches(name: str, search: str) -> bool:
    return search.casefold() in name.casefold()


def _teams_of(people: QuerySet[User], *, on: dt.date) -> Mapping[int, list[tuple[int, str]]]:
    """(id, name) of each person's teams on a day."""
    found = defaultdict(list)
    memberships = TeamMembership.objects.on(on).filter(person__in=people.values("pk")).order_by("team__name")
    for person, team, name in memberships.values_list("person_id", "team_id", "team__name"):
        found[person].append((team, name))
    return found


class _Days(NamedTuple):
    """What an agent's scored days add up to; None where a span has none."""

    points: int | None = None
    maximum: int | None = None
    points_before: int | None = None
    maximum_before: int | None = None
    last_on: dt.date | None = None


NO_DAYS = _Days()


def _days_of(people: QuerySet[User], *, span: Span) -> dict[int, _Days]:
    """The scored days of each agent, in the span and in the one before. One query."""
    now, before = (
        Q(profile__isnull=False, workday__gte=period.start, workday__lt=period.end)
        for period in (span.now, span.before)
    )
    days = ScoreDay.objects.filter(agent_id__in=people.values("pk")).order_by()
    sums = days.values_list("agent_id").annotate(
        points_now=Sum("points", filter=now),
        maximum_now=Sum("maximum", filter=now),
        points_before=Sum("points", filter=before),
        maximum_before=Sum("maximum", filter=before),
        last_on=Max("workday"),
    )
    return {agent: _Days(*figures) for agent, *figures in sums}


def _metrics_of(terms: Iterable[TermsInForce]) -> list[Metric]:
    """The metrics that terms read, in the order of the terms, each once."""
    ids = list(dict.fromkeys(each.metric_id for each in terms))
    found = Metric.objects.in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def marks_for(rows: Collection[TeamRow], view: TeamView, *, period: Period) -> dict[tuple[int, int], Mark]:
    """Where each metric of these agents stands over a period, by person and metric. One query for a page of rows.

    The value is sums over sums; a metric that adds up shows its sum and is placed by its mean of a workday, as zones
    are drawn for a day.
    """
    metrics = {metric.pk: metric for metric in view.metrics}
    zones = {(each.profile_id, each.metric_id): each.zones for each in view.terms}
    profiles = {row.person_id: row.profile_id for row in rows}
    days = DayValue.objects.filter(
        agent_id__in=list(profiles), metric_id__in=list(metrics), workday__gte=period.start, workday__lt=period.end
    ).order_by()
    sums = days.values_list("agent_id", "metric_id").annotate(total=_sum("total"), count=_sum("count"), days=Count("*"))
    marks = {}
    for agent, metric, total, count, number in sums:
        if rule := zones.get((profiles[agent], metric)):
            adds_up = metrics[metric].aggregation == Aggregation.SUM
            placed = Measured(int(total), number * ONE if adds_up else int(count))
            value = Fraction(int(total), BOUND_UNITS) if adds_up else placed.value
            marks[agent, metric] = Mark(
                value, zone_at(placed.in_bound_units, rule).kind, () if adds_up else tuple(rule)
            )
    return marks


def _sum(name: str) -> Sum:
    return Sum(F(name), output_field=BigIntegerField())


# The team together -------------------------------------------------------------------------------------------------

LEAST_TREND_DAYS = 14
MOST_TREND_DAYS = 45


@dataclass(frozen=True)
class TeamTrend:
    """A metric of the group together: its value over the span, and day by day or week by week up to its last day.

    An average is sums over sums; a metric that adds up stands as its mean of an agent's workday.
    """

    metric: Metric
    value: Fraction | None
    zone: str | None
    target: Zone | None
    """None where the profiles of the group do not share one target."""
    points: list[tuple[Period, Fraction | None]]


def trends_of(view: TeamView, *, span: Span) -> list[TeamTrend]:
    """How the metrics of the group went. One query."""
    start = min(span.now.start, span.now.end - LEAST_TREND_DAYS * DAY)
    window = Period(start, span.now.end)
    days = DayValue.objects.filter(
        agent_id__in=view.group,
        metric_id__in=[metric.pk for metric in view.metrics],
        workday__gte=window.start,
        workday__lt=window.end,
    ).order_by()
    sums = days.values_list("metric_id", "workday").annotate(total=_sum("total"), count=_sum("count"), days=Count("*"))
    found = defaultdict(dict)
    for metric, workday, total, count, number in sums:
        found[metric][workday] = (int(total), int(count), number * ONE)
    parts = _parts_of(window)
    return [_trend(metric, found[metric.pk], parts, view, span) for metric in view.metrics]


def _parts_of(window: Period) -> list[Period]:
    """The days of a window; its weeks where there would be too many days."""
    kind = Kind.DAILY if len(window) <= MOST_TREND_DAYS else Kind.WEEKLY
    parts, day = [], window.start
    while day < window.end:
        whole = period_of(kind, day)
        parts.append(Period(day, min(whole.end, window.end), kind))
        day = whole.end
    return parts


def _trend(metric: Metric, sums: dict, parts: list[Period], view: TeamView, span: Span) -> TeamTrend:
    rules = {each.zones for each in view.terms if each.metric_id == metric.pk}
    rule = rules.pop() if len(rules) == 1 else None
    together = _together(metric, sums, span.now)
    return TeamTrend(
        metric=metric,
        value=together.value if together else None,
        zone=zone_at(together.in_bound_units, rule).kind if together and rule else None,
        target=next((zone for zone in rule if zone.kind == ZoneKind.TARGET), None) if rule else None,
        points=[(part, measured.value if (measured := _together(metric, sums, part)) else None) for part in parts],
    )


def _together(metric: Metric, sums: dict[dt.date, tuple[int, int, int]], period: Period) -> Measured | None:
    within = [figures for day, figures in sums.items() if day in period]
    if not within:
        return None
    totals, counts, numbers = map(sum, zip(*within, strict=True))
    return Measured(totals, numbers if metric.aggregation == Aggregation.SUM else counts)
