"""The spans of workdays that pages offer, each beside the equal span before it. Plain Python: no Django, no clock."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from . import DAY, Kind, Period, parse_period, period_of


class SpanKey(StrEnum):
    """The value of `period` in an address."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    THIS_WEEK = "this-week"
    LAST_WEEK = "last-week"
    THIS_MONTH = "this-month"
    LAST_MONTH = "last-month"
    CUSTOM = "custom"
    NAMED = "named"
    """A whole day, week, month or quarter by its own key, such as `2024-W36`; never a value in an address."""


@dataclass(frozen=True)
class Span:
    """Workdays to show, `now`, and as many before them, `before`, to compare with."""

    key: SpanKey
    now: Period
    before: Period
    is_open: bool
    """Whether the last of the days is still going on."""

    @property
    def whole(self) -> Period | None:
        """The whole day, week, month or quarter that the span is of; None for days of one's own choice."""
        return None if self.now.kind is Kind.CUSTOM else period_of(self.now.kind, self.now.start)

    @property
    def address(self) -> str:
        """The value of `period` in an address."""
        return self.now.key if self.key is SpanKey.NAMED else self.key.value


LONGEST_CUSTOM_DAYS = 366


def parse_span(text: str, today: dt.date) -> Span:
    """The span of an address: one of the keys, or the key of a whole period that has begun. ValueError otherwise,
    and for days of one's own choice.
    """
    if text in {key.value for key in SpanKey}:
        return span_of(SpanKey(text), today)
    period = parse_period(text)
    if period.kind is Kind.CUSTOM or period.start > today:
        raise ValueError("only whole periods that have begun")
    if today in period:
        return _so_far(SpanKey.NAMED, period.kind, today)
    return _whole(SpanKey.NAMED, period)


def span_of(key: SpanKey, today: dt.date) -> Span:
    """The span of a key as seen from `today`. A running week or month is compared with as many first days of the
    one before; a month that is shorter is compared as a whole.
    """
    match key:
        case SpanKey.TODAY:
            return _so_far(key, Kind.DAILY, today)
        case SpanKey.THIS_WEEK:
            return _so_far(key, Kind.WEEKLY, today)
        case SpanKey.THIS_MONTH:
            return _so_far(key, Kind.MONTHLY, today)
        case SpanKey.YESTERDAY:
            return _whole(key, period_of(Kind.DAILY, today).previous)
        case SpanKey.LAST_WEEK:
            return _whole(key, period_of(Kind.WEEKLY, today).previous)
        case SpanKey.LAST_MONTH:
            return _whole(key, period_of(Kind.MONTHLY, today).previous)
    raise ValueError("a custom span needs its first and last day")


def custom_span(from_on: dt.date, to_on: dt.date, today: dt.date) -> Span:
    """The span from one day to another, both inclusive. ValueError when out of order or longer than a leap year."""
    if (to_on - from_on).days >= LONGEST_CUSTOM_DAYS:
        raise ValueError("a custom span is at most 366 days long")
    now = Period(from_on, to_on + DAY)
    return Span(SpanKey.CUSTOM, now, now.previous, is_open=to_on >= today)


def _so_far(key: SpanKey, kind: Kind, today: dt.date) -> Span:
    whole = period_of(kind, today)
    now = Period(whole.start, today + DAY, kind)
    before = whole.previous
    return Span(key, now, Period(before.start, min(before.start + len(now) * DAY, before.end), kind), is_open=True)


def _whole(key: SpanKey, period: Period) -> Span:
    return Span(key, period, period.previous, is_open=False)
