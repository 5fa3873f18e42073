"""Reads of customer thanks."""

import contextlib
import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from foundation.periods import Period
from interactions.models import Leg
from people.access import may, visible_people
from people.enums import Permission
from people.models import User
from people.queries import division_of, today_of
from rewards.catalogue.models import Item

from .enums import Ending
from .models import AccessKey, Response, Survey, SurveyVersion, Thanks
from .rules.attribution import Served, first_name
from .rules.survey import FALLBACK, Definition, Lent

SIGNER = signing.TimestampSigner(salt="rewards.thanks.link")
CALL_SIGNER = signing.TimestampSigner(salt="rewards.thanks.call")
CALL_LASTS = dt.timedelta(hours=1)
WAITS_FOR_ITS_LEG = dt.timedelta(days=60)
"""How long an import may still bring the interaction of a response."""


class BadLink(Exception):
    """The token of a link was not made here."""


class ExpiredLink(Exception):
    """The token of a link is too old."""


def version_for(agent: User | None, *, on: dt.date) -> SurveyVersion | None:
    """The survey that customers of an agent are asked on a day: their division's, else the one for all."""
    versions = SurveyVersion.objects.by(on).select_related("survey").order_by("-from_on", "-pk")
    own = versions.filter(survey__division=division_of(agent, on=on)).first() if agent else None
    found = own or versions.filter(survey__division=None, survey__is_on=True).first()
    return found if found and found.survey.is_on else None


def newest_definition(survey: Survey) -> Definition | None:
    """What a survey says in its newest version; for a new one, what the survey for all says."""
    of = {"survey": survey} if survey.pk else {"survey__division": None}
    newest = SurveyVersion.objects.filter(**of).order_by("-from_on", "-pk").first()
    return newest.definition if newest else None


def versions_in_force(*, on: dt.date) -> list[SurveyVersion]:
    """The version of each survey that holds on a day; the survey for all first."""
    rows = SurveyVersion.objects.by(on).select_related("survey__division").order_by("from_on", "pk")
    newest = {version.survey_id: version for version in rows}
    return sorted(newest.values(), key=lambda version: (version.survey.division_id is not None, version.survey.name))


def items_to_lend(*, on: dt.date, held: Iterable[str]) -> list[Item]:
    """The items of the catalogue that a survey may show: those of a day and later, and those that it shows already."""
    rows = Item.objects.filter(Q(until_on__isnull=True) | Q(until_on__gt=on) | Q(public_id__in=list(held)))
    return list(rows.order_by("name", "pk"))


def as_asked_now(definition: Definition) -> Definition:
    """What a customer would be asked at this moment: names and pictures that are lent as the catalogue shows them."""
    if not definition.items:
        return definition
    rows = Item.objects.filter(public_id__in=definition.items).values_list("public_id", "name", "picture_id")
    return definition.lent_anew({str(item): Lent(name, picture or "") for item, name, picture in rows})


def find_agent(text: str) -> User | None:
    """The person of a public id, an id in the source system, or an e-mail address. None unless it is one person's."""
    text = text.strip()
    if not text:
        return None
    ways = Q(external_id=text) | Q(email__iexact=text)
    with contextlib.suppress(ValueError):
        ways |= Q(public_id=uuid.UUID(text))
    found = list(User.objects.filter(ways)[:2])
    return found[0] if len(found) == 1 else None


def legs_of(source: str, external_id: str) -> list[Served]:
    """The legs of an interaction that somebody took."""
    rows = Leg.objects.filter(source=source, external_id=external_id, agent__isnull=False)
    return [Served(*row) for row in rows.values_list("pk", "agent_id", "started_at", "leg_number")]


def workday_for(agent: User, *, at: dt.datetime) -> dt.date:
    """The workday on which a moment falls for an agent, in the zone of their division of that day."""
    return today_of(agent, at=at)


def points_of_day(agent: User, workday: dt.date) -> int:
    """Points that customers gave an agent on a workday."""
    return Thanks.objects.standing().filter(agent=agent, workday=workday).aggregate(sum=Sum("points"))["sum"] or 0


def thanks_of_customer(key: str, *, since: dt.datetime, but: Response) -> int:
    """How often a customer gave points since a moment, `but` not counted; 0 for one who is not known."""
    rows = Thanks.objects.standing().filter(response__customer_key=key, at__gt=since, points__gt=0)
    return rows.exclude(response=but).count() if key else 0


def standing_thanks(response: Response) -> Thanks | None:
    """What stands of a response."""
    return Thanks.objects.standing().filter(response=response).first()


def access_key_of(text: str) -> AccessKey | None:
    """The access key that was shown, where it is one that holds."""
    return AccessKey.objects.filter(digest=sha256(text.encode()).hexdigest(), is_on=True).first() if text else None


def responses_to_complete(*, at: dt.datetime) -> QuerySet[Response]:
    """Responses without their interaction, of which the import has brought a leg by now."""
    legs = Leg.objects.filter(source=OuterRef("source"), external_id=OuterRef("external_id"), agent__isnull=False)
    waiting = Response.objects.filter(leg=None, asked_at__gt=at - WAITS_FOR_ITS_LEG)
    return waiting.filter(Exists(legs)).order_by("pk")


def orphans() -> QuerySet[Response]:
    """Responses in which a reward was chosen, whose agent nobody has found yet, oldest first."""
    chosen = Response.objects.filter(ending=Ending.CHOSEN, every_thanks=None, resolution=None, agent=None)
    return chosen.select_related("version").order_by("pk")


def disputed() -> QuerySet[Response]:
    """Thanked, and then the call log named somebody else as the last who served, oldest first."""
    return (
        Response.objects.filter(leg__isnull=False, every_thanks__isnull=False, resolution=None)
        .exclude(leg__agent=F("agent"))
        .select_related("agent", "leg__agent", "version")
        .order_by("pk")
    )


