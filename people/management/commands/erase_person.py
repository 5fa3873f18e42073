"""Makes a person who left unrecognisable; their figures and payments stay true, under a number."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from people.actions import StillHere, erase_person, what_erasing_takes
from people.models import User


class Command(BaseCommand):
    help = "Erase who a person is: name, e-mail, ids, roles, sign-in. Sums and payments stay under a number."

    def add_arguments(self, parser):
        parser.add_argument("person", help="the person's public id, e-mail, or id in the source system")
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and change nothing")

    def handle(self, *, person, dry_run, **options):
        found, at = _found(person), timezone.now()
        try:
            gone = what_erasing_takes(found, at=at) if dry_run else erase_person(person=found, by=None, at=at)
        except StillHere as error:
            raise CommandError(f"{found.name} is active. Switch the person off in the admin first.") from error
        self.stdout.write(
            f"{'Would erase' if dry_run else 'Erased'} person {found.pk}: {gone.grants} roles, {gone.choices} choices, "
            f"{gone.looks} looks, {gone.log_entries} entries of the audit log. Figures and payments stay."
        )


def _found(text: str) -> User:
    for field in ("public_id", "email", "external_id"):
        try:
            return User.objects.get(**{field: text})
        except (User.DoesNotExist, ValidationError):
            continue
    raise CommandError(f"There is no person with the public id, e-mail or id “{text}”.")
