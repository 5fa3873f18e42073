"""External metrics and their data."""

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.api.models import ExternalMetric
from integrations.api.rules.external import OBJECTIVE_TYPES, READING_KINDS, UNITS
from metrics.enums import ReadingKind, Unit
from metrics.models import DayValue, Metric, Reading
from people.tests.factories import make_division, make_person
from scorecards.actions import rescore
from scorecards.enums import ObjectiveKind
from scorecards.models import Profile
from scorecards.rules.scoring import Zone
from scorecards.tests.factories import make_external, make_terms

from .factories import Caller, calling, make_client, make_token

pytestmark = pytest.mark.django_db
DEFINITIONS = "employeeperformance/externalmetrics/definitions"
DATA = "employeeperformance/externalmetrics/data"
SALES = {"name": "Sales", "unit": "Number", "precision": 0, "defaultObjectiveType": "HigherIsBetter"}


@pytest.fixture
def ada() -> Caller:
    return calling("administrator", replays_same_body=False)


@pytest.fixture
def agent():
    return make_person("Alice", email="alice@example.com")


@pytest.fixture
def sales() -> Metric:
    return make_external("sales", name="Sales", aggregation="average")


def today() -> dt.date:
    return timezone.now().date()


def item(agent, metric, value=5, **more) -> dict:
    given = {"userId": str(agent.public_id), "metricId": str(metric.pk), "dateOccurred": str(today()), "value": value}
    return given | more


def send(caller, *items):
    return caller.post(DATA, {"items": list(items)})


def test_words_of_the_field_are_total():
    assert set(UNITS.values()) == set(Unit)
    assert set(OBJECTIVE_TYPES.values()) == set(ObjectiveKind)
    assert set(READING_KINDS.values()) == set(ReadingKind)


# Definitions ----------------------------------------------------------------------------------------------------------


def test_definition_comes_back_as_it_was_made(ada):
    made = ada.post(DEFINITIONS, SALES | {"unit": "Currency", "unitDefinition": "eur", "precision": 2}).told
    assert made == {
        "id": made["id"],
        "name": "Sales",
        "unit": "Currency",
        "unitDefinition": "EUR",
        "precision": 2,
        "defaultObjectiveType": "HigherIsBetter",
        "enabled": True,
        "inUse": False,
        "selfUri": f"/api/v2/{DEFINITIONS}/{made['id']}",
    }
    assert ada.get(f"{DEFINITIONS}/{made['id']}").told == made


@pytest.mark.parametrize("kind", list(OBJECTIVE_TYPES))
def test_definition_keeps_its_objective_type(ada, kind):
    assert ada.post(DEFINITIONS, SALES | {"defaultObjectiveType": kind}).told["defaultObjectiveType"] == kind


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": "Apples"},
        {"precision": 6},
        {"precision": 1.5},
        {"name": " "},
        {"unitDefinition": "EUR"},
        {"unit": None},
    ],
)
def test_definition_that_cannot_be_is_refused(ada, changes):
    answer = ada.post(DEFINITIONS, SALES | changes)
    assert (answer.status_code, answer.told["code"]) == (400, "bad.request")
    assert Metric.objects.filter(name="Sales").count() == 0


def test_definition_changes_all_but_its_unit(ada, sales):
    path = f"{DEFINITIONS}/{sales.pk}"
    changed = ada.patch(path, {"name": "Sold", "precision": 1, "defaultObjectiveType": "TargetArea"}).told
    assert (changed["name"], changed["precision"], changed["defaultObjectiveType"]) == ("Sold", 1, "TargetArea")
    assert ada.patch(path, {"unit": "Number"}).told == changed
    assert ada.patch(path, {"unit": "Seconds"}).status_code == 400
    assert ada.get(path).told == changed


def test_name_of_another_metric_is_a_conflict(ada, sales):
    assert ada.post(DEFINITIONS, SALES).status_code == 409
    other = make_external("other")
    assert ada.patch(f"{DEFINITIONS}/{other.pk}", {"name": "Sales"}).status_code == 409


def test_metric_in_use_is_neither_deleted_nor_disabled(ada, sales):
    make_terms(Profile.objects.get(is_default=True), sales, (Zone("out", None, None, 0, 0),))
    path = f"{DEFINITIONS}/{sales.pk}"
    assert ada.get(path).told["inUse"] is True
    assert ada.delete(path).status_code == 409
    assert ada.patch(path, {"enabled": False}).status_code == 409
    assert ada.get(path).told["enabled"] is True


def test_unused_metric_is_deleted(ada, sales):
    assert ada.delete(f"{DEFINITIONS}/{sales.pk}").status_code == 204
    assert not Metric.objects.filter(pk=sales.pk).exists()


