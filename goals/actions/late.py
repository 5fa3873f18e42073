"""A score of another system that came for a period that is closed. What was frozen stays; a person decides."""

import datetime as dt

from django.db import transaction
from django.db.models import Q

from people.models import User

from ..enums import ReviewCause, Scope
from ..models import Goal, Review, Snapshot


@transaction.atomic
def review_late_score(goal: Goal, *, person: User, workday: dt.date, at: dt.datetime) -> Review | None:
    """Opens a review of the closed period that a workday lies in, or gives the one that is open; None where the period
    is not closed. Of an individual goal the review is about that person alone.
    """
    standing = Snapshot.objects.select_for_update(of=("self",)).filter(goal=goal, corrected_by=None)
    snapshot = standing.filter(starts_on__lte=workday, ends_on__gt=workday).first()
    if snapshot is None:
        return None
    about = person if goal.scope == Scope.INDIVIDUAL else None
    waiting = Review.objects.filter(snapshot__goal=goal, snapshot__period=snapshot.period, decision=None)
    still_open = waiting.filter(Q(person=None) | Q(person=about)).first()
    return still_open or Review.objects.create(snapshot=snapshot, person=about, cause=ReviewCause.LATE_SCORE, at=at)
