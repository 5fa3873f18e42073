"""A small centre for tests that need the whole: one division, one team of six with a lead, and an administrator."""

import datetime as dt
import importlib
from dataclasses import dataclass

from django.apps import apps

from people.models import Division, Team, User
from people.tests import factories

NAMES = ["Ada Okafor", "Bruno Sørensen", "Chiara Rossi", "Dariusz Wójcik", "Emi Tanaka", "Farid Haddad"]


@dataclass(frozen=True)
class Centre:
    """`people` maps a role (agent, supervisor, administrator) to the person who has it."""

    division: Division
    team: Team
    agents: list[User]
    people: dict[str, User]
    today: dt.date


def build(*, today: dt.date) -> Centre:
    fill_catalogue()
    division = factories.make_division("Northern", time_zone="UTC")
    team = factories.make_team("Bookings", division=division)
    agents = [factories.make_person(name, division=division, role="agent") for name in NAMES]
    for agent in agents:
        factories.join(agent, team)
    supervisor = factories.make_person("Sam Supervisor", division=division, role="supervisor")
    factories.lead(supervisor, team)
    administrator = factories.make_person("Alex Administrator", division=division, role="administrator", is_staff=True)
    people = {"agent": agents[0], "supervisor": supervisor, "administrator": administrator}
    return Centre(division, team, agents, people, today)


def fill_catalogue() -> None:
    """The metrics and the standard profile again, which the flush after a transactional test takes away."""
    for name in ("metrics.migrations.0002_fill_catalogue", "scorecards.migrations.0002_fill_standard_profile"):
        importlib.import_module(name).fill(apps, None)
