"""Makes the people, divisions, teams and queues of a batch that are not there yet. In the batch's transaction."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.contrib.auth.hashers import make_password

from people.models import Division, DivisionAssignment, Grant, Queue, Role, Team, TeamLead, TeamMembership, User
from people.queries import default_division

from ..people import Directory, Person, date_of, day_of
from ..rules.values import plain


def write_people(directory: Directory, first_days: dict[Person, int], *, since: int | None) -> None:
    """Makes the people of a batch who are not there yet, and gives who has none a division and a team, from the
    file's first workday (`since`) or their own earlier one. Lowers such starts for earlier rows. In a transaction.
    """
    start = {person: min(day, since if since is not None else day) for person, day in first_days.items()}
    fresh = [person for person in start if person.pk is None]
    _create(directory, fresh)
    _assign(directory, start, first_days)
    _let_see_own(fresh)
    if directory.spec.agent.team is not None:
        _join_teams(directory, start, first_days)


def _create(directory: Directory, people: list[Person]) -> None:
    """People without a password: they have figures, and cannot sign in until someone invites them."""
    users = [
        User(
            name=person.name,
            external_id=person.external_id,
            email=person.email,
            password=make_password(None),
        )
        for person in people
    ]
    for person, user in zip(people, User.objects.bulk_create(users, batch_size=500), strict=True):
        person.pk = user.pk
    directory.created += len(people)


def _let_see_own(people: Iterable[Person]) -> None:
    """New people may see their own figures once they can sign in; more is for an administrator to give."""
    role = Role.objects.filter(slug="agent").first()
    if role is not None:
        Grant.objects.bulk_create(
            [Grant(person_id=p.pk, role=role, division_id=p.assigned_division_id) for p in people],
            batch_size=500,
        )


def _division(directory: Directory, name: str) -> Division:
    if name == settings.LAUREL_DEFAULT_DIVISION and name not in directory.divisions:
        directory.divisions[name] = default_division()
    if name not in directory.divisions:
        zone = directory.spec.divisions[name]
        directory.divisions[name] = Division.objects.get_or_create(name=name, defaults={"time_zone": zone})[0]
    return directory.divisions[name]


def _assign(directory: Directory, start: dict[Person, int], first_days: dict[Person, int]) -> None:
    rows = []
    for person, day in start.items():
        if person.assigned_day is None:
            division = _division(directory, person.division)
            rows.append(DivisionAssignment(person_id=person.pk, division=division, from_on=date_of(day)))
            person.assigned_day, person.assigned_division_id = day, division.pk
        elif first_days[person] < person.assigned_day:
            _lower(
                DivisionAssignment.objects.filter(person=person.pk, from_on=date_of(person.assigned_day)),
                first_days[person],
            )
            person.assigned_day = first_days[person]
    DivisionAssignment.objects.bulk_create(rows, batch_size=500)


def _lower(rows, day: int) -> None:
    rows.update(from_on=date_of(day))


def _join_teams(directory: Directory, start: dict[Person, int], first_days: dict[Person, int]) -> None:
    unchecked = [person for person in start if person.team and not person.team_checked]
    if unchecked:
        _check_teams(directory, unchecked)
    rows = []
    for person, day in start.items():
        if not person.team:
            continue
        team = _team(directory, person, day)
        if person.team_day is None and person.team_checked == "none":
            rows.append(TeamMembership(team=team, person_id=person.pk, from_on=date_of(day)))
            person.team_day = day
        elif person.team_day is not None and first_days[person] < person.team_day:
            _lower(
                TeamMembership.objects.filter(team=team, person=person.pk, from_on=date_of(person.team_day)),
                first_days[person],
            )
            person.team_day = first_days[person]
    TeamMembership.objects.bulk_create(rows, batch_size=500)


def _check_teams(directory: Directory, people: list[Person]) -> None:
    """Who is in a team already stays as they are; only the start of a membership of the file's team may move."""
    first: dict[int, list] = {}
    rows = TeamMembership.objects.filter(person__in=[person.pk for person in people]).order_by("from_on")
    for person, team, from_on in rows.values_list("person", "team__name", "from_on"):
        first.setdefault(person, []).append((team, day_of(from_on)))
    for person in people:
        held = first.get(person.pk, [])
        person.team_checked = "some" if held else "none"
        if held and held[0][0] == person.team:
            person.team_day = held[0][1]


def _team(directory: Directory, person: Person, day: int) -> Team:
    key = (person.assigned_division_id, person.team)
    if key not in directory.teams:
        team, _ = Team.objects.get_or_create(name=person.team[:120], division_id=key[0])
        lead = _lead(directory, person, day) if person.lead else None
        held = TeamLead.objects.filter(team=team).select_related("person").order_by("from_on").first()
        if held is None and lead is not None:
            held = TeamLead.objects.create(team=team, person_id=lead.pk, from_on=date_of(day))
        directory.teams[key] = (team, held)
    team, held = directory.teams[key]
    ours = held is not None and plain(held.person.name) == plain(person.lead)
    if ours and day_of(held.from_on) > day:
        held.from_on = date_of(day)
        held.save(update_fields=["from_on"])
    return team


def _lead(directory: Directory, person: Person, day: int) -> Person | None:
    found = directory.by["name"].get(plain(person.lead), [])
    if len(found) == 1:
        lead = found[0]
    elif found or not directory.may_create:
        return None
    else:
        lead = Person(person.lead[:200], person.zone, division=person.division)
        directory.remember(lead)
    if lead.pk is None:
        _create(directory, [lead])
    if lead.assigned_day is None:
        lead.division = person.division or directory.default().name
        _assign(directory, {lead: day}, {lead: day})
    return lead


def queue_ids(directory: Directory, names: Sequence[str | None], *, write: bool) -> list[int | None]:
    """The ids of queues by name; those missing are made, or stand for themselves in a dry run."""
    queues = directory.queues
    for name in dict.fromkeys(names):
        if name is not None and name not in queues:
            queues[name] = Queue.objects.get_or_create(name=name)[0].pk if write else -len(queues) - 1
    known = {None: None, **queues}
    return [known[name] for name in names]
