"""The team's goal on the home page."""

import datetime as dt

from foundation.pages.panels import Panel
from people.access import may
from people.enums import Permission
from people.queries import today_of

from .queries.seen import live_goals_for

MOST = 2


def panel(viewer, *, at: dt.datetime) -> Panel | None:
    """The viewer's own goals, team goals first. None for whoever belongs to none."""
    if not may(viewer, Permission.VIEW_OWN):
        return None
    goals = [goal for goal in live_goals_for(viewer, at=at, on=today_of(viewer, at=at)) if goal.is_member]
    goals.sort(key=lambda goal: goal.goal.scope != "team")
    return Panel("goals/panel.html", {"goals": goals[:MOST]}, is_own=True) if goals else None
