"""Making a goal, and changing how it is settled: a new row of terms, never a changed one."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from people.access import require
from people.enums import Permission
from people.models import User

from ..models import Goal, GoalTerms
from ..queries.drafts import (
    draft_of,
    end_problem,
    has_begun,
    multipliers_of,
    newest_terms,
    problems_with,
    start_problem,
    takes_effect,
    terms_of,
)
from ..rules.drafts import GoalDraft


class TermsRefused(ValueError):
    """Drafted terms cannot be published; the message is a sentence for people."""


class ReasonNeeded(TermsRefused):
    """A change of the running period without a reason."""


@transaction.atomic
def publish_goal_terms(
    *, goal: Goal, draft: GoalDraft, by: User | None, at: dt.datetime, now_with_reason: str | None = None
) -> GoalTerms:
    """Has a goal settled by the drafted terms from its next period on; with a reason from the running one on.

    Only who configures scoring in the team's division may change the running period (PermissionDenied, ReasonNeeded).
    TermsRefused when the draft is no rule. Terms that were to hold later are replaced; closed periods keep theirs.
    """
    Goal.objects.select_for_update().get(pk=goal.pk)
    now = now_with_reason is not None
    if now:
        _require_reason(goal, now_with_reason, by)
    from_on = takes_effect(goal, at=at, now=now).start
    problems = problems_with(goal, draft, from_on=from_on)
    if problems:
        raise TermsRefused(next(iter(problems.values())))
    _replaced(goal, from_on, at=at).delete()
    reason = now_with_reason.strip() if now else ""
    terms = GoalTerms.objects.create(goal=goal, from_on=from_on, by=by, at=at, reason=reason, **terms_of(draft))
    for row in multipliers_of(draft, terms):
        row.save()  # one by one: each leaves an entry in the audit log
    return terms


@transaction.atomic
def create_goal(
    *, goal: Goal, draft: GoalDraft, by: User | None, at: dt.datetime, now_with_reason: str | None = None
) -> Goal:
    """Saves a new goal with its first terms. It begins with a period that has not begun, or with a reason with the
    running one. TermsRefused where its days or its terms cannot be; who may set goals of the team is for the caller.
    """
    now = now_with_reason is not None
    problem = start_problem(goal, at=at, now=now) or end_problem(goal, at=at, begun=False, now=now)
    if problem:
        raise TermsRefused(problem)
    goal.created_by, goal.created_at = by, at
    goal.save()
    publish_goal_terms(goal=goal, draft=draft, by=by, at=at, now_with_reason=now_with_reason)
    return goal


KEPT = ("scope", "team_id", "with_teams_below", "counted", "metric_id", "frequency", "starts_on")
"""What a goal that has begun keeps, since its results would not be comparable otherwise."""


@transaction.atomic
def revise_goal(
    *, goal: Goal, draft: GoalDraft, by: User | None, at: dt.datetime, now_with_reason: str | None = None
) -> Goal:
    """Saves a changed goal, and its terms from the next period on where they are others; with a reason from the
    running one on. TermsRefused as `create_goal`, and where a goal that has begun would count something else.
    """
    before = Goal.objects.select_related("team__division").select_for_update(of=("self",)).get(pk=goal.pk)
    now, begun = now_with_reason is not None, has_begun(before, at=at)
    if begun and any(getattr(before, name) != getattr(goal, name) for name in KEPT):
        raise TermsRefused(_("A goal that has begun keeps its team, what it counts, its period and its start."))
    problem = "" if begun else start_problem(goal, at=at, now=now)
    if goal.ends_on != before.ends_on or not begun:
        problem = problem or end_problem(goal, at=at, begun=begun, now=now)
    if begun and before.is_active and not goal.is_active and not now:
        problem = problem or _("The running period would not be paid. Set an end, or stop it with a reason.")
    if problem:
        raise TermsRefused(problem)
    goal.save()
    newest = newest_terms(goal)
    if not begun or now or newest is None or draft != draft_of(newest):
        publish_goal_terms(goal=goal, draft=draft, by=by, at=at, now_with_reason=now_with_reason)
    return goal


def _require_reason(goal: Goal, reason: str, by: User | None) -> None:
    if not reason.strip():
        raise ReasonNeeded(_("Say why the running period is changed."))
    if by is not None:
        require(by, Permission.CONFIGURE_SCORING, division=goal.team.division)


def _replaced(goal: Goal, from_on: dt.date, *, at: dt.datetime):
    """Terms that never were in force at the start of a closed period: those from that day on; all of a goal that has
    not begun."""
    return goal.terms.filter(from_on__gte=from_on) if has_begun(goal, at=at) else goal.terms.all()
