"""Scorecards, points, values and attendance on the wire."""

import datetime as dt
from typing import Literal

from ..wire import Named, Ref, Schema
from .profiles import Metric, Objective, UnitType

Granularity = Literal["Daily", "Weekly", "Monthly"]
Weekday = Literal["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]


class WorkdayMetric(Schema):
    metric: Metric
    objective: Objective | None = None
    points: int | None = None
    max_points: int
    value: float | None = None


class WorkdayMetricListing(Schema):
    entities: list[WorkdayMetric]


class AllTimePoints(Schema):
    user: Ref
    date_end_workday: dt.date
    all_time_points: int


class SingleWorkdayAveragePoints(Schema):
    date_workday: dt.date
    division: Named | None = None
    average_points: float | None = None
    performance_profile: Ref | None = None


class WorkdayPointsTrendItem(Schema):
    date_workday: dt.date
    points: float


class WorkdayPointsTrend(Schema):
    date_start_workday: dt.date
    date_end_workday: dt.date
    user: Ref
    day_of_week: Weekday | None = None
    average_points: float | None = None
    trend: list[WorkdayPointsTrendItem]


class WorkdayValuesTrendItem(Schema):
    date_workday: dt.date
    value: float


class WorkdayValuesMetricItem(Schema):
    metric: Ref
    metric_definition: Named
    average: float | None = None
    unit_type: UnitType
    trend: list[WorkdayValuesTrendItem]


class _Valued(Schema):
    division: Named | None = None
    user: Ref | None = None
    timezone: str
    performance_profile: Ref | None = None


class SingleWorkdayAverageValues(_Valued):
    date_workday: dt.date
    results: list[WorkdayValuesMetricItem]


class WorkdayValuesTrend(_Valued):
    date_start_workday: dt.date
    date_end_workday: dt.date
    date_reference_workday: dt.date | None = None
    results: list[WorkdayValuesMetricItem]


class MetricValueTrendAverage(_Valued):
    date_start_workday: dt.date
    date_end_workday: dt.date
    date_reference_workday: dt.date | None = None
    metric: Ref
    result: WorkdayValuesMetricItem


class AttendanceStatus(Schema):
    date_workday: dt.date
    attendance_status_type: Literal["HasData", "Scheduled", "Absent", "Present", "NoSchedule"]
    has_evaluation: Literal["HasQualityEvaluation", "NoQualityEvaluation"]


class AttendanceStatusListing(Schema):
    entities: list[AttendanceStatus]


class UserBestPointsItem(Schema):
    granularity_type: Granularity
    points: int
    date_start_workday: dt.date
    date_end_workday: dt.date


class UserBestPoints(Schema):
    user: Ref
    best_points: list[UserBestPointsItem]
