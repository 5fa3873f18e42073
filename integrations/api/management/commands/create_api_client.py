"""Makes a client of the API: `manage.py create_api_client "Workforce export" --role supervisor --division North`."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from integrations.api.actions import create_client
from integrations.api.enums import SCOPES
from integrations.api.models import Client
from people.management.lookup import division_named, role_named


class Command(BaseCommand):
    help = "Makes a client of the API that acts for itself. Prints its id and its secret, which is not kept."

    def add_arguments(self, parser):
        parser.add_argument("name")
        parser.add_argument("--role", required=True, help="short name of the role by which it sees and writes")
        parser.add_argument("--division", action="append", default=[], help="name of a division; may be repeated")
        parser.add_argument("--scope", action="append", choices=list(SCOPES), help="may be repeated; all without any")

    def handle(self, *args, name, role, division, scope, **options):
        if Client.objects.filter(name=name).exists():
            raise CommandError(f"There is a client “{name}” already.")
        client, secret = create_client(
            name=name,
            role=role_named(role),
            divisions=[division_named(each) for each in division],
            scopes=scope,
            by=None,
            at=timezone.now(),
        )
        self.stdout.write(f"client_id={client.client_id}")
        self.stdout.write(f"client_secret={secret}")
