"""What a lead finds worth a look among their people: finished rows with names."""

import datetime as dt
from dataclasses import dataclass

from foundation.periods import DAY, Period
from people.models import User
from scorecards.watch_queries import PausedShare, Watched, active_watches, paused_shares, worth_a_look
from scorecards.watch_wording import ShownSide, definition_text, sides_of

from .queries import led_agents

MOST_SHOWN = 50
PAUSED_DAYS = 28


@dataclass(frozen=True)
class Definition:
    """A pair in force, in words."""

    label: str
    text: str


@dataclass(frozen=True)
class Hint:
    person: User
    watched: Watched
    sides: list[ShownSide]
    definition: str


@dataclass(frozen=True)
class Paused:
    person: User
    share: PausedShare


@dataclass(frozen=True)
class Worth:
    """`more` hints are left out; `paused` are shares of the days of `period`."""

    hints: list[Hint]
    more: int
    paused: list[Paused]
    period: Period
    definitions: list[Definition]

    @property
    def person_ids(self) -> list[int]:
        """Whose figures are shown."""
        return sorted({each.person.pk for each in (*self.hints, *self.paused)})


def definitions() -> list[Definition]:
    """The pairs in force, which everyone may read."""
    return [Definition(watch.label, definition_text(watch)) for watch in active_watches()]


def worth_a_look_for(viewer, *, on: dt.date) -> Worth:
    """What is worth a look among the people that the viewer may look at, by name. Always the same few queries."""
    agents = led_agents(viewer, on=on)
    people = {person.pk: person for person in agents.only("pk", "public_id", "name")}
    period = Period(on - PAUSED_DAYS * DAY, on)
    found = sorted(worth_a_look(agents, on=on), key=lambda each: (people[each.person_id].name, each.watch.name))
    shares = paused_shares(agents, period=period)
    return Worth(
        hints=[
            Hint(people[each.person_id], each, sides_of(each), definition_text(each.watch))
            for each in found[:MOST_SHOWN]
        ],
        more=max(len(found) - MOST_SHOWN, 0),
        paused=[Paused(people[share.person_id], share) for share in shares[:MOST_SHOWN]],
        period=period,
        definitions=definitions(),
    )
