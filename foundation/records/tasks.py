"""What beat asks for: what is over stands in the rows themselves."""

from celery import shared_task
from django.utils import timezone

from foundation.jobs.actions import run_job

from .retention import apply_retention


@shared_task
def apply_retention_times() -> None:
    at = timezone.now()
    with run_job("apply_retention_times", at=at) as run:
        for kind, rows in apply_retention(at=at):
            if rows:
                run.did(f"{kind.label}: {rows} taken away")
