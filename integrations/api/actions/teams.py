"""Teams that callers make, with their members."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction

from foundation.periods import workday_of
from people.access import people_within, reach
from people.changes import Change, announce
from people.enums import Belonging, Permission
from people.models import Division, Team, TeamMembership, User
from people.queries import default_division

from ..models import TeamDetail
from ..rules.goals import AGGREGATIONS, Unfit, word_of
from .goals import NotKnown, metric_of, said_of


class NameTaken(Exception):
    """Another team of the division has the name."""


@transaction.atomic
def make_team(
    *,
    name: str,
    division_id: str,
    members: Sequence[str],
    aggregation: str,
    definitions: Iterable[Mapping],
    by: User,
    at: dt.datetime,
) -> Team:
    """A team of exactly these people, each from their own today on, and how goals of it count where they do not say so.
    Unfit, NotKnown, NameTaken.
    """
    if not reach(by, Permission.CONFIGURE_PEOPLE):
        raise PermissionDenied
    people = _people(members, by, on=at.astimezone(dt.UTC).date())
    division = _division(division_id, people, by)
    zones = {each.pk: each.zone for each in Division.objects.all()}
    if Team.objects.filter(division=division, name=name).exists():
        raise NameTaken
    team = Team.objects.create(name=name, division=division)
    joined = {person: workday_of(at, zones.get(person.division_today, division.zone)) for person in people}
    for person, today in joined.items():  # one by one: each leaves an entry in the audit log
        TeamMembership.objects.create(team=team, person=person, from_on=today)
    announce([Change(person.pk, Belonging.TEAM, today) for person, today in joined.items()], at=at)
    said = [said_of(definition) for definition in definitions]
    for definition in said:
        metric_of(definition, by=by, team=team, at=at)
    adds_up = word_of(AGGREGATIONS, aggregation, "aggregationType")
    TeamDetail.objects.create(team=team, aggregation=adds_up, metric_definitions=said)
    return team


def _division(text: str, people: Sequence[User], by: User) -> Division:
    """The division that was named, or that of all its people; of nobody the default one."""
    where = reach(by, Permission.CONFIGURE_PEOPLE)
    if text:
        pk = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
        division = Division.objects.filter(pk=pk).first()
    else:
        homes = {person.division_today for person in people} or where.divisions
        if len(homes) > 1:
            raise Unfit("divisionId: say in which division the team is.")
        division = Division.objects.filter(pk__in=homes).first() or default_division()
    if division is None or not where.covers(division):
        raise NotKnown(f"divisionId: there is no division “{text}” whose teams this client makes.")
    return division


def _people(ids: Sequence[str], by: User, *, on: dt.date) -> list[User]:
    """The people of these public ids, each once, whom the caller configures."""
    inside = people_within(by, Permission.CONFIGURE_PEOPLE, on=on).filter(is_active=True)
    found = {str(person.public_id): person for person in inside.filter(public_id__in=filter(None, map(_uuid, ids)))}
    missing = [text for text in ids if str(_uuid(text)) not in found]
    if missing:
        raise NotKnown(f"memberIds: there is nobody with the id “{missing[0]}” whom this client configures.")
    return list(found.values())


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
