"""Sums of what the people have whom a viewer may see: by person, team, division, part of the interactions and time."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from foundation.periods import Kind, Period
from metrics.enums import Source
from metrics.models import DayValue, Metric
from metrics.queries import definition_of, leg_sums
from people.access import visible_people
from people.models import DivisionAssignment, TeamMembership, User
from people.queries import default_division

from .enums import FilterField
from .queries import raw_units
from .rules.analytics import part_of, parts_of

OF_LEGS = (FilterField.MEDIA_TYPE, FilterField.DIRECTION, FilterField.QUEUE)


@dataclass(frozen=True)
class Question:
    """What is asked: of which workdays, cut how, grouped by which fields, and limited to which values of fields."""

    days: Period
    kind: Kind | None
    groups: tuple[FilterField, ...]
    only: Mapping[FilterField, Collection]

    @property
    def needs_legs(self) -> bool:
        return any(field in OF_LEGS for field in (*self.groups, *self.only))

    @property
    def needs_places(self) -> bool:
        """Whether the team or division of a person on a day matters."""
        return any(field in (FilterField.TEAM, FilterField.DIVISION) for field in (*self.groups, *self.only))


class Key(NamedTuple):
    """`group` holds a value for each of the question's fields."""

    group: tuple
    part: Period
    metric_id: int


Sums = dict[Key, tuple[int, int]]


def is_of_legs(metric: Metric) -> bool:
    """Whether a metric can be told apart by parts of the interactions."""
    return metric.source == Source.INTERACTIONS and not definition_of(metric).reads_evaluations


def sums_for(viewer: User, question: Question, metrics: Iterable[Metric], *, on: dt.date) -> Sums:
    """Total and count in stored units, of the people whose figures the viewer may see. Somebody of two teams counts in
    both.
    """
    people = visible_people(viewer, on=on).order_by()
    if FilterField.PERSON in question.only:
        people = people.filter(public_id__in=question.only[FilterField.PERSON])
    metric_ids = [metric.pk for metric in metrics]
    if question.needs_legs:
        by = _columns(question)
        return _folded(question, by, _leg_rows(people, question, metric_ids, by))
    days = DayValue.objects.filter(agent__in=people.values("pk"), metric_id__in=metric_ids)
    days = days.filter(workday__gte=question.days.start, workday__lt=question.days.end).order_by()
    if FilterField.TEAM in question.groups and _somebody_is_twice_in_a_team(question):
        by = _columns(question)
        return _folded(question, by, _added(days, [*by, "metric_id"]))
    return _summed(days, question)


def _added(days: QuerySet[DayValue], by: list[str]) -> QuerySet:
    sums = days.values(*by).annotate(total_sum=Sum(raw_units("total")), count_sum=Sum(raw_units("count")))
    return sums.values_list(*by, "total_sum", "count_sum")


# Added up by the database ---------------------------------------------------------------------------------------------

MEMBERSHIP = "agent__team_memberships"
GROUPS = {FilterField.PERSON: "agent", FilterField.TEAM: f"{MEMBERSHIP}__team", FilterField.DIVISION: "division_then"}


def _summed(days: QuerySet[DayValue], question: Question) -> Sums:
    """One row comes for each group, part and metric."""
    parts = parts_of(question.days, question.kind)
    groups = [GROUPS[field] for field in question.groups]
    placed = _placed(days, question).annotate(part=_part(question, parts))
    named = {part.start: part for part in parts} if question.kind == Kind.DAILY else dict(enumerate(parts))
    return {
        Key(tuple(group), named[part], metric_id): (int(total), int(count))
        for *group, part, metric_id, total, count in _added(placed, [*groups, "part", "metric_id"])
        if count
    }


def _part(question: Question, parts: list[Period]):
    """Of a day value: its workday where each is told, else the number of its part."""
    if question.kind == Kind.DAILY:
        return F("workday")
    return _number_of_part(parts, 0, len(parts))


def _number_of_part(parts: list[Period], first: int, end: int) -> Case | Value:
    """By halves: a year of weeks is six comparisons deep."""
    if end - first == 1:
        return Value(first, output_field=IntegerField())
    middle = (first + end) // 2
    return Case(
        When(workday__lt=parts[middle].start, then=_number_of_part(parts, first, middle)),
        default=_number_of_part(parts, middle, end),
        output_field=IntegerField(),
    )


def _placed(days: QuerySet[DayValue], question: Question) -> QuerySet[DayValue]:
    """With the division and each team of its person on its day, as far as they are asked for."""
    if FilterField.DIVISION in (*question.groups, *question.only):
        days = days.annotate(division_then=_division_then())
    if FilterField.DIVISION in question.only:
        days = days.filter(division_then__in=question.only[FilterField.DIVISION])
    teams = question.only.get(FilterField.TEAM)
    if FilterField.TEAM in question.groups:
        holds = _holds(f"{MEMBERSHIP}__", F("workday"))
        return days.filter(holds if teams is None else holds & Q(**{f"{MEMBERSHIP}__team__in": teams}))
    if teams is None:
        return days
    held = TeamMembership.objects.filter(_holds("", OuterRef("workday")), person=OuterRef("agent"), team__in=teams)
    return days.filter(Exists(held))


