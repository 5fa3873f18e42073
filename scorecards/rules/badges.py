"""When a badge's levels are reached, and how far the next one is. Plain values in, plain values out."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from foundation.periods import Kind, Period, period_of
from metrics.enums import Aggregation, Better

from ..enums import BadgeKind, BadgePeriod
from .history import Day, folded
from .scoring import BOUND_UNITS, Measured

MOST_LEVELS = 9
"""Of one badge."""
Values = Mapping[dt.date, Measured]
"""A metric's day values by workday."""


@dataclass(frozen=True)
class BadgeRule:
    """What a badge takes. `thresholds` are whole numbers of 1e-5 points, units or workdays, the easiest level first;
    `minimum_count` of 1e-3.
    """

    kind: str
    period: str
    thresholds: tuple[int, ...]
    better: str = Better.HIGHER
    aggregation: str = Aggregation.SUM
    minimum_count: int = 0

    def holds(self, value: Fraction | int, number: int) -> bool:
        """Whether a value reaches a level, in the metric's better direction."""
        return self.level_of(value) >= number

    def level_of(self, value: Fraction | int) -> int:
        """The highest level that a value reaches; 0 for none."""
        units, reached = value * BOUND_UNITS, 0
        for threshold in self.thresholds:
            if units > threshold if self.better == Better.LOWER else units < threshold:
                break
            reached += 1
        return reached

    @property
    def waits_for_the_end(self) -> bool:
        """Whether a value says nothing before its period is over: points only grow, a metric may turn."""
        return self.kind == BadgeKind.METRIC and self.period != BadgePeriod.DAILY

    @property
    def takes_days_together(self) -> bool:
        """Whether one look at a week, month or all time tells of each of its days."""
        return self.kind != BadgeKind.STREAK and self.period != BadgePeriod.DAILY

    def span_of(self, day: dt.date) -> Period:
        """The workdays that are taken together with one."""
        if self.period in BadgePeriod.whole():
            return period_of(Kind(self.period), day)
        return EVERY_DAY


EVERY_DAY = Period(dt.date.min, dt.date.max)


@dataclass(frozen=True)
class Reached:
    """A level, the workday that brought it, and the value then."""

    level: int
    on: dt.date
    value: Fraction | int


def in_order(thresholds: Iterable[int], better: str) -> list[int]:
    """The easiest first."""
    return sorted(thresholds, reverse=better == Better.LOWER)


def reached(rule: BadgeRule, days: Iterable[Day], values: Values, *, over_before: dt.date) -> list[Reached]:
    """Each level that a person's days reach, with the first workday that does. `days` are those that may count, in any
    order; `values` a metric's. A period of a metric counts once it ended not after `over_before`.
    """
    found: dict[int, Reached] = {}
    for day, value in sorted(_values_in_time(rule, days, values, over_before)):
        for level in range(1, rule.level_of(value) + 1):
            found.setdefault(level, Reached(level, day, value))
    return [found[level] for level in sorted(found)]


def _values_in_time(rule, days, values, over_before) -> Iterator[tuple[dt.date, Fraction | int]]:
    scored = sorted((day for day in days if day.is_scored), key=lambda day: day.workday)
    match rule.kind:
        case BadgeKind.STREAK:
            return _streaks(scored)
        case BadgeKind.METRIC:
            return _metric_values(rule, scored, values, over_before)
        case _:
            return _running_points(rule, scored)


def _running_points(rule: BadgeRule, days: list[Day]) -> Iterator[tuple[dt.date, int]]:
    """The points of the period up to each final day."""
    sums: dict[dt.date, int] = defaultdict(int)
    for day in days:
        if day.is_closed:
            start = rule.span_of(day.workday).start
            sums[start] += day.points
            yield day.workday, sums[start]


def _streaks(days: list[Day]) -> Iterator[tuple[dt.date, int]]:
    """How many final days on target in a row end with each. A day that is not final yet lets nothing count past it."""
    length = 0
    for day in days:
        length = length + 1 if day.is_closed and not day.below_target else 0
        yield day.workday, length


