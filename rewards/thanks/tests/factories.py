"""A survey, its agents and their interactions, made the short way."""

import datetime as dt
import itertools
from dataclasses import replace

from interactions.models import Leg
from people.models import User
from people.tests.factories import make_division, make_person
from rewards.thanks.actions import Contact, answer, begin, save_version
from rewards.thanks.enums import Way
from rewards.thanks.models import Response, Survey

AT = dt.datetime(2024, 9, 10, 15, tzinfo=dt.UTC)
"""When customers are asked."""
CALLED = AT - dt.timedelta(minutes=10)
_numbers = itertools.count(1)
COFFEE = ["1", "1", "4"]
"""The way to a specialty coffee of 40 points."""


def make_agent(name="", *, zone="UTC", **fields) -> User:
    return make_person(name, division=make_division(time_zone=zone), role="agent", **fields)


def make_leg(agent: User, external_id="", *, number=1, started_at=CALLED, **fields) -> Leg:
    return Leg.objects.create(
        source="calls",
        external_id=external_id or f"call-{next(_numbers)}",
        leg_number=number,
        agent=agent,
        started_at=started_at,
        workday=fields.pop("workday", started_at.date()),
        **fields,
    )


def make_response(agent="", external_id="", *, at=AT, way=Way.PHONE, started_at=CALLED, customer="") -> Response:
    """A survey that has begun; `agent` a person, or how another system names one."""
    named = agent.email if isinstance(agent, User) else agent
    contact = Contact("calls", external_id or f"call-{next(_numbers)}", started_at, named, customer)
    return begin(contact, way=way, language="en", at=at)


def walk(response: Response, keys=COFFEE, *, at=AT):
    """Answers one turn after the other. Where the survey stands then."""
    standing = None
    for number, key in enumerate(keys, start=1):
        standing = answer(response, turn=number, key=key, at=at)
    return standing


def change_survey(**changes) -> None:
    """A new version of the survey that ships."""
    survey = Survey.objects.get(division=None)
    definition = survey.versions.first().definition
    save_version(survey, replace(definition, **changes), from_on=dt.date(2024, 1, 1), by=None, at=AT)
