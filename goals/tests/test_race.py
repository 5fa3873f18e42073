"""The negative control: what a second worker does that did not see the first, with the keys and without them.

Two workers that both ask "is it closed?" before either commits are a second worker with an old answer. `stale` gives it
that answer; what then holds it back is taken away piece by piece.
"""

import itertools

import pytest
from django.db import connection

from foundation.periods import Kind, period_of
from goals.actions import closing
from goals.models import Payout, Snapshot
from goals.tests.factories import CLOSE, SEPTEMBER, finish, give, make_goal, make_member, make_team
from ledger.models import Transfer

pytestmark = pytest.mark.django_db
PERIOD = period_of(Kind.MONTHLY, SEPTEMBER)


@pytest.fixture
def goal():
    team = make_team()
    goal = make_goal(team)
    give(make_member(team), goal.metric, 10, days=20)
    finish(team.division)
    return goal


@pytest.fixture
def stale(monkeypatch):
    """The second worker believes that nothing is closed yet."""
    monkeypatch.setattr(closing, "_taken", lambda goals, period: set())


def close_twice(goal) -> closing.Closing:
    """What the second worker's run comes to."""
    done = closing.Closing()
    closing._close_batch([goal], PERIOD, closing.Closing(), at=CLOSE, dry_run=False)
    closing._close_batch([goal], PERIOD, done, at=CLOSE, dry_run=False)
    return done


def without_snapshot_key():
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX goals_snapshot_closes_once")


def counts() -> tuple[int, int, int]:
    return Snapshot.objects.count(), Payout.objects.count(), Transfer.objects.count()


def test_worker_that_looks_closes_nothing_twice(goal):
    assert close_twice(goal).closed == []
    assert counts() == (1, 1, 1)


def test_worker_with_an_old_answer_is_stopped_by_the_key_of_the_result(goal, stale):
    assert "goals_snapshot" in str(close_twice(goal).failed)
    assert counts() == (1, 1, 1)


def test_without_that_key_it_is_stopped_by_the_key_of_the_payout(goal, stale):
    without_snapshot_key()
    assert "goals_payout" in str(close_twice(goal).failed)
    assert counts() == (1, 1, 1)


def test_without_claim_and_keys_the_race_shows_and_somebody_is_paid_twice(goal, stale, monkeypatch):
    """If this fails, the tests above prove nothing: something else held the second worker back."""
    without_snapshot_key()
    numbers, write = itertools.count(), closing.insert_rows
    monkeypatch.setattr(closing, "claim", lambda job: True)
    monkeypatch.setattr(closing, "member_key", lambda *parts: f"no key {next(numbers)}")
    monkeypatch.setattr(
        closing,
        "insert_rows",
        lambda cursor, table, *rest: table != Payout._meta.db_table and write(cursor, table, *rest),
    )
    monkeypatch.setattr(closing, "record_close", lambda snapshots, at: None)
    assert [each.points for each in close_twice(goal).closed] == [50]
    assert counts() == (2, 0, 2)
    assert sum(Transfer.objects.values_list("points", flat=True)) == 100
