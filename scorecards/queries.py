"""Reads of scorecards: the settings in force, scores of workdays, and late data that waits."""

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Max, Q

from foundation.records.fields import UnitField
from metrics.models import Metric
from people.models import Division

from .enums import GuardScope
from .models import DivisionDay, ObjectiveTerms, Profile, ScoreDay
from .rules.scoring import WHOLE, Zone, zones_from_json


def default_profile() -> Profile | None:
    """The profile of everyone who has no other."""
    return Profile.objects.filter(is_default=True).first()


# Terms -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TermsInForce:
    """How an objective is scored from `from_on` (inclusive) until `until_on` (exclusive), as plain values."""

    terms_id: int
    objective_id: int
    profile_id: int
    metric_id: int
    kind: str
    zones: tuple[Zone, ...]
    from_on: dt.date
    until_on: dt.date
    guard_metric_id: int | None = None
    guard_operator: str = ""
    guard_bound: int | None = None
    queue_percents: tuple[tuple[int, int], ...] = field(default=())
    team_percents: tuple[tuple[int, int], ...] = field(default=())

    @property
    def percents(self) -> list[int]:
        """Every multiplier that these terms can have, in percent."""
        return sorted({WHOLE, *(percent for _, percent in (*self.queue_percents, *self.team_percents))})


def terms_in_force(profile_ids: Iterable[int], *, from_on: dt.date, to_on: dt.date) -> list[TermsInForce]:
    """Active terms of the profiles that hold on some day from `from_on` to `to_on`, both inclusive."""
    rows = (
        ObjectiveTerms.objects.filter(objective__profile__in=list(profile_ids))
        .select_related("objective")
        .prefetch_related("multipliers")
        .order_by("objective__position", "objective_id", "from_on")
    )
    spans = []
    for _, group in itertools.groupby(rows, key=lambda row: row.objective_id):
        history = list(group)
        ends = [row.from_on for row in history[1:]] + [dt.date.max]
        spans += [
            as_in_force(row, until_on=end)
            for row, end in zip(history, ends, strict=True)
            if row.is_active and row.from_on <= to_on and end > from_on
        ]
    return spans


def as_in_force(row: ObjectiveTerms, *, until_on: dt.date = dt.date.max) -> TermsInForce:
    """Plain values of terms with their multipliers. A guard on a home queue has no data yet and never pauses."""
    guarded = row.guard_metric_id if row.guard_scope != GuardScope.HOME_QUEUE else None
    multipliers = list(row.multipliers.all())
    return TermsInForce(
        terms_id=row.pk,
        objective_id=row.objective_id,
        profile_id=row.objective.profile_id,
        metric_id=row.metric_id,
        kind=row.kind,
        zones=zones_from_json(row.zones),
        from_on=row.from_on,
        until_on=until_on,
        guard_metric_id=guarded,
        guard_operator=row.guard_operator if guarded else "",
        guard_bound=_units(row, "guard_bound") if guarded else None,
        queue_percents=tuple((one.queue_id, one.percent) for one in multipliers if one.queue_id),
        team_percents=tuple((one.team_id, one.percent) for one in multipliers if one.team_id),
    )


def _units(row, name: str) -> int:
    unit_field: UnitField = row._meta.get_field(name)
    return unit_field.to_units(getattr(row, name))


# Final workdays ----------------------------------------------------------------------------------------------------

DEFAULT_LAG_MINUTES = 120


def closing_lag() -> dt.timedelta:
    """How long after its end a workday stays open: the longest lag of active metrics that objectives read."""
    used = Q(pk__in=ObjectiveTerms.objects.values("metric")) | Q(pk__in=ObjectiveTerms.objects.values("guard_metric"))
    longest = Metric.objects.filter(used, is_active=True).aggregate(Max("lag_minutes"))["lag_minutes__max"]
    return dt.timedelta(minutes=DEFAULT_LAG_MINUTES if longest is None else longest)


def open_workdays(division: Division, *, before: dt.date) -> list[dt.date]:
    """Workdays of a division with data, before a day, that are not final, oldest first."""
    closed = set(DivisionDay.objects.filter(division=division, workday__lt=before).values_list("workday", flat=True))
    return [day for day in workdays_with_data(division, before=before) if day not in closed]


def workdays_with_data(division: Division, *, before: dt.date) -> list[dt.date]:
    """Each workday of a division with a scored day. It hops over the index from day to day, so that a year of ten
    thousand agents costs hundreds of look-ups and not millions of rows.
    """
    table = connection.ops.quote_name(ScoreDay._meta.db_table)
    next_day = f"SELECT MIN(workday) FROM {table} WHERE division_id = %s AND workday"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE hop(workday) AS (SELECT ({next_day} < %s) UNION ALL"
            f" SELECT ({next_day} > hop.workday) FROM hop WHERE hop.workday IS NOT NULL)"
            f" SELECT workday FROM hop WHERE workday IS NOT NULL AND workday < %s ORDER BY workday",
            [division.pk, before, division.pk, before],
        )
        days = [row[0] for row in cursor.fetchall()]
    return [dt.date.fromisoformat(day) if isinstance(day, str) else day for day in days]
