"""Writes of customer thanks: a survey begins, is answered turn by turn, and what a customer gives reaches the agent."""

import datetime as dt
import secrets
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from inbox.actions import notify
from inbox.enums import Kind
from interactions.models import Leg
from interactions.queries import customer_key_of
from ledger.actions import Order, account_of, locked_balances, single_account, take_back, transfer
from ledger.enums import AccountKind, Purpose
from metrics.actions import NewReading, record_readings
from metrics.enums import ReadingKind, Source
from metrics.models import Metric
from people.models import User
from rewards.catalogue.models import Item

from .enums import Ending, Way
from .models import AccessKey, Answer, Resolution, Response, ShownPicture, Survey, SurveyVersion, Thanks
from .queries import (
    as_asked_now,
    find_agent,
    legs_of,
    points_of_day,
    responses_to_complete,
    standing_thanks,
    thanks_of_customer,
    version_for,
    workday_for,
)
from .rules.attribution import Served, capped, served_last, thanked
from .rules.survey import FALLBACK, Definition, Turn, definition_to_json, next_turn, turn_after

METRIC = "customer_thanks"
NUL = "\x00"
"""What PostgreSQL keeps in no text."""
READINGS = "laurel thanks"
"""Source of the readings that thanks leave."""
FUTURE = dt.timedelta(minutes=10)
OLDEST = dt.timedelta(days=60)
OWN_LEG_COMES_WITHIN = dt.timedelta(days=2)
"""So long the leg of an agent who was named may be missing while others of the interaction are there."""


class ThanksRefusal(Exception):
    """What cannot be taken; the message is a sentence for people."""


class NoSurvey(ThanksRefusal):
    """No survey is switched on for this agent."""


class NotThatMoment(ThanksRefusal):
    """The interaction would have begun in the future, or too long ago."""


class TurnIsAnswered(ThanksRefusal):
    """The turn was answered before, with another key."""


class TurnIsAhead(ThanksRefusal):
    """A turn that has not come yet."""


class AlreadyResolved(ThanksRefusal):
    """Somebody decided it before."""


class NotYourself(ThanksRefusal):
    """Nobody decides on points of their own."""


class NoSuchInteraction(ThanksRefusal):
    """No interaction of that id is known, of an agent in reach."""


@dataclass(frozen=True)
class Contact:
    """The interaction that a survey follows, as another system names it. `customer` is a number or address."""

    source: str
    external_id: str
    started_at: dt.datetime
    agent: str = ""
    customer: str = ""


@dataclass(frozen=True)
class Standing:
    """Where a response stands. `number` is the turn that is to be answered next."""

    response: Response
    definition: Definition
    turn: Turn
    number: int

    @cached_property
    def is_given(self) -> bool:
        """Whether the reward reached an agent: only then may anything be promised. Committed when a view reads it."""
        thanks = standing_thanks(self.response) if self.turn.ending is Ending.CHOSEN else None
        return bool(thanks and not thanks.capped)


def standing_of(response: Response) -> Standing:
    """Where a response stands by the answers that were kept."""
    definition = response.version.definition
    keys = list(response.answers.order_by("turn").values_list("key", flat=True))
    return Standing(response, definition, turn_after(definition, keys), len(keys) + 1)


