"""Reads of metrics: what they ask, and the values of agents' workdays."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db import connection, models
from django.db.models import BooleanField, Case, Count, Q, QuerySet, Sum, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from foundation.records.sets import in_this_order
from interactions.models import Evaluation, Leg
from people.models import Queue, User

from .enums import AppliesTo, ConditionField, Measure, Operator, ReadingKind, Source
from .models import DayValue, Metric, MetricCondition, Reading
from .rules.definitions import Condition, Definition
from .rules.folding import Measurement
from .rules.measures import COUNT_UNITS, TOTAL_UNITS, Expressions, day_expression, row_tests


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


def day_readings(days: Collection[tuple[int, dt.date, int]]) -> dict[tuple[int, dt.date, int], list[Measurement]]:
    """The readings of these (agent id, workday, metric id), in order of arrival. One query."""
    agents, workdays, metrics = ({day[place] for day in days} for place in range(3))
    rows = Reading.objects.filter(agent_id__in=agents, workday__in=workdays, metric_id__in=metrics).order_by("pk")
    value, count = (_in_units(name) for name in ("value", "count"))
    found: dict[tuple[int, dt.date, int], list[Measurement]] = {}
    for agent, workday, metric, kind, *numbers in rows.values_list(
        "agent_id", "workday", "metric_id", "kind", value, count
    ):
        found.setdefault((agent, workday, metric), []).append(Measurement(kind, *numbers))
    return found


def added_up(days: Collection[tuple[int, dt.date, int]]) -> dict[tuple[int, dt.date, int], list[Measurement]]:
    """Of these (agent id, workday, metric id) those whose readings all add, without a count of their own: one that is
    their sum, which folds to the same. One query, however many readings a day has.
    """
    agents, workdays, metrics = ({day[place] for day in days} for place in range(3))
    adds = Q(kind=ReadingKind.CUMULATIVE, count__isnull=True, value__range=(-ADDED_UP_TO, ADDED_UP_TO))
    rows = (
        Reading.objects.filter(agent_id__in=agents, workday__in=workdays, metric_id__in=metrics)
        .order_by()
        .values_list("agent_id", "workday", "metric_id")
        .annotate(readings=Count("pk"), adding=Count("pk", filter=adds), sum=Sum(_in_units("value"), filter=adds))
    )
    return {
        (agent, workday, metric): [Measurement(ReadingKind.CUMULATIVE, int(added), None)]
        for agent, workday, metric, readings, adding, added in rows
        if readings == adding
    }


ADDED_UP_TO = 10**8
"""Larger values are not left to the database, whose sum could be too large for it."""


def _in_units(name: str) -> Cast:
    """A unit column as the whole number that it stores."""
    return Cast(name, models.BigIntegerField())


# Queues -----------------------------------------------------------------------------------------------------------


def has_queue_values(metric: Metric) -> bool:
    """Whether a queue has a value of the metric. Evaluations and outside readings know agents only."""
    return metric.source == Source.INTERACTIONS and not definition_of(metric).reads_evaluations


def queue_sums(
    metric_ids: Iterable[int], queue_ids: Iterable[int], *, from_on: dt.date, until_on: dt.date
) -> dict[tuple[int, int], tuple[int, int]]:
    """(queue id, metric id) → total and count, in stored units: the queue's day values from `from_on` to before
    `until_on` added up. A queue's legs are all that came to it, those that nobody took too.

    Computed from the legs when asked: only guards ask, when a period is previewed, closed or compared.
    """
    wanted, queues = set(metric_ids), sorted(set(queue_ids))
    definitions = [each for each in definitions_to_compute() if each.metric_id in wanted and not each.reads_evaluations]
    if not (definitions and queues):
        return {}
    by_name, expressions = queue_ids_by_name(), Expressions()

    def ids(names: list[str]) -> list[int]:
        return [by_name[name] for name in names if name in by_name]

    days = [day_expression(definition, expressions, ids) for definition in definitions]
    union = " UNION ALL ".join(
        f"SELECT queue_id, {day.metric_id} AS metric_id, {day.total} AS total, {day.count} AS count"
        f" FROM sums WHERE {day.known}"
        for day in days
    )
    marks = ", ".join(["%s"] * len(queues))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH sums AS MATERIALIZED (SELECT l.queue_id, l.workday, {expressions.columns}"
            f" FROM {Leg._meta.db_table} l WHERE l.queue_id IN ({marks}) AND l.workday >= %s AND l.workday < %s"
            f" GROUP BY l.queue_id, l.workday)"
            f" SELECT queue_id, metric_id, SUM(total), SUM(count) FROM ({union}) d GROUP BY queue_id, metric_id",
            [*expressions.params, *queues, from_on, until_on],
        )
        return {(queue, metric): (int(total), int(count)) for queue, metric, total, count in cursor.fetchall()}


# Any part of the legs ---------------------------------------------------------------------------------------------

PARTS = {
    "agent": "l.agent_id",
    "workday": "l.workday",
    "media_type": "l.media_type",
    "direction": "l.direction",
    "queue": "l.queue_id",
}
"""What legs can be told apart by."""


def leg_sums(
    metric_ids: Iterable[int],
    agents: QuerySet[User],
    *,
    by: Sequence[str],
    only: Mapping[str, Collection],
    from_on: dt.date,
    until_on: dt.date,
) -> list[tuple]:
    """(`by` of PARTS …, metric id, total, count) in stored units, of the legs that agents took from `from_on` to before
    `until_on` and that `only` allows: the day values of that part of the legs added up. Metrics over interactions.
    """
    wanted, expressions, names = set(metric_ids), Expressions(), queue_ids_by_name()
    definitions = [each for each in definitions_to_compute() if each.metric_id in wanted and not each.reads_evaluations]
    if not definitions:
        return []

    def ids(queues: list[str]) -> list[int]:
        return [names[name] for name in queues if name in names]

    days = [day_expression(definition, expressions, ids) for definition in definitions]
    parts = ", ".join(dict.fromkeys(("agent_id", "workday", *(PARTS[name].removeprefix("l.") for name in by))))
    told = "".join(f"{PARTS[name].removeprefix('l.')}, " for name in by)
    union = " UNION ALL ".join(
        f"SELECT {told}{day.metric_id} AS metric_id, {day.total} AS total, {day.count} AS count FROM sums"
        f" WHERE {day.known}"
        for day in days
    )
    people, params = agents.order_by().values("pk").query.sql_with_params()
    tests = "".join(f" AND {PARTS[name]} IN ({', '.join(['%s'] * len(values))})" for name, values in only.items())
    given = [value for values in only.values() for value in values]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH sums AS MATERIALIZED (SELECT {parts}, {expressions.columns} FROM {Leg._meta.db_table} l"
            f" WHERE l.agent_id IN ({people}) AND l.workday >= %s AND l.workday < %s{tests} GROUP BY {parts})"
            f" SELECT {told}metric_id, SUM(total), SUM(count) FROM ({union}) d GROUP BY {told}metric_id",
            [*expressions.params, *params, from_on, until_on, *given],
        )
        return cursor.fetchall()


# The rows behind a value ------------------------------------------------------------------------------------------


def rows_behind(definition: Definition, *, agent: User, from_on: dt.date, to_on: dt.date):
    """The legs or released evaluations that an agent's values count, from `from_on` to `to_on`, both inclusive.

    They are the rows below the line; `is_above` says which of them the dividend counts as well.
    """
    queues = queue_ids_by_name()
    rows = Evaluation.objects.filter(released=True) if definition.reads_evaluations else Leg.objects.all()

    def ids(side: AppliesTo) -> RawSQL:
        tests, params = row_tests(definition, side, lambda names: [queues[name] for name in names if name in queues])
        alias = "e" if definition.reads_evaluations else "l"
        legs, evaluations = Leg._meta.db_table, Evaluation._meta.db_table
        source = f"{evaluations} e LEFT JOIN {legs} l ON l.id = e.leg_id" if alias == "e" else f"{legs} l"
        own = [f"{alias}.agent_id = %s", f"{alias}.workday >= %s", f"{alias}.workday <= %s", *tests]
        return RawSQL(f"SELECT {alias}.id FROM {source} WHERE {' AND '.join(own)}", [agent.pk, from_on, to_on, *params])

    above = Case(When(pk__in=ids(AppliesTo.DIVIDEND), then=True), default=False, output_field=BooleanField())
    below = ids(AppliesTo.DIVISOR)
    return rows.filter(agent=agent, workday__gte=from_on, workday__lte=to_on, pk__in=below).annotate(is_above=above)


# What a metric would give -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CentreValue:
    """A metric of everyone together: `total` ÷ `count` in stored units, over so many agents and their workdays."""

    total: int
    count: int
    agents: int
    days: int

    @property
    def value(self) -> Fraction | None:
        """In the metric's natural unit; None is no data."""
        return Fraction(self.total * COUNT_UNITS, self.count * TOTAL_UNITS) if self.count else None


