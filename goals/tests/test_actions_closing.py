"""Closing: frozen once, with its transfers and events, when its workdays are final."""

import datetime as dt

import pytest
from django.db import transaction

from goals.actions import close_periods
from goals.enums import EventType, GoalStatus, PayMode, ReviewCause, Scope, Unpaid
from goals.models import Event, Payout, Review, Snapshot, SnapshotMember
from goals.rules.keys import member_key
from interactions.models import Touch
from ledger.actions import account_of
from ledger.models import Transfer
from ledger.queries import Balance, balance_of
from people.models import Queue, QueueMembership, TeamMembership

from .factories import (
    CLOSE,
    OCTOBER,
    SEPTEMBER,
    finish,
    give,
    make_division,
    make_goal,
    make_member,
    make_metric,
    make_reward_pool,
    make_team,
    make_terms,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def pair(team):
    return make_member(team), make_member(team)


def closed(**more):
    return [(each.period, each.status, each.points) for each in close_periods(at=CLOSE, **more).closed]


def test_close_freezes_value_status_members_and_pending_transfers(team, pair):
    goal = make_goal(team)
    give(pair[0], goal.metric, 70)
    give(pair[1], goal.metric, 30)
    finish(team.division)
    assert closed() == [("2024-09", "ACHIEVED", 100)]
    snapshot = Snapshot.objects.get()
    assert (snapshot.value, snapshot.total, snapshot.status) == (100, 100, GoalStatus.ACHIEVED)
    assert [(m.person, m.total, m.points) for m in snapshot.members.order_by("pk")] == [
        (pair[0], 70, 50),
        (pair[1], 30, 50),
    ]
    assert balance_of(account_of(pair[0])) == Balance(incoming=50)
    key = member_key(str(goal.public_id), "2024-09", "ACHIEVED", str(pair[0].public_id))
    assert Payout.objects.get(person=pair[0]).transfer == Transfer.objects.get(key=key)


def test_close_again_changes_nothing(team, pair):
    goal = make_goal(team)
    give(pair[0], goal.metric, 100)
    finish(team.division)
    close_periods(at=CLOSE)
    assert closed() == []
    assert (Snapshot.objects.count(), Transfer.objects.count(), Event.objects.count()) == (1, 1, 2)


def test_close_waits_for_the_lag_and_for_final_workdays(team, pair):
    goal = make_goal(team)
    give(pair[0], goal.metric, 100, on=dt.date(2024, 9, 30))
    assert close_periods(at=CLOSE).closed == []
    finish(team.division)
    assert close_periods(at=dt.datetime(2024, 10, 1, 1, 59, tzinfo=dt.UTC)).closed == []
    assert len(close_periods(at=dt.datetime(2024, 10, 1, 2, tzinfo=dt.UTC)).closed) == 1


def test_close_waits_for_touches_on_open_workdays_only(team, pair):
    goal = make_goal(team)
    give(pair[0], goal.metric, 100)
    Touch.objects.create(agent=pair[0], workday=SEPTEMBER, reason="reading", at=CLOSE)
    assert closed() == []
    finish(team.division)
    assert len(closed()) == 1


@pytest.mark.parametrize(
    ("zone", "over"),
    [
        ("America/Bogota", dt.datetime(2024, 10, 1, 7, tzinfo=dt.UTC)),
        ("Europe/Berlin", dt.datetime(2024, 10, 1, 0, tzinfo=dt.UTC)),
    ],
)
def test_close_follows_the_zone_of_the_team(zone, over):
    team = make_team(make_division(zone))
    goal = make_goal(team)
    give(make_member(team), goal.metric, 100)
    finish(team.division)
    assert close_periods(at=over - dt.timedelta(seconds=1)).closed == []
    assert len(close_periods(at=over).closed) == 1


def test_close_catches_up_oldest_first(team, pair):
    goal = make_goal(team, frequency="weekly", starts_on=dt.date(2024, 9, 2))
    give(pair[0], goal.metric, 100, on=dt.date(2024, 9, 10))
    finish(team.division)
    assert closed() == [
        ("2024-W36", "BEHIND", 0),
        ("2024-W37", "ACHIEVED", 50),
        ("2024-W38", "BEHIND", 0),
        ("2024-W39", "BEHIND", 0),
    ]


def test_close_leaves_the_period_in_which_a_goal_was_made(team, pair):
    make_goal(team, starts_on=dt.date(2024, 9, 10))
    finish(team.division)
    assert closed() == []


def test_close_by_terms_in_force_at_the_start_of_the_period(team, pair):
    goal = make_goal(team)
    make_terms(goal, from_on=dt.date(2024, 9, 15), achieved=999)
    give(pair[0], goal.metric, 100)
    finish(team.division)
    assert closed() == [("2024-09", "ACHIEVED", 50)]


def test_close_counts_only_workdays_of_the_membership(team):
    goal = make_goal(team)
    stays, left, joined = (
        make_member(team),
        make_member(team, until_on=dt.date(2024, 9, 3)),
        make_member(make_team(team.division)),
    )
    TeamMembership.objects.create(team=team, person=joined, from_on=dt.date(2024, 9, 5))
    for person in (stays, left, joined):
        give(person, goal.metric, 10, days=10)
    finish(team.division)
    close_periods(at=CLOSE)
    assert dict(SnapshotMember.objects.values_list("person", "total")) == {stays.pk: 100, left.pk: 20, joined.pk: 60}


def test_close_with_a_short_pool_pays_nobody_and_opens_a_review(team, pair):
    pool = make_reward_pool(99)
    goal = make_goal(team, terms={"pool": pool})
    for person in pair:
        give(person, goal.metric, 50)
    finish(team.division)
    assert closed() == [("2024-09", "ACHIEVED", 0)]
    assert Payout.objects.count() == 0
    assert Review.objects.get().cause == ReviewCause.POOL_SHORT
    assert set(SnapshotMember.objects.values_list("unpaid", flat=True)) == {Unpaid.POOL_SHORT}


def test_close_pays_two_goals_of_one_pool_until_it_is_short(team, pair):
    pool = make_reward_pool(60)
    metric = make_metric()
    for _ in range(2):
        make_goal(team, metric, terms={"pool": pool, "pay_mode": PayMode.FIXED_POOL})
    give(pair[0], metric, 100)
    finish(team.division)
    assert closed() == [("2024-09", "ACHIEVED", 50), ("2024-09", "ACHIEVED", 0)]
    assert balance_of(pool) == Balance(settled=60, held=50)


def test_close_pays_a_person_from_one_pool_only(team, pair):
    both, _ = pair
    queue = Queue.objects.create(name="Sales")
    home = make_team(team.division, primary_queue=queue)
    TeamMembership.objects.create(team=home, person=both, from_on=dt.date(2024, 6, 1))
    QueueMembership.objects.create(queue=queue, person=both, from_on=dt.date(2024, 1, 1))
    metric = make_metric()
    kept = make_goal(home, metric, terms={"pool": make_reward_pool(500)})
    other = make_goal(team, metric, terms={"pool": make_reward_pool(500)})
    give(both, metric, 100)
    finish(team.division)
    close_periods(at=CLOSE)
    assert list(Payout.objects.values_list("goal", "person")) == [(kept.pk, both.pk)]
    excluded = SnapshotMember.objects.get(snapshot__goal=other, person=both)
    assert (excluded.kept_by, excluded.unpaid, excluded.total) == (kept, Unpaid.OTHER_POOL, 100)


def test_close_of_an_individual_goal_pays_each_by_their_own_result(team, pair):
    goal = make_goal(team, scope=Scope.INDIVIDUAL)
    give(pair[0], goal.metric, 100)
    give(pair[1], goal.metric, 99)
    finish(team.division)
    assert closed() == [("2024-09", "", 50)]
    assert [m.status for m in SnapshotMember.objects.order_by("pk")] == ["ACHIEVED", "BEHIND"]


def test_close_follows_the_guarding_goal(team, pair):
    metric = make_metric()
    guarded = make_goal(team, metric, name="A guarded")
    guard = make_goal(team, metric, name="B guard", terms={"achieved": 1000})
    make_terms(guarded, from_on=dt.date(2024, 2, 1), guard_goal=guard)
    give(pair[0], metric, 100)
    finish(team.division)
    close_periods(at=CLOSE)
    snapshot = Snapshot.objects.get(goal=guarded)
    assert (snapshot.status, snapshot.unpaid, snapshot.points) == (GoalStatus.ACHIEVED, Unpaid.GUARD, 0)


def test_close_with_a_guard_without_data_pays_nothing(team, pair):
    goal = make_goal(team, terms={"guard_metric": make_metric(), "guard_bound": 80})
    give(pair[0], goal.metric, 100)
    finish(team.division)
    close_periods(at=CLOSE)
    assert Snapshot.objects.get().unpaid == Unpaid.GUARD_NO_DATA


def test_close_records_events_against_the_status_before(team, pair):
    goal = make_goal(team)
    give(pair[0], goal.metric, 100)
    finish(team.division)
    close_periods(at=CLOSE)
    changed = Event.objects.get(type=EventType.STATUS_CHANGED)
    assert changed.payload == {
        "goalId": str(goal.public_id),
        "teamId": str(team.pk),
        "previousStatus": None,
        "currentStatus": "ACHIEVED",
        "evaluationPeriod": "2024-09",
        "metricValue": 100.0,
        "timestamp": "2024-10-01T03:00:00Z",
    }


def test_close_of_one_bad_goal_stops_no_other(team, pair, monkeypatch):
    good, bad = make_goal(team), make_goal(team)
    for goal in (good, bad):
        give(pair[0], goal.metric, 100)
    finish(team.division)
    from goals.actions import closing  # noqa: PLC0415 - the module itself is patched

    real = closing.as_they_were
    monkeypatch.setattr(closing, "as_they_were", lambda each: 1 / 0 if each.goal == bad else real(each))
    done = close_periods(at=CLOSE)
    assert [each.goal for each in done.closed] == [good.name]
    assert list(done.failed) == [f"{bad.name} 2024-09"]
    assert Snapshot.objects.filter(goal=bad).count() == 0


def test_close_as_a_trial_writes_nothing(team, pair):
    goal = make_goal(team)
    give(pair[0], goal.metric, 100)
    finish(team.division)
    assert closed(dry_run=True) == [("2024-09", "ACHIEVED", 50)]
    assert (Snapshot.objects.count(), Transfer.objects.count()) == (0, 0)


def test_close_with_nothing_to_do_costs_one_query(team, django_assert_num_queries):
    make_goal(team, starts_on=OCTOBER)
    with django_assert_num_queries(1):
        close_periods(at=CLOSE)


def test_snapshot_is_guarded_against_change(team, pair):
    goal = make_goal(team)
    give(pair[0], goal.metric, 100)
    finish(team.division)
    close_periods(at=CLOSE)
    from django.db import DatabaseError, connection  # noqa: PLC0415 - only this test goes around the models

    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        cursor.execute("UPDATE goals_snapshot SET value = 1")
