"""Changing how a goal is settled: a new row of terms, never a changed one."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from people.access import require
from people.enums import Permission
from people.models import User

from ..models import Goal, GoalTerms
from ..queries.drafts import has_begun, multipliers_of, problems_with, takes_effect, terms_of
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


def _require_reason(goal: Goal, reason: str, by: User | None) -> None:
    if not reason.strip():
        raise ReasonNeeded(_("Say why the running period is changed."))
    if by is not None:
        require(by, Permission.CONFIGURE_SCORING, division=goal.team.division)


def _replaced(goal: Goal, from_on: dt.date, *, at: dt.datetime):
    """Terms that never were in force at the start of a closed period: those from that day on; all of a goal that has
    not begun."""
    return goal.terms.filter(from_on__gte=from_on) if has_begun(goal, at=at) else goal.terms.all()
