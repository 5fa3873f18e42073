"""What a viewer may read of boards. A board is a profile within a division; everything leaves here masked."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db.models import BigIntegerField, Exists, F, Max, OuterRef, Sum
from django.http import Http404
from django.utils.translation import gettext as _

from foundation.periods import Period
from foundation.periods.spans import Span
from metrics.enums import Aggregation, Better
from metrics.models import DayValue
from people.access import may, visible_people
from people.enums import Permission
from people.models import Division
from people.queries import division_id_on, is_out_of_boards, out_of_boards_on
from people.rules.privacy import (
    MaskedBoard,
    Person,
    Standing,
    Value,
    Why,
    mask_board,
    minimum_group,
    unpublished_board,
)
from scorecards.models import DivisionDay, ObjectiveTerms, Profile, ScoreDay
from scorecards.queries import profile_id_on, scored_places_on

from .models import Publication, PublishedSums
from .rules.ranking import PERCENT, POINTS, Ranking, Sums, standings_for, values_for

LIMIT = 10
"""Rows that agents see before the gap."""


@dataclass(frozen=True)
class BoardPlace:
    """One board: who is scored by a profile in a division."""

    profile: Profile
    division: Division
    is_own: bool
    """Whether it is the viewer's own, rather than that of people whose figures they may see."""


@dataclass(frozen=True)
class BoardPage:
    """A board as one viewer sees it."""

    place: BoardPlace
    span: Span
    ranking: Ranking
    rankings: list[Ranking]
    masked: MaskedBoard
    minimum: int
    made_at: dt.datetime | None = None
    """When the standing was taken; None where the figures are live."""
    own_now: Value | None = None
    """The viewer's own value by now, which a published standing does not hold yet."""


def may_open_boards(viewer) -> bool:
    """Whether there is any board for the viewer: someone's figures must be theirs to see."""
    return any(may(viewer, each) for each in (Permission.VIEW_OWN, Permission.VIEW_LED, Permission.VIEW_DIVISION))


def may_choose_days(viewer) -> bool:
    """Own ranges of days are for those who see others' figures anyway."""
    return may(viewer, Permission.VIEW_LED) or may(viewer, Permission.VIEW_DIVISION)


def has_figures(person, *, from_on: dt.date) -> bool:
    """Whether a person has a scored day since then."""
    return ScoreDay.objects.filter(agent_id=person.pk, workday__gte=from_on).exists()


def boards_for(viewer, *, on: dt.date) -> list[BoardPlace]:
    """The boards the viewer may open, their own first: the profile they are scored by, and those of the people whose
    figures they may see, each within its division, as of today.
    """
    pairs = visible_people(viewer, on=on).annotate(profile_id=profile_id_on(on), division_id=division_id_on(on))
    keys = set(pairs.order_by().values_list("profile_id", "division_id").distinct())
    own = set(pairs.filter(pk=viewer.pk).values_list("profile_id", "division_id"))
    profiles = Profile.objects.in_bulk({profile for profile, _ in keys if profile})
    divisions = Division.objects.in_bulk({division for _, division in keys if division})
    places = [
        BoardPlace(profiles[profile], divisions[division], is_own=(profile, division) in own)
        for profile, division in keys
        if profile in profiles and division in divisions
    ]
    return sorted(places, key=lambda place: (not place.is_own, place.profile.name, place.division.name))


def board_place(places: Iterable[BoardPlace], *, profile_id: int, division_id: int | None = None) -> BoardPlace:
    """The place of a profile, in a division where one is asked for. Http404 when the viewer may not open it."""
    for place in places:
        if place.profile.pk == profile_id and division_id in (None, place.division.pk):
            return place
    raise Http404


def rankings_of(profile: Profile, *, on: Iterable[dt.date]) -> list[Ranking]:
    """By what the board of a profile may rank: points, percent of goal, each metric scored on one of these days."""
    days = list(on)
    terms = ObjectiveTerms.objects.filter(objective__profile=profile, from_on__lte=max(days)).select_related("metric")
    rows = list(terms.order_by("objective__position", "objective_id", "from_on"))
    in_force = [row for day in days for row in _newest([row for row in rows if row.from_on <= day])]
    metrics = {each.metric_id: each.metric for each in in_force if each.is_active}
    return [
        Ranking(POINTS, _("Points")),
        Ranking(PERCENT, _("Percent of goal"), unit="percent", precision=1),
        *[_ranking_of(metric) for metric in metrics.values()],
    ]


