"""Pages of imports: upload, say what the columns mean, watch, report. For those who may import, and nobody else."""

import contextlib
import functools
import zoneinfo
from dataclasses import replace
from pathlib import PurePath

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from foundation.pages.export import csv_response
from foundation.pages.polling import digest_of, no_change, page, unchanged
from people.access import require
from people.enums import Permission

from . import actions, queries
from .actions import uploads
from .enums import Status
from .forms import FORMATS, ChooseMappingForm, ColumnsForm, KindForm, SaveMappingForm, TextForm, UploadForm
from .models import ISSUES_KEPT, Import
from .rules import answers
from .rules.mapping import MappingError, data_of
from .tables import ImportsTable, IssuesTable, preview_page

NEWEST = 500
SHOWN = 1000
"""Rows that could not be read that a page shows; the CSV has all that are kept."""
MEGABYTE = 1 << 20
FORM_OVERHEAD = MEGABYTE
"""Bytes of an upload that are not the files themselves."""


def importers(view):
    """The page is for those who may import: anyone else gets 403."""

    @functools.wraps(view)
    def checked(request, *args, **kwargs):
        require(request.user, Permission.IMPORT)
        return view(request, *args, **kwargs)

    return checked


@require_safe
@importers
def index(request):
    table = ImportsTable.for_request(request, queries.imports_by_date()[:NEWEST])
    return render(request, "imports/index.html", {"table": table})


# Upload -----------------------------------------------------------------------------------------------------------


@csrf_exempt  # `_upload` checks the token: that reads the body, and how large it is must be looked at before
@importers
def new(request):
    if request.method != "POST":
        return _upload_page(request, UploadForm())
    if _is_too_large(request):
        return _upload_page(request, UploadForm(), refused=_too_large(), status=413)
    return _upload(request)


def _is_too_large(request) -> bool:
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    return length > settings.LAUREL_IMPORT_MAX_MB * MEGABYTE + FORM_OVERHEAD


@csrf_protect
def _upload(request):
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _upload_page(request, form, status=422)
    try:
        run = uploads.upload(form.uploads(), by=request.user, at=timezone.now())
    except actions.ImportRefused as error:
        return _upload_page(request, form, refused=str(error), status=422)
    return redirect("imports:detail", run.public_id)


def _upload_page(request, form, *, refused="", status=200):
    most = settings.LAUREL_IMPORT_MAX_MB
    context = {
        "form": form,
        "refused": refused,
        "max_mb": most,
        "max_bytes": most * MEGABYTE,
        "too_large_text": _too_large(),
    }
    return render(request, "imports/new.html", context, status=status)


@csrf_exempt  # as above: `_put_tables` checks the token
@require_POST
@importers
def tables(request, public_id):
    """Files for the tables that the mapping joins, to be added or replaced."""
    run = _waiting(public_id)
    if _is_too_large(request):
        return _mapping_page(request, run, refused=_too_large(), status=413)
    return _put_tables(request, run)


@csrf_protect
def _put_tables(request, run):
    for table in queries.tables_of(run, mapping_text=run.mapping_text):
        if file := request.FILES.get(f"table-{table.name}"):
            uploads.put_table(run, name=table.name, file=file)
    return redirect("imports:mapping", run.public_id)


def _too_large() -> str:
    return _(
        "These files have more than %(mb)d MB together; nothing was uploaded. Split the log into parts, import it on "
        "the server with the command import_interactions, or let the administrator raise LAUREL_IMPORT_MAX_MB."
    ) % {"mb": settings.LAUREL_IMPORT_MAX_MB}


# What the columns mean --------------------------------------------------------------------------------------------


@require_safe
@importers
def detail(request, public_id):
    run = _run(public_id)
    return _mapping_page(request, run) if run.status == Status.UPLOADED else _run_page(request, run)


@require_http_methods(["GET", "HEAD", "POST"])
@importers
def mapping(request, public_id):
    """Shows the mapping; a post takes it as it is in the form, then does what the button says.

    An import that was started meanwhile, in another tab or by a click that overtook the preview, stays as it is.
    """
    run = _run(public_id)
    if not queries.may_start(run):
        return no_change() if request.htmx else redirect("imports:detail", run.public_id)
    if request.method != "POST":
        return _mapping_page(request, run)
    columns = actions.preview(run, mapping_text=run.mapping_text).columns
    form = _mapping_form(request, run, columns, data=request.POST)
    if not form.is_valid():
        return _mapping_page(request, run, form=form, status=422)
    text = form.cleaned_data["mapping_text"] if isinstance(form, TextForm) else form.mapping_text()
    uploads.draft(run, mapping_text=text)
    try:
        return _do(request, run, text)
    except actions.ImportRefused as error:
        return _mapping_page(request, run, refused=str(error), status=422)


