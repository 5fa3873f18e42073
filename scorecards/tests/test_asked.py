"""Periods and values that an address asks for."""

import datetime as dt
from decimal import Decimal

import pytest

from foundation.periods import parse_period
from scorecards.asked import UnreadableQuery, period_from, tried_value

TODAY = dt.date(2024, 9, 4)


@pytest.mark.parametrize(
    ("query", "period"),
    [
        ({}, "2024-09-04"),
        ({"period": "2024-09-01"}, "2024-09-01"),
        ({"period": "2024-W36"}, "2024-W36"),
        ({"period": "2024-09"}, "2024-09"),
        ({"from": "2024-09-01", "to": "2024-09-14"}, "2024-09-01..2024-09-14"),
        ({"from": "2024-09-01"}, "2024-09-01..2024-09-01"),
    ],
)
def test_period_of_an_address(query, period):
    assert period_from(query, today=TODAY) == parse_period(period)


@pytest.mark.parametrize(
    "query",
    [
        {"period": "yesterday"},
        {"period": "2024-13"},
        {"period": "2024-W99"},
        {"period": "0001-01"},
        {"from": "2024-09-02", "to": "2024-09-01"},
        {"from": "x", "to": "2024-09-01"},
        {"from": "1980-01-01", "to": "2024-09-01"},
        {"period": "9999-12-31"},
        {"from": "0001-01-01", "to": "9999-12-31"},
    ],
)
def test_unreadable_period_is_refused_with_a_sentence(query):
    with pytest.raises(UnreadableQuery):
        period_from(query, today=TODAY)


def test_tried_value_is_read_or_refused():
    assert tried_value("4:30") == Decimal(270)
    with pytest.raises(UnreadableQuery):
        tried_value("much")
    with pytest.raises(UnreadableQuery):
        tried_value("9" * 12)
