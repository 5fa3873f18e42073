"""When levels are reached, against a reference that counts by brute force, and how far the next one is."""

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.periods import Kind, period_of
from metrics.enums import Aggregation, Better
from scorecards.enums import BadgeKind, BadgePeriod
from scorecards.rules.badges import BadgeRule, Progress, Reached, in_order, progress, reached, value_now
from scorecards.rules.history import Day, best_value
from scorecards.rules.scoring import Measured

MONDAY = dt.date(2024, 8, 26)
"""Its week holds the end of a month."""
LATER = dt.date(2025, 1, 1)
UNIT, ONE = 100_000, 1000


def day(offset, points=100, **more):
    fields = {"maximum": 200, "is_scored": True, "is_closed": True, **more}
    return Day(MONDAY + dt.timedelta(offset), points, **fields)


def rule(kind="points", period="weekly", thresholds=(100,), **more):
    return BadgeRule(kind, period, tuple(threshold * UNIT for threshold in thresholds), **more)


# Against brute force ---------------------------------------------------------------------------------------------

days_of_a_person = st.dictionaries(
    st.integers(0, 20),
    st.tuples(st.integers(0, 60), st.booleans(), st.sampled_from([True, True, True, False]), st.booleans()),
    max_size=14,
)
measured = st.builds(Measured, st.integers(0, 50 * UNIT), st.integers(1, 9).map(lambda n: n * ONE))


@st.composite
def rules(draw):
    kind = draw(st.sampled_from(BadgeKind))
    period = {
        BadgeKind.STREAK: st.just(""),
        BadgeKind.METRIC: st.sampled_from(BadgePeriod.whole()),
        BadgeKind.POINTS: st.sampled_from(BadgePeriod),
    }[kind]
    better = draw(st.sampled_from(Better)) if kind == BadgeKind.METRIC else Better.HIGHER
    most = {BadgeKind.STREAK: 6, BadgeKind.METRIC: 50, BadgeKind.POINTS: 200}[kind]
    thresholds = draw(st.lists(st.integers(1, most), min_size=1, max_size=4, unique=True))
    return BadgeRule(
        kind,
        draw(period),
        tuple(in_order([threshold * UNIT for threshold in thresholds], better)),
        better,
        draw(st.sampled_from(Aggregation)),
        draw(st.integers(0, 12)) * ONE if kind == BadgeKind.METRIC else 0,
    )


def same_period(one: dt.date, other: dt.date, period: str) -> bool:
    return period == BadgePeriod.EVER or period_of(Kind(period), one) == period_of(Kind(period), other)


def value_with(rule: BadgeRule, on: dt.date, days: list[Day], values: dict, over_before) -> Fraction | None:
    """What the last of the days `on` brings, by the words of the badge; None where nothing can be said."""
    scored = {one.workday: one for one in days if one.is_scored}
    if rule.kind == BadgeKind.STREAK:
        for length in range(len(scored), -1, -1):
            last = sorted(one for one in scored if one <= on)[-length:] if length else []
            if len(last) == length and all(scored[one].is_closed and not scored[one].below_target for one in last):
                return Fraction(length)
    together = [one for one in scored if same_period(one, on, rule.period)]
    if rule.kind == BadgeKind.POINTS:
        final = [one for one in together if scored[one].is_closed and one <= on]
        return Fraction(sum(scored[one].points for one in final)) if scored[on].is_closed else None
    with_data = [one for one in together if one in values]
    if not with_data or on != max(with_data) or not all(scored[one].is_closed for one in together):
        return None
    if period_of(Kind(rule.period), on).end > over_before:
        return None
    total, count = sum(values[one].total for one in with_data), sum(values[one].count for one in with_data)
    if count < rule.minimum_count:
        return None
    return Fraction(total, UNIT) if rule.aggregation == Aggregation.SUM else Fraction(total * ONE, count * UNIT)


def by_brute_force(rule, days, values, over_before) -> list[Reached]:
    found = []
    for level, threshold in enumerate(rule.thresholds, start=1):
        for on in sorted(one.workday for one in days if one.is_scored):
            value = value_with(rule, on, days, values, over_before)
            bound = Fraction(threshold, UNIT)
            if value is not None and (value <= bound if rule.better == Better.LOWER else value >= bound):
                found.append(Reached(level, on, value))
                break
    return found


@given(rules(), days_of_a_person, st.dictionaries(st.integers(0, 20), measured, max_size=14), st.integers(0, 40))
def test_levels_are_reached_as_brute_force_says(rule, drawn, values, over):
    days = [
        Day(MONDAY + dt.timedelta(n), points, 60, scored, closed, off)
        for n, (points, off, closed, scored) in drawn.items()
    ]
    values = {MONDAY + dt.timedelta(n): value for n, value in values.items()}
    over_before = MONDAY + dt.timedelta(over)
    assert reached(rule, days, values, over_before=over_before) == by_brute_force(rule, days, values, over_before)


