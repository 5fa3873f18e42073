"""What a person's days say together: streak, usual points, personal bests. Plain values in, plain values out."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from foundation.periods import Kind, Period, period_of
from metrics.enums import Aggregation, Better

from .scoring import Measured

ONE = 1000
"""A count of 1, as it is stored."""
USUAL_WEEKS = 8
"""How many weeks back the usual points look."""
BEST_KINDS = (Kind.DAILY, Kind.WEEKLY, Kind.MONTHLY)
LEAST_VOLUME = 5
"""Of the best day of an average: less is luck."""


@dataclass(frozen=True)
class Day:
    """A workday with data. `below_target` says that an objective with data was off target."""

    workday: dt.date
    points: int
    maximum: int
    is_scored: bool
    is_closed: bool
    below_target: bool = False


@dataclass(frozen=True)
class Best:
    period: Period
    points: int


def streak(days: Iterable[Day], *, until: dt.date) -> int:
    """Scored workdays in a row, up to `until`, on which no objective with data was off target.

    Days without data do not break it. A day that is not final counts when it is on target and breaks nothing yet.
    """
    length = 0
    for day in sorted((day for day in days if day.is_scored and day.workday <= until), key=_workday, reverse=True):
        if not day.below_target:
            length += 1
        elif day.is_closed or length:
            break
    return length


def usual(days: Iterable[Day], period: Period) -> Fraction | None:
    """Mean points of earlier periods of the same kind; for a day, of the same weekday. Only final days count."""
    since = period.start - dt.timedelta(weeks=USUAL_WEEKS)
    if period.kind in BEST_KINDS:
        since = period_of(period.kind, since).start  # whole months: half a one would make the usual look low
    earlier = [day for day in days if day.is_scored and day.is_closed and since <= day.workday < period.start]
    if period.kind is Kind.DAILY:
        sums = [day.points for day in earlier if day.workday.weekday() == period.start.weekday()]
    elif period.kind in BEST_KINDS:
        sums = list(_sums(earlier, period.kind).values())
    else:
        return None
    return Fraction(sum(sums), len(sums)) if sums else None


def bests(days: Iterable[Day]) -> list[Best]:
    """The best final day, week and month by points, the newest of equals; none where nothing was earned."""
    final = [day for day in days if day.is_scored and day.is_closed]
    found = []
    for kind in BEST_KINDS:
        if sums := _sums(final, kind):
            first, points = max(sums.items(), key=lambda item: (item[1], item[0]))
            if points:
                found.append(Best(period_of(kind, first), points))
    return found


def best_value(values: Mapping[dt.date, Measured], *, better: str, aggregation: str) -> tuple[dt.date, Measured] | None:
    """The workday with a metric's best value, the newest of equals.

    A day of an average takes part from a volume of `LEAST_VOLUME` on. A sum where less is better has no best day: it
    would be a day of little work.
    """
    if aggregation == Aggregation.SUM and better == Better.LOWER:
        return None
    least = 0 if aggregation == Aggregation.SUM else LEAST_VOLUME * ONE
    sign = -1 if better == Better.LOWER else 1
    ranked = [(sign * folded([value], aggregation).value, day) for day, value in values.items() if value.count >= least]
    return (day := max(ranked)[1], values[day]) if ranked else None


def folded(values: Iterable[Measured], aggregation: str) -> Measured | None:
    """The value of several days: totals added (SUM), or sum of totals over sum of counts (AVERAGE)."""
    values = list(values)
    if not values:
        return None
    total = sum(value.total for value in values)
    return Measured(total, ONE if aggregation == Aggregation.SUM else sum(value.count for value in values))


def buckets(values: Sequence, most: int) -> list[Sequence]:
    """Consecutive groups of nearly equal size, at most `most` of them."""
    size = max(-(-len(values) // most), 1)
    return [values[start : start + size] for start in range(0, len(values), size)]


def _sums(days: Iterable[Day], kind: Kind) -> dict[dt.date, int]:
    sums: dict[dt.date, int] = {}
    for day in days:
        start = period_of(kind, day.workday).start
        sums[start] = sums.get(start, 0) + day.points
    return sums


def _workday(day: Day) -> dt.date:
    return day.workday
