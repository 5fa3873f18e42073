"""Goals as callers describe them: made and changed by the goals' own actions, never paid from here.

`given` holds what a caller said, by the names of the fields; what they left out stays, or is the usual.
"""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from foundation.periods import DAY
from goals.actions import TermsRefused, create_goal, revise_goal
from goals.enums import Counted, Operator, PayMode, Scope, Sharing
from goals.models import Goal
from goals.queries.drafts import draft_of, newest_terms
from goals.queries.due import current_period
from goals.rules.drafts import GoalDraft
from interactions.enums import Direction, MediaType
from ledger.enums import AccountKind
from ledger.models import Account
from metrics.actions import CannotNarrow, measure_new_metric, narrowed
from metrics.enums import Aggregation, Better, Source, Unit
from metrics.models import Metric
from people.access import configurable_teams, reach
from people.enums import Permission
from people.models import Queue, Team, User
from scorecards.enums import ObjectiveKind

from ..enums import FilterField
from ..goal_queries import fields_by_alias, metric_named
from ..models import GoalDetail, TeamDetail
from ..rules.goals import (
    AGGREGATIONS,
    DISTRIBUTIONS,
    FREQUENCIES,
    OPERATORS,
    Thresholds,
    Unfit,
    filters_from,
    frequency_word,
    refuse_unpayable,
    thresholds_from,
    word_of,
)
from .external import create_metric
from .scores import name_goal

Given = Mapping[str, Any]
NEW_DAYS = 31
"""How far back a metric is measured that is limited for a goal, as a metric that is made in the admin."""
KINDS = {"METRIC": Counted.METRIC, "EXTERNAL": Counted.METRIC, "POINTS": Counted.POINTS, "REPORTED": Counted.REPORTED}
REWARD = ("reward_pool_id", "reward_points", "distribution_type")
VALUES = {FilterField.MEDIA_TYPE: MediaType.values, FilterField.DIRECTION: Direction.values}


class NotKnown(Exception):
    """Something named in a call that is not there, or not the caller's to see."""


@transaction.atomic
def make_goal(given: Given, *, named: str, scope: Scope, by: User, on: dt.date, at: dt.datetime) -> tuple[Goal, int]:
    """A new goal, and how many scores waited under its name. Unfit, NotKnown, or the refusals of metrics and names.

    `scope` is for whom it is where nothing says so. A name that is a public id becomes the goal's own.
    """
    goal = Goal(**_public_id(named), scope=scope)
    detail = GoalDetail(goal=goal, evaluation_frequency="MONTHLY")
    draft = _wished(goal, detail, GoalDraft(achieved=Decimal(0)), given, by=by, on=on, at=at)
    _settled(create_goal, goal, draft, given, by=by, at=at)
    detail.save()
    return goal, name_goal(goal, named, at=at) if named else 0


@transaction.atomic
def change_goal(goal: Goal, given: Given, *, by: User, on: dt.date, at: dt.datetime) -> Goal:
    """The goal as it is wished from its next period on, or with a reason from the running one on."""
    detail = getattr(goal, "detail", None) or GoalDetail(goal=goal)
    detail.evaluation_frequency = frequency_word(detail.evaluation_frequency, goal.frequency)
    draft = _wished(goal, detail, draft_of(newest_terms(goal)), given, by=by, on=on, at=at)
    _settled(revise_goal, goal, draft, given, by=by, at=at)
    detail.save()
    return goal


def _public_id(named: str) -> dict:
    try:
        return {"public_id": uuid.UUID(named)}
    except ValueError:
        return {}


def _settled(action, goal: Goal, draft: GoalDraft, given: Given, *, by: User, at: dt.datetime) -> None:
    try:
        action(goal=goal, draft=draft, by=by, at=at, now_with_reason=given.get("reason"))
    except TermsRefused as refused:
        raise Unfit(str(refused)) from refused


