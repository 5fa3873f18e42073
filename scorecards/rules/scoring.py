"""How a day value becomes points. Stated once, here; the set-based SQL is generated from `segments_of`.

A value is `total ÷ count`. `total` is a whole number of 1e-5 of the metric's unit, `count` of 1e-3, bounds are
whole numbers of 1e-5. Inside a zone points lie on a straight line; a jump may stand at a boundary; the boundary
belongs to the better zone; beyond the outermost bounds points stay as they are at that bound. The multiplier is
applied to the exact points, which are then rounded once, half up.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd

from ..enums import ObjectiveKind, ZoneKind

BOUND_UNITS = 100_000
"""Units of a bound in one natural unit."""
SCALE = 1000
"""`total × SCALE ÷ count` is the value in units of a bound."""
WHOLE = 100
"""A multiplier of 100 percent changes nothing."""
MOST_POINTS = 100_000

BETTER = {ZoneKind.OUT: 0, ZoneKind.GOOD: 1, ZoneKind.TARGET: 2, ZoneKind.GREAT: 3}


class InvalidZones(ValueError):
    """Raised with a sentence for people when zones do not form a rule."""


@dataclass(frozen=True)
class Zone:
    """A stretch of values with the points at both ends. An open end is None; the points do not change towards it."""

    kind: ZoneKind
    lower: int | None
    upper: int | None
    lower_points: int
    upper_points: int

    @property
    def best(self) -> int:
        return max(self.lower_points, self.upper_points)


@dataclass(frozen=True)
class Measured:
    """A day value in stored units: `total` in 1e-5 of the metric's unit, `count` in 1e-3, above zero."""

    total: int
    count: int

    @property
    def in_bound_units(self) -> Fraction:
        return Fraction(self.total * SCALE, self.count)

    @property
    def value(self) -> Fraction:
        """In the metric's natural unit."""
        return Fraction(self.total * SCALE, self.count * BOUND_UNITS)


@dataclass(frozen=True)
class Scored:
    """Points of one value, and why: the zone it fell into and the exact points before rounding."""

    points: int
    maximum: int
    zone: Zone
    exact: Fraction
    percent: int = WHOLE

    @property
    def share(self) -> Fraction | None:
        """Points ÷ maximum; None when nothing can be earned."""
        return Fraction(self.points, self.maximum) if self.maximum else None


def round_half_up(value: Fraction) -> int:
    """The nearest whole number; a half rounds away from zero."""
    if value < 0:
        return -round_half_up(-value)
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def points_for(measured: Measured, zones: Sequence[Zone], *, percent: int = WHOLE) -> Scored:
    """Points of a day value. `zones` are valid (`validate_zones`) and cover every value."""
    zone = zone_at(measured.in_bound_units, zones)
    exact = points_on_line(measured.in_bound_units, zone) * percent / WHOLE
    return Scored(round_half_up(exact), maximum_of(zones, percent=percent), zone, exact, percent)


def maximum_of(zones: Iterable[Zone], *, percent: int = WHOLE) -> int:
    """The most points that a value can bring."""
    return round_half_up(Fraction(max(zone.best for zone in zones) * percent, WHOLE))


def zone_at(value: Fraction, zones: Sequence[Zone]) -> Zone:
    """The zone of a value in units of a bound; a value on a boundary is in the better of the two zones."""
    for zone, next_zone in itertools.pairwise(zones):
        if value < zone.upper or (value == zone.upper and boundary_is_below(zone, next_zone)):
            return zone
    return zones[-1]


def boundary_is_below(zone: Zone, next_zone: Zone) -> bool:
    """Whether the boundary of two neighbours belongs to the lower one."""
    return BETTER[zone.kind] > BETTER[next_zone.kind]


