"""The worked cases of the design, and what always holds."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals.enums import GoalStatus, Operator, PayForm, PayMode, Scope, Sharing, Unpaid
from goals.rules.keys import member_key, payout_key
from goals.rules.settle import (
    Contribution,
    Facts,
    Pay,
    Terms,
    Thresholds,
    live_status,
    needed_a_day,
    settle,
    status_of,
    within_tolerance,
)
from goals.rules.shares import share_out

HOURS = Thresholds(Operator.LTE, achieved=285_00000, on_track=320_00000)
CASES = Thresholds(Operator.GTE, achieved=2000_00000, on_track=1900_00000, at_risk=1500_00000)


def terms(thresholds=CASES, *, scope=Scope.TEAM, averages=False, **pay):
    return Terms(scope, averages, thresholds, Pay(**{"form": PayForm.BINARY, "points": 100} | pay))


def part(person, value, *, days=20, count=20, **fields):
    return Contribution(person, int(Fraction(value) * 100_000), count * 1000, days, **fields)


FACTS = Facts(workdays=20)


def test_payout_key_matches_the_test_vector_of_the_design():
    expected = "8ce604d226ea22d1a35a42855397242bee47d4df1f8f3c500c36736dd93dfa0c"
    assert payout_key("goal_uuid_q3", "2024-09", "ACHIEVED") == expected
    assert member_key("goal_uuid_q3", "2024-09", "ACHIEVED", "p1") == f"{expected}:p1"


def test_settle_sum_of_hours_at_most_is_achieved_below_the_threshold():
    result = settle(terms(HOURS), [part(1, "178.4"), part(2, 100)], FACTS)
    assert (result.value, result.status) == (Fraction("278.4"), GoalStatus.ACHIEVED)
    assert result.paid == {1: 100, 2: 100}


@pytest.mark.parametrize(
    ("value", "status"),
    [("285", "ACHIEVED"), ("285.00001", "ON_TRACK"), ("320", "ON_TRACK"), ("320.00001", "BEHIND")],
)
def test_status_on_and_beside_a_threshold(value, status):
    assert status_of(Fraction(value), HOURS) == status


def test_settle_no_data_is_behind_and_not_paid():
    result = settle(terms(HOURS), [Contribution(1), Contribution(2)], FACTS)
    assert (result.status, result.because, result.paid) == (GoalStatus.BEHIND, Unpaid.NO_DATA, {})


def test_settle_below_the_minimum_volume_is_behind():
    few = Terms(Scope.TEAM, False, HOURS, Pay(PayForm.BINARY, 100), minimum_volume=50_000)
    result = settle(few, [part(1, 1)], FACTS)
    assert (result.status, result.because) == (GoalStatus.BEHIND, Unpaid.TOO_LITTLE)


@pytest.mark.parametrize(
    ("value", "points"), [("1900", 75), ("1798", 0), ("1800", 50), ("2000", 100), ("2200", 120), ("2040", 110)]
)
def test_settle_scaled_is_a_straight_line_from_the_floor_to_the_cap(value, points):
    scaled = terms(form=PayForm.SCALED, floor_percent=Fraction(90), floor_points=50, cap_points=120)
    assert settle(scaled, [part(1, value)], FACTS).paid.get(1, 0) == points


def test_settle_fixed_pool_adds_up_by_largest_remainder_and_lower_id():
    pool = terms(mode=PayMode.FIXED_POOL)
    assert settle(pool, [part(n, 700) for n in (3, 1, 2)], FACTS).paid == {1: 34, 2: 33, 3: 33}


def test_settle_fixed_pool_by_contribution_weighs_with_the_multiplier():
    pool = terms(mode=PayMode.FIXED_POOL, sharing=Sharing.CONTRIBUTION)
    assert settle(pool, [part(1, 500), part(2, 1500, percent=100)], FACTS).paid == {1: 25, 2: 75}
    assert settle(pool, [part(1, 500, percent=300), part(2, 1500)], FACTS).paid == {1: 50, 2: 50}


def test_settle_average_divides_sums_and_never_averages_means():
    average = terms(Thresholds(Operator.GTE, 5_00000), averages=True)
    result = settle(average, [part(1, 10, count=1), part(2, 10, count=9)], FACTS)
    assert result.value == 2


def test_settle_pays_only_members_with_data_on_half_of_the_workdays():
    result = settle(terms(), [part(1, 1500, days=10), part(2, 500, days=9)], FACTS)
    assert result.paid == {1: 100}
    assert result.members[1].because == Unpaid.NOT_ELIGIBLE


def test_settle_excluded_member_contributes_and_takes_no_share():
    result = settle(terms(mode=PayMode.FIXED_POOL), [part(1, 1000), part(2, 1000, excluded=True)], FACTS)
    assert (result.value, result.paid) == (2000, {1: 100})
    assert result.members[1].because == Unpaid.OTHER_POOL


@pytest.mark.parametrize(("met", "because"), [(False, Unpaid.GUARD), (None, Unpaid.GUARD_NO_DATA)])
def test_settle_guard_not_met_pays_nothing_and_keeps_the_status(met, because):
    result = settle(terms(), [part(1, 2000)], Facts(20, guard_met=met))
    assert (result.status, result.because, result.paid) == (GoalStatus.ACHIEVED, because, {})


def test_settle_individual_goal_settles_each_member_alone():
    alone = terms(Thresholds(Operator.GTE, 10_00000), scope=Scope.INDIVIDUAL)
    result = settle(alone, [part(1, 10), part(2, 9), part(3, 12, percent=150), part(4, 12, guard_met=False)], FACTS)
    assert result.paid == {1: 100, 3: 150}
    assert [each.status for each in result.members] == ["ACHIEVED", "BEHIND", "ACHIEVED", "ACHIEVED"]
    assert result.status is None


@pytest.mark.parametrize(
    ("value", "elapsed", "status"),
    [(1000, 10, "ON_TRACK"), (700, 10, "BEHIND"), (760, 10, "AT_RISK"), (2000, 10, "ACHIEVED"), (1999, 10, "ON_TRACK")],
)
def test_live_status_of_a_growing_sum_is_pro_rata(value, elapsed, status):
    assert live_status(Fraction(value), terms(), elapsed=elapsed, length=20) == status


def test_needed_a_day_is_what_is_missing_over_the_days_left():
    assert needed_a_day(Fraction(1420), terms(), days_left=9) == Fraction(580, 9)
    assert needed_a_day(Fraction(2100), terms(), days_left=9) == 0


@pytest.mark.parametrize(("now", "within"), [("283", True), ("283.9", True), ("284", False), ("291", False)])
def test_within_tolerance_of_two_percent_of_the_frozen_value(now, within):
    assert within_tolerance(Fraction("278.4"), Fraction(now), percent=Fraction(2)) is within


def test_within_tolerance_of_frozen_zero_must_be_equal():
    assert within_tolerance(Fraction(0), Fraction(0), percent=Fraction(2))
    assert not within_tolerance(Fraction(0), Fraction(1, 1000), percent=Fraction(2))
    assert not within_tolerance(None, Fraction(0), percent=Fraction(2))


@given(st.integers(0, 5000), st.dictionaries(st.integers(1, 50), st.fractions(0, 1000), min_size=1, max_size=20))
def test_share_out_adds_up_and_is_within_one_of_exact(points, weights):
    shares = share_out(points, weights)
    total = sum(weights.values())
    assert sum(shares.values()) == (points if total else 0)
    assert all(abs(shares[p] - points * w / total) < 1 for p, w in weights.items() if total)


@given(st.integers(0, 400_00000), st.integers(0, 400_00000))
def test_status_never_worsens_with_a_better_value(one, other):
    low, high = sorted((Fraction(one, 100_000), Fraction(other, 100_000)))
    order = list(GoalStatus)
    assert order.index(status_of(low, HOURS)) >= order.index(status_of(high, HOURS))
    assert order.index(status_of(low * 10, CASES)) <= order.index(status_of(high * 10, CASES))
