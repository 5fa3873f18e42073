"""Reads for badges: what is to be looked at, who may have reached a level, and what a person's page shows."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from django.db import connection
from django.db.models import Exists, Max, OuterRef, QuerySet, Sum

from foundation.periods import Period, ends_at, workday_of
from foundation.records.sets import computed_once
from metrics.models import DayValue, Metric
from people.models import Division, User

from .enums import BadgeKind, BadgePeriod, ZoneKind
from .models import Badge, BadgeAward, BadgeLevel, DivisionDay, Objective, Score, ScoreDay, ScoringSwitch
from .page_queries import METRIC_FIELDS, Subject, raw, workdays_of
from .queries import closing_lag
from .rules import history
from .rules.badges import BadgeRule, Progress, Reached, enough, progress, reached, value_now
from .rules.history import Day, folded
from .rules.scoring import BOUND_UNITS, Measured

AGENTS_AT_ONCE = 400
"""People whose days are read in one query."""


def is_over(period: Period, division: Division, *, at: dt.datetime) -> bool:
    """Whether a period has ended in the division's zone, with the lag of its data."""
    return ready_at(period, division) <= at


def ready_at(period: Period, division: Division) -> dt.datetime:
    return ends_at(period.last, division.zone) + closing_lag()


# Which days count --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Watched:
    """A badge as it is looked at in a division: its rule, and which workdays count."""

    badge: Badge
    rule: BadgeRule
    since: dt.date
    profiles: frozenset[int]
    divisions: frozenset[int]

    @property
    def days(self) -> QuerySet[ScoreDay]:
        """Scored workdays that count, final or not."""
        rows = ScoreDay.objects.filter(profile__isnull=False, workday__gte=self.since).order_by()
        if self.profiles:
            rows = rows.filter(profile__in=self.profiles)
        return rows.filter(division__in=self.divisions) if self.divisions else rows

    def counts(self, day) -> bool:
        """The same of one workday (`WorkdayRow`)."""
        return (
            day.profile_id is not None
            and day.workday >= self.since
            and (not self.profiles or day.profile_id in self.profiles)
            and (not self.divisions or day.division_id in self.divisions)
        )


def watched(badge: Badge, *, reset_on: dt.date | None) -> Watched:
    """A badge whose profiles, divisions, levels and metric are at hand. A reset begins points and streaks anew."""
    since = badge.starts_on or dt.date.min
    if reset_on and (badge.kind == BadgeKind.STREAK or badge.period == BadgePeriod.EVER):
        since = max(since, reset_on)
    profiles = frozenset(profile.pk for profile in badge.profiles.all())
    divisions = frozenset(division.pk for division in badge.divisions.all())
    return Watched(badge, badge.rule, since, profiles, divisions)


def badges_at_hand() -> QuerySet[Badge]:
    """Badges with all that their rules need, in four queries however many."""
    return Badge.objects.select_related("metric").prefetch_related("levels", "profiles", "divisions")


def reset_in(division_id: int, *, on: dt.date) -> dt.date | None:
    """From which day on points and streaks count anew in a division."""
    resets = ScoringSwitch.objects.by(on).filter(division=division_id, is_reset=True)
    return resets.values_list("from_on", flat=True).first()


def is_final() -> Exists:
    return Exists(DivisionDay.objects.filter(division=OuterRef("division"), workday=OuterRef("workday")))


def is_off_target() -> Exists:
    return Exists(Score.objects.filter(agent=OuterRef("agent"), workday=OuterRef("workday"), zone=ZoneKind.OUT))


# Who may have reached a level --------------------------------------------------------------------------------------


def highest_levels(badge: Badge) -> dict[int, int]:
    """Person id → the highest level that they have of a badge."""
    rows = BadgeAward.objects.filter(level__badge=badge).order_by().values("person")
    return dict(rows.annotate(highest=Max("level__number")).values_list("person", "highest"))