def day_values_sql(definition: Definition) -> tuple[str, list]:
    """Every agent's day values of one definition, as a SELECT of agent_id, workday, total and count in stored units,
    with its parameters so far: the first and the last workday are still to come.

    The agents come first in the join, so that their index is used and only these days' rows are read.
    """
    queues = queue_ids_by_name()
    expressions = Expressions()
    day = day_expression(definition, expressions, lambda names: [queues[name] for name in names if name in queues])
    rows = _evaluation_rows() if definition.reads_evaluations else f"{Leg._meta.db_table} l ON l.agent_id = u.id"
    alias = "e" if definition.reads_evaluations else "l"
    return (
        f"WITH sums AS (SELECT {alias}.agent_id, {alias}.workday, {expressions.columns}"
        f" FROM {User._meta.db_table} u {in_this_order()} {rows}"
        f" WHERE {alias}.workday >= %s AND {alias}.workday <= %s GROUP BY {alias}.agent_id, {alias}.workday)"
        f" SELECT agent_id, workday, {day.total} AS total, {day.count} AS count FROM sums WHERE {day.known}",
        expressions.params,
    )


def _evaluation_rows() -> str:
    return (
        f"{Evaluation._meta.db_table} e ON e.agent_id = u.id AND e.released"
        f" LEFT JOIN {Leg._meta.db_table} l ON l.id = e.leg_id"
    )