@transaction.atomic
def begin(contact: Contact, *, way: Way, language: str, at: dt.datetime) -> Response:
    """The response of an interaction, made on first use: beginning again finds it where it stands.

    NoSurvey where none is switched on; NotThatMoment for a time that cannot be.
    """
    known = Response.objects.filter(source=contact.source, external_id=contact.external_id).first()
    if known:
        return known
    if not at - OLDEST < contact.started_at <= at + FUTURE:
        raise NotThatMoment(_("The interaction began at a time that cannot be."))
    named = find_agent(contact.agent)
    whom = thanked(legs_of(contact.source, contact.external_id), named=named.pk if named else None, before=at)
    leg, agent = _found(whom)
    version = version_for(agent, on=workday_for(agent, at=at) if agent else at.date())
    if version is None:
        raise NoSurvey(_("No survey is switched on."))
    version = follow_catalogue(version, at=at)
    definition = version.definition
    fields = {
        "version": version,
        "way": way,
        "language": language if language in definition.languages else FALLBACK,
        "started_at": contact.started_at,
        "named": "" if agent else contact.agent[:254],
        "customer_key": (leg and leg.customer_key) or customer_key_of(contact.customer),
        "leg": leg,
        "agent": agent,
        "workday": leg.workday if leg else workday_for(agent, at=contact.started_at) if agent else None,
        "asked_at": at,
    }
    return Response.objects.get_or_create(source=contact.source, external_id=contact.external_id, defaults=fields)[0]


def offer_link(external_id: str, *, agents: QuerySet[User], language: str, at: dt.datetime) -> Response:
    """The response of a known interaction, for a link to its customer.

    NoSuchInteraction unless one interaction has that id, and one of `agents` served it last.
    """
    legs = Leg.objects.filter(external_id=external_id, agent__isnull=False)
    sources = set(legs.values_list("source", flat=True)[:1000])
    source = sources.pop() if len(sources) == 1 else ""
    last = served_last(legs_of(source, external_id), before=at)
    if last is None or not agents.filter(pk=last.agent_id).exists():
        raise NoSuchInteraction(_("No interaction of this id is known, of an agent whom you may see."))
    contact = Contact(source, external_id, last.started_at)
    return begin(contact, way=Way.LINK, language=language, at=at)


def _found(whom: Served | int | None):
    """(leg or None, agent or None)."""
    if isinstance(whom, Served):
        leg = Leg.objects.select_related("agent").get(pk=whom.leg_id)
        return leg, leg.agent
    return None, User.objects.get(pk=whom) if whom else None


@transaction.atomic
def answer(response: Response, *, turn: int, key: str, at: dt.datetime) -> Standing:
    """Takes a key at a turn, each turn once: the same again changes nothing. Keeps it with all that comes of it.

    TurnIsAnswered when another key was kept for this turn, TurnIsAhead when it has not come yet.
    """
    response = _locked(response.pk)
    standing, key = standing_of(response), key.replace(NUL, "").strip()[:20]
    if turn < standing.number:
        if response.answers.get(turn=turn).key != key:
            raise TurnIsAnswered(_("This question was answered before."))
        return standing
    if turn > standing.number or standing.turn.is_over:
        raise TurnIsAhead(_("This question has not come yet."))
    Answer.objects.create(response=response, turn=turn, key=key, at=at)
    after = next_turn(standing.definition, standing.turn, key)
    _keep(response, after, at=at)
    if after.ending is Ending.CHOSEN and response.agent:
        credit(response, at=at)
    return Standing(response, standing.definition, after, turn + 1)


def _locked(pk: int) -> Response:
    rows = Response.objects.select_for_update(of=("self",)).select_related("version", "agent")
    return rows.get(pk=pk)


def _keep(response: Response, turn: Turn, *, at: dt.datetime) -> None:
    response.recommend, response.wants_reward, response.gift = turn.recommend, turn.wants_reward, turn.gift
    response.ending, response.ended_at = (turn.ending, at) if turn.is_over else ("", None)
    response.save(update_fields=["recommend", "wants_reward", "gift", "ending", "ended_at"])


# The effect -------------------------------------------------------------------------------------------------------


