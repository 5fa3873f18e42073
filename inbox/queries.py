"""Reads of one's own inbox. Nobody reads another person's."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Min, Q, QuerySet

from people.access import may
from people.models import Division, User
from people.queries import division_id_on

from .enums import ICONS, TOLD_TO, Kind
from .models import Digest, Notification
from .wording import sentence_of


@dataclass(frozen=True)
class Told:
    """A notification as its person reads it."""

    public_id: str
    text: str
    note: str
    label: str
    icon: str
    at: dt.datetime
    is_read: bool


def inbox_of(person: User, *, kind: str = "") -> QuerySet[Notification]:
    """The notifications of a person's inbox, newest first; of one kind where it is named."""
    rows = Notification.objects.filter(person=person, in_app=True).select_related("by")
    return rows.filter(kind=kind) if kind else rows


def unread_count(person: User) -> int:
    return Notification.objects.filter(person=person, in_app=True, read_at=None).count()


def kinds_of(person: User) -> list[Kind]:
    """The kinds that a person's inbox holds."""
    found = set(inbox_of(person).order_by().values_list("kind", flat=True).distinct())
    return [kind for kind in Kind if kind in found]


def kinds_for(person: User) -> list[Kind]:
    """The kinds that a person with their roles can ever be told of."""
    return [kind for kind in Kind if any(may(person, permission) for permission in TOLD_TO[kind])]


def told(row: Notification) -> Told:
    """What is shown of a row whose `by` was fetched."""
    kind = Kind(row.kind)
    return Told(
        str(row.public_id),
        sentence_of(kind, row.params, by=row.by.name if row.by else ""),
        row.params.get("note", ""),
        str(kind.label),
        ICONS[kind],
        row.at,
        row.read_at is not None,
    )


# The daily mail ---------------------------------------------------------------------------------------------------

NOT_MAILED = Q(digest=None) | Q(digest__sent_at=None)


@dataclass(frozen=True)
class DueDigest:
    """A person to whom the mail of a day is to tell what came before `until`, the hour of it where they are."""

    person_id: int
    day: dt.date
    until: dt.datetime


def digests_due(*, at: dt.datetime, hour: int) -> list[DueDigest]:
    """Whose mail of the day has not gone out although it is past `hour` where they are, and something came before it.
    What comes later waits for the next day. Three queries.
    """
    earliest = dict(_to_mail().order_by().values_list("person").annotate(earliest=Min("at")))
    people = User.objects.filter(pk__in=_to_mail().order_by().values("person"), is_active=True, email__isnull=False)
    people = (
        people.exclude(inbox_mailing__is_on=False).annotate(division_today=division_id_on(at.date())).order_by("pk")
    )
    zones = {division.pk: division.zone for division in Division.objects.all()} if earliest else {}
    due = [
        _due(pk, at.astimezone(zones.get(division, dt.UTC)), hour)
        for pk, division in people.values_list("pk", "division_today")
    ]
    return _without_a_digest([each for each in due if earliest.get(each.person_id, at) < each.until <= at])


def _due(person_id: int, local: dt.datetime, hour: int) -> DueDigest:
    return DueDigest(person_id, local.date(), local.replace(hour=hour, minute=0, second=0, microsecond=0))


def _without_a_digest(due: list[DueDigest]) -> list[DueDigest]:
    days = {each.day for each in due}
    stand = set(Digest.objects.filter(day__in=days).order_by().values_list("person", "day")) if due else set()
    return [each for each in due if (each.person_id, each.day) not in stand]


def _to_mail() -> QuerySet[Notification]:
    return Notification.objects.filter(NOT_MAILED, in_digest=True, read_at=None)


def to_mail(due: DueDigest) -> QuerySet[Notification]:
    """What a mail tells of."""
    return _to_mail().filter(person=due.person_id, at__lt=due.until)


def counts_by_kind(pks: Iterable[int]) -> dict[Kind, int]:
    rows = Notification.objects.filter(pk__in=list(pks)).order_by().values("kind").annotate(rows=Count("pk"))
    found = dict(rows.values_list("kind", "rows"))
    return {kind: found[kind] for kind in Kind if kind in found}
