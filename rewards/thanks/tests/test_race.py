"""Many customers thank one agent at the same moment, each on a connection of their own."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from ledger.actions import account_of
from ledger.queries import balance_of
from metrics.models import Reading
from rewards.catalogue.models import Item
from rewards.thanks.actions import answer
from rewards.thanks.models import SurveyVersion, Thanks
from rewards.thanks.rules.survey import Option
from rewards.thanks.tests.factories import AT, change_survey, make_agent, make_response, walk

pytestmark = pytest.mark.django_db(transaction=True)
CUSTOMERS, THREADS = 500, 16


def at_once(do, things) -> list:
    def one(thing):
        try:
            return do(thing)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, things))


def test_five_hundred_thanks_at_once_add_up():
    change_survey(day_points=None)
    agent = make_agent()
    responses = [make_response(agent) for _ in range(CUSTOMERS)]
    for response in responses:
        walk(response, ["1", "1"])
    at_once(lambda pair: answer(pair[1], turn=3, key=str(pair[0] % 4 + 1), at=AT), enumerate(responses))
    due = sum(10 * (number % 4 + 1) for number in range(CUSTOMERS))
    assert balance_of(account_of(agent)).available == due == 12_500
    assert sum(Reading.objects.values_list("value", flat=True)) == due


def test_last_turn_sent_by_many_at_once_gives_once():
    agent = make_agent()
    response = make_response(agent)
    walk(response, ["1", "1"])
    ends = at_once(lambda _: answer(response, turn=3, key="4", at=AT).is_given, range(THREADS * 2))
    assert ends == [True] * THREADS * 2
    assert (balance_of(account_of(agent)).available, Thanks.objects.count()) == (40, 1)


def test_cap_of_the_day_holds_under_many_at_once():
    change_survey(day_points=100)
    agent = make_agent()
    responses = [make_response(agent) for _ in range(24)]
    for response in responses:
        walk(response, ["1", "1"])
    at_once(lambda response: answer(response, turn=3, key="4", at=AT), responses)
    assert balance_of(account_of(agent)).available == 80
    assert Thanks.objects.count() == 24


def test_many_who_are_asked_at_once_after_an_item_changed_make_one_version():
    item = Item.objects.create(name="Flat white", price_points=40)
    change_survey(options=(Option("1", 40, {}, str(item.public_id), item.name),))
    Item.objects.update(name="Cortado")
    agent, versions = make_agent(), SurveyVersion.objects.count()
    asked = at_once(lambda _: make_response(agent), range(THREADS * 2))
    assert {response.version.definition.option("1").name("en") for response in asked} == {"Cortado"}
    assert SurveyVersion.objects.count() == versions + 1
