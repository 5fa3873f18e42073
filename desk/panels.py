"""The team's card on the home page."""

import datetime as dt
from fractions import Fraction

from foundation.pages.panels import Panel
from foundation.periods.spans import SpanKey, span_of
from people.access import may
from people.enums import Permission
from people.queries import today_of

from .queries import team_for

SHOWN = 5


def panel(viewer, *, at: dt.datetime) -> Panel | None:
    """How many of the people one leads have figures this week, and who is furthest from their goal. None for who
    leads nobody.
    """
    if not may(viewer, Permission.VIEW_LED) and not may(viewer, Permission.VIEW_DIVISION):
        return None
    on = today_of(viewer, at=at)
    view = team_for(viewer, span=span_of(SpanKey.THIS_WEEK, on), on=on)
    if not view.rows:
        return None
    with_data = [row for row in view.rows if row.points is not None]
    rows = sorted(with_data, key=lambda row: (row.percent is None, row.percent or 0))
    points, maximum = sum(row.points for row in with_data), sum(row.maximum for row in with_data)
    context = {
        "count": len(view.rows),
        "with_data": len(with_data),
        "percent": Fraction(100 * points, maximum) if maximum else None,
        "rows": rows[:SHOWN],
    }
    return Panel("desk/team_panel.html", context)
