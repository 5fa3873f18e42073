"""Converted batches into the database, each kind its own way. In the caller's transaction, except for a dry run."""

import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal
from itertools import compress

from foundation.records.upsert import Upserted, lock
from interactions import actions as interactions
from interactions.models import Leg
from metrics.actions import NewReading, ReadingRefused, record_readings, refuse_reading
from metrics.enums import ReadingKind, Source
from metrics.models import Metric, Reading
from people.models import User

from ..people import Directory, Person, date_of, day_of
from ..pipeline import Batch, Issue
from ..rules import mapping as m
from ..rules.values import plain
from .placing import queue_ids

QUERY = 500

COLUMN_OF_FIELD = {
    "id": "external_id", "leg": "leg_number", "queue": "queue_id", "customer": "customer_key",
    "wait": "wait_seconds", "talk": "talk_seconds", "hold": "hold_seconds", "after_call": "after_call_seconds",
    "interaction": "leg_id", "evaluator": "evaluator_id",
}  # fmt: skip


class Metrics:
    """The external metrics of a mapping."""

    def __init__(self, spec: m.Spec):
        self.spec = spec
        self.known = {metric.key: metric for metric in Metric.objects.filter(source=Source.EXTERNAL)}
        for reading in spec.metrics:
            if reading.metric not in self.known and reading.create is None:
                hint = m.did_you_mean(reading.metric, self.known)
                known = f"there is no external metric “{reading.metric}”{hint}"
                raise m.MappingError(f"metrics: {known}; add `create:` with its name and unit")
            if reading.metric not in self.known and Metric.objects.filter(key=reading.metric).exists():
                raise m.MappingError(f"metrics: “{reading.metric}” is computed from interactions; take another key")

    def metric(self, key: str, *, write: bool) -> Metric:
        if key not in self.known:
            made = next(reading.create for reading in self.spec.metrics if reading.metric == key)
            metric = Metric(key=key, source=Source.EXTERNAL, position=1000, **made.model_dump())
            if write:
                metric, _ = Metric.objects.get_or_create(
                    key=key, defaults={"source": Source.EXTERNAL, "position": 1000, **made.model_dump()}
                )
            self.known[key] = metric
        return self.known[key]


def numbers(people: Sequence[Person | None]) -> list[int | None]:
    """The keys of people; in a dry run those not made yet have numbers that nobody has."""
    memo = {None: None}
    for person in set(people) - {None}:
        memo[person] = person.pk if person.pk is not None else -(id(person) % 2**40) - 1
    return [memo[person] for person in people]


def updated_columns(spec: m.Spec) -> set[str]:
    """What a row in hand may change of one that stands: what the mapping names. The rest is another file's matter."""
    return {COLUMN_OF_FIELD.get(name, name) for name in spec.fields} | {"agent_id", "workday"}


def write_legs(spec: m.Spec, directory: Directory, batch: Batch, *, at: dt.datetime, dry_run: bool) -> Upserted:
    columns = dict(batch.columns)
    columns["agent_id"] = numbers(batch.people)
    columns["queue_id"] = queue_ids(directory, columns.pop("queue"), write=not dry_run)
    return interactions.upsert_legs(columns, updated=updated_columns(spec), at=at, dry_run=dry_run)


def refuse_foreign(batch: Batch, *, within: Collection[int]) -> None:
    """Takes out of a batch the rows whose interaction stands already and is nobody's, or somebody's who is not within
    reach: a client must not take it over. In the transaction that writes the rest.
    """
    lock(Leg._meta.db_table)
    keys = list(zip(batch.columns["external_id"], batch.columns["leg_number"], strict=True))
    foreign, ids = set(), sorted({external_id for external_id, _ in keys})
    for start in range(0, len(ids), QUERY):
        legs = Leg.objects.filter(source=batch.columns["source"][0], external_id__in=ids[start : start + QUERY])
        for *key, agent in legs.values_list("external_id", "leg_number", "agent"):
            if agent not in within:
                foreign.add(tuple(key))
    if not foreign:
        return
    keep = [key not in foreign for key in keys]
    why = "an interaction of this id is there that this client may not change"
    batch.issues += [(line, "", key[0], why) for line, key in zip(batch.lines, keys, strict=True) if key in foreign]
    batch.lines, batch.people = list(compress(batch.lines, keep)), list(compress(batch.people, keep))
    batch.columns = {name: list(compress(column, keep)) for name, column in batch.columns.items()}


def write_readings(spec: m.Spec, metrics: Metrics, batch: Batch, *, at: dt.datetime, dry_run: bool) -> Upserted:
    """Totals that equal the newest reading of their day are unchanged; others are new readings that overwrite it."""
    agents = numbers(batch.people)
    columns = batch.columns
    rows = list(
        zip(batch.lines, agents, *(columns[n] for n in ("workday", "metric", "value", "count", "id")), strict=True)
    )
    if spec.reading == "cumulative":
        return _add_readings(spec, metrics, batch, rows, at=at, dry_run=dry_run)
    newest, times = _newest_readings(spec.source, rows, metrics)
    fresh, unchanged, changed = [], 0, 0
    for line, agent, day, key, value, count, _ in rows:
        metric = metrics.metric(key, write=not dry_run)
        cell = (agent, day, metric.pk)
        before = newest.get(cell)
        if before is not None and before == (_kept(value, 5), _kept(count, 3)):
            unchanged += 1
            continue
        number = times.get(cell, 0) + 1
        reading = NewReading(metric, agent, date_of(day), value, f"{agent}/{date_of(day)}/{key}/{number}", count)
        if _taken(reading, line, batch):
            fresh.append(reading)
            changed += before is not None
    if not dry_run:
        record_readings(fresh, source=spec.source, at=at)
    return Upserted(len(fresh) - changed, changed, unchanged)


