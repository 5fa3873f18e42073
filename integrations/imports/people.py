"""The people, divisions, teams and queues that a file names. `actions.placing` makes those that are missing.

A `Person` may stand for someone who is not in the database yet. Zones are known before anyone is written, because
the workday of a row depends on them.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings

from people.models import Division, DivisionAssignment, Queue, Team, TeamLead, User

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
            self.remember(person)
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
        return self.zones[self.default().time_zone]

    def default(self) -> Division:
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

    def remember(self, person: Person) -> None:
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
            person.zone, person.division = zone, division or self.default().name
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
            division or self.default().name, team or "", lead or "",
        )  # fmt: skip
        self.remember(person)
        return person

    def _division_zone(self, name) -> Zone | Bad:
        if not name:
            return self.default_zone()
        if name in self.divisions:
            return self.zones[self.divisions[name].time_zone]
        if name in self.spec.divisions:
            return self.zones[self.spec.divisions[name]]
        return Bad(name, "is a division without a time zone; list it under `divisions:` in the mapping", "division")

    def count_new(self, people: Iterable[Person | None]) -> None:
        """Counts, for a dry run, who would be made."""
        for person in set(people):
            if person is not None and person.pk is None and not person.counted:
                person.counted = True
                self.created += 1
