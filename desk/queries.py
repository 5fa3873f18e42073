"""What a lead reads of their people: sums over scored days, and where each metric stands."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from uuid import UUID

from django.db.models import BigIntegerField, Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum

from foundation.periods import Period
from foundation.periods.spans import Span
from metrics.enums import Aggregation
from metrics.models import DayValue, Metric
from people.access import led_people, visible_people
from people.models import TeamMembership, User
from scorecards.models import ScoreDay
from scorecards.queries import TermsInForce, profile_id_on, terms_in_force
from scorecards.rules.scoring import BOUND_UNITS, Measured, Zone, zone_at

ONE = 1000
"""A count of 1, as it is stored."""


@dataclass(frozen=True)
class TeamRow:
    """One agent in a span of days. Without any scored day in it points and maximum are None: no data is not zero."""

    person_id: int
    public_id: UUID
    name: str
    profile_id: int | None
    teams: tuple[str, ...] = ()
    points: int | None = None
    maximum: int | None = None
    points_before: int | None = None
    maximum_before: int | None = None
    last_on: dt.date | None = None

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


def led_agents(viewer, *, on: dt.date) -> QuerySet[User]:
    """Those whom the viewer leads, and those of their divisions who have figures. Never the viewer themself."""
    led = led_people(viewer, on=on).values("pk")
    has_figures = Exists(ScoreDay.objects.filter(agent_id=OuterRef("pk")))
    people = visible_people(viewer, on=on).filter(Q(pk__in=led) | has_figures, is_active=True)
    return people.exclude(pk=viewer.pk)


def team_for(viewer, *, span: Span, on: dt.date, search: str = "", team_id: int | None = None) -> TeamView:
    """The agents that the viewer may look at, with their points. Search and team narrow the rows, not the choice of
    teams. Always the same number of queries.
    """
    everyone = led_agents(viewer, on=on).annotate(profile_id=profile_id_on(span.now.last))
    people = list(everyone.order_by("name", "pk").values_list("pk", "public_id", "name", "profile_id"))
    teams_of = _teams_of(everyone, on=on)
    shown = [
        person
        for person in people
        if _matches(person[2], search) and (team_id is None or team_id in dict(teams_of[person[0]]))
    ]
    now, before = _points_in(span.now, everyone), _points_in(span.before, everyone)
    last_on = dict(_days_of(everyone).values_list("agent_id").annotate(last=Max("workday")))
    terms = terms_in_force({row[3] for row in shown if row[3]}, from_on=span.now.last, to_on=span.now.last)
    return TeamView(
        rows=[_row(person, teams_of[person[0]], now, before, last_on) for person in shown],
        teams=sorted({team for teams in teams_of.values() for team in teams}, key=lambda team: (team[1], team[0])),
        terms=terms,
        metrics=_metrics_of(terms),
    )


def _row(person, teams, now, before, last_on) -> TeamRow:
    pk, public_id, name, profile_id = person
    points, maximum = now.get(pk, (None, None))
    points_before, maximum_before = before.get(pk, (None, None))
    return TeamRow(
        person_id=pk,
        public_id=public_id,
        name=name,
        profile_id=profile_id,
        teams=tuple(name for _, name in teams),
        points=points,
        maximum=maximum,
        points_before=points_before,
        maximum_before=maximum_before,
        last_on=last_on.get(pk),
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


def _days_of(people: QuerySet[User]) -> QuerySet[ScoreDay]:
    return ScoreDay.objects.filter(agent_id__in=people.values("pk")).order_by()


def _points_in(period: Period, people: QuerySet[User]) -> dict[int, tuple[int, int]]:
    """Points and maximum of each agent with a scored day in a period. One query."""
    days = _days_of(people).filter(workday__gte=period.start, workday__lt=period.end, profile__isnull=False)
    sums = days.values_list("agent_id").annotate(points=Sum("points"), maximum=Sum("maximum"))
    return {agent: (points, maximum) for agent, points, maximum in sums}


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
