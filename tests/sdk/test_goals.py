"""Goals, teams, webhooks and analytics, for which the SDK has no methods: by its generic call, at a live server."""

import datetime as dt

import pytest
from django.utils import timezone

from foundation.periods import Kind, period_of
from integrations.api.models import GoalScore
from integrations.webhooks.actions import start_endpoint
from integrations.webhooks.models import Endpoint
from integrations.webhooks.tests.receiver import receiving
from ledger.models import Transfer
from ledger.tests.factories import make_pool
from metrics.models import DayValue, Reading
from scorecards.actions import rescore

pytestmark = pytest.mark.sdk


def test_team_goal_scores_and_status(calling, centre):
    calls, evaluator = calling("administrator"), calling("quality_evaluator")
    month = period_of(Kind.MONTHLY, timezone.now().date())
    moment, pool = timezone.now().replace(microsecond=0), make_pool(900)
    team = calls.generic(
        "POST",
        "wem/teams",
        {
            "name": "Sellers",
            "divisionId": str(centre.division.pk),
            "teamScope": "EXPLICIT",
            "memberIds": [str(agent.public_id) for agent in centre.agents[:3]],
            "aggregationType": "SUM",
            "metricDefinitions": [],
        },
    )
    assert (team["memberCount"], calls.get_team(team["id"]).name) == (3, "Sellers")
    score = {
        "userId": str(centre.agents[0].public_id),
        "timestamp": moment.isoformat(),
        "score": 7,
        "metadata": {"source": "CRM", "session_id": "1"},
    }
    orphan = calls.generic("POST", "gamification/goals/sales/points", score)
    assert orphan["status"] == "ORPHANED"
    goal = calls.generic(
        "POST",
        "gamification/goals",
        {
            "name": "Sold",
            "type": "EXTERNAL",
            "key": "sales",
            "teamId": team["id"],
            "target": 10,
            "startDate": str(month.start),
            "reason": "Agreed with the team",
            "customFields": {"rewardPoolId": pool.key, "rewardPoints": 90, "distributionType": "EQUITY"},
        },
    )
    assert (goal["scoresAttached"], goal["goalScope"], goal["firstPeriod"]) == (1, "TEAM", month.key)
    again = calls.generic("POST", "gamification/goals/sales/points", score | {"score": 9})
    assert (again["id"], again["score"], again["status"]) == (orphan["id"], 7.0, "ACCEPTED")
    assert dt.datetime.fromisoformat(again["points_awarded_at"]) > moment
    rescore(at=timezone.now())
    status = evaluator.generic("GET", "wem/goals/sales/status", period=month.key)
    assert (status["metricValue"], status["snapshotLocked"], status["state"]) == (7.0, False, "RUNNING")
    changed = calls.generic("PUT", "wem/goals/sales", {"thresholds": {"ACHIEVED": 12}})
    assert changed["effectiveFrom"] == str(month.next.start)
    assert calls.generic("GET", f"wem/goals/{goal['id']}") == changed
    assert (GoalScore.objects.count(), Reading.objects.filter(metric__name="Sold").count()) == (1, 1)
    assert Transfer.objects.exclude(purpose="funding").count() == 0


def test_refusals_say_why(calling, sdk, centre):
    calls = calling("administrator")
    team = calls.get_teams().entities[0]
    body = {
        "name": "Sold",
        "teamId": team.id,
        "metricDefinitions": [{"metric": "acd.handle.time.sum"}],
        "thresholds": {"ACHIEVED": 285},
        "evaluationFrequency": "REALTIME",
        "customFields": {"rewardPoints": 90, "distributionType": "EQUITY"},
    }
    with pytest.raises(sdk.rest.ApiException) as refused:
        calls.generic("PUT", "wem/goals/any", body)
    assert refused.value.status == 400 and "cannot have a reward" in refused.value.body
    with pytest.raises(sdk.rest.ApiException) as refused:
        calling("agent").generic("PUT", "wem/goals/any", body)
    assert refused.value.status == 403


def test_boards_webhooks_and_analytics(calling, centre, settings):
    settings.LAUREL_WEBHOOK_ALLOW_PRIVATE = True
    calls = calling("administrator")
    boards = calls.generic("GET", "gamification/leaderboards")
    assert boards["total"] == len(boards["entities"])
    with receiving(200) as receiver:
        endpoint = start_endpoint(Endpoint(name="Payroll", url=receiver.url, events=[]))
        told = calls.generic("POST", f"integrations/webhooks/{endpoint.pk}/test", {})
        receiver.verify(endpoint.secret)
    assert (told["delivered"], told["status"]) == (True, 200)
    days = DayValue.objects.filter(metric__key="average_handle_time")
    first, last = days.earliest("workday").workday, days.latest("workday").workday
    body = {
        "interval": f"{first}/{last + dt.timedelta(days=1)}",
        "grouping": ["userId"],
        "metrics": ["acd.handle.time.sum"],
    }
    told = calling("quality_evaluator").generic("POST", "analytics/details/query", body)
    totals = {each["group"]["userId"]: each["data"][0]["metrics"][0]["value"] for each in told["results"]}
    expected: dict[str, float] = {}
    for row in days.select_related("agent"):
        key = str(row.agent.public_id)
        expected[key] = expected.get(key, 0.0) + float(row.total)
    assert totals == expected
