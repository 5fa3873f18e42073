"""Who works in the demo centre, when, and how well: drawn from a seed, plain values."""

import datetime as dt
import math
import uuid
from dataclasses import dataclass, field, replace
from random import Random

from . import AGENT, OTHER_POSTS, PREFIX, SIGN_INS, SUPERVISOR
from .names import draw_name
from .plan import SITES, TEAMS, Site, TeamPlan, team_sizes

SITE_BY_NAME = {site.name: site for site in SITES}


@dataclass(frozen=True)
class Skill:
    """How an agent differs from the queue's typical figures. 1 is typical; shares are added on the log-odds."""

    pace: float = 1.0
    hold: float = 1.0
    after_call: float = 1.0
    resolving: float = 0.0
    transferring: float = 0.0
    liking: float = 0.0
    quality: float = 0.0
    selling: float = 0.0
    trend: float = 0.0
    """By how much the pace falls (better) over the whole time, as a share; the other skills rise with it."""
    moods: float = 0.08
    """Spread of the pace from day to day."""


@dataclass(frozen=True)
class Agent:
    key: str
    public_id: uuid.UUID
    email: str
    name: str
    short_name: str
    site: Site
    team: TeamPlan
    from_on: dt.date
    until_on: dt.date | None
    weekdays: frozenset[int]
    shift_start: float
    """Local hours, as 8.5."""
    shift_hours: float
    away: frozenset[dt.date]
    skill: Skill
    joined_late: bool = False
    is_gaming: bool = False
    hurries_from: dt.date | None = None
    """From that day on contacts are shorter, and more of them are passed on."""
    moved: tuple[TeamPlan, dt.date] | None = None
    """The team before and the day of the move."""

    def team_on(self, day: dt.date) -> TeamPlan:
        return self.moved[0] if self.moved and day < self.moved[1] else self.team

    def works_on(self, day: dt.date) -> bool:
        return (
            self.from_on <= day
            and (self.until_on is None or day < self.until_on)
            and day.weekday() in self.weekdays
            and day not in self.away
        )


@dataclass(frozen=True)
class Leader:
    """Someone who leads or looks on, without contacts of their own."""

    key: str
    public_id: uuid.UUID
    email: str
    name: str
    short_name: str
    site: str
    leads: str
    """Name of a team, or of a site for its head; empty for others."""
    role: str
    in_sites: tuple[str, ...] = ()
    """Where the role is granted; everywhere when empty."""


@dataclass
class Staff:
    agents: list[Agent] = field(default_factory=list)
    leaders: list[Leader] = field(default_factory=list)


def _uuid(rng: Random) -> uuid.UUID:
    return uuid.UUID(int=rng.getrandbits(128), version=4)


def _skill(rng: Random) -> Skill:
    """Good people are better at most things, but not at all of them; haste costs resolutions and liking."""
    talent = rng.gauss(0, 1)
    pace = math.exp(rng.gauss(0, 0.13) - 0.05 * talent)
    haste = 0.5 * (1 - pace)
    return Skill(
        pace=pace,
        hold=math.exp(rng.gauss(0, 0.3)),
        after_call=math.exp(rng.gauss(0, 0.32) - 0.1 * talent),
        resolving=0.3 * talent + rng.gauss(0, 0.3) - haste,
        transferring=-0.25 * talent + rng.gauss(0, 0.35),
        liking=0.22 * talent + rng.gauss(0, 0.22) - haste,
        quality=0.4 * talent + rng.gauss(0, 0.4),
        selling=0.25 * talent + rng.gauss(0, 0.25),
        trend=rng.gauss(0.03, 0.07),
        moods=rng.uniform(0.05, 0.12),
    )


HURRY = dt.timedelta(days=14)
GAMER = Skill(pace=0.62, hold=0.5, after_call=0.35, resolving=-0.9, transferring=1.1, liking=-0.8, quality=-0.9)
STAR = Skill(
    pace=1.06, after_call=1.5, resolving=-0.1, transferring=0.05, liking=-0.15, quality=0.3, trend=0.08, moods=0.1
)
"""The agent who signs in: good at most things, slow with the work after a call, and getting better."""


def _weekdays(rng: Random, part_time: bool) -> frozenset[int]:
    days = 3 if part_time else 5
    if rng.random() < 0.45:
        return frozenset(range(5)) if days == 5 else frozenset(rng.sample(range(5), days))
    return frozenset(rng.sample(range(7), days))


def _days_from(start: dt.date, number: int) -> set[dt.date]:
    return {start + dt.timedelta(days=offset) for offset in range(number)}


def _away(rng: Random, first: dt.date, days: int) -> frozenset[dt.date]:
    """Holidays of one or two weeks for many, and now and then a few days ill."""
    away: set[dt.date] = set()
    if rng.random() < 0.45 and days > 20:
        away |= _days_from(first + dt.timedelta(days=rng.randrange(days)), rng.choice((7, 9, 12, 16)))
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        away |= _days_from(first + dt.timedelta(days=rng.randrange(days)), rng.choice((1, 2, 3)))
    return frozenset(away)


