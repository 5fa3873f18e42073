"""The official SDK for Node: it signs in and calls as it is, and is told what the API tells any other caller."""

import datetime as dt
import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command

from conftest import outside_tool_is_missing
from integrations.api.enums import Acting
from integrations.api.tests.factories import Caller, make_client, make_token
from metrics.models import Metric
from scorecards.actions import rescore

pytestmark = pytest.mark.sdk
FOLDER = Path(__file__).parent / "npm"
GAMES, PEOPLE = "GamificationApi", "UsersApi"


@pytest.fixture
def node(live_server, centre, empty_home):
    """Runs calls, `(class, method, *arguments)`, in a process of their own."""
    if not shutil.which("node"):
        outside_tool_is_missing("node")
    if not (FOLDER / "node_modules").is_dir():
        outside_tool_is_missing("The SDK for Node (npm ci --ignore-scripts --prefix tests/sdk/npm)")

    def run(*calls, **who) -> list[dict]:
        told = {"port": urlsplit(live_server.url).port, "calls": calls, **who}
        command = ["node", "calls.cjs"]
        done = subprocess.run(
            command, cwd=FOLDER, input=json.dumps(told), capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def token_of(centre, who: str) -> str:
    return make_token(make_client(acting=Acting.DEVICE), person=centre.people[who])


def test_client_signs_in_with_its_secret(node, capsys):
    call_command("create_api_client", "Export", "--role", "supervisor", "--division", "Northern")
    given = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
    client = [given["client_id"], given["client_secret"]]
    [answer] = node([GAMES, "getGamificationStatus"], client=client)
    assert answer["body"]["isActive"] is True


def test_reading_calls_say_what_any_caller_is_told(node, centre):
    token, today = token_of(centre, "agent"), centre.today
    day, week = str(today - dt.timedelta(days=1)), str(today - dt.timedelta(days=7))
    span = f"startWorkday={week}&endWorkday={day}"
    me, games, profile = str(centre.people["agent"].public_id), "gamification", str(centre.profile.pk)
    calls = {
        f"users/{me}": [PEOPLE, "getUser", me],
        "users/me": [PEOPLE, "getUsersMe"],
        "teams": ["TeamsApi", "getTeams", {"pageSize": 10}],
        "authorization/divisions": ["AuthorizationApi", "getAuthorizationDivisions"],
        f"{games}/profiles": [GAMES, "getGamificationProfiles"],
        f"{games}/profiles/{profile}/metrics": [GAMES, "getGamificationProfileMetrics", profile],
        f"{games}/metricdefinitions": [GAMES, "getGamificationMetricdefinitions"],
        f"{games}/templates": [GAMES, "getGamificationTemplates"],
        f"{games}/scorecards?workday={day}&expand=objective": [
            GAMES, "getGamificationScorecards", day, {"expand": ["objective"]},
        ],
        f"{games}/scorecards/points/alltime?endWorkday={day}": [GAMES, "getGamificationScorecardsPointsAlltime", day],
        f"{games}/scorecards/points/trends?{span}": [GAMES, "getGamificationScorecardsPointsTrends", week, day],
        f"{games}/scorecards/values/trends?{span}": [GAMES, "getGamificationScorecardsValuesTrends", week, day],
        f"{games}/scorecards/attendance?{span}": [GAMES, "getGamificationScorecardsAttendance", week, day],
        f"{games}/scorecards/bestpoints": [GAMES, "getGamificationScorecardsBestpoints"],
        f"{games}/leaderboard?startWorkday={day}&endWorkday={day}": [GAMES, "getGamificationLeaderboard", day, day],
    }  # fmt: skip
    answers = dict(zip(calls, node(*calls.values(), token=token), strict=True))
    plain = Caller(token)
    for path, answer in answers.items():
        assert "body" in answer, (path, answer)
        expected = plain.get(path).told
        same = {key: value for key, value in expected.items() if not key.endswith("Uri")}
        assert {key: value for key, value in answer["body"].items() if not key.endswith("Uri")} == same, path
    assert answers["users/me"]["body"]["name"] == centre.people["agent"].name
    assert answers[f"{games}/scorecards?workday={day}&expand=objective"]["body"]["entities"]


def test_metric_of_another_system_comes_to_the_scorecard(node, centre):
    admin = make_token(make_client("administrator"))
    definition = {"name": "Sales", "unit": "Number", "precision": 0, "defaultObjectiveType": "HigherIsBetter"}
    [made] = node([GAMES, "postEmployeeperformanceExternalmetricsDefinitions", {"body": definition}], token=admin)
    metric, agent = made["body"]["id"], centre.people["agent"]
    item = {
        "userEmail": agent.email,
        "metricId": metric,
        "dateOccurred": str(centre.today),
        "value": 7,
        "type": "Total",
    }
    items = [item, item | {"userEmail": "no@body"}]
    zones = [
        {"zoneType": "Out", "upperLimitValue": 5, "lowerLimitPoints": 0, "upperLimitPoints": 0},
        {"zoneType": "Target", "lowerLimitValue": 5, "lowerLimitPoints": 10, "upperLimitPoints": 10},
    ]
    objective = {"externalMetricDefinitionId": metric, "objective": {"templateId": "HigherIsBetter", "zones": zones}}
    sent, put = node(
        [GAMES, "postEmployeeperformanceExternalmetricsData", {"body": {"items": items}}],
        [GAMES, "postGamificationProfileMetrics", str(centre.profile.pk), objective],
        token=admin,
    )
    assert [each["totalValue"] for each in sent["body"]["processedEntities"]] == [7]
    assert [each["code"] for each in sent["body"]["unprocessedEntities"]] == ["user.not.found"]
    rescore(at=dt.datetime.now(dt.UTC))
    [card] = node([GAMES, "getGamificationScorecards", str(centre.today)], token=token_of(centre, "agent"))
    [sold] = [each for each in card["body"]["entities"] if each["metric"]["id"] == put["body"]["id"]]
    assert (sold["value"], sold["points"]) == (7, 10)
    used, gone = node(
        [GAMES, "deleteEmployeeperformanceExternalmetricsDefinition", metric],
        [GAMES, "getEmployeeperformanceExternalmetricsDefinition", "999999"],
        token=admin,
    )
    assert (used["status"], used["code"], gone["status"]) == (409, "general.conflict", 404)
    assert Metric.objects.get(pk=metric).is_active


def test_nobody_is_refused_in_the_words_of_the_field(node):
    me, other = node([PEOPLE, "getUsersMe"], [GAMES, "getGamificationProfiles"], token="wrong")
    assert [(each["status"], each["code"]) for each in (me, other)] == [(401, "bad.credentials")] * 2
