"""The demo centre's catalogue: a dozen rewards with pictures, three of which the survey shows, and requests in every
state.
"""

import datetime as dt
import uuid
from dataclasses import replace
from typing import NamedTuple

from foundation.periods import DAY
from people.access import led_people
from people.models import User
from rewards.catalogue.actions import approve, cancel, decline, deliver, request_item, restock, show_picture
from rewards.catalogue.enums import Icon
from rewards.catalogue.models import Category, Item
from rewards.catalogue.queries import own_balance
from rewards.thanks.actions import save_version
from rewards.thanks.models import Survey
from rewards.thanks.queries import newest_definition
from rewards.thanks.rules.survey import Option

from . import AGENT, SUPERVISOR
from .pictures import picture_of

NAMESPACE = uuid.UUID("0e2f3b2c-6a0d-4a57-9b43-6f1a4f0c9d11")
CATEGORIES = {"Drinks": Icon.COFFEE, "Food": Icon.SNACK, "Time": Icon.CLOCK, "Things": Icon.BAG}


BETWEEN = dt.timedelta(minutes=47)
"""From one person's request to the next."""


class Plan(NamedTuple):
    name: str
    category: str
    price: int
    stock: int
    description: str
    low: int = 2
    limit: int | None = None


PLANS = (
    Plan("Specialty coffee", "Drinks", 40, 30, "Any cup from the bar on the ground floor."),
    Plan("Soft drink", "Drinks", 20, 48, "Any can from the fridge in the break room."),
    Plan("Tea box", "Drinks", 60, 3, "Twenty bags, your choice of three kinds.", 3),
    Plan("Delivered snack", "Food", 30, 25, "Brought to your desk until four in the afternoon."),
    Plan("Lunch in the canteen", "Food", 90, 12, "Main dish and a drink."),
    Plan("Lunch for two", "Food", 170, 6, "In the canteen, with whom you like.", 2, 1),
    Plan("Leave an hour early", "Time", 250, 5, "Agree the day with your lead.", 1, 1),
    Plan("Longer break", "Time", 80, 10, "Fifteen minutes more, on a day of your choice."),
    Plan("Canvas bag", "Things", 70, 0, "With the laurel on it."),
    Plan("Desk plant", "Things", 110, 8, "Needs little water."),
    Plan("Cinema ticket", "Things", 150, 9, "For any film, valid for a year."),
    Plan("Headphones", "Things", 900, 2, "Over the ear, for the way home.", 2, 1),
)


def write_items(*, from_on: dt.date, at: dt.datetime) -> None:
    """Call it before customers are asked: the survey shows some of the items."""
    categories = {name: Category.objects.create(name=name, icon=icon) for name, icon in CATEGORIES.items()}
    for plan in PLANS:
        item = Item.objects.create(
            public_id=uuid.uuid5(NAMESPACE, plan.name),
            name=plan.name,
            description=plan.description,
            category=categories[plan.category],
            price_points=plan.price,
            low_stock=plan.low,
            limit_per_person=plan.limit,
        )
        restock(item, pieces=plan.stock, by=None, at=at - 20 * DAY, note="First delivery")
        show_picture(item, picture_of(plan.name, plan.category))
    _lend_to_survey(from_on=from_on, at=at)


def _lend_to_survey(*, from_on: dt.date, at: dt.datetime) -> None:
    """The rewards of the survey that ships take picture and English name from the item of that name."""
    survey = Survey.objects.get(division=None)
    definition = newest_definition(survey)
    items = {item.name.lower(): item for item in Item.objects.all()}
    options = tuple(_lent(option, items.get(option.names["en"])) for option in definition.options)
    save_version(survey, replace(definition, options=options), from_on=from_on, by=None, at=at)


def _lent(option: Option, item: Item | None) -> Option:
    if item is None:
        return option
    lent = {"item": str(item.public_id), "lent_name": item.name, "picture": item.picture_id}
    return option._replace(names={**option.names, "en": ""}, **lent)


def write_requests(*, at: dt.datetime) -> None:
    """Call it once points were given. The demo's agent has some requests behind them; what waits is of their colleagues
    and of them.
    """
    agent, lead = User.objects.get(email=AGENT.email), User.objects.get(email=SUPERVISOR.email)
    colleagues = list(led_people(lead, on=at.date()).exclude(pk=agent.pk).order_by("external_id"))
    for days, name, end in (
        (9, "Soft drink", "delivered"),
        (6, "Delivered snack", "declined"),
        (4, "Tea box", "cancelled"),
        (1, "Specialty coffee", "approved"),
        (0, "Soft drink", ""),
    ):
        for number, person in enumerate((agent, *colleagues[:3])):
            _write_request(person, name, end, lead, at=at - days * DAY - number * BETWEEN)


def _write_request(person: User, name: str, end: str, lead: User, *, at: dt.datetime) -> None:
    item = Item.objects.get(name=name)
    if item.stock < 1 or own_balance(person).available < item.price_points:
        return
    token = uuid.uuid5(NAMESPACE, f"{person.external_id} {name} {end}")
    request = request_item(item, token=token, by=person, at=at)
    if end in ("approved", "delivered"):
        approve(request, by=lead, at=at)
    if end == "delivered":
        deliver(request, by=lead, at=at)
    if end == "declined":
        decline(request, reason="The kitchen is closed this week.", by=lead, at=at)
    if end == "cancelled":
        cancel(request, by=person, at=at)
