"""Whatever the hierarchy, the queries agree with the rule as one would say it aloud."""

import datetime as dt
import random

import pytest

from people import access
from people.models import DivisionAssignment, Grant, Role, TeamLead, TeamMembership, User
from people.tests.factories import join, lead, make_division, make_person, make_team

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 22)
SPANS = [(-30, None), (-30, -1), (-30, 0), (-30, 1), (0, None), (1, None), (0, 5)]
"""From and until, in days from today."""


def build(chance: random.Random) -> list[User]:
    divisions = [make_division() for _ in range(3)]
    teams = []
    for _ in range(6):
        parent = chance.choice([None, *teams])
        teams.append(make_team(division=chance.choice(divisions), parent=parent))
    people = [make_person(is_active=chance.random() < 0.9) for _ in range(9)]
    for person in people:
        for day in chance.sample([-20, -1, 0, 1], k=chance.randint(0, 3)):
            day_on = TODAY + dt.timedelta(days=day)
            DivisionAssignment.objects.create(person=person, division=chance.choice(divisions), from_on=day_on)
        for tie in (join, lead):
            for team in chance.sample(teams, k=chance.randint(0, 2)):
                first, last = chance.choice(SPANS)
                until = None if last is None else TODAY + dt.timedelta(days=last)
                tie(person, team, from_on=TODAY + dt.timedelta(days=first), until_on=until)
        for slug in chance.sample(
            ["agent", "supervisor", "quality_evaluator", "administrator"], k=chance.randint(0, 2)
        ):
            role = Role.objects.get(slug=slug)
            Grant.objects.create(person=person, role=role, division=chance.choice([None, *divisions]))
    return people


def holds(row) -> bool:
    return row.from_on <= TODAY and (row.until_on is None or row.until_on > TODAY)


def division_today(person) -> int | None:
    begun = [row for row in DivisionAssignment.objects.filter(person=person) if row.from_on <= TODAY]
    return max(begun, key=lambda row: row.from_on).division_id if begun else None


def above(team) -> list[int]:
    """The team and every team it is part of."""
    return [] if team is None else [team.pk, *above(team.parent)]


def leads(viewer, person) -> bool:
    led = {row.team_id for row in TeamLead.objects.filter(person=viewer) if holds(row)}
    memberships = [row for row in TeamMembership.objects.filter(person=person) if holds(row)]
    return viewer != person and any(led & set(above(row.team)) for row in memberships)


def sees(viewer, person) -> bool:
    """The rule, person by person and grant by grant."""
    if not viewer.is_active:
        return False
    for grant in viewer.grants.all():
        inside = grant.division_id is None or grant.division_id == division_today(person)
        if "view_own" in grant.role.permissions and viewer == person:
            return True
        if "view_division" in grant.role.permissions and inside:
            return True
        if "view_led" in grant.role.permissions and inside and leads(viewer, person):
            return True
    return False


@pytest.mark.parametrize("seed", range(8))
def test_queries_agree_with_the_rule_said_aloud(seed):
    people = build(random.Random(seed))
    for viewer in people:
        expected = {person.pk for person in people if sees(viewer, person)}
        visible = access.visible_people(User.objects.get(pk=viewer.pk), on=TODAY)
        assert set(visible.values_list("pk", flat=True)) == expected
        assert {
            person.pk for person in people if access.may_see(User.objects.get(pk=viewer.pk), person, on=TODAY)
        } == expected
