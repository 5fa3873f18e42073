"""What members are told of a goal, in the transaction of what they are told of."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.urls import reverse

from inbox.actions import Notice, notify_many
from inbox.enums import Kind
from people.models import User

from ..models import Snapshot, SnapshotMember


def tell_closed(snapshots: Sequence[Snapshot], *, at: dt.datetime) -> None:
    """Members who can sign in: the period is over, and how many points of their own are held for it."""
    by_key = {snapshot.pk: snapshot for snapshot in snapshots}
    members = SnapshotMember.objects.filter(snapshot__in=by_key, person__is_active=True, person__email__isnull=False)
    rows = members.order_by().values_list("snapshot", "person", "points")
    notices = [_notice(by_key[snapshot], person, points, "closed") for snapshot, person, points in rows]
    notify_many(notices, Kind.GOAL_CLOSED, at=at)


def tell_moved(kind: Kind, snapshot: Snapshot, points: Mapping[int, int], *, key: str, at: dt.datetime) -> None:
    """People who can sign in: so many points of theirs were posted, or taken back. `key` names what did it."""
    people = User.objects.filter(pk__in=points, is_active=True, email__isnull=False).values_list("pk", flat=True)
    notify_many([_notice(snapshot, person, points[person], key) for person in people], kind, at=at)


def _notice(snapshot: Snapshot, person_id: int, points: int, why: str) -> Notice:
    goal = snapshot.goal
    params = {"goal": goal.name, "period": snapshot.period, "points": points}
    key = f"goal:{snapshot.public_id}:{person_id}:{why}"
    return Notice(person_id, key, params, reverse("goals:detail", args=[goal.public_id]))
