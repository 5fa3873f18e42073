"""Who may give to whom, what is left of a month, and who reads a note: recipient, giver, and the recipient's leads."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from people.access import led_people, may
from people.enums import Permission
from people.models import TeamMembership, User

from .enums import Kind
from .models import Budget, Gift, LeadBudget

NO_BUDGET = Budget()


def budget_on(day: dt.date) -> Budget:
    return Budget.objects.by(day).first() or NO_BUDGET


def lead_points_of(lead: User, *, on: dt.date) -> int:
    """What a lead may give in a month: their own budget, else that of every lead."""
    own = LeadBudget.objects.by(on).filter(person=lead).first()
    return own.points if own else budget_on(on).lead_points


def recipients_of(giver: User, kind: Kind, *, on: dt.date) -> QuerySet[User]:
    """To whom somebody may give: a lead to those they lead today, an agent to those of their teams, never oneself."""
    if kind == Kind.RECOGNITION:
        people = led_people(giver, on=on)
    elif may(giver, Permission.VIEW_OWN):
        teams = TeamMembership.objects.on(on).filter(person=giver).values("team")
        people = User.objects.filter(pk__in=TeamMembership.objects.on(on).filter(team__in=teams).values("person"))
    else:
        people = User.objects.none()
    return people.filter(is_active=True, is_service=False).exclude(pk=giver.pk).order_by("name", "pk")


def _standing(month_on: dt.date) -> QuerySet[Gift]:
    return Gift.objects.filter(month_on=month_on, taken_back=None)


def given_points(giver: User, kind: Kind, *, month_on: dt.date) -> int:
    """Points of a month that stand; what was taken back is there again."""
    return _standing(month_on).filter(giver=giver, kind=kind).aggregate(points=Sum("points"))["points"] or 0


def points_between(one: User, other: User, *, month_on: dt.date) -> int:
    """What two colleagues gave each other in a month, both ways."""
    pair = Q(giver=one, recipient=other) | Q(giver=other, recipient=one)
    return _standing(month_on).filter(pair, kind=Kind.THANKS).aggregate(points=Sum("points"))["points"] or 0


@dataclass(frozen=True)
class Left:
    """What somebody may still give in a month, of so many points."""

    points: int
    of: int


def left_of(giver: User, kind: Kind, *, on: dt.date) -> Left:
    whole = lead_points_of(giver, on=on) if kind == Kind.RECOGNITION else budget_on(on).peer_points
    return Left(max(whole - given_points(giver, kind, month_on=on.replace(day=1)), 0), whole)


def gifts_seen_by(viewer: User, *, on: dt.date) -> QuerySet[Gift]:
    """Received, given, and those received by people whom the viewer leads today. Newest first."""
    seen = Q(recipient=viewer) | Q(giver=viewer) | Q(recipient__in=led_people(viewer, on=on).values("pk"))
    return Gift.objects.filter(seen).select_related("giver", "recipient", "taken_back").order_by("-pk")


def gifts_named(public_ids: Iterable[str]) -> dict[str, str]:
    """By public id: who reads a balance learns whom points came from. One query."""
    rows = Gift.objects.filter(public_id__in=list(public_ids)).select_related("giver")
    return {str(gift.public_id): _("From %(name)s") % {"name": gift.giver.name} for gift in rows}
