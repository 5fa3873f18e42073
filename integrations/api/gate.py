"""What every call passes: who calls, how often, once if it writes; and every answer gets its request id.

Who calls is the token's person, or the client's own: `request.call.caller.viewer` is a `people.User` like any other, so
that `people.access` decides what a call sees, as it does for pages.
"""

import datetime as dt
import functools
import logging
import time
import uuid
from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.utils.translation import override
from ninja.security import HttpBearer
from oauth2_provider.oauth2_backends import get_oauthlib_core

from foundation.pages.limits import MINUTE, is_over_limit
from foundation.pages.request_ids import request_id_is
from people.models import User

from .models import Client
from .once import is_streamed, noted_if_refused, writes, written_once
from .problems import Problem, cut_off, refused
from .rules.scopes import allows_any

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Caller:
    """A client with a token, for whom it calls, and what the token may be used for."""

    client: Client
    viewer: User
    scopes: frozenset[str]

    @property
    def is_person(self) -> bool:
        """Whether it calls for a person who signed in, and not for itself."""
        return self.viewer.pk != self.client.person_id


@dataclass(frozen=True)
class Call:
    """One call. `at` is the one time that everything about it has."""

    id: uuid.UUID
    at: dt.datetime
    caller: Caller | None


class Token(HttpBearer):
    """Lets a call through whose token has one of `scopes`; 401 without a valid token, 403 without a scope."""

    def __init__(self, *scopes: str):
        self.scopes = scopes
        super().__init__()

    def authenticate(self, request, token):
        caller = request.call.caller
        if caller is not None and not allows_any(caller.scopes, self.scopes):
            raise Problem(403, f"The token has none of these scopes: {', '.join(self.scopes)}.", code="missing.scopes")
        return caller


def gated(view):
    """Puts a view of the API behind the gate."""

    @login_not_required
    @functools.wraps(view)
    def behind(request, *args, **kwargs):
        started = time.perf_counter()
        request.call = Call(uuid.uuid4(), timezone.now(), _caller_of(request))
        with request_id_is(str(request.call.id)), override("en"):
            response = _answered(request, functools.partial(view, request, *args, **kwargs))
            response["X-Request-Id"] = response["ININ-Correlation-Id"] = str(request.call.id)
            response["Cache-Control"] = "no-store"
            _log(request, response, time.perf_counter() - started)
            response._has_been_logged = True  # Django would write a second line, without the id
        return response

    return behind


def _caller_of(request) -> Caller | None:
    if "Authorization" not in request.headers:
        return None
    is_valid, found = get_oauthlib_core().verify_request(request, scopes=[])
    viewer = is_valid and (found.user or found.client.person)
    if not viewer or not viewer.is_active:
        return None
    return Caller(found.client, viewer, frozenset(found.scopes))


def _answered(request, answer) -> HttpResponse:
    caller = request.call.caller
    try:
        if caller is not None:
            _limit(caller)
        if caller is None or not writes(request):
            return _as_json(request, answer())
        once = noted_if_refused if is_streamed(request) else written_once
        return once(request, lambda: _as_json(request, answer()))
    except (Problem, Http404, UnreadablePostError) as refusal:
        problem = _problem(refusal)
        response = refused(problem, request_id=str(request.call.id))
        if problem.status == 429:
            response["Retry-After"] = str(MINUTE - int(time.time()) % MINUTE)
        return response


def _problem(refusal: Problem | Http404 | UnreadablePostError) -> Problem:
    if isinstance(refusal, UnreadablePostError):
        return cut_off(refusal)
    return refusal if isinstance(refusal, Problem) else Problem(404)


def _limit(caller: Caller) -> None:
    most = caller.client.calls_a_minute
    if is_over_limit(f"api:{caller.client.pk}", most=most):
        raise Problem(429, f"Rate limit exceeded the maximum [{most}] requests within [{MINUTE}] seconds")


def _as_json(request, response: HttpResponse) -> HttpResponse:
    """A method that an address has not is told as every other refusal."""
    if response.status_code != 405:
        return response
    told = refused(Problem(405), request_id=str(request.call.id))
    told["Allow"] = response["Allow"]
    return told


def _log(request, response, seconds: float) -> None:
    caller = request.call.caller
    who = caller.client.name if caller else "nobody"
    logger.info("%s %s %s %d ms, %s", request.method, request.path, response.status_code, seconds * 1000, who)
