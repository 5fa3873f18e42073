import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.periods import DAY
from foundation.periods.spans import SpanKey, custom_span, span_of

WEDNESDAY = dt.date(2024, 3, 27)


def days(key, today=WEDNESDAY):
    span = span_of(key, today)
    return (str(span.now.start), str(span.now.last), str(span.before.start), str(span.before.last), span.is_open)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (SpanKey.TODAY, ("2024-03-27", "2024-03-27", "2024-03-26", "2024-03-26", True)),
        (SpanKey.YESTERDAY, ("2024-03-26", "2024-03-26", "2024-03-25", "2024-03-25", False)),
        (SpanKey.THIS_WEEK, ("2024-03-25", "2024-03-27", "2024-03-18", "2024-03-20", True)),
        (SpanKey.LAST_WEEK, ("2024-03-18", "2024-03-24", "2024-03-11", "2024-03-17", False)),
        (SpanKey.THIS_MONTH, ("2024-03-01", "2024-03-27", "2024-02-01", "2024-02-27", True)),
        (SpanKey.LAST_MONTH, ("2024-02-01", "2024-02-29", "2024-01-01", "2024-01-31", False)),
    ],
)
def test_span_of_each_key(key, expected):
    assert days(key) == expected


def test_span_this_month_longer_than_the_last_compares_with_all_of_it():
    assert days(SpanKey.THIS_MONTH, dt.date(2024, 3, 31))[2:4] == ("2024-02-01", "2024-02-29")


def test_span_of_custom_is_refused():
    with pytest.raises(ValueError, match="first and last day"):
        span_of(SpanKey.CUSTOM, WEDNESDAY)


def test_custom_span_compares_with_as_many_days_before():
    span = custom_span(dt.date(2024, 3, 10), dt.date(2024, 3, 19), WEDNESDAY)
    assert (span.now.start, len(span.now), span.is_open) == (dt.date(2024, 3, 10), 10, False)
    assert (span.before.start, span.before.end) == (dt.date(2024, 2, 29), dt.date(2024, 3, 10))


@pytest.mark.parametrize(("first", "last"), [((2024, 3, 2), (2024, 3, 1)), ((2023, 1, 1), (2024, 1, 2))])
def test_custom_span_out_of_order_or_too_long_is_refused(first, last):
    with pytest.raises(ValueError):
        custom_span(dt.date(*first), dt.date(*last), WEDNESDAY)


@given(st.sampled_from([key for key in SpanKey if key is not SpanKey.CUSTOM]), st.dates(dt.date(2000, 1, 1)))
def test_span_before_ends_before_it_and_is_no_longer(key, today):
    span = span_of(key, today)
    assert span.before.end <= span.now.start
    assert len(span.before) <= len(span.now) or not span.is_open
    assert span.now.last == today if span.is_open else span.now.end <= today
    assert span.now.end - span.now.start >= DAY
