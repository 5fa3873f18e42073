import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.periods import DAY
from foundation.periods.spans import SpanKey, custom_span, parse_span, span_of

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


@pytest.mark.parametrize("text", ["2024-03-25", "2024-W12", "2024-02", "2023-Q4"])
def test_parse_span_of_a_past_period_is_all_of_it(text):
    span = parse_span(text, WEDNESDAY)
    assert (span.now.key, span.address, span.whole, span.is_open) == (text, text, span.now, False)
    assert span.before == span.now.previous


def test_parse_span_of_a_running_period_is_what_has_passed_of_it():
    span = parse_span("2024-W13", WEDNESDAY)
    assert (span.now, span.before, span.is_open) == (
        span_of(SpanKey.THIS_WEEK, WEDNESDAY).now,
        span_of(SpanKey.THIS_WEEK, WEDNESDAY).before,
        True,
    )
    assert (span.whole.key, span.address) == ("2024-W13", "2024-W13")


@pytest.mark.parametrize(
    "text", ["2024-W14", "2024-03-28", "2024-01-01..2024-01-02", "custom", "named", "ever", "", "2024-W60", "2024-13"]
)
def test_parse_span_of_the_future_own_days_or_nonsense_is_refused(text):
    with pytest.raises(ValueError):
        parse_span(text, WEDNESDAY)


@given(
    st.sampled_from([key for key in SpanKey if key not in (SpanKey.CUSTOM, SpanKey.NAMED)]),
    st.dates(dt.date(2000, 1, 1)),
)
def test_span_before_ends_before_it_and_is_no_longer(key, today):
    span = span_of(key, today)
    assert span.before.end <= span.now.start
    assert len(span.before) <= len(span.now) or not span.is_open
    assert span.now.last == today if span.is_open else span.now.end <= today
    assert span.now.end - span.now.start >= DAY
