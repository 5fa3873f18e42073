"""Geometry of the inline SVG charts: plain numbers in, plain numbers out. Templates draw it; colours stand in the CSS.

Every chart takes a label, its text equivalent. No chart uses a style attribute: the CSP forbids them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

RING_RADIUS = 52
RING_LENGTH = 2 * math.pi * RING_RADIUS
SPARK_WIDTH, SPARK_HEIGHT, SPARK_PAD = 100.0, 32.0, 3.0
CURVE_WIDTH, CURVE_HEIGHT, CURVE_PAD = 320.0, 120.0, 14.0


@dataclass(frozen=True)
class Ring:
    filled: float
    """Length of the arc that is drawn; 0 draws none (a round cap would show as a dot)."""
    length: float


def ring(value: float, maximum: float) -> Ring:
    """An arc of value ÷ maximum, at most a full turn."""
    share = min(max(value / maximum, 0), 1) if maximum else 0
    return Ring(filled=round(share * RING_LENGTH, 1), length=round(RING_LENGTH, 1))


@dataclass(frozen=True)
class Spark:
    line: str
    area: str
    mean: float | None
    dot: tuple[float, float] | None
    """The last point."""
    strays: tuple[tuple[float, float], ...]
    """Points without a neighbour, which no line would show."""
    targets: tuple[float, ...] = ()
    """Where the lines of the target lie."""


def spark(values: Sequence[float | None], *, mean: float | None = None, targets: Sequence[float] = ()) -> Spark:
    """A line through the values; None leaves a gap: no data is not zero. Without values nothing is drawn."""
    known = [value for value in [*values, mean, *targets] if value is not None]
    if all(value is None for value in [*values, mean]):
        return Spark("", "", None, None, ())
    low, high = min(known), max(known)
    step = SPARK_WIDTH / max(len(values) - 1, 1)

    def y(value: float) -> float:
        if high == low:
            return SPARK_HEIGHT / 2
        return round(SPARK_HEIGHT - SPARK_PAD - (value - low) / (high - low) * (SPARK_HEIGHT - 2 * SPARK_PAD), 1)

    runs = _runs([None if value is None else (round(n * step, 1), y(value)) for n, value in enumerate(values)])
    drawn = [run for run in runs if len(run) > 1]
    return Spark(
        line=" ".join("M" + " L".join(f"{px},{py}" for px, py in run) for run in drawn),
        area=" ".join(_below(run) for run in drawn),
        mean=None if mean is None else y(mean),
        dot=runs[-1][-1] if runs else None,
        strays=tuple(run[0] for run in runs if len(run) == 1),
        targets=tuple(y(target) for target in targets),
    )


def _below(run: list[tuple[float, float]]) -> str:
    """The outline of the area between a line and the floor."""
    line = " ".join(f"L{px},{py}" for px, py in run)
    return f"M{run[0][0]},{SPARK_HEIGHT:g} {line} L{run[-1][0]},{SPARK_HEIGHT:g}Z"


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """The points, broken where one is missing."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is not None:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


@dataclass(frozen=True)
class Bar:
    filled: float
    """0 to 100."""
    targets: tuple[float, ...]
    """Where the marks of the target stand, 0 to 100."""


def bar(value: float, maximum: float, *, targets: Sequence[float] = ()) -> Bar:
    def share(of: float) -> float:
        return round(min(max(of / maximum, 0), 1) * 100, 1) if maximum else 0.0

    return Bar(filled=share(value), targets=tuple(share(target) for target in targets))


@dataclass(frozen=True)
class CurveZone:
    kind: str
    x: float
    width: float


@dataclass(frozen=True)
class Curve:
    """Points over values: a line for each zone, broken where the points jump."""

    line: str
    zones: tuple[CurveZone, ...]
    here: tuple[float, float] | None
    labels: tuple[tuple[float, str], ...]
    width: float = CURVE_WIDTH
    height: float = CURVE_HEIGHT
    floor: float = CURVE_HEIGHT - CURVE_PAD


def curve(
    zones: Sequence[tuple[str, float | None, float | None, float, float]],
    *,
    here: tuple[float, float] | None = None,
    label=str,
) -> Curve:
    """`zones` are (kind, lower, upper, points at lower, points at upper) in rising order; an open end is None.

    `here` is (value, points) of a mark to draw; `label` turns a bound into its text.
    """
    bounds = sorted({bound for zone in zones for bound in zone[1:3] if bound is not None})
    if not bounds:
        return Curve("", (), None, ())
    reach = (bounds[-1] - bounds[0]) or abs(bounds[0]) or 1
    low, high = bounds[0] - reach * 0.35, bounds[-1] + reach * 0.35
    if here is not None:
        low, high = min(low, here[0]), max(high, here[0])
    top = max((max(zone[3], zone[4]) for zone in zones), default=0) or 1

    def x(value: float) -> float:
        return round((value - low) / (high - low) * (CURVE_WIDTH - 12) + 6, 1)

    def y(points: float) -> float:
        return round(CURVE_HEIGHT - CURVE_PAD - points / top * (CURVE_HEIGHT - 2 * CURVE_PAD), 1)

    lines, bands = [], []
    for kind, lower, upper, lower_points, upper_points in zones:
        left, right = x(low if lower is None else lower), x(high if upper is None else upper)
        lines.append(f"M{left},{y(lower_points)} L{right},{y(upper_points)}")
        bands.append(CurveZone(kind, left, round(right - left, 1)))
    return Curve(
        line=" ".join(lines),
        zones=tuple(bands),
        here=None if here is None else (x(here[0]), y(here[1])),
        labels=tuple((x(bound), str(label(bound))) for bound in bounds),
    )
