"""A call that writes is done once, however often it is repeated, and leaves one row that says so.

The answer is remembered in the transaction of what the call wrote: both are there, or neither. A repetition that comes
while the first is at work waits for it. A refused call is not remembered: it wrote nothing and may be tried again.
"""

import datetime as dt
import hashlib

from auditlog.context import set_actor
from django.db import transaction
from django.http import HttpResponse

from .actions.calls import claim_answer, note_call, remember_answer
from .models import Answer
from .problems import Problem

REPEATED_WITHIN = dt.timedelta(seconds=60)
LARGEST_COMPARED = 1024 * 1024
"""A longer body is a file; it is repeated by its key only."""
READING_ENDINGS = ("/validate", "/query", "/test")
"""Addresses where a POST asks and does not write, or sends to another system, which no transaction waits for."""

REPLAYED = "Laurel-Replayed"


STREAMED = "/interactions/bulk"
"""An address that takes a file: that comes in before the transaction, so the operation itself writes once."""


def writes(request) -> bool:
    return request.method not in ("GET", "HEAD", "OPTIONS") and not request.path.endswith(READING_ENDINGS)


def is_streamed(request) -> bool:
    return request.method == "POST" and request.path.endswith(STREAMED)


def noted_if_refused(request, answer) -> HttpResponse:
    """The answer of `answer()`; a refusal leaves its row, as what was written leaves one in its transaction."""
    response = answer()
    if response.status_code >= 400:
        note(request, response.status_code)
    return response


def written_once(request, answer) -> HttpResponse:
    """The answer of `answer()`, or the first answer to the same call."""
    return noted_if_refused(request, lambda: done_once(request, answer))


def done_once(request, answer) -> HttpResponse:
    """The same, for who notes refusals."""
    call = request.call
    key, since = _key_of(request)
    with transaction.atomic():
        if key and (first := _first_answer(request, key, since)):
            return first
        with set_actor(call.caller.viewer):
            response = answer()
        if response.status_code >= 400:
            transaction.set_rollback(True)
        else:
            note(request, response.status_code)
            if key:
                remember_answer(call.caller.client, key, status=response.status_code, body=response.content.decode())
    return response


def _key_of(request) -> tuple[str, dt.datetime | None]:
    """Under which key the answer is remembered, and since when an earlier one counts; no key, nothing is remembered."""
    if request.method != "POST":
        return "", None
    given = request.headers.get("Idempotency-Key", "")
    if len(given) > 150:
        raise Problem(400, "An Idempotency-Key has at most 150 characters.")
    if given:
        return f"key:{given}", None
    if not request.call.caller.client.replays_same_body or not _compared(request):
        return "", None
    return f"body:{_digest(request)}", request.call.at - REPEATED_WITHIN


def _compared(request) -> bytes:
    """What a body is known by: all of it, the checksum of a file that came in, nothing of another that is long."""
    if hasattr(request, "received"):
        return request.received.checksum
    length = int(request.headers.get("Content-Length") or 0)
    return request.body if length <= LARGEST_COMPARED else b""


def _digest(request) -> str:
    viewer = request.call.caller.viewer.pk
    address = f"{viewer} {request.method} {request.get_full_path()}".encode()
    return hashlib.sha256(b"\0".join([address, _compared(request)])).hexdigest()


def _first_answer(request, key: str, since: dt.datetime | None) -> HttpResponse | None:
    """Claims the key for this call, or gives what was answered to the first. Waits while the first is at work."""
    client, digest = request.call.caller.client, _digest(request)
    if claim_answer(client, key, digest=digest, since=since, at=request.call.at):
        return None
    first = Answer.objects.get(client=client, key=key)
    if first.digest != digest:
        raise Problem(409, "This Idempotency-Key came before with another call. Use a new key for another call.")
    response = HttpResponse(first.body, status=first.status, content_type="application/json; charset=utf-8")
    response[REPLAYED] = "true"
    return response


def note(request, status: int) -> None:
    """The row that says who wrote what. Who writes outside of `written_once` calls it."""
    call = request.call
    note_call(
        client=call.caller.client,
        person=call.caller.viewer,
        method=request.method,
        path=request.path,
        status=status,
        request_id=call.id,
        at=call.at,
    )
