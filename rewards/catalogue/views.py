"""The catalogue for whoever spends points, their own requests, and the requests that somebody decides."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from foundation.pages.export import csv_response
from foundation.pages.formats import format_number
from foundation.pages.tables import PagedRows
from ledger.actions import NotEnoughPoints
from people.access import may, require
from people.actions import note_looks
from people.enums import Page, Permission

from . import actions
from .enums import RequestStatus, Step
from .forms import AskForm, QueueFilter, StepForm
from .models import Picture, Request
from .queries import card_for, decides, offered_items, own_balance, requests_for, requests_of, shelf_for, steps_for
from .tables import COLUMNS, OwnTable, QueueTable, export_rows

A_YEAR_SECONDS = 365 * 24 * 60 * 60


@login_not_required  # customers see pictures in their survey; a picture is found by its digest only
@require_safe
def picture(request, digest):
    """A picture as Laurel encoded it. Its address changes with its content, so that it may be kept for ever."""
    found = get_object_or_404(Picture, digest=digest)
    response = HttpResponse(bytes(found.content), content_type="image/webp")
    response["Cache-Control"] = f"public, max-age={A_YEAR_SECONDS}, immutable"
    response["Content-Disposition"] = f'inline; filename="{found.digest[:12]}.webp"'
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_safe
def index(request):
    """What the viewer's points buy."""
    require(request.user, Permission.VIEW_OWN)
    category, only_affordable = request.GET.get("category", ""), request.GET.get("affordable") == "1"
    shelf = shelf_for(request.user, at=timezone.now(), category=category, only_affordable=only_affordable)
    context = {"shelf": shelf, "category": category, "only_affordable": only_affordable}
    return render(request, "catalogue/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request, item):
    """The question whether to ask for an item, and the answer."""
    require(request.user, Permission.VIEW_OWN)
    at = timezone.now()
    found = get_object_or_404(offered_items(request.user, at=at), public_id=item)
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.request_item(found, token=form.cleaned_data["token"], by=request.user, at=at)
        except actions.CatalogueRefusal as error:
            form.add_error(None, str(error))
        except NotEnoughPoints:
            form.add_error(None, _missing_sentence(card_for(request.user, found).missing))
        else:
            messages.success(request, _("Requested. The points are held until somebody decides."))
            return redirect("catalogue:detail", made.public_id)
    card = card_for(request.user, found)
    context = {"card": card, "item": found, "form": form, "balance": own_balance(request.user)}
    context["left"] = context["balance"].available - found.price_points
    return render(request, "catalogue/ask.html", context, status=422 if form.errors else 200)


def _missing_sentence(points: int) -> str:
    sentence = ngettext(
        "%(points)s point is missing. Nothing was requested.",
        "%(points)s points are missing. Nothing was requested.",
        points,
    )
    return sentence % {"points": format_number(points)}


@require_safe
def mine(request):
    """One's own requests."""
    require(request.user, Permission.VIEW_OWN)
    rows = PagedRows(requests_of(request.user), lambda row: row)
    table = OwnTable.for_request(request, rows, caption=_("My requests"))
    table.caption_hidden = True
    context = {"table": table, "balance": own_balance(request.user)}
    return render(request, "catalogue/mine.html", context)


@require_safe
def mine_csv(request):
    require(request.user, Permission.VIEW_OWN)
    rows = export_rows(requests_of(request.user), with_person=False)
    return csv_response("my-requests.csv", COLUMNS, rows)


def _asked(request, *, at):
    """The filter and the requests that it leaves, of those that the viewer decides."""
    if not decides(request.user):
        raise PermissionDenied
    asked = QueueFilter(request.GET)
    statuses = asked.statuses if asked.is_valid() else RequestStatus.open
    rows = requests_for(request.user, at=at, statuses=statuses)
    if name := asked.cleaned_data.get("name"):
        rows = rows.filter(person__name__icontains=name)
    return asked, rows


@require_safe
def queue(request):
    """Requests of the people whose requests the viewer decides: those that wait, and the history."""
    at = timezone.now()
    asked, rows = _asked(request, at=at)
    table = QueueTable.for_request(request, PagedRows(rows, lambda row: row), caption=_("Requests"))
    table.caption_hidden = True
    note_looks(request.user, [row.record.person_id for row in table.paginated_rows], Page.REQUESTS, at=at)
    return render(request, "catalogue/queue.html", {"table": table, "form": asked})


@require_safe
def queue_csv(request):
    """What the page shows, all pages of it."""
    at = timezone.now()
    _form, rows = _asked(request, at=at)
    found = list(rows)
    note_looks(request.user, [row.person_id for row in found], Page.REQUESTS_FILE, at=at)
    return csv_response("requests.csv", ["agent", *COLUMNS], export_rows(found, with_person=True))


@require_http_methods(["GET", "HEAD", "POST"])
def detail(request, request_id):
    """A request, one's own or one that the viewer decides: how it stands, and what may follow."""
    at = timezone.now()
    found = _seen(request.user, request_id, at=at)
    steps = steps_for(found, viewer=request.user, at=at)
    is_own = found.person_id == request.user.pk
    form = StepForm(request.POST if request.method == "POST" else None, is_own=is_own)
    if request.method == "POST" and form.is_valid() and _stepped(request, found, form, at=at):
        return _onwards(request, found)
    if not is_own:
        note_looks(request.user, [found.person_id], Page.REQUESTS, at=at)
    context = {"asked": found, "steps": steps, "form": form, "is_own": is_own}
    return render(request, "catalogue/detail.html", context, status=422 if form.errors else 200)


def _onwards(request, found: Request):
    """Back to the queue as it was shown, for a step that was taken there; else to the request."""
    if "queue" not in request.POST:
        return redirect("catalogue:detail", found.public_id)
    return redirect(f"{reverse('catalogue:queue')}?{QueryDict(request.POST['queue']).urlencode()}")


def _seen(viewer, public_id, *, at) -> Request:
    """Http404 for a request that is neither the viewer's own nor theirs to decide."""
    own = requests_of(viewer) if may(viewer, Permission.VIEW_OWN) else Request.objects.none()
    for rows in (own, requests_for(viewer, at=at)):
        if found := rows.filter(public_id=public_id).first():
            return found
    raise Http404


def _stepped(request, found: Request, form: StepForm, *, at) -> bool:
    who = {"by": request.user, "at": at}
    try:
        match Step(form.cleaned_data["step"]):
            case Step.APPROVE:
                actions.approve(found, **who)
            case Step.DECLINE:
                actions.decline(found, reason=form.cleaned_data["reason"], **who)
            case Step.DELIVER:
                actions.deliver(found, **who)
            case Step.CANCEL:
                actions.cancel(found, reason=form.cleaned_data["reason"], **who)
    except actions.CatalogueRefusal as error:
        form.add_error(None, str(error))
        return False
    is_own = found.person_id == request.user.pk
    messages.success(request, _("Cancelled. Your points are free again.") if is_own else _("Decided."))
    return True
