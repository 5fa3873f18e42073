"""Goals for an installation, and ways to die while they close, reconcile or tell subscribers. The same at each call."""

import datetime as dt
import os
import signal
import time
import uuid
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from goals.actions import close_periods, closing, reconcile, reconciling
from goals.enums import EventType, PayMode
from goals.models import Goal, Payout
from goals.tests.factories import (
    OCTOBER,
    finish,
    give,
    make_goal,
    make_member,
    make_metric,
    make_reward_pool,
    make_team,
)
from integrations.webhooks.actions import outgoing as webhooks
from integrations.webhooks.models import Endpoint
from people.models import User

CLOSE = dt.datetime(2024, 10, 1, 3, tzinfo=dt.UTC)
STABLE = CLOSE + dt.timedelta(hours=72)
NAMESPACE = uuid.UUID("0b7f3c9e-31b5-4a78-8a5e-8d1b4f0f6c11")
MEMBERS, GOALS = 4, 3
STEPS = {
    "close: results are settled": (closing, "_find_short_pools"),
    "close: before the transfers": (closing, "pend_payouts"),
    "close: before the events": (closing, "record_close"),
    "reconcile: compared": (reconciling, "_open_reviews"),
    "reconcile: one transfer is posted": (reconciling, "post"),
    "reconcile: before the event": (reconciling, "record_rewards"),
    "deliver: before the event is sent": (webhooks, "send"),
    "deliver: sent, not noted": (webhooks, "_note"),
    "deliver: between two events": (webhooks, "body_of"),
}
"""Named step → the function at one of whose calls the process dies; each is called `GOALS` times at least."""


@transaction.atomic
def seed(*, hours: int = 72, subscriber: str = "") -> None:
    """A team with three goals over September; every workday is final. A subscriber wants every event."""
    team, metric = make_team(), make_metric()
    people = [make_member(team) for _ in range(MEMBERS)]
    for number, person in enumerate(people):
        User.objects.filter(pk=person.pk).update(public_id=uuid.uuid5(NAMESPACE, f"person {number}"))
        give(person, metric, 10 + number, days=20)
    pool = make_reward_pool(500)
    for number in range(GOALS):
        terms = {"pool": pool, "pay_mode": PayMode.FIXED_POOL, "stabilisation_hours": hours}
        goal = make_goal(team, metric, terms=terms, ends_on=OCTOBER)
        Goal.objects.filter(pk=goal.pk).update(public_id=uuid.uuid5(NAMESPACE, f"goal {number}"))
    finish(team.division)
    if subscriber:
        webhooks.start_endpoint(Endpoint(name="Subscriber", url=subscriber, events=list(EventType.values)))


def work(*, minutes: int = 0, by_the_clock: bool = False) -> None:
    """What beat does once a month is over, and once it has settled; subscribers are told so many minutes later. One
    goal to a batch, so that steps come again.
    """
    closing.BATCH = 1
    now = timezone.now() if by_the_clock else None
    close_periods(at=now or CLOSE)
    reconcile(at=now or STABLE)
    webhooks.enqueue()
    webhooks.deliver(at=(now or STABLE) + dt.timedelta(minutes=minutes))


def die_at(step: str, *, call: int = 2) -> None:
    """Has this process killed at a call of the step's function."""
    closing.BATCH = 1
    module, name = STEPS[step]
    real, calls = getattr(module, name), []

    def once_more(*args, **kwargs):
        calls.append(name)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)

    setattr(module, name, once_more)


# The race ----------------------------------------------------------------------------------------------------------


def race(folder: str, *, runners: int = 2) -> None:
    """Closes what is due as soon as every runner has seen that it is due: each believes to be the first."""
    real = closing.due_periods

    def seen_by_all(**kwargs):
        due = real(**kwargs)
        (Path(folder) / f"saw-{os.getpid()}").touch()
        until = time.monotonic() + 60
        while len(list(Path(folder).glob("saw-*"))) < runners:
            if time.monotonic() > until:
                raise TimeoutError("the other runner did not come")
            time.sleep(0.005)
        return due

    closing.due_periods = seen_by_all
    close_periods(at=CLOSE)


def drop_claim_and_keys() -> None:
    """Takes away, in this process, all by which a period is closed and paid once."""
    write = closing.insert_rows
    closing.claim = lambda job: True
    closing._taken = lambda goals, period: set()
    closing.member_key = lambda *parts: f"no key {uuid.uuid4()}"
    closing.record_close = lambda snapshots, at: None
    closing.insert_rows = lambda cursor, table, *rest: table != Payout._meta.db_table and write(cursor, table, *rest)


def drop_key_of_results() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX goals_snapshot_closes_once")
