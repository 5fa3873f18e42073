"""Zones as people write them in a form."""

import pytest

from scorecards.enums import ZoneKind
from scorecards.rules.curve import curve_of, examples_of, score_at
from scorecards.rules.flat import Flat, flat_of, problems_of, zones_of
from scorecards.rules.scoring import Zone, validate_zones

UNIT = 100_000
HANDLE_TIME = Flat(
    kind="lower", target_to=180 * UNIT, near_to=600 * UNIT, edge_points=100, near_points=200, target_points=300
)
ANSWERED = Flat(
    kind="higher",
    near_from=5 * UNIT,
    target_from=20 * UNIT,
    edge_points=20,
    near_points=100,
    target_points=100,
    best_at=40 * UNIT,
    best_points=200,
)
OCCUPANCY = Flat(
    kind="area",
    near_from=60 * UNIT,
    target_from=75 * UNIT,
    target_to=85 * UNIT,
    near_to=95 * UNIT,
    edge_points=10,
    near_points=50,
    upper_near_points=40,
    upper_edge_points=0,
    target_points=60,
)
PASS_OR_FAIL = Flat(kind="higher", target_from=80 * UNIT, target_points=10)


def test_zones_of_lower_is_better():
    assert zones_of(HANDLE_TIME) == (
        Zone(ZoneKind.TARGET, None, 180 * UNIT, 300, 300),
        Zone(ZoneKind.GOOD, 180 * UNIT, 600 * UNIT, 200, 100),
        Zone(ZoneKind.OUT, 600 * UNIT, None, 0, 0),
    )


@pytest.mark.parametrize("flat", [HANDLE_TIME, ANSWERED, OCCUPANCY, PASS_OR_FAIL])
def test_a_flat_form_comes_back_from_its_zones(flat):
    assert problems_of(flat) == {}
    validate_zones(flat.kind, zones_of(flat))
    assert flat_of(flat.kind, zones_of(flat)) == flat


def test_zones_that_say_more_than_the_form_have_no_flat_form():
    great = (*zones_of(PASS_OR_FAIL)[:1], Zone(ZoneKind.GREAT, 80 * UNIT, None, 10, 10))
    assert flat_of("higher", great) is None


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"target_to": None}, ["target_to"]),
        ({"near_to": 180 * UNIT}, ["near_to"]),
        ({"target_points": None}, ["target_points"]),
        ({"edge_points": None}, ["edge_points"]),
        ({"near_points": -1}, ["near_points"]),
        ({"target_points": 2_000_000}, ["target_points"]),
        ({"edge_points": 250}, ["edge_points"]),
        ({"near_points": 400}, ["near_points"]),
        ({"best_at": 60 * UNIT}, ["best_points"]),
        ({"best_points": 400}, ["best_at"]),
        ({"best_at": 190 * UNIT, "best_points": 400}, ["best_at"]),
        ({"best_at": 60 * UNIT, "best_points": 100}, ["best_points"]),
    ],
)
def test_problems_stand_at_their_field(change, fields):
    flat = Flat(**{**HANDLE_TIME.__dict__, **change})
    assert list(problems_of(flat)) == fields


def test_bounds_of_the_other_direction_are_not_read():
    assert problems_of(Flat(**{**HANDLE_TIME.__dict__, "near_from": 999 * UNIT})) == {}


def test_examples_are_what_the_rule_scores():
    examples = examples_of(zones_of(HANDLE_TIME), step=UNIT)
    assert [(one.value // UNIT, one.scored.points) for one in examples] == [
        (179, 300),
        (180, 300),
        (181, 200),
        (390, 150),
        (599, 100),
        (600, 100),
        (601, 0),
    ]
    assert score_at(300 * UNIT, zones_of(HANDLE_TIME)).points == 171


def test_the_curve_goes_on_beyond_its_outermost_bound():
    curve = curve_of(zones_of(ANSWERED))
    assert [piece.kind for piece in curve.pieces] == ["out", "good", "target", "target"]
    assert (curve.pieces[0].x1, curve.pieces[-1].x2) == (curve.left, curve.right)
    assert curve.pieces[-1].y1 == curve.pieces[-1].y2 == curve.top


def test_the_curve_draws_nothing_below_zero_unless_a_bound_is():
    assert curve_of(zones_of(Flat(kind="higher", target_from=0, target_points=10))).pieces[0].kind == "target"
