"""Scorecard pages: read the request, one call, answer."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from foundation.pages import export, polling
from foundation.periods import Kind, Period, period_of
from people.access import led_people, may
from people.actions import note_looks
from people.enums import Page, Permission

from . import wording
from .asked import UnreadableQuery, period_from, tried_value
from .badge_pages import badges_page
from .badge_queries import badges_and_bests
from .page_queries import Subject, export_rows, facts_for, metric_for, scorecard_for, subject_for
from .pages import TEAM_PAGE, facts_page, scorecard_page
from .tables import EXPORT_COLUMNS, FACTS_TABLES, export_cells, hidden_columns, xlsx_cells

TEMPLATE = "scorecards/scorecard.html"


@require_safe
def own(request):
    """One's own scorecard. Who has no figures but may see other people's is sent to the team."""
    viewer, at = request.user, timezone.now()
    if not may(viewer, Permission.VIEW_OWN):
        if may(viewer, Permission.VIEW_LED) or may(viewer, Permission.VIEW_DIVISION):
            return redirect(TEAM_PAGE)
        raise PermissionDenied
    subject = subject_for(viewer, viewer.public_id, at=at)
    if not subject.has_figures and led_people(viewer, on=subject.today(at)).exists():
        return redirect(TEAM_PAGE)
    return _scorecard(request, subject, at)


@require_safe
def scorecard(request, public_id):
    """The scorecard of anyone the viewer may see; 404 for everyone else."""
    at = timezone.now()
    return _scorecard(request, subject_for(request.user, public_id, at=at), at)


def _scorecard(request, subject: Subject, at):
    """Page, panel, unchanged poll, or the answer to "what if": one address."""
    today, query = subject.today(at), request.GET
    if request.htmx and query.get("on", today.isoformat()) != today.isoformat():
        return HttpResponseClientRefresh()  # the page follows today, and today is another day
    period, problem = _period(query, today)
    updates = wording.updates_since(subject.changed_at, at) if today in period else None
    digest = polling.digest_of(*subject.stamp, request.user.pk, get_language(), period.key, today, updates)
    if polling.unchanged(request, digest):
        return polling.no_change()
    note_looks(request.user, [subject.person.pk], Page.SCORECARD, at=at)
    shown = scorecard_for(subject, period=period, viewer=request.user, at=at)
    follows_today = not ({"period", "from", "to"} & set(query))
    context = scorecard_page(shown, viewer=request.user, at=at, tried=_tried(query, shown), follows_today=follows_today)
    context |= {"digest": digest, "problem": problem}
    partial = "tried" if query.get("try") else "panel"
    return polling.page(request, TEMPLATE, partial, context, status=400 if problem else 200)


def _period(query, today) -> tuple[Period, str]:
    """The period asked for; today, with a sentence, where it cannot be read."""
    try:
        return period_from(query, today=today), ""
    except UnreadableQuery as error:
        return period_of(Kind.DAILY, today), str(error)


def _tried(query, shown) -> tuple[int, wording.Tried] | None:
    """The objective and the answer to "what if", when one was asked."""
    card = next((card for card in shown.cards if str(card.terms.objective_id) == query.get("try")), None)
    text = query.get("value", "").strip()
    if card is None or not text:
        return None
    try:
        tried = wording.Tried(text, sentence=wording.tried_sentence(card, tried_value(text)))
    except UnreadableQuery as error:
        tried = wording.Tried(text, error=str(error))
    return card.terms.objective_id, tried


@require_safe
def badges(request, public_id):
    """What the person earned, how far they are, and their bests: for them and whoever may see their figures."""
    at = timezone.now()
    subject = subject_for(request.user, public_id, at=at)
    note_looks(request.user, [subject.person.pk], Page.SCORECARD, at=at)
    found = badges_and_bests(subject, at=at)
    return render(request, "scorecards/badges.html", badges_page(subject, found, viewer=request.user))


@require_safe
def facts(request, public_id, key):
    """The interactions, evaluations or readings behind a value, paged."""
    at = timezone.now()
    subject = subject_for(request.user, public_id, at=at)
    metric = metric_for(key)
    if metric is None:
        raise Http404
    try:
        period = period_from(request.GET, today=subject.today(at))
    except UnreadableQuery as error:
        return render(request, "400.html", {"sentence": error}, status=400)
    note_looks(request.user, [subject.person.pk], Page.FACTS, at=at)
    found = facts_for(subject.person, metric, period=period)
    table_class = FACTS_TABLES[found.kind]
    table = table_class.for_request(
        request,
        found.rows(subject.zone),
        caption=wording.period_text(period),
        exclude=hidden_columns(table_class, found.definition, is_own=subject.person.pk == request.user.pk),
    )
    context = facts_page(subject, metric, found, period=period, viewer=request.user) | {"table": table}
    return polling.page(request, "scorecards/facts.html", "table", context)


@require_safe
def download(request, public_id, kind):
    """One row a workday and metric, in natural units and full precision, as CSV or XLSX."""
    at = timezone.now()
    subject = subject_for(request.user, public_id, at=at)
    try:
        period = period_from(request.GET, today=subject.today(at))
    except UnreadableQuery as error:
        return render(request, "400.html", {"sentence": error}, status=400)
    note_looks(request.user, [subject.person.pk], Page.SCORECARD_FILE, at=at)
    rows = export_rows(subject.person, period=period)
    name = f"scorecard-{period.key}.{kind}"
    if kind == "csv":
        return export.csv_response(name, EXPORT_COLUMNS, map(export_cells, rows))
    return export.xlsx_response(name, EXPORT_COLUMNS, map(xlsx_cells, rows), sheet="Scorecard")
