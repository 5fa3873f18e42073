"""Writes about people."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from auditlog.context import disable_auditlog
from auditlog.models import LogEntry
from django.conf import settings
from django.contrib.admin.models import LogEntry as AdminLogEntry
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.module_loading import import_string

from . import access, rights
from .enums import Page, Permission
from .models import BoardChoice, Division, DivisionAssignment, Grant, Look, Objection, Role, User

BACK_AFTER = dt.timedelta(days=3)
"""Who comes back to the boards does so after as many days, so that nobody steps out for a bad day alone."""
AN_HOUR_SECONDS = 3600


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


@transaction.atomic
def create_service(*, name: str, at: dt.datetime) -> User:
    """Who a program is when it calls: like a person in every check, without sign-in. It may do nothing yet."""
    service = User(name=name, is_service=True, joined_at=at)
    service.set_unusable_password()
    service.save()
    return service


def align_staff(*, people: QuerySet[User]) -> None:
    """Makes `is_staff` say whether someone's roles (or being a superuser) have anything to do in the admin."""
    opening = [role.pk for role in Role.objects.all() if rights.opens_admin(role.permissions)]
    opens = Q(is_superuser=True) | Q(Exists(Grant.objects.filter(person=OuterRef("pk"), role__in=opening)))
    people.filter(opens, is_staff=False, is_service=False).update(is_staff=True)
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


# Privacy -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def stay_off_boards(*, person: User, on: dt.date, at: dt.datetime) -> None:
    """The person stands on no board that others see, from the next standing on. `on` is their today."""
    person.board_choices.filter(from_on__gt=on).delete()
    BoardChoice.objects.update_or_create(person=person, from_on=on, defaults={"is_out": True, "at": at})


@transaction.atomic
def come_back_to_boards(*, person: User, on: dt.date, at: dt.datetime) -> None:
    """The person stands on boards again after `BACK_AFTER`; asking again changes nothing."""
    if person.board_choices.filter(from_on__gt=on, is_out=False).exists():
        return
    BoardChoice.objects.update_or_create(person=person, from_on=on + BACK_AFTER, defaults={"is_out": False, "at": at})


def keep_page_choice(*, person: User, page: Page, chosen: dict) -> None:
    """The page opens for the person as `chosen` says; what it does not name stays as it was kept before."""
    kept = person.page_choices.get(page, {}) | chosen
    if kept != person.page_choices.get(page):
        _keep_page_choices(person, person.page_choices | {page.value: kept})


def forget_page_choice(*, person: User, page: Page) -> None:
    """The page opens for the person as it does for everybody."""
    if page in person.page_choices:
        _keep_page_choices(person, {name: kept for name, kept in person.page_choices.items() if name != page})


def _keep_page_choices(person: User, choices: dict) -> None:
    person.page_choices = choices
    User.objects.filter(pk=person.pk).update(page_choices=choices)


@dataclass(frozen=True)
class Erased:
    """How many rows told who a person is and are gone, or would be."""

    grants: int
    choices: int
    objections: int
    looks: int
    log_entries: int


class StillHere(Exception):
    """Only someone who was switched off can be erased."""


def what_erasing_takes(person: User, *, at: dt.datetime) -> Erased:
    """What `erase_person` would take away. Changes nothing. Raises StillHere."""
    with transaction.atomic():
        taken = erase_person(person=User.objects.get(pk=person.pk), by=None, at=at)
        transaction.set_rollback(True)
    return taken


@transaction.atomic
def erase_person(*, person: User, by: User | None, at: dt.datetime) -> Erased:
    """Makes a person unrecognisable: name, e-mail and the id of the source system go, and so do roles, sign-in, choices
    and looks, the entries of the logs about them, and what other apps quote of them. Figures, results and payments
    stay, under a number.

    The public id stays: the keys of payments are made of it. Imports do not find the person any more; the same file
    would make a new one. `by` None is the server's operator, or the age that settings give. A second time takes nothing
    more. Raises StillHere.
    """
    if person.is_active:
        raise StillHere
    for erase in settings.LAUREL_ERASERS:
        import_string(erase)(person, at=at)
    entries = LogEntry.objects.filter(object_repr__contains=person.name).values("pk")
    about = LogEntry.objects.get_for_object(person).values("pk")
    gone = Erased(
        grants=person.grants.all().delete()[0],
        choices=person.board_choices.all().delete()[0],
        objections=person.objections.all().delete()[0],
        looks=person.looks.all().delete()[0],
        log_entries=LogEntry.objects.filter(Q(pk__in=entries) | Q(pk__in=about)).delete()[0]
        + AdminLogEntry.objects.filter(object_repr__contains=person.name).delete()[0],
    )
    EmailAddress.objects.filter(user=person).delete()
    Authenticator.objects.filter(user=person).delete()
    with disable_auditlog():
        person.name, person.short_name, person.page_choices = f"Former member {person.pk}", "", {}
        person.email = person.external_id = None
        person.is_erased, person.is_staff, person.is_superuser = True, False, False
        person.set_unusable_password()
        person.save()
    access.forget_grants(person)
    changes = {"is_erased": ["False", "True"]}
    LogEntry.objects.log_create(
        person, force_log=True, action=LogEntry.Action.UPDATE, actor=by, changes=changes, timestamp=at
    )
    return gone


class AlreadyAnswered(Exception):
    """An objection is answered once."""


class OwnObjection(Exception):
    """Nobody answers themself."""


def object_to_use(*, person: User, text: str, at: dt.datetime) -> Objection:
    """A person objects to how their data is used."""
    return Objection.objects.create(person=person, text=text, at=at)


@transaction.atomic
def answer_objection(objection: Objection, *, answer: str, by: User, at: dt.datetime) -> None:
    """Answers an objection, once. Raises AlreadyAnswered, OwnObjection."""
    if objection.person_id == by.pk:
        raise OwnObjection
    open_ones = Objection.objects.filter(pk=objection.pk, answered_at__isnull=True)
    if not open_ones.update(answer=answer, answered_by=by, answered_at=at):
        raise AlreadyAnswered


def note_looks(viewer: User, people: Iterable[int], page: Page, *, at: dt.datetime) -> None:
    """Keeps that the viewer was shown figures of others by name, once an hour for each page and person."""
    seen = sorted(set(people) - {viewer.pk})
    hour = at.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
    known = f"looks:{viewer.pk}:{page}:{hour:%Y%m%d%H}:{hash(tuple(seen))}"
    if seen and cache.add(known, 1, AN_HOUR_SECONDS):  # spares the writing; the key of the rows decides
        rows = [Look(person_id=person, viewer=viewer, page=page, hour=hour) for person in seen]
        Look.objects.bulk_create(rows, ignore_conflicts=True)
