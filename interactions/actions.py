"""Writes of interactions. Every fact leaves a touch in the transaction that wrote it."""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import QuerySet

from people.models import User

from .enums import TouchReason
from .models import Evaluation, Touch

BATCH = 2000


@transaction.atomic
def touch(pairs: Iterable[tuple[int, dt.date]], *, reason: TouchReason, at: dt.datetime) -> int:
    """Says that the workdays of these (agent id, workday) pairs changed; each pair once. How many were written.

    Call it in the transaction that writes the facts. Pairs without an agent are passed over.
    """
    distinct = sorted({(agent_id, workday) for agent_id, workday in pairs if agent_id is not None})
    Touch.objects.bulk_create(
        [Touch(agent_id=agent_id, workday=workday, reason=reason, at=at) for agent_id, workday in distinct],
        batch_size=BATCH,
    )
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
