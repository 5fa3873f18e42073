"""Writes of interactions. Every fact leaves a touch in the transaction that wrote it."""

import contextlib
import datetime as dt
import functools
import uuid
from collections.abc import Collection, Iterable, Sequence

from django.db import connection, transaction
from django.db.models import QuerySet

from foundation.records.sets import insert_rows
from foundation.records.upsert import FOUND, STAGED, Target, Upserted, find, lock, stage, write
from people.models import User

from .enums import TouchReason
from .models import Evaluation, Leg, Touch

BATCH = 2000


@transaction.atomic
def touch(pairs: Iterable[tuple[int, dt.date]], *, reason: TouchReason, at: dt.datetime) -> int:
    """Says that the workdays of these (agent id, workday) pairs changed; each pair once. How many were written.

    Call it in the transaction that writes the facts. Pairs without an agent are passed over.
    """
    distinct = sorted({(agent_id, workday) for agent_id, workday in pairs if agent_id is not None})
    stored_day, why, moment = connection.ops.adapt_datefield_value, str(TouchReason(reason)), _stored(at)
    rows = [(agent_id, stored_day(workday), why, moment) for agent_id, workday in distinct]
    with connection.cursor() as cursor:
        insert_rows(cursor, Touch._meta.db_table, ("agent_id", "workday", "reason", "at"), rows)
    return len(distinct)


@transaction.atomic
def touch_rows(rows: QuerySet, *, reason: TouchReason, at: dt.datetime) -> int:
    """`touch` for every (agent, workday) of a queryset with these two fields, in one statement."""
    pairs = rows.order_by().filter(agent_id__isnull=False).values_list("agent_id", "workday").distinct()
    select, params = pairs.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Touch._meta.db_table} (agent_id, workday, reason, at)"
            f" SELECT pair.agent_id, pair.workday, %s, %s FROM ({select}) AS pair",
            [str(TouchReason(reason)), _stored(at), *params],
        )
        return cursor.rowcount


def _stored(at: dt.datetime):
    return connection.ops.adapt_datetimefield_value(at)


# Evaluations that people enter --------------------------------------------------------------------------------------

ENTERED = "laurel"
"""Source of evaluations that were entered here and not imported."""


class EvaluationRefused(ValueError):
    """Raised with a sentence for people when an evaluation may not be saved so."""


@transaction.atomic
def save_evaluation(evaluation: Evaluation, *, by: User, at: dt.datetime) -> Evaluation:
    """Saves an evaluation that a person entered, new or corrected, and touches the workday it belongs to and the one
    it belonged to before. An evaluation of a leg belongs to the leg's agent and workday.

    Imported ones stay as they came, and nobody evaluates themself (EvaluationRefused).
    """
    before = Evaluation.objects.filter(pk=evaluation.pk).first()
    if before and before.source != ENTERED:
        raise EvaluationRefused("an imported evaluation is corrected where it came from")
    if evaluation.leg:
        evaluation.agent, evaluation.workday = evaluation.leg.agent, evaluation.leg.workday
    if evaluation.agent_id == by.pk:
        raise EvaluationRefused("nobody evaluates their own work")
    if before is None:
        evaluation.source, evaluation.external_id, evaluation.evaluator = ENTERED, uuid.uuid4().hex, by
    evaluation.save()
    pairs = [(row.agent_id, row.workday) for row in (before, evaluation) if row]
    touch(pairs, reason=TouchReason.EVALUATION, at=at)
    return evaluation


# Legs and evaluations by the set ------------------------------------------------------------------------------------

LEG_KEY = ("source", "external_id", "leg_number")
LEG_COLUMNS = (
    *LEG_KEY, "agent_id", "workday", "started_at", "ended_at", "media_type", "direction", "queue_id", "wait_seconds",
    "talk_seconds", "hold_seconds", "after_call_seconds", "answered", "abandoned", "transferred", "resolved",
    "wrap_up", "rating", "charge", "customer_key",
)  # fmt: skip
LEG_MOMENTS = ("started_at", "ended_at")
LEG_TRUTHS = ("answered", "abandoned", "transferred", "resolved")

EVALUATION_KEY = ("source", "external_id")
EVALUATION_COLUMNS = (
    *EVALUATION_KEY, "leg_id", "agent_id", "workday", "form", "score", "maximum", "evaluator_id", "released",
)  # fmt: skip


