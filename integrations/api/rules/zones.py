"""Zones as the field draws them: whole numbers in the metric's own unit, open ends left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from scorecards.enums import ObjectiveKind, ZoneKind
from scorecards.rules.scoring import BOUND_UNITS, Zone, round_half_up

WORDS = {"Out": ZoneKind.OUT, "Good": ZoneKind.GOOD, "Target": ZoneKind.TARGET, "Great": ZoneKind.GREAT}
TEMPLATES = {
    "HigherIsBetter": ("Higher is better", ObjectiveKind.HIGHER),
    "LowerIsBetter": ("Lower is better", ObjectiveKind.LOWER),
    "TargetArea": ("Target area", ObjectiveKind.AREA),
}


def _zone(kind: ZoneKind, lower: int | None, upper: int | None, lower_points: int, upper_points: int) -> Zone:
    bounds = (None if bound is None else bound * BOUND_UNITS for bound in (lower, upper))
    return Zone(kind, *bounds, lower_points, upper_points)


TO_BEGIN_WITH = {
    ObjectiveKind.HIGHER: (
        _zone(ZoneKind.OUT, None, 60, 0, 0),
        _zone(ZoneKind.GOOD, 60, 80, 50, 90),
        _zone(ZoneKind.TARGET, 80, None, 100, 100),
    ),
    ObjectiveKind.LOWER: (
        _zone(ZoneKind.TARGET, None, 180, 100, 100),
        _zone(ZoneKind.GOOD, 180, 600, 90, 50),
        _zone(ZoneKind.OUT, 600, None, 0, 0),
    ),
    ObjectiveKind.AREA: (
        _zone(ZoneKind.OUT, None, 20, 0, 0),
        _zone(ZoneKind.GOOD, 20, 40, 50, 90),
        _zone(ZoneKind.TARGET, 40, 60, 100, 100),
        _zone(ZoneKind.GOOD, 60, 80, 90, 50),
        _zone(ZoneKind.OUT, 80, None, 0, 0),
    ),
}
"""Zones to start from, of each type. Whoever makes an objective changes them."""


class Unreadable(ValueError):
    """Raised with a sentence for people when zones are none."""


@dataclass(frozen=True)
class WireZone:
    """A zone on the wire. `direction` is where points go as the value rises."""

    kind: str
    direction: str
    lower: int | None
    upper: int | None
    lower_points: int
    upper_points: int


def to_wire(zones: Sequence[Zone]) -> list[WireZone]:
    """The zones with bounds as whole numbers, rounded half up where a bound is none."""
    words = {ours: word for word, ours in WORDS.items()}
    return [
        WireZone(
            words[zone.kind],
            _direction(zone),
            _whole(zone.lower),
            _whole(zone.upper),
            zone.lower_points,
            zone.upper_points,
        )
        for zone in zones
    ]


def _direction(zone: Zone) -> str:
    if zone.lower_points == zone.upper_points:
        return "Flat"
    return "Up" if zone.upper_points > zone.lower_points else "Down"


def _whole(bound: int | None) -> int | None:
    return None if bound is None else round_half_up(Fraction(bound, BOUND_UNITS))


def from_wire(zones: Sequence[WireZone], *, before: Sequence[Zone] = ()) -> tuple[Zone, ...]:
    """The zones in rising order. A bound that reads as one of `before` is that one exactly, so that what was read and
    sent back changes nothing.
    """
    exact = {_whole(bound): bound for zone in before for bound in (zone.lower, zone.upper) if bound is not None}
    ordered = sorted(
        zones, key=lambda zone: (zone.lower is not None, zone.lower or 0, zone.upper is None, zone.upper or 0)
    )
    last = len(ordered) - 1
    return tuple(
        Zone(
            WORDS[zone.kind],
            _bound(zone.lower, exact, may_be_open=place == 0),
            _bound(zone.upper, exact, may_be_open=place == last),
            zone.lower_points,
            zone.upper_points,
        )
        for place, zone in enumerate(ordered)
    )


def _bound(value: int | None, exact: dict[int, int], *, may_be_open: bool) -> int | None:
    if value is not None:
        return exact.get(value, value * BOUND_UNITS)
    if not may_be_open:
        raise Unreadable("only the first zone may have no lowerLimitValue, and only the last no upperLimitValue")
    return None


def kind_of(template_id: str | None, zones: Sequence[Zone]) -> ObjectiveKind:
    """The type of an objective: its template's, or what its zones look like."""
    if template_id in TEMPLATES:
        return TEMPLATES[template_id][1]
    if template_id:
        raise Unreadable(f"there is no template {template_id}; there are {', '.join(TEMPLATES)}")
    if len(zones) > 4:
        return ObjectiveKind.AREA
    return ObjectiveKind.LOWER if zones and zones[0].best > zones[-1].best else ObjectiveKind.HIGHER


def template_of(kind: str) -> str:
    return next(word for word, (_name, ours) in TEMPLATES.items() if ours == kind)
