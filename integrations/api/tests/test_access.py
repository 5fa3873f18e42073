"""Every operation × every caller → what comes back. An operation without a row fails, and so does a row without one.

The callers: nobody; a token without the scope; Alice, of whom figures are asked; Charlie of another division; Dana, who
leads Alice's team; Vic, the compliance reviewer; Ada, the administrator; Nora, who administers Alice's division only;
and two clients that call for themselves, quality evaluators of Alice's division (north) and of Charlie's (south).
"""

import datetime as dt
import json

import pytest
from django.utils import timezone

from goals.tests.factories import make_goal
from integrations.api.enums import Acting
from integrations.api.urls import api
from integrations.api.wire import Schema
from integrations.imports.enums import Status
from integrations.imports.models import Import
from integrations.webhooks.actions import start_endpoint
from integrations.webhooks.models import Endpoint
from interactions.models import Leg
from people.tests.factories import join, lead, make_division, make_person, make_team
from scorecards.models import Objective, Profile
from scorecards.tests.factories import make_external

from .factories import Caller, calling

pytestmark = pytest.mark.django_db
CALLERS = ["nobody", "scopeless", "alice", "charlie", "dana", "vic", "ada", "nora", "north", "south"]
ME = "/me"
DAY = timezone.now().date()
SPAN = f"startWorkday={DAY}&endWorkday={DAY}"
GROUP = "filterType=PerformanceProfile&filterId={profile}"

ZONES = [
    {"zoneType": "Out", "upperLimitValue": 5, "lowerLimitPoints": 0, "upperLimitPoints": 0},
    {"zoneType": "Target", "lowerLimitValue": 5, "lowerLimitPoints": 10, "upperLimitPoints": 10},
]
OBJECTIVE = {"templateId": "HigherIsBetter", "zones": ZONES}


def seen_by(names: str, *, other: str = "404", ok: str = "200") -> str:
    """`ok` for the named callers, `other` for all others with a token and the scope."""
    assert set(names.split()) <= set(CALLERS)
    return " ".join(["401", "403", *(ok if caller in names.split() else other for caller in CALLERS[2:])])


EVERYONE = seen_by("alice charlie dana vic ada nora north south")
PEOPLE = seen_by("alice charlie dana vic ada nora", other="400")
"""“Me” of a client that calls for itself is nobody."""
MY_FIGURES = "401 403 200 200 200 200 404 404 400 400"
"""Who has no right to figures of their own has none."""
ALICES = seen_by("alice dana vic north")
NAMED = seen_by("alice dana vic ada nora north")
PROFILES = seen_by("alice charlie dana vic ada nora north south")
GROUPS = seen_by("dana vic north south", other="403")
BOARDS = "401 403 404 404 404 404 403 403 404 404"
"""Nobody stands on a board yet; who sees nobody’s figures opens none."""
CONFIGURING = seen_by("ada", other="403")

FIGURES = seen_by("alice charlie dana vic north south", other="403")
QUERY = {"interval": f"{DAY}/{DAY + dt.timedelta(days=1)}", "metrics": ["acd.handle.time"]}