def points_on_line(value: Fraction, zone: Zone) -> Fraction:
    """Exact points inside a zone, without the multiplier."""
    if zone.lower is not None and value <= zone.lower:
        return Fraction(zone.lower_points)
    if zone.upper is not None and value >= zone.upper:
        return Fraction(zone.upper_points)
    if zone.lower is None or zone.upper is None:
        return Fraction(zone.lower_points)
    rise = Fraction(zone.upper_points - zone.lower_points, zone.upper - zone.lower)
    return zone.lower_points + rise * (value - zone.lower)


# Whole numbers for set-based SQL ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Segment:
    """One piece of the rule in whole numbers, reduced as far as they go.

    The first segment with `m × total − c × count < e` holds (the last one has no such bound: `m` is None). Its points
    are `(2 × (a × count + b × total) + q × count) ÷ (2 × q × count)`, cut to a whole number.
    """

    kind: ZoneKind
    m: int | None
    c: int | None
    e: int | None
    a: int
    b: int
    q: int

    def holds(self, measured: Measured) -> bool:
        return self.m is None or self.m * measured.total - self.c * measured.count < self.e

    def points(self, measured: Measured) -> int:
        top = 2 * (self.a * measured.count + self.b * measured.total) + self.q * measured.count
        return top // (2 * self.q * measured.count)


def segments_of(zones: Sequence[Zone], *, percent: int = WHOLE) -> tuple[Segment, ...]:
    """The rule of `points_for` as segments in rising order of value."""
    pieces = _with_open_ends(zones)
    bounds = [_bound(*pair) for pair in itertools.pairwise(pieces)] + [(None, None, None)]
    return tuple(Segment(zone.kind, *bound, *_line(zone, percent)) for zone, bound in zip(pieces, bounds, strict=True))


def _with_open_ends(zones: Sequence[Zone]) -> list[Zone]:
    first, last = zones[0], zones[-1]
    pieces = list(zones)
    if first.lower is not None:
        pieces.insert(0, Zone(first.kind, None, first.lower, first.lower_points, first.lower_points))
    if last.upper is not None:
        pieces.append(Zone(last.kind, last.upper, None, last.upper_points, last.upper_points))
    return pieces


def _bound(zone: Zone, next_zone: Zone) -> tuple[int, int, int]:
    """`total × SCALE < bound × count`, or `≤` as `< 1 +` where the boundary belongs to the lower zone."""
    divisor = gcd(SCALE, zone.upper)
    return SCALE // divisor, zone.upper // divisor, int(boundary_is_below(zone, next_zone))


def _line(zone: Zone, percent: int) -> tuple[int, int, int]:
    """a, b and q of `points × percent = (a × count + b × total) ÷ (q × count)`."""
    slope = Fraction(0)
    if zone.lower is not None and zone.upper is not None:
        slope = Fraction((zone.upper_points - zone.lower_points) * percent, (zone.upper - zone.lower) * WHOLE)
    start = Fraction(zone.lower_points * percent, WHOLE) - slope * (zone.lower or 0)
    slope *= SCALE
    q = start.denominator * slope.denominator // gcd(start.denominator, slope.denominator)
    return int(start * q), int(slope * q), q


def safe_limits(segments: Iterable[Segment], *, largest: int = 2**62 - 1) -> tuple[int, int]:
    """The largest |total| and count for which no step of any segment leaves a signed 64-bit number.

    SQLite turns such a product silently into a float; rows beyond are scored by `points_for`.
    """
    segments = list(segments)
    by_total = max(max(abs(s.m or 0), 2 * abs(s.b), 1) for s in segments)
    by_count = max(max(abs(s.c or 0), 2 * abs(s.a) + s.q, 2 * s.q) for s in segments)
    return largest // by_total, largest // by_count


# Zones as they are written and checked ---------------------------------------------------------------------------


