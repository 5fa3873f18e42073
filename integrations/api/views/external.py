"""Metrics that come from other systems, and their data."""

from decimal import Decimal

from django.shortcuts import get_object_or_404
from ninja import Query, Status

from metrics.models import Metric
from metrics.queries import used_among
from people.access import may, reach, require
from people.enums import Permission
from scorecards.enums import ObjectiveKind

from ..actions import external as actions
from ..problems import Problem
from ..queries import external_metrics
from ..rules.external import OBJECTIVE_TYPES, READING_KINDS, UNITS, named
from ..schemas.external import (
    ExternalMetricDataProcessedItem,
    ExternalMetricDataUnprocessedItem,
    ExternalMetricDataWriteRequest,
    ExternalMetricDataWriteResponse,
    ExternalMetricDefinition,
    ExternalMetricDefinitionCreateRequest,
    ExternalMetricDefinitionListing,
    ExternalMetricDefinitionUpdateRequest,
)
from ..wire import Paging, Resource, key_of, paged

resource = Resource("employee-performance", tag="External metrics")
READING = (Permission.CONFIGURE_SCORING, Permission.CONFIGURE_LED, Permission.IMPORT)
HERE = "/api/v2/employeeperformance/externalmetrics/definitions"


# Definitions ------------------------------------------------------------------------------------------------------


@resource.get("/definitions", response=ExternalMetricDefinitionListing)
def list_definitions(request, paging: Query[Paging]):
    _require_reading(request)
    page = paged(request, external_metrics(), paging, lambda metric: metric)
    used = used_among(page["entities"])
    page["entities"] = [_shown(metric, used) for metric in page["entities"]]
    return page


@resource.post("/definitions", response=ExternalMetricDefinition)
def create_definition(request, body: ExternalMetricDefinitionCreateRequest):
    """The unit stays as it is made. Values are averaged by their counts."""
    _require_everywhere(request)
    if body.unit_definition and body.unit != "Currency":
        raise Problem(400, "Only a currency has a unitDefinition, such as EUR.")
    metric = _answering_conflicts(
        actions.create_metric,
        name=body.name,
        unit=UNITS[body.unit],
        currency=(body.unit_definition or "").upper(),
        precision=body.precision,
        kind=OBJECTIVE_TYPES[body.default_objective_type],
        is_active=body.enabled,
    )
    return _found(metric.pk)


@resource.get("/definitions/{metric_id}", response=ExternalMetricDefinition)
def get_definition(request, metric_id: str):
    _require_reading(request)
    return _found(key_of(metric_id))


@resource.patch("/definitions/{metric_id}", response=ExternalMetricDefinition)
def change_definition(request, metric_id: str, body: ExternalMetricDefinitionUpdateRequest):
    """What is left out stays. A metric that a profile or goal uses cannot be disabled."""
    _require_everywhere(request)
    metric = get_object_or_404(external_metrics(), pk=key_of(metric_id))
    if body.unit is not None and UNITS[body.unit] != metric.unit:
        raise Problem(400, "The unit of a metric cannot change. Make another metric.")
    objective_type = body.default_objective_type
    _answering_conflicts(
        actions.change_metric,
        metric,
        name=metric.name if body.name is None else body.name,
        precision=metric.precision if body.precision is None else body.precision,
        kind=_kind_of(metric) if objective_type is None else OBJECTIVE_TYPES[objective_type],
        is_active=metric.is_active if body.enabled is None else body.enabled,
        at=request.call.at,
    )
    return _found(metric.pk)


@resource.delete("/definitions/{metric_id}", response={204: None})
def delete_definition(request, metric_id: str):
    """A metric that a profile or goal uses cannot be deleted. Data that was sent is kept, and shown no more."""
    _require_everywhere(request)
    metric = get_object_or_404(external_metrics(), pk=key_of(metric_id))
    _answering_conflicts(actions.delete_metric, metric, at=request.call.at)
    return Status(204, None)


def _require_reading(request) -> None:
    if not any(may(request.call.caller.viewer, permission) for permission in READING):
        require(request.call.caller.viewer, READING[0])


def _require_everywhere(request) -> None:
    """Metrics belong to no division: who configures one does not change them."""
    if not reach(request.call.caller.viewer, Permission.CONFIGURE_SCORING).everywhere:
        raise Problem(403)


def _answering_conflicts(action, *args, **given):
    try:
        return action(*args, **given)
    except actions.InUse:
        raise Problem(409, "This metric is in use by a profile or a goal.") from None
    except actions.NameTaken:
        raise Problem(409, "Another external metric has this name.") from None


def _found(pk: int) -> ExternalMetricDefinition:
    metric = get_object_or_404(external_metrics(), pk=pk)
    return _shown(metric, used_among([metric]))


def _kind_of(metric: Metric) -> ObjectiveKind:
    return ObjectiveKind(metric.external.objective_kind if hasattr(metric, "external") else metric.better)


def _shown(metric: Metric, used: set[int]) -> ExternalMetricDefinition:
    return ExternalMetricDefinition(
        id=str(metric.pk),
        name=metric.name,
        unit=named(UNITS, metric.unit),
        unit_definition=metric.currency or None,
        precision=metric.precision,
        default_objective_type=named(OBJECTIVE_TYPES, _kind_of(metric)),
        enabled=metric.is_active,
        in_use=metric.pk in used,
        date_last_refreshed=metric.refreshed_at,
        self_uri=f"{HERE}/{metric.pk}",
    )


# Data -------------------------------------------------------------------------------------------------------------


@resource.post("/data", response=ExternalMetricDataWriteResponse)
def write_data(request, body: ExternalMetricDataWriteRequest):
    """At most 100 items, each taken or refused by itself. `Total` overwrites the day, `Cumulative` adds to it."""
    caller = request.call.caller
    require(caller.viewer, Permission.IMPORT)
    outcomes = actions.take_data(
        [_item(item, place) for place, item in enumerate(body.items)],
        client=caller.client,
        viewer=caller.viewer,
        call=request.call.id,
        at=request.call.at,
    )
    taken = [_processed(each) for each in outcomes if isinstance(each, actions.Taken)]
    refused = [_unprocessed(each) for each in outcomes if isinstance(each, actions.Refused)]
    return ExternalMetricDataWriteResponse(processed_entities=taken, unprocessed_entities=refused)


def _item(item, place: int) -> actions.Item:
    if "value" not in item.model_fields_set:
        raise Problem(400, f"items.{place}.value: is missing; null would delete the day's value")
    return actions.Item(
        metric_id=item.metric_id,
        on=item.date_occurred,
        value=None if item.value is None else Decimal(str(item.value)),
        kind=READING_KINDS[item.type],
        count=item.count,
        user_id=item.user_id or "",
        user_email=item.user_email or "",
    )


def _echo(item: actions.Item) -> dict:
    return {
        "user_email": item.user_email or None,
        "metric_id": item.metric_id,
        "date_occurred": item.on,
        "value": None if item.value is None else float(item.value),
        "count": item.count,
        "type": named(READING_KINDS, item.kind),
    }


def _processed(taken: actions.Taken) -> ExternalMetricDataProcessedItem:
    return ExternalMetricDataProcessedItem(
        **_echo(taken.item),
        user_id=str(taken.person.public_id),
        total_value=None if taken.total is None else float(taken.total),
        total_count=taken.count,
    )


def _unprocessed(refused: actions.Refused) -> ExternalMetricDataUnprocessedItem:
    return ExternalMetricDataUnprocessedItem(
        **_echo(refused.item), user_id=refused.item.user_id or None, code=refused.code, message=refused.message
    )