def _newest(rows: Iterable[ObjectiveTerms]) -> Iterable[ObjectiveTerms]:
    """The last row of each objective, of rows in order of `from_on`."""
    return {row.objective_id: row for row in rows}.values()


def _ranking_of(metric) -> Ranking:
    return Ranking(
        metric.key,
        metric.label,
        unit=metric.unit,
        precision=metric.precision,
        currency=metric.currency,
        lower_is_better=metric.better == Better.LOWER,
        metric_id=metric.pk,
        adds_up=metric.aggregation == Aggregation.SUM,
    )


def board_for(viewer, *, place: BoardPlace, span: Span, by: str, on: dt.date, limit: int = LIMIT) -> BoardPage:
    """The board as the viewer may see it. Ranks are over everyone who was scored by the profile, in the division,
    during the span. Http404 for a ranking that the profile does not have.
    """
    rankings = rankings_of(place.profile, on=(span.now.last, on))
    ranking = next((each for each in rankings if each.key == by), None)
    if ranking is None:
        raise Http404
    named, minimum = _people(viewer, on=on), minimum_group(settings.LAUREL_MINIMUM_GROUP)
    is_out = is_out_of_boards(viewer, on=on)
    known = _known(place, span, ranking, viewer_id=viewer.pk, named=frozenset(named), is_out=is_out)
    mask = partial(
        mask_board if known.is_whole else unpublished_board,
        known.figures.standings,
        viewer_id=viewer.pk,
        named=frozenset(named),
        previous=known.before.values,
        lower_is_better=ranking.lower_is_better,
    )
    masked = mask(minimum=minimum, limit=limit, places=ranking.precision) if known.is_whole else mask(why=known.why)
    return BoardPage(place, span, ranking, rankings, masked.with_people(named), minimum, known.made_at, known.own_now)


@dataclass(frozen=True)
class _Known:
    """What a board is made of: the figures, and those before to compare with. `is_whole`: of everyone on it."""

    figures: "Figures"
    before: "Figures"
    is_whole: bool = True
    why: Why = Why.NOTHING_HIDDEN
    made_at: dt.datetime | None = None
    own_now: Value | None = None


def _known(
    place: BoardPlace, span: Span, ranking: Ranking, *, viewer_id: int, named: frozenset[int], is_out: bool
) -> _Known:
    """Live figures where the viewer may see those of everybody; else a published standing; else, live, those of the
    people whose figures they may see.
    """
    seen = named | {viewer_id}
    if named - {viewer_id} and not _days_of(place, span.now).exclude(agent_id__in=seen).exists():
        return _Known(live_figures(place, span.now, ranking), live_figures(place, span.before, ranking))
    publication = None if is_out else publication_of(place, span)
    if publication is None:
        now, before = (live_figures(place, days, ranking, of=seen) for days in (span.now, span.before))
        return _Known(now, before, is_whole=False, why=Why.OPTED_OUT if is_out else Why.NOT_PUBLISHED)
    before = published_figures(publication, ranking, before=True)
    if not span.is_open:
        before = published_figures(publication_of(place, span, before=True), ranking)
    own = live_figures(place, span.now, ranking, of=frozenset({viewer_id})).values.get(viewer_id)
    return _Known(published_figures(publication, ranking), before, made_at=publication.made_at, own_now=own)


def last_day_of(viewer, place: BoardPlace, *, on: dt.date) -> dt.date | None:
    """The last workday on which anyone whose figures the viewer may see stands on a board."""
    days = ScoreDay.objects.filter(profile_id=place.profile.pk, division_id=place.division.pk)
    seen = visible_people(viewer, on=on).order_by().values("pk")
    return days.filter(agent_id__in=seen).aggregate(last=Max("workday"))["last"]


def _people(viewer, *, on: dt.date) -> dict[int, Person]:
    """Everyone whose figures the viewer may see, and so their name on a board."""
    rows = visible_people(viewer, on=on).order_by().values_list("pk", "name", "public_id")
    return {pk: Person(name, public_id) for pk, name, public_id in rows}


@dataclass(frozen=True)
class Figures:
    """The ranked value of each person who has one, and their points."""

    values: dict[int, Value]
    points: dict[int, Sums]

    @property
    def standings(self) -> list[Standing]:
        return standings_for(self.values, self.points)


def live_figures(place: BoardPlace, period: Period, ranking: Ranking, *, of: frozenset[int] | None = None) -> Figures:
    """What the days of a period add up to now, of everyone on the board or of some."""
    points = points_by_agent(place, period, of=of)
    measured = None if ranking.metric_id is None else measured_by_agent(place, period, ranking.metric_id, of=of)
    return Figures(values_for(ranking, points=points, measured=measured), points)