TABLE = {
    # operation: (what comes back, query, body)
    "GET /users/me": (PEOPLE,),
    "GET /users": (EVERYONE,),
    "GET /users/{user_id}": (NAMED,),
    "GET /authorization/divisions": (EVERYONE,),
    "GET /authorization/divisions/home": (EVERYONE,),
    "GET /authorization/divisions/{division_id}": (NAMED,),
    "GET /teams": (EVERYONE,),
    "GET /teams/{team_id}": (NAMED,),
    "GET /teams/{team_id}/members": (NAMED,),
    "GET /employeeperformance/externalmetrics/definitions": (seen_by("dana ada nora", other="403"),),
    "POST /employeeperformance/externalmetrics/definitions": (
        CONFIGURING,
        "",
        {"name": "New", "unit": "Number", "precision": 0, "defaultObjectiveType": "HigherIsBetter"},
    ),
    "GET /employeeperformance/externalmetrics/definitions/{external_id}": (seen_by("dana ada nora", other="403"),),
    "PATCH /employeeperformance/externalmetrics/definitions/{external_id}": (CONFIGURING, "", {"precision": 1}),
    "DELETE /employeeperformance/externalmetrics/definitions/{unused_id}": (seen_by("ada", other="403", ok="204"),),
    "POST /employeeperformance/externalmetrics/data": (
        seen_by("ada nora", other="403"),
        "",
        {"items": [{"metricId": "1", "userId": "x", "dateOccurred": str(DAY), "value": 1}]},
    ),
    "POST /interactions/bulk": (seen_by("ada nora", other="403", ok="415"), "", {}),
    "GET /interactions/bulk/{job_id}": ("401 403 403 403 403 403 200 404 403 403",),
    "GET /gamification/profiles": (EVERYONE,),
    "POST /gamification/profiles": (CONFIGURING, "", {"name": "New"}),
    "GET /gamification/profiles/{profile_id}": (PROFILES,),
    "PUT /gamification/profiles/{profile_id}": (CONFIGURING, "", {"name": "Renamed"}),
    "POST /gamification/profiles/{profile_id}/activate": (CONFIGURING,),
    "POST /gamification/profiles/{other_id}/deactivate": ("401 403 404 404 404 404 200 403 404 404",),
    "GET /gamification/profiles/{profile_id}/members": (PROFILES,),
    "POST /gamification/profiles/{profile_id}/members": (seen_by("ada nora", other="403"), "", {"membersToAssign": []}),
    "POST /gamification/profiles/{profile_id}/members/validate": (
        seen_by("ada nora", other="403"),
        "",
        {"membersToAssign": ["x"]},
    ),
    "GET /gamification/metricdefinitions": (EVERYONE,),
    "GET /gamification/metricdefinitions/{definition_id}": (EVERYONE,),
    "GET /gamification/templates": (EVERYONE,),
    "GET /gamification/templates/{template_id}": (EVERYONE,),
    "GET /gamification/profiles/{profile_id}/metrics": (PROFILES,),
    "GET /gamification/profiles/{profile_id}/metrics/objectivedetails": (PROFILES,),
    "POST /gamification/profiles/{profile_id}/metrics": (CONFIGURING, "", {"objective": OBJECTIVE, "external": True}),
    "GET /gamification/profiles/{profile_id}/metrics/{metric_id}": (PROFILES,),
    "PUT /gamification/profiles/{profile_id}/metrics/{metric_id}": (CONFIGURING, "", {"objective": OBJECTIVE}),
    "GET /gamification/profiles/users/me": (MY_FIGURES,),
    "GET /gamification/profiles/users/{user_id}": (ALICES,),
    "POST /gamification/profiles/users/me/query": (
        MY_FIGURES,
        "",
        {"startWorkday": str(DAY), "endWorkday": str(DAY)},
    ),
    "POST /gamification/profiles/users/{user_id}/query": (
        ALICES,
        "",
        {"startWorkday": str(DAY), "endWorkday": str(DAY)},
    ),
    "GET /gamification/status": (EVERYONE,),
    "PUT /gamification/status": (seen_by("ada nora", other="403"), "", {"isActive": True}),
    "GET /gamification/scorecards": (MY_FIGURES, f"workday={DAY}"),
    "GET /gamification/scorecards/users/{user_id}": (ALICES, f"workday={DAY}"),
    "GET /gamification/scorecards/points/alltime": (MY_FIGURES, f"endWorkday={DAY}"),
    "GET /gamification/scorecards/users/{user_id}/points/alltime": (ALICES, f"endWorkday={DAY}"),
    "GET /gamification/scorecards/points/trends": (MY_FIGURES, SPAN),
    "GET /gamification/scorecards/users/{user_id}/points/trends": (ALICES, SPAN),
    "GET /gamification/scorecards/points/average": (MY_FIGURES, f"workday={DAY}"),
    "GET /gamification/scorecards/users/points/average": (GROUPS, f"{GROUP}&workday={DAY}"),
    "GET /gamification/scorecards/values/trends": (MY_FIGURES, SPAN),
    "GET /gamification/scorecards/users/{user_id}/values/trends": (ALICES, SPAN),
    "GET /gamification/scorecards/users/values/trends": (GROUPS, f"{GROUP}&{SPAN}"),
    "GET /gamification/scorecards/values/average": (MY_FIGURES, f"workday={DAY}"),
    "GET /gamification/scorecards/users/values/average": (GROUPS, f"{GROUP}&workday={DAY}"),
    "GET /gamification/scorecards/profiles/{profile_id}/metrics/{metric_id}/values/trends": (MY_FIGURES, SPAN),
    "GET /gamification/scorecards/profiles/{profile_id}/metrics/{metric_id}/users/{user_id}/values/trends": (
        ALICES,
        SPAN,
    ),
    "GET /gamification/scorecards/profiles/{profile_id}/metrics/{metric_id}/users/values/trends": (
        GROUPS,
        f"{GROUP}&{SPAN}",
    ),
    "GET /gamification/leaderboard": ("401 403 200 200 200 200 403 403 400 400", SPAN),
    "GET /gamification/leaderboard/all": (BOARDS, f"{GROUP}&{SPAN}"),
    "GET /gamification/leaderboard/bestpoints": (MY_FIGURES,),
    "GET /gamification/leaderboard/all/bestpoints": (GROUPS, GROUP),
    "GET /gamification/scorecards/attendance": (MY_FIGURES, SPAN),
    "GET /gamification/scorecards/users/{user_id}/attendance": (ALICES, SPAN),
    "GET /gamification/scorecards/bestpoints": (MY_FIGURES,),
    "GET /gamification/scorecards/users/{user_id}/bestpoints": (ALICES,),
    "POST /gamification/goals": (
        seen_by("dana ada nora", other="403"),
        "",
        {"name": "Goal", "type": "POINTS", "teamId": "{team_id}", "target": 1},
    ),
    "POST /gamification/goals/{goal_id}/points": (
        seen_by("ada nora", other="403"),
        "",
        {"userId": "{user_id}", "timestamp": f"{DAY}T12:00:00Z", "score": 1},
    ),
    "PUT /wem/goals/{goal_id}": (seen_by("dana ada nora", other="403"), "", {"description": "Changed"}),
    "GET /wem/goals/{goal_id}": (NAMED,),
    "GET /wem/goals/{goal_id}/status": (NAMED,),
    "POST /wem/teams": (  # the second one has the name of the first
        "401 403 403 403 403 403 200 409 403 403",
        "",
        {"name": "New", "memberIds": ["{user_id}"]},
    ),
    "GET /gamification/leaderboards": (seen_by("ada nora", other="403"),),
    "POST /thanks/links": ("401 403 403 403 200 200 403 403 200 404", "", {"interaction": "alices-call"}),
    "POST /integrations/webhooks/{webhook_id}/test": (seen_by("ada", other="403"),),
    "POST /analytics/details/query": (FIGURES, "", QUERY),
    "GET /analytics/details/query": (FIGURES, "", QUERY),
}


