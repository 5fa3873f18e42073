"""Dated settings of scoring: terms of objectives, profiles of people, switches of divisions.

Each writes its dated row and touches exactly the open workdays that it changes. Final workdays keep what they paid
until a reopening has them scored anew.
"""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from foundation.records.dated import EVER
from interactions.actions import touch_rows
from interactions.enums import TouchReason
from metrics.actions import narrowed
from metrics.models import Metric
from people.models import Division, Queue, User

from ..enums import GuardOperator, GuardScope
from ..models import (
    DivisionDay,
    Multiplier,
    Objective,
    ObjectiveTerms,
    Profile,
    ProfileAssignment,
    Score,
    ScoreDay,
    ScoringSwitch,
)
from ..rules.scoring import InvalidZones, validate_zones, zones_to_json
from ..rules.terms import TermsDraft

LARGEST_PERCENT = 10_000


class TermsRefused(ValueError):
    """Raised with a sentence for people when drafted terms cannot be published."""


class TermsAlreadyUsed(TermsRefused):
    """Raised when terms from the same day have already scored a final workday: a change needs a later day."""


class ReasonMissing(ValueError):
    """Raised when a reset is given without a reason."""


# Terms -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def publish_terms(
    *, objective: Objective, draft: TermsDraft, from_on: dt.date, by: User | None, at: dt.datetime
) -> ObjectiveTerms:
    """Has an objective scored by the drafted terms from `from_on` until its next ones.

    Terms from the same day are replaced, unless a final workday was scored by them (TermsAlreadyUsed). TermsRefused
    when the draft is no rule. A filter that is new makes its narrowed metric, measured for the workdays touched.
    """
    _refuse_draft(objective, draft)
    queue = Queue.objects.get(pk=draft.queue_id) if draft.queue_id else None
    metric, is_new = narrowed(objective.metric, media_type=draft.media_type, direction=draft.direction, queue=queue)
    _take_away(objective.terms.filter(from_on=from_on).first())
    terms = ObjectiveTerms.objects.create(
        objective=objective,
        from_on=from_on,
        is_active=draft.is_active,
        kind=draft.kind,
        zones=zones_to_json(draft.zones),
        metric=metric,
        media_type=draft.media_type,
        direction=draft.direction,
        queue=queue,
        guard_metric_id=draft.guard_metric_id,
        guard_operator=draft.guard_operator or GuardOperator.AT_LEAST,
        guard_bound=draft.guard_bound if draft.guard_metric_id else None,
        by=by,
        at=at,
    )
    for one in draft.multipliers:  # one by one: each leaves an entry in the audit log
        Multiplier.objects.create(terms=terms, queue_id=one.queue_id, team_id=one.team_id, percent=one.percent)
    later = objective.terms.filter(from_on__gt=from_on).order_by("from_on").values_list("from_on", flat=True).first()
    days = _open_days(from_on=from_on, until_on=later).filter(profile=objective.profile)
    touch_rows(days, reason=TouchReason.METRIC if is_new else TouchReason.TERMS, at=at)
    return terms


def _refuse_draft(objective: Objective, draft: TermsDraft) -> None:
    try:
        validate_zones(draft.kind, draft.zones)
    except InvalidZones as error:
        raise TermsRefused(str(error)) from error
    if draft.guard_metric_id:
        _refuse_guard(objective, draft)
    targets = [(one.queue_id, one.team_id) for one in draft.multipliers]
    if len(set(targets)) != len(targets) or any((queue is None) == (team is None) for queue, team in targets):
        raise TermsRefused("each multiplier is for one queue or one team, and each of them has one")
    if any(not 1 <= one.percent <= LARGEST_PERCENT for one in draft.multipliers):
        raise TermsRefused(f"a multiplier lies between 1 and {LARGEST_PERCENT} percent")


def _refuse_guard(objective: Objective, draft: TermsDraft) -> None:
    if getattr(draft, "guard_scope", "") == GuardScope.HOME_QUEUE:
        raise TermsRefused("a guard on the home queue's value is not offered yet: there are no values of queues")
    if draft.guard_bound is None:
        raise TermsRefused("a guard needs the value that it asks for")
    if draft.guard_metric_id == objective.metric_id:
        raise TermsRefused("a guard must be another metric than the objective's own")
    if not Metric.objects.filter(pk=draft.guard_metric_id, is_active=True).exists():
        raise TermsRefused("the metric of the guard is not active")


