"""Writes of metrics: day values by the set, external readings, narrowed metrics."""

import datetime as dt
import itertools
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db import connection, transaction

from foundation.records.sets import in_this_order, insert_rows, make_temporary, tell_planner
from interactions.actions import touch, touch_rows
from interactions.enums import TouchReason
from interactions.models import Evaluation, Leg
from people.models import Queue

from .enums import Aggregation, ReadingKind, Source
from .models import DayValue, Metric, Reading
from .queries import day_values_sql, definition_of, definitions_to_compute, queue_ids_by_name
from .rules.definitions import EVALUATION_MEASURES, Definition, InvalidDefinition, validate_definition
from .rules.folding import Measurement, fold
from .rules.measures import Expressions, day_expression

logger = logging.getLogger(__name__)

FRESH = "fresh_day_value"
CHANGED = "changed_day_value"
"""Left by `recompute_day_values`: agent_id, workday, metric_id, total and count before and after; null is no data."""

METRICS_A_SCAN = 150
"""Keeps a scan below the columns that either engine allows."""
LARGEST_VALUE = Decimal(10**11)
LARGEST_COUNT = Decimal(10**9)
KEYS_A_QUERY = 500


# Day values ------------------------------------------------------------------------------------------------------


def recompute_day_values(due: str) -> int:
    """Recomputes all day values of the (agent_id, workday) pairs in the temporary table `due`, which has them as its
    key, from legs, evaluations and readings as they stand. How many day values changed.

    Writes changed rows only, and leaves them in the temporary table `CHANGED`. Runs in the caller's transaction.

    1. One scan over legs, and one over evaluations, adds up what all metrics ask.
    2. Each metric's day value comes from these sums; external ones are folded from their readings.
    3. What differs from the stored values is noted, and written.
    """
    with connection.cursor() as cursor:
        make_temporary(
            cursor,
            FRESH,
            ["agent_id bigint", "workday date", "metric_id bigint", "total bigint", "count bigint"],
            key=["agent_id", "workday", "metric_id"],
        )
        _measure(cursor, due)
        _fold_readings(cursor, due)
        tell_planner(cursor, FRESH)
        changed = _note_changes(cursor, due)
        if changed:
            _apply_changes(cursor)
        return changed


def _measure(cursor, due: str) -> None:
    definitions = [definition for definition in definitions_to_compute() if _is_valid(definition)]
    queues = queue_ids_by_name()
    for reads_evaluations in (False, True):
        wanted = [d for d in definitions if d.reads_evaluations is reads_evaluations]
        for start in range(0, len(wanted), METRICS_A_SCAN):
            _measure_in_one_scan(cursor, due, wanted[start : start + METRICS_A_SCAN], reads_evaluations, queues)


def _is_valid(definition: Definition) -> bool:
    """A definition that cannot be computed must not keep all others from it."""
    try:
        validate_definition(definition)
    except InvalidDefinition as error:
        logger.error("Metric %s is left out: %s", definition.metric_id, error)
        return False
    return True


def _measure_in_one_scan(cursor, due, definitions: list[Definition], reads_evaluations: bool, queues: dict) -> None:
    def queue_ids(names: list[str]) -> list[int]:
        return [queues[name] for name in names if name in queues]

    expressions = Expressions()
    days = [day_expression(definition, expressions, queue_ids) for definition in definitions]
    scan = _evaluation_scan(due) if reads_evaluations else _leg_scan(due)
    union = " UNION ALL ".join(
        f"SELECT agent_id, workday, {day.metric_id}, {day.total}, {day.count} FROM sums WHERE {day.known}"
        for day in days
    )
    cursor.execute(
        f"WITH sums AS MATERIALIZED (SELECT d.agent_id, d.workday, {expressions.columns} {scan}"
        f" GROUP BY d.agent_id, d.workday)"
        f" INSERT INTO {FRESH} (agent_id, workday, metric_id, total, count) {union}",
        expressions.params,
    )


def _leg_scan(due: str) -> str:
    return f"FROM {due} d {in_this_order()} {Leg._meta.db_table} l {_on('l')}"


