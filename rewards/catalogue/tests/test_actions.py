"""Requests under every refusal, and a hundred at once for the last piece."""

import datetime as dt
import threading
import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection

from inbox.models import Notification
from ledger.actions import NotEnoughPoints, Order, account_of, single_account, transfer
from ledger.enums import AccountKind, Purpose
from ledger.queries import Balance, balance_of
from people.tests.factories import join, lead, make_division, make_person, make_team
from rewards.catalogue import actions
from rewards.catalogue.models import Decision, Item, Request, StockChange
from rewards.catalogue.retention import erase

AT = dt.datetime(2024, 9, 10, 12, tzinfo=dt.UTC)


def make_agent(team, points=100):
    person = make_person(division=team.division, role="agent")
    join(person, team)
    if points:
        order = Order(
            single_account(AccountKind.ISSUED), account_of(person), points, f"give:{person.pk}", Purpose.GRANT
        )
        transfer(order, by=None, at=AT)
    return person


def make_item(**fields):
    return Item.objects.create(**{"name": "Coffee", "price_points": 40, "stock": 5} | fields)


def ask(item, person, token=None):
    return actions.request_item(item, token=token or uuid.uuid4(), by=person, at=AT)


@pytest.fixture
def team(db):
    return make_team()


@pytest.fixture
def supervisor(team):
    person = make_person(division=team.division, role="supervisor")
    lead(person, team)
    return person


def test_request_holds_points_until_the_delivery_spends_them(team, supervisor):
    agent, item = make_agent(team), make_item()
    request = ask(item, agent)
    assert balance_of(account_of(agent)) == Balance(100, held=40)
    actions.approve(request, by=supervisor, at=AT)
    assert balance_of(account_of(agent)) == Balance(100, held=40)
    actions.deliver(request, by=supervisor, at=AT)
    assert balance_of(account_of(agent)) == Balance(60)
    item.refresh_from_db()
    assert item.stock == 4
    assert list(Decision.objects.values_list("status", "by")) == [
        ("approved", supervisor.pk),
        ("delivered", supervisor.pk),
    ]


@pytest.mark.parametrize("step", ["decline", "cancel"])
def test_declined_or_cancelled_request_gives_points_and_piece_back_once(team, supervisor, step):
    agent, item = make_agent(team), make_item()
    request = ask(item, agent)
    for _twice in range(2):
        getattr(actions, step)(request, reason="Closed today", by=supervisor, at=AT)
    item.refresh_from_db()
    assert (balance_of(account_of(agent)), item.stock) == (Balance(100), 5)


def test_delivered_request_cannot_be_cancelled(team, supervisor):
    agent = make_agent(team)
    request = ask(make_item(), agent)
    actions.approve(request, by=supervisor, at=AT)
    actions.deliver(request, by=supervisor, at=AT)
    with pytest.raises(actions.CatalogueRefusal):
        actions.cancel(request, by=agent, at=AT)
    assert balance_of(account_of(agent)) == Balance(60)


def test_nobody_decides_about_themself_or_about_people_they_do_not_lead(team, supervisor):
    join(supervisor, team)
    own = make_agent(team)
    request = ask(make_item(), own)
    stranger = make_person(role="supervisor")
    for by in (own, stranger):
        with pytest.raises(PermissionDenied):
            actions.approve(request, by=by, at=AT)
    Request.objects.update(person=supervisor)
    with pytest.raises(PermissionDenied):
        actions.approve(Request.objects.get(), by=supervisor, at=AT)


def test_same_token_makes_one_request(team):
    agent, item, token = make_agent(team), make_item(), uuid.uuid4()
    assert ask(item, agent, token) == ask(item, agent, token)
    assert balance_of(account_of(agent)).held == 40


def test_request_freezes_name_and_price(team, supervisor):
    agent, item = make_agent(team), make_item()
    request = ask(item, agent)
    Item.objects.update(name="Tea", price_points=90)
    request.refresh_from_db()
    assert (request.item_name, request.points) == ("Coffee", 40)


@pytest.mark.parametrize(
    "fields",
    [{"stock": 0}, {"limit_per_person": 0}, {"from_on": dt.date(2024, 9, 11)}, {"until_on": dt.date(2024, 9, 10)}],
)
def test_item_that_is_not_offered_is_refused(team, fields):
    with pytest.raises(actions.CatalogueRefusal):
        ask(make_item(**fields), make_agent(team))


