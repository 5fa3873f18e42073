"""Takes away what is older than it may be kept."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from foundation.records import retention


class Command(BaseCommand):
    help = "Take away what is older than the settings LAUREL_KEEP_…_DAYS. Beat does the same every hour."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and change nothing")

    def handle(self, *, dry_run, **options):
        does = retention.what_would_go if dry_run else retention.apply_retention
        verb = "would go" if dry_run else "gone"
        for kind, rows in does(at=timezone.now()):
            kept = f"kept {kind.days} days" if kind.days else "kept without end"
            self.stdout.write(f"{kind.label}: {rows} {verb} ({kept})")
