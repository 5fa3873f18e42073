"""Pages of goals: what runs, one goal with its history, and the reviews that a person decides."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from foundation.pages.polling import digest_of, no_change, page, unchanged
from ledger.actions import LedgerRefusal
from people.access import may, require
from people.actions import note_looks
from people.enums import Page, Permission
from people.queries import today_of

from .actions import Choice, NotYours, ReviewRefused, compare, decide, require_may_decide
from .forms import DecideForm
from .queries.reviews import affected_by, reviews_for
from .queries.seen import goals_seen_by, history_for, live_goal_for, live_goals_for
from .queries.standing import points_standing, standing_snapshot

FIGURES = (Permission.VIEW_OWN, Permission.VIEW_LED, Permission.VIEW_DIVISION)


def _require_figures(viewer) -> None:
    if not any(may(viewer, permission) for permission in FIGURES):
        raise PermissionDenied


def index(request):
    """The viewer's goals in their running periods."""
    _require_figures(request.user)
    at = timezone.now()
    goals = live_goals_for(request.user, at=at, on=today_of(request.user, at=at))
    digest = digest_of(goals, get_language())
    if unchanged(request, digest):
        return no_change()
    return page(request, "goals/index.html", "panel", {"goals": goals, "digest": digest, "at": at})


def detail(request, goal):
    """One goal: where it stands, whose part is what where that may be seen, and its closed periods."""
    _require_figures(request.user)
    at = timezone.now()
    on = today_of(request.user, at=at)
    found = get_object_or_404(goals_seen_by(request.user, on=on), public_id=goal)
    live = live_goal_for(request.user, found, at=at, on=on)
    history = history_for(request.user, found, on=on)
    digest = digest_of(live, history, get_language())
    if unchanged(request, digest):
        return no_change()
    note_looks(request.user, [part.person.pk for part in (live.parts if live else ())], Page.GOAL, at=at)
    context = {"goal": found, "live": live, "history": history, "digest": digest, "at": at}
    return page(request, "goals/detail.html", "panel", context)


def reviews(request):
    """The reviews that wait, and those decided lately."""
    require(request.user, Permission.REVIEW)
    return render(request, "goals/reviews.html", {"reviews": reviews_for(request.user)[:100]})


def review(request, review):
    """One review: frozen beside today, who is affected, and the decision."""
    require(request.user, Permission.REVIEW)
    found = get_object_or_404(reviews_for(request.user), public_id=review)
    form = DecideForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _decided(request, found, form):
        return redirect("goals:reviews")
    return render(
        request, "goals/review.html", _review_context(request, found, form), status=422 if form.errors else 200
    )


def _decided(request, found, form) -> bool:
    choice = Choice(form.cleaned_data["decision"], form.cleaned_data["reason"], form.cleaned_data["note"])
    try:
        decide(review=found, choice=choice, by=request.user, at=timezone.now())
    except (ReviewRefused, LedgerRefusal, NotYours) as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Decided. What it moved stands in the history of everyone concerned."))
    return True


def _review_context(request, found, form) -> dict:
    goal, period = found.snapshot.goal, found.snapshot.period
    compared = compare(standing_snapshot(goal, period))
    affected = affected_by(found, compared, points_standing(goal, period))
    note_looks(request.user, [each.person.pk for each in affected], Page.REVIEW, at=timezone.now())
    return {
        "review": found,
        "compared": compared,
        "affected": affected,
        "form": form,
        "refused": _refusal(request.user, found, compared),
        "decision": getattr(found, "decision", None),
    }


def _refusal(viewer, found, compared) -> str:
    """Why this viewer may not decide, or nothing."""
    try:
        require_may_decide(viewer, found, compared.now)
    except NotYours as error:
        return str(error)
    except PermissionDenied as error:
        raise Http404 from error
    return ""
