import datetime as dt

import pytest
from django.utils import timezone

from foundation.jobs.models import Heartbeat
from rewards_site.health import late_jobs
from rewards_site.schedule import BEAT_SCHEDULE

AT = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
JOBS = [entry["task"].rsplit(".", 1)[1] for entry in BEAT_SCHEDULE.values()]


def test_late_jobs_names_those_that_never_looked_or_looked_long_ago():
    looks = dict.fromkeys(JOBS, AT)
    assert late_jobs(looks, at=AT + dt.timedelta(seconds=120)) == []
    assert late_jobs({**looks, "rescore": AT - dt.timedelta(minutes=5)}, at=AT) == ["rescore"]
    assert late_jobs({job: AT for job in JOBS if job != "run_imports"}, at=AT) == ["run_imports"]


def test_rare_jobs_are_not_waited_for():
    assert late_jobs({job: AT for job in JOBS if job != "prune_job_runs"}, at=AT) == []


@pytest.mark.django_db
def test_health_of_jobs_fails_while_nobody_works(client):
    answer = client.get("/healthz/jobs")
    assert (answer.status_code, answer.content) == (503, b"unavailable\n")


@pytest.mark.django_db
def test_health_of_jobs_is_well_while_somebody_works(client):
    Heartbeat.objects.bulk_create(Heartbeat(job=job, last_at=timezone.now()) for job in JOBS)
    answer = client.get("/healthz/jobs")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
