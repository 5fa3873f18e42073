"""Which periods boards publish, from when on, and when not. Plain values: no Django, no clock.

Peers see others' figures only as they were published, and two publications must not isolate anyone by their
difference. So the kinds of period nest (a day lies within one week), the people of a board are those of the first day
of the *round* (the largest kind), and a period in which a few of them left is not published again: what the rows
lose between two days would be theirs.
"""

import datetime as dt
from collections.abc import Iterable

from foundation.periods import DAY, Kind, Period, period_of
from people.rules.privacy import minimum_group

KINDS = (Kind.DAILY, Kind.WEEKLY)
"""A week and a month overlap in part, which would make one endless round: it is one or the other."""
ROUND = KINDS[-1]
HOUR = dt.time(5)
"""Standings are taken after this hour, in the zone of the division."""
LATE_DAYS = 7
HISTORY_DAYS = 35


def as_of(local: dt.datetime) -> dt.date:
    """The day before which workdays are published: today, and until five in the morning yesterday."""
    return local.date() if local.time() >= HOUR else local.date() - DAY


def periods_before(day: dt.date) -> list[Period]:
    """Periods of all kinds with a workday before `day`, of the last weeks, oldest first."""
    days = [day - DAY * back for back in range(HISTORY_DAYS, 0, -1)]
    return sorted({period_of(kind, each) for kind in KINDS for each in days}, key=lambda period: period.end)


def round_start(period: Period) -> dt.date:
    """The day whose people stand on the board."""
    return period_of(ROUND, period.start).start


def is_frozen(period: Period, *, on: dt.date) -> bool:
    """Whether the late data of its last workday has ended."""
    return on >= period.end + LATE_DAYS * DAY


def publishable(members: Iterable[int], stayed: Iterable[int], *, minimum: int) -> frozenset[int] | None:
    """Whose figures a period may show, of the members who were there when it began: those who still are. None where
    so few have left since that their figures could be told from the others'.
    """
    members, stayed = frozenset(members), frozenset(stayed)
    left = len(members - stayed)
    return None if 0 < left <= minimum_group(minimum) else members & stayed


def last_day(period: Period, *, before: dt.date) -> dt.date:
    """The last workday of a period that is published."""
    return min(period.last, before - DAY)
