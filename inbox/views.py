"""One's own inbox. An address of somebody else's notification is 404."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from foundation.pages.polling import digest_of, no_change, page, unchanged
from people.access import may
from people.enums import Permission

from .actions import choose, mark_all_read, mark_read
from .enums import Kind
from .forms import ChoicesForm
from .models import Notification
from .queries import inbox_of, kinds_for, kinds_of, told, unread_count

PAGE_SIZE = 25


def _kind(text: str) -> str:
    if text and text not in Kind.values:
        raise Http404
    return text


@require_safe
def index(request):
    kind = _kind(request.GET.get("kind", ""))
    rows = Paginator(inbox_of(request.user, kind=kind), PAGE_SIZE).get_page(request.GET.get("page"))
    shown, unread = [told(row) for row in rows], unread_count(request.user)
    digest = digest_of(shown, unread, rows.paginator.count, get_language())
    if unchanged(request, digest):
        return no_change()
    context = {
        "rows": shown,
        "table": {"page": rows, "paginator": rows.paginator, "prefixed_page_field": "page"},
        "kind": kind,
        "kinds": kinds_of(request.user),
        "kinds_to_come": [str(each.label) for each in kinds_for(request.user)],
        "tells_of_own": may(request.user, Permission.VIEW_OWN),
        "unread_here": unread,
        "digest": digest,
    }
    return page(request, "inbox/index.html", "panel", context)


@require_GET
def open_one(request, notification):
    """Opening marks read, and leads to what the notification is about."""
    found = get_object_or_404(Notification, public_id=notification, person=request.user)
    mark_read(found, at=timezone.now())
    return redirect(found.url or "inbox:index")


@require_POST
def read_all(request):
    kind = _kind(request.POST.get("kind", ""))
    mark_all_read(request.user, kind=kind, at=timezone.now())
    messages.success(request, _("Everything is marked as read."))
    return redirect("inbox:index")


def settings(request):
    form = ChoicesForm(request.POST if request.method == "POST" else None, person=request.user, language=get_language())
    if request.method == "POST" and form.is_valid():
        mail, language = form.cleaned_data["mail"], form.cleaned_data["language"]
        choose(request.user, wanted=form.wanted, mail=mail, language=language)
        messages.success(request, _("Kept. It counts for what comes from now on."))
        return redirect("inbox:settings")
    return render(request, "inbox/settings.html", {"form": form}, status=422 if form.errors else 200)
