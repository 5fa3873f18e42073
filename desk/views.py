"""Pages that gather: home, a lead's team, workdays with late data."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from foundation.pages.export import csv_response, csv_zip_response, xlsx_response
from foundation.pages.origins import came_from_own_page
from foundation.pages.polling import digest_of, no_change, page, unchanged
from foundation.periods.spans import Span, SpanKey, parse_span
from leaderboards.forms import BEFORE_NAMES, PRESETS, span_name, steps
from people.access import may, require
from people.actions import (
    BACK_AFTER,
    come_back_to_boards,
    forget_page_choice,
    keep_page_choice,
    note_looks,
    object_to_use,
    stay_off_boards,
)
from people.enums import Page, Permission
from people.queries import today_of, zone_of_reader
from scorecards.actions import reopen

from .forms import ObjectionForm, ReopenForm
from .home import home_for
from .my_data_queries import EXPORT_COLUMNS as MEASUREMENT_COLUMNS
from .my_data_queries import everything_about, measurements
from .my_data_queries import my_data as my_data_of
from .points_queries import points_of
from .queries import ZONE_CHOICES, TeamView, Wanted, team_for, trends_of
from .tables import TeamTable, column_choices, export_columns, export_rows
from .wording import shown_trend, zone_choices
from .workday_queries import divisions_within, workdays_for
from .worth_queries import definitions, worth_a_look_for

LONGEST_SEARCH = 80


def home(request):
    """The activity page: each app's own card, and for who leads people without own figures their team first."""
    return render(request, "desk/home.html", {"home": home_for(request.user, at=timezone.now())})


def team(request):
    """The people whom the viewer leads or may look at."""
    asked = _asked(request)
    if "reset" in request.GET:
        return _reset(request)
    view = _view(request, asked)
    table = _table(request, view, asked)
    trends = trends_of(view, span=asked.span)
    digest = digest_of(table.shown, trends, asked, get_language())
    if unchanged(request, digest):
        return no_change()
    _note(request, table, Page.TEAM)
    if came_from_own_page(request) and not request.htmx:
        _keep(request, view, table)
    context = {
        "view": view,
        "table": table,
        "trends": [shown_trend(trend) for trend in trends],
        "asked": asked,
        "is_chosen": bool(request.user.page_choices.get(Page.TEAM)),
        "zones": zone_choices(),
        "columns": column_choices(view),
        "digest": digest,
        "spans": PRESETS,
        "span_name": span_name(asked.span),
        "steps": steps(asked.span, asked.today),
        "before_name": BEFORE_NAMES[asked.span.key],
        "at": timezone.now(),
    }
    return page(request, "desk/team.html", "panel", context)


def _keep(request, view: TeamView, table: TeamTable) -> None:
    """The columns and the order that the address asks for are how the page opens from now on."""
    columns = [name for name, _label in column_choices(view)]
    chosen = [name for name in columns if name in request.GET.getlist("column")]
    kept = {"columns": [] if chosen == columns else chosen} if chosen else {}
    if "sort" in request.GET and table.order_by:
        kept["sort"] = list(dict.fromkeys(table.order_by))
    if kept:
        keep_page_choice(person=request.user, page=Page.TEAM, chosen=kept)


def _reset(request):
    """Forgets the kept columns and order; the rest of the address stays."""
    if came_from_own_page(request):
        forget_page_choice(person=request.user, page=Page.TEAM)
    query = request.GET.copy()
    for name in ("reset", "column", "sort", "page"):
        query.pop(name, None)
    return redirect(f"{reverse('desk:team')}?{query.urlencode()}")


def team_csv(request):
    return _team_file(request, "csv", csv_response)


def team_xlsx(request):
    return _team_file(request, "xlsx", xlsx_response)


def _team_file(request, suffix: str, response):
    """All rows of the page's search, team and zone, in the page's order and columns."""
    asked = _asked(request)
    view = _view(request, asked)
    table = _table(request, view, asked, per_page=max(len(view.rows), 1))
    _note(request, table, Page.TEAM_FILE)
    name = f"team-{asked.span.now.start}-{asked.span.now.last}.{suffix}"
    return response(name, export_columns(table), export_rows(table))


def _note(request, table: TeamTable, page: Page) -> None:
    """Keeps whose figures were shown."""
    note_looks(request.user, [row.person_id for row in table.shown], page, at=timezone.now())


@dataclass(frozen=True)
class _Asked:
    """What the address of the team page asks for; columns and order as they were kept where it names none.
    No columns chosen means all.
    """

    today: dt.date
    span: Span
    wanted: Wanted
    columns: tuple[str, ...]
    sort: tuple[str, ...]


def _asked(request) -> _Asked:
    _require_people(request.user)
    at = timezone.now()
    today = at.astimezone(zone_of_reader(request.user, at=at)).date()
    try:
        span = parse_span(request.GET.get("period", SpanKey.THIS_WEEK), today)
        wanted = _wanted(request.GET)
    except (ValueError, OverflowError) as error:
        raise Http404 from error
    kept = request.user.page_choices.get(Page.TEAM, {})
    columns = request.GET.getlist("column") or kept.get("columns", ())
    return _Asked(today, span, wanted, tuple(columns), tuple(request.GET.getlist("sort") or kept.get("sort", ())))


def _require_people(viewer) -> None:
    """Raises PermissionDenied for whoever may look at nobody but themself."""
    if not (may(viewer, Permission.VIEW_LED) or may(viewer, Permission.VIEW_DIVISION)):
        raise PermissionDenied


