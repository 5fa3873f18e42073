"""Pages of customer thanks for those who lead: how often agents ask, a link for a customer, thanks that wait, and a
call to walk through.
"""

import datetime as dt

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from people.access import may, reach
from people.actions import note_looks
from people.enums import Page, Permission
from people.queries import today_of

from .actions import ThanksRefusal, leave, move, offer_link, resolve
from .forms import DisputeForm, OfferForm, ResolveForm, Trial
from .models import Response
from .queries import agents_to_ask_for, as_asked_now, asks, disputed, offers_of, orphans, token_of
from .rules.survey import Turn, next_turn, spoken
from .tables import OffersTable

SHOWN_DAYS = 30
MOST_WAITING = 100


def _require_lead(viewer) -> None:
    if not asks(viewer):
        raise PermissionDenied


def decides(viewer) -> bool:
    """Thanks without an agent belong to no division: who decides them does so everywhere."""
    return reach(viewer, Permission.REVIEW).everywhere


@require_safe
def index(request):
    """How often each agent's customers were asked, of all their contacts, and what they gave."""
    _require_lead(request.user)
    at = timezone.now()
    on = today_of(request.user, at=at)
    rows = offers_of(agents_to_ask_for(request.user, on=on), from_on=on - dt.timedelta(days=SHOWN_DAYS - 1), to_on=on)
    table = OffersTable.for_request(request, rows, caption=_("Asked, of all contacts"))
    note_looks(request.user, [row.record.person_id for row in table.paginated_rows], Page.TEAM, at=at)
    context = {
        "table": table,
        "days": SHOWN_DAYS,
        "decides": decides(request.user),
        "waiting": orphans().count() + disputed().count() if decides(request.user) else 0,
    }
    return render(request, "thanks/index.html", context)


def offer(request):
    """A link for the customer of an interaction, to be copied into a message."""
    _require_lead(request.user)
    at = timezone.now()
    form = OfferForm(request.POST if request.method == "POST" else None, initial=request.GET.dict())
    link = response = None
    if request.method == "POST" and form.is_valid():
        try:
            response = offer_link(
                form.cleaned_data["interaction"],
                agents=agents_to_ask_for(request.user, on=today_of(request.user, at=at)),
                language=form.cleaned_data["language"],
                at=at,
            )
            link = request.build_absolute_uri(reverse("thanks:customer", args=[token_of(response)]))
        except ThanksRefusal as error:
            form.add_error(None, str(error))
    context = {"form": form, "link": link, "response": response}
    return render(request, "thanks/offer.html", context, status=422 if form.errors else 200)


@require_safe
def queue(request):
    """Thanks whose agent nobody has found, and those where the call log names somebody else."""
    if not decides(request.user):
        raise PermissionDenied
    context = {"orphans": orphans()[:MOST_WAITING], "disputed": disputed()[:MOST_WAITING]}
    return render(request, "thanks/queue.html", context)


def waiting(request, response):
    """One of them, and the decision."""
    if not decides(request.user):
        raise PermissionDenied
    found = get_object_or_404(Response, public_id=response, pk__in=[*_pks(orphans()), *_pks(disputed())])
    given = request.POST or None
    form = DisputeForm(given, response=found) if found.agent else ResolveForm(given)
    if request.method == "POST" and form.is_valid() and _decided(request, found, form):
        return redirect("thanks:queue")
    context = {"response": found, "form": form}
    return render(request, "thanks/waiting.html", context, status=422 if form.errors else 200)


def _pks(rows) -> list[int]:
    return list(rows.values_list("pk", flat=True))


def _decided(request, found: Response, form: ResolveForm | DisputeForm) -> bool:
    given = {"reason": form.cleaned_data["reason"], "by": request.user, "at": timezone.now()}
    try:
        if found.agent:
            decide = move if form.cleaned_data["decision"] == DisputeForm.MOVE else leave
            decide(found, **given)
        else:
            resolve(found, agent=form.cleaned_data["agent"], **given)
    except ThanksRefusal as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Decided."))
    return True


@require_safe
def trial(request):
    """A call to walk through with a keypad. Nothing is written: where it stands, stands in the address."""
    if not may(request.user, Permission.CONFIGURE_SCORING):
        _require_lead(request.user)
    asked = Trial(request.GET, reader=get_language())
    if asked.version is None:
        return render(request, "thanks/trial.html", {"trial": asked})
    definition, language = as_asked_now(asked.version.definition), asked.language
    turn, said = Turn(), []
    for key in asked.keys:
        if not turn.is_over:
            said.append((spoken(definition, turn, language), key))
            turn = next_turn(definition, turn, key)
    points = definition.option(turn.gift).points if turn.gift else 0
    context = {
        "trial": asked,
        "said": said,
        "turn": turn,
        "say": spoken(definition, turn, language, given=bool(points)),
        "points": points,
        "pressed": ",".join(key or "-" for _said, key in said),
        "dials": "123456789*0#",
    }
    return render(request, "thanks/trial.html", context)
