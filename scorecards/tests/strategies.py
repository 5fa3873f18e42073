"""Rules and day values for property tests."""

from dataclasses import dataclass

from hypothesis import strategies as st

from scorecards.enums import ObjectiveKind, ZoneKind
from scorecards.rules.scoring import Measured, Zone


@dataclass(frozen=True)
class Rule:
    kind: ObjectiveKind
    zones: tuple[Zone, ...]
    percent: int = 100


def _bounds(count: int, largest: int):
    return st.lists(
        st.one_of(st.integers(-largest, largest), st.integers(-1000, 1000).map(lambda n: n * 100_000)),
        min_size=count,
        max_size=count,
        unique=True,
    ).map(sorted)


@st.composite
def rules(draw, *, largest: int = 10**12, most_points: int = 5000) -> Rule:
    """A valid rule of any type, with or without outermost bounds."""
    kind = draw(st.sampled_from(ObjectiveKind))
    percent = draw(st.sampled_from([100, 100, 1, 33, 150, 10_000]))
    half = _rising(draw, largest, most_points)
    if kind is ObjectiveKind.LOWER:
        half = [_mirror(zone) for zone in reversed(half)]
    if kind is ObjectiveKind.AREA:
        half = _area(draw, largest, most_points)
    return Rule(kind, tuple(half), percent)


def _rising(draw, largest, most_points) -> list[Zone]:
    good, target, end = draw(_bounds(3, largest))
    open_end = draw(st.booleans())
    points = sorted(draw(st.lists(st.integers(0, most_points), min_size=4, max_size=4)))
    top = points[2] if open_end else points[3]
    return [
        Zone(ZoneKind.OUT, None, good, 0, 0),
        Zone(ZoneKind.GOOD, good, target, points[0], points[1]),
        Zone(ZoneKind.TARGET, target, None if open_end else end, points[2], top),
    ]


def _area(draw, largest, most_points) -> list[Zone]:
    a, b, c, d = draw(_bounds(4, largest))
    low, high, best, other = sorted(draw(st.lists(st.integers(0, most_points), min_size=4, max_size=4)))
    return [
        Zone(ZoneKind.OUT, None, a, 0, 0),
        Zone(ZoneKind.GOOD, a, b, low, high),
        Zone(ZoneKind.TARGET, b, c, best, other),
        Zone(ZoneKind.GOOD, c, d, high, low),
        Zone(ZoneKind.OUT, d, None, 0, 0),
    ]


def _mirror(zone: Zone) -> Zone:
    """The zone at the values below zero that mirror its own."""
    return Zone(
        zone.kind,
        None if zone.upper is None else -zone.upper,
        None if zone.lower is None else -zone.lower,
        zone.upper_points,
        zone.lower_points,
    )


@st.composite
def measures(draw, *, largest: int = 10**12) -> Measured:
    """Totals of both signs and counts above zero, small and very large, whole ones often."""
    total = draw(st.one_of(st.integers(-largest, largest), st.integers(-1000, 1000).map(lambda n: n * 100_000)))
    count = draw(st.one_of(st.integers(1, 10**7), st.integers(1, 1000).map(lambda n: n * 1000)))
    return Measured(total, count)
