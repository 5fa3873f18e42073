"""Runs are recorded, and one worker at a time holds a job."""

import datetime as dt
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from .models import Heartbeat, JobRun, Outcome

logger = logging.getLogger(__name__)

KEPT_DAYS = 30
LONGEST_DETAIL = 2000


class Run:
    """What a job says about its run. A run that says nothing leaves a heartbeat and no row."""

    def __init__(self):
        self.details: list[str] = []

    def did(self, detail) -> None:
        self.details.append(str(detail))


@contextmanager
def run_job(job: str, *, at: dt.datetime) -> Iterator[Run]:
    """Notes that a job looked for work, and records a row when it found some or failed. An error goes on upwards."""
    beat(job, at=at)
    run, began = Run(), time.monotonic()
    try:
        yield run
    except Exception as error:
        run.did(f"{type(error).__name__}: {error}")
        _record(job, run, Outcome.FAILED, at=at, seconds=time.monotonic() - began)
        raise
    if run.details:
        _record(job, run, Outcome.DONE, at=at, seconds=time.monotonic() - began)


def _record(job, run: Run, outcome: Outcome, *, at: dt.datetime, seconds: float) -> None:
    JobRun.objects.create(
        job=job,
        started_at=at,
        finished_at=at + dt.timedelta(seconds=seconds),
        outcome=outcome,
        detail="\n".join(run.details)[:LONGEST_DETAIL],
    )


def beat(job: str, *, at: dt.datetime) -> None:
    """Notes that a job looked for work. Where another worker holds the row, that worker is the sign of life."""
    Heartbeat.objects.get_or_create(job=job)
    with transaction.atomic():
        if _locked(job, wait=False):
            Heartbeat.objects.filter(job=job).update(last_at=at)


def claim(job: str, *, wait: bool = True) -> bool:
    """Holds a job until the end of the transaction, so that no other worker does it meanwhile. Without `wait`, False
    when another worker holds it. On SQLite the transaction itself is the lock: it began with the write lock. The row is
    there once `run_job` ran; the very first claim without it makes a second worker wait.
    """
    if not Heartbeat.objects.filter(job=job).exists():
        Heartbeat.objects.get_or_create(job=job)
    return _locked(job, wait=wait)


def _locked(job: str, *, wait: bool) -> bool:
    return bool(Heartbeat.objects.select_for_update(skip_locked=not wait).filter(job=job).values_list("pk").first())


def prune_job_runs(*, at: dt.datetime) -> int:
    """Takes away runs older than `KEPT_DAYS`. How many."""
    return JobRun.objects.filter(started_at__lt=at - dt.timedelta(days=KEPT_DAYS)).delete()[0]
