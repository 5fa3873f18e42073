"""Sums of what the caller may see, by person, team, division, part of the interactions and time."""

import datetime as dt
import itertools
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.api.enums import Acting
from integrations.api.rules.analytics import selection_of, workdays_of
from integrations.api.rules.goals import Unfit
from interactions.enums import MediaType
from metrics.models import DayValue, Metric
from metrics.tests.factories import make_leg
from people.models import Look, Queue
from people.tests.factories import join, lead, make_division, make_person, make_team
from scorecards.actions import rescore
from scorecards.tests.factories import make_external

from .factories import Caller, calling, make_client, make_token

pytestmark = pytest.mark.django_db
QUERY = "analytics/details/query"
DAY = dt.date(2024, 9, 2)
INTERVAL = "2024-09-01T00:00:00.000Z/2024-10-01T00:00:00.000Z"


def ask(caller, *metrics, **more):
    return caller.post(QUERY, {"interval": INTERVAL, "metrics": list(metrics)} | more)


def figures(answer) -> dict:
    """(group values …) → metric → value."""
    return {
        tuple(each["group"].values()): {one["metric"]: one["value"] for part in each["data"] for one in part["metrics"]}
        for each in answer.told["results"]
    }


@pytest.fixture
def centre():
    north, south = make_division("North"), make_division("South")
    team, other = make_team("Team", division=north), make_team("Other", division=north)
    people = {
        "alice": make_person("Alice", division=north, role="agent"),
        "bob": make_person("Bob", division=north, role="agent"),
        "charlie": make_person("Charlie", division=south, role="agent"),
        "dana": make_person("Dana", division=north, role="supervisor"),
    }
    lead(people["dana"], team)
    join(people["alice"], team, until_on=DAY + dt.timedelta(days=1))
    join(people["alice"], other, from_on=DAY + dt.timedelta(days=1))
    join(people["bob"], team)
    queue = Queue.objects.create(name="Sales")
    at = itertools.count(1)
    for name, day, talk, more in (
        ("alice", DAY, 100, {"direction": "inbound", "queue": queue}),
        ("alice", DAY, 200, {"direction": "outbound"}),
        ("alice", DAY + dt.timedelta(days=8), 300, {"direction": "inbound", "media_type": "chat"}),
        ("bob", DAY, 50, {"direction": "inbound"}),
        ("charlie", DAY, 999, {"direction": "inbound"}),
    ):
        leg = {"answered": True, "talk_seconds": talk, "wait_seconds": 10, "external_id": f"x{next(at)}"}
        make_leg(people[name], day, **leg, **more)
    rescore(at=timezone.now())
    return people | {"north": north, "south": south, "team": team, "other": other, "queue": queue}


@pytest.fixture
def quinn(centre) -> Caller:
    return calling("quality_evaluator", centre["north"])


def as_person(person) -> Caller:
    return Caller(make_token(make_client(acting=Acting.DEVICE), person=person))


# What is told -----------------------------------------------------------------------------------------------------


def test_figures_of_the_division_together(quinn, centre):
    assert ask(quinn, "acd.handle.time", "acd.handle.time.sum", "acd.answered.count").told == {
        "results": [
            {
                "group": {},
                "data": [
                    {
                        "interval": "2024-09-01/2024-10-01",
                        "metrics": [
                            {
                                "metric": "acd.handle.time",
                                "aggregation": "AVERAGE",
                                "value": 162.5,
                                "stats": {"sum": 650.0, "count": 4.0, "average": 162.5},
                            },
                            {
                                "metric": "acd.handle.time.sum",
                                "aggregation": "SUM",
                                "value": 650.0,
                                "stats": {"sum": 650.0, "count": 4.0, "average": 162.5},
                            },
                            {
                                "metric": "acd.answered.count",
                                "aggregation": "SUM",
                                "value": 4.0,
                                "stats": {"sum": 4.0, "count": 3.0, "average": 4 / 3},
                            },
                        ],
                    }
                ],
            }
        ],
        "interval": "2024-09-01/2024-10-01",
    }


