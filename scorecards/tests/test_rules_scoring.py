"""The worked examples of the scoring rule, and what must hold for every rule."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.enums import GuardOperator, ObjectiveKind, ZoneKind
from scorecards.rules.guards import guard_of
from scorecards.rules.scoring import (
    InvalidZones,
    Measured,
    Zone,
    maximum_of,
    points_for,
    round_half_up,
    safe_limits,
    segments_of,
    validate_zones,
    zones_from_json,
    zones_to_json,
)

from .strategies import measures, rules

SECOND = 100_000
HANDLE_TIME = (
    Zone(ZoneKind.TARGET, None, 180 * SECOND, 300, 300),
    Zone(ZoneKind.GOOD, 180 * SECOND, 600 * SECOND, 200, 100),
    Zone(ZoneKind.OUT, 600 * SECOND, None, 0, 0),
)


def seconds(value) -> Measured:
    return Measured(round(value * SECOND), 1000)


@pytest.mark.parametrize(
    ("value", "points", "zone"),
    [
        (0, 300, ZoneKind.TARGET),
        (180, 300, ZoneKind.TARGET),
        (181, 200, ZoneKind.GOOD),
        (300, 171, ZoneKind.GOOD),
        (600, 100, ZoneKind.GOOD),
        (601, 0, ZoneKind.OUT),
    ],
)
def test_points_handle_time_as_worked(value, points, zone):
    scored = points_for(seconds(value), HANDLE_TIME)
    assert (scored.points, scored.zone.kind, scored.maximum) == (points, zone, 300)


def test_exact_points_are_kept_before_rounding():
    assert points_for(seconds(181), HANDLE_TIME).exact == Fraction(200) - Fraction(100, 420)


def test_value_a_hair_over_the_boundary_is_in_the_worse_zone():
    assert points_for(Measured(180 * SECOND * 1000 + 1, 1_000_000), HANDLE_TIME).zone.kind is ZoneKind.GOOD
    assert points_for(Measured(180 * SECOND * 1000, 1_000_000), HANDLE_TIME).zone.kind is ZoneKind.TARGET


def test_multiplier_is_applied_before_the_one_rounding():
    scored = points_for(seconds(300), HANDLE_TIME, percent=150)
    assert (scored.points, scored.maximum) == (257, 450)  # 171.428… × 1.5 = 257.14…, while 171 × 1.5 would be 256.5


def test_half_rounds_up():
    assert [round_half_up(Fraction(n, 2)) for n in (1, 3, 5, -1)] == [1, 2, 3, -1]


def test_outermost_bounds_hold_their_points_beyond():
    rising = (
        Zone(ZoneKind.OUT, None, 20 * SECOND, 0, 0),
        Zone(ZoneKind.TARGET, 20 * SECOND, 40 * SECOND, 50, 100),
    )
    assert [points_for(seconds(v), rising).points for v in (19, 20, 30, 40, 400)] == [0, 50, 75, 100, 100]


def test_target_area_pays_best_in_the_middle():
    area = (
        Zone(ZoneKind.OUT, None, 10 * SECOND, 0, 0),
        Zone(ZoneKind.GOOD, 10 * SECOND, 20 * SECOND, 0, 50),
        Zone(ZoneKind.TARGET, 20 * SECOND, 30 * SECOND, 100, 100),
        Zone(ZoneKind.GOOD, 30 * SECOND, 40 * SECOND, 50, 0),
        Zone(ZoneKind.OUT, 40 * SECOND, None, 0, 0),
    )
    validate_zones(ObjectiveKind.AREA, area)
    assert [points_for(seconds(v), area).points for v in (9, 10, 15, 20, 30, 35, 40, 41)] == [
        0, 0, 25, 100, 100, 25, 0, 0,
    ]  # fmt: skip
    assert points_for(seconds(40), area).zone.kind is ZoneKind.GOOD


@pytest.mark.parametrize(
    ("kind", "zones", "says"),
    [
        (ObjectiveKind.LOWER, (), "no zones"),
        (ObjectiveKind.HIGHER, HANDLE_TIME, "better"),
        (ObjectiveKind.LOWER, HANDLE_TIME[:1] + HANDLE_TIME[2:], "begin where"),
        (ObjectiveKind.LOWER, (*HANDLE_TIME[:2], Zone(ZoneKind.OUT, 600 * SECOND, None, 5, 5)), "pay 0"),
        (ObjectiveKind.LOWER, (Zone(ZoneKind.TARGET, None, 5, 9, 8), Zone(ZoneKind.OUT, 5, None, 0, 0)), "throughout"),
        (ObjectiveKind.LOWER, (Zone(ZoneKind.TARGET, 5, 5, 9, 9),), "below its upper"),
        (ObjectiveKind.LOWER, (Zone(ZoneKind.TARGET, 0, 5, -9, -9),), "between 0"),
    ],
)
def test_zones_that_form_no_rule_are_refused(kind, zones, says):
    with pytest.raises(InvalidZones, match=says):
        validate_zones(kind, zones)


def test_zones_survive_json():
    assert zones_from_json(zones_to_json(HANDLE_TIME)) == HANDLE_TIME
    with pytest.raises(InvalidZones):
        zones_from_json([{"kind": "target"}])


# What holds for every rule -----------------------------------------------------------------------------------------


@given(rules(), measures())
def test_points_lie_between_zero_and_the_maximum(rule, measured):
    scored = points_for(measured, rule.zones, percent=rule.percent)
    assert 0 <= scored.points <= scored.maximum == maximum_of(rule.zones, percent=rule.percent)


@given(rules())
def test_rules_drawn_are_valid(rule):
    validate_zones(rule.kind, rule.zones)


@given(rules(), measures(), measures())
def test_points_do_not_fall_towards_better_values(rule, one, other):
    worse, better = sorted([one, other], key=lambda measured: measured.in_bound_units)
    if rule.kind is ObjectiveKind.AREA:
        return
    if rule.kind is ObjectiveKind.LOWER:
        worse, better = better, worse
    assert points_for(worse, rule.zones).exact <= points_for(better, rule.zones).exact


@given(rules(), st.data())
def test_boundary_belongs_to_the_better_zone(rule, data):
    bounds = [zone.upper for zone in rule.zones[:-1]]
    bound = data.draw(st.sampled_from(bounds))
    at = points_for(Measured(bound, 1000), rule.zones)
    below = points_for(Measured(bound * 10**9 - 1, 10**12), rule.zones)
    above = points_for(Measured(bound * 10**9 + 1, 10**12), rule.zones)
    order = [ZoneKind.OUT, ZoneKind.GOOD, ZoneKind.TARGET, ZoneKind.GREAT]
    assert at.zone.kind is max((below.zone.kind, above.zone.kind), key=order.index)


@given(rules(), st.data())
def test_points_are_continuous_inside_a_zone(rule, data):
    zone = data.draw(st.sampled_from([z for z in rule.zones if z.lower is not None and z.upper is not None]))
    inside = data.draw(st.integers(zone.lower * 1000 + 1, zone.upper * 1000 - 2))
    one = points_for(Measured(inside, 1_000_000), rule.zones)
    other = points_for(Measured(inside + 1, 1_000_000), rule.zones)
    steepest = Fraction(abs(zone.upper_points - zone.lower_points), (zone.upper - zone.lower) * 1000)
    assert one.zone == other.zone
    assert abs(one.exact - other.exact) == steepest


@given(rules(), measures())
def test_segments_say_the_same_as_the_rule(rule, measured):
    segments = segments_of(rule.zones, percent=rule.percent)
    held = next(segment for segment in segments if segment.holds(measured))
    scored = points_for(measured, rule.zones, percent=rule.percent)
    assert (held.points(measured), held.kind) == (scored.points, scored.zone.kind)


@given(rules(), st.integers(-1, 1), st.integers(-1, 1))
def test_segments_within_safe_limits_stay_in_64_bits(rule, sign, edge):
    segments = segments_of(rule.zones, percent=rule.percent)
    total, count = safe_limits(segments)
    for s in segments:
        top = [2 * abs(s.a) * count, 2 * abs(s.b) * total, (2 * abs(s.a) + s.q) * count + 2 * abs(s.b) * total]
        test = [abs(s.m or 0) * total + abs(s.c or 0) * count, 2 * s.q * count]
        assert max(*top, *test) < 2**63


# Guards ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "operator", "paused"),
    [
        (79_99999, GuardOperator.AT_LEAST, True),
        (80_00000, GuardOperator.AT_LEAST, False),
        (80_00000, GuardOperator.AT_MOST, False),
        (80_00001, GuardOperator.AT_MOST, True),
    ],
)
def test_guard_pauses_beyond_its_bound(total, operator, paused):
    assert guard_of(Measured(total, 1000), operator, 80 * SECOND).paused is paused


def test_guard_without_data_does_not_pause_an_objective():
    assert guard_of(None, GuardOperator.AT_LEAST, 80 * SECOND).paused is False