def _evaluation_scan(due: str) -> str:
    return (
        f"FROM {due} d {in_this_order()} {Evaluation._meta.db_table} e"
        f" {_on('e', 'AND e.released')}"
        f" LEFT JOIN {Leg._meta.db_table} l ON l.id = e.leg_id"
    )


def _on(alias: str, more: str = "") -> str:
    return f"ON {alias}.agent_id = d.agent_id AND {alias}.workday = d.workday {more}"


def _fold_readings(cursor, due: str) -> None:
    """Day values of external metrics, folded from the readings in order of arrival."""
    cursor.execute(
        f"SELECT r.agent_id, r.workday, r.metric_id, r.kind, r.value, r.count"
        f" FROM {due} d {in_this_order()} {Reading._meta.db_table} r {_on('r')}"
        f" JOIN {Metric._meta.db_table} m ON m.id = r.metric_id AND m.is_active"
        f" ORDER BY r.agent_id, r.workday, r.metric_id, r.id"
    )
    readings = cursor.fetchall()
    rows = []
    for key, group in itertools.groupby(readings, key=lambda row: row[:3]):
        folded = fold(Measurement(*row[3:]) for row in group)
        if folded:
            rows.append((*key, folded.total, folded.count))
    insert_rows(cursor, FRESH, ["agent_id", "workday", "metric_id", "total", "count"], rows)


def _note_changes(cursor, due: str) -> int:
    """Fills `CHANGED` with what differs from the stored day values. Values of inactive metrics stay as they are."""
    make_temporary(
        cursor,
        CHANGED,
        [
            "agent_id bigint",
            "workday date",
            "metric_id bigint",
            "total_before bigint",
            "count_before bigint",
            "total_after bigint",
            "count_after bigint",
        ],
    )
    stored = DayValue._meta.db_table
    same = "{0}.agent_id = {1}.agent_id AND {0}.workday = {1}.workday AND {0}.metric_id = {1}.metric_id"
    cursor.execute(
        f"INSERT INTO {CHANGED}"
        f" SELECT f.agent_id, f.workday, f.metric_id, v.total, v.count, f.total, f.count FROM {FRESH} f"
        f" LEFT JOIN {stored} v ON {same.format('v', 'f')}"
        f" WHERE v.agent_id IS NULL OR v.total <> f.total OR v.count <> f.count"
        f" UNION ALL"
        f" SELECT v.agent_id, v.workday, v.metric_id, v.total, v.count, NULL, NULL FROM {due} d"
        f" {in_this_order()} {stored} v {_on('v')}"
        f" LEFT JOIN {FRESH} f ON {same.format('f', 'v')}"
        f" WHERE f.agent_id IS NULL"
        f" AND v.metric_id IN (SELECT id FROM {Metric._meta.db_table} WHERE is_active)"
    )
    changed = cursor.rowcount
    tell_planner(cursor, CHANGED)
    return changed


def _apply_changes(cursor) -> None:
    stored = DayValue._meta.db_table
    cursor.execute(
        f"DELETE FROM {stored} WHERE (agent_id, workday, metric_id) IN"
        f" (SELECT agent_id, workday, metric_id FROM {CHANGED} WHERE total_after IS NULL)"
    )
    cursor.execute(
        f"INSERT INTO {stored} (agent_id, workday, metric_id, total, count)"
        f" SELECT agent_id, workday, metric_id, total_after, count_after FROM {CHANGED}"
        f" WHERE total_after IS NOT NULL"
        f" ON CONFLICT (agent_id, workday, metric_id) DO UPDATE SET total = excluded.total, count = excluded.count"
    )


# External readings -----------------------------------------------------------------------------------------------


class ReadingRefused(ValueError):
    """Raised with a sentence for people when a reading cannot be taken; nothing of its batch is written."""


class ReadingConflict(ReadingRefused):
    """Raised when a key comes again with other content."""


@dataclass(frozen=True)
class NewReading:
    """A measurement as it comes, in natural units. `key` is unique within the source and never changes."""

    metric: Metric
    agent_id: int
    workday: dt.date
    value: Decimal | None
    key: str
    count: Decimal | None = None
    kind: ReadingKind = ReadingKind.TOTAL


@dataclass(frozen=True)
class Recorded:
    new: int
    known: int


