"""Attacks by several readers at once, through the pages, with a solver that tries every explanation.

Members of a board read it with their own figures at hand, alone or two together; each knows who stands where. What has
one value only in every explanation is told, and whoever may stand behind a row in one of them is a candidate for it.
*k* is 3 here, so that centres stay small. Every attack wins where its rule is off.
"""

import datetime as dt
from fractions import Fraction
from functools import partial

import pytest

from foundation.periods import DAY
from leaderboards.actions import publishing
from leaderboards.enums import Names, Refresh, RowsAre, RowsShown
from leaderboards.models import Board, Standing
from leaderboards.queries import openings, pages
from leaderboards.tests.factories import MONDAY, make_agent, make_profile, score_day
from leaderboards.tests.test_actions import morning, publish_boards
from people.models import Role, TeamMembership
from people.rules import privacy
from people.rules.publishing import Alike
from people.tests.factories import join, lead, make_division, make_person, make_team
from scorecards.models import ProfileAssignment

from .reading import read_boards, tied_to_fewest
from .solving import Knowledge

pytestmark = pytest.mark.django_db
K = 3
MOST = 60
WEDNESDAY = MONDAY + 2 * DAY


@pytest.fixture(autouse=True)
def smallest_group(settings):
    settings.LAUREL_MINIMUM_GROUP = K


class Centre:
    """Teams of these sizes, with points on two days; `boards`: (team or None) → the settings of its board."""

    def __init__(self, sizes, *boards):
        self.division, self.profile = make_division(time_zone="UTC"), make_profile()
        self.agents, self.teams = [], []
        for size in sizes:
            team = make_team(f"Team {len(self.teams)}", division=self.division)
            for _ in range(size):
                agent = make_agent(f"Agent {len(self.agents):02}", self.division, self.profile)
                join(agent, team)
                self.agents.append(agent)
            self.teams.append(self.agents[-size:])
            for number, fields in boards:
                if number == len(self.teams) - 1:
                    self._board(team, fields)
        for number, fields in boards:
            if number is None:
                self._board(None, fields)
        self.left = {}

    def _board(self, team, fields):
        Board.objects.create(
            name=str(team or "All"),
            profile=self.profile,
            division=self.division,
            team=team,
            **{"limit": 300, "by_percent": False, "by_all_metrics": False} | fields,
        ).roles.set(Role.objects.filter(slug__in=["agent", "supervisor"]))

    def points(self, agent, day: int) -> int:
        number = self.agents.index(agent)
        return (number * 17 + day * 23 + number * number * (day + 2)) % MOST

    def work(self, day: int) -> None:
        for agent in self.agents:
            if self.was_there(agent, day):
                score_day(agent, self.division, self.profile, self.points(agent, day), on=MONDAY + day * DAY)

    def leave(self, agent, day: int) -> None:
        ProfileAssignment.objects.create(person=agent, profile=make_profile("Elsewhere"), from_on=MONDAY + day * DAY)
        self.left[agent] = day

    def people_of(self, board: Board) -> list:
        return self.agents if board.team_id is None else self.teams[int(board.team.name.split()[1])]

    def team_called(self, name: str, board: Board) -> list:
        return self.teams[int(name.split()[1])]

    def heads(self, team: list, days: tuple[int, ...]) -> tuple[int, int]:
        return len(team), len(team)

    def was_there(self, agent, day: int) -> bool:
        return self.left.get(agent, 99) > day

    def knowledge(self, *readers, days: int = 2) -> Knowledge:
        found = Knowledge(self.agents, days, MOST)
        for reader in readers:
            found.knows(reader, {day: self.points(reader, day) for day in range(days)})
        return found


def read(centre: Centre, knowledge: Knowledge, *readers, at: dt.datetime) -> Knowledge:
    """Everything the readers fetch on a morning: every board that opens to them, its days and its week."""
    weekday = (at.date() - MONDAY).days
    spans = {(MONDAY + day * DAY).isoformat(): (day,) for day in range(weekday)} | {"this-week": tuple(range(weekday))}
    return read_boards(centre, knowledge, readers, lambda board: spans, at=at)


def tied(knowledge: Knowledge) -> int:
    """To how few people a row that is not the attackers' can be tied; *k* - 1 stands for more too."""
    return tied_to_fewest(knowledge, enough=K - 1)


def played(sizes, *settings, readers=(0,), prepare=lambda centre: None) -> Knowledge:
    """What members know together on Wednesday, of a centre that worked on Monday and Tuesday."""
    centre = Centre(sizes, *settings)
    for day in range(2):
        centre.work(day)
        publish_boards(at=morning(MONDAY + (day + 1) * DAY))
    who = [centre.agents[number] for number in readers]
    return read(centre, centre.knowledge(*who), *who, at=morning(WEDNESDAY))


