"""Transfers: keys, holds, take-backs, debts, expiry. Sums are zero over all accounts."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from foundation.records.appendonly import AppendOnly
from ledger.actions import (
    AlreadyResolved,
    Hold,
    KeyUsedDifferently,
    NotEnoughPoints,
    NotPending,
    Order,
    TooMuchTakenBack,
    account_ids_of,
    expire_due_points,
    expire_points,
    pend,
    pend_payouts,
    post,
    take_back,
    transfer,
    void,
)
from ledger.enums import Purpose
from ledger.models import Account, Debt, Transfer
from ledger.queries import Balance, balance_of, balances_of, open_debts_of, open_transfers
from people.models import User

from .factories import NOW, make_account, make_pool

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(days=3)


def order(pool, person, points=100, key="pay", **fields):
    return Order(pool, person, points, key, Purpose.PAYOUT, **fields)


def pay(pool, person, points=100, key="pay", **fields):
    return transfer(order(pool, person, points, key, **fields), by=None, at=NOW)


def total() -> int:
    return sum(balance.settled for balance in balances_of(Account.objects.all()).values())


def test_transfer_moves_points_and_sums_stay_zero():
    pool, person = make_pool(1000), make_account()
    pay(pool, person)
    assert balance_of(pool) == Balance(settled=900)
    assert balance_of(person) == Balance(settled=100)
    assert total() == 0


def hold(pool, person, points=100, key="pay"):
    return Hold(pool.pk, person.pk, points, key, "goal", None)


def test_pend_payouts_writes_what_pend_writes_and_once():
    pool, one, two = make_pool(1000), make_account(), make_account()
    expected = pend([order(pool, one, key="one", reference="goal")], by=None, at=NOW)[0]
    holds = [hold(pool, one, key="one"), hold(pool, two, key="two")]
    ids = pend_payouts(holds, at=NOW)
    assert ids == {"one": expected.pk, "two": Transfer.objects.get(key="two").pk}
    assert pend_payouts(holds, at=LATER) == ids
    fresh = pend_payouts([hold(pool, two, key="three")], at=NOW)["three"]
    names = [f.attname for f in Transfer._meta.fields if f.name not in ("id", "key", "credit")]
    first, third = (Transfer.objects.values(*names).get(pk=pk) for pk in (expected.pk, fresh))
    assert first == third
    assert balance_of(pool) == Balance(settled=1000, held=300)


def test_pend_payouts_beyond_what_is_available_holds_nothing():
    pool, person = make_pool(150), make_account()
    with pytest.raises(NotEnoughPoints):
        pend_payouts([hold(pool, person, key="one"), hold(pool, person, key="two")], at=NOW)
    assert balance_of(pool) == Balance(settled=150)


def test_account_ids_are_made_where_one_is_missing():
    there, person = make_account(), User.objects.create_user(name="Grace Hopper")
    assert account_ids_of([there.person_id, person.pk]) == {
        there.person_id: there.pk,
        person.pk: Account.objects.get(person=person).pk,
    }


def test_transfer_with_the_same_key_and_content_returns_the_first():
    pool, person = make_pool(), make_account()
    assert pay(pool, person) == pay(pool, person)
    assert balance_of(person).settled == 100


def test_transfer_with_the_same_key_and_other_content_is_refused():
    pool, person = make_pool(), make_account()
    pay(pool, person)
    with pytest.raises(KeyUsedDifferently):
        pay(pool, person, points=101)
    assert balance_of(person).settled == 100


def test_pend_holds_points_and_post_moves_them():
    pool, person = make_pool(150), make_account()
    (pending,) = pend([order(pool, person)], by=None, at=NOW)
    assert balance_of(pool) == Balance(settled=150, held=100)
    assert balance_of(person) == Balance(incoming=100)
    with pytest.raises(NotEnoughPoints):
        pend([order(pool, person, 51, "more")], by=None, at=NOW)
    assert post(pending, by=None, at=LATER) == post(pending, by=None, at=LATER)
    assert balance_of(pool) == Balance(settled=50)
    assert balance_of(person) == Balance(settled=100)
    assert balance_of(person, at=NOW) == Balance(incoming=100)


def test_void_gives_the_points_back_and_excludes_posting():
    pool, person = make_pool(), make_account()
    (pending,) = pend([order(pool, person, reference="goal-1")], by=None, at=NOW)
    assert list(open_transfers(reference="goal-1")) == [pending]
    void(pending, by=None, at=LATER)
    assert list(open_transfers(reference="goal-1")) == []
    assert balance_of(pool) == Balance(settled=1000)
    with pytest.raises(AlreadyResolved):
        post(pending, by=None, at=LATER)


def test_post_of_a_direct_transfer_is_refused():
    with pytest.raises(NotPending):
        post(pay(make_pool(), make_account()), by=None, at=NOW)


def test_pend_is_all_or_nothing():
    pool = make_pool(100)
    orders = [order(pool, make_account(str(n)), 60, f"pay:{n}") for n in range(2)]
    with pytest.raises(NotEnoughPoints):
        pend(orders, by=None, at=NOW)
    assert Transfer.objects.filter(purpose=Purpose.PAYOUT).count() == 0


def test_take_back_takes_what_is_there_and_records_the_rest_as_debt():
    pool, person, shop = make_pool(), make_account(), make_pool(0)
    paid = pay(pool, person)
    transfer(Order(person, shop, 70, "coffee", Purpose.REDEMPTION), by=None, at=NOW)
    take_back(paid, points=100, key="back", by=None, at=LATER)
    assert balance_of(person) == Balance(settled=0)
    assert [owed for _, owed in open_debts_of(person)] == [70]
    pay(pool, person, 50, "next")
    assert balance_of(person) == Balance(settled=0)
    pay(pool, person, 50, "after")
    assert balance_of(person) == Balance(settled=30)
    assert open_debts_of(person) == []
    assert balance_of(pool) == Balance(settled=900 + 30 - 50 + 50 - 50 + 20)
    assert total() == 0


def test_take_back_of_nothing_there_is_a_debt_only():
    pool, person, shop = make_pool(), make_account(), make_pool(0)
    paid = pay(pool, person)
    transfer(Order(person, shop, 100, "coffee", Purpose.REDEMPTION), by=None, at=NOW)
    debt = take_back(paid, points=40, key="back", by=None, at=LATER)
    assert debt == take_back(paid, points=40, key="back", by=None, at=LATER) == Debt.objects.get()
    with pytest.raises(KeyUsedDifferently):
        take_back(paid, points=41, key="back", by=None, at=LATER)


def test_take_back_of_more_than_was_paid_is_refused():
    pool, person = make_pool(), make_account()
    paid = pay(pool, person)
    take_back(paid, points=60, key="one", by=None, at=LATER)
    with pytest.raises(TooMuchTakenBack):
        take_back(paid, points=41, key="two", by=None, at=LATER)


def test_expire_points_takes_a_lot_once_and_spares_what_is_held():
    pool, person, shop = make_pool(), make_account(), make_pool(0)
    day = dt.date(2024, 11, 1)
    pay(pool, person, 100, expires_on=day)
    pay(pool, person, 10, "forever")
    (held,) = pend([Order(person, shop, 50, "coffee", Purpose.REDEMPTION)], by=None, at=NOW)
    assert expire_points(person, on=day - dt.timedelta(days=1), at=LATER) == []
    assert [row.points for row in expire_points(person, on=day, at=LATER)] == [50]
    assert expire_points(person, on=day, at=LATER) == []
    assert balance_of(person).available == 10
    void(held, by=None, at=LATER)
    assert [row.points for row in expire_points(person, on=day, at=LATER)] == [50]
    assert balance_of(person) == Balance(settled=10)
    assert total() == 0


def test_transfer_cannot_be_changed_or_deleted():
    paid = pay(make_pool(), make_account())
    paid.points = 1
    with pytest.raises(AppendOnly):
        paid.save()
    with pytest.raises(AppendOnly):
        Transfer.objects.all().delete()


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("ledger_transfer_points_above_zero", {"points": 0}),
        ("ledger_transfer_resolves_if_post_or_void", {"kind": "post"}),
        ("ledger_transfer_two_accounts", {"same": True}),
    ],
)
def test_transfer_constraint_holds(constraint, fields):
    pool, person = make_pool(), make_account()
    content = {
        "kind": "direct",
        "debit": pool,
        "credit": person,
        "points": 1,
        "key": "k",
        "purpose": "grant",
        "at": NOW,
    }
    if fields.pop("same", False):
        content["credit"] = pool
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Transfer.objects.bulk_create([Transfer(**content | fields)])


def test_expire_due_points_takes_what_was_posted_with_an_expiry():
    pool, person = make_pool(), make_account()
    (pending,) = pend([order(pool, person, expires_on=dt.date(2024, 10, 3))], by=None, at=NOW)
    assert expire_due_points(at=LATER) == []
    post(pending, by=None, at=NOW)
    assert [row.points for row in expire_due_points(at=LATER)] == [100]
    assert expire_due_points(at=LATER) == []