def _holds(path: str, day: F | OuterRef) -> Q:
    """Whether a membership holds on a day."""
    ends_later = Q(**{f"{path}until_on__isnull": True}) | Q(**{f"{path}until_on__gt": day})
    return Q(**{f"{path}from_on__lte": day}) & ends_later


def _division_then() -> Coalesce:
    assigned = DivisionAssignment.objects.filter(person=OuterRef("agent"), from_on__lte=OuterRef("workday"))
    newest = Subquery(assigned.order_by("-from_on").values("division")[:1])
    return Coalesce(newest, Value(default_division().pk), output_field=BigIntegerField())


def _somebody_is_twice_in_a_team(question: Question) -> bool:
    """Whether two memberships of one person in one team overlap: a join would count such days twice."""
    earlier = TeamMembership.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gt=OuterRef("from_on")),
        person=OuterRef("person"),
        team=OuterRef("team"),
        from_on__lt=OuterRef("from_on"),
    )
    counts = Q(until_on__isnull=True) | Q(until_on__gt=question.days.start)
    return TeamMembership.objects.filter(counts, Exists(earlier), from_on__lt=question.days.end).exists()


# Folded here ----------------------------------------------------------------------------------------------------------


def _folded(question: Question, by: list[str], rows: Iterable[tuple]) -> Sums:
    """From rows of people and days."""
    places = _Places(question) if question.needs_places else None
    found: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    for *cells, metric_id, total, count in rows:
        told = dict(zip(by, cells, strict=True))
        part = part_of(question.days, question.kind, _day(told.get("workday"), question))
        for group in _groups(question, told, places):
            sums = found[Key(group, part, metric_id)]
            sums[0] += int(total)
            sums[1] += int(count)
    return {key: (total, count) for key, (total, count) in found.items() if count}


def _columns(question: Question) -> list[str]:
    """What the rows must tell apart, no more."""
    fields = [field.value for field in question.groups if field in OF_LEGS]
    with_person = FilterField.PERSON in question.groups or question.needs_places
    with_day = question.kind is not None or question.needs_places
    return ["agent"] * with_person + ["workday"] * with_day + fields


def _leg_rows(people: QuerySet[User], question: Question, metric_ids: Sequence[int], by: list[str]) -> Iterable[tuple]:
    only = {field.value: values for field, values in question.only.items() if field in OF_LEGS}
    if not all(only.values()):
        return []
    days = question.days
    return leg_sums(metric_ids, people, by=by, only=only, from_on=days.start, until_on=days.end)


def _day(value, question: Question) -> dt.date:
    if value is None:
        return question.days.start
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _groups(question: Question, told: dict, places: "_Places | None") -> Iterable[tuple]:
    """The groups that a row counts in, none where it is not asked for."""
    values = {FilterField(name): [value] for name, value in told.items() if name in FilterField.values}
    values[FilterField.PERSON] = [told.get("agent")]
    if places:
        day = _day(told["workday"], question)
        values[FilterField.TEAM] = places.teams(told["agent"], day)
        values[FilterField.DIVISION] = [places.division(told["agent"], day)]
    for field in (FilterField.TEAM, FilterField.DIVISION):
        if field in question.only:
            values[field] = [each for each in values[field] if each in question.only[field]]
            if not values[field]:
                return []
    groups: list[tuple] = [()]
    for field in question.groups:
        groups = [(*group, value) for group in groups for value in values[field]]
    return groups


class _Places:
    """The teams and the division of people on days of a question. Read once."""

    def __init__(self, question: Question):
        days = question.days
        ended = Q(until_on__isnull=True) | Q(until_on__gt=days.start)
        rows = TeamMembership.objects.filter(ended, from_on__lt=days.end).order_by("team_id")
        self._teams: dict[int, list[tuple]] = defaultdict(list)
        for person, team, from_on, until_on in rows.values_list("person_id", "team_id", "from_on", "until_on"):
            self._teams[person].append((team, from_on, until_on or dt.date.max))
        rows = DivisionAssignment.objects.filter(from_on__lt=days.end).order_by("from_on")
        self._divisions: dict[int, list[tuple]] = defaultdict(list)
        for person, division, from_on in rows.values_list("person_id", "division_id", "from_on"):
            self._divisions[person].append((division, from_on))
        self._default = default_division().pk

    def teams(self, person: int, day: dt.date) -> list[int]:
        found = (team for team, from_on, until_on in self._teams.get(person, ()) if from_on <= day < until_on)
        return list(dict.fromkeys(found))

    def division(self, person: int, day: dt.date) -> int:
        held = [division for division, from_on in self._divisions.get(person, ()) if from_on <= day]
        return held[-1] if held else self._default