def without_rule_3(monkeypatch) -> None:
    monkeypatch.setattr(Alike, "admits", lambda self, group: True)


# Each rule, off and on ----------------------------------------------------------------------------------------------

EVERY_TEAM = [(None, {}), (0, {}), (1, {}), (2, {})]
"""A board of all and one of each team; every agent reads all of them."""


def test_complement_tells_the_other_of_two_without_rule_3(monkeypatch):
    without_rule_3(monkeypatch)
    knowledge = played((2, 4, 8), *EVERY_TEAM)
    other = knowledge.people[1]
    assert all(knowledge.is_told([other], days) for days in ([0], [1], [0, 1]))


def test_complement_tells_nobody():
    knowledge = played((2, 4, 8), *EVERY_TEAM)
    assert len({people for people, _, _ in knowledge.rows}) == 2  # of all, and of the eight
    assert knowledge.told() == set()
    assert tied(knowledge) >= K - 1


def test_two_members_who_share_what_they_read_tell_the_third_without_rule_3(monkeypatch):
    without_rule_3(monkeypatch)
    knowledge = played((3, 4, 5), *EVERY_TEAM, readers=(0, 1))
    assert knowledge.is_told([knowledge.people[2]], [0, 1])


def test_two_members_who_share_what_they_read_tell_nobody():
    knowledge = played((3, 4, 5), *EVERY_TEAM, readers=(0, 1))
    assert knowledge.rows
    assert knowledge.told() == set()
    assert tied(knowledge) >= K - 1


def test_mean_of_two_tells_the_other_without_rule_4(monkeypatch):
    without_rule_3(monkeypatch)
    without_smallest_number(monkeypatch)
    knowledge = played((2, 5), (None, {"rows_are": RowsAre.TEAMS}))
    assert knowledge.is_told([knowledge.people[1]], [0, 1])


def test_means_of_teams_tell_nobody():
    knowledge = played((4, 5), (None, {"rows_are": RowsAre.TEAMS}))
    assert len(knowledge.sums) == 6  # two teams on two days and in the week
    assert knowledge.told() == set()


def one_worked_alone() -> tuple[list[Fraction], Fraction]:
    """A team of five of whom one works on Tuesday: what everybody reads of the team in all periods, and what the one
    reached on Tuesday."""
    centre = Centre((4, 5), (None, {"rows_are": RowsAre.TEAMS}))
    centre.work(0)
    publish_boards(at=morning(MONDAY + DAY))
    alone = centre.teams[1][0]
    for agent in [*centre.teams[0], alone]:
        score_day(agent, centre.division, centre.profile, centre.points(agent, 1), on=MONDAY + DAY)
    publish_boards(at=morning(WEDNESDAY))
    rows = Standing.objects.filter(ranking="points", publication__starts_on__lte=MONDAY + DAY)
    read = rows.filter(owner=TeamMembership.objects.get(person=alone).team_id).values_list("numerator", "denominator")
    return [Fraction(*each) for each in read], Fraction(centre.points(alone, 1))


def test_mean_of_a_day_on_which_one_worked_alone_is_theirs_without_rule_4(monkeypatch):
    without_smallest_number(monkeypatch)
    read, alone = one_worked_alone()
    assert alone in read


def test_day_on_which_one_worked_alone_is_in_no_row_of_the_team():
    read, alone = one_worked_alone()
    assert len(set(read)) == 1  # Monday, and the same in the week
    assert alone not in read


def weeks_of_two_boards() -> set[Fraction]:
    """What the rows of a team of five say of its week, of whom one works on Tuesday: on a board that tells days, and on
    one that tells the week alone once it is over."""
    weekly = {"rows_are": RowsAre.TEAMS, "has_days": False, "refresh": Refresh.WEEKLY}
    centre = Centre((4, 5), (None, {"rows_are": RowsAre.TEAMS}), (None, weekly))
    centre.work(0)
    for agent in [*centre.teams[0], centre.teams[1][0]]:
        score_day(agent, centre.division, centre.profile, centre.points(agent, 1), on=MONDAY + DAY)
    publish_boards(at=morning(MONDAY + 7 * DAY))
    team = TeamMembership.objects.get(person=centre.teams[1][0]).team_id
    rows = Standing.objects.filter(ranking="points", publication__period="2024-W13", owner=team)
    assert rows.count() == 2
    return {Fraction(*each) for each in rows.values_list("numerator", "denominator")}


def test_week_of_one_board_less_that_of_another_tells_no_day_on_which_one_worked_alone():
    assert len(weeks_of_two_boards()) == 1


def without_smallest_number(monkeypatch) -> None:
    monkeypatch.setattr(publishing, "added_up_by_team", partial(added_up_with, publishing.added_up_by_team))


def added_up_with(add_up, rows, teams, *, minimum):
    return add_up(rows, teams, minimum=0)


