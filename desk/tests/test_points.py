"""One's own reward points: balance, what is on its way, what expires, and where each point came from."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from desk.points_queries import Expiring, points_of
from goals.queries.standing import payout_reference
from goals.tests.factories import make_goal
from ledger.actions import Order, account_of, expire_points, pend, post, single_account, take_back, transfer, void
from ledger.enums import AccountKind, Purpose
from people.tests.factories import make_person

pytestmark = pytest.mark.django_db
AT = dt.datetime(2024, 9, 20, 12, tzinfo=dt.UTC)
TODAY = AT.date()


@pytest.fixture
def person():
    return make_person("Ada", role="agent")


def order(person, points, key, **fields):
    issued = single_account(AccountKind.ISSUED)
    return Order(issued, account_of(person), points, key, Purpose.PAYOUT, **fields)


def pay(person, points, key, **fields):
    return transfer(order(person, points, key, **fields), by=None, at=AT)


def browser(person):
    client = Client()
    client.force_login(person)
    return client


def test_who_never_had_points_has_none(person):
    assert points_of(person, on=TODAY) is None
    assert "No reward points yet" in browser(person).get(reverse("desk:points")).content.decode()


def test_rows_run_to_the_balance_and_name_their_goal(person):
    goal = make_goal(name="Answer together")
    first = pay(person, 50, "a", reference=payout_reference(goal, "2024-08"))
    pay(person, 30, "b")
    take_back(first, points=20, key="c", by=None, at=AT)
    own = points_of(person, on=TODAY)
    assert [(row.points, row.balance) for row in own.rows] == [(-20, 60), (30, 80), (50, 50)]
    assert [(row.source, row.period) for row in own.rows] == [
        ("Answer together", "2024-08"),
        ("", ""),
        ("Answer together", "2024-08"),
    ]
    assert own.balance.available == 60


def test_pending_points_are_on_their_way_until_they_are_posted_or_voided(person):
    one, two, three = pend([order(person, n, f"p{n}") for n in (5, 7, 11)], by=None, at=AT)
    post(one, by=None, at=AT)
    void(two, by=None, at=AT)
    own = points_of(person, on=TODAY)
    assert [row.transfer for row in own.pending] == [three]
    assert (own.balance.available, own.balance.incoming) == (5, 11)
    assert [row.points for row in own.rows] == [5]


def test_what_expires_within_a_week_is_warned_of_with_its_day(person):
    for days, points in ((1, 10), (3, 20), (3, 5), (7, 40), (8, 80)):
        pay(person, points, f"{days}:{points}", expires_on=TODAY + dt.timedelta(days=days))
    own = points_of(person, on=TODAY)
    assert own.expiring == tuple(
        Expiring(points, TODAY + dt.timedelta(days), days) for days, points in ((1, 10), (3, 25), (7, 40))
    )
    later = TODAY + dt.timedelta(days=3)
    expire_points(account_of(person), on=later, at=AT)
    assert [each.points for each in points_of(person, on=later).expiring] == [40, 80]


def test_page_and_home_card_say_what_expires(person):
    pay(person, 40, "a", expires_on=timezone.now().date() + dt.timedelta(days=3))
    for name in ("desk:points", "desk:home"):
        page = browser(person).get(reverse(name)).content.decode()
        assert "40 points expire in 3 days" in page


def test_nobody_sees_anothers_points(person):
    pay(person, 777, "a")
    assert "777" not in browser(make_person("Bob", role="agent")).get(reverse("desk:points")).content.decode()
    assert browser(make_person("Vic", role="compliance_reviewer")).get(reverse("desk:points")).status_code == 403


def test_page_costs_the_same_for_one_row_and_for_three(person):
    counts = []
    for number in range(3):
        pay(person, 10, f"a{number}", reference=payout_reference(make_goal(), "2024-09"))
        with CaptureQueriesContext(connection) as queries:
            points_of(person, on=TODAY)
        counts.append(len(queries))
    assert len(set(counts)) == 1