def _tenure(rng: Random, first: dt.date, days: int) -> tuple[dt.date, dt.date | None, bool]:
    """When the agent began and left; most began long ago, one in twelve lately, one in twenty leaves."""
    luck = rng.random()
    if luck < 0.08 and days > 20:
        return first + dt.timedelta(days=rng.randrange(days // 6, days - 7)), None, True
    began = first - dt.timedelta(days=rng.randrange(30, 2200))
    leaves = first + dt.timedelta(days=rng.randrange(days // 4, days)) if luck > 0.95 and days > 20 else None
    return began, leaves, False


def _agent(rng: Random, team: TeamPlan, number: int, *, first: dt.date, days: int, taken: set[str]) -> Agent:
    site = SITE_BY_NAME[team.site]
    name = draw_name(rng, site.cultures, taken=taken)
    part_time = rng.random() < 0.2
    hours = rng.choice((4.0, 5.0, 6.0)) if part_time else 8.5
    opens, closes = site.open_hours
    from_on, until_on, joined_late = _tenure(rng, first, days)
    return Agent(
        key=f"{PREFIX}agent-{number:03}",
        public_id=_uuid(rng),
        email=f"{name.handle}@example.com",
        name=name.full,
        short_name=name.given,
        site=site,
        team=team,
        from_on=from_on,
        until_on=until_on,
        weekdays=_weekdays(rng, part_time),
        shift_start=opens + rng.randrange(int(2 * (closes - opens - hours)) + 1) / 2,
        shift_hours=hours,
        away=_away(rng, first, days),
        skill=_skill(rng),
        joined_late=joined_late,
    )


def _as_sign_in(agent: Agent, *, today: dt.date, first: dt.date) -> Agent:
    """The agent who signs in: long there, full time, at work today whatever the weekday."""
    off = {(today.weekday() + 2) % 7, (today.weekday() + 3) % 7}
    return replace(
        agent,
        email=AGENT.email,
        name=AGENT.name,
        short_name=AGENT.name.split()[0],
        from_on=first - dt.timedelta(days=903),
        until_on=None,
        weekdays=frozenset(range(7)) - off,
        shift_start=7.0,
        shift_hours=8.5,
        away=frozenset(_days_from(first + dt.timedelta(days=33), 9)),
        skill=STAR,
        joined_late=False,
    )


def _with_special_cases(agents: list[Agent], *, first: dt.date, days: int, today: dt.date) -> list[Agent]:
    """Put the agent who signs in, one who games the handle time, one who began to hurry lately, and two who changed
    teams, among the others.
    """
    by_team: dict[str, list[int]] = {}
    for index, agent in enumerate(agents):
        by_team.setdefault(agent.team.name, []).append(index)
    support, billing = by_team["Berlin support"], by_team["Bengaluru billing"]
    agents[support[0]] = _as_sign_in(agents[support[0]], today=today, first=first)
    steady = {"from_on": first - dt.timedelta(days=400), "until_on": None, "joined_late": False}
    agents[billing[0]] = replace(
        agents[billing[0]], skill=GAMER, is_gaming=True, weekdays=frozenset(range(6)), **steady
    )
    agents[support[1]] = replace(agents[support[1]], hurries_from=today - HURRY, **steady)
    teams = {team.name: team for team in TEAMS}
    moves = (("Bengaluru tech support", "Bengaluru billing"), ("Bogotá ventas", "Bogotá servicio"))
    for now, before in moves:
        index = by_team[now][-1]
        agents[index] = replace(agents[index], moved=(teams[before], first + dt.timedelta(days=days // 2)), **steady)
    return agents


def _leaders(rng: Random, taken: set[str]) -> list[Leader]:
    posts = [(site.name, site.name) for site in SITES] + [(team.site, team.name) for team in TEAMS]
    leaders = []
    for number, (site, leads) in enumerate(posts, start=1):
        name = draw_name(rng, SITE_BY_NAME[site].cultures, taken=taken)
        supervisor = leads == "Berlin support"
        leaders.append(
            Leader(
                key=f"{PREFIX}lead-{number:02}",
                public_id=_uuid(rng),
                email=SUPERVISOR.email if supervisor else f"{name.handle}@example.com",
                name=SUPERVISOR.name if supervisor else name.full,
                short_name=SUPERVISOR.name.split()[0] if supervisor else name.given,
                site=site,
                leads=leads,
                role="supervisor",
                in_sites=(site,),
            )
        )
    homes = {"administrator": "Bogotá", "quality_evaluator": "Bengaluru", "compliance_reviewer": "Berlin"}
    scopes = {"quality_evaluator": ("Berlin", "Bengaluru")}
    for post in OTHER_POSTS:
        leaders.append(
            Leader(
                key=f"{PREFIX}{post.role}",
                public_id=_uuid(rng),
                email=post.email,
                name=post.name,
                short_name=post.name.split()[0],
                site=homes[post.role],
                leads="",
                role=post.role,
                in_sites=scopes.get(post.role, ()),
            )
        )
    return leaders


def draw_staff(*, seed: int, agents: int, first: dt.date, today: dt.date) -> Staff:
    """The staff of a centre whose records begin on `first`; the same for the same arguments."""
    rng = Random(f"staff {seed}")
    taken = {email.partition("@")[0] for _, email, _ in SIGN_INS}
    days = (today - first).days
    leaders = _leaders(rng, taken)
    drawn, sizes = [], team_sizes(agents)
    for team in TEAMS:
        for _ in range(sizes[team.name]):
            drawn.append(_agent(rng, team, len(drawn) + 1, first=first, days=days, taken=taken))
    return Staff(_with_special_cases(drawn, first=first, days=days, today=today), leaders)
