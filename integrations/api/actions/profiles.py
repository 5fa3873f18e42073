"""Profiles, their members and objectives, as the API's callers change them. The writes are those of scorecards."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from metrics.models import Metric
from people.models import Division, User
from people.queries import today_of
from scorecards.actions import TermsRefused, assign_profile, copy_profile, publish_terms, switch_scoring
from scorecards.models import Objective, Profile
from scorecards.queries import default_profile, first_open_day
from scorecards.rules.terms import TermsDraft

from ..models import ProfileDetail

MOST_METRICS = 50


class Refusal(ValueError):
    """Raised with a sentence for people when a profile cannot be changed so."""


class Taken(Refusal):
    """Raised when the name, or the metric, is there already."""


@transaction.atomic
def create_profile(
    *, name: str, copies_metrics: bool, detail: Mapping, by: User, on: dt.date, at: dt.datetime
) -> Profile:
    """A profile with the objectives of the default one, or with none. Nobody has it yet. Taken."""
    _refuse_taken(name)
    default = default_profile() if copies_metrics else None
    profile = (
        copy_profile(profile=default, name=name, on=on, by=by, at=at) if default else Profile.objects.create(name=name)
    )
    ProfileDetail.objects.create(profile=profile, made_at=at, **detail)
    return profile


@transaction.atomic
def change_profile(profile: Profile, *, name: str, order: Sequence[int], detail: Mapping, at: dt.datetime) -> Profile:
    """Name, order of objectives and what the API keeps besides. Taken."""
    if name != profile.name:
        _refuse_taken(name)
        profile.name = name
        profile.save()
    objectives = {objective.pk: objective for objective in profile.objectives.all()}
    if unknown := set(order) - set(objectives):
        raise Refusal(f"metricOrders: {', '.join(map(str, sorted(unknown)))} are no metrics of this profile")
    for position, pk in enumerate(order, start=1):
        if objectives[pk].position != position:
            objectives[pk].position = position
            objectives[pk].save()
    ProfileDetail.objects.update_or_create(profile=profile, defaults=detail, create_defaults={"made_at": at, **detail})
    return profile


@transaction.atomic
def switch_profile(profile: Profile, *, is_active: bool) -> Profile:
    """Offered to be given to people, or not. Whoever has it keeps it. Refusal for the default one."""
    if profile.is_default and not is_active:
        raise Refusal("The default profile stays active: it scores everyone without another one.")
    if profile.is_active != is_active:
        profile.is_active = is_active
        profile.save()
    return profile


def _refuse_taken(name: str) -> None:
    if Profile.objects.filter(name=name).exists():
        raise Taken("Another profile has this name.")


# Members ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def assign_members(profile: Profile, people: Iterable[User], *, by: User, at: dt.datetime) -> None:
    """Has people scored by the profile from their own today on."""
    for person in people:
        assign_profile(people=[person], profile=profile, from_on=today_of(person, at=at), by=by, at=at)


@transaction.atomic
def remove_members(people: Iterable[User], *, by: User, at: dt.datetime) -> None:
    """Has people scored by the default profile from their own today on. Refusal where there is none."""
    default = default_profile()
    if default is None:
        raise Refusal("There is no default profile that they would have then.")
    assign_members(default, people, by=by, at=at)


# Objectives -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """What an objective is to be from a day on."""

    draft: TermsDraft
    from_on: dt.date


@transaction.atomic
def create_objective(profile: Profile, metric: Metric, change: Change, *, by: User, at: dt.datetime) -> Objective:
    """A metric in a profile, at its end. Refusal, Taken."""
    known = list(profile.objectives.all())
    if any(objective.metric_id == metric.pk for objective in known):
        raise Taken("The profile has this metric already.")
    if len(known) >= MOST_METRICS:
        raise Refusal(f"A profile has at most {MOST_METRICS} metrics.")
    position = 1 + max((objective.position for objective in known), default=0)
    objective = Objective.objects.create(profile=profile, metric=metric, position=position)
    change_objective(objective, change, by=by, at=at)
    return objective


@transaction.atomic
def change_objective(objective: Objective, change: Change, *, by: User, at: dt.datetime) -> None:
    """Has an objective scored otherwise from a day on that is not final. Refusal."""
    earliest = first_open_day()
    if earliest and change.from_on < earliest:
        raise Refusal(f"Workdays before {earliest} are final: dateStart may be that day or a later one.")
    try:
        publish_terms(objective=objective, draft=change.draft, from_on=change.from_on, by=by, at=at)
    except TermsRefused as error:
        raise Refusal(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error


# Status -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def switch_divisions(
    divisions: Iterable[Division], *, is_on: bool, from_on: dt.date, by: User, at: dt.datetime
) -> None:
    """Switches scoring on or off where it is otherwise on that day. Refusal for days that are final."""
    earliest = first_open_day()
    if earliest and from_on < earliest:
        raise Refusal(f"Workdays before {earliest} are final: dateStart may be that day or a later one.")
    for division in divisions:
        before = division.scoring_switches.by(from_on).first()
        if (before.is_on if before else True) is not is_on:
            switch_scoring(division=division, is_on=is_on, from_on=from_on, by=by, at=at)
