"""Goals, their scores and their teams on the wire."""

import datetime as dt
import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, AwareDatetime, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from ..asking import Workday
from ..wire import Named, Schema

LONGEST_OBJECT = 4000
Text = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00]*$")]
Name = Annotated[Text, Field(min_length=1, max_length=120)]
Short = Annotated[Text, Field(max_length=120)]
Word = Annotated[Text, Field(min_length=1, max_length=40)]
Bound = Annotated[float, Field(allow_inf_nan=False, ge=-(10**11), le=10**11)]
Reward = Annotated[int, Field(ge=0, le=1_000_000)]
EARLIEST, LATEST = dt.datetime(1970, 1, 2, tzinfo=dt.UTC), dt.datetime(2200, 1, 1, tzinfo=dt.UTC)
Moment = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]
StatusWord = Literal["BEHIND", "AT_RISK", "ON_TRACK", "ACHIEVED"]
TypeWord = Literal["EXTERNAL", "METRIC", "POINTS", "REPORTED"]
ScopeWord = Literal["TEAM", "INDIVIDUAL"]


def _storable(value: dict[str, Any]) -> dict[str, Any]:
    """An object that a database can keep: not long, without the characters that none takes."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if len(text) > LONGEST_OBJECT:
        raise ValueError(f"has more than {LONGEST_OBJECT} characters")
    if "\\u0000" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("has characters that cannot be kept")
    return value


def _with_storable_rest(given: Schema) -> Schema:
    """A known object in which the caller keeps more than is known of it."""
    _storable(given.model_extra or {})
    return given


Free = Annotated[dict[str, Any], AfterValidator(_storable)]
"""An object of the caller's own."""


class GoalMetricDefinition(Schema):
    """One metric: an alias such as `acd.handle.time.sum`, an id or a key. `filters` limit it to some interactions."""

    metric: Name | None = None
    metric_id: Name | None = None
    name: Name | None = None
    aggregation: Word | None = None
    aggregation_type: Word | None = None
    filters: Free | list[Free] | None = None
    filter: Free | list[Free] | None = None


class Level(Schema):
    value: Bound
    operator: Word | None = None


class Threshold(Level):
    status: Word


class CustomFields(Schema):
    """The reward, and whatever else the caller keeps with a goal."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow")

    reward_pool_id: Annotated[Text, Field(max_length=120)] | int | None = None
    reward_points: Reward | None = None
    distribution_type: Word | None = None


class GoalRequest(Schema):
    """A goal. What is left out stays as it is, and is the usual for a new one."""

    name: Name | None = None
    description: Annotated[Text, Field(max_length=2000)] | None = None
    type: TypeWord | None = Field(None, description="what is counted; from the metric where it is left out")
    goal_scope: ScopeWord | None = Field(None, description="the team together, or each agent for themselves")
    team_id: Short | None = None
    metric: Name | None = None
    metric_id: Name | None = None
    filters: Free | list[Free] | None = None
    metric_definition: GoalMetricDefinition | None = None
    metric_definitions: list[GoalMetricDefinition] | None = None
    aggregation_type: Word | None = Field(None, description="SUM or AVERAGE over members")
    operator: Word | None = Field(None, description="GTE or LTE; from the thresholds where it is left out")
    target: Bound | None = Field(
        None, validation_alias=AliasChoices("target", "targetValue"), description="the threshold of ACHIEVED"
    )
    thresholds: dict[Short, Bound | Level] | list[Threshold] | None = None
    minimum_volume: Annotated[float, Field(allow_inf_nan=False, ge=0, le=10**9)] | None = None
    evaluation_frequency: Word | None = None
    snapshot_evaluation: bool | None = None
    custom_fields: Annotated[CustomFields, AfterValidator(_with_storable_rest)] | None = None
    start_date: Workday | None = None
    end_date: Workday | None = None
    enabled: bool | None = None
    reason: Annotated[Text, Field(min_length=1, max_length=300)] | None = Field(
        None, description="lets it hold for the running period already; else from the next one"
    )


class GoalCreateRequest(GoalRequest):
    name: Name
    type: TypeWord
    team_id: Short
    key: Name | None = Field(
        None, description="a name of its own for addresses, under which scores may have come already"
    )


class GoalThreshold(Schema):
    status: StatusWord
    operator: Literal["GTE", "LTE"]
    value: float


class GoalMetric(Schema):
    metric_id: str
    metric: str
    name: str
    aggregation: Literal["SUM", "AVERAGE"]
    filters: dict[str, str]


class Goal(Schema):
    id: str
    key: str | None = None
    name: str
    description: str
    type: TypeWord
    goal_scope: ScopeWord
    team_id: str
    metric_definitions: list[GoalMetric]
    aggregation_type: Literal["SUM", "AVERAGE"]
    thresholds: list[GoalThreshold]
    minimum_volume: float
    evaluation_frequency: str
    snapshot_evaluation: bool
    custom_fields: dict[str, Any] | None = None
    start_date: dt.date
    end_date: dt.date | None = None
    effective_from: dt.date
    first_period: str
    enabled: bool
    scores_attached: int | None = None
    self_uri: str


class GoalState(Schema):
    goal_id: str
    period: str
    status: StatusWord | None = None
    metric_value: float | None = Field(None, description="left out where there is no data, or where it is hidden")
    percent_of_target: float | None = None
    masked: bool
    snapshot_locked: bool
    evaluated_at: dt.datetime
    state: Literal["RUNNING", "CLOSING", "PROVISIONAL", "REVIEW", "ADJUSTED", "VOIDED", "FINAL"]
    self_uri: str


# Scores -----------------------------------------------------------------------------------------------------------


class ScoreMetadata(Schema):
    """Where a score comes from. Both make it the same score when it comes again."""

    model_config = ConfigDict(extra="allow")

    source: Short = ""
    session_id: Annotated[Short, Field(alias="session_id")] = ""


class ScoreRequest(Schema):
    user_id: Short
    timestamp: Moment
    score: Annotated[float, Field(allow_inf_nan=False, ge=0, le=10**11)]
    metadata: Annotated[ScoreMetadata, AfterValidator(_with_storable_rest)] = ScoreMetadata()


class Score(Schema):
    id: str
    goal_id: str
    user_id: str
    timestamp: dt.datetime
    score: float
    metadata: dict[str, Any]
    date_workday: dt.date
    status: Literal["ACCEPTED", "IN_REVIEW", "ORPHANED"]
    message: str | None = None
    evaluation_period: str | None = None
    review_id: str | None = None
    points_awarded_at: Annotated[dt.datetime | None, Field(alias="points_awarded_at")] = None


# Teams ------------------------------------------------------------------------------------------------------------


class TeamRequest(Schema):
    name: Name
    division_id: Short | None = None
    team_scope: Word = "EXPLICIT"
    member_ids: list[Short] = Field([], max_length=2000)
    aggregation_type: Word = "SUM"
    metric_definitions: list[GoalMetricDefinition] = Field([], max_length=50)


class TeamMetric(Schema):
    """A metric as goals of the team will count it, as it was named."""

    metric: str
    aggregation: str | None = None
    filters: Any = None


class ScopedTeam(Schema):
    id: str
    name: str
    division: Named
    team_scope: Literal["EXPLICIT"]
    member_ids: list[str]
    member_count: int
    aggregation_type: Literal["SUM", "AVERAGE"]
    metric_definitions: list[TeamMetric]
    self_uri: str
