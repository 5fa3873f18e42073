"""Goals that callers make, read and send scores for."""

import datetime as dt
import threading
import uuid
from decimal import Decimal
from functools import partial

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from model_bakery import baker

from desk.my_data_queries import everything_about
from goals.actions import Choice, close_periods, decide, reconcile
from goals.enums import Decision, DecisionReason, ReviewCause
from goals.models import Goal, GoalTerms, Payout, Review, Snapshot
from goals.tests.factories import finish, make_goal, make_metric, make_reward_pool
from integrations.api.actions.scores import name_goal
from integrations.api.enums import Acting
from integrations.api.models import FieldAlias, GoalKey, GoalScore, MetricAlias
from ledger.actions import account_of
from ledger.models import Transfer
from ledger.queries import balance_of
from metrics.models import DayValue, Metric, Reading
from people.actions import erase_person
from people.tests.factories import join, lead, make_division, make_person, make_team
from scorecards.actions import rescore

from .factories import Caller, make_client, make_token

pytestmark = pytest.mark.django_db
GOALS = "gamification/goals"
WEM = "wem/goals"
AUGUST = "2024-08-20 09:00:00Z"
SEPTEMBER_5 = "2024-09-05 09:00:00Z"
CLOSE = dt.datetime(2024, 10, 1, 3, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def august():
    with time_machine.travel(AUGUST, tick=False) as clock:
        yield clock


@pytest.fixture
def north():
    return make_division("North")


@pytest.fixture
def team(north):
    return make_team("Team", division=north)


@pytest.fixture
def alice(north, team):
    person = make_person("Alice", division=north, role="agent", email="alice@example.com")
    join(person, team)
    return person


def calls(role, *divisions, **fields) -> Caller:
    """Calls of a client whose token outlives the periods of these tests."""
    return Caller(make_token(make_client(role, *divisions, replays_same_body=False, **fields), hours=24 * 100))


@pytest.fixture
def ada() -> Caller:
    return calls("administrator")


def sales(team, **more) -> dict:
    return {"name": "Sales", "type": "EXTERNAL", "teamId": str(team.pk), "target": 100} | more


def score(person, value=5, *, at="2024-09-05T10:00:00Z", source="CRM", session="s1", **more) -> dict:
    metadata = {"source": source, "session_id": session} | more
    return {"userId": str(person.public_id), "timestamp": at, "score": value, "metadata": metadata}


def of_goal(team, **more) -> dict:
    return {
        "name": "Together",
        "teamId": str(team.pk),
        "metricDefinitions": [{"metric": "acd.answered.count"}],
        "thresholds": {"ACHIEVED": 100, "ON_TRACK": 80},
        "evaluationFrequency": "MONTHLY",
        "snapshotEvaluation": True,
    } | more


# Making a goal ----------------------------------------------------------------------------------------------------


def test_external_goal_counts_a_metric_of_its_own(ada, team):
    made = ada.post(GOALS, sales(team, description="As the CRM counts")).told
    goal, metric = Goal.objects.get(), Metric.objects.get(name="Sales")
    assert made == {
        "id": str(goal.public_id),
        "name": "Sales",
        "description": "As the CRM counts",
        "type": "EXTERNAL",
        "goalScope": "INDIVIDUAL",
        "teamId": str(team.pk),
        "metricDefinitions": [
            {"metricId": str(metric.pk), "metric": metric.key, "name": "Sales", "aggregation": "SUM", "filters": {}}
        ],
        "aggregationType": "SUM",
        "thresholds": [{"status": "ACHIEVED", "operator": "GTE", "value": 100.0}],
        "minimumVolume": 0.0,
        "evaluationFrequency": "MONTHLY",
        "snapshotEvaluation": True,
        "customFields": {"rewardPoints": 0, "distributionType": "PER_MEMBER"},
        "startDate": "2024-09-01",
        "effectiveFrom": "2024-09-01",
        "firstPeriod": "2024-09",
        "enabled": True,
        "scoresAttached": 0,
        "selfUri": f"/api/v2/wem/goals/{goal.public_id}",
    }
    assert (metric.source, metric.aggregation, goal.created_at) == ("external", "sum", timezone.now())
    read = ada.get(f"{WEM}/{goal.public_id}").told
    assert read == {name: value for name, value in made.items() if name != "scoresAttached"}


@pytest.mark.parametrize(
    ("kind", "more", "counted", "told"),
    [
        ("METRIC", {"metric": "acd.answered.count"}, "metric", "METRIC"),
        ("METRIC", {"metricId": "{sold}"}, "metric", "EXTERNAL"),
        ("EXTERNAL", {"metric": "{sold}"}, "metric", "EXTERNAL"),
        ("POINTS", {"evaluationFrequency": "WEEKLY"}, "points", "POINTS"),
        ("REPORTED", {"target": None, "goalScope": "TEAM"}, "reported", "REPORTED"),
    ],
)
def test_goal_of_each_type(ada, team, kind, more, counted, told):
    sold = make_metric(name="Sold")
    more = {name: sold.key if value == "{sold}" else value for name, value in more.items()}
    made = ada.post(GOALS, sales(team, type=kind) | more).told
    assert (made["type"], Goal.objects.get().counted) == (told, counted)
    assert Metric.objects.filter(name="Sales").count() == 0


def test_period_that_the_admin_set_since_holds(ada, team):
    ada.call("PUT", f"{WEM}/new", of_goal(team, evaluationFrequency="REALTIME"))
    Goal.objects.update(frequency="weekly", starts_on=dt.date(2024, 9, 2))
    assert ada.get(f"{WEM}/new").told["evaluationFrequency"] == "WEEKLY"
    assert ada.call("PUT", f"{WEM}/new", {"description": "Weekly"}).told["evaluationFrequency"] == "WEEKLY"
    assert Goal.objects.get().frequency == "weekly"


def test_goal_without_terms_is_not_told(ada, team):
    goal = make_goal(team)
    goal.terms.all().delete()
    for answer in (ada.get(f"{WEM}/{goal.public_id}"), ada.call("PUT", f"{WEM}/{goal.public_id}", {"name": "More"})):
        assert answer.status_code == 404


def test_goal_that_has_not_begun_may_count_something_else(ada, team):
    ada.call("PUT", f"{WEM}/new", of_goal(team))
    assert ada.call("PUT", f"{WEM}/new", {"type": "POINTS", "evaluationFrequency": "WEEKLY"}).told["type"] == "POINTS"
    answer = ada.call("PUT", f"{WEM}/new", {"type": "METRIC"})
    assert (answer.status_code, answer.told["message"]) == (400, "metricDefinitions: say what the goal counts.")
    back = ada.call("PUT", f"{WEM}/new", {"metric": "acd.answered.count"}).told
    assert (back["type"], back["evaluationFrequency"]) == ("METRIC", "WEEKLY")


def test_goal_made_by_the_api_closes_and_pays_once(ada, alice, team, north, august):
    pool = make_reward_pool(500)
    body = {
        "name": "Together",
        "teamId": str(team.pk),
        "type": "EXTERNAL",
        "target": 10,
        "evaluationFrequency": "MONTHLY",
        "snapshotEvaluation": True,
        "customFields": {"rewardPoolId": pool.key, "rewardPoints": 90, "distributionType": "EQUITY", "wave": 3},
    }
    bob = make_person("Bob", division=north, role="agent")
    join(bob, team)
    made = ada.call("PUT", f"{WEM}/goal_uuid_q3", body).told
    assert (made["key"], made["goalScope"], made["customFields"]) == (
        "goal_uuid_q3",
        "TEAM",
        {"wave": 3, "rewardPoints": 90, "distributionType": "EQUITY", "rewardPoolId": pool.key},
    )
    for number, day in enumerate(range(2, 30)):
        for person in (alice, bob):
            august.move_to(dt.datetime(2024, 9, day, 12, tzinfo=dt.UTC))
            sent = score(person, 1, at=f"2024-09-{day:02}T10:00:00Z", session=f"s{number}")
            assert ada.post(f"{GOALS}/goal_uuid_q3/points", sent).told["status"] == "ACCEPTED"
        rescore(at=timezone.now())
    finish(north)
    august.move_to(CLOSE)
    status = f"{WEM}/goal_uuid_q3/status"
    quinn = calls("quality_evaluator", north)
    before = quinn.get(status, period="2024-09").told
    assert (before["snapshotLocked"], before["metricValue"], before["state"]) == (False, 56.0, "CLOSING")
    assert len(close_periods(at=CLOSE).closed) == 1
    assert close_periods(at=CLOSE).closed == []
    told = quinn.get(status, period="2024-09").told
    assert told == {
        "goalId": made["id"],
        "period": "2024-09",
        "status": "ACHIEVED",
        "metricValue": 56.0,
        "masked": False,
        "snapshotLocked": True,
        "evaluatedAt": "2024-10-01T03:00:00Z",
        "state": "PROVISIONAL",
        "selfUri": f"/api/v2/wem/goals/{made['id']}/status",
    }
    reconcile(at=CLOSE + dt.timedelta(hours=72))
    reconcile(at=CLOSE + dt.timedelta(hours=72))
    assert [balance_of(account_of(person)).available for person in (alice, bob)] == [45, 45]
    assert Payout.objects.count() == 2
    assert quinn.get(status, period="2024-09").told["state"] == "FINAL"
    august.move_to(CLOSE + dt.timedelta(days=4))
    again = ada.post(f"{GOALS}/goal_uuid_q3/points", score(alice, 1, at="2024-09-02T10:00:00Z", session="s0")).told
    assert again["points_awarded_at"] == "2024-10-04T03:00:00Z"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"teamId": "{team}", "evaluationFrequency": "REALTIME"},
            "evaluationFrequency: a goal that is evaluated REALTIME",
        ),
        ({"evaluationFrequency": "hourly"}, "evaluationFrequency: a goal that is evaluated HOURLY"),
        ({"snapshotEvaluation": False}, "snapshotEvaluation: a reward is paid from the value that is frozen"),
        ({"evaluationFrequency": "YEARLY"}, "evaluationFrequency: “YEARLY” is none of"),
        ({"thresholds": {"ON_TRACK": 3}}, "thresholds: say from which value on the goal is ACHIEVED"),
        ({"thresholds": {"DONE": 3}}, "thresholds: “DONE” is none of"),
        ({"thresholds": {"ACHIEVED": 100, "achieved": 90}}, "thresholds: ACHIEVED stands there twice"),
        ({"thresholds": {"ACHIEVED": 100, "ON_TRACK": 120}, "operator": "GTE"}, "With “at least”, “on track” must be"),
        (
            {
                "thresholds": [
                    {"status": "ACHIEVED", "operator": "GTE", "value": 9},
                    {"status": "ON_TRACK", "operator": "LTE", "value": 8},
                ]
            },
            "thresholds: all must be",
        ),
        ({"metricDefinitions": [{"metric": "acd.nothing"}]}, "metricDefinitions: there is no metric “acd.nothing”"),
        ({"metricDefinitions": [{"metric": "nOffered"}, {"metric": "tTalk"}]}, "metricDefinitions: a goal counts one"),
        ({"metricDefinitions": [{}]}, "metricDefinitions: each names a metric"),
        ({"metricDefinitions": None}, "metricDefinitions: say what the goal counts"),
        (
            {"metricDefinitions": [{"metric": "nOffered", "filters": {"shoeSize": "44"}}]},
            "filters: “shoeSize” is none of calltype",
        ),
        (
            {"metricDefinitions": [{"metric": "nOffered", "filters": {"callType": "SIDEWAYS"}}]},
            "filters: “SIDEWAYS” is none of inbound, outbound",
        ),
        (
            {"metricDefinitions": [{"metric": "nOffered", "filters": {"queueName": "None"}}]},
            "filters: there is no queue",
        ),
        ({"metricDefinitions": [{"metric": "nOffered", "filters": {"userId": "1"}}]}, "filters: “userId” is none of"),
        (
            {"metricDefinitions": [{"metric": "nOffered", "filters": [{"field": "callType", "operator": 5}]}]},
            "filters: each",
        ),
        (
            {"metricDefinitions": [{"metric": "nOffered", "filters": {"callType": ["a", "b"]}}]},
            "filters: callType takes one",
        ),
        (
            {"metricDefinitions": [{"metric": "quality_score"}], "aggregationType": "SUM"},
            "Percents cannot be added up",
        ),
        ({"type": "EXTERNAL"}, "type: “Interactions answered” is measured here"),
        ({"aggregationType": "MEDIAN"}, "aggregationType: “MEDIAN” is none of SUM"),
        ({"startDate": "2024-08-01"}, "The first period cannot have begun before"),
        ({"startDate": "2024-09-01", "endDate": "2024-09-15"}, "The goal would not have one whole period"),
        ({"startDate": "2024-09-01", "endDate": "2024-08-15"}, "endDate: it lies before startDate"),
        ({"teamId": None}, "teamId: say whose goal it is"),
        ({"name": None}, "name: give the goal a name"),
        ({"customFields": {"distributionType": "LOTTERY"}}, "customFields.distributionType: “LOTTERY” is none of"),
        ({"goalScope": "INDIVIDUAL", "customFields": {"distributionType": "EQUITY"}}, "Only a team shares a fixed"),
        ({"customFields": {"rewardPoints": 2_000_000}}, "customFields.rewardPoints"),
        ({"customFields": {"note": "\u0000"}}, "customFields: Value error, has characters that cannot be kept"),
        ({"customFields": {"note": "x" * 5000}}, "customFields: Value error, has more than 4000 characters"),
    ],
)
def test_goal_that_cannot_be_is_refused_with_the_reason(ada, team, changes, said):
    body = of_goal(team, customFields={"rewardPoints": 50}) | changes
    body = {name: str(team.pk) if value == "{team}" else value for name, value in body.items()}
    answer = ada.call("PUT", f"{WEM}/new", body)
    assert (answer.status_code, answer.told["code"]) == (400, "bad.request"), answer.told
    assert said in answer.told["message"]
    assert not Goal.objects.exists() and not GoalKey.objects.exists()


