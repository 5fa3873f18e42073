"""What a call that writes leaves besides what it wrote: the row that says so, and the answer for a repetition of it."""

import datetime as dt
import uuid

from django.db import connection

from people.models import User

from ..models import Answer, Client, WrittenCall

ANSWERS_KEPT = dt.timedelta(hours=24)


def claim_answer(client: Client, key: str, *, digest: str, since: dt.datetime | None, at: dt.datetime) -> bool:
    """Whether the one row of the key is this call's: new, or left from a time before `since`. Waits while another call
    has it. In the transaction of what the call writes.
    """
    moment = connection.ops.adapt_datetimefield_value
    stale = "FALSE" if since is None else f"{Answer._meta.db_table}.at < %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Answer._meta.db_table} (client_id, key, digest, status, body, at)"
            f" VALUES (%s, %s, %s, NULL, '', %s)"
            f" ON CONFLICT (client_id, key) DO UPDATE SET digest = excluded.digest, at = excluded.at WHERE {stale}",
            [client.pk, key, digest, moment(at), *([] if since is None else [moment(since)])],
        )
        return cursor.rowcount == 1


def remember_answer(client: Client, key: str, *, status: int, body: str) -> None:
    """The answer of the call that claimed the key."""
    Answer.objects.filter(client=client, key=key).update(status=status, body=body)


def forget_answers(*, at: dt.datetime) -> int:
    """Takes away remembered answers that nobody may ask for any more. How many."""
    return Answer.objects.filter(at__lt=at - ANSWERS_KEPT).delete()[0]


def note_call(
    *, client: Client, person: User, method: str, path: str, status: int, request_id: uuid.UUID, at: dt.datetime
) -> None:
    """The row that says who wrote what, or was refused."""
    WrittenCall.objects.create(
        client=client, person=person, at=at, method=method, path=path[:300], status=status, request_id=request_id
    )