# By example ------------------------------------------------------------------------------------------------------


def test_points_of_a_week_reach_a_level_with_the_day_that_brings_them_over_it():
    days = [day(0, 60), day(1, 30), day(3, 20), day(4, 500)]
    found = reached(rule(thresholds=(100, 600)), days, {}, over_before=LATER)
    assert found == [Reached(1, MONDAY + dt.timedelta(3), 110), Reached(2, MONDAY + dt.timedelta(4), 610)]


def test_points_of_days_that_are_not_final_or_not_scored_reach_nothing():
    days = [day(0, 99), day(1, 900, is_closed=False), day(2, 900, is_scored=False)]
    assert reached(rule(), days, {}, over_before=LATER) == []


def test_days_off_do_not_break_a_streak_and_an_open_day_holds_it_up():
    streak = rule("streak", "", (3,))
    assert reached(streak, [day(0), day(4), day(14)], {}, over_before=LATER) == [
        Reached(1, MONDAY + dt.timedelta(14), 3)
    ]
    assert reached(streak, [day(0), day(1, is_closed=False), day(2), day(3)], {}, over_before=LATER) == []


def test_week_of_a_metric_counts_when_it_is_over_and_has_volume():
    handle = rule("metric", "weekly", (300,), better=Better.LOWER, aggregation="average", minimum_count=20 * ONE)
    tuesday = MONDAY + dt.timedelta(1)
    values = {MONDAY: Measured(3000 * UNIT, 10 * ONE), tuesday: Measured(2900 * UNIT, 10 * ONE)}
    week_over = MONDAY + dt.timedelta(7)
    assert reached(handle, [day(0), day(1)], values, over_before=week_over - dt.timedelta(1)) == []
    assert reached(handle, [day(0), day(1)], values, over_before=week_over) == [Reached(1, tuesday, 295)]
    assert reached(handle, [day(0)], values, over_before=week_over) == []  # 300 s, of ten contacts only


@pytest.mark.parametrize(
    ("badge", "days", "expected"),
    [
        (rule(thresholds=(1000,)), [day(-7, 900), day(0, 500), day(1, 140), day(2, 70, is_closed=False)], (640, 64)),
        (rule(period="ever", thresholds=(1000,)), [day(-70, 900), day(0, 50)], (950, 95)),
        (rule(period="daily", thresholds=(200,)), [day(0, 150), day(1, 120)], (150, 75)),
        (
            rule("streak", "", (5,)),
            [day(0, below_target=True), day(1), day(2), day(3), day(4, is_closed=False)],
            (3, 60),
        ),
        (rule("streak", "", (5,)), [], (0, 0)),
    ],
)
def test_progress_says_how_far_the_next_level_is(badge, days, expected):
    today = MONDAY + dt.timedelta(4)
    assert progress(badge, 1, days, {}, today=today) == Progress(expected[0], 0, Fraction(expected[1], 100))


def test_progress_of_an_average_takes_the_volume_into_account():
    badge = rule("metric", "weekly", (300,), better=Better.LOWER, aggregation="average", minimum_count=20 * ONE)
    values = {MONDAY: Measured(400 * 5 * UNIT, 5 * ONE)}
    assert progress(badge, 1, [day(0)], values, today=MONDAY) == Progress(400, 5 * ONE, Fraction(1, 4))
    assert progress(badge, 1, [], {}, today=MONDAY) == Progress(None, 0, 0)


def test_value_now_says_what_a_corrected_period_would_give():
    assert value_now(rule(), MONDAY, [day(0, 40), day(1, 30), day(7, 900)], {}) == 70
    assert value_now(rule(period="ever"), MONDAY, [day(-9, 5), day(0, 40), day(1, 30)], {}) == 45
    assert value_now(rule("streak", ""), MONDAY, [day(-1, below_target=True), day(0)], {}) == 1
    assert value_now(rule("metric", "daily"), MONDAY, [day(0)], {}) is None


def test_best_day_of_an_average_needs_volume_and_a_sum_where_less_is_better_has_none():
    few, many, equal = Measured(10 * UNIT, 4 * ONE), Measured(90 * UNIT, 5 * ONE), Measured(180 * UNIT, 10 * ONE)
    values = {MONDAY: few, MONDAY + dt.timedelta(1): many, MONDAY + dt.timedelta(2): equal}
    found = best_value(values, better=Better.LOWER, aggregation=Aggregation.AVERAGE)
    assert found == (MONDAY + dt.timedelta(2), equal)  # 18 s twice, the newer
    assert best_value(values, better=Better.LOWER, aggregation=Aggregation.SUM) is None
    assert best_value(values, better=Better.HIGHER, aggregation=Aggregation.SUM)[0] == MONDAY + dt.timedelta(2)
    assert best_value({MONDAY: few}, better=Better.LOWER, aggregation=Aggregation.AVERAGE) is None
