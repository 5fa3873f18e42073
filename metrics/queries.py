"""Reads of metrics: what they ask, and the values of agents' workdays."""

import datetime as dt
from collections.abc import Iterable

from people.models import Queue

from .enums import AppliesTo, ConditionField, Measure, Operator, Source
from .models import DayValue, Metric, MetricCondition
from .rules.definitions import Condition, Definition


def catalogue():
    """Active metrics that people may choose, in order."""
    return Metric.objects.filter(is_active=True, narrowed_from__isnull=True)


def definition_of(metric: Metric) -> Definition:
    """What a metric over interactions asks. A narrowed one asks what its origin asks, with its filter besides."""
    origin = metric.narrowed_from or metric
    conditions = [_condition(row) for row in origin.conditions.all()]
    return Definition(
        metric_id=metric.pk,
        dividend=Measure(origin.dividend),
        divisor=Measure(origin.divisor) if origin.divisor else None,
        factor=origin.factor,
        conditions=(*conditions, *_narrowing(metric)),
    )


def _condition(row: MetricCondition) -> Condition:
    return Condition(ConditionField(row.field), Operator(row.operator), row.value, AppliesTo(row.applies_to))


def _narrowing(metric: Metric) -> list[Condition]:
    filters = [
        (ConditionField.MEDIA_TYPE, metric.narrow_media_type),
        (ConditionField.DIRECTION, metric.narrow_direction),
        (ConditionField.QUEUE, metric.narrow_queue.name if metric.narrow_queue_id else ""),
    ]
    return [Condition(name, Operator.IS, value) for name, value in filters if value]


def definitions_to_compute() -> list[Definition]:
    """Definitions of all active metrics over interactions, narrowed ones too."""
    metrics = (
        Metric.objects.filter(is_active=True, source=Source.INTERACTIONS)
        .select_related("narrowed_from", "narrow_queue")
        .prefetch_related("conditions", "narrowed_from__conditions")
        .order_by("pk")
    )
    return [definition_of(metric) for metric in metrics]


def queue_ids_by_name() -> dict[str, int]:
    return dict(Queue.objects.values_list("name", "pk"))


def day_values(agent_ids: Iterable[int], metric_ids: Iterable[int], *, from_on: dt.date, to_on: dt.date):
    """Rows of day values from `from_on` to `to_on`, both inclusive."""
    return DayValue.objects.filter(
        agent_id__in=agent_ids, metric_id__in=metric_ids, workday__gte=from_on, workday__lte=to_on
    )
