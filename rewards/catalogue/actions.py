"""Writes of the catalogue. Points are held from the request on and leave only with the delivery: until something was
handed over, a cancelled request gives everything back. Locks are taken in one order: request, item, accounts.
"""

import datetime as dt
import uuid
from contextlib import suppress

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, ProtectedError
from django.urls import reverse
from django.utils.translation import gettext as _

from inbox.actions import Notice, mark_done, notify, notify_many
from inbox.enums import Kind
from ledger.actions import Order, account_of, pend, post, single_account, void
from ledger.enums import AccountKind, Purpose
from people.access import holders, nearest_leads, require
from people.enums import Permission
from people.models import User
from people.queries import division_of, today_of

from .enums import RequestStatus
from .models import Decision, Item, Picture, Request, StockChange
from .queries import decidable_people, offered_items, refusal_of
from .rules.pictures import Encoded


class CatalogueRefusal(Exception):
    """A request or decision that cannot be; the message is a sentence for people."""


@transaction.atomic
def request_item(item: Item, *, token: uuid.UUID, by: User, at: dt.datetime) -> Request:
    """One piece for oneself, out of stock and with its points held. The same token returns the first request;
    NotEnoughPoints when the person lacks them."""
    require(by, Permission.VIEW_OWN)
    item = Item.objects.select_for_update().get(pk=item.pk)
    if done := Request.objects.filter(person=by, token=token).first():
        if done.item_id != item.pk:
            raise CatalogueRefusal(_("This form was sent before, for something else."))
        return done
    _require_offered(item, by, at=at)
    Item.objects.filter(pk=item.pk).update(stock=F("stock") - 1)
    _tell_low(item, left=item.stock - 1, key=f"low:{item.public_id}:{by.public_id}:{token}", at=at)
    request = Request.objects.create(
        item=item,
        person=by,
        item_name=item.name,
        points=item.price_points,
        hold=_hold(item, by, token, at),
        token=token,
        at=at,
    )
    _tell_deciders(request, at=at)
    return request


def _require_offered(item: Item, person: User, *, at: dt.datetime) -> None:
    """CatalogueRefusal unless the person may have one more piece; the item is locked."""
    if not offered_items(person, at=at).filter(pk=item.pk).exists():
        raise CatalogueRefusal(_("This is not offered to you at the moment."))
    taken = Request.objects.filter(item=item, person=person, status__in=RequestStatus.live).count()
    if refusal := refusal_of(item, taken=taken):
        raise CatalogueRefusal(refusal)


def _tell_low(item: Item, *, left: int, key: str, at: dt.datetime) -> None:
    """Tells those who run the catalogue, once for each fall; where nobody does, those who enter its items."""
    if not left <= item.low_stock < item.stock:
        return
    divisions = item.divisions.values_list("pk", flat=True)
    told = holders(Permission.CATALOGUE, divisions=divisions)
    told = told or holders(Permission.CONFIGURE_SCORING, divisions=divisions)
    params, url = {"item": item.name, "left": left}, reverse("admin:catalogue_item_change", args=[item.pk])
    notify_many([Notice(person.pk, f"{key}:{person.pk}", params, url) for person in told], Kind.LOW_STOCK, at=at)


def _tell_deciders(request: Request, *, at: dt.datetime) -> None:
    """Tells who leads the person; where nobody does, those who run the catalogue there."""
    person = request.person
    on = today_of(person, at=at)
    told = nearest_leads(person, on=on)
    told = told or holders(Permission.CATALOGUE, divisions=[division_of(person, on=on).pk]).exclude(pk=person.pk)
    params, url = {"item": request.item_name, "points": request.points}, _address(request)
    notices = [Notice(each.pk, f"{_made(request)}{each.pk}", params, url, by_id=person.pk) for each in told]
    notify_many(notices, Kind.REQUEST_MADE, at=at)


def _made(request: Request) -> str:
    """How the keys of the notices of a new request begin."""
    return f"request:{request.public_id}:made:"


def _address(request: Request) -> str:
    return reverse("catalogue:detail", args=[request.public_id])


def _hold(item: Item, person: User, token: uuid.UUID, at: dt.datetime):
    order = Order(
        account_of(person),
        single_account(AccountKind.SPENT),
        item.price_points,
        f"request:{person.public_id}:{token}",
        Purpose.REDEMPTION,
        f"item:{item.public_id}",
    )
    return pend([order], by=person, at=at)[0]