@transaction.atomic
def record_readings(
    readings: Iterable[NewReading], *, source: str, at: dt.datetime, keys_are_new: bool = False
) -> Recorded:
    """Takes external readings, each key once: the same content again changes nothing, other content is refused
    (ReadingConflict), and so is what its metric cannot take (ReadingRefused). Touches the workdays of new ones.

    With `keys_are_new` the caller has just made the keys, and none is looked up.
    """
    readings = list(readings)
    for reading in readings:
        refuse_reading(reading)
    if keys_are_new:
        _insert(readings, source=source, at=at)
        touch([(reading.agent_id, reading.workday) for reading in readings], reason=TouchReason.READING, at=at)
        return Recorded(len(readings), 0)
    new = 0
    for start in range(0, len(readings), KEYS_A_QUERY):
        new += _record_batch(readings[start : start + KEYS_A_QUERY], source=source, at=at)
    return Recorded(new, len(readings) - new)


def refuse_reading(reading: NewReading) -> None:
    """ReadingRefused, saying why, for a reading that its metric cannot take."""
    metric = reading.metric
    if metric.source != Source.EXTERNAL or not metric.is_active:
        raise ReadingRefused(f"“{metric.name}” is not a metric that takes values from outside")
    if not reading.key or len(reading.key) > Reading._meta.get_field("key").max_length:
        raise ReadingRefused("a reading needs a key of at most 200 characters")
    for number, largest in ((reading.value, LARGEST_VALUE), (reading.count, LARGEST_COUNT)):
        if number is not None and not (Decimal(number).is_finite() and abs(Decimal(number)) <= largest):
            raise ReadingRefused(f"{number} is not a number up to {largest}")
    if reading.count is not None and reading.count < 0 and reading.kind != ReadingKind.CUMULATIVE:
        raise ReadingRefused("a total cannot have a count below 0")
    if metric.aggregation == Aggregation.SUM and reading.count not in (None, 0, 1):
        raise ReadingRefused(f"“{metric.name}” is added up over days; its readings have no count of their own")


def _record_batch(readings: Sequence[NewReading], *, source: str, at: dt.datetime) -> int:
    keys = {reading.key for reading in readings}
    before = set(Reading.objects.filter(source=source, key__in=keys).values_list("key", flat=True))
    Reading.objects.bulk_create(
        [_reading(reading, source=source, at=at) for reading in readings if reading.key not in before],
        ignore_conflicts=True,
    )
    stored = {row.key: row for row in Reading.objects.filter(source=source, key__in=keys)}
    for reading in readings:
        if _content(stored[reading.key]) != _content(_reading(reading, source=source, at=at)):
            raise ReadingConflict(f"the reading “{reading.key}” of {source} came before with other content")
    fresh = {reading.key: reading for reading in readings if reading.key not in before}
    pairs = [(reading.agent_id, reading.workday) for reading in fresh.values()]
    touch(pairs, reason=TouchReason.READING, at=at)
    return len(fresh)


STORED = ("metric_id", "agent_id", "workday", "kind", "value", "count", "source", "key", "at")
VALUE, COUNT = Reading._meta.get_field("value"), Reading._meta.get_field("count")


def _insert(readings: Sequence[NewReading], *, source: str, at: dt.datetime) -> None:
    """Readings that are new, in their order, without a model for each: they come by the thousand."""
    stored_day, moment = connection.ops.adapt_datefield_value, connection.ops.adapt_datetimefield_value(at)
    rows = [
        (
            reading.metric.pk,
            reading.agent_id,
            stored_day(reading.workday),
            str(reading.kind),
            VALUE.to_units(reading.value),
            COUNT.to_units(_count_of(reading)),
            source,
            reading.key,
            moment,
        )
        for reading in readings
    ]
    with connection.cursor() as cursor:
        insert_rows(cursor, Reading._meta.db_table, STORED, rows)


def _reading(reading: NewReading, *, source: str, at: dt.datetime) -> Reading:
    return Reading(
        metric_id=reading.metric.pk,
        agent_id=reading.agent_id,
        workday=reading.workday,
        kind=reading.kind,
        value=_in_units("value", reading.value),
        count=_in_units("count", _count_of(reading)),
        source=source,
        key=reading.key,
        at=at,
    )


