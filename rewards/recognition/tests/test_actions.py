"""What people give reaches the right person, within the month's budget, once, and may be taken back."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connections, transaction

from inbox.models import Notification
from ledger.actions import Order, account_of, single_account, transfer
from ledger.enums import AccountKind, Purpose
from ledger.models import Debt, Transfer
from ledger.queries import balance_of
from people.tests.factories import join, lead, make_division, make_person, make_team
from rewards.recognition.actions import AlreadyTakenBack, NotTheirs, OverBudget, TokenUsed, take_gift_back
from rewards.recognition.enums import Kind
from rewards.recognition.models import Budget, Gift, LeadBudget, TakenBack
from rewards.recognition.queries import gifts_seen_by, left_of

from .factories import make_budget, make_gift

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 9, 10, 12, tzinfo=dt.UTC)
OCTOBER = dt.datetime(2026, 10, 1, 0, 30, tzinfo=dt.UTC)


class Floor:
    """A team of Ada and Bob with their lead Sam, and Charlie of another team."""

    def __init__(self):
        division = make_division()
        self.ada, self.bob, self.charlie = (
            make_person(name, division=division, role="agent") for name in ("Ada", "Bob", "Charlie")
        )
        self.sam = make_person("Sam", division=division, role="supervisor")
        team = make_team(division=division)
        join(self.ada, team)
        join(self.bob, team)
        lead(self.sam, team)
        join(self.charlie, make_team(division=division))


@pytest.fixture
def floor():
    return Floor()


def balance(person) -> int:
    return balance_of(account_of(person)).available


def test_lead_gives_points_of_the_budget_and_the_person_is_told(floor):
    make_budget(lead=100)
    gift = make_gift(floor.sam, floor.ada, points=60, at=AT)
    assert (balance(floor.ada), left_of(floor.sam, Kind.RECOGNITION, on=AT.date()).points) == (60, 40)
    assert (gift.transfer.debit.kind, gift.transfer.purpose) == (AccountKind.ISSUED, Purpose.GRANT)
    told = Notification.objects.get()
    assert (told.person, told.by, told.kind, told.params["note"]) == (floor.ada, floor.sam, "recognition", "Well done")


def test_note_without_points_needs_no_budget(floor):
    assert make_gift(floor.sam, floor.ada, at=AT).transfer is None
    assert not Transfer.objects.exists()


def test_nothing_beyond_the_budget_and_the_next_month_begins_anew(floor):
    make_budget(lead=100)
    make_gift(floor.sam, floor.ada, points=60, at=AT)
    with pytest.raises(OverBudget, match="40 points are left"):
        make_gift(floor.sam, floor.bob, points=41, at=AT)
    make_gift(floor.sam, floor.bob, points=100, at=OCTOBER)
    assert (balance(floor.ada), balance(floor.bob)) == (60, 100)


def test_budget_of_the_day_holds(floor):
    make_budget(lead=10)
    Budget.objects.create(from_on=AT.date() + dt.timedelta(days=1), lead_points=50)
    with pytest.raises(OverBudget):
        make_gift(floor.sam, floor.ada, points=11, at=AT)
    make_gift(floor.sam, floor.ada, points=50, at=AT + dt.timedelta(days=1))


def test_own_budget_of_a_lead_holds_from_its_day_instead_of_that_of_every_lead(floor):
    make_budget(lead=100)
    LeadBudget.objects.create(person=floor.sam, from_on=AT.date(), points=10)
    other = LeadBudget.objects.create(person=floor.ada, from_on=AT.date(), points=0)
    LeadBudget.objects.create(person=floor.sam, from_on=AT.date() + dt.timedelta(days=1), points=0)
    found = [left_of(floor.sam, Kind.RECOGNITION, on=AT.date() + dt.timedelta(days=days)).of for days in (-1, 0, 1)]
    assert found == [100, 10, 0]
    with pytest.raises(OverBudget, match="10 points are left"):
        make_gift(floor.sam, floor.ada, points=11, at=AT)
    assert left_of(floor.ada, Kind.THANKS, on=AT.date()).of == 20
    with pytest.raises(IntegrityError), transaction.atomic():
        LeadBudget.objects.create(person=floor.ada, from_on=other.from_on, points=1)


@pytest.mark.parametrize(
    ("by", "to", "kind"),
    [
        ("sam", "sam", Kind.RECOGNITION),
        ("sam", "charlie", Kind.RECOGNITION),
        ("ada", "bob", Kind.RECOGNITION),
        ("ada", "ada", Kind.THANKS),
        ("ada", "charlie", Kind.THANKS),
    ],
)
def test_nobody_gives_to_themselves_or_beyond_their_people(floor, by, to, kind):
    make_budget()
    with pytest.raises(NotTheirs):
        make_gift(getattr(floor, by), getattr(floor, to), kind=kind, at=AT)
    assert not Gift.objects.exists()


def test_two_colleagues_cannot_trade(floor):
    make_budget(peer=20, pair=10)
    make_gift(floor.ada, floor.bob, kind=Kind.THANKS, points=6, at=AT)
    with pytest.raises(OverBudget, match="4 points are left"):
        make_gift(floor.bob, floor.ada, kind=Kind.THANKS, points=5, at=AT)
    make_gift(floor.bob, floor.ada, kind=Kind.THANKS, points=4, at=AT)
    assert (balance(floor.ada), balance(floor.bob)) == (4, 6)


def test_same_token_gives_once_and_other_content_is_refused(floor):
    make_budget()
    token = uuid.uuid4()
    first = make_gift(floor.sam, floor.ada, points=10, token=token, at=AT)
    assert make_gift(floor.sam, floor.ada, points=10, token=token, at=AT) == first
    with pytest.raises(TokenUsed):
        make_gift(floor.sam, floor.ada, points=20, token=token, at=AT)
    assert (balance(floor.ada), Notification.objects.count()) == (10, 1)


def test_taking_back_is_a_new_row_and_frees_the_budget(floor):
    make_budget(lead=100)
    gift = make_gift(floor.sam, floor.ada, points=60, at=AT)
    take_gift_back(gift, reason="Wrong person", by=floor.sam, at=AT)
    assert (balance(floor.ada), left_of(floor.sam, Kind.RECOGNITION, on=AT.date()).points) == (0, 100)
    with pytest.raises(AlreadyTakenBack):
        take_gift_back(gift, reason="Again", by=floor.sam, at=AT)
    assert Notification.objects.filter(person=floor.ada, kind="reward_reversed").count() == 1


def test_taking_back_what_was_spent_leaves_a_debt(floor):
    make_budget(lead=100)
    gift = make_gift(floor.sam, floor.ada, points=60, at=AT)
    spent = Order(account_of(floor.ada), single_account(AccountKind.SPENT), 50, "spent", Purpose.REDEMPTION)
    transfer(spent, by=None, at=AT)
    take_gift_back(gift, reason="Wrong person", by=floor.sam, at=AT)
    assert (balance(floor.ada), Debt.objects.get().points) == (0, 50)


def test_only_the_giver_takes_back(floor):
    gift = make_gift(floor.sam, floor.ada, at=AT)
    with pytest.raises(NotTheirs):
        take_gift_back(gift, reason="Mine", by=floor.ada, at=AT)


def test_note_is_read_by_giver_recipient_and_the_recipients_leads(floor):
    make_gift(floor.ada, floor.bob, kind=Kind.THANKS, at=AT)
    make_gift(floor.sam, floor.bob, at=AT)
    boss_of_charlie = make_person("Erin", role="supervisor")
    people = {"ada": 1, "bob": 2, "sam": 2, "charlie": 0}
    seen = {name: gifts_seen_by(getattr(floor, name), on=AT.date()).count() for name in people}
    assert seen == people
    assert not gifts_seen_by(boss_of_charlie, on=AT.date()).exists()


def test_database_refuses_a_gift_to_oneself_a_second_token_and_points_without_a_transfer(floor):
    gift = make_gift(floor.sam, floor.ada, at=AT)
    base = {"kind": "thanks", "giver": floor.sam, "recipient": floor.ada, "note": "x", "month_on": AT.date(), "at": AT}
    for wrong in (
        {"token": uuid.uuid4(), "recipient": floor.sam},
        {"token": gift.token},
        {"token": uuid.uuid4(), "points": 5},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Gift.objects.create(**base | wrong)
    TakenBack.objects.create(gift=gift, reason="x", by=floor.sam, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        TakenBack.objects.create(gift=gift, reason="x", by=floor.sam, at=AT)


def test_budget_starts_once_a_day():
    make_budget()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_budget()


@pytest.mark.django_db(transaction=True)
def test_budget_holds_under_many_at_once(floor):
    make_budget(lead=100)

    def one(number):
        try:
            return make_gift(floor.sam, (floor.ada, floor.bob)[number % 2], points=15, at=AT).points
        except OverBudget:
            return 0
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        given = sum(pool.map(one, range(24)))
    assert given == balance(floor.ada) + balance(floor.bob) == 90