def operations() -> set[str]:
    """Each as `METHOD /path`, as the document has it."""
    paths = api.get_openapi_schema()["paths"]
    return {f"{method.upper()} {path.removeprefix('/api/v2')}" for path, methods in paths.items() for method in methods}


def plain(row: str) -> str:
    """An operation as the document names it: the table tells kinds of ids apart, the document does not."""
    return (
        row.replace("{external_id}", "{metric_id}")
        .replace("{unused_id}", "{metric_id}")
        .replace("{other_id}", "{profile_id}")
        .replace("{definition_id}", "{metric_definition_id}")
    )


def test_every_operation_has_a_row_and_every_row_an_operation():
    assert sorted(map(plain, TABLE)) == sorted(operations())


@pytest.fixture
def centre():
    north, south = make_division("North"), make_division("South")
    team, far = make_team("Team", division=north), make_team("Far", division=south)
    people = {
        "alice": make_person("Alice", division=north, role="agent"),
        "charlie": make_person("Charlie", division=south, role="agent"),
        "dana": make_person("Dana", division=north, role="supervisor"),
        "vic": make_person("Vic", role="compliance_reviewer"),
        "ada": make_person("Ada", role="administrator"),
        "nora": make_person("Nora", division=north, role="administrator", in_division=north),
    }
    join(people["alice"], team)
    join(people["charlie"], far)
    lead(people["dana"], team)
    profile = Profile.objects.get(is_default=True)
    other = Profile.objects.create(name="Other")
    callers = {name: calling(person=person, acting=Acting.DEVICE) for name, person in people.items()}
    callers |= {
        "nobody": Caller(),
        "scopeless": calling("administrator", scopes=["nothing"]),
        "north": calling("quality_evaluator", north),
        "south": calling("quality_evaluator", south),
    }
    moment = timezone.now() - dt.timedelta(hours=1)
    call = {"source": "calls", "external_id": "alices-call", "started_at": moment, "workday": moment.date()}
    Leg.objects.create(agent=people["alice"], **call)
    started = DAY.replace(day=1)
    goal = make_goal(team, make_external("counted"), starts_on=started, terms={"from_on": started})
    ids = {
        "goal_id": goal.public_id,
        "webhook_id": start_endpoint(Endpoint(name="Payroll", url="http://localhost:9/", events=[])).pk,
        "user_id": people["alice"].public_id,
        "division_id": north.pk,
        "team_id": team.pk,
        "external_id": make_external("sales").pk,
        "unused_id": make_external("unused").pk,
        "profile_id": profile.pk,
        "other_id": other.pk,
        "definition_id": profile.objectives.first().metric_id,
        "template_id": "TargetArea",
        "metric_id": Objective.objects.filter(profile=profile).first().pk,
        "profile": profile.pk,
        "job_id": Import.objects.create(by=people["ada"], status=Status.QUEUED, created_at=timezone.now()).public_id,
    }
    return {"callers": callers, "ids": ids, "people": people}


