"""Profiles, their metrics and members on the wire."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ..wire import Named, Ref, Schema

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
UnitType = Literal["None", "Percent", "Currency", "Seconds", "Number", "AttendanceStatus", "Unit"]
ZoneType = Literal["Good", "Target", "Great", "Out"]
DirectionType = Literal["Up", "Down", "Flat"]
MediaWord = Literal["voice", "chat", "message", "email", "callback", "social", "video", "other"]
InitialDirection = Literal["inbound", "outbound"]
TimeUnit = Literal["None", "Seconds", "Minutes", "Hours"]
Points = Annotated[int, Field(ge=0, le=100_000)]
LimitValue = Annotated[int, Field(ge=-(10**9), le=10**9)]


class ReportingInterval(Schema):
    interval_type: Literal["Day", "Week", "Month"]
    interval_value: int = Field(ge=0, le=1000)


class PerformanceProfile(Schema):
    id: str
    name: str
    division: Named | None = None
    description: str | None = None
    metric_orders: list[str]
    date_created: dt.datetime | None = None
    reporting_intervals: list[ReportingInterval]
    active: bool
    member_count: int
    max_leaderboard_rank_size: int | None = None
    self_uri: str


class GetProfilesResponse(Schema):
    total: int
    entities: list[PerformanceProfile]
    self_uri: str


class WritableDivision(Schema):
    id: str


class CreatePerformanceProfile(Schema):
    name: Name
    division: WritableDivision | None = None
    description: Annotated[str, Field(max_length=300)] | None = None
    metric_orders: list[str] = []
    reporting_intervals: list[ReportingInterval] = Field([], max_length=10)
    max_leaderboard_rank_size: int | None = Field(None, ge=1, le=300)


class Member(Ref):
    pass


class MemberListing(Schema):
    entities: list[Member]


class AssignUsers(Schema):
    members_to_assign: list[str] = Field([], max_length=2000)
    members_to_remove: list[str] = Field([], max_length=2000)


class AssignmentError(Schema):
    user: Ref
    message: str


class Assignment(Schema):
    assigned_members: list[Ref]
    removed_members: list[Ref]
    assignment_errors: list[AssignmentError]


class ValidateAssignUsers(Schema):
    members_to_assign: list[str] = Field(max_length=2000)


class OtherProfileAssignment(Schema):
    id: str
    current_profile: Named
    self_uri: str


class AssignmentValidation(Schema):
    members_not_assigned: list[Ref]
    members_already_assigned: list[Ref]
    members_already_assigned_to_other: list[OtherProfileAssignment]
    invalid_member_assignments: list[AssignmentError]


# Metrics ----------------------------------------------------------------------------------------------------------


class ObjectiveZone(Schema):
    label: str | None = None
    direction_type: DirectionType | None = None
    zone_type: ZoneType
    upper_limit_points: Points
    lower_limit_points: Points
    upper_limit_value: LimitValue | None = None
    lower_limit_value: LimitValue | None = None


class ObjectiveTemplate(Schema):
    id: str
    name: str
    zones: list[ObjectiveZone]
    self_uri: str


class GetTemplatesResponse(Schema):
    total: int
    entities: list[ObjectiveTemplate]
    self_uri: str


class DefaultObjective(Schema):
    template_id: str
    zones: list[ObjectiveZone]
    enabled: bool


class Objective(DefaultObjective):
    id: str
    media_types: list[str]
    queues: list[Ref]
    initial_direction: InitialDirection | None = None
    date_start: dt.date | None = None


class MetricDefinition(Schema):
    id: str
    name: str
    unit_type: UnitType
    short_name: str
    dividend_metrics: list[str]
    divisor_metrics: list[str]
    default_objective: DefaultObjective
    media_type_filtering_allowed: bool
    initial_direction_filtering_allowed: bool
    queue_filtering_allowed: bool
    self_uri: str


class GetMetricDefinitionsResponse(Schema):
    total: int
    entities: list[MetricDefinition]
    self_uri: str


class Metric(Schema):
    id: str
    name: str
    metric_definition_id: str | None = None
    external_metric_definition_id: str | None = None
    objective: Objective | None = None
    performance_profile_id: str
    date_created: dt.datetime | None = None
    precision: int
    time_display_unit: TimeUnit
    self_uri: str


class GetMetricResponse(Schema):
    total: int
    entities: list[Metric]
    self_uri: str


class Metrics(Schema):
    id: str
    name: str
    order: int
    metric_definition_name: str
    metric_definition_id: str | None = None
    external_metric_definition_id: str | None = None
    unit_type: UnitType
    unit_definition: str | None = None
    enabled: bool
    template_name: str
    max_points: int
    performance_profile_id: str
    date_created: dt.datetime | None = None
    precision: int
    time_display_unit: TimeUnit
    self_uri: str


class GetMetricsResponse(Schema):
    total: int
    entities: list[Metrics]
    self_uri: str


class CreateObjective(Schema):
    template_id: str | None = None
    zones: list[ObjectiveZone] = Field(min_length=1, max_length=9)
    enabled: bool = True
    media_types: list[MediaWord] = Field([], max_length=1, description="at most one")
    queue_ids: list[str] = Field([], max_length=1, description="at most one")
    initial_direction: InitialDirection | None = None
    date_start: dt.date | None = Field(None, description="from this day on; today without it")


class CreateMetric(Schema):
    metric_definition_id: str | None = None
    external_metric_definition_id: str | None = None
    objective: CreateObjective
    name: str | None = Field(None, description="read and not kept: a metric has one name in all profiles")
    precision: int | None = None
    time_display_unit: TimeUnit | None = None


# Of a person ------------------------------------------------------------------------------------------------------


class UserProfilesInDateRangeRequest(Schema):
    start_workday: dt.date
    end_workday: dt.date


class ProfileWithDateRange(Schema):
    id: str
    name: str
    division: Named | None = None
    date_start_workday: dt.date
    date_end_workday: dt.date
    self_uri: str


class UserProfilesInDateRange(Schema):
    user: Ref
    date_start_workday: dt.date
    date_end_workday: dt.date
    profiles: list[ProfileWithDateRange]


class GamificationStatus(Schema):
    is_active: bool
    date_start: dt.date | None = None
    automatic_user_assignment: bool | None = None
    date_start_personal_best: dt.date | None = None
