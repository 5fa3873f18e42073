"""What someone who reopens workdays or watches jobs reads: which days are final, which are not and why, what waits."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection
from django.db.models import Max, QuerySet

from foundation.jobs.models import Heartbeat, JobRun
from foundation.periods import ends_at, workday_of
from people.access import reach
from people.enums import Permission
from people.models import Division
from people.queries import default_division
from scorecards.models import DivisionDay, Reopening
from scorecards.queries import Waiting, closing_lag, open_workdays, touched_pairs_sql, waiting_late_data

SHOWN_OPEN_DAYS = 7
SHOWN_RUNS = 20
SHOWN_REOPENINGS = 10


class NotFinal(StrEnum):
    """Why a workday is not final."""

    LAG = "lag"
    """It is over, and data may still come until a moment."""
    TOUCHES = "touches"
    """Changes wait to be worked in."""
    DUE = "due"
    """Nothing is in the way: the next run makes it final."""


@dataclass(frozen=True)
class OpenDay:
    workday: dt.date
    why: NotFinal
    until: dt.datetime | None = None
    agents: int = 0
    """How many agents have changes that are not worked in."""


@dataclass(frozen=True)
class DivisionState:
    """How far a division is: its last final workday, and the days with data that are over and not final."""

    division: Division
    today: dt.date
    last_on: dt.date | None
    closed_at: dt.datetime | None
    open_days: list[OpenDay]

    @property
    def shown(self) -> list[OpenDay]:
        return self.open_days[:SHOWN_OPEN_DAYS]

    @property
    def more(self) -> int:
        return len(self.open_days) - len(self.shown)


@dataclass(frozen=True)
class WorkdaysView:
    divisions: list[DivisionState]
    waiting: list[Waiting]
    reopenings: list[Reopening]
    runs: list[JobRun]
    heartbeats: list[Heartbeat]


def divisions_within(viewer, *permissions: Permission) -> QuerySet[Division]:
    """The divisions in which the viewer holds one of the permissions."""
    reaches = [reach(viewer, permission) for permission in permissions]
    if any(each.everywhere for each in reaches):
        return Division.objects.all()
    return Division.objects.filter(pk__in={pk for each in reaches for pk in each.divisions})


def workdays_for(viewer, *, at: dt.datetime) -> WorkdaysView:
    """The divisions that the viewer may reopen days in or watch, and the jobs if they may watch those. Two queries a
    division, since the days of each are looked up along its index.
    """
    divisions = list(divisions_within(viewer, Permission.REOPEN, Permission.OPERATE))
    watches = bool(reach(viewer, Permission.OPERATE))
    reopenings = Reopening.objects.filter(division__in=divisions).select_related("division", "by")
    return WorkdaysView(
        divisions=_states(divisions, at=at),
        waiting=waiting_late_data(at=at, divisions=divisions),
        reopenings=list(reopenings.order_by("-at", "-pk")[:SHOWN_REOPENINGS]),
        runs=list(JobRun.objects.all()[:SHOWN_RUNS]) if watches else [],
        heartbeats=list(Heartbeat.objects.order_by("job")) if watches else [],
    )


def _states(divisions: list[Division], *, at: dt.datetime) -> list[DivisionState]:
    lag, touched = closing_lag(), _touched_agents()
    final = DivisionDay.objects.filter(division__in=divisions).order_by().values_list("division_id")
    last = {pk: days for pk, *days in final.annotate(Max("workday"), Max("closed_at"))}
    return [_state(division, last.get(division.pk, (None, None)), lag, touched, at=at) for division in divisions]


def _state(division: Division, last, lag: dt.timedelta, touched, *, at: dt.datetime) -> DivisionState:
    today = workday_of(at, division.zone)
    days = [
        _open_day(day, ends_at(day, division.zone) + lag, touched.get((division.pk, day), 0), at=at)
        for day in open_workdays(division, before=today)
    ]
    return DivisionState(division, today, *last, open_days=days)


def _open_day(day: dt.date, ready_at: dt.datetime, agents: int, *, at: dt.datetime) -> OpenDay:
    if at < ready_at:
        return OpenDay(day, NotFinal.LAG, until=ready_at)
    return OpenDay(day, NotFinal.TOUCHES, agents=agents) if agents else OpenDay(day, NotFinal.DUE)


def _touched_agents() -> dict[tuple[int, dt.date], int]:
    """How many agents have changes that are not worked in, by division and workday."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.division_id, p.workday, COUNT(*) FROM ({touched_pairs_sql()}) p"
            f" GROUP BY p.division_id, p.workday",
            [default_division().pk],
        )
        return {(division, _as_day(day)): agents for division, day, agents in cursor.fetchall()}


def _as_day(value) -> dt.date:
    """A date of raw SQL: text on SQLite."""
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def has_final_day(division: Division, from_on: dt.date, to_on: dt.date) -> bool:
    return DivisionDay.objects.filter(division=division, workday__gte=from_on, workday__lte=to_on).exists()
