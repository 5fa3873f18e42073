"""Whom a customer thanks, and what a thanks is worth. Pure."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from ..enums import Cap
from .survey import Definition


class Served(NamedTuple):
    """A leg of the interaction, with the agent who took it."""

    leg_id: int
    agent_id: int
    started_at: dt.datetime
    number: int


def served_last(legs: Iterable[Served], *, before: dt.datetime) -> Served | None:
    """The leg of whoever served last before the survey began: not the first participant, and nobody who came after."""
    return max((leg for leg in legs if leg.started_at <= before), key=lambda leg: leg[2:], default=None)


def thanked(legs: Iterable[Served], *, named: int | None, before: dt.datetime) -> Served | int | None:
    """Whom to thank: a leg, or the agent who was named, or None where nobody can be found.

    The call log decides, unless the named agent took none of its legs: then their leg is still to come.
    """
    legs = list(legs)
    if named is not None and named not in {leg.agent_id for leg in legs}:
        return named
    return served_last(legs, before=before)


def capped(definition: Definition, points: int, *, day_points: int, customer_thanks: int) -> Cap | None:
    """Why a thanks comes without points; None when it comes with them.

    `day_points` are the agent's points of that workday, `customer_thanks` how often this customer gave points lately.
    """
    if definition.day_points is not None and day_points + points > definition.day_points:
        return Cap.DAY
    if definition.customer_thanks is not None and customer_thanks >= definition.customer_thanks:
        return Cap.CUSTOMER
    return None


def first_name(name: str) -> str:
    """The first name in a full name, written either way round."""
    return (name.rpartition(",")[2].split() or [""])[0]
