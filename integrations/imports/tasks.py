"""What beat asks for: imports that are due stand in rows, held by leases."""

import datetime as dt
import os
import socket
import uuid

from celery import shared_task
from django.utils import timezone

from foundation.jobs.actions import run_job

from . import actions

SLICE = dt.timedelta(seconds=15)

_open: dict[int, actions.Opened] = {}
"""The import that this process worked on last, still open; another process opens it anew."""


@shared_task
def run_imports() -> None:
    """Works on one import for a slice, then gives way."""
    at = timezone.now()
    holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"[:80]
    with run_job("run_imports", at=at) as job:
        run = actions.claim(holder=holder, at=at)
        if run is None:
            return
        before = run.rows_taken
        opened = _open.pop(run.pk, None)
        _open.clear()
        opened = actions.work(run, holder=holder, now=timezone.now, budget=SLICE, opened=opened)
        if opened is not None:
            _open[run.pk] = opened
        run.refresh_from_db()
        job.did(f"{run}: {run.rows_taken - before} rows taken in, {run.get_status_display()}")