def test_item_of_another_division_is_refused(team):
    item = make_item()
    item.divisions.add(make_division())
    with pytest.raises(actions.CatalogueRefusal):
        ask(item, make_agent(team))


def test_without_points_nothing_is_taken_from_stock(team):
    item = make_item()
    with pytest.raises(NotEnoughPoints):
        ask(item, make_agent(team, points=39))
    item.refresh_from_db()
    assert (item.stock, Request.objects.count()) == (5, 0)


def test_rewards_manager_decides_for_people_whom_nobody_leads_and_never_for_themself(team):
    manager, nobody = make_person(division=team.division, role="rewards_manager"), make_person(division=team.division)
    agent = make_agent(team)
    actions.decline(ask(make_item(), agent), reason="Sold", by=manager, at=AT)
    elsewhere = make_person(role="rewards_manager", in_division=make_division())
    again = ask(make_item(name="Tea"), agent)
    for by in (elsewhere, nobody):
        with pytest.raises(PermissionDenied):
            actions.approve(again, by=by, at=AT)
    Request.objects.filter(pk=again.pk).update(person=manager)
    with pytest.raises(PermissionDenied):
        actions.approve(Request.objects.get(pk=again.pk), by=manager, at=AT)


def test_restock_adds_to_what_is_there_and_says_who(team):
    item, by = make_item(stock=1), make_agent(team)
    stale = Item.objects.get()
    ask(item, by)
    actions.restock(stale, pieces=4, by=by, at=AT, note="Delivery")
    item.refresh_from_db()
    assert (item.stock, StockChange.objects.get().by) == (4, by)
    with pytest.raises(actions.CatalogueRefusal):
        actions.restock(item, pieces=-5, by=by, at=AT)
    assert actions.restock(item, pieces=0, by=by, at=AT) is None


def test_change_of_stock_by_nothing_is_refused_by_the_database(db):
    with pytest.raises(IntegrityError):
        StockChange.objects.create(item=make_item(), pieces=0, at=AT)


def test_erased_persons_open_requests_give_points_and_pieces_back(team):
    agent, item = make_agent(team), make_item()
    ask(item, agent)
    erase(agent, at=AT + dt.timedelta(days=1))
    item.refresh_from_db()
    assert (item.stock, balance_of(account_of(agent))) == (5, Balance(100))
    assert list(Decision.objects.values_list("status", "at")) == [("cancelled", AT + dt.timedelta(days=1))]


def test_erased_persons_reasons_go_and_those_of_others_stay(team, supervisor):
    agent, other = make_agent(team), make_agent(team)
    for person in (agent, other):
        actions.decline(ask(make_item(), person), reason="Closed today", by=supervisor, at=AT)
    erase(agent, at=AT)
    found = dict(Decision.objects.values_list("request__person", "reason"))
    assert found == {agent.pk: "", other.pk: "Closed today"}


def test_deactivated_persons_request_can_still_be_decided(team, supervisor):
    agent = make_agent(team)
    request = ask(make_item(), agent)
    agent.is_active = False
    agent.save()
    assert actions.approve(request, by=supervisor, at=AT).status == "approved"


def told(person, kind):
    return list(Notification.objects.filter(person=person, kind=kind).values_list("params", flat=True))


def test_who_runs_the_catalogue_is_told_once_for_each_fall(team, supervisor):
    manager = make_person(division=team.division, role="rewards_manager")
    administrator = make_person(division=team.division, role="administrator")
    item = make_item(stock=4, low_stock=2)
    for _ in range(3):
        ask(item, make_agent(team))
    assert told(manager, "low_stock") == [{"item": "Coffee", "left": 2}]
    actions.restock(item, pieces=3, by=manager, at=AT)
    actions.restock(item, pieces=-2, by=manager, at=AT)
    assert [each["left"] for each in told(manager, "low_stock")] == [2, 2]
    assert told(administrator, "low_stock") == []


def test_without_a_rewards_manager_those_who_enter_items_are_told(team):
    administrator = make_person(division=team.division, role="administrator")
    ask(make_item(stock=1), make_agent(team))
    assert told(administrator, "low_stock") == [{"item": "Coffee", "left": 0}]


