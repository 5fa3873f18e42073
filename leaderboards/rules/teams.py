"""What teams add up to, told only where it is of more than a few people. Plain values."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .ranking import Sums

Rows = Iterable[tuple[int, dt.date, int, int]]
"""(person id, workday, points or total, maximum or count)."""


@dataclass
class _Day:
    people: set[int] = field(default_factory=set)
    first: int = 0
    second: int = 0


@dataclass(frozen=True)
class TeamSums:
    """By team id: what its members add up to, and of how many of them that is."""

    sums: Mapping[int, Sums]
    heads: Mapping[int, int]


def added_up_by_team(rows: Rows, teams: Mapping[int, frozenset[int]], *, minimum: int) -> TeamSums:
    """Adds up the days of each team's members, without those on which *k* of them or fewer have figures. Two periods of
    a team, of this board or of another, then differ by a day of more than *k* people, or not at all: what one who
    worked alone on a Sunday reached is in no row.
    """
    teams_of: dict[int, list[int]] = {}
    for team, members in teams.items():
        for person in members:
            teams_of.setdefault(person, []).append(team)
    days: dict[tuple[int, dt.date], _Day] = {}
    for person, workday, first, second in rows:
        for team in teams_of.get(person, ()):
            found = days.setdefault((team, workday), _Day())
            found.people.add(person)
            found.first += first
            found.second += second
    sums: dict[int, Sums] = {}
    people: dict[int, set[int]] = {}
    for (team, _), each in days.items():
        if len(each.people) > minimum:
            sums[team] = sums.get(team, Sums(0, 0)) + Sums(each.first, each.second)
            people.setdefault(team, set()).update(each.people)
    return TeamSums(sums, {team: len(each) for team, each in people.items()})
