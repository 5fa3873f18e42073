"""Any interleaving of transfers leaves the sum of all accounts zero and no balance below zero."""

import datetime as dt
import os

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from ledger.actions import (
    AlreadyResolved,
    NotEnoughPoints,
    Order,
    TooMuchTakenBack,
    expire_points,
    fund_pool,
    pend,
    post,
    take_back,
    transfer,
    void,
)
from ledger.enums import AccountKind, Purpose, TransferKind
from ledger.models import Account, Debt, Transfer
from ledger.queries import balances_of, lots_of, open_debts_of

from .factories import NOW, make_account, make_pool

POINTS = st.integers(1, 120)
DAYS = st.sampled_from([None, *[NOW.date() + dt.timedelta(days=n) for n in (1, 5, 9)]])


class Ledger(RuleBasedStateMachine):
    held = Bundle("held")
    settled = Bundle("settled")

    def __init__(self):
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.count, self.day = 0, 0
        self.people = [make_account(f"Person {n}") for n in range(3)]
        self.pool = make_pool(200)

    def teardown(self):
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    def key(self) -> str:
        self.count += 1
        return f"{self.pool.key}:{self.count}"

    @property
    def at(self) -> dt.datetime:
        return NOW + dt.timedelta(days=self.day)

    @rule(points=POINTS)
    def fund(self, points):
        fund_pool(self.pool, points=points, key=self.key(), by=None, at=self.at)

    @rule(target=held, person=st.integers(0, 2), points=POINTS, expires_on=DAYS)
    def hold_payout(self, person, points, expires_on):
        order = Order(self.pool, self.people[person], points, self.key(), Purpose.PAYOUT, expires_on=expires_on)
        return self.pend_one(order)

    @rule(target=held, person=st.integers(0, 2), points=POINTS)
    def hold_redemption(self, person, points):
        return self.pend_one(Order(self.people[person], self.pool, points, self.key(), Purpose.REDEMPTION))

    def pend_one(self, order):
        try:
            return multiple(*pend([order, order], by=None, at=self.at)[:1])
        except NotEnoughPoints:
            return multiple()

    @rule(target=settled, pending=held)
    def post_it(self, pending):
        try:
            return multiple(post(pending, by=None, at=self.at))
        except AlreadyResolved:
            return multiple()

    @rule(pending=held)
    def void_it(self, pending):
        try:
            void(pending, by=None, at=self.at)
        except AlreadyResolved:
            assert Transfer.objects.get(resolves=pending).kind == TransferKind.POST

    @rule(paid=settled, points=POINTS)
    def take_it_back(self, paid, points):
        if paid.credit.kind != AccountKind.PERSON:
            return
        try:
            take_back(paid, points=points, key=self.key(), by=None, at=self.at)
        except TooMuchTakenBack:
            assert points > 0

    @rule(target=settled, person=st.integers(0, 2), points=POINTS, expires_on=DAYS)
    def grant(self, person, points, expires_on):
        order = Order(self.pool, self.people[person], points, self.key(), Purpose.GRANT, expires_on=expires_on)
        try:
            return multiple(transfer(order, by=None, at=self.at))
        except NotEnoughPoints:
            return multiple()

    @rule(days=st.integers(1, 3))
    def wait_and_expire(self, days):
        self.day += days
        for person in self.people:
            expire_points(person, on=self.at.date(), at=self.at)
            assert expire_points(person, on=self.at.date(), at=self.at) == []

    @invariant()
    def sums_are_zero_and_nobody_is_below(self):
        accounts = list(Account.objects.all())
        balances = balances_of(accounts)
        assert sum(balance.settled for balance in balances.values()) == 0
        assert all(balances[a.pk].available >= 0 for a in accounts if not a.may_be_negative)

    @invariant()
    def every_balance_is_explained_by_its_lots(self):
        balances = balances_of(self.people)
        for person in self.people:
            assert sum(lot.left for lot in lots_of(person)) == balances[person.pk].available

    @invariant()
    def who_owes_has_nothing_available(self):
        for person in self.people:
            assert all(0 < owed <= debt.points for debt, owed in open_debts_of(person))
        assert Debt.objects.count() <= self.count


@pytest.mark.django_db
def test_ledger_stays_true_under_any_steps():
    steps = int(os.environ.get("LAUREL_LEDGER_STEPS", "30"))
    examples = int(os.environ.get("LAUREL_LEDGER_EXAMPLES", "15"))
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
