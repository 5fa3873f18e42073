"""What beat asks for: events without a delivery, deliveries that wait, and reports to be asked about."""

from celery import shared_task
from django.utils import timezone

from foundation.jobs.actions import run_job

from . import actions
from .actions import incoming


@shared_task
def deliver_events() -> None:
    at = timezone.now()
    with run_job("deliver_events", at=at) as run:
        actions.enqueue()
        done = actions.deliver(at=at)
        if done.delivered or done.failed:
            run.did(f"{done.delivered} events delivered, {done.failed} tries failed")


@shared_task
def ask_sources() -> None:
    at = timezone.now()
    with run_job("ask_sources", at=at) as run:
        done = incoming.ask_sources(at=at)
        if done.taken or done.waiting or done.manual:
            run.did(f"{done.taken} reports taken, {done.waiting} wait, {done.manual} for a person")