# What leads read -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offers:
    """An agent's contacts of some workdays, how many of their customers were asked, and what came of it."""

    person_id: int
    public_id: uuid.UUID
    name: str
    contacts: int
    asked: int
    answered: int
    thanked: int
    points: int

    @property
    def share(self) -> Fraction | None:
        """Percent of the contacts after which the customer was asked; None without contacts."""
        return Fraction(100 * self.asked, self.contacts) if self.contacts else None

    @property
    def share_key(self) -> Fraction:
        return Fraction(-1) if self.share is None else self.share

    @property
    def url(self) -> str:
        return reverse("scorecards:scorecard", args=[self.public_id])


def offers_of(people: QuerySet[User], *, from_on: dt.date, to_on: dt.date) -> list[Offers]:
    """A row for each of these people with contacts or surveys in the workdays, both inclusive. Four queries."""
    named = {row[0]: row[1:] for row in people.order_by("name", "pk").values_list("pk", "public_id", "name")}
    within = {"workday__gte": from_on, "workday__lte": to_on}
    contacts = _counts(Leg.objects.filter(**within).exclude(answered=False), n=Count("pk"))
    asked = _counts(Response.objects.filter(**within), n=Count("pk"), answered=Count("recommend"))
    thanked = _counts(Thanks.objects.standing().filter(**within), n=Count("pk"), points=Sum("points"))
    none: dict = {}
    return [
        Offers(
            pk,
            *named[pk],
            contacts.get(pk, none).get("n", 0),
            asked.get(pk, none).get("n", 0),
            asked.get(pk, none).get("answered", 0),
            thanked.get(pk, none).get("n", 0),
            thanked.get(pk, none).get("points", 0),
        )
        for pk in named
        if pk in contacts or pk in asked or pk in thanked
    ]


def _counts(rows: QuerySet, **sums) -> dict[int, dict]:
    found = rows.filter(agent__isnull=False).order_by().values("agent_id").annotate(**sums)
    return {row["agent_id"]: row for row in found}


# What agents read ----------------------------------------------------------------------------------------------------

MOST_NOTES = 3


def notes_of_thanks(agent: User, *, period: Period, is_own: bool) -> list[str]:
    """The latest thanks of a period as sentences, and how many more there were."""
    rows = Thanks.objects.standing().filter(agent=agent, workday__gte=period.start, workday__lt=period.end)
    latest = list(rows.select_related("response__version")[: MOST_NOTES + 1])
    name = "" if is_own else agent.get_short_name()
    notes = [_sentence(thanks, name) for thanks in latest[:MOST_NOTES]]
    if len(latest) > MOST_NOTES:
        more = rows.count() - MOST_NOTES
        notes.append(ngettext("and %(count)s more", "and %(count)s more", more) % {"count": more})
    return notes


def _sentence(thanks: Thanks, name: str) -> str:
    words = {"name": name, "gift": gift_of(thanks.response), "points": thanks.points}
    if not thanks.points:
        return (_("A customer thanked %(name)s: %(gift)s") if name else _("A customer thanked you: %(gift)s")) % words
    text = _("A customer thanked %(name)s: %(gift)s, +%(points)s")
    return (text if name else _("A customer thanked you: %(gift)s, +%(points)s")) % words


def gift_of(response: Response) -> str:
    """What a customer chose, in the reader's language."""
    return response.version.definition.option(response.gift).name(get_language() or FALLBACK)


def gifts_of(public_ids: Iterable[str]) -> dict[str, str]:
    """By public id of the response: who reads a balance learns what was given. One query."""
    found = Response.objects.filter(public_id__in=list(public_ids)).select_related("version")
    return {
        str(response.public_id): _("A customer thanked you: %(gift)s") % {"gift": gift_of(response)}
        for response in found
    }


# Links ------------------------------------------------------------------------------------------------------------


def asks(viewer) -> bool:
    """Whether the viewer may have customers asked at all: an agent would hold a way to thank themself."""
    return may(viewer, Permission.VIEW_LED) or may(viewer, Permission.VIEW_DIVISION)


def agents_to_ask_for(viewer, *, on: dt.date) -> QuerySet[User]:
    """The agents whose customers the viewer may have asked: never oneself."""
    return visible_people(viewer, on=on).exclude(pk=viewer.pk)


def link_until(response: Response, *, at: dt.datetime) -> dt.datetime:
    """Until when a link holds that is made now."""
    return at + dt.timedelta(days=response.version.definition.link_days)


def token_of(response: Response) -> str:
    return SIGNER.sign(response.public_id.hex)


def response_of(token: str) -> Response:
    """The response that a link's token stands for. BadLink: it was not made here; ExpiredLink: it is too old."""
    try:
        public_id = SIGNER.unsign(token)
        response = Response.objects.select_related("version", "agent").get(public_id=public_id)
    except (signing.BadSignature, Response.DoesNotExist, ValidationError, ValueError) as error:
        raise BadLink from error
    try:
        SIGNER.unsign(token, max_age=dt.timedelta(days=response.version.definition.link_days))
    except signing.SignatureExpired as error:
        raise ExpiredLink from error
    return response


def pass_of(response: Response) -> str:
    """What a telephony server shows from turn to turn of one call, instead of a key."""
    return CALL_SIGNER.sign(response.public_id.hex)


def is_pass_of(call: uuid.UUID, text: str) -> bool:
    try:
        return CALL_SIGNER.unsign(text, max_age=CALL_LASTS) == call.hex
    except signing.BadSignature:
        return False


def first_name_of(agent: User) -> str:
    """All that a customer is told of an agent."""
    return agent.short_name or first_name(agent.name)