def answer_of(centre, caller: str, operation: str, query: str = "", body=None) -> str:
    method, path = operation.split(" ")
    if body and body.get("external"):
        body = {"externalMetricDefinitionId": str(centre["ids"]["external_id"]), "objective": body["objective"]}
    for name, value in centre["ids"].items() if body else ():
        body = json.loads(json.dumps(body).replace(f"{{{name}}}", str(value)))
    address = path.lstrip("/") + (f"?{query}" if query else "")
    answer = centre["callers"][caller].call(method, address.format(**centre["ids"]), body)
    return str(answer.status_code)


def test_operations_answer_each_caller_as_their_rows_say(centre):
    answers = {
        operation: " ".join(answer_of(centre, caller, operation, *asked) for caller in CALLERS)
        for operation, (_, *asked) in TABLE.items()
    }
    wrong = {
        operation: f"{answers[operation]}, not {expected}"
        for operation, (expected, *_) in TABLE.items()
        if answers[operation] != expected
    }
    assert wrong == {}


def test_lists_hold_nothing_of_another_division(centre):
    told = {
        caller: " ".join(
            centre["callers"][caller].get(path).content.decode()
            for path in ("users?pageSize=100&state=any", "teams", "authorization/divisions", "gamification/profiles")
        )
        for caller in ("alice", "dana", "nora", "north", "charlie", "south", "ada")
    }
    near, far = (str(centre["people"][name].public_id) for name in ("alice", "charlie"))
    for caller in ("alice", "dana", "nora", "north"):
        assert (near in told[caller], far in told[caller], '"Far"' in told[caller], '"South"' in told[caller]) == (
            True,
            False,
            False,
            False,
        ), caller
    for caller in ("charlie", "south"):
        assert (far in told[caller], near in told[caller], '"Team"' in told[caller], '"North"' in told[caller]) == (
            True,
            False,
            False,
            False,
        ), caller
    assert near in told["ada"] and far in told["ada"]


def test_members_of_a_profile_are_those_whose_names_one_may_read(centre):
    path = f"gamification/profiles/{centre['ids']['profile_id']}/members"
    names = {str(person.public_id): name for name, person in centre["people"].items()}
    told = {
        caller: sorted(names[each["id"]] for each in centre["callers"][caller].get(path).told["entities"])
        for caller in ("alice", "dana", "nora", "ada", "south")
    }
    assert told == {
        "alice": ["alice"],
        "dana": ["alice", "dana"],
        "nora": ["alice", "dana", "nora"],
        "ada": sorted(names.values()),
        "south": ["charlie"],
    }


def test_a_long_span_and_a_turned_one_are_refused(centre):
    alice = centre["callers"]["alice"]
    for start, end in ((DAY, DAY - dt.timedelta(days=1)), (DAY - dt.timedelta(days=366), DAY)):
        answer = alice.get("gamification/scorecards/attendance", startWorkday=start, endWorkday=end)
        assert (answer.status_code, answer.told["code"]) == (400, "bad.request")


def test_schemas_have_names_of_their_own():
    """The document knows them by their names only: of two that are called alike it would show one for both."""
    modules: dict[str, set[str]] = {}
    waiting = [Schema]
    while waiting:
        for each in waiting.pop().__subclasses__():
            modules.setdefault(each.__name__, set()).add(each.__module__)
            waiting.append(each)
    assert {name: where for name, where in modules.items() if len(where) > 1} == {}
