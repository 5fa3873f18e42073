"""The desk's own cards on the home page: the team, and one's reward points."""

import datetime as dt
from fractions import Fraction

from foundation.pages.panels import Panel
from foundation.periods.spans import SpanKey, span_of
from people.access import may
from people.actions import note_looks
from people.enums import Page, Permission
from people.queries import today_of

from .points_queries import points_of
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
    note_looks(viewer, [row.person_id for row in rows[:SHOWN]], Page.HOME, at=at)
    context = {
        "count": len(view.rows),
        "with_data": len(with_data),
        "percent": Fraction(100 * points, maximum) if maximum else None,
        "rows": rows[:SHOWN],
    }
    return Panel("desk/team_panel.html", context)


def points_panel(viewer, *, at: dt.datetime) -> Panel | None:
    """What the viewer has, what is on its way, and what expires soon. None for whoever never had any points."""
    if not may(viewer, Permission.VIEW_OWN):
        return None
    own = points_of(viewer, on=today_of(viewer, at=at))
    return Panel("desk/points_panel.html", {"own": own}, is_own=True) if own else None
