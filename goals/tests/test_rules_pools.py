import datetime as dt

from goals.rules.pools import Claim, excluded_goals, keeper_of

EARLY, LATE = dt.date(2024, 1, 1), dt.date(2024, 6, 1)


def claim(goal, pool, team, *, home=False, weight=1, since=EARLY):
    return Claim(goal, pool, team, home, weight, since)


def test_keeper_is_the_team_of_the_home_queue():
    assert keeper_of([claim(1, 1, 1, weight=9), claim(2, 2, 2, home=True)]).goal_id == 2


def test_keeper_without_a_home_queue_is_heavier_then_earlier_then_lower():
    assert keeper_of([claim(1, 1, 1), claim(2, 2, 2, weight=2)]).goal_id == 2
    assert keeper_of([claim(1, 1, 1, since=LATE), claim(2, 2, 2)]).goal_id == 2
    assert keeper_of([claim(1, 1, 7), claim(2, 2, 2)]).goal_id == 2


def test_excluded_goals_are_those_of_other_pools():
    claims = [claim(1, 1, 1, home=True), claim(2, 2, 2), claim(3, 1, 3)]
    assert {goal: keeper.goal_id for goal, keeper in excluded_goals(claims).items()} == {2: 1}


def test_goals_of_one_pool_do_not_conflict():
    assert excluded_goals([claim(1, 1, 1), claim(2, 1, 2)]) == {}
