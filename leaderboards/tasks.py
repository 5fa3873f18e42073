"""What beat asks for: boards are published once a morning."""

from celery import shared_task
from django.utils import timezone

from foundation.jobs.actions import run_job

from . import actions


@shared_task
def publish_boards() -> None:
    at = timezone.now()
    with run_job("publish_boards", at=at) as run:
        if done := actions.publish_boards(at=at):
            run.did(f"{done} standings published")
