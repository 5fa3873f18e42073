"""Who sees whom, and who may do what. Decided here and nowhere else; closed by default.

A role is a list of permissions, a grant is a role in one division, or in all. Every check has a raising and a bool
form. `on` is always the viewer's today: today's lead sees the whole history of today's members, a former lead nothing.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import Http404

from .enums import ROLES, Permission
from .models import Division, Grant, Role, Team, TeamLead, TeamMembership, User
from .queries import division_id_on, division_of, is_led_by, teams_led_by

CONFIGURING = frozenset(ROLES["administrator"][1])
"""What a superuser may do without a grant: configure everything, and see nobody's figures."""


@dataclass(frozen=True)
class Reach:
    """Where a permission holds: everywhere, or in some divisions (perhaps in none)."""

    everywhere: bool
    divisions: frozenset[int]

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.divisions)

    def covers(self, division: Division) -> bool:
        return self.everywhere or division.pk in self.divisions


def may(viewer, permission: Permission, *, division: Division | None = None) -> bool:
    """Whether the viewer holds a permission in a division; without one: in any division at all."""
    where = reach(viewer, permission)
    return bool(where) if division is None else where.covers(division)


def require(viewer, permission: Permission, *, division: Division | None = None) -> None:
    """Raises PermissionDenied unless `may`."""
    if not may(viewer, permission, division=division):
        raise PermissionDenied


def visible_people(viewer, *, on: dt.date) -> QuerySet[User]:
    """Whose figures the viewer may see: themself, those they lead, those of their divisions of that day."""
    seen = _own(viewer) | _led(viewer, Permission.VIEW_LED, on=on) | _inside(reach(viewer, Permission.VIEW_DIVISION))
    return User.objects.alias(division_today=division_id_on(on)).filter(seen, is_service=False)


def led_people(viewer, *, on: dt.date, permission: Permission = Permission.VIEW_LED) -> QuerySet[User]:
    """The people the viewer leads on that day, who are then in a division where the viewer holds `permission`."""
    return User.objects.alias(division_today=division_id_on(on)).filter(_led(viewer, permission, on=on))


def is_led_column(viewer, *, on: dt.date) -> ExpressionWrapper:
    """Whether the person of a row is one of `led_people`, for rows that know `division_today`."""
    return ExpressionWrapper(_led(viewer, Permission.VIEW_LED, on=on), BooleanField())


def may_see(viewer, person: User, *, on: dt.date) -> bool:
    """Whether the viewer may see the figures of a person. Oneself costs no query beyond the grants, others one."""
    if viewer.pk == person.pk and may(viewer, Permission.VIEW_OWN):
        return True
    if reach(viewer, Permission.VIEW_DIVISION).everywhere:
        return True
    if not (may(viewer, Permission.VIEW_DIVISION) or may(viewer, Permission.VIEW_LED)):
        return False
    return visible_people(viewer, on=on).filter(pk=person.pk).exists()


def require_see(viewer, person: User, *, on: dt.date) -> None:
    """Raises Http404 unless `may_see`: who may not see a person does not learn that they exist."""
    if not may_see(viewer, person, on=on):
        raise Http404


def people_within(viewer, permission: Permission, *, on: dt.date) -> QuerySet[User]:
    """The people of the divisions of that day in which the viewer holds a permission; they are annotated with
    `division_today`, its id. For writing what needs no sight of their figures.
    """
    people = User.objects.annotate(division_today=division_id_on(on))
    return people.filter(_inside(reach(viewer, permission)), is_service=False)


def holders(permission: Permission, *, divisions: Iterable[int] = ()) -> QuerySet[User]:
    """Active people who hold a permission everywhere or in one of these divisions; without divisions: anywhere."""
    roles = [role.pk for role in Role.objects.all() if permission in role.permissions]
    grants = Grant.objects.filter(role__in=roles)
    if divisions:
        grants = grants.filter(Q(division=None) | Q(division__in=divisions))
    return User.objects.filter(pk__in=grants.values("person"), is_active=True, is_service=False)


NAMING = (Permission.CONFIGURE_PEOPLE, Permission.CONFIGURE_SCORING, Permission.IMPORT)
"""Permissions whose work is with people by name, without sight of their figures."""


def nameable_people(viewer, *, on: dt.date) -> QuerySet[User]:
    """Whose name the viewer may read: of whom they see figures, and of the people they configure. Annotated with
    `division_today`.
    """
    seen = _own(viewer) | _led(viewer, Permission.VIEW_LED, on=on) | _inside(reach(viewer, Permission.VIEW_DIVISION))
    for permission in NAMING:
        seen |= _inside(reach(viewer, permission))
    return User.objects.annotate(division_today=division_id_on(on)).filter(seen, is_service=False)


def configurable_people(viewer, *, on: dt.date) -> QuerySet[User]:
    """Active people whom the viewer may put into a profile: everyone, those of their divisions, those they lead."""
    inside = _inside(reach(viewer, Permission.CONFIGURE_SCORING)) | _led(viewer, Permission.CONFIGURE_LED, on=on)
    people = User.objects.filter(is_active=True, is_service=False)
    return people.alias(division_today=division_id_on(on)).filter(inside)


