"""Teams that callers make, webhooks they try, and which teams see which boards."""

import datetime as dt

import pytest
import time_machine
from auditlog.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from goals.models import Goal
from integrations.api.models import WrittenCall
from integrations.webhooks.actions import outgoing as webhooks
from integrations.webhooks.actions import start_endpoint
from integrations.webhooks.models import Attempt, Delivery, Endpoint
from integrations.webhooks.sending import Answer
from integrations.webhooks.tests.receiver import receiving
from leaderboards.tests.publishing import board_of
from people.models import Team, TeamMembership
from people.tests.factories import join, make_division, make_person, make_team
from scorecards.models import Profile
from scorecards.tests.factories import put_scored_day

from .factories import Caller, calling, make_client, make_token

pytestmark = pytest.mark.django_db
TEAMS = "wem/teams"
BOARDS = "gamification/leaderboards"


@pytest.fixture
def north():
    return make_division("North")


@pytest.fixture
def people(north):
    return [make_person(name, division=north, role="agent") for name in ("Alice", "Bob")]


@pytest.fixture
def nora(north):
    return calling("administrator", north, replays_same_body=False)


def of_team(people, **more) -> dict:
    return {
        "name": "Front",
        "teamScope": "EXPLICIT",
        "memberIds": [str(person.public_id) for person in people],
        "aggregationType": "SUM",
        "metricDefinitions": [{"metric": "acd.handle.time.sum", "filters": {"callType": "INBOUND"}}],
    } | more


# Teams ------------------------------------------------------------------------------------------------------------


def test_team_has_exactly_the_named_people_from_today_on(nora, north, people):
    made = nora.post(TEAMS, of_team([*people, people[0]])).told
    team = Team.objects.get()
    assert made == {
        "id": str(team.pk),
        "name": "Front",
        "division": {"id": str(north.pk), "name": "North", "selfUri": f"/api/v2/authorization/divisions/{north.pk}"},
        "teamScope": "EXPLICIT",
        "memberIds": sorted(str(person.public_id) for person in people),
        "memberCount": 2,
        "aggregationType": "SUM",
        "metricDefinitions": [{"metric": "acd.handle.time.sum", "filters": {"callType": "INBOUND"}}],
        "selfUri": f"/api/v2/teams/{team.pk}",
    }
    assert set(TeamMembership.objects.values_list("from_on", "until_on")) == {(timezone.now().date(), None)}
    assert LogEntry.objects.get_for_model(TeamMembership).count() == 2


def test_goal_of_the_team_counts_as_the_team_says(nora, people):
    team = nora.post(TEAMS, of_team(people)).told
    made = nora.put("wem/goals/own", {"name": "Own", "teamId": team["id"], "thresholds": {"ACHIEVED": 100}}).told
    [metric] = made["metricDefinitions"]
    assert (metric["metric"], metric["filters"]) == ("average_handle_time", {"direction": "inbound"})
    assert (made["aggregationType"], Goal.objects.get().metric.narrow_direction) == ("SUM", "inbound")


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"teamScope": "QUEUE"}, 400, "teamScope: only EXPLICIT is known"),
        ({"aggregationType": "MEDIAN"}, 400, "aggregationType: “MEDIAN” is none of SUM"),
        ({"metricDefinitions": [{"metric": "acd.nothing"}]}, 400, "there is no metric “acd.nothing”"),
        ({"metricDefinitions": [{}]}, 400, "metricDefinitions: each names a metric"),
        ({"memberIds": ["nobody"]}, 404, "memberIds: there is nobody with the id “nobody”"),
        ({"memberIds": ["{charlie}"]}, 404, "memberIds: there is nobody with the id"),
        ({"divisionId": "{south}"}, 404, "divisionId: there is no division"),
        ({"divisionId": "x"}, 404, "divisionId: there is no division"),
        ({"name": "Taken"}, 409, "Another team of the division has this name."),
    ],
)
def test_team_that_cannot_be_is_refused_with_the_reason(nora, north, people, changes, status, said):
    south = make_division("South")
    charlie = make_person("Charlie", division=south)
    make_team("Taken", division=north)
    filled = {"{charlie}": str(charlie.public_id), "{south}": str(south.pk)}
    changes = {
        name: [filled.get(each, each) for each in value]
        if name == "memberIds"
        else filled.get(value, value)
        if isinstance(value, str)
        else value
        for name, value in changes.items()
    }
    answer = nora.post(TEAMS, of_team(people, **changes))
    assert answer.status_code == status and said in answer.told["message"]
    assert Team.objects.count() == 1 and not TeamMembership.objects.exists()


def test_team_of_people_of_several_divisions_says_where_it_is(people, north):
    south = make_division("South")
    both = calling("administrator", north, south)
    everyone = [*people, make_person("Charlie", division=south)]
    answer = both.post(TEAMS, of_team(everyone))
    assert (answer.status_code, answer.told["message"][:11]) == (400, "divisionId:")
    assert both.post(TEAMS, of_team(everyone, divisionId=str(south.pk))).told["division"]["name"] == "South"
    assert both.post(TEAMS, of_team(people)).told["division"]["name"] == "North"


