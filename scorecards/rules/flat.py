"""Zones as people write them in a form: up to four bounds and three to five numbers of points. Pure.

Higher is better uses `near_from` and `target_from`, lower is better `target_to` and `near_to`, a target area all four.
Bounds are whole numbers of 1e-5 of the metric's unit. Without a near bound there is no near zone on that side.
Where more (or less) goes on paying, points inside the target change in a straight line up to `best_at`.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from ..enums import ObjectiveKind, ZoneKind
from .scoring import MOST_POINTS, Zone

LOW_SIDE = (ObjectiveKind.HIGHER, ObjectiveKind.AREA)
HIGH_SIDE = (ObjectiveKind.LOWER, ObjectiveKind.AREA)


@dataclass(frozen=True)
class Flat:
    """`edge_points` where the near zone begins, `near_points` next to the target, `target_points` where the target
    begins, `best_points` at `best_at` and beyond. In a target area the upper side of the near zone pays the same
    as the lower one unless `upper_near_points` and `upper_edge_points` say otherwise, and there is no `best_at`.
    """

    kind: str
    target_points: int | None
    near_from: int | None = None
    target_from: int | None = None
    target_to: int | None = None
    near_to: int | None = None
    edge_points: int | None = None
    near_points: int | None = None
    upper_near_points: int | None = None
    upper_edge_points: int | None = None
    best_at: int | None = None
    best_points: int | None = None

    @property
    def below(self) -> tuple[int | None, int | None]:
        """Points of the near zone below the target: at its edge, and next to the target."""
        return self.edge_points, self.near_points

    @property
    def above(self) -> tuple[int | None, int | None]:
        """Points of the near zone above the target: next to the target, and at its edge."""
        if self.kind != ObjectiveKind.AREA:
            return self.near_points, self.edge_points
        return (
            self.near_points if self.upper_near_points is None else self.upper_near_points,
            self.edge_points if self.upper_edge_points is None else self.upper_edge_points,
        )


def problems_of(flat: Flat) -> dict[str, str]:
    """What is wrong, as field → sentence; empty when `zones_of` may be called."""
    return {**_bad_points(flat), **_bad_order(flat), **_missing(flat)}


def _missing(flat):
    found = {}
    if flat.kind in LOW_SIDE and flat.target_from is None:
        found["target_from"] = _("Say from which value on the target is met.")
    if flat.kind in HIGH_SIDE and flat.target_to is None:
        found["target_to"] = _("Say up to which value the target is met.")
    if flat.target_points is None:
        found["target_points"] = _("Say how many points the target pays.")
    if _has_near(flat):
        if flat.edge_points is None:
            found["edge_points"] = _("Say how many points the outer edge of the near zone pays.")
        if flat.near_points is None:
            found["near_points"] = _("Say how many points the near zone pays next to the target.")
    return found | _missing_best(flat)


def _missing_best(flat):
    if flat.kind == ObjectiveKind.AREA or (flat.best_at is None) == (flat.best_points is None):
        return {}
    if flat.best_at is None:
        return {"best_at": _("Say at which value these points are reached.")}
    return {"best_points": _("Say how many points this value pays.")}


def _has_near(flat):
    return (flat.kind in LOW_SIDE and flat.near_from is not None) or (
        flat.kind in HIGH_SIDE and flat.near_to is not None
    )


def _bad_order(flat):
    found = {}
    if flat.kind in LOW_SIDE and _reaches(flat.near_from, flat.target_from):
        found["near_from"] = _("The near zone must begin below the target.")
    if flat.kind in HIGH_SIDE and _reaches(flat.target_to, flat.near_to):
        found["near_to"] = _("The near zone must end above the target.")
    if flat.kind == ObjectiveKind.AREA and _reaches(flat.target_from, flat.target_to):
        found["target_to"] = _("The target must end above the value where it begins.")
    if flat.kind == ObjectiveKind.HIGHER and _reaches(flat.target_from, flat.best_at):
        found["best_at"] = _("The best value must be above the one from which the target is met.")
    if flat.kind == ObjectiveKind.LOWER and _reaches(flat.best_at, flat.target_to):
        found["best_at"] = _("The best value must be below the one up to which the target is met.")
    return found


def _reaches(lower, upper):
    return lower is not None and upper is not None and lower >= upper


def _bad_points(flat):
    names = ["target_points"] if flat.kind == ObjectiveKind.AREA else ["target_points", "best_points"]
    if _has_near(flat):
        names += ["edge_points", "near_points"]
        names += ["upper_edge_points", "upper_near_points"] if flat.kind == ObjectiveKind.AREA else []
    values = {name: getattr(flat, name) for name in names if getattr(flat, name) is not None}
    found = {name: _("Points cannot be negative.") for name, value in values.items() if value < 0}
    found |= {
        name: _("At most %(most)s points.") % {"most": MOST_POINTS}
        for name, value in values.items()
        if value > MOST_POINTS
    }
    return found or _bad_best(flat) | (_bad_rise(flat) if _has_near(flat) else {})


def _bad_best(flat):
    if flat.kind == ObjectiveKind.AREA or flat.best_points is None or flat.target_points is None:
        return {}
    if flat.best_points >= flat.target_points:
        return {}
    return {"best_points": _("The best value must not pay less than the value where the target is first met.")}


def _bad_rise(flat):
    found = {}
    sides = [("", flat.edge_points, flat.near_points)]
    if flat.kind == ObjectiveKind.AREA:
        sides.append(("upper_", flat.above[1], flat.above[0]))
    for prefix, edge, near in sides:
        if edge is not None and near is not None and edge > near:
            found[f"{prefix}edge_points"] = _(
                "The edge of the near zone must not pay more than values next to the target."
            )
        if near is not None and flat.target_points is not None and near > flat.target_points:
            found[f"{prefix}near_points"] = _("The near zone must not pay more than the target.")
    return found


def zones_of(flat: Flat) -> tuple[Zone, ...]:
    """The zones of a flat form without problems."""
    zones = [*_low_zones(flat), _target(flat), *_high_zones(flat)]
    return tuple(zones)


def _low_zones(flat):
    if flat.kind not in LOW_SIDE:
        return []
    if flat.near_from is None:
        return [Zone(ZoneKind.OUT, None, flat.target_from, 0, 0)]
    return [
        Zone(ZoneKind.OUT, None, flat.near_from, 0, 0),
        Zone(ZoneKind.GOOD, flat.near_from, flat.target_from, *flat.below),
    ]


def _target(flat):
    best = flat.target_points if flat.best_points is None else flat.best_points
    if flat.kind == ObjectiveKind.HIGHER:
        return Zone(ZoneKind.TARGET, flat.target_from, flat.best_at, flat.target_points, best)
    if flat.kind == ObjectiveKind.LOWER:
        return Zone(ZoneKind.TARGET, flat.best_at, flat.target_to, best, flat.target_points)
    return Zone(ZoneKind.TARGET, flat.target_from, flat.target_to, flat.target_points, flat.target_points)


def _high_zones(flat):
    if flat.kind not in HIGH_SIDE:
        return []
    if flat.near_to is None:
        return [Zone(ZoneKind.OUT, flat.target_to, None, 0, 0)]
    return [
        Zone(ZoneKind.GOOD, flat.target_to, flat.near_to, *flat.above),
        Zone(ZoneKind.OUT, flat.near_to, None, 0, 0),
    ]


def flat_of(kind: str, zones: tuple[Zone, ...]) -> Flat | None:
    """The flat form of stored zones; None when they say more than the form can (they came another way)."""
    targets = [zone for zone in zones if zone.kind == ZoneKind.TARGET]
    if len(targets) != 1:
        return None
    place = zones.index(targets[0])
    below = next((zone for zone in zones[:place] if zone.kind == ZoneKind.GOOD), None)
    above = next((zone for zone in zones[place + 1 :] if zone.kind == ZoneKind.GOOD), None)
    flat = Flat(
        kind=str(kind),
        near_from=below.lower if below else None,
        near_to=above.upper if above else None,
        **_target_fields(kind, targets[0]),
        **_near_fields(below, above),
    )
    return flat if not problems_of(flat) and zones_of(flat) == tuple(zones) else None


def _target_fields(kind, target):
    if kind == ObjectiveKind.AREA:
        return {"target_from": target.lower, "target_to": target.upper, "target_points": target.lower_points}
    if kind == ObjectiveKind.HIGHER:
        fields = {"target_from": target.lower, "target_points": target.lower_points}
        best_at, best_points = target.upper, target.upper_points
    else:
        fields = {"target_to": target.upper, "target_points": target.upper_points}
        best_at, best_points = target.lower, target.lower_points
    return fields if best_at is None else {**fields, "best_at": best_at, "best_points": best_points}


def _near_fields(below, above):
    """Points of the near zone; those of the upper side only where they differ from the lower side's."""
    if not (below or above):
        return {}
    edge, near = (below.lower_points, below.upper_points) if below else (above.upper_points, above.lower_points)
    fields = {"edge_points": edge, "near_points": near}
    if below and above and (above.upper_points, above.lower_points) != (edge, near):
        fields |= {"upper_near_points": above.lower_points, "upper_edge_points": above.upper_points}
    return fields
