"""Events of goals: facts, written in the transaction of their effect. Subscribers get them from these rows."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import connection

from foundation.records.sets import insert_models

from ..enums import EventType
from ..models import Event, Snapshot


def record_close(snapshots: Sequence[Snapshot], *, at: dt.datetime) -> None:
    """`goal.closed` for each frozen result, and `goal.status_changed` where a team's status is another than that of
    the previous close, or there was none. Live flaps tell nobody.
    """
    before = _statuses_before(snapshots)
    events = [_event(EventType.CLOSED, each, before.get(each.goal_id), at=at) for each in snapshots]
    events += [
        _event(EventType.STATUS_CHANGED, each, before.get(each.goal_id), at=at)
        for each in snapshots
        if each.status and each.status != before.get(each.goal_id)
    ]
    with connection.cursor() as cursor:
        insert_models(cursor, events)


def _statuses_before(snapshots: Iterable[Snapshot]) -> dict[int, str]:
    """Goal id → the status of the close before."""
    snapshots = list(snapshots)
    closes = Snapshot.objects.filter(goal__in=[each.goal_id for each in snapshots])
    closes = closes.exclude(pk__in=[each.pk for each in snapshots]).order_by("ends_on", "pk")
    return dict(closes.values_list("goal_id", "status"))


def record_rewards(kind: EventType, snapshot: Snapshot, *, key: str, points: int, at: dt.datetime) -> Event:
    """`reward.posted` or `reward.voided` of a result; `key` names the reconciliation or decision that did it."""
    payload = payload_of(snapshot, before=snapshot.status, at=at) | {"points": points}
    return Event.objects.create(
        type=kind, key=f"{kind.value}:{key}", goal=snapshot.goal, snapshot=snapshot, payload=payload, at=at
    )


def _event(kind: EventType, snapshot: Snapshot, before: str | None, *, at: dt.datetime) -> Event:
    return Event(
        type=kind,
        key=f"{kind.value}:{snapshot.public_id}",
        goal=snapshot.goal,
        snapshot=snapshot,
        payload=payload_of(snapshot, before=before, at=at),
        at=at,
    )


def payload_of(snapshot: Snapshot, *, before: str | None, at: dt.datetime) -> dict:
    """What subscribers are told of a result; no person's figures."""
    return {
        "goalId": str(snapshot.goal.public_id),
        "teamId": str(snapshot.goal.team_id),
        "previousStatus": before or None,
        "currentStatus": snapshot.status or None,
        "evaluationPeriod": snapshot.period,
        "metricValue": None if snapshot.value is None else float(snapshot.value),
        "timestamp": at.isoformat().replace("+00:00", "Z"),
    }
