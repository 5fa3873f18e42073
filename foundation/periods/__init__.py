"""Workdays and periods as half-open values. Plain Python: no Django, no clock."""

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

DAY = dt.timedelta(days=1)


class Kind(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    CUSTOM = "custom"


@dataclass(frozen=True, order=True)
class Period:
    """The workdays from `start` (inclusive) to `end` (exclusive)."""

    start: dt.date
    end: dt.date
    kind: Kind = Kind.CUSTOM

    def __post_init__(self):
        if self.end <= self.start:
            raise ValueError("a period ends after it starts")

    @property
    def last(self) -> dt.date:
        """The last workday of the period."""
        return self.end - DAY

    @property
    def days(self) -> list[dt.date]:
        return [self.start + DAY * n for n in range(len(self))]

    def __len__(self) -> int:
        return (self.end - self.start).days

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day < self.end

    @property
    def key(self) -> str:
        """`2024-09-01`, `2024-W36` (ISO), `2024-09`, `2024-Q3`, or `2024-09-01..2024-09-14`, both inclusive."""
        match self.kind:
            case Kind.DAILY:
                return self.start.isoformat()
            case Kind.WEEKLY:
                year, week, _ = self.start.isocalendar()
                return f"{year}-W{week:02}"
            case Kind.MONTHLY:
                return f"{self.start:%Y-%m}"
            case Kind.QUARTERLY:
                return f"{self.start.year:04}-Q{(self.start.month + 2) // 3}"
            case _:
                return f"{self.start}..{self.last}"

    @property
    def previous(self) -> "Period":
        """The period of the same kind before this one; for a custom one, as many days before."""
        if self.kind is Kind.CUSTOM:
            return Period(self.start - (self.end - self.start), self.start)
        return period_of(self.kind, self.start - DAY)

    @property
    def next(self) -> "Period":
        if self.kind is Kind.CUSTOM:
            return Period(self.end, self.end + (self.end - self.start))
        return period_of(self.kind, self.end)


def period_of(kind: Kind, day: dt.date) -> Period:
    """The period of a kind that holds a workday."""
    match kind:
        case Kind.DAILY:
            return Period(day, day + DAY, kind)
        case Kind.WEEKLY:
            monday = day - DAY * day.weekday()
            return Period(monday, monday + 7 * DAY, kind)
        case Kind.MONTHLY:
            return Period(day.replace(day=1), _months_later(day.replace(day=1), 1), kind)
        case Kind.QUARTERLY:
            first = dt.date(day.year, day.month - (day.month - 1) % 3, 1)
            return Period(first, _months_later(first, 3), kind)
    raise ValueError(f"{kind} has no period of its own")


def _months_later(first: dt.date, months: int) -> dt.date:
    count = first.year * 12 + first.month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)


_FORMS = [
    (Kind.DAILY, re.compile(r"(\d{4})-(\d{2})-(\d{2})")),
    (Kind.WEEKLY, re.compile(r"(\d{4})-W(\d{2})")),
    (Kind.MONTHLY, re.compile(r"(\d{4})-(\d{2})")),
    (Kind.QUARTERLY, re.compile(r"(\d{4})-Q([1-4])")),
]


def parse_period(text: str) -> Period:
    """The period of a key as `Period.key` writes it. ValueError when it is none."""
    first, dots, last = text.partition("..")
    if dots:
        return Period(dt.date.fromisoformat(first), dt.date.fromisoformat(last) + DAY)
    for kind, form in _FORMS:
        if match := form.fullmatch(text):
            return period_of(kind, _first_day(kind, [int(part) for part in match.groups()]))
    raise ValueError(f"“{text}” is not a period; write 2024-09-01, 2024-W36, 2024-09 or 2024-Q3")


def _first_day(kind: Kind, numbers: list[int]) -> dt.date:
    match kind:
        case Kind.DAILY:
            return dt.date(*numbers)
        case Kind.WEEKLY:
            return dt.date.fromisocalendar(numbers[0], numbers[1], 1)
        case Kind.MONTHLY:
            return dt.date(numbers[0], numbers[1], 1)
        case _:
            return dt.date(numbers[0], numbers[1] * 3 - 2, 1)


def workday_of(at: dt.datetime, zone: ZoneInfo) -> dt.date:
    """The workday on which an aware moment falls in a zone."""
    return at.astimezone(zone).date()


def starts_at(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The moment, in UTC, at which a workday begins in a zone."""
    return dt.datetime.combine(day, dt.time(), tzinfo=zone).astimezone(dt.UTC)


def ends_at(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The moment, in UTC, at which a workday is over in a zone: 23, 24 or 25 hours after it began."""
    return starts_at(day + DAY, zone)
