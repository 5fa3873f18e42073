"""Writes divisions, teams, queues and people of the demo centre."""

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from foundation.records.dated import EVER
from people.models import (
    Division,
    DivisionAssignment,
    Grant,
    Queue,
    QueueMembership,
    Role,
    Team,
    TeamLead,
    TeamMembership,
    User,
)
from people.rights import opens_admin

from . import PASSWORD, SIGN_INS
from .plan import QUEUES, SITES, TEAMS
from .staff import Agent, Leader, Staff

NO_PASSWORD = "!demo"
"""Begins with the mark of a password that fits nothing: only the demo sign-ins can sign in."""


@dataclass(frozen=True)
class Written:
    """What was written, by name or key."""

    divisions: dict[str, Division]
    queues: dict[str, Queue]
    teams: dict[str, Team]
    people: dict[str, User]

    evaluators: dict[str, User]
    """Who evaluates at each site: the quality evaluator where they may, elsewhere the site's head."""


def write_people(staff: Staff, *, at: dt.datetime) -> Written:
    divisions = {site.name: Division.objects.create(name=site.name, time_zone=site.time_zone) for site in SITES}
    queues = {
        plan.name: Queue.objects.create(
            name=plan.name, division=divisions.get(plan.site), external_id=f"demo-queue-{number}"
        )
        for number, plan in enumerate(QUEUES, start=1)
    }
    people = _write_users(staff, at=at)
    evaluators = {leader.leads: people[leader.key] for leader in staff.leaders if leader.leads in divisions}
    for leader in staff.leaders:
        if leader.role == "quality_evaluator":
            evaluators |= dict.fromkeys(leader.in_sites, people[leader.key])
    written = Written(divisions, queues, _write_teams(divisions, queues), people, evaluators)
    _write_leaders(staff.leaders, written)
    _write_agents(staff.agents, written)
    return written


def _write_teams(divisions: dict[str, Division], queues: dict[str, Queue]) -> dict[str, Team]:
    """A team for each site, and under it those that work there."""
    teams = {name: Team.objects.create(name=name, division=division) for name, division in divisions.items()}
    for plan in TEAMS:
        teams[plan.name] = Team.objects.create(
            name=plan.name,
            division=divisions[plan.site],
            parent=teams[plan.part_of or plan.site],
            primary_queue=queues[plan.queues[0][0]],
        )
    return teams


def _write_users(staff: Staff, *, at: dt.datetime) -> dict[str, User]:
    password, can_sign_in = make_password(PASSWORD), {email for _, email, _ in SIGN_INS}
    users = [
        User(
            public_id=person.public_id,
            external_id=person.key,
            email=person.email,
            name=person.name,
            short_name=person.short_name,
            password=password if person.email in can_sign_in else NO_PASSWORD,
            is_active=not (isinstance(person, Agent) and person.until_on and person.until_on <= at.date()),
            is_staff=isinstance(person, Leader) and opens_admin(_permissions()[person.role]),
            joined_at=at,
        )
        for person in [*staff.leaders, *staff.agents]
    ]
    User.objects.bulk_create(users)
    return User.objects.in_bulk([user.external_id for user in users], field_name="external_id")


def _permissions() -> dict[str, list[str]]:
    return dict(Role.objects.values_list("slug", "permissions"))


def _write_leaders(leaders: list[Leader], written: Written) -> None:
    roles = Role.objects.in_bulk(field_name="slug")
    for leader in leaders:
        person = written.people[leader.key]
        DivisionAssignment.objects.create(person=person, division=written.divisions[leader.site])
        if leader.leads:
            TeamLead.objects.create(person=person, team=written.teams[leader.leads])
        for site in leader.in_sites or [None]:
            Grant.objects.create(person=person, role=roles[leader.role], division=written.divisions.get(site))


def _write_agents(agents: list[Agent], written: Written) -> None:
    role = Role.objects.get(slug="agent")
    rows: dict[type, list] = {DivisionAssignment: [], Grant: [], TeamMembership: [], QueueMembership: []}
    for agent in agents:
        person, division = written.people[agent.key], written.divisions[agent.site.name]
        rows[DivisionAssignment].append(DivisionAssignment(person=person, division=division, from_on=EVER))
        rows[Grant].append(Grant(person=person, role=role, division=division))
        for team, from_on, until_on in _teams_of(agent):
            span = {"person": person, "from_on": from_on, "until_on": until_on}
            rows[TeamMembership].append(TeamMembership(team=written.teams[team.name], **span))
            rows[QueueMembership] += [
                QueueMembership(queue=written.queues[name], weight=weight, **span) for name, weight in team.queues
            ]
    for model, instances in rows.items():
        model.objects.bulk_create(instances)


def _teams_of(agent: Agent):
    """(team, from, until) of an agent; two where they moved."""
    if not agent.moved:
        return [(agent.team, agent.from_on, agent.until_on)]
    before, moved_on = agent.moved
    return [(before, agent.from_on, moved_on), (agent.team, moved_on, agent.until_on)]