def newly_reached(
    one: Watched, division: Division, day: dt.date, *, at: dt.datetime, whole: bool = False
) -> dict[int, list[Reached]]:
    """Person id → levels that they have not got and that their final days reach, among those with data in the division
    on the workday; with `whole`, in the week, month or all time that it belongs to.

    Sums by the set say who may have; only their days are read.
    """
    span = one.rule.span_of(day)
    levels = _levels_by_set(one, division, day, span, whole=whole)
    have = highest_levels(one.badge) if levels else {}
    people = sorted(person for person, level in levels.items() if level > have.get(person, 0))
    found = _decide(one, people, span, over_before=workday_of(at - closing_lag(), division.zone))
    return {person: [each for each in rows if each.level > have.get(person, 0)] for person, rows in found.items()}


def _levels_by_set(one: Watched, division: Division, day: dt.date, span: Period, *, whole: bool) -> dict[int, int]:
    """Person id → the level that a value by the set reaches."""
    if one.rule.kind == BadgeKind.STREAK:
        values = _runs(one, division, day)
    else:
        at_work = one.days.filter(division=division, **(_within(span) if whole else {"workday": day}))
        finished = BadgeAward.objects.filter(level__badge=one.badge, level__number=len(one.rule.thresholds))
        at_work = at_work.exclude(agent__in=finished.values("person"))
        by_set = _metric_values if one.rule.kind == BadgeKind.METRIC else _points
        values = by_set(one, at_work, span)
    return {person: level for person, value in values.items() if (level := one.rule.level_of(value))}


