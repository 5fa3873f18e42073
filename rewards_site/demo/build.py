"""Builds the demo centre: one transaction for all facts, so that a broken run leaves nothing behind."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from people.models import Division, User

from . import PREFIX
from .facts import write_facts
from .people import write_people
from .plan import SITES
from .rewards import write_items
from .scoring import write_profiles, write_sales_metric
from .staff import draw_staff
from .thanks import write_thanks
from .workdays import Records


class NotEmpty(Exception):
    """Raised when the database holds people or divisions that are not the demo's own."""


@dataclass(frozen=True)
class Built:
    agents: int
    contacts: int


def stands() -> bool:
    """Whether the demo centre is there. Raises NotEmpty where someone else is."""
    if User.objects.exclude(external_id__startswith=PREFIX).exists():
        raise NotEmpty
    if User.objects.exists():
        return True
    if Division.objects.filter(name__in=[site.name for site in SITES]).exists():
        raise NotEmpty
    return False


@transaction.atomic
def build(*, seed: int, at: dt.datetime, agents: int, days: int) -> Built:
    """Write the centre as it is at a moment, with records of `days` days before; touches wait for a rescore.

    The same arguments give the same rows. Call it where `stands` is false.
    """
    today = at.astimezone(dt.UTC).date()
    first = today - dt.timedelta(days=days)
    staff = draw_staff(seed=seed, agents=agents, first=first, today=today)
    written = write_people(staff, at=at)
    sales = write_sales_metric()
    write_profiles(staff, written, from_on=first, at=at)
    contacts = write_facts(staff, written, Records(seed, first, days, at), sales=sales)
    write_items(from_on=first, at=at)
    write_thanks(at=at)
    return Built(len(staff.agents), contacts)
