"""Plain functions that make people for tests."""

import datetime as dt
import itertools

from auditlog.context import disable_auditlog

from people.enums import ROLES
from people.models import Division, DivisionAssignment, Grant, Role, Team, TeamLead, TeamMembership, User

_numbers = itertools.count(1)
PASSWORD = "correct horse battery"


@disable_auditlog()
def make_division(name="", *, time_zone="UTC") -> Division:
    return Division.objects.create(name=name or f"Division {next(_numbers)}", time_zone=time_zone)


@disable_auditlog()
def make_person(name="", *, division=None, role=None, in_division=None, **fields) -> User:
    """A person; with `role` (a shipped slug) a grant of it in `in_division`, or everywhere."""
    number = next(_numbers)
    name = name or f"Person {number}"
    fields.setdefault("email", f"{name.split(' ')[0].lower()}{number}@example.com")
    person = User(name=name, **fields)
    person.set_unusable_password()
    person.save()
    if division:
        DivisionAssignment.objects.create(person=person, division=division)
    if role:
        grant(person, role, division=in_division)
    return person


@disable_auditlog()
def grant(person, slug, *, division=None) -> Grant:
    title, permissions = ROLES[slug]
    role = Role.objects.get_or_create(slug=slug, defaults={"name": str(title), "permissions": list(permissions)})[0]
    return Grant.objects.create(person=person, role=role, division=division)


@disable_auditlog()
def make_team(name="", *, division=None, parent=None) -> Team:
    division = division or (parent.division if parent else make_division())
    return Team.objects.create(name=name or f"Team {next(_numbers)}", division=division, parent=parent)


@disable_auditlog()
def join(person, team, *, from_on=dt.date(1, 1, 1), until_on=None) -> TeamMembership:
    return TeamMembership.objects.create(person=person, team=team, from_on=from_on, until_on=until_on)


@disable_auditlog()
def lead(person, team, *, from_on=dt.date(1, 1, 1), until_on=None) -> TeamLead:
    return TeamLead.objects.create(person=person, team=team, from_on=from_on, until_on=until_on)
