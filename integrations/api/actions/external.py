"""External metrics and their data, as other systems send them."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.text import slugify

from metrics.actions import (
    NewReading,
    ReadingRefused,
    apply_changed_metric,
    earliest_change,
    record_readings,
    refuse_reading,
)
from metrics.enums import Aggregation, ReadingKind, Source, Unit
from metrics.models import Metric
from metrics.queries import added_up, day_readings, has_values, used_among
from metrics.rules.folding import fold
from people.access import people_within
from people.enums import Permission
from people.models import Division, User
from scorecards.enums import ObjectiveKind

from ..models import Client, ExternalMetric
from ..queries import external_metrics, known_metrics
from ..rules.external import better_of

EARLIEST, LATEST = dt.timedelta(days=7), dt.timedelta(days=30)


class InUse(Exception):
    """Raised when a metric is to go that something still needs."""


class NameTaken(Exception):
    """Raised when another external metric has the name."""


# Definitions ------------------------------------------------------------------------------------------------------


@transaction.atomic
def create_metric(
    *,
    name: str,
    unit: Unit,
    currency: str,
    precision: int,
    kind: ObjectiveKind,
    is_active: bool,
    aggregation: Aggregation = Aggregation.AVERAGE,
) -> Metric:
    """An external metric whose values are averaged by their counts, or added up. NameTaken."""
    _refuse_taken(name)
    metric = Metric.objects.create(
        key=f"{slugify(name)[:60] or 'metric'}-{uuid.uuid4().hex[:8]}",
        name=name,
        unit=unit,
        currency=currency,
        precision=precision,
        better=better_of(kind),
        aggregation=aggregation,
        source=Source.EXTERNAL,
        is_active=is_active,
    )
    ExternalMetric.objects.create(metric=metric, objective_kind=kind)
    return metric


@transaction.atomic
def change_metric(
    metric: Metric, *, name: str, precision: int, kind: ObjectiveKind, is_active: bool, at: dt.datetime
) -> Metric:
    """The metric with what may change: never its unit. InUse when it is to be switched off and is needed, NameTaken."""
    if name != metric.name:
        _refuse_taken(name)
    if metric.is_active and not is_active and used_among([metric]):
        raise InUse
    was_active = metric.is_active
    metric.name, metric.precision, metric.is_active, metric.better = name, precision, is_active, better_of(kind)
    metric.save()
    ExternalMetric.objects.update_or_create(metric=metric, defaults={"objective_kind": kind})
    if is_active and not was_active:
        apply_changed_metric(metric, from_on=earliest_change(at=at), at=at)
    return metric


@transaction.atomic
def delete_metric(metric: Metric, *, at: dt.datetime) -> None:
    """Takes the metric away. With values it stays as an inactive one that the API does not show. InUse."""
    if used_among([metric]):
        raise InUse
    if not has_values(metric):
        metric.delete()
        return
    metric.is_active = False
    metric.save(update_fields=["is_active"])
    kind = ObjectiveKind(metric.better)
    ExternalMetric.objects.get_or_create(metric=metric, defaults={"objective_kind": kind})
    ExternalMetric.objects.filter(metric=metric).update(deleted_at=at)


def _refuse_taken(name: str) -> None:
    if external_metrics().filter(name=name).exists():
        raise NameTaken


# Data -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One item as it came. Exactly one of `user_id` and `user_email` names the person."""

    metric_id: str
    on: dt.date
    value: Decimal | None
    kind: ReadingKind
    count: int | None = None
    user_id: str = ""
    user_email: str = ""


@dataclass(frozen=True)
class Taken:
    """An item that was taken, and the value of that day with it: its total and count, None where it has no data."""

    item: Item
    person: "Known"
    total: Decimal | None
    count: int


@dataclass(frozen=True)
class Refused:
    item: Item
    code: str
    message: str


@transaction.atomic(savepoint=False)
def take_data(
    items: Sequence[Item], *, client: Client, viewer: User, call: uuid.UUID, at: dt.datetime
) -> list[Taken | Refused]:
    """Takes each item that can be taken; the others are refused one by one, with the reason. In the order of the items.

    The viewer's right to import says for whom they may be: for whoever else, the person is not known.
    """
    named = _Named.by(items, viewer=viewer, at=at)
    readings = [_reading(item, named, key=f"{call}:{number}", at=at) for number, item in enumerate(items)]
    good = [reading for reading in readings if isinstance(reading, NewReading)]
    record_readings(good, source=f"api:{client.pk}", at=at, keys_are_new=True)
    values = _values(good)
    return [
        reading
        if isinstance(reading, Refused)
        else _taken(item, named, values[reading.agent_id, reading.workday, reading.metric.pk])
        for item, reading in zip(items, readings, strict=True)
    ]