def test_nearest_lead_is_told_of_a_request_once(team, supervisor):
    above = make_team(division=team.division)
    team.parent = above
    team.save()
    head = make_person(division=team.division, role="supervisor")
    lead(head, above)
    manager = make_person(division=team.division, role="rewards_manager")
    agent, token = make_agent(team), uuid.uuid4()
    request = [ask(make_item(), agent, token), ask(Item.objects.get(), agent, token)][0]
    assert told(supervisor, "request_made") == [{"item": "Coffee", "points": 40}]
    assert [told(each, "request_made") for each in (head, manager, agent)] == [[], [], []]
    notice = Notification.objects.get(kind="request_made")
    assert (notice.by, notice.url) == (agent, f"/rewards/requests/{request.public_id}/")


def test_without_a_lead_those_above_and_then_who_runs_the_catalogue_are_told(team):
    above = make_team(division=team.division)
    team.parent = above
    team.save()
    manager = make_person(division=team.division, role="rewards_manager")
    make_person(role="rewards_manager", in_division=make_division())
    ask(make_item(), make_agent(team))
    head = make_person(division=team.division, role="supervisor")
    lead(head, above)
    ask(make_item(name="Tea"), make_agent(team))
    assert [told(each, "request_made") for each in (manager, head)] == [
        [{"item": "Coffee", "points": 40}],
        [{"item": "Tea", "points": 40}],
    ]
    assert Notification.objects.filter(kind="request_made").count() == 2


def test_notice_of_a_request_is_done_with_once_one_lead_has_decided(team, supervisor):
    lead(second := make_person(division=team.division, role="supervisor"), team)
    agent = make_agent(team)
    request, other = ask(make_item(), agent), ask(make_item(name="Tea"), agent)
    actions.approve(request, by=supervisor, at=AT)
    unread = Notification.objects.filter(kind="request_made", read_at=None)
    assert set(unread.values_list("person", "params__item")) == {(supervisor.pk, "Tea"), (second.pk, "Tea")}
    actions.cancel(other, by=agent, at=AT)
    assert not unread.exists()


def test_lead_who_asks_is_not_told_of_their_own_request(team, supervisor):
    manager = make_person(division=team.division, role="rewards_manager")
    order = Order(single_account(AccountKind.ISSUED), account_of(supervisor), 50, "s", Purpose.GRANT)
    transfer(order, by=None, at=AT)
    join(supervisor, team)
    ask(make_item(), supervisor)
    assert (len(told(manager, "request_made")), told(supervisor, "request_made")) == (1, [])


def test_who_decides_cancels_only_with_a_reason(team, supervisor):
    agent = make_agent(team)
    request = ask(make_item(), agent)
    actions.approve(request, by=supervisor, at=AT)
    with pytest.raises(actions.CatalogueRefusal, match="Say why"):
        actions.cancel(request, by=supervisor, at=AT)
    assert balance_of(account_of(agent)).held == 40


def test_person_is_told_what_others_decided_and_not_what_they_did_themself(team, supervisor):
    agent = make_agent(team)
    actions.decline(ask(make_item(), agent), reason="Closed today", by=supervisor, at=AT)
    actions.cancel(ask(make_item(name="Tea"), agent), by=agent, at=AT)
    assert told(agent, "request_decided") == [{"decision": "declined", "item": "Coffee", "note": "Closed today"}]


def test_stock_below_zero_is_refused_by_the_database(db):
    with pytest.raises(IntegrityError):
        make_item(stock=-1)


def at_once(calls):
    """Runs them in threads that start together; what each came to. A server allows a hundred connections or fewer."""
    gate, results, connections = threading.Barrier(len(calls)), [], threading.Semaphore(60)

    def run(call):
        gate.wait()
        with connections:
            try:
                results.append(call())
            except Exception as error:  # noqa: BLE001 - each result is looked at
                results.append(error)
            finally:
                connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_a_hundred_requests_at_once_for_the_last_piece_give_it_to_one():
    team = make_team()
    agents, item = [make_agent(team) for _ in range(100)], make_item(stock=1)
    results = at_once([lambda agent=agent: ask(item, agent) for agent in agents])
    item.refresh_from_db()
    assert (item.stock, Request.objects.count()) == (0, 1)
    assert {str(each) for each in results if isinstance(each, Exception)} == {"This is out of stock."}
    assert sum(isinstance(each, actions.CatalogueRefusal) for each in results) == 99


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_never_spend_points_twice():
    agent = make_agent(make_team(), points=60)
    items = [make_item(name="Coffee"), make_item(name="Tea")]
    results = at_once([lambda item=item: ask(item, agent) for item in items])
    assert sum(isinstance(each, NotEnoughPoints) for each in results) == 1
    assert balance_of(account_of(agent)) == Balance(60, held=40)
