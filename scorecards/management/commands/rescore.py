"""Takes in changed workdays now, and reopens final ones for late data."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from foundation.jobs.actions import run_job
from people.models import Division
from scorecards.actions import reopen, rescore
from scorecards.management.moments import day, moment


class Command(BaseCommand):
    help = "Measures and scores all workdays that changed. With --reopen, late data on final workdays comes in first."

    def add_arguments(self, parser):
        parser.add_argument("--at", type=moment, default=None, help="as if it were then, ISO; default now")
        parser.add_argument("--reopen", metavar="DIVISION", help="name of the division whose workdays are reopened")
        parser.add_argument("--from", dest="from_on", type=day, help="first workday to reopen")
        parser.add_argument("--to", dest="to_on", type=day, help="last workday to reopen")
        parser.add_argument("--reason", default="", help="why they are reopened")

    def handle(self, *, at, **options):
        at = at or timezone.now()
        if options["reopen"]:
            self._reopen(at, options)
        with run_job("rescore", at=at) as run:
            done = rescore(at=at)
            says = f"{done.pairs} workdays of agents taken in, {done.values} day values and {done.days} days changed"
            if done.pairs:
                run.did(f"{says}, by hand")
        self.stdout.write(says)

    def _reopen(self, at, options):
        if not (options["from_on"] and options["to_on"] and options["reason"].strip()):
            raise CommandError("--reopen needs --from, --to and --reason")
        if options["from_on"] > options["to_on"]:
            raise CommandError("--from must not be after --to")
        division = Division.objects.filter(name=options["reopen"]).first()
        if not division:
            raise CommandError(f"There is no division “{options['reopen']}”")
        reopen(
            division=division,
            from_on=options["from_on"],
            to_on=options["to_on"],
            by=None,
            reason=options["reason"],
            at=at,
        )
        self.stdout.write(f"{division} is reopened from {options['from_on']} to {options['to_on']}")
