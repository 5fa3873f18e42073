"""Texts from exact numbers."""

from fractions import Fraction

import pytest

from metrics.models import Metric
from scorecards.enums import ZoneKind
from scorecards.rules.scoring import Measured, Zone
from scorecards.wording import basis_text, bound_text, digits_more


def metric(**fields):
    return Metric(**{"unit": "number", "precision": 0, "aggregation": "average", "factor": 1, **fields})


@pytest.mark.parametrize(
    ("fields", "total", "count", "text"),
    [
        ({"unit": "percent", "dividend": "count", "divisor": "count", "factor": 100}, 10_300, 125, "103 of 125"),
        ({"unit": "percent", "dividend": "hold", "divisor": "handle", "factor": 100}, 25_200, 5654, "4:12 of 1:34:14"),
        ({"unit": "seconds", "dividend": "handle", "divisor": "count"}, 39_312, 126, "10:55:12 ÷ 126"),
        ({"dividend": "count", "divisor": "handle", "factor": 3600}, 79_200, 6987, "22 in 1:56:27"),
        ({"dividend": "rating", "divisor": "count"}, 10, 2, "10 ÷ 2"),
        ({"aggregation": "sum"}, 26, 1, ""),
    ],
)
def test_basis_says_what_was_divided_by_what(fields, total, count, text):
    assert basis_text(metric(**fields), Measured(total * 100_000, count * 1000)) == text


def test_bound_shows_the_digits_it_has():
    assert bound_text(metric(precision=1), 8_550_000) == "85.5"
    assert bound_text(metric(precision=0), 8_550_000) == "85.5"
    assert bound_text(metric(unit="seconds"), 24_000_000) == "4:00"


def test_digits_are_added_only_where_the_zone_would_seem_another():
    zones = (Zone(ZoneKind.GOOD, None, 8_500_000, 5, 5), Zone(ZoneKind.TARGET, 8_500_000, None, 9, 9))
    assert digits_more(metric(precision=1), Fraction("84.94"), zones) == 0
    assert digits_more(metric(precision=1), Fraction("84.96"), zones) == 1
    assert digits_more(metric(precision=1), Fraction("84.996"), zones) == 2
    assert digits_more(metric(precision=1), Fraction("85.04"), zones) == 0
