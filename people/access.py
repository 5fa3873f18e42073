"""Who sees whom, and who may do what. Decided here and nowhere else; closed by default.

A role is a list of permissions, a grant is a role in one division, or in all. Every check has a raising and a bool
form. `on` is always the viewer's today: today's lead sees the whole history of today's members, a former lead nothing.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from .enums import ROLES, Permission
from .models import Division, Grant, TeamLead, TeamMembership, User
from .queries import division_id_on, division_of, is_led_by

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
    return User.objects.alias(division_today=division_id_on(on)).filter(seen)


def led_people(viewer, *, on: dt.date, permission: Permission = Permission.VIEW_LED) -> QuerySet[User]:
    """The people the viewer leads on that day, who are then in a division where the viewer holds `permission`."""
    return User.objects.alias(division_today=division_id_on(on)).filter(_led(viewer, permission, on=on))


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
    paths = TeamMembership.objects.on(on).filter(person=person).values_list("team__path", flat=True)
    teams = {int(pk) for path in paths for pk in path.split("/") if pk}
    leads = set(TeamLead.objects.on(on).filter(team__in=teams).values_list("person_id", flat=True))
    grants = Grant.objects.filter(Q(division=None) | Q(division=division), person__is_active=True)
    found: dict[int, Seer] = {}
    for grant in grants.exclude(person=person).select_related("person", "role").order_by("person__name", "pk"):
        is_lead = grant.person_id in leads and Permission.VIEW_LED in grant.role.permissions
        if is_lead or Permission.VIEW_DIVISION in grant.role.permissions:
            found.setdefault(grant.person_id, Seer(grant.person.name, grant.role.name, is_lead))
    return sorted(found.values(), key=lambda seer: not seer.is_lead)


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
