"""Reads that only the API asks for."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import TruncMonth, TruncWeek

from foundation.periods import Kind, Period, period_of
from leaderboards.queries.averages import measured_of_everyone
from metrics.enums import Aggregation, Source
from metrics.models import DayValue, Metric, Reading
from people.access import configurable_people, led_people, may, reach, visible_people
from people.enums import Permission
from people.models import User
from scorecards.models import DivisionDay, ObjectiveTerms, Profile, ProfileAssignment, ScoreDay
from scorecards.page_queries import ONE, Subject
from scorecards.queries import profile_id_on, profiles_within
from scorecards.rules.scoring import Measured


def known_metrics() -> QuerySet[Metric]:
    """External metrics, without those that were deleted by the API."""
    shown = Q(external__isnull=True) | Q(external__deleted_at__isnull=True)
    return Metric.objects.filter(shown, source=Source.EXTERNAL, narrowed_from=None)


def external_metrics() -> QuerySet[Metric]:
    """`known_metrics` as the API shows them, with when each was last sent as `refreshed_at`."""
    last = Reading.objects.filter(metric=OuterRef("pk")).order_by("-pk").values("at")[:1]
    rows = known_metrics().select_related("external")
    return rows.annotate(refreshed_at=Subquery(last)).order_by("name", "pk")


# Profiles ---------------------------------------------------------------------------------------------------------


def profiles_for(viewer: User, *, on: dt.date) -> QuerySet[Profile]:
    """All profiles for who configures scoring; for others those of the people whose figures they may see, and those
    that they configure.
    """
    rows = Profile.objects.select_related("detail__division").prefetch_related("objectives")
    if may(viewer, Permission.CONFIGURE_SCORING):
        return rows
    seen = visible_people(viewer, on=on).annotate(on_profile=profile_id_on(on)).values("on_profile").order_by()
    led = led_people(viewer, on=on, permission=Permission.CONFIGURE_LED)
    return rows.filter(Q(pk__in=seen) | Q(pk__in=profiles_within(led, on=on).values("pk")))


def may_change_profile(viewer: User, profile: Profile, *, on: dt.date) -> bool:
    """As in the admin: who configures scoring everywhere, or leads all the members of the profile."""
    if reach(viewer, Permission.CONFIGURE_SCORING).everywhere:
        return True
    led = led_people(viewer, on=on, permission=Permission.CONFIGURE_LED)
    return profiles_within(led, on=on).filter(pk=profile.pk).exists()


def member_counts(*, on: dt.date) -> dict[int, int]:
    """Profile id → how many active people it scores on a day. One query."""
    people = User.objects.filter(is_active=True, is_service=False).annotate(on_profile=profile_id_on(on)).order_by()
    return {row["on_profile"]: row["count"] for row in people.values("on_profile").annotate(count=Count("pk"))}


def terms_of(profile: Profile, *, on: dt.date) -> list[ObjectiveTerms]:
    """The newest terms of each objective of a profile not after a day, in the profile's order; where all begin later,
    the first ones. Two queries.
    """
    rows = (
        ObjectiveTerms.objects.filter(objective__profile=profile)
        .select_related("objective__metric", "objective__metric__external", "queue")
        .order_by("objective__position", "objective_id", "from_on")
    )
    found: dict[int, ObjectiveTerms] = {}
    for terms in rows:
        if terms.objective_id not in found or terms.from_on <= on:
            found[terms.objective_id] = terms
    return list(found.values())


def given_profiles(people: Iterable[User], *, on: dt.date) -> dict[int, Profile]:
    """Person id → the profile that they were given, in force on a day, other than the default one. One query."""
    rows = ProfileAssignment.objects.filter(person__in=people, from_on__lte=on).select_related("profile")
    newest = {row.person_id: row.profile for row in rows.order_by("from_on")}
    return {person: profile for person, profile in newest.items() if not profile.is_default}


def assignable(viewer: User, public_ids: Iterable, *, on: dt.date) -> dict[str, User]:
    """Of these people, those whom the viewer may put into a profile, by public id."""
    return {
        str(person.public_id): person for person in configurable_people(viewer, on=on).filter(public_id__in=public_ids)
    }


# Values of groups -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Summed:
    """What the agents of a group have together: total and count in stored units, over so many of their workdays."""

    total: int = 0
    count: int = 0
    people: int = 0

    def __add__(self, other: "Summed") -> "Summed":
        return Summed(self.total + other.total, self.count + other.count, self.people + other.people)

    def mean(self, aggregation: str) -> Fraction | None:
        """Of an averaged metric its value; of one that is added up, the mean of an agent's workday."""
        if not self.people:
            return None
        count = self.people * ONE if aggregation == Aggregation.SUM else self.count
        return Measured(self.total, count).value


