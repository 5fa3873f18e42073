"""What is worth a look, against a plain retelling in fractions."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards.enums import ChangeIn
from scorecards.rules.scoring import Measured
from scorecards.rules.watching import Spans, WatchedSide, improvement, is_worth_a_look

UNIT, ONE = 10**5, 1000
LOWER_BY_TEN_PERCENT = WatchedSide("lower", 10 * UNIT, ChangeIn.PERCENT, 20 * ONE)
LOWER_BY_THREE_POINTS = WatchedSide("lower", 3 * UNIT, ChangeIn.UNITS, 20 * ONE)


def spans(now, before, *, count=20) -> Spans:
    """Values now and before, over so many contacts."""
    return Spans(*(None if value is None else Measured(value * UNIT * count, count * ONE) for value in (now, before)))


def shows(first: Spans, second: Spans) -> bool:
    return is_worth_a_look(LOWER_BY_TEN_PERCENT, LOWER_BY_THREE_POINTS, first, second)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (spans(270, 300), spans(8, 5), True),
        (spans(271, 300), spans(8, 5), False),
        (spans(270, 300), spans(7, 5), False),
        (spans(330, 300), spans(8, 5), False),
        (spans(270, 300), spans(5, 8), False),
    ],
    ids=["both at the bound", "improves too little", "worsens too little", "worsens", "both improve"],
)
def test_pair_shows_where_both_change_enough_in_opposite_ways(first, second, expected):
    assert shows(first, second) is expected


@pytest.mark.parametrize("count", [1, 19])
def test_small_samples_give_no_hint_in_either_span(count):
    much, little = spans(100, 300), spans(100, 300, count=count)
    assert shows(much, spans(50, 5))
    assert not shows(Spans(little.now, much.before), spans(50, 5))
    assert not shows(Spans(much.now, little.before), spans(50, 5))
    assert not shows(much, spans(50, 5, count=count))


def test_no_data_gives_no_hint():
    assert not shows(spans(100, None), spans(50, 5))
    assert not shows(spans(None, 300), spans(50, 5))
    assert not shows(spans(100, 300), spans(None, None))


def test_percent_of_zero_cannot_be_said_and_a_change_in_units_can():
    in_percent = WatchedSide("lower", 10 * UNIT, ChangeIn.PERCENT, ONE)
    assert improvement(in_percent, spans(10, 0)) is None
    assert improvement(LOWER_BY_THREE_POINTS, spans(10, 0)) == -10
    assert shows(spans(270, 300), spans(10, 0))
    assert not is_worth_a_look(LOWER_BY_TEN_PERCENT, in_percent, spans(270, 300), spans(10, 0))


SIDES = st.builds(
    WatchedSide,
    st.sampled_from(["higher", "lower"]),
    st.integers(1, 40).map(lambda number: number * UNIT),
    st.sampled_from(ChangeIn),
    st.integers(1, 5).map(lambda number: number * ONE),
)
VALUES = st.one_of(st.none(), st.tuples(st.integers(-60, 60), st.integers(1, 9)))


def brute(side, now, before) -> Fraction | None:
    """The improvement as one would work it out by hand, from (total, count) in natural units."""
    if not now or not before or now[1] * ONE < side.minimum or before[1] * ONE < side.minimum:
        return None
    new, old = Fraction(*now), Fraction(*before)
    gain = {"higher": new - old, "lower": old - new}[side.better]
    if side.change_in == "units":
        return gain
    return None if old == 0 else gain / abs(old) * 100


def stored(pair) -> Measured | None:
    return Measured(pair[0] * UNIT, pair[1] * ONE) if pair else None


@given(SIDES, SIDES, VALUES, VALUES, VALUES, VALUES)
def test_hint_agrees_with_a_plain_retelling(first, second, a, b, c, d):
    gain, loss = brute(first, a, b), brute(second, c, d)
    expected = (
        gain is not None
        and loss is not None
        and gain >= Fraction(first.least, UNIT)
        and -loss >= Fraction(second.least, UNIT)
    )
    found = is_worth_a_look(first, second, Spans(stored(a), stored(b)), Spans(stored(c), stored(d)))
    assert found is expected
