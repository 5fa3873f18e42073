"""Goals that callers make and read, and the scores that other systems send for them."""

from decimal import Decimal

from django.http import Http404
from ninja import Status

from foundation.periods import Period, parse_period, workday_of
from goals.enums import Frequency, Scope
from goals.models import Goal
from goals.queries.due import current_period
from goals.queries.seen import history_for, live_goal_for
from people.access import may, people_within, require
from people.enums import Permission
from people.models import User
from people.queries import today_of as workday_for

from ..actions import external
from ..actions import goals as actions
from ..actions import scores as score_actions
from ..actions import teams as team_actions
from ..asking import today_of, viewer_of
from ..gate import Token
from ..goal_queries import goal_named, goals_known_to, may_send_for, may_set_goal, period_of_day, same_name
from ..goal_shapes import HERE, goal_shape, score_shape, team_shape
from ..problems import Problem
from ..rules.goals import NAME, Unfit
from ..schemas import goals as schemas
from ..wire import Resource, number, uuid_of

resource = Resource("gamification", tag="Goals")
wem = Resource("wem", tag="Goals")
WRITES_POINTS = Token("gamification_goals.write")
READS, EDITS = Token("wem:goals:read", "wem:goals:edit"), Token("wem:goals:edit")
SETTING = (Permission.CONFIGURE_SCORING, Permission.CONFIGURE_LED)
FARTHEST_DAYS = 30
SHARED = ("EQUITY", "CONTRIBUTION")


# Goals ------------------------------------------------------------------------------------------------------------


@resource.post("/goals", response=schemas.Goal, auth=WRITES_POINTS)
def create_goal(request, body: schemas.GoalCreateRequest):
    """A goal of each agent of a team, or of the team together where its reward is shared. An EXTERNAL one counts an
    external metric, its own where none is named. It begins with the next period, or with a reason with the running one.
    """
    _require_setting(request)
    if body.key and goal_named(_fit(body.key)):
        raise Problem(409, "Another goal has this key.")
    given = _given(body)
    is_shared = (given.get("custom_fields", {}).get("distribution_type") or "").upper() in SHARED
    return _made(request, given, named=body.key or "", scope=Scope.TEAM if is_shared else Scope.INDIVIDUAL)


@wem.put("/goals/{goal_id}", response=schemas.Goal, auth=EDITS)
def put_goal(request, goal_id: str, body: schemas.GoalRequest):
    """Changes a goal from its next period on, or with a reason from the running one on; closed periods keep what they
    were settled by. An id that no goal has makes one, of a team together, and is its key.
    """
    _require_setting(request)
    goal = goal_named(_fit(goal_id))
    if goal is None:
        return _made(request, _given(body), named=same_name(goal_id), scope=Scope.TEAM)
    viewer, on = viewer_of(request), today_of(request)
    _known(request, goal)
    if not may_set_goal(viewer, goal, on=on):
        raise Problem(403)
    _answering(actions.change_goal, goal, _given(body), by=viewer, on=on, at=request.call.at)
    return _shown(request, goal)


@wem.get("/goals/{goal_id}", response=schemas.Goal, auth=READS)
def get_goal(request, goal_id: str):
    """As it will hold from its next change on."""
    return _shown(request, _known(request, goal_named(_fit(goal_id))))


@wem.get("/goals/{goal_id}/status", response=schemas.GoalState, auth=READS)
def get_goal_status(request, goal_id: str, period: str = ""):
    """How a goal stands in a period, the running one where none is named. Once it closed, the value is frozen. Values
    are hidden as on the goal's page.
    """
    goal = _known(request, goal_named(_fit(goal_id)))
    viewer, on, at = viewer_of(request), today_of(request), request.call.at
    asked = _period(goal, period) if period else current_period(goal, at=at)
    if period_of_day(goal, asked.start) != asked or asked.start > workday_of(at, goal.team.division.zone):
        raise Problem(404, f"{asked.key} is not a period of this goal, or has not begun.")
    told = {"goal_id": str(goal.public_id), "period": asked.key, "self_uri": f"{HERE}/{goal.public_id}/status"}
    past = next(iter(history_for(viewer, goal, on=on, period=asked.key)), None)
    if past:
        return _frozen(past, told)
    live = live_goal_for(viewer, goal, at=at, on=on, period=asked)
    if live is None:
        raise Problem(404, f"Nothing says how this goal is settled in {asked.key}.")
    return _live(live, told, is_over=asked != current_period(goal, at=at), at=at)


def _frozen(past, told: dict) -> schemas.GoalState:
    snapshot = past.snapshot
    return schemas.GoalState(
        status=past.status or None,
        metric_value=number(past.value),
        masked=past.value is None and snapshot.value is not None,
        snapshot_locked=True,
        evaluated_at=snapshot.at,
        state=past.state.upper(),
        **told,
    )


def _live(live, told: dict, *, is_over: bool, at) -> schemas.GoalState:
    return schemas.GoalState(
        status=live.status if live.has_status else None,
        metric_value=number(live.value),
        percent_of_target=number(live.percent),
        masked=live.is_masked,
        snapshot_locked=False,
        evaluated_at=at,
        state="CLOSING" if is_over else "RUNNING",
        **told,
    )


def _period(goal: Goal, key: str) -> Period:
    try:
        period = parse_period(key)
    except (ValueError, OverflowError) as error:
        raise Problem(400, f"period: {error}") from None
    if period.kind != Frequency(goal.frequency).kind:
        raise Problem(400, f"period: this goal is {goal.frequency}; {key} is no such period.")
    return period