def test_external_metric_cannot_be_limited_to_interactions(ada, team):
    definition = {"metric": make_metric(name="Sold").key, "filters": {"callType": "inbound"}}
    answer = ada.call("PUT", f"{WEM}/new", of_goal(team, metricDefinitions=[definition]))
    assert (answer.status_code, answer.told["message"][:24]) == (400, "filters: “Sold” comes fr")


@pytest.mark.parametrize("changes", [{"evaluationFrequency": "REALTIME"}, {"snapshotEvaluation": False}])
def test_goal_without_a_reward_may_be_looked_at_at_any_time(ada, team, changes):
    made = ada.call("PUT", f"{WEM}/new", of_goal(team, **changes)).told
    assert {name: made[name] for name in changes} == changes
    answer = ada.call("PUT", f"{WEM}/new", {"customFields": {"rewardPoints": 5}})
    assert answer.status_code == 400


def test_reward_pool_that_is_not_there_and_a_team_of_another_division_are_not_found(ada, team, north):
    unknown = ada.call("PUT", f"{WEM}/new", of_goal(team, customFields={"rewardPoolId": "RPOOL"}))
    assert (unknown.status_code, unknown.told["code"]) == (404, "not.found")
    far = make_team("Far")
    answer = calls("administrator", north).call("PUT", f"{WEM}/new", of_goal(far))
    assert (answer.status_code, answer.told["message"].split(":")[0]) == (404, "teamId")
    assert not Goal.objects.exists()


