"""Which periods boards publish, from when on, and when not. Plain values: no Django, no clock.

Peers see others' figures only as they were published, and two publications must not isolate anyone by their
difference. So the kinds of period nest (a day lies within one week), the people of a board are those of the first day
of the *round* (its largest kind), and a period in which a few of them left is not published again: what the rows
lose between two days would be theirs. A week and a month overlap in part, which would make one endless round: a group
of people has one or the other.
"""

import datetime as dt

from foundation.periods import DAY, Kind, Period, period_of

HOUR = dt.time(5)
"""Standings are taken after this hour, in the zone of the division, unless a board says otherwise."""
LATE_DAYS = 7
HISTORY_DAYS = {Kind.WEEKLY: 35, Kind.MONTHLY: 70}


def as_of(local: dt.datetime, *, hour: dt.time = HOUR) -> dt.date:
    """The day before which workdays are published: today, and until that hour in the morning yesterday."""
    return local.date() if local.time() >= hour else local.date() - DAY


def monday_of(day: dt.date) -> dt.date:
    return period_of(Kind.WEEKLY, day).start


def periods_before(day: dt.date, *, kind: Kind, has_days: bool = True) -> list[Period]:
    """Periods of a kind, and days, with a workday before `day`, of the last weeks, oldest first."""
    kinds = (Kind.DAILY, kind) if has_days else (kind,)
    days = [day - DAY * back for back in range(HISTORY_DAYS[kind], 0, -1)]
    return sorted({period_of(each_kind, each) for each_kind in kinds for each in days}, key=lambda period: period.end)


def is_frozen(period: Period, *, on: dt.date) -> bool:
    """Whether the late data of its last workday has ended."""
    return on >= period.end + LATE_DAYS * DAY


def last_day(period: Period, *, before: dt.date) -> dt.date:
    """The last workday of a period that is published."""
    return min(period.last, before - DAY)
