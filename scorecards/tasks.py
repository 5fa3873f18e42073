"""What beat asks for: the due work stands in rows."""

import time

from celery import shared_task
from django.utils import timezone

from foundation.jobs.actions import run_job

from . import actions

BUDGET_SECONDS = 10.0
SLICE = 10_000


@shared_task
def rescore() -> None:
    """Takes in touched workdays, slice by slice, and gives way after `BUDGET_SECONDS`."""
    at, began = timezone.now(), time.monotonic()
    with run_job("rescore", at=at) as run:
        done = actions.Rescored()
        while time.monotonic() - began < BUDGET_SECONDS:
            took = actions.rescore(at=at, limit=SLICE, wait=False)
            done += took
            if took.pairs < SLICE:
                break
        if done.pairs:
            run.did(f"{done.pairs} workdays of agents taken in, {done.values} day values and {done.days} days changed")


@shared_task
def close_workdays() -> None:
    at = timezone.now()
    with run_job("close_workdays", at=at) as run:
        if closed := actions.close_workdays(at=at):
            run.did(f"{len(closed)} workdays final: {closed[0].workday} to {closed[-1].workday}")


@shared_task
def award_badges() -> None:
    """Looks at final workdays for badges, and gives way after `BUDGET_SECONDS`."""
    at, began = timezone.now(), time.monotonic()
    with run_job("award_badges", at=at) as run:
        done = actions.Awarded()
        while time.monotonic() - began < BUDGET_SECONDS:
            took = actions.award_badges(at=at, limit=1)
            done += took
            if not took.workdays:
                break
        if done.levels:
            run.did(f"{done.levels} levels of badges earned")
