"""Writes about people."""

import datetime as dt
from collections.abc import Iterable

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from . import access, rights
from .enums import Permission
from .models import Division, DivisionAssignment, Grant, Role, User


class GrantOutOfReach(Exception):
    """Someone tried to give or take a role where they may not configure people themself."""


@transaction.atomic
def grant_role(*, person: User, role: Role, division: Division | None, by: User | None, at: dt.datetime) -> Grant:
    """Gives a role in a division, or everywhere; a second time changes nothing.

    `by` None is the server's operator. Raises GrantOutOfReach.
    """
    _check_reach(by, division)
    grant, _ = Grant.objects.get_or_create(person=person, role=role, division=division)
    _align(person)
    return grant


@transaction.atomic
def revoke_role(*, grant: Grant, by: User | None, at: dt.datetime) -> None:
    """Takes a grant away, and the way into the admin when it was the last that opened it. Raises GrantOutOfReach."""
    _check_reach(by, grant.division)
    person = grant.person
    grant.delete()
    _align(person)


@transaction.atomic
def create_person(
    *,
    name: str,
    email: str = "",
    password: str | None = None,
    external_id: str = "",
    division: Division | None = None,
    roles: Iterable[Role] = (),
    by: User | None,
    at: dt.datetime,
) -> User:
    """A person, with the division and the roles given (roles hold in the division, or everywhere without one).

    Without a password nobody can sign in as them until they set one by e-mail. Raises ValidationError, GrantOutOfReach.
    """
    person = User(name=name, email=email or None, external_id=external_id or None, joined_at=at)
    person.set_password(password)
    person.full_clean()
    if password:
        validate_password(password, person)
    person.save()
    if division:
        DivisionAssignment.objects.create(person=person, division=division)
    for role in roles:
        grant_role(person=person, role=role, division=division, by=by, at=at)
    return person


def align_staff(*, people: QuerySet[User]) -> None:
    """Makes `is_staff` say whether someone's roles (or being a superuser) have anything to do in the admin."""
    opening = [role.pk for role in Role.objects.all() if rights.opens_admin(role.permissions)]
    opens = Q(is_superuser=True) | Q(Exists(Grant.objects.filter(person=OuterRef("pk"), role__in=opening)))
    people.filter(opens, is_staff=False).update(is_staff=True)
    people.filter(is_staff=True).exclude(opens).update(is_staff=False)


def _align(person: User) -> None:
    align_staff(people=User.objects.filter(pk=person.pk))
    person.refresh_from_db(fields=["is_staff"])
    access.forget_grants(person)


def _check_reach(by: User | None, division: Division | None) -> None:
    if by is None:
        return
    reach = access.reach(by, Permission.CONFIGURE_PEOPLE)
    if not (reach.everywhere or (division is not None and reach.covers(division))):
        raise GrantOutOfReach
