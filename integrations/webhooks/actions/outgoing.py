"""Events go out. A delivery is a row for an event that an endpoint has none for; sending happens outside transactions.

A worker that dies between sending and noting it sends again, with the same event id: at least once, in order.
"""

import base64
import datetime as dt
import secrets
import time
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max, Q

from goals.enums import EventType
from goals.models import Event

from ..models import Attempt, Delivery, DeliveryState, Endpoint
from ..sending import Answer, send

LEASE = dt.timedelta(seconds=60)
BUDGET_SECONDS = 20.0
SAMPLE_TYPE = EventType.STATUS_CHANGED.value


@dataclass
class Sent:
    """What a run did."""

    delivered: int = 0
    failed: int = 0


def new_secret() -> str:
    """A secret as the Standard Webhooks write it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def start_endpoint(endpoint: Endpoint) -> Endpoint:
    """A new endpoint gets its secret, and is told only of what happens from now on."""
    endpoint.secret = new_secret()
    endpoint.after = Event.objects.aggregate(last=Max("pk"))["last"] or 0
    endpoint.save()
    return endpoint


def enqueue() -> int:
    """A delivery for each event that an endpoint subscribes to and has none for. How many are new."""
    new = 0
    for endpoint in Endpoint.objects.filter(is_on=True):
        known = Delivery.objects.filter(endpoint=endpoint).values("event")
        events = Event.objects.filter(pk__gt=endpoint.after, type__in=endpoint.events).exclude(pk__in=known)
        rows = [Delivery(endpoint=endpoint, event_id=pk) for pk in events.values_list("pk", flat=True)]
        new += len(Delivery.objects.bulk_create(rows, ignore_conflicts=True))
    return new


def deliver(*, at: dt.datetime) -> Sent:
    """Sends what waits, endpoint by endpoint, each in order of its events."""
    done, began = Sent(), time.monotonic()
    for endpoint in _due(at).filter(deliveries__state=DeliveryState.WAITING).distinct():
        if time.monotonic() - began < BUDGET_SECONDS and _claim(endpoint, at=at):
            try:
                _deliver_to(endpoint, done, began, at=at)
            finally:
                Endpoint.objects.filter(pk=endpoint.pk).update(leased_until=None)
    return done


def _due(at: dt.datetime):
    return Endpoint.objects.filter(Q(next_at=None) | Q(next_at__lte=at), is_on=True)


def _claim(endpoint: Endpoint, *, at: dt.datetime) -> bool:
    """Whether the endpoint is this worker's, and still due; it is then as the worker before left it."""
    free = _due(at).filter(Q(leased_until=None) | Q(leased_until__lt=at), pk=endpoint.pk)
    if free.update(leased_until=at + LEASE) == 0:
        return False
    endpoint.refresh_from_db()
    return True


def _deliver_to(endpoint: Endpoint, done: Sent, began: float, *, at: dt.datetime) -> None:
    """One after the other until one fails. An open circuit sends one probe; its success releases the rest."""
    rows = endpoint.deliveries.filter(state=DeliveryState.WAITING).select_related("event").order_by("event_id")
    for delivery in rows:
        if time.monotonic() - began > BUDGET_SECONDS:
            return
        answer = send(
            endpoint.url,
            endpoint.secret,
            event_id=str(delivery.event.public_id),
            body=body_of(delivery.event),
            at=at,
        )
        _note(endpoint, delivery, answer, at=at)
        done.delivered += answer.is_taken
        done.failed += not answer.is_taken
        if not answer.is_taken:
            return


def body_of(event: Event) -> dict:
    """What is sent: type, time, and the event's fields."""
    return {"type": event.type, "timestamp": event.at.isoformat().replace("+00:00", "Z"), "data": event.payload}


@transaction.atomic
def _note(endpoint: Endpoint, delivery: Delivery, answer: Answer, *, at: dt.datetime) -> None:
    """A row for the try, then the state of the delivery and of the circuit."""
    Attempt.objects.create(
        delivery=delivery,
        status=answer.status,
        duration_ms=answer.duration_ms,
        answer=answer.text[:500],
        error=answer.error,
        at=at,
    )
    circuit = endpoint.circuit.after_success() if answer.is_taken else endpoint.circuit.after_failure(at)
    endpoint.failures, endpoint.next_at = circuit.failures, circuit.next_at
    changes = {"failures": circuit.failures, "next_at": circuit.next_at, "leased_until": at + LEASE}
    if answer.is_gone:
        changes["is_on"] = endpoint.is_on = False
    if answer.is_taken:
        Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.DELIVERED)
    Endpoint.objects.filter(pk=endpoint.pk).update(**changes)


def retry_now(endpoint: Endpoint) -> None:
    """The next try goes out with the next run, whatever the circuit says."""
    Endpoint.objects.filter(pk=endpoint.pk).update(next_at=None)


def discard(deliveries) -> int:
    """Waiting deliveries that shall not go out any more. How many."""
    return deliveries.filter(state=DeliveryState.WAITING).update(state=DeliveryState.DISCARDED)


def send_sample(endpoint: Endpoint, *, at: dt.datetime) -> Answer:
    """A signed sample, outside the queue; it changes nothing."""
    sample = {
        "goalId": "00000000-0000-0000-0000-000000000000",
        "teamId": "0",
        "previousStatus": "ON_TRACK",
        "currentStatus": "ACHIEVED",
        "evaluationPeriod": at.strftime("%Y-%m"),
        "metricValue": 100.0,
        "timestamp": at.isoformat().replace("+00:00", "Z"),
    }
    body = {"type": SAMPLE_TYPE, "timestamp": sample["timestamp"], "data": sample}
    return send(endpoint.url, endpoint.secret, event_id=f"sample-{secrets.token_hex(8)}", body=body, at=at)
