"""Makes a person: `manage.py create_person "Dana Okafor" --email dana@example.com --role supervisor`."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from people.actions import create_person
from people.management.lookup import division_named, role_named


class Command(BaseCommand):
    help = "Makes a person, with a division and roles if given."

    def add_arguments(self, parser):
        parser.add_argument("name")
        parser.add_argument("--email", default="", help="needed to sign in")
        parser.add_argument("--password", help="without it the person sets one by e-mail")
        parser.add_argument("--external-id", default="", help="id in the source system")
        parser.add_argument("--division", help="name of the division")
        parser.add_argument("--role", action="append", default=[], help="short name of a role; may be repeated")

    def handle(self, *args, name, email, password, external_id, division, role, **options):
        if password and not email:
            raise CommandError("A password needs an e-mail address to sign in with: add --email.")
        try:
            person = create_person(
                name=name,
                email=email,
                password=password,
                external_id=external_id,
                division=division_named(division) if division else None,
                roles=[role_named(slug) for slug in role],
                by=None,
                at=timezone.now(),
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{person} was made with the id {person.public_id}.")
