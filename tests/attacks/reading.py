"""What members read on the pages of boards, as a solver takes it in."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from http import HTTPStatus
from typing import Protocol

import time_machine
from django.test import Client
from django.urls import reverse

from leaderboards.models import Board
from leaderboards.queries import boards

from .solving import Knowledge, Read

Whole = Callable[[Fraction, int, bool], Read]
"""Of a value that was read, how many days of one person it stands for, and whether it is exact rather than rounded:
what it says of the sum of these days."""


class Memberships(Protocol):
    """What everybody knows of a centre."""

    def people_of(self, board: Board) -> list:
        """Whom a board ranks."""

    def team_called(self, name: str, board: Board) -> list:
        """Those of a team, as a row calls it, whom the board ranks."""

    def heads(self, team: list, days: tuple[int, ...]) -> tuple[int, int] | None:
        """Of how many people the mean of a team on these days is, at least and at most; None where nothing is known."""

    def was_there(self, agent, day: int) -> bool:
        """Whether someone still stood on the boards on a day."""


def read_boards(
    centre: Memberships,
    knowledge: Knowledge,
    readers: Iterable,
    spans: Callable[[Board], Mapping[str, tuple[int, ...]]],
    *,
    at: dt.datetime,
    by: str = "points",
    whole: Whole = lambda value, days, is_exact: int(value),
) -> Knowledge:
    """Everything the readers fetch at a moment: every board that opens to them, in the periods of `spans`, which
    tells of a board for each period, as the address names it, what days it adds up. `by` is what they rank by, where
    the board does; `whole` what its values say.
    """
    with time_machine.travel(at, tick=False):
        for reader in readers:
            client = Client()
            client.force_login(reader)
            for place in boards.boards_for(reader, on=at.date()):
                for period, days in spans(place.board).items():
                    _learn(centre, knowledge, client, place.board, period, days, by, whole)
    return knowledge


def _learn(centre: Memberships, knowledge, client, board, period, days, by, whole) -> None:
    address = reverse("leaderboards:board", args=[board.pk]) + f"?period={period}&by={by}"
    response = client.get(address)
    if response.status_code == HTTPStatus.NOT_FOUND:
        return
    page = response.context["board"]
    rows = [row for row in page.masked.rows if row.rank and not row.is_gap and row.value is not None]
    if board.has_team_rows:
        _learn_teams(centre, knowledge, board, rows, days, by, whole)
        return
    everyone = {agent.pk: agent for agent in centre.people_of(board)}
    for row in rows:
        if row.person_id in everyone:
            knowledge.reads([everyone[row.person_id]], days, whole(row.value, len(days), row.is_you))
    named = {row.person_id for row in rows if row.person_id}
    unnamed = [whole(row.value, len(days), False) for row in rows if row.is_unnamed]
    people = [agent for agent in everyone.values() if agent.pk not in named and centre.was_there(agent, days[-1])]
    if unnamed:
        knowledge.reads_rows(people, days, unnamed)


def _learn_teams(centre: Memberships, knowledge, board, rows, days, by, whole) -> None:
    """A team's row by points is the mean of its members, rounded; of the own one it is exact. By anything else it is of
    all of their days together.
    """
    for row in rows:
        team = centre.team_called(row.person.name, board)
        if by != "points":
            knowledge.reads(team, days, whole(row.value, len(days) * len(team), row.is_you))
            continue
        heads = centre.heads(team, days)
        if heads is None:
            continue
        if row.is_you and heads[0] == heads[1]:
            knowledge.reads_sum(team, days, int(row.value * len(team)))
            continue
        least = -(-(2 * int(row.value) - 1) * heads[0] // 2)
        largest = (2 * int(row.value) + 1) * heads[1] // 2
        knowledge.reads_sum(team, days, least, largest)


def tied_to_fewest(knowledge: Knowledge, *, enough: int) -> int:
    """To how few people a row that is not the attackers' can be tied; `enough` stands for more too."""
    rows = knowledge.rows_of_others()
    return min((knowledge.tied_to(at, value, enough=enough) for at, value in rows), default=enough)
