"""Reads of the scorecard pages. A page costs the same few queries whatever it shows."""

import datetime as dt
import uuid
import zoneinfo
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

from django.conf import settings
from django.db import connection
from django.db.models import (
    BigIntegerField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce
from django.http import Http404

from foundation.pages.tables import PagedRows
from foundation.periods import Kind, Period, period_of
from interactions.models import Evaluation, Leg
from metrics.enums import Aggregation, Source
from metrics.models import DayValue, Metric, Reading
from metrics.queries import definition_of, rows_behind
from metrics.rules.definitions import Definition
from people.access import is_led_column, may, reach, visible_people
from people.enums import Permission
from people.models import Division, User
from people.queries import division_id_on, zone_of_reader

from .averages import Average, published_average
from .enums import ScoreReason, ZoneKind
from .models import (
    BadgeAward,
    DayRevision,
    DivisionDay,
    ObjectiveTerms,
    Profile,
    ProfileAssignment,
    Score,
    ScoreDay,
    ScoringSwitch,
)
from .rules import history
from .rules.badges import MOST_LEVELS
from .rules.guards import Guarded, guard_of
from .rules.history import ONE, folded
from .rules.scoring import WHOLE, Measured, Scored, Zone, maximum_of, points_for, zone_at, zones_from_json

TREND_DAYS = 28
LONGEST_COMPARED_DAYS = 92
SHOWN_AWARDS = 3


# Whose scorecard -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Subject:
    """The person whose scorecard it is, with what decides the page, read in one query."""

    person: User
    zone: zoneinfo.ZoneInfo
    division_id: int | None
    profile_id: int | None
    stamp: tuple
    """Changes whenever anything about the person's scored days, their division's final days or their badges does."""
    changed_at: dt.datetime | None
    """When anything about the person's scored days last changed."""
    reset_on: dt.date | None
    scoring_is_on: bool
    is_led: bool
    """Whether the viewer leads the person."""

    @property
    def is_scored(self) -> bool:
        return self.scoring_is_on and self.profile_id is not None

    @property
    def has_figures(self) -> bool:
        return bool(self.stamp[1])

    @property
    def has_badges(self) -> bool:
        return bool(self.stamp[4])

    def today(self, at: dt.datetime) -> dt.date:
        return at.astimezone(self.zone).date()


def subject_for(viewer: User, public_id: uuid.UUID, *, at: dt.datetime) -> Subject:
    """The person with their stamps, when the viewer may see their figures; Http404 otherwise."""
    on = at.astimezone(zone_of_reader(viewer, at=at)).date()
    if public_id == viewer.public_id and may(viewer, Permission.VIEW_OWN):
        people = User.objects.filter(pk=viewer.pk)
    elif reach(viewer, Permission.VIEW_DIVISION).everywhere:
        people = User.objects.filter(public_id=public_id)
    else:
        people = visible_people(viewer, on=on).filter(public_id=public_id)
    people = people.annotate(**_subject_columns(on)).annotate(is_led=is_led_column(viewer, on=on))
    person = people.order_by().first()
    if person is None:
        raise Http404
    return Subject(
        person=person,
        zone=zoneinfo.ZoneInfo(person.zone_name or settings.TIME_ZONE),
        division_id=person.division_today,
        profile_id=person.profile_today,
        stamp=(person.pk, person.days_stamp, person.days_changed_at, person.last_closing, person.last_award),
        changed_at=person.days_changed_at,
        reset_on=person.reset_on,
        scoring_is_on=person.scoring_is_on is not False,
        is_led=bool(person.is_led),
    )


def _with_division(people: QuerySet[User], on: dt.date) -> QuerySet[User]:
    zone = Division.objects.filter(pk=OuterRef("division_today")).values("time_zone")[:1]
    return people.annotate(division_today=division_id_on(on)).annotate(zone_name=Subquery(zone))


def _with_stamps(people: QuerySet[User], on: dt.date) -> QuerySet[User]:
    days = ScoreDay.objects.filter(agent=OuterRef("pk")).order_by().values("agent")
    closings = DivisionDay.objects.filter(division=OuterRef("division_today")).order_by("-pk").values("pk")[:1]
    awards = BadgeAward.objects.filter(person=OuterRef("pk")).order_by("-pk").values("pk")[:1]
    assigned = ProfileAssignment.objects.by(on).filter(person=OuterRef("pk")).values("profile")[:1]
    default = Profile.objects.filter(is_default=True).values("pk")[:1]
    switches = ScoringSwitch.objects.by(on).filter(division=OuterRef("division_today"))
    return people.annotate(
        days_stamp=Subquery(days.annotate(n=Sum(Cast("revision", BigIntegerField()) * MANY_DAYS + 1)).values("n")),
        days_changed_at=Subquery(days.annotate(n=Max("changed_at")).values("n")),
        last_closing=Subquery(closings),
        last_award=Subquery(awards),
        profile_today=Coalesce(Subquery(assigned), Subquery(default), output_field=BigIntegerField()),
        reset_on=Subquery(switches.filter(is_reset=True).values("from_on")[:1]),
        scoring_is_on=Subquery(switches.values("is_on")[:1]),
    )


MANY_DAYS = 2**20
"""More days than a person has: the sum of revisions times this, plus 1 a day, tells both sum and number."""
SOME_DAY = dt.date(1987, 6, 5)
"""Stands for the day in columns that are compiled once."""


def _subject_columns(on: dt.date) -> dict[str, RawSQL]:
    """The columns of `Subject`, from SQL that Django compiled once: composing it takes longer than answering it."""
    given = {SOME_DAY: on, SOME_DAY.isoformat(): on.isoformat()}
    return {
        name: RawSQL(sql, [given.get(param, param) for param in params], output_field=output_field)
        for name, (sql, params, output_field) in _compiled_subject_columns(connection.alias).items()
    }


@lru_cache
def _compiled_subject_columns(alias: str) -> dict[str, tuple]:
    """(SQL, parameters, field) of each column, for `people_user` as the outer table."""
    people = _with_stamps(_with_division(User.objects.order_by(), SOME_DAY), SOME_DAY)
    compiler = people.query.get_compiler(alias)
    compiler.setup_query()
    return {
        name: (*compiler.compile(expression), expression.output_field)
        for name, expression in people.query.annotations.items()
    }


# What the page shows ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WorkdayRow:
    """A workday with data, and how final it is."""

    workday: dt.date
    division_id: int
    profile_id: int | None
    points: int
    maximum: int
    changed_at: dt.datetime
    closed_at: dt.datetime | None
    revised_at: dt.datetime | None
    revised_reason: str
    below_target: bool

    @property
    def state(self) -> str:
        """`so_far`, `final` or `revised`."""
        if self.closed_at is None:
            return "so_far"
        return "revised" if self.revised_at else "final"

    @property
    def day(self) -> history.Day:
        return history.Day(
            self.workday, self.points, self.maximum, self.profile_id is not None, self.closed_at is not None,
            self.below_target,
        )  # fmt: skip


@dataclass(frozen=True)
class CardDay:
    """One workday of an objective."""

    workday: dt.date
    measured: Measured
    points: int
    maximum: int
    zone: str
    is_paused: bool
    terms_id: int


@dataclass(frozen=True)
class Before:
    """What a value is compared with, and of which period it is."""

    measured: Measured
    period: Period


@dataclass(frozen=True)
class Card:
    """One objective over a period. `measured` is None without data, which is not zero."""

    terms: ObjectiveTerms
    zones: tuple[Zone, ...]
    days: tuple[CardDay, ...]
    measured: Measured | None
    by_day: Measured | None
    """What the zones judge: the period's value, or for a sum over several days the mean of a workday."""
    before: Before | None
    trend: tuple[tuple[dt.date, Fraction], ...]
    guard: Guarded | None
    """The guard on the last workday shown, where the objective has one."""

    @property
    def metric(self) -> Metric:
        return self.terms.metric

    @property
    def points(self) -> int:
        return sum(day.points for day in self.days)

    @property
    def maximum(self) -> int:
        """What the days with data could bring; without any, what one workday could."""
        return sum(day.maximum for day in self.days) if self.days else maximum_of(self.zones)

    @property
    def is_paused(self) -> bool:
        return bool(self.days) and all(day.is_paused for day in self.days)

    @property
    def paused_days(self) -> int:
        return sum(day.is_paused for day in self.days)

    @property
    def percent(self) -> int:
        """The multiplier of the last workday, found again from its maximum: 100 is none."""
        if not self.days:
            return WHOLE
        percents = [WHOLE, *(multiplier.percent for multiplier in self.terms.multipliers.all())]
        return next((p for p in percents if maximum_of(self.zones, percent=p) == self.days[-1].maximum), WHOLE)

    @cached_property
    def zone(self) -> Zone | None:
        return zone_at(self.by_day.in_bound_units, self.zones) if self.by_day else None

    def scored_at(self, measured: Measured) -> Scored:
        """Points of one workday at another value, by the same rule."""
        return points_for(measured, self.zones, percent=self.percent)


@dataclass(frozen=True)
class PlainFigure:
    """A metric with data and without an objective."""

    metric: Metric
    measured: Measured
    before: Before | None
    trend: tuple[tuple[dt.date, Fraction], ...]


@dataclass(frozen=True)
class Scorecard:
    subject: Subject
    period: Period
    today: dt.date
    days: tuple[WorkdayRow, ...]
    """All workdays of the person with data, oldest first."""
    cards: tuple[Card, ...]
    figures: tuple[PlainFigure, ...]
    compared_with: Period | None
    profile_average: Average | None
    awards: tuple[BadgeAward, ...]
    """The newest badges."""

    @cached_property
    def shown_days(self) -> list[WorkdayRow]:
        return [day for day in self.days if day.workday in self.period]

    @property
    def points(self) -> int:
        return sum(day.points for day in self.shown_days)

    @property
    def maximum(self) -> int:
        return sum(day.maximum for day in self.shown_days)

    @property
    def state(self) -> str | None:
        """None without data. One day that can still change makes the period `so_far`."""
        states = {day.state for day in self.shown_days}
        if not states:
            return None
        if "so_far" in states or self.is_open:
            return "so_far"
        return "revised" if "revised" in states else "final"

    @property
    def is_open(self) -> bool:
        """Whether the period is not over: its sums still grow."""
        return self.today in self.period

    @property
    def as_of(self) -> dt.datetime | None:
        return max((day.changed_at for day in self.shown_days), default=None)

    @property
    def last_revision(self) -> WorkdayRow | None:
        return max((d for d in self.shown_days if d.state == "revised"), key=lambda d: d.revised_at, default=None)

    @cached_property
    def counted_days(self) -> list[history.Day]:
        """Scored days since the last reset."""
        reset_on = self.subject.reset_on or dt.date.min
        return [row.day for row in self.days if row.workday >= reset_on]

    @property
    def all_time_points(self) -> int:
        return sum(day.points for day in self.counted_days)

    @property
    def streak(self) -> int:
        return history.streak(self.counted_days, until=min(self.period.last, self.today))

    @property
    def usual(self) -> Fraction | None:
        return history.usual(self.counted_days, self.period)

    @property
    def bests(self) -> list[history.Best]:
        return history.bests(self.counted_days)

    @property
    def trend(self) -> list[WorkdayRow]:
        """Scored days up to the period's end; those of the period where it is long."""
        scored = [day for day in self.days if day.profile_id and day.workday <= self.period.last]
        start = min(self.period.start, self.period.end - dt.timedelta(TREND_DAYS))
        return [day for day in scored if day.workday >= start]


def scorecard_for(subject: Subject, *, period: Period, viewer: User, at: dt.datetime) -> Scorecard:
    """Everything the page shows of a person whom the viewer may see, in seven queries, eight for whoever has badges."""
    today = at.astimezone(subject.zone).date()
    before = compared_with(period)
    start = min(before.start if before else period.start, period.end - dt.timedelta(TREND_DAYS))
    days = workdays_of(subject.person)
    values = _day_values(subject.person, start, period.end)
    scores = _scores(subject.person, start, period.end)
    terms = _terms_for(subject, period, days, scores, today)
    cards = _cards(terms, period, before, values, scores)
    with_objective = {card.metric.pk for card in cards}
    return Scorecard(
        subject=subject, period=period, today=today, days=days, cards=cards,
        figures=_figures(values, with_objective, period, before), compared_with=before,
        profile_average=profile_average(subject, period), awards=newest_awards(subject, most=SHOWN_AWARDS),
    )  # fmt: skip


def cards_for(subject: Subject, *, period: Period, at: dt.datetime) -> tuple[Card, ...]:
    """The cards that the page shows for a period, without what the page compares them with. In five queries."""
    days = workdays_of(subject.person)
    scores = _scores(subject.person, period.start, period.end)
    terms = _terms_for(subject, period, days, scores, subject.today(at))
    return _cards(terms, period, None, _day_values(subject.person, period.start, period.end), scores)


def counted_days(subject: Subject) -> list[history.Day]:
    """The person's scored days since the last reset, oldest first. One query."""
    reset_on = subject.reset_on or dt.date.min
    return [row.day for row in workdays_of(subject.person) if row.workday >= reset_on]


def compared_with(period: Period) -> Period | None:
    """What a period is compared with: the one before. None for very long ones."""
    return period.previous if len(period) <= LONGEST_COMPARED_DAYS else None


def workdays_of(person: User) -> tuple[WorkdayRow, ...]:
    """All workdays of a person with data, oldest first."""
    closed = DivisionDay.objects.filter(division=OuterRef("division"), workday=OuterRef("workday")).values("closed_at")
    revisions = DayRevision.objects.filter(agent=OuterRef("agent"), workday=OuterRef("workday")).order_by("-at")
    out = Score.objects.filter(agent=OuterRef("agent"), workday=OuterRef("workday"), zone=ZoneKind.OUT)
    rows = (
        ScoreDay.objects.filter(agent=person)
        .order_by("workday")
        .values_list(
            "workday", "division_id", "profile_id", "points", "maximum", "changed_at", Subquery(closed[:1]),
            Subquery(revisions.values("at")[:1]), Subquery(revisions.values("reason")[:1]), Exists(out),
        )
    )  # fmt: skip
    return tuple(WorkdayRow(*row) for row in rows)


Values = dict[int, tuple[Metric, dict[dt.date, Measured]]]


def _day_values(person: User, start: dt.date, end: dt.date) -> Values:
    """By metric: the metric (with the fields a page shows) and its values by workday, in [start, end)."""
    rows = (
        DayValue.objects.filter(agent=person, workday__gte=start, workday__lt=end, metric__is_active=True)
        .order_by("metric__position", "metric__name", "metric_id", "workday")
        .values_list("metric_id", "workday", raw("total"), raw("count"), *[f"metric__{n}" for n in METRIC_FIELDS])
    )
    found: Values = {}
    for metric_id, workday, total, count, *fields in rows:
        if metric_id not in found:
            found[metric_id] = (Metric(pk=metric_id, **dict(zip(METRIC_FIELDS, fields, strict=True))), {})
        found[metric_id][1][workday] = Measured(total, count)
    return found


METRIC_FIELDS = (
    "key", "name", "description", "unit", "currency", "precision", "better", "aggregation", "source", "dividend",
    "divisor", "factor", "lag_minutes", "narrowed_from_id",
)  # fmt: skip


def raw(name: str) -> ExpressionWrapper:
    """The stored whole number of a UnitField."""
    return ExpressionWrapper(F(name), output_field=BigIntegerField())


def _scores(person: User, start: dt.date, end: dt.date) -> list[tuple]:
    """(workday, objective id, terms id, points, maximum, zone, reason) in [start, end), oldest first."""
    return list(
        Score.objects.filter(agent=person, workday__gte=start, workday__lt=end)
        .order_by("workday")
        .values_list("workday", "objective_id", "terms_id", "points", "maximum", "zone", "reason")
    )


def _terms_for(subject, period, days, scores, today) -> list[tuple[ObjectiveTerms, bool]]:
    """The terms to show, in the profile's order: those in force on the period's last day, then others that scored."""
    on = min(period.last, today)
    profile_id = next((day.profile_id for day in reversed(days) if day.workday in period), subject.profile_id)
    scored = {row[1] for row in scores if row[0] in period}
    rows = (
        ObjectiveTerms.objects.filter(Q(objective__profile_id=profile_id) | Q(objective_id__in=scored))
        .filter(from_on__lte=on)
        .select_related("objective__metric", "metric", "queue", "guard_metric")
        .prefetch_related("multipliers")
        .order_by("objective__position", "objective_id", "-from_on")
    )
    found: dict[int, ObjectiveTerms] = {}
    for terms in rows:
        found.setdefault(terms.objective_id, terms)
    return [
        terms
        for terms in found.values()
        if terms.objective_id in scored or (terms.is_active and terms.objective.profile_id == profile_id)
    ]


def _cards(terms, period, before, values: Values, scores) -> tuple[Card, ...]:
    by_objective = defaultdict(list)
    for row in scores:
        by_objective[row[1]].append(row)
    return tuple(_card(one, period, before, values, by_objective[one.objective_id]) for one in terms)


def _card(terms: ObjectiveTerms, period: Period, before: Period | None, values: Values, scores: list[tuple]) -> Card:
    measured = values.get(terms.metric_id, (None, {}))[1]
    days = tuple(
        CardDay(workday, measured[workday], points, maximum, zone, reason == ScoreReason.GUARDED, terms_id)
        for workday, _objective, terms_id, points, maximum, zone, reason in scores
        if workday in period and workday in measured
    )
    shown = {day: value for day, value in measured.items() if day in period}
    total = folded(shown.values(), terms.metric.aggregation)
    return Card(
        terms=terms,
        zones=zones_from_json(terms.zones),
        days=days,
        measured=total,
        by_day=_by_day(total, len(shown), terms.metric.aggregation),
        before=earlier(measured, period, before, terms.metric.aggregation),
        trend=tuple((day, value.value) for day, value in measured.items() if day < period.end),
        guard=_guard(terms, values, days[-1].workday if days else None),
    )


def _guard(terms: ObjectiveTerms, values: Values, workday: dt.date | None) -> Guarded | None:
    if terms.guard_metric_id is None:
        return None
    bound = ObjectiveTerms._meta.get_field("guard_bound").to_units(terms.guard_bound)
    return guard_of(values.get(terms.guard_metric_id, (None, {}))[1].get(workday), terms.guard_operator, bound)


def _figures(
    values: Values, with_objective: set[int], period: Period, before: Period | None
) -> tuple[PlainFigure, ...]:
    found = []
    for metric, measured in values.values():
        if metric.pk in with_objective or metric.narrowed_from_id:
            continue
        shown = folded([value for day, value in measured.items() if day in period], metric.aggregation)
        if shown:
            trend = tuple((day, value.value) for day, value in measured.items())
            found.append(PlainFigure(metric, shown, earlier(measured, period, before, metric.aggregation), trend))
    return tuple(found)


def _by_day(total: Measured | None, days: int, aggregation: str) -> Measured | None:
    if total is None or aggregation != Aggregation.SUM:
        return total
    return Measured(total.total, ONE * days)


def earlier(measured: dict, period: Period, before: Period | None, aggregation: str) -> Before | None:
    """The value to compare with: the period before; for a day, the last workday with data before it."""
    if before is None:
        return None
    if period.kind is Kind.DAILY:
        known = [day for day in measured if day < period.start]
        return Before(measured[max(known)], period_of(Kind.DAILY, max(known))) if known else None
    value = folded([value for day, value in measured.items() if day in before], aggregation)
    return Before(value, before) if value else None


def profile_average(subject: Subject, period: Period) -> Average | None:
    """What was published of the people of the person's profile in their division; of whole periods only."""
    if subject.profile_id is None or period.kind is Kind.CUSTOM:
        return None
    return published_average(subject.profile_id, subject.division_id, period)


def newest_awards(subject: Subject, *, most: int, since: dt.date | None = None) -> tuple[BadgeAward, ...]:
    """The person's newest awards; of a badge only the highest level of these. Whoever has none costs no query."""
    if not subject.has_badges:
        return ()
    rows = BadgeAward.objects.filter(person=subject.person).select_related("level__badge")
    if since:
        rows = rows.filter(reached_on__gte=since)
    found: dict[int, BadgeAward] = {}
    for award in rows.order_by("-reached_on", "-level__number", "-pk")[: most * MOST_LEVELS]:
        found.setdefault(award.level.badge_id, award)
    return tuple(found.values())[:most]


# Files -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ExportRow:
    """One workday and metric. Points, maximum and zone are None where the metric is not an objective that day."""

    workday: dt.date
    metric: str
    unit: str
    total: int
    count: int
    points: int | None
    maximum: int | None
    zone: str | None
    state: str


def export_rows(person: User, *, period: Period) -> Iterator[ExportRow]:
    """Every metric with data, day by day: those of the catalogue, and narrowed ones that an objective reads."""
    states = {row.workday: row for row in workdays_of(person) if row.workday in period}
    revised = set(
        DayRevision.objects.filter(agent=person, workday__gte=period.start, workday__lt=period.end).values_list(
            "workday", "metric_id"
        )
    )
    scores = _scores_by_metric(person, period)
    rows = (
        DayValue.objects.filter(agent=person, workday__gte=period.start, workday__lt=period.end, metric__is_active=True)
        .order_by("workday", "metric__position", "metric__key")
        .values_list(
            "workday", "metric_id", "metric__key", "metric__unit", "metric__narrowed_from", raw("total"), raw("count")
        )
    )
    for workday, metric_id, key, unit, narrowed_from, total, count in rows:
        score = scores.get((workday, metric_id))
        if narrowed_from and score is None:
            continue
        day = states.get(workday)
        closed = day is not None and day.closed_at is not None
        state = ("revised" if (workday, metric_id) in revised else "final") if closed else "so_far"
        yield ExportRow(workday, key, unit, total, count, *(score or (None, None, None)), state)


def _scores_by_metric(person: User, period: Period) -> dict[tuple[dt.date, int], tuple[int, int, str]]:
    """Points, maximum and zone by workday and metric; two objectives that read one metric are added."""
    rows = Score.objects.filter(agent=person, workday__gte=period.start, workday__lt=period.end).values_list(
        "workday", "terms__metric_id", "points", "maximum", "zone"
    )
    found: dict[tuple[dt.date, int], tuple[int, int, str]] = {}
    for workday, metric_id, points, maximum, zone in rows:
        known = found.get((workday, metric_id), (0, 0, zone))
        found[workday, metric_id] = (known[0] + points, known[1] + maximum, known[2])
    return found


# What lies behind a value ----------------------------------------------------------------------------------------


def metric_for(key: str) -> Metric | None:
    metrics = Metric.objects.select_related("narrow_queue", "narrowed_from")
    return metrics.prefetch_related("conditions", "narrowed_from__conditions").filter(key=key, is_active=True).first()


@dataclass(frozen=True)
class Facts:
    """The rows behind a metric of a person in a period, newest first; never the customer key."""

    kind: str
    """`legs`, `evaluations` or `readings`."""
    queryset: QuerySet
    definition: Definition | None
    """What the metric asks; None where its values come from outside."""

    def rows(self, zone: zoneinfo.ZoneInfo) -> PagedRows:
        """Finished rows with times in a zone, for a table that asks for one page."""
        make = ROW_MAKERS[self.kind]
        return PagedRows(self.queryset, lambda row: make(row, zone))


def facts_for(person: User, metric: Metric, *, period: Period) -> Facts:
    """The legs or evaluations that the metric counts, or its readings."""
    if metric.source == Source.EXTERNAL:
        inside = {"agent": person, "workday__gte": period.start, "workday__lt": period.end}
        return Facts("readings", Reading.objects.filter(metric=metric, **inside).order_by("-at", "-pk"), None)
    definition = definition_of(metric)
    rows = rows_behind(definition, agent=person, from_on=period.start, to_on=period.last)
    if definition.reads_evaluations:
        return Facts("evaluations", rows.select_related("evaluator").order_by("-workday", "-pk"), definition)
    return Facts("legs", rows.select_related("queue").defer("customer_key").order_by("-started_at", "-pk"), definition)


def _leg_row(leg: Leg, zone: zoneinfo.ZoneInfo) -> dict:
    return {
        "started_at": leg.started_at.astimezone(zone),
        "workday": leg.workday,
        "media_type": leg.get_media_type_display(),
        "direction": leg.get_direction_display() if leg.direction else None,
        "queue": leg.queue.name if leg.queue else None,
        "wait": leg.wait_seconds,
        "talk": leg.talk_seconds,
        "hold": leg.hold_seconds,
        "after_call": leg.after_call_seconds,
        "handle": leg.handle_seconds,
        "answered": leg.answered,
        "resolved": leg.resolved,
        "transferred": leg.transferred,
        "abandoned": leg.abandoned,
        "rating": leg.rating,
        "charge": leg.charge,
        "wrap_up": leg.wrap_up,
        "is_above": leg.is_above,
        "ask": leg.external_id,
    }


def _evaluation_row(evaluation: Evaluation, zone: zoneinfo.ZoneInfo) -> dict:
    return {
        "workday": evaluation.workday,
        "form": evaluation.form or None,
        "score": evaluation.score,
        "maximum": evaluation.maximum,
        "evaluator": evaluation.evaluator.name if evaluation.evaluator else None,
        "is_above": evaluation.is_above,
    }


def _reading_row(reading: Reading, zone: zoneinfo.ZoneInfo) -> dict:
    return {
        "at": reading.at.astimezone(zone),
        "workday": reading.workday,
        "kind": reading.get_kind_display(),
        "value": reading.value,
        "count": reading.count,
        "source": reading.source,
    }


ROW_MAKERS = {"legs": _leg_row, "evaluations": _evaluation_row, "readings": _reading_row}
