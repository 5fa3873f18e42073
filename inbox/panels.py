"""The inbox on the home page."""

import datetime as dt

from foundation.pages.panels import Panel

from .queries import inbox_of, told, unread_count

SHOWN = 3


def panel(viewer, *, at: dt.datetime) -> Panel | None:
    """What the viewer has not read. None where nothing waits."""
    rows = [told(row) for row in inbox_of(viewer).filter(read_at=None)[:SHOWN]]
    return Panel("inbox/panel.html", {"rows": rows, "unread": unread_count(viewer)}) if rows else None