def test_metric_with_data_is_deleted_for_the_api_only(ada, agent, sales):
    send(ada, item(agent, sales))
    assert ada.delete(f"{DEFINITIONS}/{sales.pk}").status_code == 204
    assert ada.get(f"{DEFINITIONS}/{sales.pk}").status_code == 404
    assert ada.get(DEFINITIONS).told["total"] == 1  # the customers' thanks, which ship
    assert send(ada, item(agent, sales)).told["unprocessedEntities"][0]["code"] == "metric.not.found"
    assert Reading.objects.count() == 1
    assert ExternalMetric.objects.get().metric.is_active is False
    assert ada.post(DEFINITIONS, SALES).status_code == 200


def test_metric_of_interactions_is_not_external(ada):
    metric = Metric.objects.filter(source="interactions").first()
    assert ada.get(f"{DEFINITIONS}/{metric.pk}").status_code == 404
    assert ada.delete(f"{DEFINITIONS}/{metric.pk}").status_code == 404


def test_list_is_paged_with_addresses(ada):
    Metric.objects.filter(source="external").delete()
    for number in range(5):
        make_external(f"m{number}")
    told = ada.get(DEFINITIONS, pageSize=2, pageNumber=2).told
    assert [each["name"] for each in told["entities"]] == ["m2", "m3"]
    assert (told["total"], told["pageCount"], told["pageSize"], told["pageNumber"]) == (5, 3, 2, 2)
    at = f"/api/v2/{DEFINITIONS}?pageNumber="
    assert [told[f"{name}Uri"] for name in ("first", "previous", "self", "next", "last")] == [
        f"{at}{number}&pageSize=2" for number in (1, 1, 2, 3, 3)
    ]
    assert "nextUri" not in ada.get(told["lastUri"]).told
    assert ada.get(DEFINITIONS, pageSize=2, pageNumber=9).told["entities"] == []
    assert ada.get(DEFINITIONS, pageSize=0).status_code == 400


def test_list_asks_as_often_for_three_as_for_one(ada):
    Metric.objects.filter(source="external").delete()
    make_external("m0")
    ada.get(DEFINITIONS)
    with CaptureQueriesContext(connection) as one:
        ada.get(DEFINITIONS)
    for number in (1, 2):
        make_external(f"m{number}")
    with CaptureQueriesContext(connection) as three:
        ada.get(DEFINITIONS)
    assert len(one) == len(three)


# Data -----------------------------------------------------------------------------------------------------------------


def value_of(agent, metric, day=None):
    rescore(at=timezone.now())
    row = DayValue.objects.filter(agent=agent, metric=metric, workday=day or today()).first()
    return (row.total, row.count) if row else None


def test_total_overwrites_and_cumulative_adds(ada, agent, sales):
    steps = [
        ({"value": 5}, (5, 1)),
        ({"value": 3}, (3, 1)),
        ({"value": 4, "type": "Cumulative"}, (7, 1)),
        ({"value": 2.5, "type": "Cumulative", "count": 2}, (9.5, 3)),
        ({"value": 10, "count": 4}, (10, 4)),
    ]
    for more, (total, count) in steps:
        [done] = send(ada, item(agent, sales, **more)).told["processedEntities"]
        assert (done["totalValue"], done["totalCount"]) == (total, count)
        assert value_of(agent, sales) == (Decimal(str(total)), count)


def test_cumulative_without_data_counts_one(ada, agent, sales):
    [done] = send(ada, item(agent, sales, type="Cumulative")).told["processedEntities"]
    assert (done["totalValue"], done["totalCount"]) == (5, 1)


@pytest.mark.parametrize("more", [{"value": None}, {"value": 9, "count": 0}])
def test_null_and_a_count_of_zero_delete(ada, agent, sales, more):
    send(ada, item(agent, sales))
    assert value_of(agent, sales) == (5, 1)
    [done] = send(ada, item(agent, sales, **more)).told["processedEntities"]
    assert "totalValue" not in done
    assert done["totalCount"] == 0
    assert value_of(agent, sales) is None


def test_processed_item_echoes_what_was_sent(ada, agent, sales):
    [done] = send(
        ada, {"userEmail": "Alice@Example.com", "metricId": str(sales.pk), "dateOccurred": str(today()), "value": 1.25}
    ).told["processedEntities"]
    assert done == {
        "userId": str(agent.public_id),
        "userEmail": "Alice@Example.com",
        "metricId": str(sales.pk),
        "dateOccurred": str(today()),
        "value": 1.25,
        "type": "Total",
        "totalValue": 1.25,
        "totalCount": 1,
    }


