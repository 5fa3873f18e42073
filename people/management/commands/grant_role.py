"""Gives a person a role: `manage.py grant_role dana@example.com supervisor --division North`."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from people.actions import grant_role
from people.management.lookup import division_named, person_with_email, role_named


class Command(BaseCommand):
    help = "Gives a person a role, in one division or everywhere."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("role", help="the short name of the role, such as supervisor")
        parser.add_argument("--division", help="name of the division; without it the role holds everywhere")

    def handle(self, *args, email, role, division=None, **options):
        grant = grant_role(
            person=person_with_email(email),
            role=role_named(role),
            division=division_named(division) if division else None,
            by=None,
            at=timezone.now(),
        )
        self.stdout.write(f"{grant.person} is {grant.role} in {grant.division or 'all divisions'}.")
