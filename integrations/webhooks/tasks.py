"""What beat asks for: events without a delivery, and deliveries that wait."""

from celery import shared_task
from django.utils import timezone

from foundation.jobs.actions import run_job

from . import actions


@shared_task
def deliver_events() -> None:
    at = timezone.now()
    with run_job("deliver_events", at=at) as run:
        actions.enqueue()
        done = actions.deliver(at=at)
        if done.delivered or done.failed:
            run.did(f"{done.delivered} events delivered, {done.failed} tries failed")
