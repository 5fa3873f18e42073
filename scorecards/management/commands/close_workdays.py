"""Makes workdays final that are over."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from foundation.jobs.actions import run_job
from scorecards.actions import close_workdays
from scorecards.management.moments import moment


class Command(BaseCommand):
    help = "Makes final every workday that is over in its division's zone, with the lag, and has no change waiting."

    def add_arguments(self, parser):
        parser.add_argument("--at", type=moment, default=None, help="as if it were then, ISO; default now")
        parser.add_argument("--dry-run", action="store_true", help="only say which workdays would become final")

    def handle(self, *, at, dry_run, **options):
        at = at or timezone.now()
        if dry_run:
            return self._say(close_workdays(at=at, dry_run=True), "would become final")
        with run_job("close_workdays", at=at) as run:
            closed = close_workdays(at=at)
            if closed:
                run.did(f"{len(closed)} workdays final, by hand: {closed[0].workday} to {closed[-1].workday}")
        return self._say(closed, "final")

    def _say(self, closed, what):
        for one in closed:
            self.stdout.write(f"{one.workday} {one.division}: {what}")
        self.stdout.write(f"{len(closed)} workdays {what}")
