"""Whom a board ranks on a day, and by which of their days."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from django.db.models import Q

from foundation.periods import DAY
from goals.enums import Counted, Scope
from goals.models import Goal
from people.models import QueueMembership, TeamMembership
from people.queries import out_of_boards_on
from scorecards.models import ScoreDay
from scorecards.queries import scored_places_on

from ..enums import RowsAre
from ..models import Board

Place = tuple[int | None, int]
"""The ids of the profile and of the division by which someone is scored on a day."""

WITH_FIGURES = (35 * DAY, 31 * DAY)
"""Who had no scored day in so many days before a day, nor in the month from it, stands on no board of that day: people
without figures would only seem to hide the others."""


@dataclass(frozen=True)
class Day:
    """Where everyone active stands on a day; whoever stays off boards is not there."""

    on: dt.date
    places: Mapping[int, Place]
    teams: Callable[[], Mapping[int, frozenset[int]]]
    """Person id → ids of their teams and of all teams above."""
    own_teams: Callable[[], Mapping[int, frozenset[int]]]
    """Person id → ids of the teams they are members of."""
    queues: Callable[[], Mapping[int, int]]
    """Person id → id of the home queue."""
    scored: Callable[[], Mapping[Place, set[int]]]
    """Place → who had figures there lately."""

    goals: Callable[[], Mapping[int, list[tuple[int, bool]]]]
    """Board id → of each goal it ranks, the team and whether teams below belong to it."""

    def at(self, place: Place) -> frozenset[int]:
        return frozenset(person for person, each in self.places.items() if each == place)

    def with_figures(self, place: Place) -> frozenset[int]:
        """Who stands at a place and has figures there."""
        return self.at(place) & self.scored().get(place, set())

    def people_of(self, board: Board) -> frozenset[int]:
        """Whom a board ranks."""
        people = self.with_figures((board.profile_id, board.division_id))
        if board.team_id:
            teams = self.teams()
            people = frozenset(person for person in people if board.team_id in teams.get(person, ()))
        if board.queue_id:
            queues = self.queues()
            people = frozenset(person for person in people if queues.get(person) == board.queue_id)
        return people

    def of_goals(self, board: Board) -> list[frozenset[int]]:
        """Whom each goal that a board ranks is for."""
        return [
            frozenset(person for person, teams in (self.teams if below else self.own_teams)().items() if team in teams)
            for team, below in self.goals().get(board.pk, ())
        ]

    def by_team(self, people: frozenset[int]) -> dict[int, frozenset[int]]:
        """Team id → those of these people who are its members."""
        found: dict[int, set[int]] = defaultdict(set)
        teams = self.own_teams()
        for person in people:
            for team in teams.get(person, ()):
                found[team].add(person)
        return {team: frozenset(members) for team, members in found.items()}


def day_of(day: dt.date) -> Day:
    """Each part is read when it is asked for, in one query."""
    out = out_of_boards_on(day)
    places = {person: place for person, place in scored_places_on(day).items() if person not in out}
    return Day(
        day,
        places,
        cache(lambda: _teams_on(day, above=True)),
        cache(lambda: _teams_on(day, above=False)),
        cache(lambda: home_queues_on(day)),
        cache(lambda: _scored_around(day)),
        cache(_goals_of_boards),
    )


def goals_to_rank() -> Q:
    """Goals that a board may rank: those of each agent, of a metric or of points."""
    return Q(scope=Scope.INDIVIDUAL) & ~Q(counted=Counted.REPORTED)


def _goals_of_boards() -> dict[int, list[tuple[int, bool]]]:
    found: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    goals = Goal.objects.filter(goals_to_rank()).values("pk")
    rows = Board.objects.filter(goals__in=goals, rows_are=RowsAre.PEOPLE).order_by("goals")
    for board, team, with_teams_below in rows.values_list("pk", "goals__team", "goals__with_teams_below"):
        found[board].append((team, with_teams_below))
    return found


def _scored_around(day: dt.date) -> dict[Place, set[int]]:
    before, after = WITH_FIGURES
    days = ScoreDay.objects.filter(workday__gte=day - before, workday__lt=day + after).order_by()
    found: dict[Place, set[int]] = defaultdict(set)
    for person, *place in days.values_list("agent_id", "profile_id", "division_id").distinct():
        found[tuple(place)].add(person)
    return found


def _teams_on(day: dt.date, *, above: bool) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for person, team, path in TeamMembership.objects.on(day).values_list("person_id", "team_id", "team__path"):
        found[person] |= {int(pk) for pk in path.split("/") if pk} if above else {team}
    return {person: frozenset(teams) for person, teams in found.items()}


def home_queues_on(day: dt.date) -> dict[int, int]:
    """Person id → the queue of the highest weight on a day; ties by queue id."""
    rows = QueueMembership.objects.on(day).order_by("weight", "-queue_id").values_list("person_id", "queue_id")
    return dict(rows)


def teams_of(person_id: int, *, on: dt.date) -> frozenset[int]:
    """Ids of the teams that somebody is a member of on a day."""
    return frozenset(TeamMembership.objects.on(on).filter(person=person_id).values_list("team_id", flat=True))
