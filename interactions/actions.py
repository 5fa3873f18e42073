"""Writes of interactions. Every fact leaves a touch in the transaction that wrote it."""

import datetime as dt
from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import QuerySet

from .enums import TouchReason
from .models import Touch

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