def zones_from_json(rows: Iterable[dict]) -> tuple[Zone, ...]:
    """Zones of the stored list. InvalidZones when a row is not one."""
    try:
        return tuple(
            Zone(
                ZoneKind(row["kind"]),
                None if row["lower"] is None else int(row["lower"]),
                None if row["upper"] is None else int(row["upper"]),
                int(row["lower_points"]),
                int(row["upper_points"]),
            )
            for row in rows
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidZones(
            "each zone needs a kind, lower and upper (or null), lower_points and upper_points"
        ) from error


def zones_to_json(zones: Iterable[Zone]) -> list[dict]:
    return [
        {
            "kind": ZoneKind(zone.kind).value,
            "lower": zone.lower,
            "upper": zone.upper,
            "lower_points": zone.lower_points,
            "upper_points": zone.upper_points,
        }
        for zone in zones
    ]


def validate_zones(kind: ObjectiveKind | str, zones: Sequence[Zone]) -> None:
    """Refuses (InvalidZones) what is not a total, never negative rule of its type.

    Zones follow each other without gap or overlap; `out` pays 0; an open end has one number of points; points never
    fall towards better values. In a target area they rise up to its best zone and fall after it.
    """
    if not zones:
        raise InvalidZones("there are no zones")
    _validate_bounds(zones)
    _validate_points(zones)
    _validate_order(ObjectiveKind(kind), zones)


def _validate_bounds(zones: Sequence[Zone]) -> None:
    for zone in zones:
        if zone.lower is not None and zone.upper is not None and zone.lower >= zone.upper:
            raise InvalidZones("a zone's lower value must be below its upper value")
        if max(abs(zone.lower or 0), abs(zone.upper or 0)) >= 2**53:
            raise InvalidZones("a bound is too large")
    for zone, next_zone in itertools.pairwise(zones):
        if zone.upper is None or zone.upper != next_zone.lower:
            raise InvalidZones("each zone must begin where the one before it ends")
        if zone.kind == next_zone.kind:
            raise InvalidZones("two zones of the same kind stand side by side")


def _validate_points(zones: Sequence[Zone]) -> None:
    for zone in zones:
        if not (0 <= zone.lower_points <= MOST_POINTS and 0 <= zone.upper_points <= MOST_POINTS):
            raise InvalidZones(f"points lie between 0 and {MOST_POINTS}")
        if zone.kind is ZoneKind.OUT and zone.best:
            raise InvalidZones("values that are out pay 0 points")
        if (zone.lower is None or zone.upper is None) and zone.lower_points != zone.upper_points:
            raise InvalidZones("a zone without a bound on one side has the same points throughout")


def _validate_order(kind: ObjectiveKind, zones: Sequence[Zone]) -> None:
    if kind is ObjectiveKind.AREA:
        ranks = [BETTER[zone.kind] for zone in zones]
        peak = ranks.index(max(ranks))
        _validate_rising(zones[:peak])
        _validate_rising([_mirrored(zone) for zone in reversed(zones[peak + 1 :])])
        best = zones[peak]
        if any(zone.best > min(best.lower_points, best.upper_points) for zone in zones if zone is not best):
            raise InvalidZones("a better zone must not pay less than a worse one")
        if max(ranks) in (ranks[:peak] + ranks[peak + 1 :]):
            raise InvalidZones("a target area has one best zone")
    elif kind is ObjectiveKind.LOWER:
        _validate_rising([_mirrored(zone) for zone in reversed(zones)])
    else:
        _validate_rising(zones)


def _mirrored(zone: Zone) -> Zone:
    return replace(zone, lower_points=zone.upper_points, upper_points=zone.lower_points)


def _validate_rising(zones: Sequence[Zone]) -> None:
    for zone in zones:
        if zone.lower_points > zone.upper_points:
            raise InvalidZones("points must not fall towards better values")
    for zone, next_zone in itertools.pairwise(zones):
        if BETTER[zone.kind] > BETTER[next_zone.kind]:
            raise InvalidZones("zones must get better towards better values")
        if zone.upper_points > next_zone.lower_points:
            raise InvalidZones("a better zone must not pay less than a worse one")