def _wished(
    goal: Goal, detail: GoalDetail, draft: GoalDraft, given: Given, *, by: User, on: dt.date, at: dt.datetime
) -> GoalDraft:
    """Brings the goal and its detail to what is wished; the terms as a draft."""
    _place(goal, given, by=by, on=on)
    _describe(goal, detail, given)
    said = _count(goal, given, by=by, at=at)
    _date(goal, given, at=at)
    draft = replace(draft, **_measures(goal, draft, said, given))
    draft = replace(draft, **_reward(goal, draft, given))
    refuse_unpayable(
        frequency=detail.evaluation_frequency,
        is_snapshot=detail.snapshot_evaluation,
        has_reward=draft.pool_id is not None or draft.points > 0,
    )
    return draft


# Where, what and when ---------------------------------------------------------------------------------------------


def _place(goal: Goal, given: Given, *, by: User, on: dt.date) -> None:
    """The team, which must be one whose goals the caller sets."""
    if "team_id" in given:
        goal.team = team_of(given["team_id"], configurable_teams(by, on=on).select_related("division"))
    elif goal.team_id is None:
        raise Unfit("teamId: say whose goal it is.")
    if "goal_scope" in given:
        goal.scope = Scope[given["goal_scope"]]


def team_of(text: str, teams) -> Team:
    found = teams.filter(pk=int(text)).first() if text.isascii() and text.isdigit() and len(text) < 19 else None
    if found is None:
        raise NotKnown(f"teamId: there is no team “{text}” whose goals this client sets.")
    return found


def _describe(goal: Goal, detail: GoalDetail, given: Given) -> None:
    goal.name = given.get("name", goal.name)
    if not goal.name:
        raise Unfit("name: give the goal a name.")
    goal.description = given.get("description", goal.description)
    goal.is_active = given.get("enabled", goal.is_active)
    if "evaluation_frequency" in given:
        detail.evaluation_frequency = given["evaluation_frequency"].strip().upper()
    goal.frequency = word_of(FREQUENCIES, detail.evaluation_frequency, "evaluationFrequency")
    detail.snapshot_evaluation = given.get("snapshot_evaluation", detail.snapshot_evaluation)
    if "custom_fields" in given:
        detail.custom_fields = {name: value for name, value in given["custom_fields"].items() if name not in REWARD}


def _date(goal: Goal, given: Given, *, at: dt.datetime) -> None:
    """From the first day to the last; a new goal begins with the next period, or with a reason with the running one."""
    if "start_date" in given:
        goal.starts_on = given["start_date"]
    elif goal.starts_on is None:
        running = current_period(goal, at=at)
        goal.starts_on = running.start if given.get("reason") else running.next.start
    if "end_date" in given:
        goal.ends_on = given["end_date"] + DAY
    if goal.ends_on and goal.ends_on <= goal.starts_on:
        raise Unfit("endDate: it lies before startDate.")


# What is counted --------------------------------------------------------------------------------------------------


def _count(goal: Goal, given: Given, *, by: User, at: dt.datetime) -> str:
    """Sets what the goal counts. How members are added up where the metric's name, or the team, says so."""
    kind, definition = given.get("type"), _definition(goal, given)
    if kind in ("POINTS", "REPORTED"):
        goal.counted, goal.metric = KINDS[kind], None
        return ""
    if definition is None and goal.metric_id is None and kind == "EXTERNAL":
        goal.metric = _own_metric(goal, given, by=by)
    elif definition is not None:
        goal.metric, said = metric_of(definition, by=by, team=goal.team, at=at)
    elif goal.metric_id is None and (goal.pk is None or kind):
        raise Unfit("metricDefinitions: say what the goal counts.")
    if kind == "EXTERNAL" and goal.metric.source != Source.EXTERNAL:
        raise Unfit(f"type: “{goal.metric.name}” is measured here; an EXTERNAL goal counts an external metric.")
    goal.counted = Counted.METRIC if goal.metric_id else goal.counted
    return said if definition is not None else ""