def test_thresholds_say_which_way_is_better(ada, team):
    body = of_goal(team, metricDefinitions=[{"metric": "acd.handle.time"}], thresholds={"ACHIEVED": 285, "atRisk": 320})
    made = ada.call("PUT", f"{WEM}/new", body).told
    assert made["thresholds"] == [
        {"status": "ACHIEVED", "operator": "LTE", "value": 285.0},
        {"status": "AT_RISK", "operator": "LTE", "value": 320.0},
    ]
    assert (made["aggregationType"], made["minimumVolume"]) == ("AVERAGE", 0.0)


@pytest.mark.parametrize(
    "thresholds",
    [
        {"ACHIEVED": 285, "ON_TRACK": 300, "BEHIND": 400},
        {"achieved": {"value": 285, "operator": "LTE"}, "onTrack": {"value": 300}},
        [{"status": "ACHIEVED", "operator": "LESS_THAN_OR_EQUAL", "value": 285}, {"status": "ON_TRACK", "value": 300}],
        [
            {"status": "BEHIND", "operator": "GREATER_THAN", "value": 300},
            {"status": "ON_TRACK", "operator": "<=", "value": 300},
            {"status": "ACHIEVED", "operator": "<=", "value": 285},
        ],
    ],
)
def test_thresholds_are_read_however_they_come(ada, team, thresholds):
    definition = {"metric": "acd.handle.time"}
    body = of_goal(team, metricDefinitions=None, metricDefinition=definition, thresholds=thresholds)
    assert ada.call("PUT", f"{WEM}/new", body).told["thresholds"] == [
        {"status": "ACHIEVED", "operator": "LTE", "value": 285.0},
        {"status": "ON_TRACK", "operator": "LTE", "value": 300.0},
    ]


