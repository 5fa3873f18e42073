"""The people, divisions, teams and queues that a file names: found, or made with the batch that needs them.

A `Person` may stand for someone who is not in the database yet. Zones are known before anyone is written, because
the workday of a row depends on them.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password

from people.models import Division, DivisionAssignment, Grant, Queue, Role, Team, TeamLead, TeamMembership, User
from people.queries import default_division

from .rules.mapping import MappingError, Spec
from .rules.patterns import DAY
from .rules.values import Bad, plain
from .rules.zones import Zone, Zones

_EPOCH = dt.date(1970, 1, 1).toordinal()


NOBODY = "there is no person with this "
"""How the reason begins that refuses a row of somebody unknown; the way by which it names them follows."""


def day_of(date: dt.date) -> int:
    return date.toordinal() - _EPOCH


def date_of(day: int) -> dt.date:
    return dt.date.fromordinal(day + _EPOCH)


class DatedZone:
    """The zone of someone who moved between divisions. A local time is in the zone of the division in force on its
    day; a moment has the date of the division in force on its date in UTC, as `people.queries.today_of` has it.
    """

    def __init__(self, zones: list[tuple[int, Zone]], otherwise: Zone):
        self.newest_first = sorted(zones, key=lambda pair: pair[0], reverse=True)
        self.otherwise = otherwise

    def _on(self, day: int) -> Zone:
        return next((zone for since, zone in self.newest_first if since <= day), self.otherwise)

    def to_utc(self, local: int, *, second: bool = False) -> int:
        return self._on(local // DAY).to_utc(local, second=second)

    def to_local(self, utc: int) -> int:
        return self._on(utc // DAY).to_local(utc)


@dataclass(eq=False)
class Person:
    """Someone whom a file names. `pk` is None until the batch that needs them is written."""

    name: str
    zone: Zone | DatedZone
    pk: int | None = None
    external_id: str | None = None
    email: str | None = None
    division: str = ""
    team: str = ""
    lead: str = ""
    assigned_day: int | None = None
    """The first day with a division, None for someone without one."""
    assigned_division_id: int | None = None
    team_checked: str = ""
    """Whether the person is in no team (`none`) or in `some`, once looked up."""
    team_day: int | None = None
    """The first day of the membership that this mapping gives, once it stands."""
    counted: bool = False


class Directory:
    """Everyone by id (that of their employer, or Laurel's own), e-mail and name, with the zone of their division. One
    for each run of an import. `within` are the only people whom this import may know; it makes none then.
    """

    def __init__(self, spec: Spec, within: Collection[int] | None = None):
        self.spec, self.zones, self.within = spec, Zones(), within
        self.may_create = spec.agent.unknown == "create" and within is None
        self.by = {"id": {}, "email": {}, "name": {}}
        self.memo: dict[object, Person | Bad | None] = {}
        self.divisions = {division.name: division for division in Division.objects.all()}
        self.queues = dict(Queue.objects.values_list("name", "pk"))
        self.teams: dict[tuple, tuple[Team, TeamLead | None]] = {}
        self.created = 0
        self._declared()
        for person, public_id in self._people():
            self._remember(person)
            self.by["id"].setdefault(str(public_id), []).append(person)

    def _declared(self) -> None:
        for name, zone in self.spec.divisions.items():
            try:
                self.zones[zone]
            except KeyError:
                raise MappingError(
                    f"divisions.{name}: “{zone}” is no time zone; write a name such as Europe/Berlin"
                ) from None

    def default_zone(self) -> Zone:
        return self.zones[self._default().time_zone]

    def _default(self) -> Division:
        """The default division; not yet made where there is none, for a dry run writes nothing."""
        name = settings.LAUREL_DEFAULT_DIVISION
        return self.divisions.get(name) or Division(name=name, time_zone=settings.TIME_ZONE)

    def _people(self) -> Iterable[tuple[Person, uuid.UUID]]:
        assignments: dict[int, list] = {}
        rows = DivisionAssignment.objects.order_by("from_on").values_list("person", "from_on", "division")
        for person, from_on, division in rows:
            assignments.setdefault(person, []).append((day_of(from_on), division))
        zone_of = {division.pk: self.zones[division.time_zone] for division in self.divisions.values()}
        default = self.default_zone()
        people = User.objects.filter(is_service=False)
        for pk, public_id, *known in people.values_list("pk", "public_id", "external_id", "email", "name"):
            if self.within is not None and pk not in self.within:
                continue
            external_id, email, name = known
            dated = [(since, zone_of[division]) for since, division in assignments.get(pk, ())]
            same = {zone.name for _, zone in dated}
            zone = dated[0][1] if len(same) == 1 else DatedZone(dated, dated[0][1]) if dated else default
            first = assignments.get(pk, [(None, None)])[0]
            person = Person(name, zone, pk, external_id, email, assigned_day=first[0], assigned_division_id=first[1])
            yield person, public_id

    def _remember(self, person: Person) -> None:
        if person.external_id:
            self.by["id"].setdefault(person.external_id, []).append(person)
        if person.email:
            self.by["email"].setdefault(person.email.lower(), []).append(person)
        if person.name:
            self.by["name"].setdefault(plain(person.name), []).append(person)

    # finding ------------------------------------------------------------------------------------------------------

    def find(self, parts: Sequence[Sequence | None]) -> list[Person | Bad | None]:
        """The person of each row, None where it names nobody. `parts` are the columns of id, e-mail, name, division,
        team and lead, None for those that the mapping does not give.
        """
        given = [part for part in parts if part is not None]
        keys = given[0] if len(given) == 1 else list(zip(*given, strict=True))
        memo = self.memo
        for key in set(keys) - memo.keys():
            values = iter((key,) if len(given) == 1 else key)
            memo[key] = self._find(*(None if part is None else next(values) for part in parts))
        return list(map(memo.__getitem__, keys))

    def _find(self, id_, email, name, division, team, lead) -> Person | Bad | None:
        for value in (id_, email, name, division, team, lead):
            if value.__class__ is Bad:
                return value
        given = {"id": id_, "email": (email or "").lower() or None, "name": plain(name) if name else None}
        ways = [way for way in self.spec.agent.ways if given[way]]
        if not ways:
            return None
        for way in ways:
            found = self.by[way].get(given[way], [])
            if len(found) > 1:
                return Bad(given[way], f"{len(found)} people have this {way}; match by an id", "agent")
            if found:
                return self._placed(found[0], division, team, lead)
        if not self.may_create:
            shown = {"id": id_, "email": email, "name": name}[ways[0]]
            return Bad(shown, f"{NOBODY}{ways[0]}{self._hint()}", "agent")
        return self._planned(id_, email, name, division, team, lead)

    def _hint(self) -> str:
        if self.within is not None:
            return " that this client may write for"
        return "; `unknown: create` under `agent:` would make one"

    def _placed(self, person: Person, division, team, lead) -> Person | Bad:
        """Someone known keeps what they have; who has no division or team gets those of the file."""
        if person.assigned_day is None:
            zone = self._division_zone(division)
            if zone.__class__ is Bad:
                return zone
            person.zone, person.division = zone, division or self._default().name
        person.team, person.lead = person.team or team or "", person.lead or lead or ""
        if division and not person.division:
            person.division = division
        return person

    def _planned(self, id_, email, name, division, team, lead) -> Person | Bad:
        zone = self._division_zone(division)
        if zone.__class__ is Bad:
            return zone
        email = (email or "").lower() or None
        if email and "@" not in email:
            return Bad(email, "is no e-mail address", "agent")
        for way, value in (("id", id_), ("email", email)):
            if value and value in self.by[way]:
                return Bad(
                    value, f"this {way} belongs to someone of another name; say `match:` to find them by it", "agent"
                )
        person = Person(
            name or id_ or email, zone, None, id_, email,
            division or self._default().name, team or "", lead or "",
        )  # fmt: skip
        self._remember(person)
        return person

    def _division_zone(self, name) -> Zone | Bad:
        if not name:
            return self.default_zone()
        if name in self.divisions:
            return self.zones[self.divisions[name].time_zone]
        if name in self.spec.divisions:
            return self.zones[self.spec.divisions[name]]
        return Bad(name, "is a division without a time zone; list it under `divisions:` in the mapping", "division")

    # writing ------------------------------------------------------------------------------------------------------

    def write(self, first_days: dict[Person, int], *, since: int | None) -> None:
        """Makes the people of a batch who are not there yet, and gives who has none a division and a team, from the
        file's first workday (`since`) or their own earlier one. Lowers such starts for earlier rows. In a transaction.
        """
        start = {person: min(day, since if since is not None else day) for person, day in first_days.items()}
        fresh = [person for person in start if person.pk is None]
        self._create(fresh)
        self._assign(start, first_days)
        self._let_see_own(fresh)
        if self.spec.agent.team is not None:
            self._join_teams(start, first_days)

    def _create(self, people: list[Person]) -> None:
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
        self.created += len(people)

    def _let_see_own(self, people: Iterable[Person]) -> None:
        """New people may see their own figures once they can sign in; more is for an administrator to give."""
        role = Role.objects.filter(slug="agent").first()
        if role is not None:
            Grant.objects.bulk_create(
                [Grant(person_id=p.pk, role=role, division_id=p.assigned_division_id) for p in people],
                batch_size=500,
            )

    def _division(self, name: str) -> Division:
        if name == settings.LAUREL_DEFAULT_DIVISION and name not in self.divisions:
            self.divisions[name] = default_division()
        if name not in self.divisions:
            zone = self.spec.divisions[name]
            self.divisions[name] = Division.objects.get_or_create(name=name, defaults={"time_zone": zone})[0]
        return self.divisions[name]

    def _assign(self, start: dict[Person, int], first_days: dict[Person, int]) -> None:
        rows = []
        for person, day in start.items():
            if person.assigned_day is None:
                division = self._division(person.division)
                rows.append(DivisionAssignment(person_id=person.pk, division=division, from_on=date_of(day)))
                person.assigned_day, person.assigned_division_id = day, division.pk
            elif first_days[person] < person.assigned_day:
                self._lower(
                    DivisionAssignment.objects.filter(person=person.pk, from_on=date_of(person.assigned_day)),
                    first_days[person],
                )
                person.assigned_day = first_days[person]
        DivisionAssignment.objects.bulk_create(rows, batch_size=500)

    @staticmethod
    def _lower(rows, day: int) -> None:
        rows.update(from_on=date_of(day))

    def _join_teams(self, start: dict[Person, int], first_days: dict[Person, int]) -> None:
        unchecked = [person for person in start if person.team and not person.team_checked]
        if unchecked:
            self._check_teams(unchecked)
        rows = []
        for person, day in start.items():
            if not person.team:
                continue
            team = self._team(person, day)
            if person.team_day is None and person.team_checked == "none":
                rows.append(TeamMembership(team=team, person_id=person.pk, from_on=date_of(day)))
                person.team_day = day
            elif person.team_day is not None and first_days[person] < person.team_day:
                self._lower(
                    TeamMembership.objects.filter(team=team, person=person.pk, from_on=date_of(person.team_day)),
                    first_days[person],
                )
                person.team_day = first_days[person]
        TeamMembership.objects.bulk_create(rows, batch_size=500)

    def _check_teams(self, people: list[Person]) -> None:
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

    def _team(self, person: Person, day: int) -> Team:
        key = (person.assigned_division_id, person.team)
        if key not in self.teams:
            team, _ = Team.objects.get_or_create(name=person.team[:120], division_id=key[0])
            lead = self._lead(person, day) if person.lead else None
            held = TeamLead.objects.filter(team=team).select_related("person").order_by("from_on").first()
            if held is None and lead is not None:
                held = TeamLead.objects.create(team=team, person_id=lead.pk, from_on=date_of(day))
            self.teams[key] = (team, held)
        team, held = self.teams[key]
        ours = held is not None and plain(held.person.name) == plain(person.lead)
        if ours and day_of(held.from_on) > day:
            held.from_on = date_of(day)
            held.save(update_fields=["from_on"])
        return team

    def _lead(self, person: Person, day: int) -> Person | None:
        found = self.by["name"].get(plain(person.lead), [])
        if len(found) == 1:
            lead = found[0]
        elif found or not self.may_create:
            return None
        else:
            lead = Person(person.lead[:200], person.zone, division=person.division)
            self._remember(lead)
        if lead.pk is None:
            self._create([lead])
        if lead.assigned_day is None:
            lead.division = person.division or self._default().name
            self._assign({lead: day}, {lead: day})
        return lead

    def queue_ids(self, names: Sequence[str | None], *, write: bool) -> list[int | None]:
        """The ids of queues by name; those missing are made, or stand for themselves in a dry run."""
        for name in dict.fromkeys(names):
            if name is not None and name not in self.queues:
                self.queues[name] = Queue.objects.get_or_create(name=name)[0].pk if write else -len(self.queues) - 1
        known = {None: None, **self.queues}
        return [known[name] for name in names]

    def count_new(self, people: Iterable[Person | None]) -> None:
        """Counts, for a dry run, who would be made."""
        for person in set(people):
            if person is not None and person.pk is None and not person.counted:
                person.counted = True
                self.created += 1
