"""Thanks of the demo centre's customers: who was asked after which contacts, and what some of them gave."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator

from foundation.periods import DAY
from interactions.enums import Direction
from interactions.models import Leg
from people.models import User
from rewards.thanks.actions import Contact, answer, begin
from rewards.thanks.enums import Way
from rewards.thanks.models import Response
from rewards.thanks.queries import version_for

from . import AGENT

DAYS = 21
NAMESPACE = uuid.UUID("6f0f5c0e-9a53-4b56-9d3c-2f6f2f1f7a02")
A_MINUTE = dt.timedelta(minutes=1)
ANSWERS, OWN_ANSWERS = 60, 8
"""One in so many of the customers who were asked is shown answering; of the demo's agent more."""
STRANGERS = (("CA-4711", "b.ruckner"), ("CA-4712", ""))
"""Calls whose agent nobody knows: id, and the agent as the telephone system named them."""


def write_thanks(*, at: dt.datetime) -> int:
    """Call it before the workdays are scored. How many customers were asked."""
    asked = Response.objects.bulk_create(_asked(at=at), batch_size=500)
    own = User.objects.get(email=AGENT.email)
    for response in asked:
        if not _draw(response.external_id, OWN_ANSWERS if response.agent_id == own.pk else ANSWERS):
            _walk(response, ["1" if _draw(response.external_id, 3) else "2", "1", _gift(response.external_id)])
    for number, (external_id, named) in enumerate(STRANGERS, start=1):
        contact = Contact("demo", external_id, at - number * DAY, named)
        response = begin(contact, way=Way.PHONE, language="en", at=at - number * DAY)
        Response.objects.filter(pk=response.pk).update(public_id=uuid.uuid5(NAMESPACE, external_id))
        _walk(response, ["1", "1", "4"])
    return len(asked)


def _asked(*, at: dt.datetime) -> Iterator[Response]:
    """After 8 to 45 in a hundred contacts of an agent, each agent having their own habit."""
    version = version_for(None, on=at.date())
    legs = Leg.objects.filter(answered=True, direction=Direction.INBOUND, ended_at__lt=at - A_MINUTE)
    legs = legs.filter(started_at__gt=at - DAYS * DAY).select_related("agent").order_by("pk")
    for leg in legs.iterator(chunk_size=2000):
        if _draw(leg.external_id, 100) < 8 + _draw(leg.agent.external_id, 38):
            yield Response(
                public_id=uuid.uuid5(NAMESPACE, leg.external_id),
                version=version,
                way=Way.LINK if leg.media_type != "voice" else Way.PHONE,
                language="en",
                source=leg.source,
                external_id=leg.external_id,
                started_at=leg.started_at,
                customer_key=leg.customer_key or "",
                leg=leg,
                agent=leg.agent,
                workday=leg.workday,
                asked_at=leg.ended_at + A_MINUTE,
            )


def _walk(response: Response, keys: list[str]) -> None:
    for turn, key in enumerate(keys, start=1):
        answer(response, turn=turn, key=key, at=response.asked_at)


def _gift(text: str) -> str:
    return str(_draw(f"gift {text}", 4) + 1)


def _draw(text: str, sides: int) -> int:
    """0 to `sides` - 1, always the same for a text."""
    return int.from_bytes(hashlib.sha256(f"{sides} {text}".encode()).digest()[:4], "big") % sides
