"""What beat asks for: points whose day has come."""

from celery import shared_task
from django.utils import timezone

from foundation.jobs.actions import run_job

from . import actions


@shared_task
def expire_points() -> None:
    at = timezone.now()
    with run_job("expire_points", at=at) as run:
        if gone := actions.expire_due_points(at=at):
            run.did(f"{sum(row.points for row in gone)} points of {len({row.debit_id for row in gone})} people expired")
