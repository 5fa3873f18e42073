"""A rule in words."""

from scorecards.rules.flat import Flat, zones_of
from scorecards.rules.words import words_of

UNIT = 100_000


def show(units):
    return str(units // UNIT)


def words(**fields):
    return [(line.values, line.points) for line in words_of(zones_of(Flat(**fields)), show)]


def test_lower_is_better_in_words():
    found = words(
        kind="lower", target_to=180 * UNIT, near_to=600 * UNIT, edge_points=100, near_points=200, target_points=300
    )
    assert found == [
        ("up to 180", "300 points"),
        ("above 180 up to 600", "200 falling to 100 points"),
        ("above 600", "0 points"),
    ]


def test_higher_is_better_in_words():
    found = words(
        kind="higher",
        near_from=5 * UNIT,
        target_from=20 * UNIT,
        edge_points=20,
        near_points=100,
        target_points=100,
        best_at=40 * UNIT,
        best_points=200,
    )
    assert found == [
        ("below 5", "0 points"),
        ("from 5 to below 20", "20 rising to 100 points"),
        ("from 20 to below 40", "100 rising to 200 points"),
        ("from 40", "200 points"),
    ]


def test_a_target_area_in_words():
    found = words(kind="area", target_from=75 * UNIT, target_to=85 * UNIT, target_points=60)
    assert found == [("below 75", "0 points"), ("from 75 up to 85", "60 points"), ("above 85", "0 points")]
