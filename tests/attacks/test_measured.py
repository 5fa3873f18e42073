"""Attacks on the values of one metric: the rows of boards by it, and the means of everybody that the API tells peers.
And on points, by boards that rank by percent of goal, and by the average of everybody.

Readers know who has data on a day, and get the sum behind a mean as it is stored, where the API tells it rounded: more
than anybody can fetch. Unknown is what each person sold on each day, each day with a count of 1; of a metric that is an
average, the count as well.
"""

import math
import os
from fractions import Fraction

import pytest

from foundation.periods import DAY, Kind, period_of
from leaderboards.enums import Refresh, RowsAre
from leaderboards.queries import averages
from leaderboards.rules.ranking import UNITS_BY_COUNT
from leaderboards.tests.factories import MONDAY, measure, score_day
from leaderboards.tests.test_actions import morning, publish_boards
from scorecards.rules.scoring import Zone
from scorecards.tests.factories import make_external, make_terms

from .reading import read_boards
from .solving import Knowledge, Means, Read
from .test_solved import (
    KINDS,
    MOST,
    WEDNESDAY,
    Centre,
    K,
    smallest_group,
    tied,
    without_rule_3,
    without_smallest_number,
)

__all__ = ["smallest_group"]
pytestmark = pytest.mark.django_db
UNITS = 10**5
"""A total is stored in these parts of one."""
DAYS = {MONDAY.isoformat(): (0,), (MONDAY + DAY).isoformat(): (1,), "this-week": (0, 1)}
HALF, TINY = Fraction(1, 2), Fraction(1, 1000)
"""What is rounded half up lies below the upper half; no quotient of these counts lies closer to it."""
EVERYBODY, BY_METRIC = (None, {"by_all_metrics": True}), {"by_all_metrics": True}


class Shop(Centre):
    """A centre that sells. `sellers` are the numbers of those with data on Tuesday; on Monday everybody has."""

    aggregation = "sum"

    def __init__(self, sizes, *boards, sellers=None):
        super().__init__(sizes, *((number, BY_METRIC | fields) for number, fields in boards))
        self.sold = make_external("sold", aggregation=self.aggregation)
        make_terms(self.profile, self.sold, (Zone("target", None, None, 1, 1),))
        self.sellers = self.agents if sellers is None else [self.agents[number] for number in sellers]

    def selling(self, day: int) -> list:
        return self.sellers if day else self.agents

    def was_there(self, agent, day: int) -> bool:
        return True

    def work(self, day: int) -> None:
        super().work(day)
        for agent in self.selling(day):
            count = self.count(agent, day)
            measure(agent, self.sold, total=self.points(agent, day), count=count, on=MONDAY + day * DAY)

    def count(self, agent, day: int) -> int:
        return 1

    def sum_of(self, total: int, count: int) -> Read:
        """What a mean says that is told exactly."""
        return total // UNITS

    def value(self, value: Fraction, days: int, is_exact: bool) -> Read:
        """What a row says."""
        return int(value)


class Workshop(Shop):
    """A centre whose metric is an average: nobody knows how many somebody else's values are of, up to three a day."""

    aggregation = "average"

    def count(self, agent, day: int) -> int:
        return 1 + (self.agents.index(agent) + day) % 3

    def knowledge(self, *readers, days: int = 2) -> Means:
        known = {(who, day): self.points(who, day) for who in readers for day in range(days)}
        counts = {
            (who, day): (who in self.selling(day), 3 * (who in self.selling(day)))
            for who in self.agents
            for day in range(days)
        }
        counts |= {(who, day): (self.count(who, day),) * 2 for who, day in known}
        return Means(self.agents, days, MOST, known, counts=counts)

    def sum_of(self, total: int, count: int) -> Read:
        return (Fraction(total, count * UNITS_BY_COUNT),) * 2

    def value(self, value: Fraction, days: int, is_exact: bool) -> Read:
        return (value, value) if is_exact else (value - HALF, value + HALF - TINY)


def played(shop: Shop, *, readers=(0,)) -> Knowledge:
    """What members know together on Wednesday: rows by the metric, and its means."""
    for day in range(2):
        shop.work(day)
        publish_boards(at=morning(MONDAY + (day + 1) * DAY))
    knowledge = shop.knowledge(*(shop.agents[number] for number in readers))
    read_means(shop, knowledge)
    readers = [shop.agents[number] for number in readers]
    at = morning(WEDNESDAY)
    return read_boards(shop, knowledge, readers, lambda board: DAYS, at=at, by="sold", whole=shop.value)