def _do(request, run, text):
    do, at = request.POST.get("do", "preview"), timezone.now()
    if do == "save":
        name = SaveMappingForm(request.POST)
        if not name.is_valid():
            return _mapping_page(request, run, save_form=name, status=422)
        saved = actions.save_mapping(name=name.cleaned_data["name"], text=text, by=request.user, at=at)
        messages.success(request, _("The mapping is saved as “%(name)s”.") % {"name": saved.name})
    elif do in ("check", "start"):
        _start(request, run, dry_run=do == "check", at=at)
        return redirect("imports:detail", run.public_id)
    elif request.htmx:
        context = {"preview": preview_page(actions.preview(run, mapping_text=text))}
        return page(request, "imports/mapping.html", "preview", context)
    return redirect(_mapping_path(run, as_text=request.GET.get("as") == "text"))


def _start(request, run, *, dry_run: bool, at) -> None:
    """Starts it; one that another tab started meanwhile goes on as it is."""
    with contextlib.suppress(actions.AlreadyStarted):
        actions.start(run, mapping_text=run.mapping_text, mapping=run.mapping, dry_run=dry_run, by=request.user, at=at)


@require_POST
@importers
def kind(request, public_id):
    """Begins a mapping of another kind, with the same file and agents."""
    run = _waiting(public_id)
    form = KindForm(request.POST)
    if form.is_valid():
        data = _data(run.mapping_text) or {}
        uploads.draft(run, mapping_text=answers.text_of(answers.of_kind(data, form.cleaned_data["kind"])))
    return redirect("imports:mapping", run.public_id)


@require_POST
@importers
def use(request, public_id):
    """Takes a saved mapping for this file."""
    run = _waiting(public_id)
    form = ChooseMappingForm(request.POST)
    if form.is_valid():
        saved = form.cleaned_data["mapping"]
        uploads.draft(run, mapping_text=saved.text, mapping=saved)
    return redirect("imports:mapping", run.public_id)


def _mapping_page(request, run: Import, *, form=None, save_form=None, refused="", status=200):
    text = run.mapping_text
    seen = actions.preview(run, mapping_text=text)
    form = form or _mapping_form(request, run, seen.columns)
    rows = list(form.rows()) if isinstance(form, ColumnsForm) else []
    unused = [row for row in rows if not (row["used"] or row["required"])]
    context = {
        "run": run,
        "columns_url": _mapping_path(run),
        "text_url": _mapping_path(run, as_text=True),
        "files": run.files.all(),
        "tables": queries.tables_of(run, mapping_text=text),
        "as_text": isinstance(form, TextForm),
        "form": form,
        "used_rows": [row for row in rows if row not in unused],
        "unused_rows": unused,
        "metric_fields": form.metric_fields() if rows else [],
        "preview": preview_page(_said_plainly(seen, form)),
        "kind_form": KindForm(initial={"kind": (_data(text) or {}).get("kind", run.kind)}),
        "choose_form": ChooseMappingForm() if queries.saved_mappings().exists() else None,
        "save_form": save_form or SaveMappingForm(initial={"name": run.mapping.name if run.mapping else ""}),
        "refused": refused,
        "formats": FORMATS,
        "zones": sorted(zoneinfo.available_timezones()),
    }
    return render(request, "imports/mapping.html", context, status=status)


def _said_plainly(seen: actions.Preview, form) -> actions.Preview:
    """Where the form lacks what must be given, the preview says so in the form's words, not in the text's."""
    missing = form.missing() if isinstance(form, ColumnsForm) else []
    if not (seen.error and missing):
        return seen
    names = ", ".join(f"“{label}”" for label in missing)
    return replace(seen, error=_("Choose the columns for %(names)s; then the rows show here.") % {"names": names})


def _mapping_form(request, run: Import, columns, *, data=None):
    """The form for the columns; the text where it was asked for, or where the form cannot show it."""
    text = run.mapping_text
    if request.GET.get("as") == "text" or _data(text) is None:
        return TextForm(data, initial={"mapping_text": text})
    return ColumnsForm(data, text=text, columns=columns, metrics=queries.metrics_for_readings())


def _data(text: str) -> dict | None:
    try:
        return data_of(text)
    except MappingError:
        return None


