"""What beat asks for: the due work stands in rows."""

from celery import shared_task
from django.utils import timezone

from foundation.jobs.actions import run_job

from . import actions


@shared_task
def close_periods() -> None:
    at = timezone.now()
    with run_job("close_periods", at=at) as run:
        done = actions.close_periods(at=at)
        if done.closed:
            run.did(f"{len(done.closed)} periods closed, {sum(each.points for each in done.closed)} points pending")
        for name, error in done.failed.items():
            run.did(f"{name}: {error}")


@shared_task
def reconcile() -> None:
    at = timezone.now()
    with run_job("reconcile", at=at) as run:
        done = actions.reconcile(at=at)
        if done.posted or done.reviews:
            run.did(f"{done.posted} results posted, {done.reviews} reviews opened, {done.unchanged} unchanged")
        for name, error in done.failed.items():
            run.did(f"{name}: {error}")
