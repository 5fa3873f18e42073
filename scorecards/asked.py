"""What the address of a scorecard asks for."""

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from foundation.pages.formats import parse_number
from foundation.periods import DAY, Kind, Period, parse_period, period_of

LONGEST_DAYS = 3700
LARGEST_TRIED = Decimal(10) ** 9


class UnreadableQuery(ValueError):
    """Raised with a sentence for people."""


def period_from(query, *, today: dt.date) -> Period:
    """`?from=…&to=…` (both inclusive), `?period=2024-09-01|2024-W36|2024-09`, or today."""
    if query.get("from") or query.get("to"):
        return _custom(query.get("from") or query.get("to"), query.get("to") or query.get("from"))
    if not query.get("period"):
        return period_of(Kind.DAILY, today)
    try:
        period = parse_period(query["period"])
    except (ValueError, OverflowError) as error:
        raise UnreadableQuery(_unreadable(query["period"])) from error
    return _checked(period)


def _custom(first: str, last: str) -> Period:
    try:
        start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last) + DAY
    except (ValueError, OverflowError) as error:
        raise UnreadableQuery(_unreadable(f"{first} – {last}")) from error
    if end <= start:
        raise UnreadableQuery(_("The first day must not be after the last day."))
    return _checked(Period(start, end))


def _checked(period: Period) -> Period:
    if len(period) > LONGEST_DAYS:
        raise UnreadableQuery(_("A period may be ten years long at most."))
    if not dt.date(1971, 1, 1) <= period.start <= dt.date(9000, 1, 1):
        raise UnreadableQuery(_unreadable(period.key))
    return period


def _unreadable(text: str) -> str:
    return _("“%(text)s” is not a period. Write a day as 2024-09-01, a week as 2024-W36, a month as 2024-09.") % {
        "text": text[:40]
    }


def tried_value(text: str) -> Decimal:
    """The value of "what if". UnreadableQuery when it is no number."""
    try:
        value = parse_number(text)
    except ValueError as error:
        raise UnreadableQuery(
            _("“%(text)s” is not a number. Write 95.5, or a time as 4:30.") % {"text": text[:40]}
        ) from error
    if abs(value) > LARGEST_TRIED:
        raise UnreadableQuery(_("That number is too large."))
    return value
