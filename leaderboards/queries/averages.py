"""The averages that a scorecard or the API tells of a profile's people: of the board of all of them, as published."""

import datetime as dt
from fractions import Fraction

from django.conf import settings

from foundation.periods import DAY, Period
from people.rules.privacy import minimum_group
from scorecards.averages import Average

from ..enums import RowsAre
from ..models import Publication

DAYS_BACK = 14


def average_of_everyone(profile_id: int, division_id: int, period: Period) -> Average | None:
    """Points by person and day, of *k* + 1 people or more: of the period if it was published, else of the newest day
    that was, within two weeks up to its end. One query.
    """
    days = [(period.last - DAY * back).isoformat() for back in range(DAYS_BACK)]
    found = _of_everyone(profile_id, division_id).filter(period__in=[period.key, *days], scored_days__gt=0)
    rows = {key: Fraction(points, days) for key, points, days in found.values_list("period", "points", "scored_days")}
    if period.key in rows:
        return Average(rows[period.key])
    newest = max(rows, default=None)
    return Average(rows[newest], dt.date.fromisoformat(newest)) if newest else None


def measured_of_everyone(
    profile_id: int, division_id: int, *, first: dt.date, last: dt.date
) -> dict[dt.date, dict[int, tuple[int, int, int]]]:
    """Workday → metric id → total, count and people of each published day on which *k* + 1 of them or more have data of
    the metric. In stored units. One query.
    """
    days = [(first + DAY * number).isoformat() for number in range((last - first).days + 1)]
    found = _of_everyone(profile_id, division_id).filter(period__in=days).order_by("-pk")
    least = minimum_group(settings.LAUREL_MINIMUM_GROUP) + 1
    return {
        starts_on: {int(metric): tuple(sums) for metric, sums in measured.items() if sums[2] >= least}
        for starts_on, measured in found.values_list("starts_on", "measured")
    }


def _of_everyone(profile_id: int, division_id: int):
    """What was published of the boards of all the profile's people in a division, where they are more than *k*."""
    return Publication.objects.filter(
        board__profile=profile_id,
        board__division=division_id,
        board__team=None,
        board__queue=None,
        board__rows_are=RowsAre.PEOPLE,
        board__is_active=True,
        people__gt=minimum_group(settings.LAUREL_MINIMUM_GROUP),
    )
