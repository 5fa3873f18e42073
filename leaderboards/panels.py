"""The excerpt of one's own board on the home page."""

import datetime as dt

from foundation.pages.panels import Panel
from foundation.periods.spans import SpanKey, span_of
from people.actions import note_looks
from people.enums import Page
from people.queries import today_of

from .forms import SPAN_NAMES
from .queries.boards import boards_for, may_open_boards
from .queries.pages import BoardPage, board_for, has_figures
from .tables import BoardTable

TOP = 3


def panel(viewer, *, at: dt.datetime) -> Panel | None:
    """The top of the board of this week, or of last week while this one has no figures yet, with the viewer's row.
    None for whoever stands on neither.
    """
    page = _own_page(viewer, on=today_of(viewer, at=at)) if may_open_boards(viewer) else None
    if page is None:
        return None
    excerpt = page.masked.excerpt(TOP)
    note_looks(viewer, excerpt.revealed, Page.HOME, at=at)
    table = BoardTable(excerpt.rows, ranking=page.ranking, are_teams=page.board.has_team_rows)
    context = {"board": page, "masked": excerpt, "table": table, "span_name": SPAN_NAMES[page.span.key]}
    return Panel("leaderboards/panel.html", context, is_own=True)


def _own_page(viewer, *, on: dt.date) -> BoardPage | None:
    spans = [span_of(key, on) for key in (SpanKey.THIS_WEEK, SpanKey.LAST_WEEK)]
    if not has_figures(viewer, from_on=spans[-1].now.start):
        return None
    place = next((place for place in boards_for(viewer, on=on) if place.is_own), None)
    pages = (board_for(viewer, place=place, span=span, by="", on=on) for span in spans if place)
    found = [page for page in pages if page.masked.you]
    return next((page for page in found if page.masked.you.rank), found[0] if found else None)
