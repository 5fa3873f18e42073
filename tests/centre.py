"""A small centre for tests that need the whole: one division, one team of eight with a lead, and an administrator.

Three weeks of calls up to today, scored by the standard profile. The same for the same day.
"""

import datetime as dt
from dataclasses import dataclass

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP

from interactions.actions import touch
from interactions.enums import Direction, TouchReason
from interactions.models import Leg
from leaderboards.actions import publish_boards
from people.models import Division, Team, User
from people.tests import factories
from scorecards.actions import close_workdays, rescore
from scorecards.models import Profile

NAMES = [
    "Ada Okafor",
    "Bruno Sørensen",
    "Chiara Rossi",
    "Dariusz Wójcik",
    "Emi Tanaka",
    "Farid Haddad",
    "Grace Nwosu",
    "Hana Novák",
]
DAYS = 21
PASSWORD = "correct horse battery"
TOTP_SECRET = "JBSWY3DPEHPK3PXP"


@dataclass(frozen=True)
class Centre:
    """`people` maps a role to the person who has it: agent, supervisor, administrator, reviewer; “two factor” is an
    agent too.
    """

    division: Division
    team: Team
    agents: list[User]
    people: dict[str, User]
    today: dt.date

    @property
    def profile(self) -> Profile:
        return Profile.objects.get(is_default=True)


def build(*, at: dt.datetime) -> Centre:
    """The centre as it is at a moment; workdays before the last one are final."""
    division = factories.make_division("Northern", time_zone="UTC")
    team = factories.make_team("Bookings", division=division)
    agents = [with_password(factories.make_person(name, division=division, role="agent")) for name in NAMES]
    for agent in agents:
        factories.join(agent, team)
    supervisor = factories.make_person("Sam Supervisor", division=division, role="supervisor")
    factories.lead(supervisor, team)
    administrator = factories.make_person("Alex Administrator", division=division, role="administrator", is_staff=True)
    reviewer = factories.make_person("Robin Reviewer", division=division, role="compliance_reviewer")
    two_factor = agents[-1]
    TOTP.activate(two_factor, TOTP_SECRET)
    RecoveryCodes.activate(two_factor)
    write_calls(agents, at=at)
    rescore(at=at)
    close_workdays(at=at)
    for morning in (at - dt.timedelta(days=1), at):
        publish_boards(at=morning)
    people = {
        "agent": agents[0],
        "supervisor": with_password(supervisor),
        "administrator": with_password(administrator),
        "reviewer": with_password(reviewer),
        "two factor": two_factor,
    }
    return Centre(division, team, agents, people, at.date())


def with_password(person: User) -> User:
    person.set_password(PASSWORD)
    person.save()
    return person


def write_calls(agents: list[User], *, at: dt.datetime) -> None:
    legs = [
        call(agent, place, at.date() - dt.timedelta(days=back), number)
        for place, agent in enumerate(agents)
        for back in range(DAYS)
        for number in range(2 + (place + back) % 4)
        if (place + back) % 7 < 5
    ]
    Leg.objects.bulk_create(legs)
    touch({(leg.agent_id, leg.workday) for leg in legs}, reason=TouchReason.INTERACTION, at=at)


def write_more_calls(centre: Centre, *, at: dt.datetime) -> None:
    """Three more calls of the agent today."""
    agent = centre.people["agent"]
    Leg.objects.bulk_create(call(agent, 0, centre.today, number) for number in range(20, 23))
    touch({(agent.pk, centre.today)}, reason=TouchReason.INTERACTION, at=at)


def call(agent: User, place: int, day: dt.date, number: int) -> Leg:
    turn = place * 7 + day.toordinal() + number
    return Leg(
        source="tests",
        external_id=f"{agent.pk}-{day}-{number}",
        agent=agent,
        workday=day,
        started_at=dt.datetime.combine(day, dt.time(0, number), tzinfo=dt.UTC),
        direction=Direction.INBOUND,
        wait_seconds=5 + turn % 40,
        talk_seconds=150 + turn * 37 % 400,
        hold_seconds=turn % 30,
        after_call_seconds=turn % 60,
        answered=True,
        abandoned=False,
        transferred=turn % 11 == 0,
        resolved=turn % 5 != 0,
        rating=1 + turn % 5,
    )