def test_target_may_stand_alone(ada, team):
    body = sales(team, targetValue=12.5, operator="LTE")
    del body["target"]
    made = ada.post(GOALS, body).told
    assert made["thresholds"] == [{"status": "ACHIEVED", "operator": "LTE", "value": 12.5}]


def test_alias_says_how_members_add_up_and_filters_narrow(ada, team):
    definition = {"metricId": "ACD.handle.time.sum", "filters": {"callType": "INBOUND", "mediaType": "voice"}}
    body = of_goal(team, metricDefinitions=[definition], thresholds={"ACHIEVED": 28_500, "ON_TRACK": 30_000})
    made = ada.call("PUT", f"{WEM}/new", body).told
    [metric] = made["metricDefinitions"]
    assert (metric["metric"], metric["aggregation"]) == ("average_handle_time", "SUM")
    assert metric["filters"] == {"mediaType": "voice", "direction": "inbound"}
    assert made["minimumVolume"] == 1.0
    goal = Goal.objects.get()
    assert (goal.metric.narrow_direction, goal.metric.narrow_media_type) == ("inbound", "voice")


def test_alias_that_the_admin_changed_holds(ada, team):
    MetricAlias.objects.create(name="my.talk", metric=Metric.objects.get(key="average_talk"), aggregation="average")
    FieldAlias.objects.filter(name="callType").update(field="media_type")
    definition = {"metric": "my.talk", "filters": [{"dimension": "callType", "value": "chat"}]}
    made = ada.call("PUT", f"{WEM}/new", of_goal(team, metricDefinitions=[definition])).told
    assert made["metricDefinitions"][0]["filters"] == {"mediaType": "chat"}
    MetricAlias.objects.filter(name="my.talk").delete()
    answer = ada.call("PUT", f"{WEM}/other", of_goal(team, metricDefinitions=[definition]))
    assert answer.status_code == 400


def test_change_holds_from_the_next_period_on_and_keeps_what_is_left_out(ada, team, august):
    made = ada.call("PUT", f"{WEM}/new", of_goal(team, customFields={"rewardPoints": 50, "wave": 1})).told
    august.move_to(SEPTEMBER_5)
    changed = ada.call("PUT", f"{WEM}/new", {"thresholds": {"ACHIEVED": 120}}).told
    assert changed["effectiveFrom"] == "2024-10-01"
    assert changed["thresholds"] == [{"status": "ACHIEVED", "operator": "GTE", "value": 120.0}]
    assert changed["customFields"] == made["customFields"]
    assert list(GoalTerms.objects.order_by("from_on").values_list("achieved", flat=True)) == [100, 120]
    now = ada.call("PUT", f"{WEM}/new", {"thresholds": {"ACHIEVED": 110}, "reason": "Agreed with the team"}).told
    assert now["effectiveFrom"] == "2024-09-01"


@pytest.mark.parametrize(
    "changes", [{"evaluationFrequency": "WEEKLY"}, {"goalScope": "INDIVIDUAL"}, {"type": "POINTS"}]
)
def test_goal_that_has_begun_keeps_what_it_counts(ada, team, august, changes):
    ada.call("PUT", f"{WEM}/new", of_goal(team))
    august.move_to(SEPTEMBER_5)
    answer = ada.call("PUT", f"{WEM}/new", changes)
    assert (answer.status_code, answer.told["message"][:24]) == (400, "A goal that has begun ke")
    assert Goal.objects.get().frequency == "monthly"


def test_who_configures_a_division_cannot_make_metrics_and_holds_no_running_period_without_a_reason(north, team):
    nora = calls("administrator", north)
    assert nora.post(GOALS, sales(team)).status_code == 403
    assert nora.post(GOALS, sales(team, startDate="2024-08-01")).status_code == 403
    metric = make_metric(name="Sold")
    begun = sales(team, metricId=str(metric.pk), startDate="2024-08-01")
    assert nora.post(GOALS, begun).status_code == 400
    made = nora.post(GOALS, begun | {"reason": "Agreed"}).told
    assert (made["firstPeriod"], made["metricDefinitions"][0]["metric"]) == ("2024-08", metric.key)


def test_supervisor_sets_goals_of_teams_they_lead_only(north, team):
    dana = make_person("Dana", division=north, role="supervisor")
    lead(dana, team)
    caller = Caller(make_token(make_client(acting=Acting.DEVICE), person=dana))
    assert caller.call("PUT", f"{WEM}/new", of_goal(team)).status_code == 200
    other = make_team("Other", division=north)
    assert caller.call("PUT", f"{WEM}/more", of_goal(other)).status_code == 404
    answer = caller.call("PUT", f"{WEM}/new", {"thresholds": {"ACHIEVED": 1}, "reason": "Mine"})
    assert answer.status_code == 403


