"""External metrics and their data on the wire."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from ..wire import Page, Schema

UnitWord = Literal["Seconds", "Percent", "Number", "Currency"]
ObjectiveWord = Literal["HigherIsBetter", "LowerIsBetter", "TargetArea"]
KindWord = Literal["Total", "Cumulative"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class ExternalMetricDefinition(Schema):
    id: str
    name: str
    unit: UnitWord
    unit_definition: str | None = None
    precision: int
    default_objective_type: ObjectiveWord
    enabled: bool
    in_use: bool
    date_last_refreshed: dt.datetime | None = None
    self_uri: str


class ExternalMetricDefinitionListing(Page):
    entities: list[ExternalMetricDefinition]


class ExternalMetricDefinitionCreateRequest(Schema):
    name: Name
    unit: UnitWord
    unit_definition: Annotated[str, Field(max_length=3)] | None = None
    precision: int = Field(ge=0, le=5)
    default_objective_type: ObjectiveWord
    enabled: bool = True


class ExternalMetricDefinitionUpdateRequest(Schema):
    name: Name | None = None
    unit: UnitWord | None = None
    precision: int | None = Field(None, ge=0, le=5)
    default_objective_type: ObjectiveWord | None = None
    enabled: bool | None = None


class ExternalMetricDataItem(Schema):
    user_id: str | None = None
    user_email: str | None = None
    metric_id: str
    date_occurred: dt.date
    value: Finite | None = Field(None, description="null deletes the value of the day; it has to be there")
    count: int | None = Field(None, description="what the value is the sum of; a total of 0 deletes")
    type: KindWord = "Total"


class ExternalMetricDataWriteRequest(Schema):
    items: list[ExternalMetricDataItem] = Field(min_length=1, max_length=100)


class ExternalMetricDataProcessedItem(Schema):
    user_id: str
    user_email: str | None = None
    metric_id: str
    date_occurred: dt.date
    value: float | None = None
    count: int | None = None
    type: KindWord
    total_value: float | None = None
    total_count: int


class ExternalMetricDataUnprocessedItem(Schema):
    user_id: str | None = None
    user_email: str | None = None
    metric_id: str
    date_occurred: dt.date
    value: float | None = None
    count: int | None = None
    type: KindWord
    message: str
    code: str


class ExternalMetricDataWriteResponse(Schema):
    processed_entities: list[ExternalMetricDataProcessedItem]
    unprocessed_entities: list[ExternalMetricDataUnprocessedItem]