def _require_setting(request) -> None:
    if not any(may(viewer_of(request), permission) for permission in SETTING):
        raise Problem(403)


def _fit(name: str) -> str:
    """A name that a goal can have."""
    if not NAME.fullmatch(name):
        raise Problem(404, "A goal is named by letters, digits and . _ : ~ -, at most 120 of them.")
    return name


def _known(request, goal: Goal | None) -> Goal:
    """The goal, where the caller may know that it is there."""
    if goal is None or not goals_known_to(viewer_of(request), on=today_of(request)).filter(pk=goal.pk).exists():
        raise Http404
    return goal


def _given(body: schemas.GoalRequest) -> dict:
    """What was said, with exact numbers. Null is as good as left out, save that a reward is taken away by it."""
    said = {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}
    if "metric_definition" in said:
        said["metric_definitions"] = [said.pop("metric_definition"), *said.get("metric_definitions", ())]
    exact = {name: Decimal(str(said[name])) for name in ("target", "minimum_volume") if name in said}
    if "thresholds" in said:
        exact["thresholds"] = [level | {"value": Decimal(str(level["value"]))} for level in _levels(said["thresholds"])]
    return said | exact


def _levels(given: dict | list) -> list[dict]:
    """Thresholds as a list, however they came."""
    if isinstance(given, list):
        return given
    return [
        {"status": status, **(level if isinstance(level, dict) else {"value": level})}
        for status, level in given.items()
    ]


def _made(request, given: dict, *, named: str, scope: Scope) -> schemas.Goal:
    goal, attached = _answering(
        actions.make_goal,
        given,
        named=same_name(named),
        scope=scope,
        by=viewer_of(request),
        on=today_of(request),
        at=request.call.at,
    )
    return _shown(request, goal, attached=attached)


def _answering(action, *args, **given):
    try:
        return action(*args, **given)
    except Unfit as error:
        raise Problem(400, str(error)) from error
    except actions.NotKnown as error:
        raise Problem(404, str(error)) from error
    except external.NameTaken:
        raise Problem(409, "Another external metric has the goal's name. Name that metric by metricId.") from None
    except score_actions.NameTaken:
        raise Problem(409, "Another goal has this key.") from None


def _shown(request, goal: Goal, *, attached: int | None = None) -> schemas.Goal:
    sets_it = may_set_goal(viewer_of(request), goal, on=today_of(request))
    return goal_shape(goal, sets_it=sets_it, attached=attached)


# Teams ------------------------------------------------------------------------------------------------------------


@wem.post("/teams", response=schemas.ScopedTeam, auth=Token("wem:goals:edit", "groups"))
def create_team(request, body: schemas.TeamRequest):
    """A team of exactly the named people from today on. Its goals add up and count as it says, unless they say so."""
    if body.team_scope.upper() != "EXPLICIT":
        raise Problem(400, "teamScope: only EXPLICIT is known; a team has the members that are named.")
    definitions = [each.model_dump(exclude_none=True) for each in body.metric_definitions]
    try:
        team = _answering(
            team_actions.make_team,
            name=body.name,
            division_id=body.division_id or "",
            members=body.member_ids,
            aggregation=body.aggregation_type,
            definitions=definitions,
            by=viewer_of(request),
            at=request.call.at,
        )
    except team_actions.NameTaken:
        raise Problem(409, "Another team of the division has this name.") from None
    return team_shape(team)


# Scores -----------------------------------------------------------------------------------------------------------


@resource.post("/goals/{goal_id}/points", response={200: schemas.Score, 202: schemas.Score}, auth=WRITES_POINTS)
def post_points(request, goal_id: str, body: schemas.ScoreRequest):
    """A reading of the goal's external metric, never points of the ledger: these come when the period closes. The same
    goal, user, timestamp, source and session again is answered as the first. For a goal that nobody knows it is kept.
    """
    viewer = viewer_of(request)
    require(viewer, Permission.IMPORT)
    named = same_name(_fit(goal_id))
    person = _person(request, body.user_id)
    goal = goal_named(named) or score_actions.hold_name(named).goal
    if goal and not may_send_for(viewer, goal):
        raise Http404
    score, _ = _taken(request, _new_score(request, named, person, body), goal)
    return score_shape(score) if score.goal_id else Status(202, score_shape(score))


def _person(request, text: str) -> User:
    """Somebody for whom the caller may send."""
    inside = people_within(viewer_of(request), Permission.IMPORT, on=today_of(request))
    person = inside.filter(public_id=uuid_of(text)).first()
    if person is None:
        raise Problem(404, "userId: there is no such person that this client may write for.")
    return person


def _new_score(request, named: str, person: User, body: schemas.ScoreRequest) -> score_actions.NewScore:
    day = workday_for(person, at=body.timestamp)
    if (day - workday_for(person, at=request.call.at)).days > FARTHEST_DAYS:
        raise Problem(400, f"timestamp: it lies more than {FARTHEST_DAYS} days ahead.")
    return score_actions.NewScore(
        named=named,
        person=person,
        occurred_at=body.timestamp,
        workday=day,
        score=Decimal(str(body.score)),
        source=body.metadata.source,
        session_id=body.metadata.session_id,
        metadata=body.metadata.model_extra or {},
    )


def _taken(request, new: score_actions.NewScore, goal: Goal | None):
    client = request.call.caller.client
    try:
        return score_actions.take_score(new, goal=goal, client=client, by=viewer_of(request), at=request.call.at)
    except score_actions.ScoreRefused as error:
        raise Problem(400, str(error)) from error