def test_goal_of_another_division_is_not_found(ada, north):
    far = make_team("Far")
    made = ada.call("PUT", f"{WEM}/far", of_goal(far)).told
    nora = calls("administrator", north)
    for name in ("far", made["id"]):
        for answer in (
            nora.get(f"{WEM}/{name}"),
            nora.get(f"{WEM}/{name}/status"),
            nora.call("PUT", f"{WEM}/{name}", {"name": "Mine"}),
            nora.post(f"{GOALS}/{name}/points", score(make_person("Nell", division=north))),
        ):
            assert (answer.status_code, answer.told["code"]) == (404, "not.found")
    assert Goal.objects.get().name == "Together" and not GoalScore.objects.exists()


def test_status_of_a_period_that_is_none(ada, team):
    ada.call("PUT", f"{WEM}/new", of_goal(team))
    none, other = ("2024-W36", "2024-13", "soon", "0000-01", "9999-12"), ("2024-07", "2024-10", "9998-12")
    answers = {period: ada.get(f"{WEM}/new/status", period=period).status_code for period in (*none, *other)}
    assert answers == dict.fromkeys(none, 400) | dict.fromkeys(other, 404)


def test_small_team_hides_its_value_from_who_configures(ada, alice, team, north, august):
    ada.post(GOALS, sales(team, goalScope="TEAM", key="sales"))
    august.move_to(SEPTEMBER_5)
    ada.post(f"{GOALS}/sales/points", score(alice, 60))
    rescore(at=timezone.now())
    told = ada.get(f"{WEM}/sales/status").told
    assert (told["masked"], told.get("metricValue"), told["percentOfTarget"]) == (True, None, 60.0)
    seen = calls("quality_evaluator", north).get(f"{WEM}/sales/status").told
    assert (seen["masked"], seen["metricValue"], seen["state"], seen["snapshotLocked"]) == (
        False,
        60.0,
        "RUNNING",
        False,
    )


def test_status_takes_as_many_queries_for_one_member_as_for_three(ada, alice, team, north, august):
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert ada.get(f"{WEM}/new/status").status_code == 200
        return len(counted)

    ada.call("PUT", f"{WEM}/new", of_goal(team))
    august.move_to(SEPTEMBER_5)
    queries()
    one = queries()
    for name in ("Bob", "Cora"):
        join(make_person(name, division=north), team)
    assert queries() == one


def test_custom_fields_are_for_who_sets_the_goal(ada, alice, team):
    ada.call("PUT", f"{WEM}/new", of_goal(team, customFields={"rewardPoints": 5, "cost": 7}))
    member = Caller(make_token(make_client(acting=Acting.DEVICE), person=alice))
    told = member.get(f"{WEM}/new").told
    assert told["name"] == "Together" and "customFields" not in told


# Scores -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def sold(ada, team, august) -> dict:
    """An external goal in its first period."""
    made = ada.post(GOALS, sales(team, goalScope="TEAM", key="sales")).told
    august.move_to(SEPTEMBER_5)
    return made


def test_score_is_a_reading_and_no_points(ada, alice, sold):
    told = ada.post(f"{GOALS}/sales/points", score(alice, 7.5, ticket="T-1")).told
    row = GoalScore.objects.get()
    assert told == {
        "id": str(row.public_id),
        "goalId": sold["id"],
        "userId": str(alice.public_id),
        "timestamp": "2024-09-05T10:00:00Z",
        "score": 7.5,
        "metadata": {"ticket": "T-1", "source": "CRM", "session_id": "s1"},
        "dateWorkday": "2024-09-05",
        "status": "ACCEPTED",
        "evaluationPeriod": "2024-09",
        "points_awarded_at": "2024-10-04T02:00:00Z",
    }
    reading = Reading.objects.get()
    assert (reading.metric.name, reading.agent, reading.workday, reading.value) == (
        "Sales",
        alice,
        dt.date(2024, 9, 5),
        Decimal("7.5"),
    )
    assert row.reading == reading
    assert not Transfer.objects.exists()


def test_scores_of_a_day_add_up(ada, alice, sold):
    for number in range(3):
        ada.post(f"{GOALS}/{sold['id']}/points", score(alice, 2, session=f"s{number}"))
    rescore(at=timezone.now())
    assert DayValue.objects.get(agent=alice).total == 6


def test_scores_of_an_averaged_metric_are_averaged(ada, alice, team, august):
    made = ada.post(GOALS, sales(team, aggregationType="AVERAGE")).told
    august.move_to(SEPTEMBER_5)
    for number, value in enumerate((80, 100)):
        ada.post(f"{GOALS}/{made['id']}/points", score(alice, value, session=f"s{number}"))
    rescore(at=timezone.now())
    day = DayValue.objects.get(agent=alice)
    assert (day.total, day.count) == (180, 2)


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Asia/Tokyo", "2024-09-05T15:30:00Z", "2024-09-06"),
        ("America/Lima", "2024-09-05T04:30:00Z", "2024-09-04"),
        ("Europe/Berlin", "2024-10-26T22:30:00Z", "2024-10-27"),
        ("Europe/Berlin", "2024-10-27T22:59:00Z", "2024-10-27"),
        ("Europe/Berlin", "2024-10-28T00:30:00+01:00", "2024-10-28"),
    ],
)
def test_score_is_of_the_workday_where_the_person_works(ada, sold, august, zone, at, day):
    august.move_to("2024-10-29 09:00:00Z")
    person = make_person("Akira", division=make_division("There", time_zone=zone))
    told = ada.post(f"{GOALS}/sales/points", score(person, at=at)).told
    assert (told["dateWorkday"], str(Reading.objects.get().workday)) == (day, day)


