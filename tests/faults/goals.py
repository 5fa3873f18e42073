"""Goals for an installation, and ways to die while they close, reconcile or tell subscribers. The same at each call."""

import datetime as dt
import os
import signal
import uuid

from django.db import transaction

from goals.actions import close_periods, closing, reconcile, reconciling
from goals.enums import PayMode
from goals.models import Goal
from goals.tests.factories import finish, give, make_goal, make_member, make_metric, make_reward_pool, make_team
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
}
"""Named step → the function at whose second call the process dies."""


@transaction.atomic
def seed() -> None:
    """A team with three goals over September; every workday is final."""
    team, metric = make_team(), make_metric()
    people = [make_member(team) for _ in range(MEMBERS)]
    for number, person in enumerate(people):
        User.objects.filter(pk=person.pk).update(public_id=uuid.uuid5(NAMESPACE, f"person {number}"))
        give(person, metric, 10 + number, days=20)
    pool = make_reward_pool(500)
    for number in range(GOALS):
        goal = make_goal(team, metric, terms={"pool": pool, "pay_mode": PayMode.FIXED_POOL})
        Goal.objects.filter(pk=goal.pk).update(public_id=uuid.uuid5(NAMESPACE, f"goal {number}"))
    finish(team.division)


def work() -> None:
    """What beat does once a month is over, and once it has settled. One goal to a batch, so that steps come again."""
    closing.BATCH = 1
    close_periods(at=CLOSE)
    reconcile(at=STABLE)


def die_at(step: str) -> None:
    """Has this process killed at the second call of the step's function."""
    module, name = STEPS[step]
    real, calls = getattr(module, name), []

    def once_more(*args, **kwargs):
        calls.append(name)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)

    setattr(module, name, once_more)
