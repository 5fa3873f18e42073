"""Values, statuses and states of goals as people read them."""

from decimal import Decimal
from fractions import Fraction

from django import template
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from foundation.pages.formats import DASH, format_number, format_value
from foundation.periods import Period, parse_period
from scorecards.wording import period_text

from ..enums import GoalStatus
from ..models import Goal

register = template.Library()

STATUSES = {
    GoalStatus.ACHIEVED: ("good", "circle-check"),
    GoalStatus.ON_TRACK: ("good", "check"),
    GoalStatus.AT_RISK: ("near", "circle-dot"),
    GoalStatus.BEHIND: ("bad", "triangle-alert"),
}
STATES = {
    "provisional": ("", "clock", _("provisional")),
    "final": ("", "lock", _("final")),
    "review": ("near", "search", _("in review")),
    "adjusted": ("accent", "pencil", _("adjusted")),
    "voided": ("bad", "circle-x", _("voided")),
}


@register.filter
def of_goal(value, goal: Goal) -> str:
    """A value in the unit of what the goal counts."""
    if goal.metric is None:
        return DASH if value is None else format_number(_decimal(value))
    number = None if value is None else _decimal(value)
    return format_value(number, unit=goal.metric.unit, precision=goal.metric.precision, currency=goal.metric.currency)


def _decimal(value) -> Decimal:
    """Formats take decimals; rules give exact fractions."""
    return Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else Decimal(value)


@register.filter
def in_words(period: Period | str) -> str:
    """A period as people name it: `November 2026`, `Week 47, 16 Nov to 22 Nov 2026`."""
    return period_text(parse_period(period) if isinstance(period, str) else period)


@register.filter
def percent_of_goal(value) -> str:
    return DASH if value is None else format_value(_decimal(value), unit="percent")


@register.filter
def as_float(value) -> float:
    return float(value or 0)


@register.inclusion_tag("goals/status.html")
def goal_status(status: str):
    """A status as word and icon."""
    tone, icon = STATUSES.get(status, ("", "circle-dashed"))
    return {"tone": tone, "icon": icon, "text": capfirst(GoalStatus(status).label if status else _("no result"))}


@register.inclusion_tag("goals/status.html")
def period_state(state: str):
    """What became of a closed period, as word and icon."""
    tone, icon, text = STATES[state]
    return {"tone": tone, "icon": icon, "text": capfirst(text)}