def test_score_that_moves_no_result_says_why(ada, alice, north, sold, team):
    early = ada.post(f"{GOALS}/sales/points", score(alice, at="2024-08-20T10:00:00Z")).told
    assert early["message"].startswith("The goal has no period on that day.")
    assert "evaluationPeriod" not in early and "points_awarded_at" not in early
    other = ada.post(f"{GOALS}/sales/points", score(make_person("Bob", division=north))).told
    assert (other["status"], other["message"][:26]) == ("ACCEPTED", "The user is no member of t")
    assert "message" not in ada.post(f"{GOALS}/sales/points", score(alice)).told


@pytest.mark.parametrize("again", [5, 9])
def test_score_that_comes_again_is_answered_as_the_first(ada, alice, sold, again):
    first = ada.post(f"{GOALS}/sales/points", score(alice, 5))
    second = ada.post(f"{GOALS}/{sold['id']}/points", score(alice, again))
    assert first.told == second.told
    assert "Laurel-Replayed" not in second
    assert Reading.objects.count() == GoalScore.objects.count() == 1


@pytest.mark.parametrize(
    "changes", [{"at": "2024-09-05T10:00:01Z"}, {"source": "Other"}, {"session": "s2"}, {"session": ""}]
)
def test_score_with_another_moment_source_or_session_is_another(ada, alice, sold, changes):
    ada.post(f"{GOALS}/sales/points", score(alice))
    ada.post(f"{GOALS}/sales/points", score(alice, **changes))
    assert GoalScore.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"score": -1},
        {"score": None},
        {"score": "a lot"},
        {"score": 1e12},
        {"timestamp": "2024-09-05T10:00:00"},
        {"timestamp": "2024-10-09T10:00:00Z"},
        {"timestamp": "0001-01-01T00:00:00Z"},
        {"metadata": {"source": "x" * 200}},
        {"metadata": {"source": "\u0000"}},
        {"metadata": {"note": "\u0000"}},
    ],
)
def test_score_that_cannot_be_is_refused(ada, alice, sold, changes):
    answer = ada.post(f"{GOALS}/sales/points", score(alice) | changes)
    assert (answer.status_code, answer.told["code"]) == (400, "bad.request")
    assert not GoalScore.objects.exists() and not Reading.objects.exists()


def test_goal_of_interactions_takes_no_scores(ada, alice, team):
    ada.call("PUT", f"{WEM}/new", of_goal(team))
    answer = ada.post(f"{GOALS}/new/points", score(alice))
    assert (answer.status_code, answer.told["message"]) == (
        400,
        "This goal counts no external metric; it takes no scores.",
    )


def test_score_of_somebody_out_of_reach_is_not_found(north, sold, team):
    nora = calls("administrator", north)
    far = make_person("Charlie", division=make_division("South"))
    for person in (far, make_person("Ghost", pk=77, public_id=uuid.uuid4(), is_service=True, email=None)):
        answer = nora.post(f"{GOALS}/sales/points", score(person))
        assert (answer.status_code, answer.told["message"][:7]) == (404, "userId:")
    assert nora.post(f"{GOALS}/sales/points", score(far) | {"userId": "nobody"}).status_code == 404


# Orphans ----------------------------------------------------------------------------------------------------------


def test_score_for_an_unknown_goal_is_kept_and_said_so(ada, alice):
    answer = ada.post(f"{GOALS}/sales/points", score(alice))
    assert answer.status_code == 202
    assert (answer.told["status"], answer.told["goalId"]) == ("ORPHANED", "sales")
    assert answer.told["message"].startswith("No goal has this name. The score is kept")
    assert "points_awarded_at" not in answer.told
    again = ada.post(f"{GOALS}/sales/points", score(alice, 8))
    assert (again.status_code, again.told) == (202, answer.told)
    assert (GoalScore.objects.get().goal, Reading.objects.count()) == (None, 0)


@pytest.mark.parametrize("name", ["sales", "0D6E1B6A-51C5-4F8F-9A0C-0C0D1F9D2E11"])
def test_goal_made_under_its_key_takes_its_orphans(ada, alice, team, name):
    for number in range(3):
        ada.post(f"{GOALS}/{name}/points", score(alice, 2, at=f"2024-08-20T0{number}:00:00Z"))
    ada.post(f"{GOALS}/other/points", score(alice, 2))
    made = ada.post(GOALS, sales(team, key=name)).told
    assert made["scoresAttached"] == 3
    assert Reading.objects.filter(agent=alice, metric__name="Sales").count() == 3
    assert GoalScore.objects.get(goal=None).named == "other"
    first = ada.post(f"{GOALS}/{name}/points", score(alice, 2, at="2024-08-20T00:00:00Z"))
    assert (first.status_code, first.told["status"]) == (200, "ACCEPTED")
    assert Reading.objects.count() == 3
    assert (made["id"] == name.lower()) == (len(name) == 36)


def test_key_belongs_to_one_goal(ada, team):
    ada.post(GOALS, sales(team, key="sales"))
    answer = ada.post(GOALS, sales(team, key="sales", name="More"))
    assert (answer.status_code, answer.told["message"]) == (409, "Another goal has this key.")


def test_orphan_of_a_client_that_may_not_send_for_the_goal_stays(ada, north, team):
    south = make_division("South")
    charlie = make_person("Charlie", division=south)
    assert calls("administrator", south).post(f"{GOALS}/sales/points", score(charlie)).status_code == 202
    assert ada.post(GOALS, sales(team, key="sales")).told["scoresAttached"] == 0
    assert GoalScore.objects.get().goal is None