# Watching and the report ------------------------------------------------------------------------------------------


@require_POST
@importers
def cancel(request, public_id):
    run = _run(public_id)
    actions.cancel(run, by=request.user, at=timezone.now())
    return redirect("imports:detail", run.public_id)


@require_POST
@importers
def again(request, public_id):
    """Starts it once more with the same files and mapping: for real after a dry run, or to complete it after a stop."""
    run = _waiting(public_id)
    try:
        _start(request, run, dry_run=False, at=timezone.now())
    except actions.ImportRefused as error:
        messages.error(request, str(error))
    return redirect("imports:detail", run.public_id)


@require_POST
@importers
def discard(request, public_id):
    """Takes away an upload that was never started, with its files."""
    run = _run(public_id)
    if run.status != Status.UPLOADED:
        raise Http404
    uploads.discard(run)
    messages.success(request, _("The upload is discarded."))
    return redirect("imports:index")


@require_safe
@importers
def refused(request, public_id):
    run = _run(public_id)
    stem = PurePath(str(run)).stem.encode("ascii", "ignore").decode().replace('"', "") or "import"
    return csv_response(f"{stem}-refused.csv", queries.ISSUE_COLUMNS, queries.issue_rows(run))


def _run_page(request, run: Import):
    digest = digest_of(run.status, run.rows_taken, run.rows_refused, run.cancel_asked_at, request.LANGUAGE_CODE)
    if unchanged(request, digest):
        return no_change()
    if request.htmx and run.is_finished:
        return HttpResponseClientRefresh()
    issues = queries.issues_of(run)[:SHOWN] if run.is_finished and run.rows_refused else None
    hidden = ["file"] if len(run.files.all()) == 1 else []
    context = {
        "run": run,
        "run_url": _path(run),
        "digest": digest,
        "heading": _heading(run),
        "say": _("%(percent)d%% read") % {"percent": run.percent},
        "counts": _counts(run),
        "lines": _lines(run),
        "issues_table": IssuesTable.for_request(request, issues, exclude=hidden) if issues is not None else None,
        "kept": ISSUES_KEPT,
        "shown": SHOWN,
        "may_start": queries.may_start(run),
    }
    return page(request, "imports/run.html", "run", context)


def _heading(run: Import) -> str:
    match run.status:
        case Status.QUEUED | Status.RUNNING:
            return _("Checking the rows …") if run.dry_run else _("Importing …")
        case Status.CANCELLED:
            return _("Stopped. What went in before stays in.")
        case Status.FAILED:
            return _("The import could not go on")
    if run.dry_run:
        return _("What an import would do")
    return _("Everything was there already") if not run.rows_new and not run.rows_changed else _("Imported")


def _counts(run: Import) -> list[tuple[str, int]]:
    return [
        (_("New"), run.rows_new),
        (_("Changed"), run.rows_changed),
        (_("Unchanged"), run.rows_unchanged),
        (_("Left out by the mapping"), run.rows_left_out),
        (_("Refused"), run.rows_refused),
    ]


def _lines(run: Import) -> list[str]:
    """Sentences below the counts."""
    lines = []
    if run.first_workday and run.is_finished:
        span = {"first": date_format(run.first_workday), "last": date_format(run.last_workday or run.first_workday)}
        lines.append(_("Workdays from %(first)s to %(last)s.") % span)
    if number := run.people_created:
        would = ngettext("%(number)d person would be created.", "%(number)d people would be created.", number)
        were = ngettext("%(number)d person was created.", "%(number)d people were created.", number)
        lines.append((would if run.dry_run else were) % {"number": number})
    if run.status in (Status.CANCELLED, Status.FAILED) and run.last_line:
        lines.append(
            _("The last line taken is %(line)d. Importing again goes through the file from the start and completes it.")
            % {"line": run.last_line}
        )
    return lines


# Shared -----------------------------------------------------------------------------------------------------------


def _run(public_id) -> Import:
    return get_object_or_404(queries.imports_by_date(), public_id=public_id)


def _waiting(public_id) -> Import:
    """An import that can be started; 404 for any other."""
    run = _run(public_id)
    if not queries.may_start(run):
        raise Http404
    return run


def _path(run: Import) -> str:
    return reverse("imports:detail", args=[run.public_id])


def _mapping_path(run: Import, *, as_text: bool = False) -> str:
    return reverse("imports:mapping", args=[run.public_id]) + ("?as=text" if as_text else "")