def _wanted(query) -> Wanted:
    """ValueError for a team or metric that is no number, and for a zone there is not."""
    zone = query.get("zone", "")
    if zone and zone not in ZONE_CHOICES:
        raise ValueError(zone)
    return Wanted(
        search=query.get("q", "").strip()[:LONGEST_SEARCH],
        team_id=int(query["team"][:18]) if query.get("team") else None,
        metric_id=int(query["metric"][:18]) if query.get("metric") else None,
        zone=zone,
        only_with_data=query.get("data") == "only",
    )


def _view(request, asked: _Asked) -> TeamView:
    return team_for(request.user, span=asked.span, on=asked.today, wanted=asked.wanted)


def _table(request, view: TeamView, asked: _Asked, **options) -> TeamTable:
    if asked.sort:
        options["order_by"] = asked.sort
    return TeamTable.for_request(request, view, chosen=asked.columns, scorecard_period=asked.span.whole.key, **options)


def worth(request):
    """Where one metric improved while its counterpart worsened, and what guards paused, among the viewer's people."""
    _require_people(request.user)
    at = timezone.now()
    found = worth_a_look_for(request.user, on=today_of(request.user, at=at))
    digest = digest_of(found, get_language())
    if unchanged(request, digest):
        return no_change()
    note_looks(request.user, found.person_ids, Page.WORTH_A_LOOK, at=at)
    return page(request, "desk/worth.html", "panel", {"worth": found, "digest": digest, "at": at})


def my_data(request):
    """What Laurel knows about the viewer, who sees it and who looked; and whether they stand on boards."""
    at = timezone.now()
    on = today_of(request.user, at=at)
    form = ObjectionForm(request.POST if "text" in request.POST else None)
    if request.method == "POST" and not form.is_bound:
        _choose_boards(request, on=on, at=at)
        return redirect("desk:my_data")
    if form.is_valid():
        object_to_use(person=request.user, text=form.cleaned_data["text"], at=at)
        messages.success(request, _("Your objection was sent. The answer will stand on this page."))
        return redirect("desk:my_data")
    context = {
        "mine": my_data_of(request.user, on=on),
        "watched": definitions(),
        "back_after": BACK_AFTER.days,
        "contact": settings.LAUREL_PRIVACY_CONTACT,
        "form": form,
        "at": at,
    }
    return render(request, "desk/my_data.html", context, status=422 if form.errors else 200)


def _choose_boards(request, *, on: dt.date, at: dt.datetime) -> None:
    if request.POST.get("boards") == "off":
        stay_off_boards(person=request.user, on=on, at=at)
        messages.success(request, _("You stay off leaderboards from the next standing on."))
    elif request.POST.get("boards") == "on":
        come_back_to_boards(person=request.user, on=on, at=at)
        messages.success(request, _("You come back to the leaderboards in three days."))


@require_safe
def my_data_json(request):
    """Everything about the viewer, as JSON."""
    on = today_of(request.user, at=timezone.now())
    response = JsonResponse(
        everything_about(request.user, on=on), json_dumps_params={"indent": 1, "ensure_ascii": False}
    )
    response["Content-Disposition"] = f'attachment; filename="my-data-{on}.json"'
    return response


@require_safe
def my_data_zip(request):
    """Everything about the viewer, as a CSV for each kind."""
    on = today_of(request.user, at=timezone.now())
    found = everything_about(request.user, on=on)
    return csv_zip_response(f"my-data-{on}.zip", found | {"person": [found["person"]]})


@require_safe
def my_data_csv(request):
    """Every value and score of the viewer, as CSV."""
    on = today_of(request.user, at=timezone.now())
    return csv_response(f"my-data-{on}.csv", MEASUREMENT_COLUMNS, measurements(request.user, on=on))


def points(request):
    """One's own reward points. Nobody sees another person's here."""
    require(request.user, Permission.VIEW_OWN)
    at = timezone.now()
    own = points_of(request.user, on=today_of(request.user, at=at))
    digest = digest_of(own, get_language())
    if unchanged(request, digest):
        return no_change()
    return page(request, "desk/points.html", "panel", {"own": own, "digest": digest, "at": at})


def workdays(request):
    """Which workdays are final, what came too late for them, and leave to take it in."""
    if not (may(request.user, Permission.REOPEN) or may(request.user, Permission.OPERATE)):
        raise PermissionDenied
    form = _reopen_form(request)
    if request.method == "POST":
        require(request.user, Permission.REOPEN)
        if form.is_valid():
            reopen(**form.cleaned_data, by=request.user, at=timezone.now())
            messages.success(request, _("Reopened. What waits is worked in within the next minute."))
            return redirect("desk:workdays")
    view = workdays_for(request.user, at=timezone.now())
    context = {
        "view": view,
        "form": form,
        "watches": may(request.user, Permission.OPERATE),
        "late_days": settings.LAUREL_LATE_DATA_DAYS,
        "at": timezone.now(),
    }
    return render(request, "desk/workdays.html", context, status=422 if form and form.errors else 200)


def _reopen_form(request) -> ReopenForm | None:
    """The form, filled from the address where a row of waiting data led here; None without the right."""
    if not may(request.user, Permission.REOPEN):
        return None
    divisions = divisions_within(request.user, Permission.REOPEN)
    initial = {name: request.GET.get(name) for name in ("division", "from_on", "to_on") if request.GET.get(name)}
    return ReopenForm(request.POST if request.method == "POST" else None, divisions=divisions, initial=initial)
