"""Closes periods of goals that are over."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from foundation.jobs.actions import run_job
from goals.actions import close_periods
from goals.models import Goal
from scorecards.management.moments import moment


class Command(BaseCommand):
    help = "Freezes the results of periods that are over, with their lag, and writes their pending payouts."

    def add_arguments(self, parser):
        parser.add_argument("--at", type=moment, default=None, help="as if it were then, ISO; default now")
        parser.add_argument("--goal", default=None, metavar="ID", help="only this goal, by its public id")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be closed")

    def handle(self, *, at, goal, dry_run, **options):
        at, goal = at or timezone.now(), self._goal(goal)
        with run_job("close_periods", at=at) as run:
            done = close_periods(at=at, goal=goal, dry_run=dry_run)
            if done.closed and not dry_run:
                run.did(f"{len(done.closed)} periods closed, by hand")
        what = "would close" if dry_run else "closed"
        for one in done.closed:
            self.stdout.write(f"{one.goal} {one.period}: {what}, {one.status or 'each member'}, {one.points} points")
        for name, error in done.failed.items():
            self.stderr.write(f"{name}: {error}")
        self.stdout.write(f"{len(done.closed)} periods {what}")
        if done.failed:
            raise CommandError(f"{len(done.failed)} periods could not be closed; the rest is. They are tried again.")

    def _goal(self, public_id: str | None) -> Goal | None:
        if public_id is None:
            return None
        found = [goal for goal in Goal.objects.all() if str(goal.public_id) == public_id]
        if not found:
            raise CommandError(f"There is no goal “{public_id}”; its id stands on its page in the admin.")
        return found[0]
