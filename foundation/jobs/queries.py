"""Which scheduled jobs look for work, and which fell silent."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from .models import Heartbeat

SILENT_AFTER = 10
"""A job is silent when it has not looked for this many of its intervals."""


@dataclass(frozen=True)
class Silent:
    """A scheduled job that should have looked and did not; `last_at` is None when it never has."""

    job: str
    interval_seconds: float
    last_at: dt.datetime | None


def interval_of(job: str) -> float | None:
    """Seconds between two looks of a scheduled job; None for a job that only people start."""
    return _intervals().get(_plain(job))


def is_silent(heartbeat: Heartbeat, *, at: dt.datetime) -> bool:
    return _is_late(heartbeat.last_at, interval_of(heartbeat.job), at)


def silent_jobs(*, at: dt.datetime) -> list[Silent]:
    """Scheduled jobs that have not looked for ten times their interval, by name."""
    looked = {_plain(one.job): one.last_at for one in Heartbeat.objects.all()}
    return [
        Silent(job, seconds, looked.get(job))
        for job, seconds in sorted(_intervals().items())
        if _is_late(looked.get(job), seconds, at)
    ]


def _intervals() -> dict[str, float]:
    return {
        _plain(entry["task"].rsplit(".", maxsplit=1)[-1]): float(entry["schedule"])
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
    }


def _plain(name: str) -> str:
    return name.replace("-", "_")


def _is_late(last_at, seconds, at):
    if seconds is None:
        return False
    return last_at is None or at - last_at > dt.timedelta(seconds=seconds * SILENT_AFTER)