def upsert_legs(
    columns: dict[str, Sequence], *, updated: Collection[str], at: dt.datetime, dry_run: bool = False
) -> Upserted:
    """Legs by columns, all of `LEG_COLUMNS`, no two of one key. A leg that stands already gets the columns named in
    `updated`; a new one gets all. Touches the old and the new workday of every leg that is new or changed.

    Values are as stored: moments in microseconds of UTC and workdays in days, both since 1970; durations and
    ratings in 1e-3, charges in 1e-8. With `dry_run` nothing is written and the counts are what would be.
    """
    target = Target(
        Leg._meta.db_table,
        LEG_COLUMNS,
        LEG_KEY,
        tuple(name for name in LEG_COLUMNS if name in updated and name not in LEG_KEY),
        kept=("agent_id", "workday"),
    )
    stored = [_stored_column(name, columns[name], LEG_MOMENTS, LEG_TRUTHS) for name in LEG_COLUMNS]
    return _upsert(target, stored, TouchReason.INTERACTION, at=at, dry_run=dry_run)


def upsert_evaluations(
    columns: dict[str, Sequence], *, updated: Collection[str], at: dt.datetime, dry_run: bool = False
) -> Upserted:
    """Quality evaluations by columns, as `upsert_legs`; scores in 1e-3."""
    target = Target(
        Evaluation._meta.db_table,
        EVALUATION_COLUMNS,
        EVALUATION_KEY,
        tuple(name for name in EVALUATION_COLUMNS if name in updated and name not in EVALUATION_KEY),
        kept=("agent_id", "workday"),
    )
    stored = [_stored_column(name, columns[name], (), ("released",)) for name in EVALUATION_COLUMNS]
    return _upsert(target, stored, TouchReason.EVALUATION, at=at, dry_run=dry_run)


def _upsert(target: Target, stored: list[Sequence], reason: TouchReason, *, at: dt.datetime, dry_run: bool) -> Upserted:
    if dry_run:
        with _rolled_back_on_postgresql():
            stage(target, stored)
            return find(target)
    with transaction.atomic():
        lock(target.table)
        stage(target, stored)
        done = write(target, len(stored[0]))
        if done.new or done.changed:
            _touch_staged(reason, all_new=not (done.changed or done.unchanged), at=at)
        return done


@contextlib.contextmanager
def _rolled_back_on_postgresql():
    """A dry run stages in a temporary table: in a transaction on PostgreSQL, without SQLite's write lock there."""
    if connection.vendor == "sqlite":
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _touch_staged(reason: TouchReason, *, all_new: bool, at: dt.datetime) -> None:
    """Touches the workdays of staged rows that are new or differ, and those where changed rows stood before.

    On SQLite, which has one writer, a day whose touch for this reason still waits needs no second one; elsewhere a
    recompute that has read the facts may be about to take that touch away.
    """
    waiting = (
        f" WHERE NOT EXISTS (SELECT 1 FROM {Touch._meta.db_table} w"
        f" WHERE w.agent_id = pair.agent_id AND w.workday = pair.workday AND w.reason = '{TouchReason(reason)}')"
        if connection.vendor == "sqlite"
        else ""
    )
    pairs = f"SELECT DISTINCT agent_id, workday FROM {STAGED} WHERE agent_id IS NOT NULL"
    if not all_new:
        pairs = (
            f"SELECT s.agent_id, s.workday FROM {STAGED} s LEFT JOIN {FOUND} f ON f.n = s.n"
            " WHERE s.agent_id IS NOT NULL AND (f.n IS NULL OR f.differs = 1)"
            f" UNION SELECT f.old_agent_id, f.old_workday FROM {FOUND} f"
            " WHERE f.differs = 1 AND f.old_agent_id IS NOT NULL"
        )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Touch._meta.db_table} (agent_id, workday, reason, at)"
            f" SELECT pair.agent_id, pair.workday, %s, %s FROM ({pairs}) pair{waiting}",
            [str(TouchReason(reason)), _stored(at)],
        )


_DAY = 86_400_000_000
_EPOCH = dt.date(1970, 1, 1)


class _DayText(dict):
    def __missing__(self, day: int) -> str:
        text = self[day] = (_EPOCH + dt.timedelta(days=day)).isoformat()
        return text


class _TimeText(dict):
    """The rest of a day in microseconds as ` HH:MM:SS`, as the database writes it."""

    def __init__(self):
        super().__init__()
        self.zone = "+00" if connection.vendor == "postgresql" else ""

    def __missing__(self, micro: int) -> str:
        seconds, rest = divmod(micro, 1_000_000)
        fraction = f".{rest:06d}" if rest else ""
        text = f" {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}{self.zone}"
        if len(self) < 100_000:
            self[micro] = text
        return text


_DAYS = _DayText()
"""At most one entry for each day that a leg may have."""


@functools.cache
def _times() -> _TimeText:
    return _TimeText()


def _stored_column(name: str, values: Sequence, moments: Collection[str], truths: Collection[str]) -> Sequence:
    if name == "workday":
        return list(map(_DAYS.__getitem__, values))
    if name in moments:
        days, times = _DAYS, _times()
        return [None if at is None else days[at // _DAY] + times[at % _DAY] for at in values]
    if name in truths and connection.vendor == "sqlite":
        return [None if truth is None else int(truth) for truth in values]
    return values