def points_by_agent(place: BoardPlace, period: Period, *, of: frozenset[int] | None = None) -> dict[int, Sums]:
    """Points and maximum of each agent whom the profile scored in the division during a period. One query."""
    return _added_up(_days_of(place, period, of=of), "points", "maximum")


def measured_by_agent(
    place: BoardPlace, period: Period, metric_id: int, *, of: frozenset[int] | None = None
) -> dict[int, Sums]:
    """Total and count of a metric for the same agents and days. One query."""
    return _added_up(_values_of(place, period, of=of).filter(metric_id=metric_id), "total", "count")


def all_measured_by_agent(place: BoardPlace, period: Period) -> dict[int, dict[int, tuple[int, int]]]:
    """Person id → metric id → total and count of every metric, for the same agents and days. One query."""
    sums = _values_of(place, period).order_by().values("agent_id", "metric_id")
    sums = sums.annotate(first=_sum("total"), second=_sum("count"))
    found: dict[int, dict[int, tuple[int, int]]] = {}
    for agent, metric, total, count in sums.values_list("agent_id", "metric_id", "first", "second"):
        found.setdefault(agent, {})[metric] = (int(total), int(count))
    return found


def _values_of(place: BoardPlace, period: Period, *, of: frozenset[int] | None = None):
    """Day values on workdays that count for a board."""
    scored = _days_of(place, period, of=of).filter(agent_id=OuterRef("agent_id"), workday=OuterRef("workday"))
    return DayValue.objects.filter(Exists(scored), workday__gte=period.start, workday__lt=period.end)


# Published standings ----------------------------------------------------------------------------------------------


def publication_of(place: BoardPlace, span: Span, *, before: bool = False) -> Publication | None:
    """The published standing of a span, or of the whole period before it."""
    if span.whole is None:
        return None
    period = span.whole.previous if before else span.whole
    return Publication.objects.filter(profile=place.profile, division=place.division, period=period.key).first()


def published_figures(publication: Publication | None, ranking: Ranking, *, before: bool = False) -> Figures:
    """What a standing held when it was taken, or the standing before it."""
    points: dict[int, Sums] = {}
    measured: dict[int, Sums] = {}
    rows = PublishedSums.objects.filter(publication=publication) if publication else PublishedSums.objects.none()
    columns = ("person_id", "points", "maximum", "measured", "before")
    for person, *now, earlier in rows.order_by().values_list(*columns):
        if before and earlier is None:
            continue
        first, second, sums = earlier if before else now
        points[person] = Sums(first, second)
        if str(ranking.metric_id) in sums:
            measured[person] = Sums(*sums[str(ranking.metric_id)])
    return Figures(values_for(ranking, points=points, measured=measured), points)


def scored_days(division: Division, *, from_on: dt.date, until_on: dt.date) -> list[tuple[int, dt.date]]:
    """(profile id, workday) of every day on which a profile scored somebody in a division. One query."""
    days = ScoreDay.objects.filter(division=division, profile__isnull=False, workday__gte=from_on, workday__lt=until_on)
    return list(days.order_by().values_list("profile_id", "workday").distinct())


def closings_of(division: Division, *, from_on: dt.date) -> dict[dt.date, dt.datetime]:
    """Final workday → when it closed."""
    rows = DivisionDay.objects.filter(division=division, workday__gte=from_on)
    return dict(rows.values_list("workday", "closed_at"))


def places_of_people_on(day: dt.date) -> dict[int, tuple[int | None, int]]:
    """Person id → the profile and the division of a day, of everyone active who does not stay off boards."""
    out = out_of_boards_on(day)
    return {person: place for person, place in scored_places_on(day).items() if person not in out}


# Scored days ------------------------------------------------------------------------------------------------------


def _days_of(place: BoardPlace, period: Period, *, of: frozenset[int] | None = None):
    days = ScoreDay.objects.filter(profile_id=place.profile.pk, division_id=place.division.pk)
    days = days if of is None else days.filter(agent_id__in=of)
    return days.filter(workday__gte=period.start, workday__lt=period.end)


def _added_up(days, first: str, second: str) -> dict[int, Sums]:
    """Two columns of whole numbers added up for each agent."""
    sums = days.order_by().values("agent_id").annotate(first=_sum(first), second=_sum(second))
    return {agent: Sums(int(a), int(b)) for agent, a, b in sums.values_list("agent_id", "first", "second")}


def _sum(field: str) -> Sum:
    return Sum(F(field), output_field=BigIntegerField())