def without_rule_of_names(monkeypatch) -> None:
    verdict = openings.Opening._verdict

    def alone(self, board, people):
        self.named, self.unnamed = set(), set()
        return verdict(self, board, people)

    monkeypatch.setattr(openings.Opening, "_verdict", alone)


NAMED_BESIDE = [(None, {}), (1, {"names": Names.ALL})]


def test_names_beside_rows_without_tell_whose_these_are_where_both_stand(monkeypatch):
    without_rule_of_names(monkeypatch)
    knowledge = played((2, 6), *NAMED_BESIDE)
    assert knowledge.is_told([knowledge.people[1]], [0, 1])


def test_names_beside_rows_without_tell_nobody_else():
    knowledge = played((2, 6), *NAMED_BESIDE)
    assert (len(knowledge.sums), knowledge.rows) == (18, [])
    assert {who for who, _ in knowledge.told()} <= set(knowledge.people[2:])


FIRST_BY_NAME = [(None, {"names": Names.TOP, "top": 4})]


def test_rows_below_the_first_by_name_are_tied_to_fewer_than_k(monkeypatch):
    shown = privacy._shown_places

    def all_of_them(extract, own, rules, viewer):
        return shown(extract, own, privacy.replace(rules, names=privacy.Names.NONE), viewer)

    monkeypatch.setattr(privacy, "_shown_places", all_of_them)
    assert tied(played((6,), *FIRST_BY_NAME)) < K - 1


def test_no_row_stands_below_the_first_by_name():
    knowledge = played((6,), *FIRST_BY_NAME)
    assert knowledge.sums
    assert knowledge.rows == []


def left(monkeypatch=None) -> tuple[Knowledge, object]:
    """Somebody leaves on Wednesday; a colleague has read the week before and reads it after."""
    centre = Centre((8,), (None, {}))
    reader, leaver = centre.agents[0], centre.agents[3]
    knowledge = centre.knowledge(reader, days=3)
    for day in range(3):
        if day == 2:
            centre.leave(leaver, 2)
        centre.work(day)
        publish_boards(at=morning(MONDAY + (day + 1) * DAY))
        if day:
            read(centre, knowledge, reader, at=morning(MONDAY + (day + 1) * DAY))
    return knowledge, leaver


def test_leaver_is_told_where_the_week_is_taken_without_them(monkeypatch):
    monkeypatch.setattr(publishing, "may_lose", lambda parts, stayed, *, minimum: True)
    knowledge, leaver = left()
    assert knowledge.is_told([leaver], [0, 1])


def led(sizes, *settings) -> Knowledge:
    """What the lead of the first team knows: its figures by name, and the rows of the others."""
    centre = Centre(sizes, *settings)
    supervisor = make_person("Lead", division=centre.division, role="supervisor")
    lead(supervisor, TeamMembership.objects.get(person=centre.agents[0]).team)
    for day in range(2):
        centre.work(day)
        publish_boards(at=morning(MONDAY + (day + 1) * DAY))
    return read(centre, centre.knowledge(*centre.teams[0]), supervisor, at=morning(WEDNESDAY))


def test_lead_of_all_but_one_is_told_their_values_where_rows_may_leave_a_few(monkeypatch):
    monkeypatch.setattr(pages, "leaves_few", lambda *_, **__: False)
    monkeypatch.setattr(privacy, "_why", lambda *_: privacy.Why.NOTHING_HIDDEN)
    knowledge = led((7, 1), (None, {}))
    assert tied(knowledge) < K - 1


def test_lead_of_all_but_one_is_told_nobody():
    knowledge = led((7, 1), (None, {}))
    assert knowledge.told() == set()
    assert tied(knowledge) >= K - 1


def test_lead_of_a_part_ties_no_row_of_the_others():
    knowledge = led((5, 5), (None, {}), (1, {}))
    assert knowledge.rows
    assert knowledge.told() == set()
    assert tied(knowledge) >= K - 1


# Centres of every kind: nobody is told ----------------------------------------------------------------------

KINDS = {
    "own team": [(None, {"rows": RowsShown.OWN_TEAM}), (None, {"has_days": False})],
    "neighbours": [(None, {"rows": RowsShown.NEIGHBOURS}), (0, {})],
    "few rows": [(None, {"limit": 3}), (0, {"limit": 3}), (1, {})],
    "teams beside people": [(None, {"rows_are": RowsAre.TEAMS}), (None, {}), (1, {})],
    "ties": [(None, {"ties": "dense"}), (1, {"minimum": 5})],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("readers", [(0,), (0, 5)])
def test_nobody_is_told_and_no_row_is_tied_to_fewer_than_k(kind, readers):
    knowledge = played((4, 6), *KINDS[kind], readers=readers)
    assert knowledge.rows or knowledge.sums
    assert knowledge.told() == set()
    assert tied(knowledge) >= K - 1