@transaction.atomic
def credit(response: Response, *, replaces: Thanks | None = None, at: dt.datetime) -> Thanks:
    """What a customer chose reaches the agent, once: the thanks, the transfer, and the day's increment of the metric.

    The caller holds the response. Accounts are locked before caps are read, so that no two thanks both find room.
    `replaces` is what stood for another agent, and was taken back.
    """
    if (done := standing_thanks(response)) and replaces is None:
        return done
    definition = response.version.definition
    option = definition.option(response.gift)
    issued, account = single_account(AccountKind.ISSUED), account_of(response.agent)
    locked_balances([issued.pk, account.pk])
    why = capped(
        definition,
        option.points,
        day_points=points_of_day(response.agent, response.workday),
        customer_thanks=thanks_of_customer(
            response.customer_key, since=at - dt.timedelta(days=definition.customer_days), but=response
        ),
    )
    moved = None
    if option.points and not why:
        reference = f"thanks:{response.public_id}"
        key = key_of(response) + (":moved" if replaces else "")
        moved = transfer(Order(issued, account, option.points, key, Purpose.THANKS, reference), by=None, at=at)
        _measure(response.agent_id, response.workday, option.points, key, at=at)
    given = Thanks.objects.create(
        response=response,
        replaces=replaces,
        agent=response.agent,
        workday=response.workday,
        points=moved.points if moved else 0,
        capped=why or "",
        transfer=moved,
        at=at,
    )
    params = {"gift": definition.names(option.key), "points": given.points}
    notify(given.agent, Kind.THANKS, params=params, url=reverse("desk:points"), key=f"thanks:{given.pk}", at=at)
    return given


def key_of(response: Response) -> str:
    """Made of the interaction, which never changes, so that it is thanked once."""
    return "thanks:" + sha256(f"{response.source}\x1f{response.external_id}".encode()).hexdigest()


def _measure(agent_id: int, workday: dt.date, points: int, key: str, *, at: dt.datetime) -> None:
    """Adds points to an agent's workday. Where the metric was switched off, points are given all the same."""
    metric = Metric.objects.filter(key=METRIC, source=Source.EXTERNAL, is_active=True).first()
    if metric:
        reading = NewReading(metric, agent_id, workday, points, key, kind=ReadingKind.CUMULATIVE)
        record_readings([reading], source=READINGS, at=at)


# Interactions that come later, and agents who were not found ---------------------------------------------------------


def complete_responses(*, at: dt.datetime) -> int:
    """Gives responses the legs that imports brought, and with them the agent where nobody was known. How many."""
    waiting = list(responses_to_complete(at=at).values_list("pk", flat=True))
    return sum(complete(pk, at=at) for pk in waiting)


@transaction.atomic
def complete(pk: int, *, at: dt.datetime) -> bool:
    """One response and its interaction, as far as the call log tells by now. Whoever was thanked stays thanked: where
    the log names another, a person decides.
    """
    response = _locked(pk)
    if response.leg_id:
        return False
    legs = legs_of(response.source, response.external_id)
    still_to_come = response.agent_id if at < response.asked_at + OWN_LEG_COMES_WITHIN else None
    whom = thanked(legs, named=still_to_come, before=response.asked_at)
    leg, agent = _found(whom)
    if leg is None:
        return False
    response.leg = leg
    response.customer_key = response.customer_key or leg.customer_key or ""
    if not standing_thanks(response) and not hasattr(response, "resolution"):
        response.agent, response.workday, response.named = agent, leg.workday, ""
    response.save(update_fields=["leg", "agent", "workday", "named", "customer_key"])
    if response.ending == Ending.CHOSEN and response.agent and not hasattr(response, "resolution"):
        credit(response, at=at)
    return True


@transaction.atomic
def resolve(response: Response, *, agent: User | None, reason: str, by: User, at: dt.datetime) -> Resolution:
    """Somebody who knows says whom a thanks belongs to, or that nobody can be found.

    AlreadyResolved when that was decided or found before; NotYourself for points of one's own.
    """
    response = _locked(response.pk)
    if agent and agent.pk == by.pk:
        raise NotYourself(_("Somebody else decides on a thanks for you."))
    if response.agent_id or Resolution.objects.filter(response=response).exists():
        raise AlreadyResolved(_("The agent of this thanks was found before."))
    resolution = Resolution.objects.create(response=response, agent=agent, reason=reason, by=by, at=at)
    if agent:
        response.agent, response.workday = agent, workday_for(agent, at=response.started_at)
        response.named = ""
        response.save(update_fields=["agent", "workday", "named"])
        credit(response, at=at)
    return resolution