def test_orphans_are_attached_by_hand_in_the_admin(ada, alice, team, client, sold):
    ada.post(f"{GOALS}/typo/points", score(alice))
    boss = make_person("Boss", role="administrator", is_staff=True)
    client.force_login(boss)
    key = GoalKey.objects.get(key="typo")
    listed = client.get(reverse("admin:api_goalkey_changelist"), {"goal": "none"}).content.decode()
    assert "typo" in listed and "sales" not in listed
    goal = Goal.objects.get()
    answer = client.post(reverse("admin:api_goalkey_change", args=[key.pk]), {"goal": goal.pk}, follow=True)
    assert "1 score that waited counts now." in answer.content.decode()
    assert GoalScore.objects.get().goal == goal and Reading.objects.count() == 1
    assert ada.post(f"{GOALS}/typo/points", score(alice, session="s2")).told["goalId"] == sold["id"]
    assert client.post(reverse("admin:api_goalkey_change", args=[key.pk]), {"goal": goal.pk}).status_code == 403


def test_names_without_a_goal_are_for_who_configures_their_people(ada, alice, client, north):
    charlie = make_person("Charlie", division=make_division("South"))
    ada.post(f"{GOALS}/near/points", score(alice))
    ada.post(f"{GOALS}/far/points", score(charlie))
    nora = make_person("Nora", division=north, role="administrator", in_division=north, is_staff=True)
    client.force_login(nora)
    for page, words in (("goalkey", ("near", "far")), ("goalscore", ("Alice", "Charlie"))):
        text = client.get(reverse(f"admin:api_{page}_changelist")).content.decode()
        assert [word in text for word in words] == [True, False]


def test_names_are_given_only_to_goals_that_take_scores(ada, alice, team, client, sold):
    ada.call("PUT", f"{WEM}/calls", of_goal(team))
    ada.post(f"{GOALS}/typo/points", score(alice))
    client.force_login(make_person("Boss", role="administrator", is_staff=True))
    address = reverse("admin:api_goalkey_change", args=[GoalKey.objects.get(key="typo").pk])
    choices = client.get(address).context["adminform"].form.fields["goal"].queryset
    assert [goal.name for goal in choices] == ["Sales"]
    wrong = client.post(address, {"goal": Goal.objects.get(name="Together").pk})
    assert wrong.status_code == 200 and GoalKey.objects.get(key="typo").goal is None


@pytest.mark.parametrize("page", ["goalkey", "goalscore", "metricalias", "fieldalias"])
def test_lists_of_the_admin_take_as_many_queries_for_one_row_as_for_three(ada, alice, client, page):
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(reverse(f"admin:api_{page}_changelist")).status_code == 200
        return len(counted)

    MetricAlias.objects.exclude(name="acd.handle.time").delete()
    FieldAlias.objects.exclude(name="callType").delete()
    ada.post(f"{GOALS}/first/points", score(alice))
    client.force_login(make_person("Boss", role="administrator", is_staff=True))
    queries()
    one = queries()
    for name in ("second", "third"):
        ada.post(f"{GOALS}/{name}/points", score(alice))
        MetricAlias.objects.create(name=name, metric=Metric.objects.get(key="average_talk"))
        FieldAlias.objects.create(name=name, field="queue")
    assert queries() == one


def test_admin_shows_no_score(ada, alice, client):
    ada.post(f"{GOALS}/sales/points", score(alice, 7654321))
    client.force_login(make_person("Boss", role="administrator", is_staff=True))
    page = client.get(reverse("admin:api_goalscore_change", args=[GoalScore.objects.get().pk])).content.decode()
    assert "Alice" in page and "7654321" not in page and "7,654,321" not in page


# After the close --------------------------------------------------------------------------------------------------


@pytest.fixture
def closed(ada, alice, sold, north, august):
    """The goal's September, frozen."""
    ada.post(f"{GOALS}/sales/points", score(alice, 100))
    rescore(at=timezone.now())
    finish(north)
    august.move_to(CLOSE)
    close_periods(at=CLOSE)
    return Snapshot.objects.get()


def test_score_for_a_closed_period_opens_one_review(ada, alice, closed):
    first = ada.post(f"{GOALS}/sales/points", score(alice, 5, session="late")).told
    second = ada.post(f"{GOALS}/sales/points", score(alice, 5, session="later")).told
    review = Review.objects.get()
    assert (review.snapshot, review.cause, review.person) == (closed, ReviewCause.LATE_SCORE, None)
    assert (
        (first["status"], first["reviewId"])
        == ("IN_REVIEW", str(review.public_id))
        == (
            second["status"],
            second["reviewId"],
        )
    )
    closed.refresh_from_db()
    assert closed.value == 100


def test_late_score_of_an_individual_goal_is_about_that_person(ada, alice, team, north, august):
    ada.post(GOALS, sales(team, key="own"))
    august.move_to(SEPTEMBER_5)
    ada.post(f"{GOALS}/own/points", score(alice, 100))
    rescore(at=timezone.now())
    finish(north)
    august.move_to(CLOSE)
    close_periods(at=CLOSE)
    assert ada.post(f"{GOALS}/own/points", score(alice, 5, session="late")).told["status"] == "IN_REVIEW"
    assert Review.objects.get().person == alice


def test_orphan_of_a_closed_period_opens_a_review_when_it_is_attached(ada, alice, closed):
    ada.post(f"{GOALS}/typo/points", score(alice, 5))
    assert not Review.objects.exists()
    name_goal(closed.goal, "typo", at=CLOSE)
    assert Review.objects.count() == 0  # the goal has a score of that moment, source and session
    ada.post(f"{GOALS}/misspelt/points", score(alice, 5, session="late"))
    assert name_goal(closed.goal, "misspelt", at=CLOSE) == 1
    assert Review.objects.get().cause == ReviewCause.LATE_SCORE


