"""What somebody is offered, what they asked for, and what waits for whom."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from ledger.enums import AccountKind
from ledger.models import Account
from ledger.queries import Balance, balance_of
from people.access import led_people, may, people_within
from people.enums import Permission
from people.models import User
from people.queries import division_of, today_of

from .enums import RequestStatus, Step
from .models import Category, Item, Request


@dataclass(frozen=True)
class Card:
    """An item as one person sees it. `missing` points; `refusal` says why it cannot be had whatever the points."""

    item: Item
    missing: int
    refusal: str

    @property
    def is_within_reach(self) -> bool:
        return not (self.missing or self.refusal)


@dataclass(frozen=True)
class Shelf:
    balance: Balance
    cards: tuple[Card, ...]
    categories: tuple[Category, ...]


def offered_items(person: User, *, at: dt.datetime) -> QuerySet[Item]:
    """What the catalogue offers to a person on their day: by dates and divisions, in stock or not."""
    on = today_of(person, at=at)
    division = division_of(person, on=on)
    elsewhere = Item.divisions.through.objects.exclude(division=division).values("item")
    here = Item.divisions.through.objects.filter(division=division).values("item")
    return Item.objects.on(on).filter(~Q(pk__in=elsewhere) | Q(pk__in=here)).select_related("category")


def shelf_for(person: User, *, at: dt.datetime, category: str = "", only_affordable: bool = False) -> Shelf:
    """The catalogue for a person; the same few queries however many items it has."""
    items = list(offered_items(person, at=at))
    balance, taken = own_balance(person), _taken(person, items)
    cards = [card_of(item, balance=balance, taken=taken.get(item.pk, 0)) for item in items]
    categories = {item.category_id: item.category for item in items if item.category}
    if category:
        cards = [card for card in cards if str(card.item.category_id) == category]
    if only_affordable:
        cards = [card for card in cards if card.is_within_reach]
    return Shelf(balance, tuple(cards), tuple(sorted(categories.values(), key=lambda each: each.name)))


def card_for(person: User, item: Item) -> Card:
    return card_of(item, balance=own_balance(person), taken=_taken(person, [item]).get(item.pk, 0))


def card_of(item: Item, *, balance: Balance, taken: int) -> Card:
    return Card(item, max(0, item.price_points - balance.available), refusal_of(item, taken=taken))


def refusal_of(item: Item, *, taken: int) -> str:
    """Why a person who had it `taken` times cannot have it once more; empty where they can."""
    if item.stock < 1:
        return _("This is out of stock.")
    if item.limit_per_person is not None and taken >= item.limit_per_person:
        return _("You have had this as often as one person may.")
    return ""


def _taken(person: User, items: Iterable[Item]) -> dict[int, int]:
    rows = Request.objects.filter(person=person, item__in=items, status__in=RequestStatus.live).order_by()
    return dict(rows.values_list("item").annotate(times=Count("pk")))


def own_balance(person: User) -> Balance:
    account = Account.objects.filter(person=person, kind=AccountKind.PERSON).first()
    return balance_of(account) if account else Balance()


# Requests ---------------------------------------------------------------------------------------------------------


def requests_of(person: User) -> QuerySet[Request]:
    """Their own requests, newest first, with what was decided."""
    return _told(Request.objects.filter(person=person))


def decidable_people(viewer: User, *, at: dt.datetime) -> QuerySet[User]:
    """Whose requests the viewer decides: of people they lead, and of the divisions where they run the catalogue, so
    that somebody decides for whoever has no lead. Never their own.
    """
    on = today_of(viewer, at=at)
    led = led_people(viewer, on=on).values("pk")
    inside = people_within(viewer, Permission.CATALOGUE, on=on).values("pk")
    return User.objects.filter(Q(pk__in=led) | Q(pk__in=inside)).exclude(pk=viewer.pk)


def requests_for(viewer: User, *, at: dt.datetime, statuses: Iterable[str] = ()) -> QuerySet[Request]:
    """The requests that the viewer decides or decided, newest first; only of some statuses where they are given."""
    found = Request.objects.filter(person__in=decidable_people(viewer, at=at).values("pk"))
    return _told(found.filter(status__in=statuses) if statuses else found)


def decides(viewer: User) -> bool:
    return may(viewer, Permission.VIEW_LED) or may(viewer, Permission.CATALOGUE)


def steps_for(request: Request, *, viewer: User, at: dt.datetime) -> list[Step]:
    """What the viewer may do with a request that they see."""
    if not request.is_open:
        return []
    if viewer.pk == request.person_id:
        return [Step.CANCEL]
    if request.status == RequestStatus.APPROVED:
        return [Step.DELIVER, Step.CANCEL]
    return [Step.APPROVE, Step.DECLINE]


def _told(rows: QuerySet[Request]) -> QuerySet[Request]:
    return rows.select_related("person", "item__category").prefetch_related("decisions__by")


def requests_named(public_ids: Iterable[str]) -> dict[str, str]:
    """By public id of the item: what was redeemed. One query."""
    items = Item.objects.filter(public_id__in=list(public_ids)).values_list("public_id", "name")
    return {str(public_id): name for public_id, name in items}