def _definition(goal: Goal, given: Given) -> dict | None:
    """The one metric of the goal as it was named, or as its team names it."""
    listed = [said_of(each) for each in given.get("metric_definitions", ())]
    name = given.get("metric") or given.get("metric_id")
    if name:
        listed.append({"metric": name, "filters": given.get("filters")})
    if not listed and goal.pk is None and given.get("type", "METRIC") == "METRIC":
        listed = list(TeamDetail.objects.filter(team=goal.team).values_list("metric_definitions", flat=True))
        listed = listed[0] if listed else []
    if len(listed) > 1:
        raise Unfit("metricDefinitions: a goal counts one metric; make a goal for each.")
    return listed[0] if listed else None


def said_of(definition: Given) -> dict:
    """A metric as it was named, in one way of the several that callers use."""
    names = ("metric", "metric_id", "name")
    name = next((definition[each] for each in names if definition.get(each)), None)
    if name is None:
        raise Unfit("metricDefinitions: each names a metric.")
    said = {"metric": name, "filters": definition.get("filters") or definition.get("filter")}
    aggregation = definition.get("aggregation") or definition.get("aggregation_type")
    return said | ({"aggregation": aggregation} if aggregation else {})


def metric_of(definition: Given, *, by: User, team: Team, at: dt.datetime) -> tuple[Metric, str]:
    """The metric of a definition, limited by its filters, and how it says that members are added up."""
    metric, said = metric_named(definition["metric"])
    if metric is None:
        raise Unfit(f"metricDefinitions: there is no metric “{definition['metric']}”. Names are set in the admin.")
    if "aggregation" in definition:
        said = word_of(AGGREGATIONS, definition["aggregation"], "metricDefinitions.aggregation")
    try:
        metric, is_new = narrowed(metric, **_limits(definition.get("filters"), by=by, team=team))
    except CannotNarrow as error:
        raise Unfit(f"filters: {error}.") from error
    if is_new:
        measure_new_metric(metric, from_on=at.date() - dt.timedelta(days=NEW_DAYS), to_on=at.date())
    return metric, said


def _limits(filters, *, by: User, team: Team) -> dict:
    fields, limits = fields_by_alias(), {}
    for each in filters_from(filters):
        field = fields.get(each.name.lower())
        if field is None or not field.narrows:
            known = ", ".join(sorted(name for name, found in fields.items() if found.narrows))
            raise Unfit(f"filters: “{each.name}” is none of {known}.")
        limits[field.value] = value_of(field, each.value, by=by, division_id=team.division_id)
    return limits


def value_of(field: FilterField, text: str, *, by: User, division_id: int | None) -> str | Queue:
    """What a value of a filter stands for: a word, or a queue of the division or of all, by name or id."""
    if field in VALUES:
        if text.lower() not in VALUES[field]:
            raise Unfit(f"filters: “{text}” is none of {', '.join(VALUES[field])}.")
        return text.lower()
    everywhere = reach(by, Permission.CONFIGURE_SCORING).everywhere
    queues = Queue.objects.all() if everywhere else Queue.objects.filter(Q(division=None) | Q(division=division_id))
    by_id = Q(pk=int(text)) if text.isascii() and text.isdigit() and len(text) < 19 else Q(pk__in=())
    queue = queues.filter(Q(name__iexact=text) | by_id).first()
    if queue is None:
        raise Unfit(f"filters: there is no queue “{text}”.")
    return queue


def _own_metric(goal: Goal, given: Given, *, by: User) -> Metric:
    """An external metric for the goal's scores alone. Metrics belong to no division: who configures one makes none."""
    if not reach(by, Permission.CONFIGURE_SCORING).everywhere:
        raise PermissionDenied
    averages = given.get("aggregation_type", "SUM").strip().upper()
    is_lower = _levels(given).operator == Operator.LTE
    return create_metric(
        name=goal.name,
        unit=Unit.NUMBER,
        currency="",
        precision=0,
        kind=ObjectiveKind.LOWER if is_lower else ObjectiveKind.HIGHER,
        is_active=True,
        aggregation=word_of(AGGREGATIONS, averages, "aggregationType"),
    )