def test_get_with_a_body_answers_as_post(quinn, centre):
    body = {"interval": INTERVAL, "metrics": ["acd.handle.time"], "grouping": ["userId"]}
    answer = quinn.call("GET", QUERY, body)
    assert answer.status_code == 200
    assert answer.told == quinn.post(QUERY, body).told != {"results": [], "interval": "2024-09-01/2024-10-01"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["userId"], {("alice",): 600, ("bob",): 50}),
        (["teamId"], {("team",): 350, ("other",): 300}),
        (["divisionId"], {("north",): 650}),
        (["callType"], {("inbound",): 450, ("outbound",): 200}),
        (["mediaType"], {("voice",): 350, ("chat",): 300}),
        (["queueId"], {("queue",): 100, (): 550}),
        (["teamId", "userId"], {("team", "alice"): 300, ("team", "bob"): 50, ("other", "alice"): 300}),
        (["direction", "userId"], {("inbound", "alice"): 400, ("outbound", "alice"): 200, ("inbound", "bob"): 50}),
    ],
)
def test_figures_are_grouped(quinn, centre, names, expected):
    def word(name):
        row = centre.get(name)
        return str(getattr(row, "public_id", getattr(row, "pk", None) or name))

    found = figures(ask(quinn, "acd.handle.time.sum", groupBy=names))
    assert {group: told["acd.handle.time.sum"] for group, told in found.items()} == {
        tuple(word(name) for name in group): value for group, value in expected.items()
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"callType": "INBOUND"}, 450),
        ({"callType": ["INBOUND", "OUTBOUND"], "mediaType": "voice"}, 350),
        ([{"dimension": "queueName", "value": "Sales"}], 100),
        ({"type": "and", "predicates": [{"dimension": "mediaType", "value": "chat"}]}, 300),
        (
            {
                "type": "and",
                "clauses": [
                    {
                        "type": "or",
                        "predicates": [{"dimension": "direction", "value": each} for each in ("inbound", "outbound")],
                    }
                ],
                "predicates": [{"dimension": "mediaType", "operator": "matches", "value": "voice"}],
            },
            350,
        ),
    ],
)
def test_figures_are_limited(quinn, centre, given, expected):
    assert figures(ask(quinn, "acd.handle.time.sum", filter=given)) == {(): {"acd.handle.time.sum": expected}}


def test_figures_are_limited_to_people_teams_and_divisions(quinn, centre):
    def total(**given):
        return figures(ask(quinn, "tHandle", filter=given))

    assert total(userId=str(centre["bob"].public_id)) == {(): {"tHandle": 50}}
    assert total(userId=[str(centre["bob"].public_id), "nobody"], callType="outbound") == {}
    assert total(teamId=str(centre["other"].pk)) == {(): {"tHandle": 300}}
    assert total(divisionId=str(centre["north"].pk), callType="outbound") == {(): {"tHandle": 200}}
    assert total(divisionId=str(centre["south"].pk)) == {}
    assert total(userId=str(centre["charlie"].public_id)) == {}


def test_time_is_cut_and_clipped_to_the_interval(quinn, centre):
    answer = ask(quinn, "tHandle", granularity="P1W", interval="2024-09-02/2024-09-10T23:59:59Z").told
    [group] = answer["results"]
    assert [(part["interval"], part["metrics"][0]["value"]) for part in group["data"]] == [
        ("2024-09-02/2024-09-09", 350.0),
        ("2024-09-09/2024-09-11", 300.0),
    ]


def test_external_metric_is_told_by_people_and_not_by_interactions(quinn, centre):
    metric = make_external("sold", name="Sold", aggregation="sum")
    DayValue.objects.create(agent=centre["alice"], metric=metric, workday=DAY, total=Decimal("7.5"), count=1)
    assert figures(ask(quinn, "sold")) == {(): {"sold": 7.5}}
    assert ask(quinn, "sold", filter={"callType": "inbound"}).told["message"] == (
        "metrics: “sold” is not of interactions, and cannot be told apart by them."
    )


def test_values_from_interactions_are_those_of_workdays(quinn, centre):
    """Limited to what all of them are, every metric has the value that its day values give."""
    metrics = [metric.key for metric in Metric.objects.filter(source="interactions").exclude(key="quality_score")]
    every = {"mediaType": [each.value for each in MediaType]}
    for more in ({"groupBy": ["userId"]}, {"groupBy": ["teamId"]}, {"granularity": "P1D"}):
        plain, limited = ask(quinn, *metrics, **more).told, ask(quinn, *metrics, filter=every, **more).told
        assert plain == limited
        assert len(plain["results"][0]["data"][0]["metrics"]) >= 8


