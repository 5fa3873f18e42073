"""Two members who share what they read on the boards of the demo centre, with the solver."""

import datetime as dt
import os

import pytest
from django.conf import settings
from django.core.management import call_command

from foundation.periods import DAY
from leaderboards.enums import Refresh
from leaderboards.models import Board, RoundMember
from people.models import TeamMembership, User
from rewards_site.demo.boards import PLANS
from scorecards.models import ScoreDay

from .reading import read_boards, tied_to_fewest
from .solving import Knowledge

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 11, 16)
FRIDAY = dt.datetime(2026, 11, 20, 15, tzinfo=dt.UTC)
DAYS = 5
"""Monday to Friday. The week so far adds up Monday to Thursday; on a board that is live, Friday as well."""
MOST = 400
SHALLOW = ["Bengaluru billing", "Bogotá ventas"]
BOARDS = [plan.name for plan in PLANS] if "LAUREL_ATTACKS" in os.environ else SHALLOW
"""On whose boards the readers stand."""


def spans(board: Board) -> dict[str, tuple[int, ...]]:
    days = DAYS if board.refresh == Refresh.LIVE else DAYS - 1
    return {(MONDAY + day * DAY).isoformat(): (day,) for day in range(days)} | {"this-week": tuple(range(days))}


class Demo:
    """The demo centre as its people know it."""

    def __init__(self):
        call_command("demo", "--date=2026-11-20", agents=48, days=5)
        self.agents = list(User.objects.filter(legs__isnull=False).distinct().order_by("pk"))

    def people_of(self, board: Board) -> list:
        members = RoundMember.objects.filter(round__board=board, round__starts_on=MONDAY).values("person")
        return [agent for agent in self.agents if agent.pk in set(members.values_list("person", flat=True))]

    def ranks_two(self, name: str) -> bool:
        return len(self.people_of(Board.objects.get(name=name))) > 1

    def team_called(self, name: str, board: Board) -> list:
        members = TeamMembership.objects.filter(team__name=name, from_on__lte=MONDAY).exclude(until_on__lte=MONDAY)
        return [agent for agent in self.people_of(board) if agent.pk in set(members.values_list("person", flat=True))]

    def heads(self, team: list, days: tuple[int, ...]) -> tuple[int, int] | None:
        """Who worked on a day is not known; which days are in a week's mean is not either."""
        return (settings.LAUREL_MINIMUM_GROUP + 1, len(team)) if len(days) == 1 else None

    def was_there(self, agent, day: int) -> bool:
        return True


def played(demo: Demo, name: str) -> Knowledge:
    """What the first two people on a board know together on Friday."""
    ranked = {agent for board in Board.objects.all() for agent in demo.people_of(board)}
    readers = demo.people_of(Board.objects.get(name=name))[:2]
    people = [agent for agent in demo.agents if agent in ranked]
    scored = {(day.agent_id, day.workday): day.points for day in ScoreDay.objects.filter(workday__gte=MONDAY)}
    knowledge = Knowledge(people, DAYS, MOST)
    for reader in readers:
        knowledge.knows(reader, {day: scored.get((reader.pk, MONDAY + day * DAY), 0) for day in range(DAYS)})
    return read_boards(demo, knowledge, readers, spans, at=FRIDAY)


def test_two_members_of_the_demo_centre_tell_nobody_who_bears_no_name():
    demo = Demo()
    for name in filter(demo.ranks_two, BOARDS):
        knowledge = played(demo, name)
        assert knowledge.rows or knowledge.sums, name
        named = {next(iter(people)) for people, *_ in knowledge.sums if len(people) == 1}
        assert {who for who, _ in knowledge.told()} <= named, name
        fewest = settings.LAUREL_MINIMUM_GROUP - 1
        assert tied_to_fewest(knowledge, enough=fewest) >= fewest, name
