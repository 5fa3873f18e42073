"""Boards: the list of those a viewer may open, one of them, and the same rows as a file."""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from foundation.pages.export import csv_response, xlsx_response
from foundation.pages.polling import digest_of, no_change, page, unchanged
from foundation.periods import Kind, Period, period_of
from foundation.periods.spans import Span, SpanKey, parse_span
from people.actions import note_looks
from people.enums import Page
from people.queries import today_of
from people.rules.privacy import Why

from .forms import BEFORE_NAMES, PRESETS, DaysForm, span_name, steps
from .panels import panel
from .queries import (
    BoardPage,
    BoardPlace,
    board_for,
    board_place,
    boards_for,
    last_day_of,
    may_choose_days,
    may_open_boards,
)
from .tables import EXPORT_COLUMNS, BoardTable, export_rows


def index(request):
    """The boards that the viewer may open."""
    places = _places(request)
    own = panel(request.user, at=timezone.now())
    context = {"places": places, "own": own, "only_own": own and len(places) == 1}
    return render(request, "leaderboards/index.html", context)


def board(request, profile: int):
    """One board, as a page or as its panel."""
    asked = _asked(request, profile)
    shown = _shown(request, asked)
    digest = digest_of(shown.masked, shown.own_now, shown.span, shown.ranking, get_language())
    if unchanged(request, digest):
        return no_change()
    _note(request, shown, Page.BOARD)
    context = _context(request, asked, shown) | {"digest": digest}
    return page(request, "leaderboards/board.html", "panel", context, status=422 if asked.days.errors else 200)


def board_csv(request, profile: int):
    return _file(request, profile, "csv", csv_response)


def board_xlsx(request, profile: int):
    return _file(request, profile, "xlsx", xlsx_response)


@dataclass(frozen=True)
class _Asked:
    """What an address asks for, as far as the viewer may ask it."""

    place: BoardPlace
    places: list[BoardPlace]
    today: dt.date
    span: Span
    days: DaysForm
    by: str


def _places(request) -> list[BoardPlace]:
    if not may_open_boards(request.user):
        raise PermissionDenied
    return boards_for(request.user, on=today_of(request.user, at=timezone.now()))


def _asked(request, profile: int) -> _Asked:
    """Http404 for a board that is not the viewer's; PermissionDenied for days of one's own choice without the right.
    Own days that are wrong show this week, with what is wrong.
    """
    places = _places(request)
    place = board_place(places, profile_id=profile, division_id=_number(request.GET.get("division")))
    today = timezone.now().astimezone(place.division.zone).date()
    period = request.GET.get("period", SpanKey.THIS_WEEK)
    is_custom = period == SpanKey.CUSTOM
    if is_custom and not may_choose_days(request.user):
        raise PermissionDenied
    days = DaysForm(request.GET if is_custom else None, today=today)
    if days.is_bound and days.is_valid():
        span = days.span
    else:
        span = _parsed(SpanKey.THIS_WEEK if is_custom else period, today)
    return _Asked(place, places, today, span, days, request.GET.get("by", "points"))


def _parsed(period: str, today: dt.date) -> Span:
    try:
        return parse_span(period, today)
    except (ValueError, OverflowError) as error:
        raise Http404 from error


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Http404
    return int(text)


def _shown(request, asked: _Asked) -> BoardPage:
    on = today_of(request.user, at=timezone.now())
    return board_for(request.user, place=asked.place, span=asked.span, by=asked.by, on=on)


def _note(request, shown: BoardPage, page: Page) -> None:
    """Keeps whose figures were shown by name."""
    note_looks(request.user, [row.person_id for row in shown.masked.rows if row.person], page, at=timezone.now())


def _context(request, asked: _Asked, shown: BoardPage) -> dict:
    return {
        "board": shown,
        "you": shown.masked.you,
        "places": asked.places,
        "table": BoardTable.for_request(request, shown.masked.rows, ranking=shown.ranking),
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


def _before_name(shown: BoardPage) -> str:
    """With what a board compares."""
    return _("the standing before") if shown.made_at and shown.span.is_open else BEFORE_NAMES[shown.span.key]


def _latest(request, asked: _Asked, shown: BoardPage) -> Period | None:
    """Where nobody has figures in the days asked for: the latest week of people whose figures the viewer may see."""
    if shown.masked.why is not Why.NO_DATA:
        return None
    last_on = last_day_of(request.user, asked.place, on=today_of(request.user, at=timezone.now()))
    return period_of(Kind.WEEKLY, last_on) if last_on else None


def _file(request, profile: int, suffix: str, response):
    """The rows of the page, not one more. Own days that are wrong are not found."""
    asked = _asked(request, profile)
    if asked.days.errors:
        raise Http404
    shown = _shown(request, asked)
    _note(request, shown, Page.BOARD_FILE)
    name = f"leaderboard-{shown.span.now.start}-{shown.span.now.last}-{shown.ranking.key}.{suffix}"
    return response(name, EXPORT_COLUMNS, export_rows(shown.masked.rows, shown.ranking))
