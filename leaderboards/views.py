"""Boards: the list of those a viewer may open, one of them, and the same rows as a file."""

import datetime as dt
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from foundation.pages.export import csv_response, xlsx_response
from foundation.pages.polling import digest_of, no_change, page, unchanged
from foundation.periods import Kind, Period, period_of
from foundation.periods.spans import Span, SpanKey, parse_span
from people.access import reach
from people.actions import note_looks
from people.enums import Page, Permission
from people.queries import today_of
from people.rules.privacy import Why

from .forms import BEFORE_NAMES, PRESETS, DaysForm, span_name, steps
from .panels import panel
from .queries.boards import OpenBoard, boards_for, may_choose_days, may_open_boards, open_board
from .queries.checks import audit_boards
from .queries.pages import BoardPage, board_for, last_day_of, led_without_figures
from .tables import EXPORT_COLUMNS, AuditTable, BoardTable, audit_rows, export_rows

LONGEST_SEARCH = 80


def index(request):
    """The boards that the viewer may open."""
    places = _places(request)
    own = panel(request.user, at=timezone.now())
    context = {"places": places, "own": own, "only_own": own and len(places) == 1}
    return render(request, "leaderboards/index.html", context)


def board(request, board: int):
    """One board, as a page or as its panel."""
    asked = _asked(request, board)
    shown = _shown(request, asked)
    digest = digest_of(shown.masked, shown.own_now, shown.span, shown.ranking, get_language())
    if unchanged(request, digest):
        return no_change()
    _note(request, shown, Page.BOARD)
    context = _context(request, asked, shown) | {"digest": digest}
    return page(request, "leaderboards/board.html", "panel", context, status=422 if asked.days.errors else 200)


def board_csv(request, board: int):
    return _file(request, board, "csv", csv_response)


def board_xlsx(request, board: int):
    return _file(request, board, "xlsx", xlsx_response)


@dataclass(frozen=True)
class _Asked:
    """What an address asks for, as far as the viewer may ask it."""

    place: OpenBoard
    places: list[OpenBoard]
    today: dt.date
    span: Span
    days: DaysForm
    by: str
    search: str
    with_all: bool
    """Whether people without figures are listed too, as far as the viewer may see them."""


def _places(request) -> list[OpenBoard]:
    if not may_open_boards(request.user):
        raise PermissionDenied
    return boards_for(request.user, on=today_of(request.user, at=timezone.now()))


def _asked(request, pk: int) -> _Asked:
    """Http404 for a board that is not the viewer's; PermissionDenied for days of one's own choice without the right.
    Own days that are wrong show this week, with what is wrong.
    """
    places = _places(request)
    place = open_board(places, pk)
    today = timezone.now().astimezone(place.board.division.zone).date()
    period = request.GET.get("period", SpanKey.THIS_WEEK)
    is_custom = period == SpanKey.CUSTOM
    if is_custom and not may_choose_days(request.user):
        raise PermissionDenied
    days = DaysForm(request.GET if is_custom else None, today=today)
    if days.is_bound and days.is_valid():
        span = days.span
    else:
        span = _parsed(SpanKey.THIS_WEEK if is_custom else period, today)
    search = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    with_all = bool(request.GET.get("all")) and may_choose_days(request.user)
    return _Asked(place, places, today, span, days, request.GET.get("by", ""), search, with_all)


def _parsed(period: str, today: dt.date) -> Span:
    try:
        return parse_span(period, today)
    except (ValueError, OverflowError) as error:
        raise Http404 from error


def _shown(request, asked: _Asked) -> BoardPage:
    on = today_of(request.user, at=timezone.now())
    shown = board_for(request.user, place=asked.place, span=asked.span, by=asked.by, on=on)
    masked = shown.masked
    if asked.with_all and not shown.board.has_team_rows:
        others = led_without_figures(request.user, shown.board, on=on, but=set(masked.person_ids))
        masked = replace(masked, rows=(*masked.rows, *others))
    return replace(shown, masked=masked.found(asked.search) if asked.search else masked)


def _note(request, shown: BoardPage, page: Page) -> None:
    """Keeps whose figures were shown by name."""
    note_looks(request.user, shown.masked.revealed, page, at=timezone.now())


def _context(request, asked: _Asked, shown: BoardPage) -> dict:
    return {
        "board": shown,
        "you": shown.masked.you,
        "search": asked.search,
        "with_all": asked.with_all,
        "may_list_all": may_choose_days(request.user) and not shown.board.has_team_rows,
        "places": asked.places,
        "table": BoardTable.for_request(
            request, shown.masked.rows, ranking=shown.ranking, are_teams=shown.board.has_team_rows
        ),
        "spans": PRESETS,
        "span_name": span_name(shown.span),
        "steps": steps(shown.span, asked.today),
        "before_name": _("the standing before")
        if shown.made_at and shown.span.is_open
        else BEFORE_NAMES[shown.span.key],
        "days": asked.days if may_choose_days(request.user) else None,
        "latest": _latest(request, asked, shown),
        "at": shown.made_at or timezone.now(),
    }


def _latest(request, asked: _Asked, shown: BoardPage) -> Period | None:
    """Where nobody has figures in the days asked for: the latest week of people whose figures the viewer may see."""
    if shown.masked.why is not Why.NO_DATA:
        return None
    last_on = last_day_of(request.user, asked.place.board, on=today_of(request.user, at=timezone.now()))
    return period_of(Kind.WEEKLY, last_on) if last_on else None


def _file(request, board: int, suffix: str, response):
    """The rows of the page, not one more. Own days that are wrong are not found."""
    asked = _asked(request, board)
    if asked.days.errors:
        raise Http404
    shown = _shown(request, asked)
    _note(request, shown, Page.BOARD_FILE)
    name = f"leaderboard-{shown.span.now.start}-{shown.span.now.last}-{shown.ranking.key}.{suffix}"
    return response(name, EXPORT_COLUMNS, export_rows(shown.masked.rows, shown.ranking))


# Who sees which board ------------------------------------------------------------------------------------------------

AUDIT_COLUMNS = ("board", "profile", "division", "team", "queue", "names", "people", "teams_that_see_it", "problems")


def audit(request):
    """Every board with the teams that see it and what is wrong with it, for who configures boards."""
    return render(request, "leaderboards/audit.html", {"table": AuditTable.for_request(request, _audits(request))})


def audit_csv(request):
    return csv_response("leaderboards-audit.csv", AUDIT_COLUMNS, audit_rows(_audits(request)))


def _audits(request) -> list:
    where = reach(request.user, Permission.CONFIGURE_SCORING)
    if not where:
        raise PermissionDenied
    only = None if where.everywhere else Q(division__in=where.divisions)
    return audit_boards(on=today_of(request.user, at=timezone.now()), only=only)
