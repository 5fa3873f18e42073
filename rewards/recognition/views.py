"""Recognition: what one gave and received, a form to give, and the way to take it back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from foundation.pages.export import csv_response
from people.access import may
from people.enums import Permission
from people.queries import today_of

from .actions import GiftRefusal, Given, give, take_gift_back
from .enums import Kind
from .forms import GiveForm, TakeBackForm
from .models import Gift
from .queries import gifts_seen_by, left_of, recipients_of
from .tables import COLUMNS, export_rows

PAGE_SIZE = 25
NEEDS = {Kind.RECOGNITION: Permission.VIEW_LED, Kind.THANKS: Permission.VIEW_OWN}


def _ways(viewer) -> list[Kind]:
    """The kinds that the viewer may give. PermissionDenied without any."""
    ways = [kind for kind in Kind if may(viewer, NEEDS[kind])]
    if not ways:
        raise PermissionDenied
    return ways


@require_safe
def index(request):
    """What the viewer gave and received, and what people received whom they lead."""
    ways, on = _ways(request.user), today_of(request.user, at=timezone.now())
    rows = Paginator(gifts_seen_by(request.user, on=on), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "rows": rows,
        "table": {"page": rows, "paginator": rows.paginator, "prefixed_page_field": "page"},
        "ways": [(kind, left_of(request.user, kind, on=on)) for kind in ways],
    }
    return render(request, "recognition/index.html", context)


@require_safe
def index_csv(request):
    _ways(request.user)
    on = today_of(request.user, at=timezone.now())
    return csv_response("recognition.csv", COLUMNS, export_rows(gifts_seen_by(request.user, on=on)))


def new(request, kind):
    """The form to give; `?to=` names for whom."""
    if kind not in Kind.values:
        raise Http404
    if kind not in _ways(request.user):
        raise PermissionDenied
    at = timezone.now()
    on = today_of(request.user, at=at)
    left = left_of(request.user, kind, on=on)
    form = GiveForm(
        request.POST if request.method == "POST" else None,
        initial={"recipient": request.GET.get("to")},
        recipients=recipients_of(request.user, kind, on=on),
        left=left.points,
    )
    if request.method == "POST" and form.is_valid() and _given(request, kind, form, at=at):
        return redirect("recognition:index")
    context = {"form": form, "kind": kind, "left": left}
    return render(request, "recognition/new.html", context, status=422 if form.errors else 200)


def _given(request, kind: str, form: GiveForm, *, at) -> bool:
    data = form.cleaned_data
    given = Given(Kind(kind), data["recipient"], data.get("points") or 0, data["note"], data["token"])
    try:
        give(given, by=request.user, at=at)
    except GiftRefusal as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Given. %(name)s finds it in the inbox.") % {"name": given.recipient.name})
    return True


def back(request, gift):
    """Takes back what one gave, with a reason."""
    found = get_object_or_404(Gift, public_id=gift, giver=request.user, taken_back=None)
    form = TakeBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            take_gift_back(found, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        except GiftRefusal as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Taken back."))
            return redirect("recognition:index")
    return render(request, "recognition/back.html", {"gift": found, "form": form}, status=422 if form.errors else 200)