def test_items_succeed_and_fail_one_by_one(ada, agent, sales):
    off = make_external("off", is_active=False)
    summed = make_external("summed", aggregation="sum")
    nobody = {"userId": "00000000-0000-0000-0000-000000000000"}
    refused = [
        (item(agent, sales) | nobody, "user.not.found"),
        (item(agent, sales) | {"userId": "x"}, "user.not.found"),
        (item(agent, sales) | {"userEmail": "alice@example.com"}, "user.invalid"),
        ({key: value for key, value in item(agent, sales).items() if key != "userId"}, "user.invalid"),
        (item(agent, sales, metricId="999999"), "metric.not.found"),
        (item(agent, sales, metricId="sales"), "metric.not.found"),
        (item(agent, off), "metric.disabled"),
        (item(agent, sales, dateOccurred=str(today() - dt.timedelta(days=8))), "date.out.of.range"),
        (item(agent, sales, dateOccurred=str(today() + dt.timedelta(days=31))), "date.out.of.range"),
        (item(agent, sales, value=1e12), "value.invalid"),
        (item(agent, sales, count=-1), "value.invalid"),
        (item(agent, summed, count=3), "value.invalid"),
    ]
    edges = [item(agent, sales, dateOccurred=str(today() + dt.timedelta(days=days))) for days in (-7, 30)]
    told = send(ada, *(each for each, _ in refused), *edges).told
    assert [each["code"] for each in told["unprocessedEntities"]] == [code for _, code in refused]
    assert [each["dateOccurred"] for each in told["processedEntities"]] == [each["dateOccurred"] for each in edges]
    assert all(each["message"] for each in told["unprocessedEntities"])
    assert Reading.objects.count() == 2


def test_range_of_dates_is_of_the_agents_division(ada, sales):
    """In Kiritimati it is tomorrow for most of a day."""
    division = make_division("Far", time_zone="Pacific/Kiritimati")
    agent = make_person(division=division)
    there = timezone.now().astimezone(division.zone).date()
    far = item(agent, sales, dateOccurred=str(there + dt.timedelta(days=30)))
    beyond = item(agent, sales, dateOccurred=str(there + dt.timedelta(days=31)))
    told = send(ada, far, beyond).told
    assert [len(told[name]) for name in ("processedEntities", "unprocessedEntities")] == [1, 1]


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"items": []},
        {"items": [{}]},
        {"items": [{"metricId": "1", "dateOccurred": "2026-13-01", "value": 1}]},
        {"items": [{"metricId": "1", "dateOccurred": "2026-01-01", "value": "many"}]},
        {"items": [{"metricId": "1", "dateOccurred": "2026-01-01"}]},
        {"items": [{"metricId": "1", "dateOccurred": "2026-01-01", "value": 1, "count": 1.5}]},
        {"items": [{"metricId": "1", "dateOccurred": "2026-01-01", "value": 1, "type": "Sum"}]},
    ],
)
def test_unreadable_data_is_refused_as_a_whole(ada, body):
    answer = ada.post(DATA, body)
    assert (answer.status_code, answer.told["code"]) == (400, "bad.request")


def test_no_more_than_100_items(ada, agent, sales):
    assert send(ada, *[item(agent, sales)] * 100).status_code == 200
    assert send(ada, *[item(agent, sales)] * 101).status_code == 400


def test_client_of_a_division_writes_for_its_people_only(sales):
    north, south = make_division("North"), make_division("South")
    here, there = make_person(division=north), make_person(division=south)
    told = send(calling("administrator", north), item(here, sales), item(there, sales)).told
    assert [each["userId"] for each in told["processedEntities"]] == [str(here.public_id)]
    assert [each["code"] for each in told["unprocessedEntities"]] == ["user.not.found"]


def test_repeated_cumulative_data_is_taken_once(agent, sales):
    caller = calling("administrator")
    body = item(agent, sales, type="Cumulative")
    first, again = send(caller, body), send(caller, body)
    assert (first.told, again["Laurel-Replayed"]) == (again.told, "true")
    assert value_of(agent, sales) == (5, 1)


def test_data_of_100_items_asks_as_often_as_of_one(ada, sales):
    people = [make_person(f"P{number}") for number in range(100)]
    send(ada, item(people[0], sales))
    with CaptureQueriesContext(connection) as one:
        send(ada, item(people[0], sales))
    with CaptureQueriesContext(connection) as hundred:
        send(ada, *(item(person, sales) for person in people))
    assert len(one) == len(hundred) <= 20


@pytest.mark.django_db(transaction=True)
def test_four_clients_at_once_lose_and_double_nothing():
    """10,000 cumulative items in batches of 100, a quarter of them sent twice as after a dropped connection."""
    agents = [make_person(f"P{number}") for number in range(100)]
    metric = make_external("sold", aggregation="average")
    tokens = [make_token(make_client("administrator", name=f"Client {number}")) for number in range(4)]
    failed = []

    def work(token):
        caller = Caller(token)
        for batch in range(25):
            body = {"items": [item(agent, metric, 1 + batch / 100, type="Cumulative") for agent in agents]}
            for _ in range(2 if batch % 4 == 0 else 1):
                answer = caller.post(DATA, body, **{"Idempotency-Key": f"batch {batch}"})
                if answer.status_code != 200 or answer.told["unprocessedEntities"]:
                    failed.append(answer.told)
        connection.close()

    threads = [threading.Thread(target=work, args=[token]) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert failed == []
    assert Reading.objects.count() == 10_000
    rescore(at=timezone.now())
    expected = 4 * sum(Decimal(1) + Decimal(batch) / 100 for batch in range(25))
    assert set(DayValue.objects.filter(metric=metric).values_list("total", "count")) == {(expected, Decimal(1))}
    assert DayValue.objects.filter(metric=metric).count() == 100
