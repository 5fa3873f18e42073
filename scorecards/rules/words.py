"""A rule in words, zone by zone. Pure: `show` turns a value in 1e-5 of the metric's unit into text."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .curve import to_both_ends
from .scoring import Zone, boundary_is_below


@dataclass(frozen=True)
class ZoneInWords:
    kind: str
    values: str
    points: str


def words_of(zones: Sequence[Zone], show: Callable[[int], str]) -> list[ZoneInWords]:
    """One line a zone, in rising order of value: “up to 3:00” and “300 points”."""
    zones = to_both_ends(zones)
    owned = [True, *(not boundary_is_below(*pair) for pair in itertools.pairwise(zones))]
    ends = [*(boundary_is_below(*pair) for pair in itertools.pairwise(zones)), True]
    return [
        ZoneInWords(str(zone.kind.value), _values(zone, from_it, to_it, show), _points(zone))
        for zone, from_it, to_it in zip(zones, owned, ends, strict=True)
    ]


def _values(zone, from_it, to_it, show):
    lower, upper = zone.lower, zone.upper
    if lower is None and upper is None:
        return _("every value")
    if lower is None:
        return (_("up to %(value)s") if to_it else _("below %(value)s")) % {"value": show(upper)}
    if upper is None:
        return (_("from %(value)s") if from_it else _("above %(value)s")) % {"value": show(lower)}
    form = {
        (True, True): _("from %(lower)s up to %(upper)s"),
        (True, False): _("from %(lower)s to below %(upper)s"),
        (False, True): _("above %(lower)s up to %(upper)s"),
        (False, False): _("above %(lower)s to below %(upper)s"),
    }[from_it, to_it]
    return form % {"lower": show(lower), "upper": show(upper)}


def _points(zone):
    if zone.lower_points == zone.upper_points:
        return _("%(points)s points") % {"points": zone.lower_points}
    form = _("%(first)s rising to %(last)s points")
    if zone.lower_points > zone.upper_points:
        form = _("%(first)s falling to %(last)s points")
    return form % {"first": zone.lower_points, "last": zone.upper_points}
