"""Whether beat publishes and a worker answers, read from rows: a web request never waits for a broker."""

import dataclasses
import datetime as dt

from django.db import Error
from django.utils import timezone
from health_check.base import HealthCheck
from health_check.exceptions import ServiceUnavailable

from foundation.jobs.models import Heartbeat

from .schedule import BEAT_SCHEDULE

PATIENCE = dt.timedelta(minutes=2)
"""How much later than its schedule a job may look for work; long enough for a restart."""

WATCHED_UP_TO_SECONDS = 300
"""Jobs that run more rarely would say too late that beat or worker have gone."""


def late_jobs(last_looks: dict[str, dt.datetime | None], *, at: dt.datetime) -> list[str]:
    """The scheduled jobs that no worker has done in time, by name. `last_looks` maps a job to when it last looked."""
    intervals = {entry["task"].rsplit(".", 1)[1]: entry["schedule"] for entry in BEAT_SCHEDULE.values()}
    return sorted(
        job
        for job, seconds in intervals.items()
        if seconds <= WATCHED_UP_TO_SECONDS
        and ((last := last_looks.get(job)) is None or at - last > dt.timedelta(seconds=2 * seconds) + PATIENCE)
    )


@dataclasses.dataclass
class Jobs(HealthCheck):
    """Fails while a scheduled job has not looked for work in time."""

    async def run(self):
        try:
            looks = {job: last_at async for job, last_at in Heartbeat.objects.values_list("job", "last_at")}
        except Error as error:
            raise ServiceUnavailable("The database does not answer") from error
        if late := late_jobs(looks, at=timezone.now()):
            raise ServiceUnavailable(f"No worker has lately run {', '.join(late)}")