def _kept(value: Decimal | None, places: int) -> Decimal | None:
    """The value as its column keeps it."""
    return None if value is None else value.quantize(Decimal(1).scaleb(-places), "ROUND_HALF_UP")


def _newest_readings(source: str, rows, metrics: Metrics):
    """By (agent, day, metric): the newest reading's value and count, and how many there are, of this source."""
    newest, times = {}, {}
    agents, days = {row[1] for row in rows}, {row[2] for row in rows}
    if not rows:
        return newest, times
    held = Reading.objects.filter(
        source=source,
        workday__range=(date_of(min(days)), date_of(max(days))),
        metric__in=[metric.pk for metric in metrics.known.values() if metric.pk],
    ).order_by("pk")
    for agent, workday, metric, value, count in held.values_list("agent", "workday", "metric", "value", "count"):
        if agent in agents:
            cell = (agent, day_of(workday), metric)
            newest[cell], times[cell] = (value, count), times.get(cell, 0) + 1
    return newest, times


def _add_readings(spec, metrics: Metrics, batch: Batch, rows, *, at: dt.datetime, dry_run: bool) -> Upserted:
    readings = []
    for line, agent, day, key, value, count, id_ in rows:
        metric = metrics.metric(key, write=not dry_run)
        reading = NewReading(metric, agent, date_of(day), value, f"{key}/{id_}", count, ReadingKind.CUMULATIVE)
        if _taken(reading, line, batch):
            readings.append((line, reading))
    fresh, unchanged = [], 0
    held = _held_readings(spec.source, [reading.key for _, reading in readings])
    for line, reading in readings:
        if reading.key not in held:
            fresh.append(reading)
        elif held[reading.key] == (reading.agent_id, reading.workday, _kept(reading.value, 5)):
            unchanged += 1
        else:
            batch.issues.append((line, "", reading.key, "this id came before with another value; what was added stays"))
    if not dry_run:
        record_readings(fresh, source=spec.source, at=at)
    return Upserted(len(fresh), 0, unchanged)


def _held_readings(source: str, keys: list[str]) -> dict:
    held = {}
    for start in range(0, len(keys), QUERY):
        rows = Reading.objects.filter(source=source, key__in=keys[start : start + QUERY])
        held |= {key: rest for key, *rest in rows.values_list("key", "agent", "workday", "value")}
    return {key: tuple(rest) for key, rest in held.items()}


def _taken(reading: NewReading, line: int, batch: Batch) -> bool:
    try:
        refuse_reading(reading)
    except ReadingRefused as error:
        batch.issues.append((line, "", str(reading.value), str(error)))
        return False
    return True


def write_evaluations(spec: m.Spec, batch: Batch, *, at: dt.datetime, dry_run: bool) -> Upserted:
    """Evaluations, of legs found by their id or of an agent's workday; with a leg, agent and workday are the leg's."""
    columns = {name: list(column) for name, column in batch.columns.items()}
    columns["agent_id"] = numbers(batch.people)
    columns["leg_id"] = [None] * len(batch.lines)
    interactions_of, legs = columns.pop("interaction"), columns.pop("leg")
    issues: dict[int, Issue] = {}
    if "interaction" in spec.fields:
        _attach(spec, columns, interactions_of, legs, batch.lines, issues)
    columns["evaluator_id"] = _evaluators(columns.pop("evaluator"))
    keep = [at_row for at_row in range(len(batch.lines)) if at_row not in issues]
    batch.issues += issues.values()
    chosen = {name: [column[row] for row in keep] for name, column in columns.items()}
    updated = updated_columns(spec)
    return interactions.upsert_evaluations(chosen, updated=updated, at=at, dry_run=dry_run)


def _attach(spec: m.Spec, columns: dict, ids: list, legs: list, lines: list[int], issues: dict[int, Issue]) -> None:
    found: dict[tuple, tuple] = {}
    wanted = sorted({id_ for id_ in ids if id_})
    for start in range(0, len(wanted), QUERY):
        rows = Leg.objects.filter(source=spec.source, external_id__in=wanted[start : start + QUERY])
        for id_, number, pk, agent, workday in rows.values_list("external_id", "leg_number", "pk", "agent", "workday"):
            found[id_, number] = (pk, agent, day_of(workday))
    for row, (id_, leg) in enumerate(zip(ids, legs, strict=True)):
        pk, agent, day = found.get((id_, leg or 1), (None, None, None))
        if pk is None or agent is None:
            why = "no interaction of this id is known" if pk is None else "the interaction has no agent"
            issues[row] = (lines[row], "", str(id_ or ""), f"{why}; import the interactions of this source first")
        else:
            columns["leg_id"][row], columns["agent_id"][row], columns["workday"][row] = pk, agent, day


def _evaluators(names: list[str | None]) -> list[int | None]:
    """People by id, e-mail or name; an evaluator who is not known is left open."""
    if not any(names):
        return names
    known: dict[str, set[int]] = {}
    for pk, *ways in User.objects.filter(is_service=False).values_list("pk", "external_id", "email", "name"):
        for way in ways:
            if way:
                known.setdefault(plain(way), set()).add(pk)
    memo = {name: known.get(plain(name), set()) for name in set(names) if name}
    return [next(iter(memo[name])) if name and len(memo[name]) == 1 else None for name in names]