Sums = dict[int, dict[dt.date, Summed]]


def sums_of(days: QuerySet[ScoreDay], metric_ids: Iterable[int]) -> Sums:
    """Metric id → workday → what the agents of these scored days have together. One query."""
    same = days.filter(agent=OuterRef("agent"), workday=OuterRef("workday")).order_by()
    bounds = days.order_by().aggregate(first=Min("workday"), last=Max("workday"))
    rows = (
        DayValue.objects.filter(Exists(same), metric_id__in=metric_ids)
        .filter(workday__gte=bounds["first"] or dt.date.max, workday__lte=bounds["last"] or dt.date.min)
        .order_by()
        .values_list("metric_id", "workday")
        .annotate(total=Sum(raw_units("total")), count=Sum(raw_units("count")), people=Count("*"))
    )
    found: Sums = {}
    for metric, day, total, count, people in rows:
        found.setdefault(metric, {})[day] = Summed(int(total), int(count), people)
    return found


def raw_units(name: str) -> ExpressionWrapper:
    """The stored whole number of a UnitField."""
    return ExpressionWrapper(F(name), output_field=BigIntegerField())


def own_days(subject: Subject, *, first: dt.date, last: dt.date) -> QuerySet[ScoreDay]:
    return ScoreDay.objects.filter(agent=subject.person, workday__gte=first, workday__lte=last)


def sums_of_peers(subject: Subject, metric_ids: Iterable[int], *, first: dt.date, last: dt.date) -> Sums:
    """The same of a person's profile and division, as published with their board: peers are told nothing live."""
    found: Sums = {metric: {} for metric in metric_ids}
    if subject.profile_id is None:
        return found
    published = measured_of_everyone(subject.profile_id, subject.division_id, first=first, last=last)
    for day, measured in published.items():
        for metric in found.keys() & measured.keys():
            found[metric][day] = Summed(*measured[metric])
    return found


def seen_days(viewer: User, *, on: dt.date, first: dt.date, last: dt.date) -> QuerySet[ScoreDay]:
    """The scored days of the people whose figures the viewer may see: each of them alone, so all of them together."""
    people = visible_people(viewer, on=on).order_by().values("pk")
    return ScoreDay.objects.filter(agent__in=people, profile__isnull=False, workday__gte=first, workday__lte=last)


# Bests ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Best:
    """The most points of anyone in a period, and whose they are."""

    period: Period
    points: int
    people: tuple[User, ...]


STARTS = {Kind.DAILY: F("workday"), Kind.WEEKLY: TruncWeek("workday"), Kind.MONTHLY: TruncMonth("workday")}


def best_points(viewer: User, by: Mapping, *, on: dt.date) -> list[Best]:
    """The best final day, week and month of the people whose figures the viewer may see, the newest of equals; none
    where nothing was earned.
    """
    final = DivisionDay.objects.filter(division=OuterRef("division"), workday=OuterRef("workday"))
    days = seen_days(viewer, on=on, first=dt.date.min, last=dt.date.max).filter(Exists(final), **by)
    found = []
    for kind, starts in STARTS.items():
        sums = days.order_by().annotate(starts=starts).values("agent", "starts").annotate(sum=Sum("points"))
        best = sums.filter(sum__gt=0).order_by("-sum", "-starts").first()
        if best:
            whose = sums.filter(starts=best["starts"], sum=best["sum"]).values_list("agent", flat=True)
            people = User.objects.filter(pk__in=list(whose)).order_by("name", "pk")
            found.append(Best(period_of(kind, best["starts"]), best["sum"], tuple(people)))
    return found
