"""Any interleaving of closing, crashes, late data, reconciling, reviews and expiry: the sum of all accounts stays zero,
nobody is paid twice for a period, no pool is overdrawn, and what stands is what the last decision says.
"""

import datetime as dt
import os
from decimal import Decimal
from unittest import mock

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from goals.actions import Choice, NotYours, close_periods, closing, decide, reconcile, reconciling
from goals.enums import Decision, DecisionReason, PayForm, PayMode, Scope
from goals.models import Adjustment, Payout, Review, Snapshot
from goals.queries.standing import points_standing
from ledger.actions import NotEnoughPoints, expire_due_points, fund_pool
from ledger.enums import Purpose, TransferKind
from ledger.models import Account, Transfer
from ledger.queries import balances_of, lots_of
from metrics.models import DayValue
from people.models import TeamMembership
from people.tests.factories import make_person
from scorecards.models import Reopening

from .factories import finish, give, make_goal, make_member, make_metric, make_reward_pool, make_team

MONDAY = dt.date(2024, 9, 2)
WEEKS = 3


class Crash(Exception):
    """What kills a worker in the middle of a transaction."""


class Goals(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.number, self.at = 0, dt.datetime(2024, 9, 9, 3, tzinfo=dt.UTC)

    def teardown(self):
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    @initialize()
    def build(self):
        self.team, self.metric = make_team(), make_metric()
        rival = make_team(self.team.division)
        self.people = [make_member(self.team) for _ in range(3)]
        TeamMembership.objects.create(team=rival, person=self.people[0], from_on=dt.date(2024, 2, 1))
        self.pool, self.other = make_reward_pool(120), make_reward_pool(60)
        shared = {"pay_mode": PayMode.FIXED_POOL, "pay_form": PayForm.SCALED, "floor_percent": 50, "floor_points": 20}
        common = {"metric": self.metric, "frequency": "weekly", "starts_on": MONDAY}
        self.goals = [
            make_goal(self.team, terms=shared | {"pool": self.pool, "cap_points": 90}, **common),
            make_goal(rival, terms={"pool": self.other, "achieved": 30, "points": 20}, **common),
            make_goal(
                self.team,
                scope=Scope.INDIVIDUAL,
                terms={"achieved": 40, "points": 10, "expiry": "after_days", "expires_after_days": 9},
                **common,
            ),
        ]
        self.reviewer = make_person("Vic", role="compliance_reviewer")
        for person in self.people:
            give(person, self.metric, 10, on=MONDAY, days=7 * WEEKS)
        finish(self.team.division, start=MONDAY, end=MONDAY + dt.timedelta(days=7 * WEEKS))

    def key(self) -> str:
        self.number += 1
        return f"{self.pool.key}:{self.number}"

    @rule(person=st.integers(0, 2), day=st.integers(0, 7 * WEEKS - 1), total=st.integers(0, 40))
    def late_data(self, person, day, total):
        rows = DayValue.objects.filter(agent=self.people[person], workday=MONDAY + dt.timedelta(days=day))
        rows.update(total=Decimal(total))

    @rule(hours=st.sampled_from([1, 24, 72, 170]))
    def wait(self, hours):
        self.at += dt.timedelta(hours=hours)

    @rule()
    def close(self):
        close_periods(at=self.at)
        assert close_periods(at=self.at).closed == []

    @rule(step=st.sampled_from(["pend_payouts", "record_close", "for_reading"]))
    def close_and_crash(self, step):
        before = (Snapshot.objects.count(), Transfer.objects.count())
        with mock.patch.object(closing, step, side_effect=Crash):
            done = close_periods(at=self.at)
        if done.failed and not done.closed:
            assert (Snapshot.objects.count(), Transfer.objects.count()) == before

    @rule()
    def reconcile_it(self):
        reconcile(at=self.at)
        again = reconcile(at=self.at)
        assert (again.posted, again.reviews) == (0, 0)

    @rule()
    def reconcile_and_crash(self):
        before = Transfer.objects.count()
        with mock.patch.object(reconciling, "record_rewards", side_effect=Crash):
            reconcile(at=self.at)
        assert Transfer.objects.count() == before

    @rule(choice=st.sampled_from(Decision), first=st.booleans())
    def decide_one(self, choice, first):
        waiting = Review.objects.filter(decision=None).order_by("pk" if first else "-pk").first()
        if waiting is None:
            return
        try:
            with transaction.atomic():
                decide(review=waiting, choice=Choice(choice, DecisionReason.LATE_DATA), by=self.reviewer, at=self.at)
        except NotEnoughPoints:
            assert not hasattr(Review.objects.get(pk=waiting.pk), "decision")
        except NotYours as error:
            raise AssertionError("the reviewer neither set the goal nor gains") from error

    @rule(points=st.integers(1, 100))
    def fund(self, points):
        fund_pool(self.pool, points=points, key=self.key(), by=None, at=self.at)

    @rule()
    def expire(self):
        expire_due_points(at=self.at)
        assert expire_due_points(at=self.at) == []

    @rule(day=st.integers(0, 7 * WEEKS - 1))
    def reopen(self, day):
        on = MONDAY + dt.timedelta(days=day)
        Reopening.objects.create(division=self.team.division, from_on=on, to_on=on, reason="Late file", at=self.at)

    @invariant()
    def the_sum_of_all_accounts_is_zero_and_no_pool_is_overdrawn(self):
        accounts = list(Account.objects.all())
        balances = balances_of(accounts)
        assert sum(balance.settled for balance in balances.values()) == 0
        assert all(balances[each.pk].available >= 0 for each in accounts if not each.may_be_negative)

    @invariant()
    def nobody_is_paid_twice_for_a_period(self):
        for goal in getattr(self, "goals", ()):
            for period in set(goal.snapshots.values_list("period", flat=True)):
                self.check_period(goal, period)

    def check_period(self, goal, period):
        """What stands for a person is what the newest decision about them says, or else what was frozen and payable."""
        frozen = Snapshot.objects.get(goal=goal, period=period, corrects=None)
        expected = {row.person_id: row.points for row in frozen.members.all() if row.points}
        decided = Adjustment.objects.filter(decision__review__snapshot__goal=goal)
        for row in decided.filter(decision__review__snapshot__period=period).order_by("pk"):
            expected[row.person_id] = row.points_after
        assert points_standing(goal, period) == {person: points for person, points in expected.items() if points}
        paid = Payout.objects.filter(goal=goal, period=period)
        assert paid.count() == paid.values("person").distinct().count()

    @invariant()
    def a_person_is_paid_from_one_pool_a_week(self):
        if not hasattr(self, "goals"):
            return
        pools = Payout.objects.filter(person=self.people[0], transfer__debit__in=[self.pool, self.other])
        weeks = list(pools.values_list("period", flat=True))
        assert len(weeks) == len(set(weeks))

    @invariant()
    def every_balance_is_explained_by_its_lots(self):
        accounts = list(Account.objects.filter(kind="person"))
        balances = balances_of(accounts)
        assert all(sum(lot.left for lot in lots_of(each)) == balances[each.pk].available for each in accounts)

    @invariant()
    def every_pending_transfer_is_resolved_at_most_once(self):
        resolved = Transfer.objects.filter(kind__in=TransferKind.resolving)
        assert resolved.values("resolves").distinct().count() == resolved.count()
        assert not Transfer.objects.filter(purpose=Purpose.PAYOUT, points=0).exists()


@pytest.mark.django_db
def test_goals_stay_true_under_any_steps():
    steps = int(os.environ.get("LAUREL_GOAL_STEPS", "14"))
    examples = int(os.environ.get("LAUREL_GOAL_EXAMPLES", "8"))
    run_state_machine_as_test(
        Goals,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