def centre_value(definition: Definition, *, from_on: dt.date, to_on: dt.date) -> CentreValue:
    """What a definition gives for all agents together from `from_on` to `to_on`, both inclusive, before it is saved.

    It sums the day values that the recompute would write, so it is the value that people will see.
    """
    select, params = day_values_sql(definition)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(SUM(v.total), 0), COALESCE(SUM(v.count), 0), COUNT(DISTINCT v.agent_id), COUNT(*)"
            f" FROM ({select}) v",
            [*params, from_on, to_on],
        )
        return CentreValue(*(int(number) for number in cursor.fetchone()))


def centre_reading(metric: Metric, *, from_on: dt.date, to_on: dt.date) -> CentreValue:
    """`centre_value` of an external metric, from the day values that its readings gave."""
    rows = DayValue.objects.filter(metric=metric, workday__gte=from_on, workday__lte=to_on)
    found = rows.aggregate(total=Sum("total"), count=Sum("count"), agents=Count("agent_id", distinct=True))
    number = rows.count()
    return CentreValue(_stored("total", found["total"]), _stored("count", found["count"]), found["agents"], number)


def _stored(name: str, value) -> int:
    return DayValue._meta.get_field(name).to_units(value) or 0


# Where a metric is used -------------------------------------------------------------------------------------------


def has_values(metric: Metric) -> bool:
    """Whether anything was measured: its unit and source must then stay as they are."""
    return DayValue.objects.filter(metric=metric).exists() or Reading.objects.filter(metric=metric).exists()


def uses_of(metric: Metric) -> list[str]:
    """What refers to a metric and would be left without it, in words; readings are not meant. Narrowed forms count as
    the metric itself.
    """
    related = [field for field in Metric._meta.get_fields(include_hidden=True) if _holds_on_to_it(field)]
    ids = [metric.pk, *metric.narrowed.values_list("pk", flat=True)]
    found = {}
    for field in related:
        if field.related_model.objects.filter(**{f"{field.field.name}__in": ids}).exists():
            found[str(field.related_model._meta.verbose_name_plural)] = True
    return list(found)


def used_among(metrics: Iterable[Metric]) -> set[int]:
    """The ids of those metrics that something refers to and would be left without, in one query for each such thing."""
    ids = {metric.pk for metric in metrics}
    origin = dict(Metric.objects.filter(narrowed_from__in=ids).values_list("pk", "narrowed_from")) | {
        pk: pk for pk in ids
    }
    used = set()
    for field in Metric._meta.get_fields(include_hidden=True):
        if _holds_on_to_it(field):
            name = field.field.name
            found = field.related_model.objects.filter(**{f"{name}__in": origin}).order_by()
            used |= {origin[pk] for pk in found.values_list(name, flat=True).distinct()}
    return used


def _holds_on_to_it(field) -> bool:
    protects = getattr(field, "on_delete", None) is models.PROTECT
    return protects and field.related_model not in (Metric, Reading)