def _metric_values(rule: BadgeRule, days: list[Day], values: Values, over_before) -> Iterator[tuple[dt.date, Fraction]]:
    """The value of each period that is over, all of whose days are final, with enough volume."""
    periods: dict[Period, list[Day]] = defaultdict(list)
    for day in days:
        periods[rule.span_of(day.workday)].append(day)
    for period, inside in periods.items():
        measured = [values[day.workday] for day in inside if day.workday in values]
        if period.end <= over_before and all(day.is_closed for day in inside) and enough(rule, measured):
            last = max(day.workday for day in inside if day.workday in values)
            yield last, folded(measured, rule.aggregation).value


def enough(rule: BadgeRule, measured: list[Measured]) -> bool:
    """Whether there is data, and as much of it as the badge asks."""
    return bool(measured) and sum(value.count for value in measured) >= rule.minimum_count


# What the person sees ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How far one is: the value now (None without data), its volume, and the part of the way, from 0 to 1."""

    value: Fraction | None
    volume: int
    part: Fraction


def progress(rule: BadgeRule, level: int, days: Iterable[Day], values: Values, *, today: dt.date) -> Progress:
    """Towards a level: the streak that stands, what the running period has; for one workday the best so far."""
    days = sorted((day for day in days if day.is_scored), key=lambda day: day.workday)
    final = [day for day in days if day.is_closed]
    if rule.kind == BadgeKind.METRIC:
        return _metric_progress(rule, level, final, values, today)
    if rule.kind == BadgeKind.STREAK:
        value = _standing_streak(days)
    elif rule.period == BadgePeriod.DAILY:
        value = max((day.points for day in final), default=0)
    else:
        span = rule.span_of(today)
        value = sum(day.points for day in final if day.workday in span)
    return Progress(Fraction(value), 0, _part(rule, level, Fraction(value)))


def _standing_streak(days: list[Day]) -> int:
    """The streak that ends with the last final day."""
    while days and not days[-1].is_closed:
        days = days[:-1]
    return max((value for day, value in _streaks(days) if day == days[-1].workday), default=0)


def _metric_progress(rule: BadgeRule, level: int, final: list[Day], values: Values, today: dt.date) -> Progress:
    if rule.period == BadgePeriod.DAILY:
        groups = [[values[day.workday]] for day in final if day.workday in values]
    else:
        span = rule.span_of(today)
        groups = [[values[day.workday] for day in final if day.workday in span and day.workday in values]]
    found = [_towards(rule, level, group) for group in groups if group]
    return max(found, key=lambda one: one.part, default=Progress(None, 0, Fraction(0)))


def _towards(rule: BadgeRule, level: int, measured: list[Measured]) -> Progress:
    """The value of some days. With too little volume, the volume is the part of the way."""
    value, volume = folded(measured, rule.aggregation).value, sum(one.count for one in measured)
    part = _part(rule, level, value)
    if volume < rule.minimum_count:
        part = min(part, Fraction(volume, rule.minimum_count))
    return Progress(value, volume, part)


def _part(rule: BadgeRule, level: int, value: Fraction) -> Fraction:
    threshold = Fraction(rule.thresholds[level - 1], BOUND_UNITS)
    if rule.holds(value, level):
        return Fraction(1)
    part = threshold / value if rule.better == Better.LOWER else value / threshold
    return max(part, Fraction(0))


def value_now(rule: BadgeRule, on: dt.date, days: Iterable[Day], values: Values) -> Fraction | int | None:
    """What the days say today of a level that was reached with a workday; None without data."""
    final = sorted((day for day in days if day.is_scored and day.is_closed), key=lambda day: day.workday)
    if rule.kind == BadgeKind.STREAK:
        return dict(_streaks(final)).get(on)
    span = rule.span_of(on)
    if rule.kind == BadgeKind.METRIC:
        measured = [values[day.workday] for day in final if day.workday in span and day.workday in values]
        return folded(measured, rule.aggregation).value if enough(rule, measured) else None
    last = on if rule.period == BadgePeriod.EVER else span.last
    return sum(day.points for day in final if day.workday in span and day.workday <= last)
