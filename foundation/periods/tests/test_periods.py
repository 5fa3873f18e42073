"""Workdays and periods, in zones with and without daylight saving."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.periods import Kind, Period, ends_at, parse_period, period_of, starts_at, workday_of

days = st.dates(dt.date(1990, 1, 1), dt.date(2090, 1, 1))
kinds = st.sampled_from([kind for kind in Kind if kind is not Kind.CUSTOM])
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]).map(
    ZoneInfo
)


@pytest.mark.parametrize(
    ("kind", "day", "key", "length"),
    [
        (Kind.DAILY, "2024-09-01", "2024-09-01", 1),
        (Kind.WEEKLY, "2024-09-08", "2024-W36", 7),
        (Kind.WEEKLY, "2024-12-30", "2025-W01", 7),
        (Kind.MONTHLY, "2024-02-29", "2024-02", 29),
        (Kind.QUARTERLY, "2024-09-30", "2024-Q3", 92),
    ],
)
def test_period_of_a_day_has_its_key_and_length(kind, day, key, length):
    period = period_of(kind, dt.date.fromisoformat(day))
    assert (period.key, len(period)) == (key, length)


@given(kinds, days)
def test_periods_hold_their_day_and_follow_each_other(kind, day):
    period = period_of(kind, day)
    assert day in period
    assert period.end not in period
    assert (period.next.start, period.previous.end) == (period.end, period.start)
    assert parse_period(period.key) == period


def test_custom_period_is_written_with_both_ends():
    period = parse_period("2024-09-01..2024-09-14")
    assert (len(period), period.last, period.key) == (14, dt.date(2024, 9, 14), "2024-09-01..2024-09-14")
    assert period.previous == Period(dt.date(2024, 8, 18), dt.date(2024, 9, 1))


@pytest.mark.parametrize("text", ["2024", "2024-Q5", "2024-13", "2024-W54", "September", "2024-09-02..2024-09-01"])
def test_text_that_is_no_period_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        parse_period(text)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2024-03-31", 23),
        ("Europe/Berlin", "2024-10-27", 25),
        ("Europe/Berlin", "2024-06-01", 24),
        ("Australia/Lord_Howe", "2024-04-07", 24.5),
        ("Asia/Kolkata", "2024-03-31", 24),
    ],
)
def test_workday_is_as_long_as_its_zone_makes_it(zone, day, hours):
    zone, day = ZoneInfo(zone), dt.date.fromisoformat(day)
    assert ends_at(day, zone) - starts_at(day, zone) == dt.timedelta(hours=hours)


@given(days, zones)
def test_moments_of_a_workday_are_from_its_start_to_before_its_end(day, zone):
    moment = dt.timedelta(microseconds=1)
    assert workday_of(starts_at(day, zone), zone) == day
    assert workday_of(ends_at(day, zone) - moment, zone) == day
    assert workday_of(ends_at(day, zone), zone) == day + dt.timedelta(days=1)