class Known(NamedTuple):
    """A person for whom the client may write."""

    pk: int
    public_id: uuid.UUID
    email: str | None
    division: int | None


@dataclass(frozen=True)
class _Named:
    """What the items name, read at once: people by id and by e-mail, metrics, and today in each division."""

    by_id: dict[str, Known]
    by_email: dict[str, Known]
    metrics: dict[str, Metric]
    today: dict[int, dt.date]

    @classmethod
    def by(cls, items: Iterable[Item], *, viewer: User, at: dt.datetime) -> "_Named":
        ids = {item.user_id: _uuid(item.user_id) for item in items if item.user_id}
        emails = {item.user_email.lower() for item in items if item.user_email}
        named = Q(public_id__in=set(ids.values()) - {None})
        if emails:
            named |= Q(mail__in=emails)
        inside = people_within(viewer, Permission.IMPORT, on=at.astimezone(dt.UTC).date()).order_by()
        rows = inside.alias(mail=Lower("email")).filter(named)
        people = [Known(*row) for row in rows.values_list("pk", "public_id", "email", "division_today")]
        metrics = known_metrics().filter(pk__in={int(item.metric_id) for item in items if _is_key(item.metric_id)})
        by_id = {person.public_id: person for person in people}
        return cls(
            by_id={text: by_id[public_id] for text, public_id in ids.items() if public_id in by_id},
            by_email={person.email.lower(): person for person in people if person.email},
            metrics={str(metric.pk): metric for metric in metrics},
            today={division.pk: at.astimezone(division.zone).date() for division in Division.objects.all()},
        )

    def person(self, item: Item) -> Known | None:
        if item.user_id:
            return self.by_id.get(item.user_id)
        return self.by_email.get(item.user_email.lower())


def _reading(item: Item, named: _Named, *, key: str, at: dt.datetime) -> NewReading | Refused:
    person, metric = named.person(item), named.metrics.get(item.metric_id)
    if why := next(_reasons(item, person, metric, named, at=at), None):
        return Refused(item, *why)
    reading = NewReading(
        metric=metric,
        agent_id=person.pk,
        workday=item.on,
        value=item.value,
        key=key,
        count=None if item.count is None else Decimal(item.count),
        kind=item.kind,
    )
    try:
        refuse_reading(reading)
    except ReadingRefused as error:
        return Refused(item, "value.invalid", f"{str(error)[:1].upper()}{str(error)[1:]}.")
    return reading


def _reasons(
    item: Item, person: Known | None, metric: Metric | None, named: _Named, *, at: dt.datetime
) -> Iterator[tuple[str, str]]:
    """Why an item is not taken, as code and sentence, the first that holds first."""
    if bool(item.user_id) == bool(item.user_email):
        yield "user.invalid", "Name the person by userId or by userEmail, by one of them."
    if person is None:
        yield "user.not.found", "There is no such person that this client may write for."
    if metric is None:
        yield "metric.not.found", "There is no such external metric."
    elif not metric.is_active:
        yield "metric.disabled", "This metric is disabled."
    today = named.today.get(person and person.division, at.astimezone(dt.UTC).date())
    if not today - EARLIEST <= item.on <= today + LATEST:
        yield "date.out.of.range", f"Dates from {today - EARLIEST} to {today + LATEST} are taken."


def _values(readings: Iterable[NewReading]) -> dict[tuple, tuple[Decimal | None, int]]:
    """(agent id, workday, metric id) → total and count of the day after all its readings."""
    keys, adding = set(), set()
    for reading in readings:
        key = (reading.agent_id, reading.workday, reading.metric.pk)
        keys.add(key)
        if reading.kind == ReadingKind.CUMULATIVE and reading.count is None:
            adding.add(key)
    measured = added_up(adding) if adding else {}
    if rest := keys - measured.keys():
        measured |= day_readings(rest)
    found = {}
    for key in keys:
        folded = fold(measured.get(key, ()))
        found[key] = (Decimal(folded.total).scaleb(-5), folded.count // 1000) if folded else (None, 0)
    return found


def _taken(item: Item, named: _Named, value: tuple[Decimal | None, int]) -> Taken:
    return Taken(item, named.person(item), *value)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
