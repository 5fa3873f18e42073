"""By what a board ranks: points in total, percent of goal, how much it rose, a goal, or one metric. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from people.rules.privacy import Standing, Value

POINTS = "points"
PERCENT = "percent"
IMPROVED = "improved"
GOAL = "goal-"
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
    target: Fraction | None = None
    """Of a goal: what is 100 %, in the unit of the metric or in points."""
    is_at_most: bool = False
    """Of a goal: whether less is better, so that the share is target ÷ value."""
    members: frozenset[int] | None = None
    """Of a goal: whom it is for."""

    @property
    def reads_points(self) -> bool:
        return self.metric_id is None

    @property
    def compares_periods(self) -> bool:
        return self.key == IMPROVED


@dataclass(frozen=True, slots=True)
class Sums:
    """What one person's days add up to: points and maximum, or total and count of a metric."""

    first: int
    second: int

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.first + other.first, self.second + other.second)


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


def share_of_target(value: Value | None, *, target: Fraction, is_at_most: bool) -> Value | None:
    """A value in percent of a goal's target; None without one, or where nothing is at most something."""
    if value is None:
        return None
    if is_at_most:
        return Fraction(100 * target) / value if value else None
    return Fraction(100 * value) / target if target else None


def value_for(ranking: Ranking, sums: Sums) -> Value | None:
    """The value of one person's sums: points and maximum, or total and count of the ranking's metric."""
    if ranking.metric_id is not None:
        value = value_of_metric(sums, adds_up=ranking.adds_up)
    elif ranking.key in (PERCENT, IMPROVED):
        value = value_by_percent(sums)
    else:
        value = value_by_points(sums)
    if ranking.target is None:
        return value
    return share_of_target(value, target=ranking.target, is_at_most=ranking.is_at_most)


def values_for(
    ranking: Ranking,
    *,
    points: Mapping[int, Sums],
    measured: Mapping[int, Sums] | None = None,
    points_before: Mapping[int, Sums] | None = None,
) -> dict[int, Value]:
    """The ranked value of each person who has one. Who is most improved needs the points of the period before: the
    change of percent of goal, in percentage points, of whoever has both.
    """
    sums = points if ranking.reads_points else measured or {}
    found = {
        who: value
        for who, each in sums.items()
        if (ranking.members is None or who in ranking.members) and (value := value_for(ranking, each)) is not None
    }
    if not ranking.compares_periods:
        return found
    before = {who: value_for(ranking, each) for who, each in (points_before or {}).items()}
    return {who: value - before[who] for who, value in found.items() if before.get(who) is not None}


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
