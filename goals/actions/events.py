"""Events of goals: facts, written in the transaction of their effect. Subscribers get them from these rows."""

import datetime as dt
from collections.abc import Iterable, Sequence

from foundation.periods import DAY

from ..enums import EventType
from ..models import DailyStatus, Event, Snapshot


def record_close(snapshots: Sequence[Snapshot], *, at: dt.datetime) -> None:
    """`goal.closed` for each frozen result, and `goal.status_changed` where a team's status is another than the last
    live status of the day before the close, or without one than that of the previous close. Live flaps tell nobody.
    """
    before = _statuses_before(snapshots, at=at)
    events = [_event(EventType.CLOSED, each, before.get(each.goal_id), at=at) for each in snapshots]
    events += [
        _event(EventType.STATUS_CHANGED, each, before.get(each.goal_id), at=at)
        for each in snapshots
        if each.status and each.status != before.get(each.goal_id)
    ]
    Event.objects.bulk_create(events)


def _statuses_before(snapshots: Iterable[Snapshot], *, at: dt.datetime) -> dict[int, str]:
    """Goal id → the status that a close is compared with."""
    snapshots = list(snapshots)
    goals = [each.goal_id for each in snapshots]
    own = [each.pk for each in snapshots]
    closes = Snapshot.objects.filter(goal__in=goals).exclude(pk__in=own).order_by("ends_on", "pk")
    found = dict(closes.values_list("goal_id", "status"))
    since = min((each.starts_on for each in snapshots), default=at.date())
    live = DailyStatus.objects.filter(goal__in=goals, workday__gte=since, workday__lt=at.date() + DAY)
    ends = {each.goal_id: (each.starts_on, each.ends_on) for each in snapshots}
    for goal, day, status in live.order_by("workday").values_list("goal_id", "workday", "status"):
        if ends[goal][0] <= day < ends[goal][1]:
            found[goal] = status
    return found


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
