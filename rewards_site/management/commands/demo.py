"""`manage.py demo`: an invented contact centre to look at."""

import datetime as dt
import time

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from leaderboards.actions import publish_boards
from rewards_site.demo import SIGN_INS
from rewards_site.demo.badges import write_badges
from rewards_site.demo.boards import write_boards
from rewards_site.demo.build import NotEmpty, build, stands
from rewards_site.demo.goals import write_goals
from rewards_site.demo.plan import DEFAULT_AGENTS, TEAMS
from rewards_site.demo.recognition import write_recognition
from rewards_site.demo.rewards import write_requests
from scorecards.actions import close_workdays, rescore

AFTERNOON = dt.time(15, tzinfo=dt.UTC)
"""Of a day that is named: work has begun in all zones, and has ended in the first."""


def _moment(date: dt.date | None, *, now: dt.datetime) -> dt.datetime:
    """The afternoon of the date, or now where that is earlier or no date is named."""
    now = now.replace(microsecond=0)
    return min(dt.datetime.combine(date, AFTERNOON), now) if date else now


class Command(BaseCommand):
    help = "Build a demo centre in an empty database: the same people and contacts for the same seed and date."

    def add_arguments(self, parser):
        parser.add_argument("--seed", type=int, default=1, help="another seed, another centre (default 1)")
        parser.add_argument(
            "--date", type=dt.date.fromisoformat, help="the day in progress, YYYY-MM-DD, at 15:00 UTC (default: now)"
        )
        parser.add_argument("--agents", type=int, default=DEFAULT_AGENTS, help="how many agents (default 120)")
        parser.add_argument("--days", type=int, default=90, help="days of records before the date (default 90)")

    def handle(self, *, seed, date, agents, days, **options):
        if agents < 2 * len(TEAMS) or days < 1:
            raise CommandError(f"The demo centre needs at least {2 * len(TEAMS)} agents and one day.")
        at = _moment(date, now=timezone.now())
        try:
            if stands():
                self.stdout.write("The demo centre is there already; nothing was changed.")
            else:
                self._build(seed=seed, at=at, agents=agents, days=days)
        except NotEmpty as error:
            raise CommandError(
                "This database holds people or divisions that are not the demo's own. Nothing was changed: the demo "
                "centre goes into an empty database only. Name another with DATABASE_URL or LAUREL_VAR_DIR."
            ) from error
        self._print_sign_ins()

    def _build(self, *, seed, at, agents, days):
        began = time.monotonic()
        built = build(seed=seed, at=at, agents=agents, days=days)
        rescore(at=at)
        close_workdays(at=at)
        write_badges(at=at)
        write_goals(seed=seed, first=at.date() - dt.timedelta(days=days), at=at)
        write_requests(at=at)
        write_recognition(at=at)
        write_boards()
        for morning in (at - dt.timedelta(days=1), at):
            publish_boards(at=morning)
        seconds = time.monotonic() - began
        self.stdout.write(
            f"{built.agents} agents and {built.contacts} contacts up to {at:%Y-%m-%d %H:%M} UTC ({seconds:.0f} s)"
        )

    def _print_sign_ins(self):
        self.stdout.write("\nSign in as")
        for who, email, password in SIGN_INS:
            self.stdout.write(f"  {who:<18} {email:<28} {password}")
