"""Attacks on the values of one metric: the rows of boards by it, and the means of everybody that the API tells peers.
And on points, by boards that rank by percent of goal.

Unknown is what each person sold on each day, each day with a count of 1. Readers know who has data on a day, and get
the sum behind a mean as it is stored, where the API tells it rounded: more than anybody can fetch.
"""

import os

import pytest

from foundation.periods import DAY
from leaderboards.queries import averages
from leaderboards.tests.factories import MONDAY, measure
from leaderboards.tests.test_actions import morning, publish_boards
from scorecards.rules.scoring import Zone
from scorecards.tests.factories import make_external, make_terms

from .reading import read_boards
from .solving import Knowledge
from .test_solved import KINDS, WEDNESDAY, Centre, K, smallest_group, tied, without_rule_3

__all__ = ["smallest_group"]
pytestmark = pytest.mark.django_db
UNITS = 10**5
"""A total is stored in these parts of one."""
DAYS = {MONDAY.isoformat(): (0,), (MONDAY + DAY).isoformat(): (1,), "this-week": (0, 1)}
EVERYBODY, BY_METRIC = (None, {"by_all_metrics": True}), {"by_all_metrics": True}


class Shop(Centre):
    """A centre that sells. `sellers` are the numbers of those with data on Tuesday; on Monday everybody has."""

    def __init__(self, sizes, *boards, sellers=None):
        super().__init__(sizes, *((number, BY_METRIC | fields) for number, fields in boards))
        self.sold = make_external("sold", aggregation="sum")
        make_terms(self.profile, self.sold, (Zone("target", None, None, 1, 1),))
        self.sellers = self.agents if sellers is None else [self.agents[number] for number in sellers]

    def selling(self, day: int) -> list:
        return self.sellers if day else self.agents

    def was_there(self, agent, day: int) -> bool:
        return True

    def work(self, day: int) -> None:
        super().work(day)
        for agent in self.selling(day):
            measure(agent, self.sold, total=self.points(agent, day), count=1, on=MONDAY + day * DAY)


def played(shop: Shop, *, readers=(0,)) -> Knowledge:
    """What members know together on Wednesday: rows by the metric, and its means."""
    for day in range(2):
        shop.work(day)
        publish_boards(at=morning(MONDAY + (day + 1) * DAY))
    knowledge = shop.knowledge(*(shop.agents[number] for number in readers))
    read_means(shop, knowledge)
    readers = [shop.agents[number] for number in readers]
    return read_boards(shop, knowledge, readers, lambda board: DAYS, at=morning(WEDNESDAY), by="sold")


def read_means(shop: Shop, knowledge: Knowledge) -> None:
    found = averages.measured_of_everyone(shop.profile.pk, shop.division.pk, first=MONDAY, last=MONDAY + DAY)
    for on, metrics in found.items():
        for total, _count, people in metrics.values():
            day = (on - MONDAY).days
            assert people == len(shop.selling(day))
            knowledge.reads_sum(shop.selling(day), [day], total // UNITS)


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


# Percent of goal -----------------------------------------------------------------------------------------------------

MAXIMUM = 1000
"""Of everybody's day, as readers know it: a tenth of a percent is a point."""
BY_DAY = {period: days for period, days in DAYS.items() if len(days) == 1}
"""Over a week the percent of others is rounded; the points that stand beside it tell more."""


def played_by_percent(sizes, *settings, readers=(0,)) -> Knowledge:
    """What members know together on Wednesday, of boards by points and by percent of goal."""
    centre = Centre(sizes, *((number, {"by_percent": True} | fields) for number, fields in settings))
    for day in range(2):
        centre.work(day)
        publish_boards(at=morning(MONDAY + (day + 1) * DAY))
    who = [centre.agents[number] for number in readers]
    knowledge, at = centre.knowledge(*who), morning(WEDNESDAY)
    read_boards(centre, knowledge, who, lambda board: DAYS, at=at)
    return read_boards(centre, knowledge, who, lambda board: BY_DAY, at=at, by="percent", whole=points_of_percent)


def points_of_percent(percent, days: int):
    return percent * MAXIMUM * days / 100


def test_complement_by_percent_tells_the_other_of_two_without_rule_3(monkeypatch):
    without_rule_3(monkeypatch)
    knowledge = played_by_percent((2, 4, 8), (None, {}), (0, {}), (1, {}), (2, {}))
    assert knowledge.is_told([knowledge.people[1]], [0, 1])


@pytest.mark.parametrize("kind", [kind for kind in DEEP if kind != "teams beside people"])
@pytest.mark.parametrize("readers", READERS)
def test_rows_by_percent_of_goal_beside_those_by_points_tell_nobody(kind, readers):
    knowledge = played_by_percent((4, 6), *KINDS[kind], readers=readers)
    assert knowledge.rows
    assert knowledge.told() == set()
    assert tied(knowledge) >= K - 1