def test_percent_has_no_sum(quinn, centre):
    [group] = ask(quinn, "acd.service.level").told["results"]
    assert group["data"][0]["metrics"][0]["stats"] == {"count": 4.0, "average": 100.0}
    assert ask(quinn, "acd.service.level", aggregation="SUM").status_code == 400


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"interval": "September"}, "interval: write two dates"),
        ({"interval": "2024-09-02/2024-09-02"}, "interval: it ends before it begins"),
        ({"interval": "2022-09-02/2024-09-02"}, "interval: at most 366 days"),
        ({"interval": "2024-02-30/2024-09-02"}, "interval: 2024-02-30 is no date"),
        ({"interval": "0001-01-01/0001-01-02"}, "interval: 0001-01-01 is too far away"),
        ({"granularity": "PT30M"}, "granularity: “PT30M” is none of P1D"),
        ({"groupBy": ["shoeSize"]}, "groupBy: “shoeSize” is none of"),
        ({"groupBy": ["userId", "agentId"]}, "groupBy: two of the names"),
        ({"filter": {"shoeSize": "44"}}, "filter: “shoeSize” is none of"),
        ({"filter": {"callType": []}}, "filter: callType has no value"),
        ({"filter": {"callType": "inbound", "direction": "inbound"}}, "filter: direction is the same field"),
        ({"metrics": ["acd.nothing"]}, "metrics: there is no metric “acd.nothing”"),
        ({"metrics": []}, "metrics"),
        ({"aggregation": "MAX"}, "aggregation: “MAX” is none of SUM"),
    ],
)
def test_question_that_cannot_be_asked_is_refused_with_the_reason(quinn, centre, more, said):
    answer = ask(quinn, "tHandle", **more)
    assert (answer.status_code, answer.told["code"]) == (400, "bad.request")
    assert said in answer.told["message"]


# Who sees what ----------------------------------------------------------------------------------------------------


def test_each_caller_gets_the_sums_of_those_they_may_see(centre):
    def handled(caller):
        return figures(ask(caller, "tHandle")).get((), {}).get("tHandle")

    assert handled(as_person(centre["alice"])) == 600
    assert handled(as_person(centre["dana"])) == 50  # Alice is in her team no more
    assert handled(calling("quality_evaluator", centre["south"])) == 999
    assert handled(calling("quality_evaluator")) == 1649
    assert ask(calling("administrator"), "tHandle").status_code == 403
    assert ask(calling("quality_evaluator", scopes=["users"]), "tHandle").status_code == 403
    assert ask(Caller(), "tHandle").status_code == 401


@pytest.mark.parametrize(
    ("more", "seen"),
    [
        ({"groupBy": ["userId"]}, {"Alice", "Bob"}),
        ({"filter": {"userId": "{bob}"}}, {"Bob"}),
        ({"groupBy": ["teamId"]}, set()),
        ({}, set()),
    ],
)
def test_whose_figures_are_told_by_name_is_noted(quinn, centre, more, seen):
    if "filter" in more:
        more = {"filter": {"userId": [str(centre[name].public_id) for name in ("bob", "charlie")]}}
    ask(quinn, "tHandle", **more)
    assert set(Look.objects.values_list("person__name", flat=True)) == seen


def test_as_many_queries_for_one_person_as_for_three(quinn, centre):
    def queries(**more):
        with CaptureQueriesContext(
            connection,
        ) as counted:
            assert ask(quinn, "tHandle", groupBy=["userId", "teamId", "callType"], **more).status_code == 200
        return len(counted)

    ask(quinn, "tHandle")
    one = queries(filter={"userId": str(centre["bob"].public_id)})
    make_leg(make_person("Cora", division=centre["north"]), DAY, answered=True, talk_seconds=5)
    rescore(at=timezone.now())
    assert queries() <= one + 1


# Rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interval", "first", "end"),
    [
        ("2024-09-01/2024-10-01", "2024-09-01", "2024-10-01"),
        ("2024-09-01T08:00:00Z/2024-09-30T23:59:59.999Z", "2024-09-01", "2024-10-01"),
        ("2024-09-01T00:00:00+02:00/2024-09-02T00:00:00+02:00", "2024-09-01", "2024-09-02"),
    ],
)
def test_interval_is_whole_workdays(interval, first, end):
    days = workdays_of(interval)
    assert (str(days.start), str(days.end)) == (first, end)


@pytest.mark.parametrize(
    "given",
    [
        {"type": "or", "predicates": [{"dimension": "a", "value": 1}, {"dimension": "b", "value": 1}]},
        {"type": "and", "predicates": "all"},
        [{"dimension": "a", "operator": "notExists"}],
        [{"dimension": "a", "value": 1}, {"dimension": "a", "value": 2}],
        {"a": True},
    ],
)
def test_selection_that_says_something_else_is_refused(given):
    with pytest.raises(Unfit):
        selection_of(given)
