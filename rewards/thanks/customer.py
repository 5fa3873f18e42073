"""The customer's own page, by a signed link."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from foundation.pages.limits import is_over_limit
from people.signin import client_address

from .actions import Standing, TurnIsAhead, TurnIsAnswered, answer, standing_of
from .enums import Question
from .models import Response
from .queries import BadLink, ExpiredLink, first_name_of, response_of
from .rules.survey import FALLBACK, choices, closing_text, question_text
from .rules.survey import Text as SurveyText

MOST_A_MINUTE = 60
MOST_GUESSES_A_MINUTE = 20
STEPS = list(Question)


@csrf_exempt  # the token in the address is what counts; no session is read, and no cookie is set
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def customer(request, token: str):
    """The survey of one interaction, for whoever holds its link."""
    address = client_address(request)
    if is_over_limit(f"thanks:{address}", most=MOST_A_MINUTE):
        return _closed(request, 429)
    try:
        response = response_of(token)
    except ExpiredLink:
        return _closed(request, 410, expired=True)
    except BadLink:
        guessed = is_over_limit(f"thanks-guess:{address}", most=MOST_GUESSES_A_MINUTE)
        return _closed(request, 429 if guessed else 404)
    language = _language(request, response.version.definition.languages, response.language)
    with override(_shipped(language)):
        return _survey(request, response, language)


def _survey(request, response: Response, language: str):
    """The question that is asked now. An answer leads on to the next, the last one to what came of it."""
    if request.method != "POST":
        standing = standing_of(response)
        return _closed(request, 410, answered=True) if standing.turn.is_over else _page(request, standing, language)
    turn = request.POST.get("turn", "")
    try:
        number = int(turn) if turn.isascii() and turn.isdigit() and len(turn) < 4 else 0
        if not number:
            return _page(request, standing_of(response), language, status=400)
        standing = answer(response, turn=number, key=request.POST.get("key", ""), at=timezone.now())
    except (TurnIsAnswered, TurnIsAhead) as error:
        standing = standing_of(response)
        if standing.turn.is_over:
            return _closed(request, 410, answered=True)
        return _page(request, standing, language, note=str(error), status=409)
    if standing.turn.is_over:
        return _page(request, standing, language)
    return HttpResponseRedirect(request.get_full_path(), status=303)


def _page(request, standing: Standing, language: str, *, note: str = "", status: int = 200):
    definition, turn = standing.definition, standing.turn
    context = {
        "standing": standing,
        "language": language,
        "languages": [(code, get_language_info(code)["name_local"]) for code in definition.languages],
        "direction": "rtl" if get_language_info(language)["bidi"] else "ltr",
        "agent": first_name_of(standing.response.agent) if standing.response.agent else "",
        "note": note,
    }
    if turn.is_over:
        context |= {
            "closing": closing_text(definition, turn, language, given=standing.is_given),
            "is_given": standing.is_given,
            "picture": definition.option(turn.gift).picture if turn.gift else "",
        }
    else:
        context |= {
            "question": question_text(definition, turn, language),
            "choices": choices(definition, turn.question, language),
            "step": STEPS.index(turn.question) + 1,
            "steps": len(STEPS),
            "note": note or (definition.text(SurveyText.AGAIN, language) if turn.repeated else ""),
        }
    return _private(render(request, "thanks/customer.html", context, status=status))


def _closed(request, status: int, **why):
    """A link that leads to no question, and why: what happened, and what to do."""
    language = _language(request, [code for code, _name in settings.LANGUAGES], FALLBACK)
    with override(language):
        texts = {
            404: (
                _("This link does not work"),
                _("Perhaps a part of it was lost. Please open it again from the message."),
            ),
            429: (_("Too many tries in a short time"), _("Please wait a minute and try again. Nothing is lost.")),
            410: (_("This link has expired"), _("Thank you for wanting to answer. Nothing else is needed from you.")),
        }
        title, text = texts[status]
        if why.get("answered"):
            title = _("You have answered already")
            text = _("Thank you. Your answers have arrived, and this link has done its work.")
        context = {"title": title, "text": text, "language": language}
        page = _private(render(request, "thanks/closed.html", context, status=status))
    if status == 429:
        page["Retry-After"] = "60"
    return page


def _private(page):
    page["Cache-Control"] = "no-store"
    page["Referrer-Policy"] = "no-referrer"
    return page


def _language(request, known: list[str], otherwise: str) -> str:
    """The language that the reader chose or that their browser asks for, where the survey speaks it."""
    if (chosen := request.GET.get("lang")) in known:
        return chosen
    asked = parse_accept_lang_header(request.headers.get("accept-language", "").lower())
    spoken = (code for full, _weight in asked for code in (full, full.split("-")[0]) if code in known)
    return next(spoken, otherwise if otherwise in known else known[0])


def _shipped(language: str) -> str:
    return language if language in dict(settings.LANGUAGES) else FALLBACK
