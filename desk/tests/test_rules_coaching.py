"""The weakest metric and the group, against plain arithmetic."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from desk.rules.coaching import Earned, share_of, weakest

ONES = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(lambda pair: Earned(min(pair), max(pair)))


@given(st.lists(ONES, max_size=6))
def test_weakest_leaves_no_metric_below_it(ones):
    earned = list(enumerate(ones))
    shares = {metric: Fraction(one.points, one.maximum) for metric, one in earned if one.maximum}
    found = weakest(earned)
    if found is None:
        assert all(share == 1 for share in shares.values())
    else:
        assert found.share == min(shares.values()) < 1
        assert found.metrics == tuple(metric for metric, share in shares.items() if share == found.share)


def test_share_is_sums_over_sums():
    assert share_of([(1, 1), (0, 3)]) == 25
    assert share_of([]) is None
    assert share_of([(0, 0)]) is None
