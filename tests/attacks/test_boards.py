"""Attacks on boards that overlap, by what they promise and by exact enumeration.

The promise: people who are alike (who stand in the same boards and totals in every round) can be swapped, with all
their figures, and nothing that a third person can fetch changes. If it holds, and of those who are alike there are
always more than *k*, then no sum, difference or comparison ties a figure to fewer than *k* people, or tells one that
was not published: whatever explains what was read also explains it with any two of them swapped. The centres are drawn
by hypothesis; the reader reads every board, period and ranking on every morning, while people leave, change teams and
stay off boards. Deeper runs: `LAUREL_ATTACKS=50`.

The enumeration: small centres whose boards lack a rule give somebody away, and do not with it.
"""

import datetime as dt
import os
from collections import Counter
from itertools import combinations
from types import SimpleNamespace

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from foundation.periods import DAY
from foundation.periods.spans import parse_span
from leaderboards.actions import publishing
from leaderboards.enums import RowsAre, RowsShown
from leaderboards.models import Board, RoundMember
from leaderboards.queries.boards import boards_for, rankings_of
from leaderboards.queries.pages import board_for
from leaderboards.tests.factories import MONDAY, make_agent, make_profile, score_day
from leaderboards.tests.test_actions import publish_boards
from people.actions import stay_off_boards
from people.models import Grant, Role, TeamMembership
from people.rules.publishing import Alike
from people.tests.factories import join, make_division, make_person, make_team
from scorecards.averages import published_average
from scorecards.models import ProfileAssignment, ScoreDay

pytestmark = pytest.mark.django_db
K = 5
DAYS = 10
"""Workdays of a centre that is drawn: a week and three days of the next."""
MORNINGS = (2, 5, 9)
EXAMPLES = int(os.environ.get("LAUREL_ATTACKS", "3"))


class Centre:
    """Agents in teams of these sizes, boards of these settings, and a reader who may open all of them."""

    def __init__(self, sizes, boards, *, points):
        self.division, self.profile = make_division(time_zone="UTC"), make_profile()
        self.agents = [make_agent(f"Agent {n}", self.division, self.profile) for n in range(sum(sizes))]
        self.teams, at = [], 0
        for number, size in enumerate(sizes):
            team = make_team(f"Team {number}", division=self.division)
            for agent in self.agents[at : at + size]:
                join(agent, team)
            self.teams.append(team)
            at += size
        self.reader = make_person("Reader", division=make_division("Elsewhere"), role="agent")
        role = Role.objects.create(slug="reader", name="Reader")
        Grant.objects.create(person=self.reader, role=role)
        for number, fields in enumerate(boards):
            team = fields.get("team")
            team = None if team is None else self.teams[team % len(self.teams)]
            board = Board.objects.create(
                name=f"Board {number}",
                profile=self.profile,
                division=self.division,
                by_improvement=True,
                limit=300,
                **fields | {"team": team},
            )
            board.roles.add(role)
        self.points = points

    def work(self, *, first=0, last=DAYS) -> None:
        for day in range(first, last):
            for number, agent in enumerate(self.agents):
                score_day(agent, self.division, self.profile, self.points(number, day), on=MONDAY + day * DAY)

    def read(self, day: dt.date, viewer=None) -> list[tuple]:
        """Everything the reader can fetch on a morning: each board, period and ranking, and the averages."""
        found = []
        viewer = viewer or self.reader
        for place in boards_for(viewer, on=day):
            keys = {"this-week", "last-week", "2024-W12"} | {(day - back * DAY).isoformat() for back in range(1, 9)}
            for key in sorted(keys):
                span = parse_span(key, day)
                for ranking in rankings_of(place.board, on=(span.now.last, day), kind=span.whole.kind):
                    page = board_for(viewer, place=place, span=span, by=ranking.key, on=day)
                    rows = tuple((row.rank, row.value, row.is_gap) for row in page.masked.rows)
                    said = (page.masked.why, page.masked.of, page.verdict)
                    found.append((place.board.name, key, ranking.key, said, rows))
        for key in ("this-week", "last-week", "yesterday"):
            period = parse_span(key, day).whole
            found.append((key, published_average(self.profile.pk, self.division.pk, period)))
        return found


def morning(day: int) -> dt.datetime:
    return dt.datetime.combine(MONDAY + day * DAY, dt.time(6), dt.UTC)


class Undo(Exception):
    pass


def played(make, *, events=(), swap=None) -> tuple[list, SimpleNamespace]:
    """The transcript of a reader who reads on every morning, and who was alike; nothing of it stays.

    `swap`: two numbers, and the days [first, last) on which their figures are swapped.
    """
    found, seen = [], SimpleNamespace()
    try:
        with transaction.atomic():
            centre = make(swap)
            for number, day in enumerate(MORNINGS):
                for event in events:
                    if (number == 0 or event.day > MORNINGS[number - 1]) and event.day <= day:
                        event.happen(centre)
                publish_boards(at=morning(day))
                found.append(centre.read(morning(day).date()))
            seen.parts = parts_by_person(centre)
            raise Undo
    except Undo:
        return found, seen