def _take_away(old: ObjectiveTerms | None) -> None:
    if old is None:
        return
    final = DivisionDay.objects.filter(division=OuterRef("division"), workday=OuterRef("workday"))
    used = Score.objects.filter(agent=OuterRef("agent"), workday=OuterRef("workday"), terms=old)
    days = ScoreDay.objects.filter(Exists(final), Exists(used), profile=old.objective.profile_id)
    if days.filter(workday__gte=old.from_on).exists():
        raise TermsAlreadyUsed(
            f"final workdays were scored by the terms from {old.from_on}: let the change hold from a later day"
        )
    old.delete()


def _open_days(*, from_on: dt.date, until_on: dt.date | None = None) -> QuerySet[ScoreDay]:
    """Scored days from `from_on` (inclusive) to `until_on` (exclusive) that are not final."""
    final = DivisionDay.objects.filter(division=OuterRef("division"), workday=OuterRef("workday"))
    days = ScoreDay.objects.filter(~Exists(final), workday__gte=from_on)
    return days.filter(workday__lt=until_on) if until_on else days


# Profiles ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def assign_profile(
    *, people: Iterable[User], profile: Profile, from_on: dt.date, by: User | None, at: dt.datetime
) -> int:
    """Has people scored by a profile from `from_on` until their next one. How many had another one on that day."""
    changed = 0
    for person in people:
        row = ProfileAssignment.objects.filter(person=person, from_on=from_on).first()
        if row and row.profile_id == profile.pk:
            continue
        ProfileAssignment.objects.update_or_create(person=person, from_on=from_on, defaults={"profile": profile})
        later = person.profile_assignments.filter(from_on__gt=from_on).order_by("from_on")
        until_on = later.values_list("from_on", flat=True).first()
        days = _open_days(from_on=from_on, until_on=until_on).filter(agent=person)
        touch_rows(days, reason=TouchReason.PROFILE, at=at)
        changed += 1
    return changed


@transaction.atomic
def copy_profile(*, profile: Profile, name: str, on: dt.date, by: User | None, at: dt.datetime) -> Profile:
    """A new profile with the objectives that the other has on a day, without a start date."""
    copy = Profile.objects.create(name=name)
    for objective in profile.objectives.all():
        terms = objective.terms.by(on).first()
        if terms and terms.is_active:
            _copy_objective(copy, objective, terms, by=by, at=at)
    return copy


def _copy_objective(copy: Profile, objective: Objective, terms: ObjectiveTerms, *, by, at) -> None:
    multipliers = list(terms.multipliers.all())
    terms.pk, terms._state.adding = None, True
    terms.objective = Objective.objects.create(profile=copy, metric=objective.metric, position=objective.position)
    terms.from_on, terms.by, terms.at = EVER, by, at
    terms.save()
    for one in multipliers:
        one.pk, one._state.adding, one.terms = None, True, terms
        one.save()


# Switches ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def switch_scoring(
    *, division: Division, is_on: bool, from_on: dt.date, by: User | None, at: dt.datetime, reason: str = ""
) -> ScoringSwitch:
    """Switches scoring of a division on or off from `from_on` until its next switch."""
    row = _put_switch(division, from_on, by=by, at=at, reason=reason.strip(), is_on=is_on)
    _touch_division(division, from_on, at=at)
    return row


@transaction.atomic
def reset_scoring(
    *, division: Division, from_on: dt.date, by: User | None, at: dt.datetime, reason: str
) -> ScoringSwitch:
    """Starts the totals of a division anew from `from_on`: nothing is deleted and no workday is scored otherwise.

    Scoring stays on or off as it is. ReasonMissing without a reason.
    """
    if not reason.strip():
        raise ReasonMissing("a reset needs a reason")
    before = division.scoring_switches.by(from_on).first()
    is_on = before.is_on if before else True
    return _put_switch(division, from_on, by=by, at=at, reason=reason.strip(), is_on=is_on, is_reset=True)


def _put_switch(division, from_on, *, by, at, reason, **fields) -> ScoringSwitch:
    return ScoringSwitch.objects.update_or_create(
        division=division, from_on=from_on, defaults={"by": by, "at": at, "reason": reason, **fields}
    )[0]


def _touch_division(division: Division, from_on: dt.date, *, at: dt.datetime) -> None:
    later = division.scoring_switches.filter(from_on__gt=from_on).order_by("from_on")
    until_on = later.values_list("from_on", flat=True).first()
    days = _open_days(from_on=from_on, until_on=until_on).filter(division=division)
    touch_rows(days, reason=TouchReason.SCORING, at=at)