def configurable_teams(viewer, *, on: dt.date) -> QuerySet[Team]:
    """The teams whose goals the viewer may set: of divisions where they configure scoring, and those they lead."""
    scoring, led = reach(viewer, Permission.CONFIGURE_SCORING), reach(viewer, Permission.CONFIGURE_LED)
    seen = ~NOBODY if scoring.everywhere else Q(division__in=scoring.divisions)
    if led:
        inside = ~NOBODY if led.everywhere else Q(division__in=led.divisions)
        seen |= Q(pk__in=teams_led_by(viewer, on=on).values("pk")) & inside
    return Team.objects.filter(seen)


def nameable_divisions(viewer, *, on: dt.date) -> QuerySet[Division]:
    """The divisions whose people the viewer sees or configures, those of teams they lead, and their own."""
    seen = NOBODY if viewer.is_service else Q(pk=division_of(viewer, on=on).pk)
    if may(viewer, Permission.VIEW_LED):
        led = reach(viewer, Permission.VIEW_LED).divisions
        seen |= Q(pk__in=led) | Q(pk__in=teams_led_by(viewer, on=on).values("division"))
    for where in (reach(viewer, permission) for permission in (Permission.VIEW_DIVISION, *NAMING)):
        seen |= ~NOBODY if where.everywhere else Q(pk__in=where.divisions)
    return Division.objects.filter(seen)


def nameable_teams(viewer, *, on: dt.date) -> QuerySet[Team]:
    """The teams of divisions that the viewer sees or configures, those they lead and below, and those they are in."""
    seen = Q(pk__in=TeamMembership.objects.on(on).filter(person=viewer).values("team"))
    if may(viewer, Permission.VIEW_LED):
        seen |= Q(pk__in=teams_led_by(viewer, on=on).values("pk"))
    for permission in (Permission.VIEW_DIVISION, *NAMING):
        where = reach(viewer, permission)
        seen |= ~NOBODY if where.everywhere else Q(division__in=where.divisions)
    return Team.objects.filter(seen)


@dataclass(frozen=True)
class Seer:
    """Somebody who may see a person's figures, and why: as a lead of their team, or by a role."""

    name: str
    role: str
    is_lead: bool


def seers_of(person: User, *, on: dt.date) -> list[Seer]:
    """Who else may see the figures of a person on a day: leads of their teams and those above, and whoever holds a role
    that sees their division. In three queries, leads first.
    """
    division = division_of(person, on=on)
    own, above = _teams_of(person, on=on)
    leads = set(TeamLead.objects.on(on).filter(team__in=own | above).values_list("person_id", flat=True))
    grants = Grant.objects.filter(Q(division=None) | Q(division=division), person__is_active=True)
    found: dict[int, Seer] = {}
    for grant in grants.exclude(person=person).select_related("person", "role").order_by("person__name", "pk"):
        is_lead = grant.person_id in leads and Permission.VIEW_LED in grant.role.permissions
        if is_lead or Permission.VIEW_DIVISION in grant.role.permissions:
            found.setdefault(grant.person_id, Seer(grant.person.name, grant.role.name, is_lead))
    return sorted(found.values(), key=lambda seer: not seer.is_lead)


def nearest_leads(person: User, *, on: dt.date) -> list[User]:
    """Who leads a person's own teams on a day; where nobody does, whoever leads one above. Only those who may see there
    whom they lead, and never the person.
    """
    leading = holders(Permission.VIEW_LED, divisions=[division_of(person, on=on).pk]).exclude(pk=person.pk)
    for teams in _teams_of(person, on=on):
        leads = TeamLead.objects.on(on).filter(team__in=teams)
        if found := list(leading.filter(pk__in=leads.values("person"))):
            return found
    return []


def _teams_of(person: User, *, on: dt.date) -> tuple[set[int], set[int]]:
    """Ids of the teams that somebody is in, and of those above them."""
    rows = TeamMembership.objects.on(on).filter(person=person).values_list("team_id", "team__path")
    own = {pk for pk, _path in rows}
    return own, {int(pk) for _own, path in rows for pk in path.split("/") if pk} - own


def reach(viewer, permission: Permission) -> Reach:
    """Where the viewer holds a permission."""
    divisions = [division for permissions, division in _grants(viewer) if permission in permissions]
    return Reach(everywhere=None in divisions, divisions=frozenset(divisions) - {None})


def forget_grants(viewer) -> None:
    """Drops what this user object remembers of its grants, after they were changed."""
    viewer.__dict__.pop("_laurel_grants", None)


def _grants(viewer) -> Iterable[tuple[frozenset[str], int | None]]:
    """The viewer's grants as (permissions, division id), read once for each user object."""
    if not (viewer.is_authenticated and viewer.is_active):
        return ()
    if "_laurel_grants" not in viewer.__dict__:
        rows = viewer.grants.values_list("role__permissions", "division_id")
        viewer.__dict__["_laurel_grants"] = [(frozenset(permissions), division) for permissions, division in rows]
    always = [(CONFIGURING, None)] if viewer.is_superuser else []
    return [*viewer.__dict__["_laurel_grants"], *always]


NOBODY = Q(pk__in=())


def _own(viewer) -> Q:
    return Q(pk=viewer.pk) if may(viewer, Permission.VIEW_OWN) else NOBODY


def _led(viewer, permission: Permission, *, on: dt.date) -> Q:
    where = reach(viewer, permission)
    return Q(is_led_by(viewer, on=on)) & ~Q(pk=viewer.pk) & _inside(where) if where else NOBODY


def _inside(where: Reach) -> Q:
    """People whose division of the day, annotated as `division_today`, lies within the reach."""
    return ~NOBODY if where.everywhere else Q(division_today__in=where.divisions)