def test_review_of_a_late_score_is_decided_as_every_other(ada, alice, closed, august):
    ada.post(f"{GOALS}/sales/points", score(alice, 50, session="late"))
    august.shift(dt.timedelta(hours=1))
    rescore(at=timezone.now())
    vic = make_person("Vic", role="compliance_reviewer")
    choice = Choice(Decision.ADJUST, DecisionReason.LATE_DATA)
    decide(review=Review.objects.get(), choice=choice, by=vic, at=timezone.now())
    told = calls("quality_evaluator").get(f"{WEM}/sales/status", period="2024-09").told
    assert (told["metricValue"], told["state"], told["snapshotLocked"]) == (150.0, "ADJUSTED", True)


def test_review_page_says_that_a_score_came_late(ada, alice, closed, client):
    told = ada.post(f"{GOALS}/sales/points", score(alice, 50, session="late")).told
    client.force_login(make_person("Vic", role="compliance_reviewer"))
    assert "a score came in after the close" in client.get(reverse("goals:reviews")).content.decode()
    page = client.get(reverse("goals:review", args=[told["reviewId"]])).content.decode()
    assert "Alice" in page and "a score came in after the close" in page


def test_nothing_is_awarded_for_a_closed_period_that_was_not_reached(ada, alice, sold, north, august):
    ada.post(f"{GOALS}/sales/points", score(alice, 1))
    rescore(at=timezone.now())
    finish(north)
    august.move_to(CLOSE)
    close_periods(at=CLOSE)
    told = ada.post(f"{GOALS}/sales/points", score(alice, 1)).told
    assert told["evaluationPeriod"] == "2024-09" and "points_awarded_at" not in told


def test_erasing_somebody_takes_what_was_said_beside_their_scores(ada, alice, sold):
    ada.post(f"{GOALS}/sales/points", score(alice, 7, customer="Mrs Miller"))
    told = everything_about(alice, on=timezone.now().date())["goal_scores"]
    assert [(each["score"], each["metadata"]) for each in told] == [(Decimal(7), {"customer": "Mrs Miller"})]
    alice.is_active = False
    alice.save()
    erase_person(person=alice, by=None, at=timezone.now())
    row = GoalScore.objects.get()
    assert (row.metadata, row.score, row.source) == ({}, 7, "CRM")


# In the database --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [{"score": -1}, {"goal": True}, {}, {"goal": None, "reading": True}],
    ids=["negative", "goal without reading", "orphan twice", "reading without goal"],
)
def test_database_refuses_a_score_that_cannot_be(ada, alice, team, fields):
    goal = make_goal(team)
    ada.post(f"{GOALS}/sales/points", score(alice))
    row = GoalScore.objects.get()
    reading = baker.make(Reading, agent=alice, metric=goal.metric, source="x", key="y", workday=row.workday)
    given = {"goal": goal, "reading": reading}
    row.pk, row.public_id = None, uuid.uuid4()
    row.session_id = "s2" if fields else row.session_id
    for name, value in fields.items():
        setattr(row, name, given[name] if value is True else value)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_database_keeps_names_once(team):
    goal = make_goal(team)
    for make in (
        lambda: GoalKey.objects.create(key="same", goal=goal),
        lambda: MetricAlias.objects.create(name="ACD.Handle.Time", metric=goal.metric),
        lambda: FieldAlias.objects.create(name="CALLTYPE", field="queue"),
    ):
        if not GoalKey.objects.filter(key="same").exists():
            GoalKey.objects.create(key="same", goal=goal)
        with pytest.raises(IntegrityError), transaction.atomic():
            make()


# At once ----------------------------------------------------------------------------------------------------------


def at_once(*calls) -> list:
    """The answers of calls that are made at the same time, in their order."""
    answers: dict[int, object] = {}

    def run(number, call):
        try:
            answers[number] = call()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(calls))]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_known", [True, False])
def test_same_score_posted_at_once_is_kept_once(alice, team, is_known):
    if is_known:
        GoalKey.objects.create(key="sales", goal=make_goal(team))
    callers = [calls("administrator") for _ in range(4)]
    sent = [score(alice, number, at="2024-08-20T10:00:00Z") for number in range(4)]
    answers = at_once(
        *(partial(caller.post, f"{GOALS}/sales/points", body) for caller, body in zip(callers, sent, strict=True))
    )
    assert {answer.status_code for answer in answers} == {200 if is_known else 202}
    assert len({answer.content for answer in answers}) == 1
    assert (GoalScore.objects.count(), Reading.objects.count()) == (1, int(is_known))


@pytest.mark.django_db(transaction=True)
def test_scores_that_come_while_the_goal_is_made_all_find_it(alice, team):
    callers = [calls("administrator") for _ in range(5)]
    sent = [score(alice, 1, session=f"s{number}", at="2024-08-20T10:00:00Z") for number in range(8)]
    posts = [partial(callers[n % 4].post, f"{GOALS}/sales/points", body) for n, body in enumerate(sent)]
    make = partial(callers[4].post, GOALS, sales(team, key="sales"))
    answers = at_once(*posts[:4], make, *posts[4:])
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert not GoalScore.objects.filter(goal=None).exists()
    assert (GoalScore.objects.count(), Reading.objects.count()) == (8, 8)


@pytest.mark.django_db(transaction=True)
def test_goal_made_under_one_key_at_once_is_made_once(team):
    callers = [calls("administrator") for _ in range(3)]
    answers = at_once(*(partial(caller.call, "PUT", f"{WEM}/same", of_goal(team)) for caller in callers))
    assert sorted(answer.status_code for answer in answers) in ([200, 409, 409], [200, 200, 409], [200, 200, 200])
    assert Goal.objects.count() == GoalKey.objects.count() == 1
