"""By what a board ranks: points in total, percent of goal, or one metric. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from people.rules.privacy import Standing, Value

POINTS = "points"
PERCENT = "percent"
TOTAL_UNITS = 10**5
"""Totals of day values are stored in 1e-5 of the metric's unit, counts in 1e-3."""
UNITS_BY_COUNT = 10**2


@dataclass(frozen=True)
class Ranking:
    """What a board ranks by. `key` stands in the address; a metric's own settings say how its value is shown."""

    key: str
    name: str
    unit: str = ""
    precision: int = 0
    currency: str = ""
    lower_is_better: bool = False
    metric_id: int | None = None
    adds_up: bool = False
    """Whether the metric's value over days is the sum of its totals, rather than totals over counts."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What one person's days add up to: points and maximum, or total and count of a metric."""

    first: int
    second: int


def value_by_points(sums: Sums) -> Value | None:
    return sums.first


def value_by_percent(sums: Sums) -> Value | None:
    """Points in percent of what could be reached; None where nothing could."""
    return Fraction(100 * sums.first, sums.second) if sums.second else None


def value_of_metric(sums: Sums, *, adds_up: bool) -> Value | None:
    """Sums over sums, in the metric's unit: never a mean of means."""
    if adds_up:
        return Fraction(sums.first, TOTAL_UNITS)
    return Fraction(sums.first, sums.second * UNITS_BY_COUNT) if sums.second else None


def values_for(
    ranking: Ranking, *, points: Mapping[int, Sums], measured: Mapping[int, Sums] | None = None
) -> dict[int, Value]:
    """The ranked value of each person who has one."""
    if ranking.metric_id is not None:
        found = {who: value_of_metric(sums, adds_up=ranking.adds_up) for who, sums in (measured or {}).items()}
    elif ranking.key == PERCENT:
        found = {who: value_by_percent(sums) for who, sums in points.items()}
    else:
        found = {who: value_by_points(sums) for who, sums in points.items()}
    return {who: value for who, value in found.items() if value is not None}


def standings_for(values: Mapping[int, Value], points: Mapping[int, Sums]) -> list[Standing]:
    """One standing a person with a value. Whoever has no value is not listed."""
    nothing = Sums(0, 0)
    return [
        Standing(who, value, points=points.get(who, nothing).first, maximum=points.get(who, nothing).second)
        for who, value in values.items()
    ]


def as_decimal(value: Value) -> Decimal:
    """A value for formats and files, exact to 28 digits."""
    fraction = Fraction(value)
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)
