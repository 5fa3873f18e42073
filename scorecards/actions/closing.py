"""Workdays become final, and late data waits for a reopening."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection, transaction

from foundation.periods import ends_at, workday_of
from interactions.actions import touch_rows
from interactions.enums import TouchReason
from interactions.models import Touch
from people.models import Division, User
from people.queries import default_division

from ..models import DivisionDay, Reopening, ScoreDay
from ..queries import closing_lag, division_sql, open_workdays
from .badges import touch_workdays


@dataclass(frozen=True, order=True)
class Closed:
    """A workday of a division that became final."""

    workday: dt.date
    division: str


def workdays_to_close(*, at: dt.datetime) -> list[tuple[dt.date, Division]]:
    """Workdays with data that are over in their division's zone, with the lag, oldest first."""
    lag = closing_lag()
    due = []
    for division in Division.objects.all():
        today = workday_of(at, division.zone)
        days = open_workdays(division, before=today)
        due += [(day, division) for day in days if ends_at(day, division.zone) + lag <= at]
    return sorted(due, key=lambda row: (row[0], row[1].pk))


def close_workdays(*, at: dt.datetime, dry_run: bool = False) -> list[Closed]:
    """Makes final every workday that is over and has no touch left. Each exactly once: the row is the claim.

    Days without any data have nothing to make final and get no row. Safe to run at once by several workers, twice,
    and late.
    """
    due = workdays_to_close(at=at)
    touched = _touched_days(due)
    ready = [(day, division) for day, division in due if (division.pk, day) not in touched]
    if dry_run:
        return [Closed(day, division.name) for day, division in ready]
    return [Closed(day, division.name) for day, division in ready if _close(division, day, at=at)]


def _touched_days(due: list[tuple[dt.date, Division]]) -> set[tuple[int, dt.date]]:
    """(division id, workday) of the touches that are left on the days to close."""
    if not due:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT {division_sql('t')}, t.workday FROM {Touch._meta.db_table} t"
            f" WHERE t.workday >= %s AND t.workday <= %s",
            [default_division().pk, due[0][0], due[-1][0]],
        )
        return {(division, _day(day)) for division, day in cursor.fetchall()}


def _day(value) -> dt.date:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


@transaction.atomic
def _close(division: Division, day: dt.date, *, at: dt.datetime) -> bool:
    """Writes the one row of a final workday, unless it is there or a touch came in between. Whether it did."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {DivisionDay._meta.db_table} (division_id, workday, closed_at)"
            f" SELECT %s, %s, %s WHERE NOT EXISTS (SELECT 1 FROM {Touch._meta.db_table} t"
            f" WHERE t.workday = %s AND {division_sql('t')} = %s)"
            f" ON CONFLICT (division_id, workday) DO NOTHING",
            [
                division.pk,
                day,
                connection.ops.adapt_datetimefield_value(at),
                day,
                default_division().pk,
                division.pk,
            ],
        )
        if cursor.rowcount != 1:
            return False
    touch_workdays([(division.pk, day)], at=at)
    return True


@transaction.atomic
def reopen(
    *, division: Division, from_on: dt.date, to_on: dt.date, by: User | None, reason: str, at: dt.datetime
) -> Reopening:
    """Gives leave to take in what waits on final workdays from `from_on` to `to_on`, both inclusive, and has their
    scored days scored again by the settings that hold on them now. What arrives later waits again.
    """
    reopening = Reopening.objects.create(
        division=division, from_on=from_on, to_on=to_on, by=by, reason=reason.strip(), at=at
    )
    days = ScoreDay.objects.filter(division_id=division.pk, workday__gte=from_on, workday__lte=to_on)
    touch_rows(days, reason=TouchReason.TERMS, at=at)
    return reopening
