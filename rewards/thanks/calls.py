"""The survey for other systems, turn by turn: as JSON, or as TwiML for a telephony server. And links that they send."""

import base64
import binascii
import datetime as dt
import functools
import json
from xml.etree import ElementTree

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from foundation.pages.limits import is_over_limit
from people.signin import client_address

from .actions import (
    NUL,
    Contact,
    NoSurvey,
    NotThatMoment,
    Standing,
    TurnIsAhead,
    TurnIsAnswered,
    answer,
    begin,
    standing_of,
)
from .enums import Way
from .models import Response
from .queries import access_key_of, is_pass_of, link_until, pass_of, token_of
from .rules.survey import FALLBACK, spoken

LARGEST = 16 * 1024
MOST_A_MINUTE = 3000
MOST_GUESSES_A_MINUTE = 120
LONGEST_ID = 160
SECONDS_TO_PRESS = "6"
VOICES = {"en": "en-US", "de": "de-DE"}
"""The voice that a telephony server takes for a language; any other is asked for as it is."""


class BadRequest(ValueError):
    """What was sent cannot be read; the message is a sentence for whoever sends it."""


def machine(view):
    """A view for other systems: it gets the source that they speak for. No session is read."""

    @csrf_exempt
    @login_not_required
    @functools.wraps(view)
    def guarded(request, **given):
        source = _source(request, given.get("call"))
        if source is None:
            return _turned_away(request)
        if is_over_limit(f"thanks-source:{source}", most=MOST_A_MINUTE):
            return _refused(request, 429, "Too many requests in a minute. Try again later.", {"Retry-After": "60"})
        try:
            with override("en"):
                return view(request, source, **given)
        except Response.DoesNotExist:
            return _refused(request, 404, "This key knows no such call.")
        except (BadRequest, NotThatMoment) as error:
            return _refused(request, 422, str(error))
        except NoSurvey as error:
            return _hang_up() if wants_xml(request) else _refused(request, 409, str(error))

    return guarded


def _source(request, call) -> str | None:
    """The source that an access key speaks for; or that of the call whose pass stands in the address, as TwiML gives it
    to a telephony server, which may show its key at the start only.
    """
    if key := access_key_of(_shown_key(request)):
        return key.source
    if call is not None and is_pass_of(call, request.GET.get("pass", "")):
        return Response.objects.filter(public_id=call).values_list("source", flat=True).first()
    return None


def _turned_away(request):
    if is_over_limit(f"thanks-key-guess:{client_address(request)}", most=MOST_GUESSES_A_MINUTE):
        return _refused(request, 429, "Too many wrong keys. Try again later.", {"Retry-After": "60"})
    challenge = {"WWW-Authenticate": 'Basic realm="Laurel", charset="UTF-8"'}
    return _refused(request, 401, "Show an access key, as a bearer token or as the password.", challenge)


@machine
@require_POST
def start(request, source: str):
    """A call reaches the survey. The same interaction again goes on where it stands."""
    given = _given(request)
    response = begin(
        _contact(given, source), way=Way.PHONE, language=given.get("language", FALLBACK), at=timezone.now()
    )
    return _answer(request, standing_of(response))


@machine
@require_safe
def resume(request, source: str, call):
    """Where a call stands, after a connection was lost."""
    return _answer(request, standing_of(_call(source, call)))


@machine
@require_POST
def press(request, source: str, call, turn: int):
    """A key at a turn. Sent again, it is answered again; another key for the same turn is refused."""
    given = _given(request)
    response = _call(source, call)
    try:
        pressed = given.get("key", given.get("Digits", ""))
        standing = answer(response, turn=turn, key=pressed, at=timezone.now())
    except (TurnIsAnswered, TurnIsAhead) as error:
        standing = standing_of(_call(source, call))
        return _answer(request, standing) if wants_xml(request) else _answer(request, standing, 409, str(error))
    return _answer(request, standing)


@machine
@require_POST
def link(request, source: str):
    """A link for the customer of an interaction, to be sent by message or chat."""
    given = _given(request)
    at = timezone.now()
    response = begin(_contact(given, source), way=Way.LINK, language=given.get("language", FALLBACK), at=at)
    until = link_until(response, at=at)
    url = request.build_absolute_uri(reverse("thanks:customer", args=[token_of(response)]))
    return JsonResponse({"url": url, "expiresAt": until.isoformat(timespec="seconds"), "answered": response.is_over})


# What was sent -------------------------------------------------------------------------------------------------------


