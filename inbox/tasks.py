"""What beat asks for: notifications that no mail has told of stand in rows."""

from celery import shared_task
from django.utils import timezone

from foundation.jobs.actions import run_job

from . import actions


@shared_task
def send_digests() -> None:
    at = timezone.now()
    with run_job("send_digests", at=at) as run:
        if sent := actions.send_digests(at=at):
            run.did(f"{sent} daily mails went out")
