"""Small words of boards: movement, values, changes."""

from django import template
from django.urls import reverse

from foundation.pages.formats import DASH, format_change
from leaderboards.rules.ranking import as_decimal
from leaderboards.tables import shown_value

register = template.Library()


@register.inclusion_tag("leaderboards/movement.html")
def movement(risen):
    """`up 2`, `down 1`, `same rank` with an arrow; nothing where it is unknown or hidden."""
    return {"risen": risen, "places": None if risen is None else abs(risen)}


@register.filter
def shown(value, ranking) -> str:
    """A value of a board with its unit; a dash where it is hidden or unknown."""
    return shown_value(value, ranking)


@register.filter
def shown_change(change, ranking) -> str:
    """A difference of two values of a board, with its sign."""
    if change is None:
        return DASH
    return format_change(as_decimal(change), unit=ranking.unit, precision=ranking.precision, currency=ranking.currency)


@register.filter
def as_number(value):
    """A plain number for charts and formats; None stays None."""
    return None if value is None else as_decimal(value)


@register.filter
def is_better(change, ranking) -> bool:
    return bool(change) and (change < 0) == ranking.lower_is_better


@register.filter
def scorecard_url(public_id) -> str:
    """The scorecard of a person."""
    return reverse("scorecards:scorecard", args=[public_id])