def test_each_member_joins_on_their_own_today():
    """A score of a minute ago must count, though it is tomorrow already where the team is."""
    east, west = make_division("East", time_zone="Asia/Tokyo"), make_division("West", time_zone="America/Lima")
    people = [make_person("Akira", division=east), make_person("Wari", division=west)]
    token = make_token(make_client("administrator"), hours=24 * 365 * 10)
    with time_machine.travel("2026-03-04 20:00:00Z", tick=False):
        told = Caller(token).post(TEAMS, of_team(people, divisionId=str(east.pk)))
    assert told.status_code == 200
    assert dict(TeamMembership.objects.values_list("person__name", "from_on")) == {
        "Akira": dt.date(2026, 3, 5),
        "Wari": dt.date(2026, 3, 4),
    }


# Webhooks ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def ada(settings):
    settings.LAUREL_WEBHOOK_ALLOW_PRIVATE = True
    return calling("administrator")


def endpoint_at(url: str) -> Endpoint:
    return start_endpoint(Endpoint(name="Payroll", url=url, events=[]))


def test_webhook_gets_one_signed_event_and_the_outcome_is_told(ada):
    with receiving(200) as receiver:
        endpoint = endpoint_at(receiver.url)
        told = ada.post(f"integrations/webhooks/{endpoint.pk}/test", {}).told
        assert len(receiver.got) == 1
        receiver.verify(endpoint.secret)
    assert {name: told[name] for name in told if name not in ("durationMs", "testedAt")} == {
        "webhookId": str(endpoint.pk),
        "name": "Payroll",
        "eventType": "goal.status_changed",
        "delivered": True,
        "status": 200,
    }
    assert type(told["durationMs"]) is int
    assert not Delivery.objects.exists() and not Attempt.objects.exists()
    assert WrittenCall.objects.get().path == f"/api/v2/integrations/webhooks/{endpoint.pk}/test"


@pytest.mark.parametrize(("answer", "status"), [(500, 500), (410, 410), ("reset", None)])
def test_webhook_that_fails_is_told_and_stays_as_it_was(ada, answer, status):
    with receiving(answer) as receiver:
        endpoint = endpoint_at(receiver.url)
        told = ada.post(f"integrations/webhooks/{endpoint.pk}/test").told
    assert (told["delivered"], told.get("status"), "error" in told) == (False, status, status is None)
    endpoint.refresh_from_db()
    assert (endpoint.is_on, endpoint.failures) == (True, 0)


def test_each_call_tries_the_webhook_anew(ada):
    with receiving(200) as receiver:
        endpoint = endpoint_at(receiver.url)
        for _ in range(2):
            ada.post(f"integrations/webhooks/{endpoint.pk}/test", {})
        assert len(receiver.got) == 2


@pytest.mark.django_db(transaction=True)
def test_no_transaction_waits_for_the_webhook(ada, monkeypatch):
    waited = []

    def send(*args, **given):
        waited.append(connection.in_atomic_block)
        return Answer(200, 1)

    monkeypatch.setattr(webhooks, "send", send)
    ada.post(f"integrations/webhooks/{endpoint_at('http://localhost:9/').pk}/test", {})
    assert waited == [False]


def test_webhook_at_a_private_address_is_not_called(ada, settings):
    settings.LAUREL_WEBHOOK_ALLOW_PRIVATE = False
    with receiving(200) as receiver:
        told = ada.post(f"integrations/webhooks/{endpoint_at(receiver.url).pk}/test").told
        assert (told["delivered"], receiver.got) == (False, [])
    assert told["error"]


@pytest.mark.parametrize("name", ["0", "x", "999999999999999999999"])
def test_webhook_that_is_not_there(ada, name):
    assert ada.post(f"integrations/webhooks/{name}/test").status_code == 404


# Leaderboards -----------------------------------------------------------------------------------------------------


def test_boards_tell_which_teams_see_them(nora, north, people):
    team = make_team("Front", division=north)
    profile, day = Profile.objects.get(is_default=True), timezone.now().date()
    for person in [*people, *(make_person(division=north, role="agent") for _ in range(8))]:
        join(person, team)
        put_scored_day(person, day, 10, division=north, profile=profile)
    board = board_of(profile, north)
    board_of(profile, make_division("South"))
    told = nora.get(BOARDS).told
    reference = {"id": str(north.pk), "name": "North", "selfUri": f"/api/v2/authorization/divisions/{north.pk}"}
    assert told == {
        "entities": [
            {
                "id": str(board.pk),
                "name": board.name,
                "division": reference,
                "performanceProfile": {
                    "id": str(profile.pk),
                    "selfUri": f"/api/v2/gamification/profiles/{profile.pk}",
                },
                "memberCount": 10,
                "teams": [
                    {
                        "id": str(team.pk),
                        "name": "Front",
                        "selfUri": f"/api/v2/teams/{team.pk}",
                        "division": reference,
                    }
                ],
                "problems": [],
            }
        ],
        "total": 1,
        "selfUri": "/api/v2/gamification/leaderboards",
    }
    assert calling("administrator").get(BOARDS).told["total"] == 2


@pytest.mark.parametrize(("scopes", "status"), [(["reports:view"], 200), (["gamification"], 200), (["users"], 403)])
def test_boards_are_told_by_scope(scopes, status):
    assert calling("administrator", scopes=scopes).get(BOARDS).status_code == status


def test_as_many_queries_for_one_board_as_for_three(nora, north):
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            nora.get(BOARDS)
        return len(counted)

    board_of(Profile.objects.get(is_default=True), north)
    queries()
    one = queries()
    for name in ("Sales", "Support"):
        board_of(Profile.objects.create(name=name), north)
    assert nora.get(BOARDS).told["total"] == 3
    assert queries() == one