def read_means(shop: Shop, knowledge: Knowledge) -> None:
    found = averages.measured_of_everyone(shop.profile.pk, shop.division.pk, first=MONDAY, last=MONDAY + DAY)
    for on, metrics in found.items():
        for total, count, people in metrics.values():
            day = (on - MONDAY).days
            assert people == len(shop.selling(day))
            knowledge.reads(shop.selling(day), [day], shop.sum_of(total, count))


def test_mean_of_two_with_data_tells_the_other_without_rule_4(monkeypatch):
    monkeypatch.setattr(averages, "minimum_group", lambda setting: 0)
    knowledge = played(Shop((6,), EVERYBODY, sellers=(0, 1)))
    assert knowledge.is_told([knowledge.people[1]], [1])


def test_mean_of_two_with_data_is_not_told():
    knowledge = played(Shop((6,), EVERYBODY, sellers=(0, 1)))
    assert {days for people, days, *_ in knowledge.sums if len(people) > 1} == {(0,)}
    assert knowledge.told() == set()


def test_complement_by_a_metric_tells_the_other_of_two_without_rule_3(monkeypatch):
    without_rule_3(monkeypatch)
    knowledge = played(Shop((2, 4, 8), EVERYBODY, (0, {}), (1, {}), (2, {})))
    assert knowledge.is_told([knowledge.people[1]], [0, 1])


DEEP = KINDS if "LAUREL_ATTACKS" in os.environ else ["few rows"]
READERS = [(0,), (0, 5)] if "LAUREL_ATTACKS" in os.environ else [(0, 5)]


@pytest.mark.parametrize("kind", DEEP)
@pytest.mark.parametrize("readers", READERS)
def test_means_and_rows_of_a_metric_tell_nobody(kind, readers):
    knowledge = played(Shop((4, 6), *KINDS[kind]), readers=readers)
    assert {days for people, days, *_ in knowledge.sums if len(people) == 10} == {(0,), (1,)}
    assert knowledge.told() == set()
    assert tied(knowledge) >= K - 1


# Averages of unknown counts ------------------------------------------------------------------------------------------


def test_mean_of_two_tells_the_other_without_rule_4_though_their_count_is_not_known(monkeypatch):
    monkeypatch.setattr(averages, "minimum_group", lambda setting: 0)
    knowledge = played(Workshop((6,), EVERYBODY, sellers=(0, 1)))
    assert knowledge.is_told([knowledge.people[1]], [1])


def test_complement_by_an_average_tells_the_other_of_two_without_rule_3(monkeypatch):
    without_rule_3(monkeypatch)
    knowledge = played(Workshop((2, 4), EVERYBODY, (1, {})))
    assert knowledge.is_told([knowledge.people[1]], [0, 1])


@pytest.mark.parametrize("kind", DEEP)
@pytest.mark.parametrize("readers", READERS)
def test_means_and_rows_of_an_average_tell_nobody(kind, readers):
    knowledge = played(Workshop((4, 6), *KINDS[kind]), readers=readers)
    assert {days for people, days, *_ in knowledge.sums if len(people) == 10} == {(0,), (1,)}
    assert knowledge.told() == set()
    assert tied(knowledge) >= K - 1


# The average of points -----------------------------------------------------------------------------------------------


def averages_of_one_who_worked_alone() -> tuple[dict[str, Fraction], Fraction]:
    """Of six people of whom one works on Tuesday: the averages of Monday and of the week, and the one's points."""
    centre = Centre((6,), (None, {"limit": 1}))
    alone = centre.agents[3]
    for day, agents in enumerate([centre.agents, [alone]]):
        for agent in agents:
            score_day(agent, centre.division, centre.profile, centre.points(agent, day), on=MONDAY + day * DAY)
        publish_boards(at=morning(MONDAY + (day + 1) * DAY))
    periods = {"day": period_of(Kind.DAILY, MONDAY), "week": period_of(Kind.WEEKLY, MONDAY)}
    found = {
        name: averages.average_of_everyone(centre.profile.pk, centre.division.pk, period)
        for name, period in periods.items()
    }
    return {name: average.points for name, average in found.items()}, Fraction(centre.points(alone, 1))


def test_average_of_the_week_less_that_of_the_day_is_theirs_who_worked_alone_without_rule_4(monkeypatch):
    without_smallest_number(monkeypatch)
    told, alone = averages_of_one_who_worked_alone()
    assert told["week"] * 7 - told["day"] * 6 == alone


def test_average_of_the_week_leaves_out_the_day_on_which_one_worked_alone():
    told, _ = averages_of_one_who_worked_alone()
    assert told["week"] == told["day"]


