"""External readings of a day, in order of arrival, become its value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.rules.folding import LARGEST, ONE, Folded, Measurement, fold

TOTAL, CUMULATIVE = "total", "cumulative"


@pytest.mark.parametrize(
    ("readings", "folded"),
    [
        ([], None),
        ([(TOTAL, 500, None)], Folded(500, ONE)),
        ([(TOTAL, 500, 2000), (TOTAL, 300, None)], Folded(300, ONE)),
        ([(CUMULATIVE, 500, None)], Folded(500, ONE)),
        ([(CUMULATIVE, 500, None), (CUMULATIVE, 70, None)], Folded(570, ONE)),
        ([(TOTAL, 500, 2000), (CUMULATIVE, 70, 1000)], Folded(570, 3000)),
        ([(CUMULATIVE, 70, 1000), (TOTAL, 500, 2000)], Folded(500, 2000)),
        ([(TOTAL, 500, None), (TOTAL, None, None)], None),
        ([(TOTAL, 500, None), (CUMULATIVE, None, None)], None),
        ([(TOTAL, 500, None), (TOTAL, 500, 0)], None),
        ([(TOTAL, 500, 2000), (CUMULATIVE, -500, -2000)], None),
        ([(TOTAL, None, None), (CUMULATIVE, 70, None)], Folded(70, ONE)),
        ([(TOTAL, -500, None)], Folded(-500, ONE)),
    ],
)
def test_fold_as_readings_arrive(readings, folded):
    assert fold(Measurement(*reading) for reading in readings) == folded


@given(st.lists(st.integers(-(10**13), 10**13), min_size=1, max_size=50))
def test_readings_that_only_add_fold_as_their_sum(values):
    one_by_one = fold(Measurement(CUMULATIVE, value, None) for value in values)
    assert one_by_one == fold([Measurement(CUMULATIVE, sum(values), None)])


@given(st.lists(st.builds(
    Measurement,
    st.sampled_from([TOTAL, CUMULATIVE]),
    st.one_of(st.none(), st.integers(-(2**62), 2**62)),
    st.one_of(st.none(), st.integers(-5000, 2**62)),
)))  # fmt: skip
def test_folded_value_fits_its_columns(readings):
    folded = fold(readings)
    assert folded is None or (abs(folded.total) <= LARGEST and 0 < folded.count <= LARGEST)
