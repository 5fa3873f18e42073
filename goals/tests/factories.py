"""A team with figures and a goal over them, made the short way."""

import datetime as dt
import itertools
from decimal import Decimal

from auditlog.context import disable_auditlog

from goals.models import Goal, GoalTerms, Snapshot
from ledger.enums import AccountKind
from ledger.models import Account
from ledger.tests.factories import make_pool
from metrics.models import DayValue, Metric
from people.models import Division, DivisionAssignment, Team, TeamMembership, User
from scorecards.models import DivisionDay, ScoreDay

SEPTEMBER = dt.date(2024, 9, 1)
OCTOBER = dt.date(2024, 10, 1)
CLOSE = dt.datetime(2024, 10, 1, 3, tzinfo=dt.UTC)
_numbers = itertools.count(1)


@disable_auditlog()
def make_division(zone: str = "UTC") -> Division:
    return Division.objects.create(name=f"Division {next(_numbers)}", time_zone=zone)


@disable_auditlog()
def make_team(division: Division | None = None, **fields) -> Team:
    return Team.objects.create(name=f"Team {next(_numbers)}", division=division or make_division(), **fields)


@disable_auditlog()
def make_member(team: Team, *, from_on=dt.date(2024, 1, 1), until_on=None) -> User:
    number = next(_numbers)
    person = User.objects.create_user(f"p{number}@example.com", name=f"Person {number}")
    DivisionAssignment.objects.create(person=person, division=team.division)
    TeamMembership.objects.create(team=team, person=person, from_on=from_on, until_on=until_on)
    return person


@disable_auditlog()
def make_metric(**fields) -> Metric:
    number = next(_numbers)
    content = {"key": f"metric-{number}", "name": f"Metric {number}", "unit": "number", "source": "external"}
    return Metric.objects.create(**content | {"aggregation": "sum"} | fields)


@disable_auditlog()
def make_goal(team: Team | None = None, metric: Metric | None = None, *, terms: dict | None = None, **fields) -> Goal:
    content = {"name": f"Goal {next(_numbers)}", "starts_on": SEPTEMBER, "created_at": CLOSE}
    goal = Goal.objects.create(team=team or make_team(), metric=metric or make_metric(), **content | fields)
    make_terms(goal, **terms or {})
    return goal


@disable_auditlog()
def make_terms(goal: Goal, **fields) -> GoalTerms:
    content = {"achieved": Decimal(100), "points": 50, "at": CLOSE, "from_on": dt.date(2024, 1, 1)}
    return GoalTerms.objects.create(goal=goal, **content | fields)


def give(
    person: User, metric: Metric, total, *, on: dt.date = SEPTEMBER, days: int = 1, count=1, points: int = 0
) -> None:
    """`total` and `count` on each of `days` workdays from `on`, with a scored day each."""
    division = DivisionAssignment.objects.filter(person=person).latest("from_on").division
    for n in range(days):
        day = on + dt.timedelta(days=n)
        DayValue.objects.create(agent=person, metric=metric, workday=day, total=Decimal(total), count=Decimal(count))
        ScoreDay.objects.get_or_create(
            agent=person, workday=day, defaults={"division": division, "points": points, "changed_at": CLOSE}
        )


def finish(division: Division, *, start: dt.date = SEPTEMBER, end: dt.date = OCTOBER) -> None:
    """Makes the workdays of a stretch final."""
    for n in range((end - start).days):
        day = start + dt.timedelta(days=n)
        DivisionDay.objects.get_or_create(division=division, workday=day, defaults={"closed_at": CLOSE})


def make_reward_pool(points: int) -> Account:
    pool = make_pool(points)
    assert pool.kind == AccountKind.POOL
    return pool


def make_frozen(goal: Goal, **fields) -> Snapshot:
    """The frozen result of September, without members."""
    content = {"period": "2024-09", "starts_on": SEPTEMBER, "ends_on": OCTOBER, "status": "ACHIEVED", "at": CLOSE}
    terms = goal.terms.get()
    return Snapshot.objects.create(goal=goal, terms=terms, total=100, count=1, value=100, **content | fields)
