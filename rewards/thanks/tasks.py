"""What beat asks for: the due work stands in rows."""

from celery import shared_task
from django.utils import timezone

from foundation.jobs.actions import run_job

from . import actions


@shared_task
def complete_thanks() -> None:
    at = timezone.now()
    with run_job("complete_thanks", at=at) as run:
        if completed := actions.complete_responses(at=at):
            run.did(f"{completed} thanks found their interaction")