def _points(one: Watched, at_work: QuerySet, span: Period) -> dict[int, int]:
    rows = one.days.filter(is_final(), agent__in=at_work.values("agent"), **_within(span)).values("agent")
    least = -(-one.rule.thresholds[0] // BOUND_UNITS)
    sums = rows.annotate(total=Sum("points")).filter(total__gte=least).values_list("agent", "total")
    return dict(sums)


def _within(span: Period) -> dict:
    return {"workday__gte": span.start, "workday__lt": span.end}


def _metric_values(one: Watched, at_work: QuerySet, span: Period) -> dict[int, Fraction]:
    counted = one.days.filter(is_final(), agent=OuterRef("agent"), workday=OuterRef("workday"))
    rows = DayValue.objects.filter(
        Exists(counted), metric=one.badge.metric_id, agent__in=at_work.values("agent"), **_within(span)
    )
    sums = rows.order_by().values("agent").annotate(all_total=Sum(raw("total")), all_count=Sum(raw("count")))
    found = {}
    for person, total, count in sums.values_list("agent", "all_total", "all_count"):
        measured = [Measured(int(total), int(count))]
        if enough(one.rule, measured):
            found[person] = folded(measured, one.rule.aggregation).value
    return found


def _runs(one: Watched, division: Division, day: dt.date) -> dict[int, int]:
    """How many final days on target in a row hold the workday: between the last and the next that is not, which are
    looked up once a person. It reads no further than these.
    """
    days = ScoreDay._meta.db_table
    broken, edges = f"{_counts_sql(one, 'b')} AND (NOT {_final_sql('b')} OR {_off_sql('b')})", []
    for compare, order in (("<", "DESC"), (">", "ASC")):
        edges.append(
            f"COALESCE((SELECT b.workday FROM {days} b WHERE b.agent_id = d.agent_id AND b.workday {compare} %s"
            f" AND {broken} ORDER BY b.workday {order} LIMIT 1), %s)"
        )
    runs = computed_once(
        f"SELECT d.agent_id, {edges[0]} AS before, {edges[1]} AS after FROM {days} d"
        f" WHERE d.division_id = %s AND d.workday = %s AND {_counts_sql(one, 'd')} AND {_final_sql('d')}"
        f" AND NOT {_off_sql('d')} AND d.agent_id NOT IN (SELECT a.person_id FROM {BadgeAward._meta.db_table} a"
        f" JOIN {BadgeLevel._meta.db_table} l ON l.id = a.level_id WHERE l.badge_id = %s AND l.number = %s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.agent_id, (SELECT COUNT(*) FROM {days} s WHERE s.agent_id = r.agent_id AND s.workday > r.before"
            f" AND s.workday < r.after AND {_counts_sql(one, 's')}) FROM {runs} r",
            [
                *(one.since, day, one.since, dt.date.min, day, one.since, dt.date.max),
                *(division.pk, day, one.since, one.badge.pk, len(one.rule.thresholds)),
            ],
        )
        return dict(cursor.fetchall())


def _counts_sql(one: Watched, alias: str) -> str:
    """`Watched.days` as a test of a row. Takes `since` as parameter."""
    tests = [f"{alias}.profile_id IS NOT NULL", f"{alias}.workday >= %s"]
    for column, ids in (("profile_id", one.profiles), ("division_id", one.divisions)):
        if ids:
            tests.append(f"{alias}.{column} IN ({', '.join(str(pk) for pk in sorted(ids))})")
    return " AND ".join(tests)


def _final_sql(alias: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM {DivisionDay._meta.db_table} f"
        f" WHERE f.division_id = {alias}.division_id AND f.workday = {alias}.workday)"
    )


def _off_sql(alias: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM {Score._meta.db_table} o WHERE o.agent_id = {alias}.agent_id"
        f" AND o.workday = {alias}.workday AND o.zone = '{ZoneKind.OUT.value}')"
    )


def _decide(one: Watched, people: list[int], span: Period, *, over_before: dt.date) -> dict[int, list[Reached]]:
    """The rule itself, over the days of those who may have reached a level."""
    found = {}
    for start in range(0, len(people), AGENTS_AT_ONCE):
        some = people[start : start + AGENTS_AT_ONCE]
        values = _values_of(one, some, span)
        for person, days in _days_of(one, some, span).items():
            found[person] = reached(one.rule, days, values[person], over_before=over_before)
    return found


def _days_of(one: Watched, people: list[int], span: Period) -> dict[int, list[Day]]:
    rows = one.days.filter(agent__in=people, **_within(span))
    found = defaultdict(list)
    for person, workday, points, maximum, closed, off in rows.values_list(
        "agent", "workday", "points", "maximum", is_final(), is_off_target()
    ):
        found[person].append(Day(workday, points, maximum, True, closed, off))
    return found


def _values_of(one: Watched, people: list[int], span: Period) -> dict[int, dict[dt.date, Measured]]:
    found: dict[int, dict[dt.date, Measured]] = defaultdict(dict)
    if one.badge.metric_id:
        rows = DayValue.objects.filter(metric=one.badge.metric_id, agent__in=people, **_within(span))
        for person, workday, total, count in rows.values_list("agent", "workday", raw("total"), raw("count")):
            found[person][workday] = Measured(total, count)
    return found


# What a person's page shows ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EarnedLevel:
    """A level that the person has. `now` is what its days say today; `is_revised`: it would not be reached any more."""

    award: BadgeAward
    now: Fraction | None
    is_revised: bool


@dataclass(frozen=True)
class ShownBadge:
    """A badge as one person has it: levels earned, the easiest first, and the way to the next one, if there is one."""

    badge: Badge
    earned: tuple[EarnedLevel, ...]
    next_level: BadgeLevel | None
    way: Progress | None


@dataclass(frozen=True)
class MetricBest:
    metric: Metric
    workday: dt.date
    value: Fraction


@dataclass(frozen=True)
class BadgesAndBests:
    badges: tuple[ShownBadge, ...]
    bests: tuple[history.Best, ...]
    metric_bests: tuple[MetricBest, ...]


def badges_and_bests(subject: Subject, *, at: dt.datetime) -> BadgesAndBests:
    """Badges that the person has or may earn by their division and profile of today, and their personal bests."""
    today, days = subject.today(at), workdays_of(subject.person)
    badges = list(badges_at_hand())
    awards = _awards_of(subject.person)
    objectives = set(Objective.objects.filter(profile=subject.profile_id).values_list("metric", flat=True))
    values = _all_values(subject.person, {badge.metric_id for badge in badges if badge.metric_id} | objectives)
    shown = [
        _shown(watched(badge, reset_on=subject.reset_on), awards[badge.pk], days, values, today)
        for badge in badges
        if awards[badge.pk] or _may_earn(badge, subject)
    ]
    counted = [day.day for day in days if day.workday >= (subject.reset_on or dt.date.min)]
    bests = _metric_bests({pk: each for pk, each in values.items() if pk in objectives}, counted)
    return BadgesAndBests(tuple(sorted(shown, key=_nearest_first)), tuple(history.bests(counted)), tuple(bests))


def _awards_of(person: User) -> dict[int, list[BadgeAward]]:
    """By badge, the easiest level first."""
    found = defaultdict(list)
    for award in BadgeAward.objects.filter(person=person).select_related("level").order_by("level__number"):
        found[award.level.badge_id].append(award)
    return found


def _all_values(person: User, metrics: set[int]) -> dict[int, tuple[Metric, dict[dt.date, Measured]]]:
    """By metric, in the catalogue's order: the metric and all its day values of a person."""
    rows = DayValue.objects.filter(agent=person, metric__in=metrics, metric__is_active=True)
    found = {}
    for metric_id, workday, total, count, *fields in rows.order_by(
        "metric__position", "metric__name", "metric_id", "workday"
    ).values_list("metric_id", "workday", raw("total"), raw("count"), *[f"metric__{n}" for n in METRIC_FIELDS]):
        if metric_id not in found:
            found[metric_id] = (Metric(pk=metric_id, **dict(zip(METRIC_FIELDS, fields, strict=True))), {})
        found[metric_id][1][workday] = Measured(total, count)
    return found


def _may_earn(badge: Badge, subject: Subject) -> bool:
    profiles = {profile.pk for profile in badge.profiles.all()}
    divisions = {division.pk for division in badge.divisions.all()}
    return (
        badge.is_active
        and bool(badge.levels.all())
        and (not profiles or subject.profile_id in profiles)
        and (not divisions or subject.division_id in divisions)
    )


def _shown(one: Watched, awards: list[BadgeAward], days, values, today: dt.date) -> ShownBadge:
    measured = values.get(one.badge.metric_id, (None, {}))[1]
    levels = {level.number: level for level in one.badge.levels.all()}
    next_level = levels.get(awards[-1].level.number + 1 if awards else 1) if one.badge.is_active else None
    counted = [day.day for day in days if one.counts(day)]
    way = progress(one.rule, next_level.number, counted, measured, today=today) if next_level else None
    plain = [day.day for day in days]
    earned = tuple(_earned(one.rule, award, plain, measured) for award in awards)
    return ShownBadge(one.badge, earned, next_level, way)


def _earned(rule: BadgeRule, award: BadgeAward, days: list[Day], measured) -> EarnedLevel:
    """Resets and changes of who may earn the badge take nothing from what was reached: all scored days are read."""
    now = value_now(rule, award.reached_on, days, measured)
    return EarnedLevel(award, now, now is None or not rule.holds(now, award.level.number))


def _nearest_first(shown: ShownBadge) -> tuple:
    """Earned ones first, the newest at the top; then those that are nearest."""
    newest = max((one.award.reached_on for one in shown.earned), default=dt.date.min)
    return (-newest.toordinal(), -(shown.way.part if shown.way else 0), shown.badge.name)


def _metric_bests(values, days: list[Day]) -> Iterator[MetricBest]:
    """The best final day of each metric that has one."""
    final = {day.workday for day in days if day.is_scored and day.is_closed}
    for metric, measured in values.values():
        inside = {day: value for day, value in measured.items() if day in final}
        best = history.best_value(inside, better=metric.better, aggregation=metric.aggregation)
        if best:
            yield MetricBest(metric, best[0], folded([best[1]], metric.aggregation).value)
