"""Reward pools in the admin: made, funded once a form, and read without anybody's name."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ledger.actions import Order, account_of, transfer
from ledger.enums import AccountKind, Purpose
from ledger.models import Account, Transfer
from ledger.queries import balance_of
from ledger.tests.factories import NOW, make_account, make_pool
from people.tests.factories import make_division, make_person

pytestmark = pytest.mark.django_db
POOLS = reverse("admin:ledger_account_changelist")
TRANSFERS = reverse("admin:ledger_transfer_changelist")


@pytest.fixture
def administrator(client):
    person = make_person("Ines", role="administrator", is_staff=True)
    client.force_login(person)
    return person


def fund(client, pool, points, key):
    data = {"points": points, "note": "Third quarter", "form_key": key}
    return client.post(reverse("admin:ledger_account_fund", args=[pool.pk]), data)


def pay(pool, account, points):
    order = Order(pool, account, points, f"pay:{uuid.uuid4()}", Purpose.PAYOUT, note=f"For {account.person.name}")
    return transfer(order, by=None, at=NOW)


def test_pool_is_made_with_its_key(client, administrator):
    client.post(reverse("admin:ledger_account_add"), {"key": "RPOOL_2024_Q3", "name": "Third quarter"})
    pool = Account.objects.get(key="RPOOL_2024_Q3")
    assert (pool.kind, pool.name, pool.person) == (AccountKind.POOL, "Third quarter", None)


def test_key_of_a_pool_stays(client, administrator):
    pool = make_pool(0, key="RPOOL_2024_Q3")
    client.post(reverse("admin:ledger_account_change", args=[pool.pk]), {"key": "OTHER", "name": "Autumn"})
    pool.refresh_from_db()
    assert (pool.key, pool.name) == ("RPOOL_2024_Q3", "Autumn")


def test_funding_sent_twice_funds_once(client, administrator):
    pool, key = make_pool(0), uuid.uuid4()
    answers = [fund(client, pool, 500, key).status_code for _ in range(2)]
    row = Transfer.objects.get()
    assert answers == [302, 302]
    assert (balance_of(pool).available, row.by, row.note) == (500, administrator, "Third quarter")
    assert fund(client, pool, 501, key).status_code == 200
    assert balance_of(pool).available == 500


@pytest.mark.parametrize("points", ["0", "-5", "", "many"])
def test_funding_asks_for_points_above_zero(client, administrator, points):
    pool = make_pool(0)
    assert fund(client, pool, points, uuid.uuid4()).context["form"].errors.keys() == {"points"}
    assert balance_of(pool).available == 0


def test_account_of_a_person_is_not_shown_or_funded(client, administrator):
    account = make_account("Ada Lovelace")
    page = client.get(POOLS).content.decode()
    assert str(account.person.public_id) not in page
    assert client.get(reverse("admin:ledger_account_change", args=[account.pk])).status_code == 404
    assert fund(client, account, 5, uuid.uuid4()).status_code == 404


def test_pool_page_shows_what_is_available(client, administrator):
    pool = make_pool(700)
    pay(pool, make_account(), 150)
    assert ">550<" in client.get(reverse("admin:ledger_account_change", args=[pool.pk])).content.decode()


def test_transfers_of_pools_are_listed_without_names(client, administrator):
    pool, account = make_pool(700), make_account("Ada Lovelace")
    paid = pay(pool, account, 153)
    pages = [TRANSFERS, reverse("admin:ledger_transfer_change", args=[paid.pk])]
    for page in (client.get(path).content.decode() for path in pages):
        assert ("153" in page, "Lovelace" in page, str(account.person.public_id) in page) == (True, False, False)


def test_transfers_between_others_are_not_listed(client, administrator):
    giver, taker = make_account("Ada Lovelace"), make_account("Grace Hopper")
    pay(make_pool(100), giver, 50)
    row = pay(giver, taker, 37)
    assert row.pk not in {each.pk for each in client.get(TRANSFERS).context["cl"].queryset}


def test_rows_of_the_ledger_cannot_be_changed_here(client, administrator):
    pool = make_pool(700)
    row = Transfer.objects.get()
    for page in ("change", "delete"):
        assert client.post(reverse(f"admin:ledger_transfer_{page}", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert client.post(reverse("admin:ledger_account_delete", args=[pool.pk]), {"post": "yes"}).status_code == 403


def test_administrator_of_one_division_does_not_reach_pools(client):
    division = make_division()
    person = make_person("Nora", division=division, role="administrator", in_division=division, is_staff=True)
    client.force_login(person)
    pool = make_pool(10)
    assert client.get(POOLS).status_code == 403
    assert fund(client, pool, 5, uuid.uuid4()).status_code in {403, 404}
    assert balance_of(pool).available == 10


def test_list_of_transfers_asks_as_often_for_three_as_for_one(client, administrator):
    pool = make_pool(700)

    def queries():
        with CaptureQueriesContext(connection) as found:
            assert client.get(TRANSFERS).status_code == 200
        return len(found)

    queries()
    once = queries()
    for _ in range(2):
        pay(pool, account_of(make_person()), 5)
    assert queries() == once
