"""Scored days for tests of boards and of the team page."""

import datetime as dt

from django.utils import timezone

from metrics.models import DayValue, Metric
from people.models import Division, User
from people.tests.factories import make_division, make_person
from scorecards.models import Profile, ProfileAssignment, ScoreDay

MONDAY = dt.date(2024, 3, 25)
"""The first workday of the tests' week; 2024-03-27 is their today."""
TODAY = dt.date(2024, 3, 27)


def make_profile(name="Sales") -> Profile:
    return Profile.objects.create(name=name)


def score_day(agent: User, division: Division, profile: Profile, points: int, *, on=TODAY, maximum=1000) -> ScoreDay:
    return ScoreDay.objects.create(
        agent=agent,
        workday=on,
        division=division,
        profile=profile,
        points=points,
        maximum=maximum,
        changed_at=timezone.now(),
    )


def measure(agent: User, metric: Metric, *, total, count, on=TODAY) -> DayValue:
    return DayValue.objects.create(agent=agent, workday=on, metric=metric, total=total, count=count)


def make_agent(name: str, division: Division, profile: Profile | None = None, *, role="agent") -> User:
    agent = make_person(name, division=division, role=role)
    if profile:
        ProfileAssignment.objects.create(person=agent, profile=profile)
    return agent


def make_board(*points: int, profile=None, division=None, on=TODAY) -> list[User]:
    """Agents “Agent 1”, “Agent 2”, … of one division and profile with these points on a day."""
    division, profile = division or make_division(), profile or make_profile()
    agents = []
    for number, each in enumerate(points, start=1):
        agents.append(make_agent(f"Agent {number}", division, profile))
        score_day(agents[-1], division, profile, each, on=on)
    return agents
