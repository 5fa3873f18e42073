"""Lists boards that nobody may open, that are empty, or that the privacy rules hide."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from leaderboards.queries.checks import audit_boards


class Command(BaseCommand):
    help = "Says what is wrong with leaderboards before an agent meets it; ends with 1 where something is."

    def handle(self, **options):
        audits = audit_boards(on=timezone.now().date())
        wrong = [audit for audit in audits if audit.problems]
        for audit in wrong:
            where = f"{audit.board.name} ({audit.board.profile}, {audit.board.division})"
            self.stdout.write(f"{where}: {' '.join(audit.problems)}")
        if wrong:
            raise CommandError(f"{len(wrong)} of {len(audits)} boards need a look.")
        self.stdout.write(f"{len(audits)} boards, nothing wrong")
