"""Housekeeping of the jobs themselves."""

from celery import shared_task
from django.utils import timezone

from . import actions


@shared_task
def prune_job_runs() -> None:
    at = timezone.now()
    with actions.run_job("prune_job_runs", at=at) as run:
        if pruned := actions.prune_job_runs(at=at):
            run.did(f"{pruned} old runs taken away")