def parts_by_person(centre) -> list[tuple]:
    """Where each agent stands: (period, board) → part, of every round."""
    rows = RoundMember.objects.filter(round__board__profile=centre.profile)
    places: dict[int, set] = {agent.pk: set() for agent in centre.agents}
    for period, board, person, part in rows.values_list("round__period", "round__board__name", "person_id", "part"):
        if person in places:
            places[person].add((period, board, part))
    return [tuple(sorted(places[agent.pk])) for agent in centre.agents]


SETTINGS = st.fixed_dictionaries(
    {"team": st.none() | st.integers(0, 3)},
    optional={"rows": st.just(RowsShown.OWN_TEAM), "rows_are": st.just(RowsAre.TEAMS)},
).filter(lambda fields: not ("rows" in fields and "rows_are" in fields))


class Event(SimpleNamespace):
    """On a day an agent leaves the profile, changes team, or stays off boards."""

    def happen(self, centre) -> None:
        agent, day = centre.agents[self.who], MONDAY + self.day * DAY
        if self.kind == "leaves":
            ProfileAssignment.objects.create(person=agent, profile=make_profile(f"Other {agent.pk}"), from_on=day)
            ScoreDay.objects.filter(agent=agent, workday__gte=day).delete()
        elif self.kind == "moves":
            TeamMembership.objects.filter(person=agent).update(until_on=day)
            join(agent, centre.teams[0], from_on=day)
        else:
            stay_off_boards(person=agent, on=day, at=morning(self.day))


EVENTS = st.builds(
    Event, who=st.integers(0, 9), day=st.integers(1, DAYS - 1), kind=st.sampled_from(["leaves", "moves", "stays off"])
)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    sizes=st.lists(st.integers(2, 12), min_size=2, max_size=4),
    boards=st.lists(SETTINGS, min_size=2, max_size=4),
    events=st.lists(EVENTS, max_size=2, unique_by=lambda event: event.who),
    salt=st.integers(1, 10**6),
    data=st.data(),
)
def test_alike_people_can_be_swapped_and_nobody_else_reads_a_difference(sizes, boards, events, salt, data):
    size = sum(sizes)
    events = [event for event in events if event.who < size]

    def make(swap):
        def points(number, day):
            if swap and number in swap[:2] and swap[2] <= day < swap[3]:
                number = swap[1 - swap.index(number)]
            return (number * 7919 + day * 104729 + salt * 31) % 997

        centre = Centre(sizes, boards, points=points)
        centre.work()
        return centre

    before, seen = played(make, events=events)
    assert all(count > K or count == size == K for count in alike_counts(seen.parts).values())
    pairs = [(a, b) for a, b in combinations(range(size), 2) if seen.parts[a] and seen.parts[a] == seen.parts[b]]
    if not pairs:
        return
    one, other = data.draw(st.sampled_from(pairs))
    last = min([DAYS, *(event.day for event in events if event.who in (one, other) and event.kind != "moves")])
    after, _ = played(make, events=events, swap=(one, other, 0, last))
    assert after == before


def alike_counts(parts) -> Counter:
    """How many people share each place of each round."""
    return Counter(place for places in parts for place in places)


# Enumeration: what gives somebody away without a rule -----------------------------------------------------------------


def without_rule_3(monkeypatch) -> None:
    monkeypatch.setattr(Alike, "admits", lambda self, group: True)


def published(sizes, boards):
    """The centre after two days, read by the reader: (board, ranking) → values of the week's rows."""
    centre = Centre(sizes, boards, points=lambda number, day: 100 + number * number + day)
    centre.work(last=2)
    publish_boards(at=morning(2))
    return centre, weeks(centre.read(morning(2).date()))


def weeks(told) -> dict[tuple[str, str], list]:
    """(board, ranking) → values of the rows of this week that have a rank."""
    rows = [each for each in told if len(each) == 5 and each[1] == "this-week"]
    return {(board, ranking): [value for rank, value, _gap in shown if rank] for board, _, ranking, _, shown in rows}


TRIO = (4, 6, 20)
"""The design's example: teams of four, six and twenty in a division of thirty."""


def left_over(whole: list[int], *parts: list[int]) -> list[int]:
    """The values of a board that stand on none of the others, if their people are on it."""
    rest = Counter(whole)
    for part in parts:
        rest.subtract(part)
    return sorted(rest.elements())


