"""What people of the demo centre gave each other: recognition by the lead, thanks among colleagues, one taken back."""

import datetime as dt
import uuid
from typing import NamedTuple

from foundation.periods import DAY
from inbox.models import Notification
from people.access import led_people
from people.models import User
from rewards.recognition.actions import Given, give, take_gift_back
from rewards.recognition.enums import Kind
from rewards.recognition.models import Budget

from . import AGENT, SUPERVISOR

NAMESPACE = uuid.UUID("0e2f3b2c-6a0d-4a57-9b43-6f1a4f0c9d12")
BUDGET = {"lead_points": 400, "peer_points": 20, "pair_points": 10}
READ_AFTER = 2 * DAY
"""What is older was read."""


class Plan(NamedTuple):
    """Who gives whom: 0 is the demo's agent, then their colleagues, None the lead."""

    days: float
    giver: int | None
    recipient: int
    points: int
    note: str


PLANS = (
    Plan(12, None, 1, 40, "You stayed with the customer whose delivery was lost until it was found. Thank you."),
    Plan(9, 2, 0, 5, "Thanks for taking my late call on Tuesday."),
    Plan(6, None, 0, 50, "Three colleagues told me how calmly you explained the new returns form to them."),
    Plan(5, 0, 3, 5, "Your note on the billing screen saved me an hour."),
    Plan(3, None, 2, 20, "A very clear summary in the wrap-up of the outage calls."),
    Plan(1.2, 1, 0, 0, "Lovely how you talked the worried customer down. I was listening!"),
    Plan(0.3, None, 0, 30, "First on the floor with the new greeting, and it shows."),
    Plan(0.2, 0, 1, 10, "For covering the chat queue over lunch."),
)
BACK = Plan(4, None, 3, 25, "For the Saturday shift.")
BACK_BECAUSE = "It was another Saturday."


def write_recognition(*, at: dt.datetime) -> None:
    """Call it once teams stand."""
    Budget.objects.create(**BUDGET)
    agent, lead = User.objects.get(email=AGENT.email), User.objects.get(email=SUPERVISOR.email)
    team = agent.team_memberships.on(at.date()).values("team")
    colleagues = led_people(lead, on=at.date()).filter(team_memberships__team__in=team).exclude(pk=agent.pk)
    people = [agent, *colleagues.order_by("external_id").distinct()[:3]]
    for plan in (*PLANS, BACK):
        _give(plan, people, lead, at=at - plan.days * DAY)
    Notification.objects.filter(read_at=None, at__lt=at - READ_AFTER).update(read_at=at - READ_AFTER)


def _give(plan: Plan, people: list[User], lead: User, *, at: dt.datetime) -> None:
    kind, giver = (Kind.RECOGNITION, lead) if plan.giver is None else (Kind.THANKS, people[plan.giver])
    given = Given(kind, people[plan.recipient], plan.points, plan.note, uuid.uuid5(NAMESPACE, plan.note))
    gift = give(given, by=giver, at=at)
    if plan is BACK:
        take_gift_back(gift, reason=BACK_BECAUSE, by=lead, at=at + DAY)