def _shown_key(request) -> str:
    """The access key: a bearer token, or the password that a telephony server takes from its address."""
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return shown.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(shown, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _given(request) -> dict[str, str]:
    """The fields of a request: JSON or a form, over what stands in the address."""
    if int(request.headers.get("content-length") or 0) > LARGEST:
        raise BadRequest(f"A request has at most {LARGEST // 1024} kB.")
    fields = _fields(request)
    if any(NUL in text for text in fields.values()):
        raise BadRequest("A text holds no NUL.")
    return fields


def _fields(request) -> dict[str, str]:
    fields = request.GET.dict()
    if request.content_type != "application/json":
        return fields | request.POST.dict()
    try:
        content = json.loads(request.body or b"{}")
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON.") from error
    if not isinstance(content, dict) or not all(isinstance(each, str | int | None) for each in content.values()):
        raise BadRequest("The body is an object of texts.")
    return fields | {name: str(value) for name, value in content.items() if value is not None}


def _contact(given: dict[str, str], source: str) -> Contact:
    """The interaction that is spoken of. What a telephony server sends of itself fills in what is not named."""
    external_id = given.get("interaction", given.get("CallSid", "")).strip()
    if not 0 < len(external_id) <= LONGEST_ID or not external_id.isprintable():
        raise BadRequest(f"“interaction” is the id of the interaction, a text of 1 to {LONGEST_ID} characters.")
    customer = given.get("customer", given.get("From", "")).strip()[:200]
    return Contact(source, external_id, _moment(given.get("startedAt")), given.get("agent", "")[:254], customer)


def _moment(text: str | None) -> dt.datetime:
    if not text:
        return timezone.now()
    try:
        moment = parse_datetime(text.replace(" ", "+", 1) if "T" in text else text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadRequest("“startedAt” is a moment with its zone, such as 2024-09-10T15:00:00Z.")
    return moment


def _call(source: str, call) -> Response:
    """A response by its id, of the source that is spoken for."""
    return Response.objects.select_related("version", "agent").get(public_id=call, source=source)


# What is answered ----------------------------------------------------------------------------------------------------


def wants_xml(request) -> bool:
    """What Accept asks for; where it leaves that open, a form is answered in XML and JSON in JSON."""
    accepted = request.get_preferred_type(["application/json", "application/xml", "text/xml"])
    if request.headers.get("accept", "*/*").strip() == "*/*":
        return request.content_type == "application/x-www-form-urlencoded"
    return accepted is not None and accepted != "application/json"


def _answer(request, standing: Standing, status: int = 200, message: str = ""):
    response, turn = standing.response, standing.turn
    language = response.language
    say = spoken(standing.definition, turn, language, given=standing.is_given)
    following = None
    if not turn.is_over:
        path = reverse("thanks:press", kwargs={"call": response.public_id, "turn": standing.number})
        following = request.build_absolute_uri(path)
    if wants_xml(request):
        following = following and f"{following}?pass={pass_of(response)}"
        return _twiml(say, VOICES.get(language, language), following)
    content = {
        "call": str(response.public_id),
        "turn": None if turn.is_over else standing.number,
        "say": say,
        "language": language,
        "keys": [] if turn.is_over else list(standing.definition.keys(turn.question)),
        "over": turn.is_over,
        "given": standing.is_given,
        "next": following,
    }
    return JsonResponse(content | ({"message": message} if message else {}), status=status)


def _twiml(say: str, voice: str, following: str | None) -> HttpResponse:
    root = ElementTree.Element("Response")
    if following:
        asked = {"input": "dtmf", "numDigits": "1", "timeout": SECONDS_TO_PRESS, "method": "POST", "action": following}
        ElementTree.SubElement(ElementTree.SubElement(root, "Gather", asked), "Say", language=voice).text = say
        ElementTree.SubElement(root, "Redirect", method="POST").text = following
    else:
        ElementTree.SubElement(root, "Say", language=voice).text = say
        ElementTree.SubElement(root, "Hangup")
    return _xml(root)


def _hang_up() -> HttpResponse:
    root = ElementTree.Element("Response")
    ElementTree.SubElement(root, "Hangup")
    return _xml(root)


def _xml(root, status: int = 200) -> HttpResponse:
    text = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return HttpResponse(text, content_type="application/xml; charset=utf-8", status=status)


def _refused(request, status: int, message: str, headers: dict | None = None):
    if not wants_xml(request):
        return JsonResponse({"message": message, "status": status}, status=status, headers=headers)
    root = ElementTree.Element("Response")
    root.append(ElementTree.Comment(f" {message} "))
    page = _xml(root, status)
    for name, value in (headers or {}).items():
        page[name] = value
    return page