def test_complement_gives_four_people_away_without_rule_3(monkeypatch):
    without_rule_3(monkeypatch)
    _, week = published(TRIO, [{"team": None}, {"team": 1}, {"team": 2}])
    found = left_over(week["Board 0", "points"], week["Board 1", "points"], week["Board 2", "points"])
    assert found == sorted(2 * (100 + n * n) + 1 for n in range(4))
    assert len(found) < K


def test_complement_gives_nobody_away():
    _, week = published(TRIO, [{"team": None}, {"team": 1}, {"team": 2}])
    assert week["Board 1", "points"] == []
    assert len(left_over(week["Board 0", "points"], week["Board 2", "points"])) == 10


def test_sum_of_a_hidden_team_is_the_division_less_the_others_without_rule_3(monkeypatch):
    """Rows of teams: per person points of the six and the twenty, and the rows of the division, tell the four's sum."""
    monkeypatch.setattr(Alike, "admits", lambda self, group: len(frozenset(group)) > K)
    _, week = published(TRIO, [{"team": None}, {"rows_are": RowsAre.TEAMS}])
    teams = sorted(week["Board 1", "points"])
    assert len(teams) == 2
    rest = sum(week["Board 0", "points"]) - 6 * teams[0] - 20 * teams[1]
    assert abs(rest - sum(2 * (100 + n * n) + 1 for n in range(4))) <= 13  # but for rounding: half a point a person


def test_sum_of_a_hidden_team_stays_hidden():
    _, week = published(TRIO, [{"team": None}, {"rows_are": RowsAre.TEAMS}])
    assert len(week["Board 1", "points"]) == 1


def test_two_boards_that_differ_by_one_person_give_them_away_without_rule_3(monkeypatch):
    without_rule_3(monkeypatch)
    _, week = published((11, 1), [{"team": None}, {"team": 0}])
    assert left_over(week["Board 0", "points"], week["Board 1", "points"]) == [2 * (100 + 121) + 1]


def test_two_boards_that_differ_by_one_person_are_not_both_shown():
    _, week = published((11, 1), [{"team": None}, {"team": 0}])
    assert week["Board 1", "points"] == []
    assert len(week["Board 0", "points"]) == 12


def test_colluding_members_of_two_boards_find_no_third_group():
    """Each reads the board of their own team and the division; together all they can subtract is larger than k."""
    centre, _ = published((7, 8, 9), [{"team": None}, {"team": 0}, {"team": 1}, {"rows": RowsShown.OWN_TEAM}])
    Board.roles.through.objects.all().delete()  # for the people on them, and nobody else
    members = [centre.agents[0], centre.agents[8]]
    read = [weeks(centre.read(morning(2).date(), member)) for member in members]
    sets = {tuple(sorted(values)) for each in read for (_, ranking), values in each.items() if ranking == "points"}
    whole = max(sets, key=len)
    rests = [left_over(list(whole), list(part)) for part in sets if part and part != whole]
    assert all(len(rest) > K for rest in rests)
    assert {len(part) for part in sets} >= {7, 8, 24}


def test_search_sort_file_and_fragment_tell_no_more_than_the_page(client):
    centre, _ = published((7, 9), [{"team": None}])
    client.force_login(centre.reader)
    address = reverse("leaderboards:board", args=[Board.objects.get().pk])
    with time_machine.travel(morning(2), tick=False):
        page = client.get(address).content.decode()
        asked = [
            client.get(address + query, headers=headers).content.decode()
            for query in ("?q=Agent", "?sort=who", "?sort=-value", "?all=1", "?q=Agent+3&all=1", "?page=2")
            for headers in ({}, {"HX-Request": "true"})
        ]
        file = client.get(reverse("leaderboards:board_csv", args=[Board.objects.get().pk]))
        lines = b"".join(file.streaming_content).decode()
    for text in (page, *asked, lines):
        assert not any(agent.name in text or str(agent.public_id) in text for agent in centre.agents)
    assert "Nothing here yet" in asked[0]
    shown = [line.split(",")[2] for line in lines.splitlines()[1:]]
    assert all(value in page.replace(",", "") for value in shown)


def test_a_leaver_is_found_where_weeks_are_taken_again_without_them(monkeypatch):
    """The promise fails without the rule: swapping the leaver's days before leaving is read by everybody."""
    monkeypatch.setattr(publishing, "may_lose", lambda parts, stayed, *, minimum: True)
    assert leaving_differs()


def test_a_leaver_is_not_found():
    assert not leaving_differs()


def leaving_differs() -> bool:
    def make(swap):
        def points(number, day):
            if swap and number in swap[:2] and swap[2] <= day < swap[3]:
                number = swap[1 - swap.index(number)]
            return (number * 7919 + day * 104729) % 997

        centre = Centre((12,), [{"team": None}], points=points)
        centre.work()
        return centre

    events = [Event(who=3, day=3, kind="leaves")]
    before, _ = played(make, events=events)
    after, _ = played(make, events=events, swap=(3, 7, 0, 3))
    return before != after
