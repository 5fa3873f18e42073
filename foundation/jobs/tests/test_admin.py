"""Runs of jobs in the admin: read only, with a warning for jobs that fell silent."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from foundation.jobs.admin import in_words
from foundation.jobs.models import Heartbeat, JobRun, Outcome
from foundation.jobs.queries import interval_of, is_silent, silent_jobs

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def schedule(settings):
    settings.CELERY_BEAT_SCHEDULE = {
        "rescore": {"task": "scorecards.tasks.rescore", "schedule": 3.0},
        "close-workdays": {"task": "scorecards.tasks.close_workdays", "schedule": 180.0},
    }


@pytest.mark.parametrize(("silence", "silent"), [(30, False), (31, True)])
def test_a_job_is_silent_after_ten_intervals(silence, silent):
    heartbeat = Heartbeat(job="rescore", last_at=AT - dt.timedelta(seconds=silence))
    assert is_silent(heartbeat, at=AT) is silent


def test_a_job_without_a_schedule_is_never_silent():
    assert not is_silent(Heartbeat(job="by_hand", last_at=None), at=AT)
    assert interval_of("by_hand") is None


def test_a_scheduled_job_that_never_looked_is_silent():
    Heartbeat.objects.create(job="rescore", last_at=AT)
    assert [(one.job, one.last_at) for one in silent_jobs(at=AT)] == [("close_workdays", None)]


def test_intervals_in_words():
    assert (in_words(3), in_words(180)) == ("3 seconds", "3 minutes")


def _runs(number):
    for minute in range(number):
        JobRun.objects.create(
            job="rescore",
            started_at=AT + dt.timedelta(minutes=minute),
            finished_at=AT + dt.timedelta(minutes=minute, seconds=4.25),
            outcome=Outcome.DONE,
            detail="12 days\nmore",
        )


def test_the_list_shows_duration_outcome_and_the_first_line(admin_client):
    _runs(1)
    page = admin_client.get(reverse("admin:jobs_jobrun_changelist")).content.decode()
    assert "4.2 s" in page
    assert "12 days" in page
    assert "Some jobs do not look for work" in page


def test_no_warning_while_every_job_looks(admin_client):
    for job in ("rescore", "close_workdays"):
        Heartbeat.objects.create(job=job, last_at=timezone.now())
    page = admin_client.get(reverse("admin:jobs_heartbeat_changelist")).content.decode()
    assert "Some jobs do not look for work" not in page
    assert "looks as planned" in page


def test_runs_cannot_be_written(admin_client):
    _runs(1)
    run = JobRun.objects.get()
    assert admin_client.get(reverse("admin:jobs_jobrun_add")).status_code == 403
    assert admin_client.post(reverse("admin:jobs_jobrun_change", args=[run.pk]), {"job": "x"}).status_code == 403
    assert admin_client.post(reverse("admin:jobs_jobrun_delete", args=[run.pk]), {"post": "yes"}).status_code == 403


def test_the_list_costs_the_same_queries_at_one_and_at_three(admin_client, django_assert_num_queries):
    _runs(1)
    url = reverse("admin:jobs_jobrun_changelist")
    admin_client.get(url)

    with CaptureQueriesContext(connection) as one:
        admin_client.get(url)
    JobRun.objects.all().delete()
    _runs(3)
    with django_assert_num_queries(len(one)):
        admin_client.get(url)
