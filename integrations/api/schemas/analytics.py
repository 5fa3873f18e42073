"""Analytics on the wire."""

from typing import Annotated, Any

from pydantic import AliasChoices, Field

from ..wire import Schema
from .goals import Free, Name, Short, Word


class AskedMetric(Schema):
    metric: Name
    aggregation: Word | None = None


class DetailsQuery(Schema):
    """Values of the people whose figures the caller may see, together or grouped."""

    interval: Annotated[Name, Field(description="2024-09-01T00:00:00Z/2024-10-01T00:00:00Z: whole workdays")]
    granularity: Word | None = Field(None, description="P1D, P1W, P1M or P3M; the whole interval where it is left out")
    group_by: list[Short] = Field(
        [],
        max_length=6,
        validation_alias=AliasChoices("groupBy", "grouping", "group_by"),
        description="names of fields",
    )
    metrics: list[Name | AskedMetric] = Field(min_length=1, max_length=20)
    filter: Free | list[Free] | None = None
    aggregation: Word | None = Field(None, description="SUM or AVERAGE; as each metric is where it is left out")


class Stats(Schema):
    """`sum` is left out where a metric cannot be added up. `count` is what the average divides by."""

    sum: float | None = None
    count: float
    average: float


class MetricStats(Schema):
    metric: str
    aggregation: str
    value: float
    stats: Stats


class DetailsPart(Schema):
    interval: str
    metrics: list[MetricStats]


class DetailsGroup(Schema):
    group: dict[str, Any]
    data: list[DetailsPart]


class DetailsResponse(Schema):
    results: list[DetailsGroup]
    interval: str