@transaction.atomic
def approve(request: Request, *, by: User, at: dt.datetime) -> Request:
    return _decide(request, RequestStatus.APPROVED, (RequestStatus.REQUESTED,), by=by, at=at)


@transaction.atomic
def decline(request: Request, *, reason: str, by: User, at: dt.datetime) -> Request:
    """Gives points and piece back. The reason is for the person who asked."""
    _require_reason(reason)
    return _decide(request, RequestStatus.DECLINED, (RequestStatus.REQUESTED,), by=by, at=at, reason=reason)


@transaction.atomic
def deliver(request: Request, *, by: User, at: dt.datetime) -> Request:
    """It was handed over: the points are spent."""
    return _decide(request, RequestStatus.DELIVERED, (RequestStatus.APPROVED,), by=by, at=at)


@transaction.atomic
def cancel(request: Request, *, by: User, at: dt.datetime, reason: str = "") -> Request:
    """Before the delivery, by the person or, with a reason, by who decides: points and piece are given back."""
    if by.pk != request.person_id:
        _require_reason(reason)
    return _decide(request, RequestStatus.CANCELLED, RequestStatus.open, by=by, at=at, reason=reason)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise CatalogueRefusal(_("Say why."))


def _decide(request: Request, status: RequestStatus, before, *, by: User, at: dt.datetime, reason: str = "") -> Request:
    _require_may_decide(request, status, by, at=at)
    request = Request.objects.select_for_update().get(pk=request.pk)
    if request.status == status:
        return request
    if request.status not in before:
        raise CatalogueRefusal(_("This request is %(status)s already.") % {"status": request.get_status_display()})
    request.status = status
    request.save(update_fields=["status"])
    Decision.objects.create(request=request, status=status, reason=reason, by=by, at=at)
    mark_done(keys_from=_made(request), at=at)
    if by.pk != request.person_id:
        _tell(request, reason, by=by, at=at)
    if status not in RequestStatus.live:
        Item.objects.filter(pk=request.item_id).update(stock=F("stock") + 1)
        void(request.hold, by=by, at=at)
    elif status == RequestStatus.DELIVERED:
        post(request.hold, by=by, at=at)
    return request


def _tell(request: Request, reason: str, *, by: User, at: dt.datetime) -> None:
    notify(
        request.person,
        Kind.REQUEST_DECIDED,
        params={"decision": str(request.status), "item": request.item_name, "note": reason},
        url=_address(request),
        key=f"request:{request.public_id}:{request.status}",
        by=by,
        at=at,
    )


def _require_may_decide(request: Request, status: RequestStatus, by: User, *, at: dt.datetime) -> None:
    """Nobody decides about themself; one may cancel one's own request."""
    if by.pk == request.person_id and status == RequestStatus.CANCELLED:
        return
    if not decidable_people(by, at=at).filter(pk=request.person_id).exists():
        raise PermissionDenied


@transaction.atomic
def restock(item: Item, *, pieces: int, by: User | None, at: dt.datetime, note: str = "") -> StockChange | None:
    """Pieces came, or fewer were counted. It adds to what is there at that moment, so no request is lost."""
    if not pieces:
        return None
    item = Item.objects.select_for_update().get(pk=item.pk)
    if item.stock + pieces < 0:
        raise CatalogueRefusal(_("Only %(stock)s are left; no more can be taken away.") % {"stock": item.stock})
    Item.objects.filter(pk=item.pk).update(stock=F("stock") + pieces)
    change = StockChange.objects.create(item=item, pieces=pieces, note=note, by=by, at=at)
    _tell_low(item, left=item.stock + pieces, key=f"low:change:{change.pk}", at=at)
    return change


@transaction.atomic
def show_picture(item: Item, encoded: Encoded | None) -> None:
    """Gives the item this picture, or none. A picture that nothing shows any more is deleted."""
    if encoded:
        Picture.objects.get_or_create(digest=encoded.digest, defaults={"content": encoded.content})
    before = item.picture_id
    item.picture_id = encoded.digest if encoded else None
    item.save(update_fields=["picture"])
    if before != item.picture_id:
        with suppress(ProtectedError):  # something else shows it
            Picture.objects.filter(pk=before, items=None).delete()


def cancel_open_requests(person: User, *, at: dt.datetime) -> None:
    """Of somebody who is erased: nobody could be handed anything any more."""
    for request in Request.objects.filter(person=person, status__in=RequestStatus.open):
        cancel(request, by=person, at=at)
