"""Guards that read a queue's value: the team's primary queue, or each agent's home queue on the last workday."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.periods import Kind, period_of
from goals.actions import close_periods, reconcile
from goals.enums import GuardScope, Scope, Unpaid
from goals.models import Review, Snapshot, SnapshotMember
from goals.queries.facts import gather
from goals.tests.factories import CLOSE, SEPTEMBER, finish, give, make_goal, make_member, make_team
from metrics.models import Metric
from metrics.tests.factories import make_agent, make_leg
from people.models import Queue, QueueMembership

pytestmark = pytest.mark.django_db
STABLE = CLOSE + dt.timedelta(hours=73)


def guarded(team, **fields):
    guard = {"guard_metric": Metric.objects.get(key="service_level_20s"), "guard_bound": Decimal(80)}
    return make_goal(team, terms=guard | {"guard_scope": GuardScope.HOME_QUEUE}, **fields)


def answered(queue, *waits, day=SEPTEMBER):
    """Legs of somebody else, who is in no goal."""
    agent = make_agent("Other")
    return [
        make_leg(agent, day, queue=queue, wait_seconds=wait, answered=True, direction="inbound", touched=False)
        for wait in waits
    ]


@pytest.fixture
def queue():
    return Queue.objects.create(name="Support")


def closed_team(queue):
    team = make_team(primary_queue=queue)
    goal = guarded(team)
    give(make_member(team), goal.metric, 10, days=20)
    finish(team.division)
    close_periods(at=CLOSE)
    return Snapshot.objects.get(goal=goal)


def test_team_goal_is_paid_while_its_primary_queue_meets_the_guard(queue):
    answered(queue, 5, 10, 15, 20, 90)
    snapshot = closed_team(queue)
    assert (snapshot.points, snapshot.unpaid) == (50, "")
    assert snapshot.as_they_were["guard_met"] is True


def test_team_goal_pays_nothing_while_its_queue_misses_the_guard_by_one_call(queue):
    answered(queue, 5, 10, 15, 80, 90)
    assert closed_team(queue).unpaid == Unpaid.GUARD


def test_legs_of_another_queue_or_month_are_no_data(queue):
    answered(Queue.objects.create(name="Sales"), 5)
    answered(queue, 5, day=dt.date(2024, 8, 31))
    answered(queue, 5, day=dt.date(2024, 10, 1))
    assert closed_team(queue).unpaid == Unpaid.GUARD_NO_DATA


def test_each_agent_of_an_individual_goal_is_guarded_by_their_home_queue(queue):
    slow = Queue.objects.create(name="Slow")
    answered(queue, 5)
    answered(slow, 500)
    team = make_team()
    goal = guarded(team, scope=Scope.INDIVIDUAL)
    people = {name: make_member(team) for name in ("fast", "slow", "moved", "none")}
    for person in people.values():
        give(person, goal.metric, 10, days=20)
    early, late = dt.date(2024, 1, 1), dt.date(2024, 9, 30)
    for name, where, weight, from_on in (
        ("fast", queue, 5, early),
        ("fast", slow, 1, early),
        ("slow", slow, 1, early),
        ("moved", queue, 1, early),
        ("moved", slow, 9, late),
    ):
        QueueMembership.objects.create(person=people[name], queue=where, weight=weight, from_on=from_on)
    finish(team.division)
    close_periods(at=CLOSE)
    results = {row.person_id: (row.points, row.unpaid) for row in SnapshotMember.objects.filter(snapshot__goal=goal)}
    assert {name: results[person.pk] for name, person in people.items()} == {
        "fast": (50, ""),
        "slow": (0, Unpaid.GUARD),
        "moved": (0, Unpaid.GUARD),
        "none": (0, Unpaid.GUARD_NO_DATA),
    }


def test_queue_that_changes_while_points_stabilise_opens_a_review(queue):
    answered(queue, 5, 10, 15, 20, 90)
    closed_team(queue)
    answered(queue, 300)
    reconcile(at=STABLE)
    assert Review.objects.count() == 1


def test_goals_without_such_a_guard_read_no_queue(queue):
    goal = make_goal(make_team(primary_queue=queue))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        gather([goal], period_of(Kind.MONTHLY, SEPTEMBER))
    assert not any("interactions_leg" in each["sql"] for each in queries)
