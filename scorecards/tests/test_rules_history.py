"""Streak, usual points, bests."""

import datetime as dt
from fractions import Fraction

from foundation.periods import Kind, parse_period
from scorecards.rules.history import Best, Day, bests, buckets, streak, usual

MONDAY = dt.date(2024, 9, 2)


def day(offset, points=100, **more):
    fields = {"maximum": 200, "is_scored": True, "is_closed": True} | more
    return Day(MONDAY + dt.timedelta(offset), points, **fields)


def test_streak_counts_workdays_and_days_off_do_not_break_it():
    assert streak([day(0), day(1), day(4), day(7)], until=MONDAY + dt.timedelta(7)) == 4


def test_streak_ends_at_a_day_off_target():
    assert streak([day(0), day(1, below_target=True), day(2), day(3)], until=MONDAY + dt.timedelta(3)) == 2


def test_day_that_is_not_final_breaks_no_streak_yet():
    assert streak([day(0), day(1), day(2, below_target=True, is_closed=False)], until=MONDAY + dt.timedelta(2)) == 2


def test_older_open_day_off_target_does_break_a_streak():
    assert streak([day(0), day(1, below_target=True, is_closed=False), day(2)], until=MONDAY + dt.timedelta(2)) == 1


def test_usual_of_a_day_is_the_mean_of_the_same_weekday():
    days = [day(0, 100), day(1, 900), day(7, 151), day(14, 500, is_closed=False), day(21, 7)]
    assert usual(days, parse_period("2024-09-23")) == Fraction(251, 2)


def test_usual_of_a_week_is_the_mean_of_whole_weeks():
    assert usual([day(0, 100), day(1, 20), day(7, 60)], parse_period("2024-W38")) == 90


def test_usual_of_a_month_takes_whole_months():
    days = [day(-30, 50), day(-31, 50), day(0, 300)]  # 3 and 2 August, 2 September
    assert usual(days, parse_period("2024-10")) == 200


def test_usual_without_history_is_unknown():
    assert usual([], parse_period("2024-09-23")) is None
    assert usual([day(0)], parse_period("2024-09-10..2024-09-12")) is None


def test_bests_are_of_final_days():
    days = [day(0, 100), day(1, 120), day(8, 200), day(9, 900, is_closed=False)]
    assert bests(days) == [
        Best(parse_period("2024-09-10"), 200),
        Best(parse_period("2024-W36"), 220),
        Best(parse_period("2024-09"), 420),
    ]
    assert [best.period.kind for best in bests(days)] == [Kind.DAILY, Kind.WEEKLY, Kind.MONTHLY]


def test_buckets_are_even_and_never_too_many():
    assert buckets([1, 2, 3, 4, 5], 2) == [[1, 2, 3], [4, 5]]
    assert buckets([1, 2], 5) == [[1], [2]]
