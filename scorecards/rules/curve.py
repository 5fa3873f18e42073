"""Points over values for a drawing, and worked examples. All points come from `points_for`; nothing is scored here."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .scoring import Measured, Scored, Zone, points_for

WIDTH = 480
HEIGHT = 200
LEFT = 44
RIGHT = 12
TOP = 22
BOTTOM = 30


@dataclass(frozen=True)
class Example:
    """A value in 1e-5 of the metric's unit, and what it scores."""

    value: int
    scored: Scored


@dataclass(frozen=True)
class Piece:
    """One zone of the drawing: its line and the box behind it."""

    kind: str
    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width(self) -> float:
        return round(self.x2 - self.x1, 1)


@dataclass(frozen=True)
class Mark:
    """A bound on the value axis, or a number of points on the other."""

    value: int
    at: float


@dataclass(frozen=True)
class Curve:
    pieces: tuple[Piece, ...]
    bounds: tuple[Mark, ...]
    points: tuple[Mark, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM
    text_bottom: int = HEIGHT - 10
    label_end: int = LEFT - 8
    zone_height: int = HEIGHT - BOTTOM - TOP

    @property
    def jumps(self) -> list[Piece]:
        """The steps between two zones whose points do not meet."""
        pairs = itertools.pairwise(self.pieces)
        return [Piece("", one.x2, one.y2, two.x1, two.y1) for one, two in pairs if one.y2 != two.y1]


def bounds_of(zones: Sequence[Zone]) -> list[int]:
    return sorted({bound for zone in zones for bound in (zone.lower, zone.upper) if bound is not None})


def score_at(value: int, zones: Sequence[Zone], *, percent: int = 100) -> Scored:
    """What a value in 1e-5 of the metric's unit scores, as if measured once."""
    return points_for(Measured(value, 1000), zones, percent=percent)


def examples_of(zones: Sequence[Zone], *, step: int, percent: int = 100) -> list[Example]:
    """Each bound, the values one `step` beside it, and the middle between bounds; in rising order."""
    bounds = bounds_of(zones)
    values = {value for bound in bounds for value in (bound - step, bound, bound + step) if value >= 0}
    values |= {(low + high) // 2 // step * step for low, high in itertools.pairwise(bounds)}
    return [Example(value, score_at(value, zones, percent=percent)) for value in sorted(values)]


def curve_of(zones: Sequence[Zone], *, largest: int | None = None) -> Curve:
    """The drawing of the rule from a little below its lowest bound to a little above its highest one.

    `largest` is the greatest value that makes sense (100 percent); values below zero are not drawn unless a bound is.
    """
    low, high = _range(bounds_of(zones), largest)
    most = max(max(zone.lower_points, zone.upper_points) for zone in zones) or 1
    x = _scale(low, high, LEFT, WIDTH - RIGHT)
    y = _scale(0, most, HEIGHT - BOTTOM, TOP)
    pieces = [_piece(zone, low, high, x, y) for zone in to_both_ends(zones) if _shown(zone, low, high)]
    points = sorted({0, most} | {p for zone in zones for p in (zone.lower_points, zone.upper_points)})
    return Curve(
        tuple(pieces),
        tuple(Mark(bound, x(bound)) for bound in bounds_of(zones)),
        tuple(Mark(value, y(value)) for value in _apart(points, y)),
    )


def to_both_ends(zones):
    """The zones, with the points of an outermost bound going on beyond it."""
    first, last = zones[0], zones[-1]
    if first.lower is not None:
        zones = [Zone(first.kind, None, first.lower, first.lower_points, first.lower_points), *zones]
    if last.upper is not None:
        zones = [*zones, Zone(last.kind, last.upper, None, last.upper_points, last.upper_points)]
    return zones


def _range(bounds, largest):
    first, last = bounds[0], bounds[-1]
    margin = max((last - first) // 4, abs(last) // 4 if first == last else 0, 1)
    low = first - margin if first < 0 else max(0, first - margin)
    high = last + margin
    if largest is not None and last < largest:
        high = min(high, largest)
    return low, high


def _scale(low, high, start, end):
    return lambda value: round(float(start + Fraction(value - low, high - low) * (end - start)), 1)


def _shown(zone, low, high):
    return (zone.lower is None or zone.lower < high) and (zone.upper is None or zone.upper > low)


def _piece(zone, low, high, x, y):
    start = low if zone.lower is None else zone.lower
    end = high if zone.upper is None else zone.upper
    return Piece(str(zone.kind.value), x(start), y(zone.lower_points), x(end), y(zone.upper_points))


def _apart(values, y):
    """Only those labels that do not overprint each other; the highest wins."""
    kept = []
    for value in reversed(values):
        if all(abs(y(value) - y(other)) >= 14 for other in kept):
            kept.append(value)
    return list(reversed(kept))
