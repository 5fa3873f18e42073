"""Runs are recorded, and one worker at a time holds a job."""

import datetime as dt
import threading

import pytest
from django.db import connection, connections, transaction

from foundation.jobs.actions import beat, claim, prune_job_runs, run_job
from foundation.jobs.models import Heartbeat, JobRun, Outcome

AT = dt.datetime(2024, 9, 2, 12, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_idle_run_leaves_a_heartbeat_only():
    with run_job("look", at=AT):
        pass
    assert (Heartbeat.objects.get(job="look").last_at, JobRun.objects.count()) == (AT, 0)


@pytest.mark.django_db
def test_run_that_did_something_leaves_a_row():
    with run_job("look", at=AT) as run:
        run.did("3 days final")
        run.did("2 rows taken in")
    row = JobRun.objects.get()
    assert (row.job, row.outcome, row.detail) == ("look", Outcome.DONE, "3 days final\n2 rows taken in")
    assert row.started_at == AT
    assert 0 <= row.duration_seconds < 60


@pytest.mark.django_db
def test_failed_run_says_why_and_raises():
    with pytest.raises(ZeroDivisionError), run_job("look", at=AT):
        _ = 1 / 0
    row = JobRun.objects.get()
    assert (row.outcome, row.detail) == (Outcome.FAILED, "ZeroDivisionError: division by zero")


@pytest.mark.django_db
def test_old_runs_are_taken_away():
    for days in (10, 31):
        JobRun.objects.create(job="look", started_at=AT - dt.timedelta(days=days))
    assert prune_job_runs(at=AT) == 1
    assert JobRun.objects.get().started_at == AT - dt.timedelta(days=10)


@pytest.mark.django_db(transaction=True)
def test_claimed_job_is_refused_to_a_second_worker_that_does_not_wait():
    """On SQLite a second worker cannot even begin while the first one's transaction stands: it comes after it."""
    one_writer = connection.vendor == "sqlite"
    beat("look", at=AT)
    claimed, tried, results = threading.Event(), threading.Event(), []

    def hold():
        with transaction.atomic():
            results.append(claim("look"))
            claimed.set()
            tried.wait(0.3 if one_writer else 10)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    claimed.wait(10)
    with transaction.atomic():
        results.append(claim("look", wait=False))
    with run_job("look", at=AT):
        pass
    tried.set()
    holder.join()
    with transaction.atomic():
        results.append(claim("look", wait=False))
    assert results == [True, one_writer, True]