# Target -----------------------------------------------------------------------------------------------------------


def _levels(given: Given) -> Thresholds:
    found = thresholds_from(given["thresholds"]) if "thresholds" in given else Thresholds()
    if "target" in given:
        found = replace(found, achieved=given["target"])
    if "operator" in given:
        found = replace(found, operator=word_of(OPERATORS, given["operator"], "operator"))
    return found


def _measures(goal: Goal, draft: GoalDraft, said: str, given: Given) -> dict:
    """Thresholds, which way is better, and how members are added up."""
    levels, is_new = _levels(given), goal.pk is None
    changes = {"aggregation": _aggregation(goal, draft, said, given)}
    if is_new and levels.achieved is None and goal.counted != Counted.REPORTED:
        raise Unfit("thresholds: say from which value on the goal is ACHIEVED.")
    if "thresholds" in given:
        changes |= {"on_track": levels.on_track, "at_risk": levels.at_risk}
    if levels.achieved is not None:
        changes["achieved"] = levels.achieved
    if levels.operator or is_new:
        changes["operator"] = levels.operator or _usual_way(goal)
    if "minimum_volume" in given:
        changes["minimum_volume"] = given["minimum_volume"]
    elif is_new and changes["operator"] == Operator.LTE and changes["aggregation"] == Aggregation.SUM:
        changes["minimum_volume"] = Decimal(1)  # no data never reaches “at most”
    return changes


def _usual_way(goal: Goal) -> Operator:
    return Operator.LTE if goal.metric_id and goal.metric.better == Better.LOWER else Operator.GTE


def _aggregation(goal: Goal, draft: GoalDraft, said: str, given: Given) -> str:
    if "aggregation_type" in given:
        return word_of(AGGREGATIONS, given["aggregation_type"], "aggregationType")
    if said or goal.pk is not None:
        return said or draft.aggregation
    of_team = TeamDetail.objects.filter(team=goal.team).values_list("aggregation", flat=True).first()
    usual = goal.metric.aggregation if goal.metric_id else Aggregation.SUM
    is_percent = goal.metric_id is not None and goal.metric.unit == Unit.PERCENT
    return usual if is_percent else of_team or usual


# Reward -----------------------------------------------------------------------------------------------------------


def _reward(goal: Goal, draft: GoalDraft, given: Given) -> dict:
    """What of the terms says what is paid: closing pays it, from the pool or from *issued*, and nothing else does."""
    fields, changes = given.get("custom_fields", {}), {}
    if "reward_pool_id" in fields:
        changes["pool_id"] = _pool(fields["reward_pool_id"])
    if fields.get("reward_points") is not None:
        changes["points"] = fields["reward_points"]
    if fields.get("distribution_type"):
        mode, sharing = word_of(DISTRIBUTIONS, fields["distribution_type"], "customFields.distributionType")
        changes |= {"pay_mode": mode, "sharing": sharing}
    elif changes and goal.pk is None and goal.scope == Scope.TEAM and changes.get("pool_id"):
        changes |= {"pay_mode": PayMode.FIXED_POOL, "sharing": Sharing.EQUITY}
    return changes


def _pool(given: str | int | None) -> int | None:
    if given in (None, ""):
        return None
    text = str(given)
    by_id = Q(pk=int(text)) if text.isascii() and text.isdigit() and len(text) < 19 else Q(pk__in=())
    pool = Account.objects.filter(Q(key=text) | by_id, kind=AccountKind.POOL).first()
    if pool is None:
        raise NotKnown(f"customFields.rewardPoolId: there is no reward pool “{text}”.")
    return pool.pk