def _count_of(reading: NewReading) -> Decimal | None:
    """A metric that is added up over days counts 1 on a day with data, however often it was added to."""
    if reading.metric.aggregation == Aggregation.SUM and reading.kind == ReadingKind.CUMULATIVE:
        return None
    return reading.count


def _in_units(name: str, value) -> Decimal | None:
    """The value as the column will give it back, so that the same content compares equal."""
    field = Reading._meta.get_field(name)
    return field.from_units(field.to_units(value))


def _content(row: Reading) -> tuple:
    return (row.metric_id, row.agent_id, row.workday, str(row.kind), row.value, row.count)


# Narrowed metrics ------------------------------------------------------------------------------------------------


class CannotNarrow(ValueError):
    """Raised when a metric cannot be limited to a media type, direction or queue."""


@transaction.atomic
def narrowed(
    metric: Metric, *, media_type: str = "", direction: str = "", queue: Queue | None = None
) -> tuple[Metric, bool]:
    """The metric with one more filter, made once, and whether it was made now. Without a filter, the metric itself."""
    if not (media_type or direction or queue):
        return metric, False
    if metric.source != Source.INTERACTIONS:
        raise CannotNarrow(f"“{metric.name}” comes from outside and cannot be limited to a part of the interactions")
    copied = ["description", "unit", "currency", "precision", "better", "aggregation", "source", "dividend", "divisor"]
    copied += ["factor", "lag_minutes", "position"]
    limits = [str(limit) for limit in (media_type, direction, queue) if limit]
    key = f"{metric.key[:40]}-{media_type or 'any'}-{direction or 'any'}-{queue.pk if queue else 'any'}"
    return Metric.objects.get_or_create(
        narrowed_from=metric,
        narrow_media_type=media_type,
        narrow_direction=direction,
        narrow_queue=queue,
        defaults={
            "key": f"{metric.pk}-{key}"[:80],
            "name": f"{metric.name} ({', '.join(limits)})"[:120],
            **{name: getattr(metric, name) for name in copied},
        },
    )


# Changed metrics -------------------------------------------------------------------------------------------------


class TooEarly(ValueError):
    """Raised when a change is to reach workdays that are final for good."""


COPIED_BY_NARROWED = ["unit", "currency", "precision", "better", "aggregation", "lag_minutes", "is_active"]


def earliest_change(*, at: dt.datetime) -> dt.date:
    """The first workday that a changed metric may still reach: the window for late data."""
    return at.date() - dt.timedelta(days=settings.LAUREL_LATE_DATA_DAYS)


@transaction.atomic
def apply_changed_metric(metric: Metric, *, from_on: dt.date, at: dt.datetime) -> int:
    """Lets a metric that was saved with another definition measure the workdays from `from_on` anew. How many.

    Earlier workdays keep what was measured. Narrowed forms follow. TooEarly before `earliest_change`.
    """
    if from_on < earliest_change(at=at):
        raise TooEarly(f"workdays before {earliest_change(at=at)} keep their values")
    metric.narrowed.update(**{name: getattr(metric, name) for name in COPIED_BY_NARROWED})
    if metric.source == Source.EXTERNAL:
        rows = Reading.objects.filter(metric=metric, workday__gte=from_on)
    else:
        model = Evaluation if metric.dividend in EVALUATION_MEASURES else Leg
        rows = model.objects.filter(workday__gte=from_on)
    return touch_rows(rows, reason=TouchReason.METRIC, at=at)


@transaction.atomic
def measure_new_metric(metric: Metric, *, from_on: dt.date, to_on: dt.date) -> int:
    """Gives a metric that was just made its day values from `from_on` to `to_on`, both inclusive. How many.

    Nothing is scored by it yet, so no workday is touched and none is revised. External ones get theirs by readings.
    """
    if metric.source != Source.INTERACTIONS:
        return 0
    select, params = day_values_sql(definition_of(metric))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {DayValue._meta.db_table} (agent_id, workday, metric_id, total, count)"
            f" SELECT v.agent_id, v.workday, {metric.pk}, v.total, v.count FROM ({select}) v WHERE 1 = 1"
            f" ON CONFLICT (agent_id, workday, metric_id) DO NOTHING",
            [*params, from_on, to_on],
        )
        return cursor.rowcount