@transaction.atomic
def leave(response: Response, *, reason: str, by: User, at: dt.datetime) -> Resolution:
    """Somebody has looked at a thanks for which the call log names another agent, and it stays with whom it reached."""
    response = _locked(response.pk)
    if response.agent_id == by.pk:
        raise NotYourself(_("Somebody else decides on a thanks for you."))
    if Resolution.objects.filter(response=response).exists():
        raise AlreadyResolved(_("The agent of this thanks was found before."))
    return Resolution.objects.create(response=response, agent=response.agent, reason=reason, by=by, at=at)


@transaction.atomic
def move(response: Response, *, reason: str, by: User, at: dt.datetime) -> Resolution:
    """A thanks goes from whom it reached to whom the call log names: what was given is taken back, as far as it is
    there, the rest as a debt; the day's value falls, and the other's rises.
    """
    response = _locked(response.pk)
    agent, before = response.leg.agent, standing_thanks(response)
    if by.pk in (response.agent_id, agent.pk):
        raise NotYourself(_("Somebody else decides on a thanks for you."))
    if Resolution.objects.filter(response=response).exists():
        raise AlreadyResolved(_("The agent of this thanks was found before."))
    resolution = Resolution.objects.create(response=response, agent=agent, reason=reason, by=by, at=at)
    if before.transfer:
        key = f"{key_of(response)}:back"
        take_back(before.transfer, points=before.points, key=key, by=by, at=at)
        _measure(before.agent_id, before.workday, -before.points, key, at=at)
        told = {"params": {"points": before.points}, "url": reverse("desk:points"), "key": f"thanks:{before.pk}:back"}
        notify(before.agent, Kind.REWARD_REVERSED, **told, at=at)
    response.agent, response.workday = agent, response.leg.workday
    response.save(update_fields=["agent", "workday"])
    credit(response, replaces=before, at=at)
    return resolution


# Settings ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def save_version(survey: Survey, definition: Definition, *, from_on: dt.date, by, at: dt.datetime) -> SurveyVersion:
    """A new version of a survey. Surveys that have begun go on as they began. Pictures that it shows are kept."""
    content = definition_to_json(definition)
    version = SurveyVersion.objects.create(survey=survey, from_on=from_on, content=content, by=by, at=at)
    shown = [ShownPicture(version=version, picture_id=digest) for digest in sorted(definition.pictures)]
    ShownPicture.objects.bulk_create(shown)
    return version


@transaction.atomic
def follow_catalogue(version: SurveyVersion, *, at: dt.datetime) -> SurveyVersion:
    """The version, or where an item that lends it something changed since, a further one from the same day on.

    Two customers who are asked at once make one. Items are held, so that no picture goes while a version takes it.
    """
    if as_asked_now(version.definition) == version.definition:
        return version
    survey = Survey.objects.select_for_update().get(pk=version.survey_id)
    list(Item.objects.select_for_update().filter(public_id__in=version.definition.items).order_by("pk"))
    newest = survey.versions.filter(from_on=version.from_on).order_by("-pk")[0]
    definition = as_asked_now(newest.definition)
    if definition == newest.definition:
        return newest
    return save_version(survey, definition, from_on=newest.from_on, by=None, at=at)


def renew_key(key: AccessKey) -> str:
    """A new secret of an access key, saved as its digest; the secret itself is returned, and kept nowhere."""
    secret = f"laurel_{secrets.token_urlsafe(32)}"
    key.digest = sha256(secret.encode()).hexdigest()
    key.save()
    return secret
