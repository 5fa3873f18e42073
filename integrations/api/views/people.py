"""People, divisions and teams, as far as the caller may read their names."""

from typing import Annotated, Literal

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from ninja import Query

from people import models
from people.access import nameable_divisions, nameable_people, nameable_teams
from people.queries import default_division, division_of

from ..asking import person_of, today_of, viewer_of
from ..gate import Token
from ..schemas import people as schemas
from ..shapes import division_ref
from ..wire import Asked, Named, Paging, Resource, key_of, keys_of, paged, uuid_of, uuids_of

resource = Resource("users", tag="People, divisions and teams")
DIVISIONS, TEAMS = Token("authorization:readonly", "users:readonly"), Token("groups:readonly", "users:readonly")


# People -----------------------------------------------------------------------------------------------------------


@resource.get("/users/me", response=schemas.UserMe)
def users_me(request, expand: Asked = ()):
    """The person for whom the client calls."""
    person = person_of(request)
    return schemas.UserMe(**_user(person, division_of(person, on=today_of(request))))


@resource.get("/users", response=schemas.UserEntityListing)
def list_users(
    request,
    paging: Query[Paging],
    id: Asked = (),
    state: Literal["active", "inactive", "deleted", "any"] = "active",
    sort_order: Annotated[Literal["asc", "desc", "ascending", "descending"], Query(alias="sortOrder")] = "asc",
    expand: Asked = (),
):
    """By name. `id` limits to some of them."""
    people = nameable_people(viewer_of(request), on=today_of(request))
    if id:
        people = people.filter(public_id__in=uuids_of(id))
    if state != "any":
        people = people.filter(is_active=state == "active") if state != "deleted" else people.none()
    order = "-" if sort_order.startswith("desc") else ""
    divisions = _divisions_by_id()
    return paged(
        request,
        people.order_by(f"{order}name", f"{order}pk"),
        paging,
        lambda person: schemas.User(**_user(person, divisions[person.division_today])),
    )


@resource.get("/users/{user_id}", response=schemas.User)
def get_user(request, user_id: str, expand: Asked = ()):
    people = nameable_people(viewer_of(request), on=today_of(request))
    person = get_object_or_404(people, public_id=uuid_of(user_id))
    return schemas.User(**_user(person, _divisions_by_id()[person.division_today]))


def _divisions_by_id() -> dict:
    """Divisions by id; under None the default one, as long as it was not made."""
    found = {division.pk: division for division in models.Division.objects.all()}
    return found if settings.LAUREL_DEFAULT_DIVISION in {each.name for each in found.values()} else _with_default(found)


def _with_default(found: dict) -> dict:
    default = default_division()
    return {**found, default.pk: default, None: default}


def _user(person: models.User, division: models.Division) -> dict:
    return {
        "id": str(person.public_id),
        "name": person.name,
        "division": division_ref(division),
        "email": person.email,
        "username": person.email,
        "state": "active" if person.is_active else "inactive",
        "self_uri": f"/api/v2/users/{person.public_id}",
    }


# Divisions --------------------------------------------------------------------------------------------------------


@resource.get("/authorization/divisions", response=schemas.AuthzDivisionEntityListing, auth=DIVISIONS)
def list_divisions(request, paging: Query[Paging], id: Asked = (), name: str = ""):
    divisions = nameable_divisions(viewer_of(request), on=today_of(request)).order_by("name")
    if id:
        divisions = divisions.filter(pk__in=keys_of(id))
    return paged(request, divisions.filter(name__icontains=name), paging, _division)


@resource.get("/authorization/divisions/home", response=schemas.AuthzDivision, auth=DIVISIONS)
def home_division(request):
    """The division of everyone without another."""
    return _division(default_division())


@resource.get("/authorization/divisions/{division_id}", response=schemas.AuthzDivision, auth=DIVISIONS)
def get_division(request, division_id: str):
    divisions = nameable_divisions(viewer_of(request), on=today_of(request))
    return _division(get_object_or_404(divisions, pk=key_of(division_id)))


def _division(division: models.Division) -> schemas.AuthzDivision:
    return schemas.AuthzDivision(
        **division_ref(division).model_dump(), home_division=division.name == settings.LAUREL_DEFAULT_DIVISION
    )


# Teams ------------------------------------------------------------------------------------------------------------


@resource.get("/teams", response=schemas.TeamEntityListing, auth=TEAMS)
def list_teams(request, paging: Query[Paging], after: str = "", name: str = "", expand: Asked = ()):
    """In the order of their making; `nextUri` leads on."""
    teams = _teams(request).filter(name__icontains=name)
    return _after(request, teams.order_by("pk"), paging, Q(pk__gt=key_of(after)) if after else Q(), _team)


@resource.get("/teams/{team_id}", response=schemas.Team, auth=TEAMS)
def get_team(request, team_id: str, expand: Asked = ()):
    return _team(get_object_or_404(_teams(request), pk=key_of(team_id)))


@resource.get("/teams/{team_id}/members", response=schemas.TeamMemberEntityListing, auth=TEAMS)
def team_members(request, team_id: str, paging: Query[Paging], after: str = "", expand: Asked = ()):
    """Who is in the team today, as far as the caller may read their names."""
    team, today = get_object_or_404(_teams(request), pk=key_of(team_id)), today_of(request)
    members = models.TeamMembership.objects.on(today).filter(team=team).values("person")
    people = nameable_people(viewer_of(request), on=today).filter(pk__in=members)
    rest = Q(public_id__gt=uuid_of(after)) if after else Q()
    return _after(request, people.order_by("public_id"), paging, rest, _member)


def _teams(request) -> QuerySet:
    today = today_of(request)
    now = Q(memberships__from_on__lte=today) & (
        Q(memberships__until_on__isnull=True) | Q(memberships__until_on__gt=today)
    )
    teams = nameable_teams(viewer_of(request), on=today).select_related("division")
    return teams.annotate(members_today=Count("memberships__person", filter=now, distinct=True))


def _after(request, rows: QuerySet, paging: Paging, rest: Q, shown) -> dict:
    """The next of the rows; the address of those after them names the last one by its id, as the field's cursors do."""
    found = list(rows.filter(rest)[: paging.page_size + 1])
    page = {"entities": [shown(row) for row in found[: paging.page_size]], "self_uri": request.get_full_path()}
    if len(found) > paging.page_size:
        last = page["entities"][-1].id
        page["next_uri"] = f"{request.path}?after={last}&pageSize={paging.page_size}"
    return page


def _team(team: models.Team) -> schemas.Team:
    return schemas.Team(
        id=str(team.pk),
        name=team.name,
        division=division_ref(team.division),
        member_count=team.members_today,
        self_uri=f"/api/v2/teams/{team.pk}",
    )


def _member(person: models.User) -> Named:
    return Named(id=str(person.public_id), name=person.name, self_uri=f"/api/v2/users/{person.public_id}")