# Percent of goal -----------------------------------------------------------------------------------------------------

MAXIMUM = 1000
"""Of everybody's day, as readers know it: a tenth of a percent of one day is a point."""


def points_of_percent(percent: Fraction, days: int, is_exact: bool) -> Read:
    """The sums of so many days that fit a percentage, told to a tenth and rounded half up."""
    points, off = Fraction(percent) * MAXIMUM * days / 100, Fraction(0 if is_exact else days, 2)
    return math.ceil(points - off), max(math.ceil(points + off) - 1, math.ceil(points - off))


def played_by_percent(sizes, *settings, readers=(0,), by=("points", "percent")) -> Knowledge:
    """What members know together on Wednesday, of boards by points and by percent of goal."""
    centre = Centre(sizes, *((number, {"by_percent": True} | fields) for number, fields in settings))
    for day in range(2):
        centre.work(day)
        publish_boards(at=morning(MONDAY + (day + 1) * DAY))
    return told_by_percent(centre, readers, DAYS, by=by, at=morning(WEDNESDAY))


def told_by_percent(centre, readers, days, *, by, at) -> Knowledge:
    who = [centre.agents[number] for number in readers]
    knowledge = centre.knowledge(*who)
    for ranking in by:
        more = {"whole": points_of_percent} if ranking == "percent" else {}
        read_boards(centre, knowledge, who, lambda board: days, at=at, by=ranking, **more)
    return knowledge


def test_complement_by_percent_tells_the_other_of_two_without_rule_3(monkeypatch):
    without_rule_3(monkeypatch)
    knowledge = played_by_percent((2, 4, 8), (None, {}), (0, {}), (1, {}), (2, {}))
    assert knowledge.is_told([knowledge.people[1]], [0, 1])


@pytest.mark.parametrize("kind", DEEP)
@pytest.mark.parametrize("readers", READERS)
def test_rows_by_percent_of_goal_beside_those_by_points_tell_nobody(kind, readers):
    knowledge = played_by_percent((4, 6), *KINDS[kind], readers=readers)
    assert knowledge.rows
    assert knowledge.told() == set()
    assert tied(knowledge) >= K - 1


# Weeks alone, by percent of goal -------------------------------------------------------------------------------------

WEEKLY = {"has_days": False, "refresh": Refresh.WEEKLY, "by_points": False, "by_percent": True}


def played_by_week(sizes, *settings, readers=(0,)) -> Knowledge:
    """What members know together on the Monday after, of boards that tell the percent of goal of whole weeks."""
    centre = Centre(sizes, *((number, WEEKLY | fields) for number, fields in settings))
    for day in range(2):
        centre.work(day)
    after = MONDAY + 7 * DAY
    publish_boards(at=morning(after))
    return told_by_percent(centre, readers, {"last-week": (0, 1)}, by=["percent"], at=morning(after))


def test_complement_by_percent_of_weeks_tells_the_other_of_two_to_a_tenth_without_rule_3(monkeypatch):
    without_rule_3(monkeypatch)
    knowledge = played_by_week((2, 4), (None, {}), (1, {}))
    assert knowledge.is_told([knowledge.people[1]], [0, 1], within=1)


@pytest.mark.parametrize("kind", [kind for kind in DEEP if kind != "own team"])
@pytest.mark.parametrize("readers", READERS)
def test_percent_of_weeks_tells_nobody(kind, readers):
    knowledge = played_by_week((4, 6), *KINDS[kind], readers=readers)
    assert knowledge.rows
    assert not any(knowledge.is_told([who], [0, 1], within=1) for who in knowledge.strangers())
    assert tied(knowledge) >= K - 1


# Teams, by percent of goal -------------------------------------------------------------------------------------------

TEAMS = (None, {"rows_are": RowsAre.TEAMS})


def test_percent_of_two_tells_the_other_without_rule_4(monkeypatch):
    without_rule_3(monkeypatch)
    without_smallest_number(monkeypatch)
    knowledge = played_by_percent((2, 5), TEAMS, by=["percent"])
    assert knowledge.is_told([knowledge.people[1]], [0, 1])


@pytest.mark.parametrize("readers", [(0,), (0, 5)])
def test_percent_of_teams_beside_their_points_tells_nobody(readers):
    knowledge = played_by_percent((4, 5), TEAMS, readers=readers)
    assert len({(people, days) for people, days, *_ in knowledge.sums}) == 6  # two teams on two days and in the week
    assert knowledge.told() == set()
