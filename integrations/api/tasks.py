"""What beat asks for: old tokens and remembered answers go, and who can match what waits is told."""

from celery import shared_task
from django.utils import timezone
from oauth2_provider.models import clear_expired

from foundation.jobs.actions import run_job
from integrations.imports.actions.uploads import sweep

from . import actions
from .actions.unmatched import tell_unmatched


@shared_task
def tidy_api() -> None:
    at = timezone.now()
    with run_job("tidy_api", at=at) as run:
        clear_expired()
        if gone := actions.forget_answers(at=at):
            run.did(f"{gone} remembered answers taken away")
        if left := sweep(at=at):
            run.did(f"{left} files taken away that came in only in part")


@shared_task
def tell_of_unmatched() -> None:
    at = timezone.now()
    with run_job("tell_of_unmatched", at=at):
        tell_unmatched(at=at)
