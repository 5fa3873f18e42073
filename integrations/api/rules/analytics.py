"""What callers ask of analytics, as plain values. Pure; Unfit says what cannot be asked."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from foundation.periods import DAY, Kind, Period, period_of

from .goals import Unfit

MOST_DAYS = 366
GRANULARITIES = {
    **dict.fromkeys(("P1D", "PT24H", "DAY"), Kind.DAILY),
    **dict.fromkeys(("P7D", "P1W", "WEEK"), Kind.WEEKLY),
    **dict.fromkeys(("P1M", "MONTH"), Kind.MONTHLY),
    **dict.fromkeys(("P3M", "QUARTER"), Kind.QUARTERLY),
}
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?:Z|[+-]\d\d:?\d\d)?)?")
EARLIEST, LATEST = dt.date(1970, 1, 1), dt.date(2200, 1, 1)


def workdays_of(interval: str) -> Period:
    """The workdays of `2024-09-01T00:00:00Z/2024-10-01T00:00:00Z`, as the dates are written: from the first to before
    the second, or with it where its time is later than midnight.
    """
    first, slash, last = interval.partition("/")
    start, end = MOMENT.fullmatch(first.strip()), MOMENT.fullmatch(last.strip())
    if not (slash and start and end):
        raise Unfit("interval: write two dates or times with a slash between them, as 2024-09-01/2024-10-01.")
    from_on, until_on = _date(start[1]), _date(end[1])
    if re.search(r"[1-9]", end[2] or ""):
        until_on += DAY
    if until_on <= from_on:
        raise Unfit("interval: it ends before it begins.")
    if (until_on - from_on).days > MOST_DAYS:
        raise Unfit(f"interval: at most {MOST_DAYS} days can be asked for at once.")
    return Period(from_on, until_on)


def _date(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise Unfit(f"interval: {text} is no date.") from error
    if not EARLIEST <= day <= LATEST:
        raise Unfit(f"interval: {text} is too far away.")
    return day


def part_of(days: Period, kind: Kind | None, day: dt.date) -> Period:
    """The part of the interval in which a day is told; the whole where it is not cut."""
    if kind is None:
        return days
    period = period_of(kind, day)
    return Period(max(period.start, days.start), min(period.end, days.end), kind)


def parts_of(days: Period, kind: Kind | None) -> list[Period]:
    """The parts of an interval, in order."""
    parts = [part_of(days, kind, days.start)]
    while parts[-1].end < days.end:
        parts.append(part_of(days, kind, parts[-1].end))
    return parts


def selection_of(given: Mapping[str, Any] | Iterable[Mapping[str, Any]] | None) -> dict[str, list[str]]:
    """Field → values of which one must hold, all fields together: from `{"callType": "INBOUND"}`, from a list of
    `{"dimension", "value"}`, or from clauses and predicates with `type` and/or. An “or” is of one field.
    """
    if not given:
        return {}
    if isinstance(given, Mapping) and not {"type", "predicates", "clauses"} & set(given):
        rows = [(str(name), value) for name, value in given.items()]
    else:
        rows = _predicates(given if isinstance(given, Mapping) else {"type": "and", "predicates": given})
    found: dict[str, list[str]] = {}
    for name, value in rows:
        if name in found:
            raise Unfit(f"filter: {name} stands there twice; give its values in one place.")
        found[name] = _values(name, value)
    return found


def _predicates(given: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The fields of a clause with their values."""
    rows = [_predicate(each) for each in _listed(given.get("predicates"))]
    if str(given.get("type", "and")).lower() == "or":
        if len({name for name, _ in rows}) > 1 or given.get("clauses"):
            raise Unfit("filter: an “or” is between values of one field.")
        values = [one for name, value in rows for one in _values(name, value)]
        return [(rows[0][0], values)] if rows else []
    return rows + [row for each in _listed(given.get("clauses")) for row in _predicates(each)]


def _listed(given) -> list[Mapping]:
    rows = given or []
    if not isinstance(rows, list) or not all(isinstance(each, Mapping) for each in rows):
        raise Unfit("filter: clauses and predicates are lists of objects.")
    return rows


def _predicate(row: Mapping[str, Any]) -> tuple[str, Any]:
    name = row.get("dimension") or row.get("field")
    operator = str(row.get("operator") or "matches").lower()
    if not isinstance(name, str) or operator not in ("matches", "eq", "equals", "is", "in"):
        raise Unfit("filter: each predicate names a dimension and the values that match.")
    return name, row.get("value", row.get("values"))


def _values(name: str, value) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(each, str | int) and not isinstance(each, bool) for each in values):
        raise Unfit(f"filter: {name} has no value to match.")
    return [str(each) for each in values]
