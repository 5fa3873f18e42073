"""Drafted terms beside what is stored: as rows that are not saved, and what speaks against publishing them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import fields

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from foundation.periods import Period
from ledger.enums import AccountKind
from ledger.models import Account
from metrics.models import Metric
from metrics.queries import has_queue_values
from scorecards.rules.terms import DraftMultiplier

from ..enums import Counted, GuardScope, Scope
from ..models import Goal, GoalMultiplier, GoalTerms
from ..rules.drafts import GoalDraft, problems_of
from .due import current_period, first_period

UNSAVED = 2**62
"""Primary key that a goal or terms carry while they are only tried: above all others, as a new row's will be."""
COLUMNS = tuple(each.name for each in fields(GoalDraft) if each.name != "multipliers")


def draft_of(terms: GoalTerms) -> GoalDraft:
    """The draft that would publish the same terms again."""
    multipliers = in_order(DraftMultiplier(one.percent, one.queue_id, one.team_id) for one in terms.multipliers.all())
    return GoalDraft(**{name: getattr(terms, name) for name in COLUMNS}, multipliers=multipliers)


def in_order(multipliers: Iterable[DraftMultiplier]) -> tuple[DraftMultiplier, ...]:
    return tuple(sorted(multipliers, key=lambda one: (one.queue_id or 0, one.team_id or 0)))


def terms_of(draft: GoalDraft) -> dict:
    """The columns of a row of terms."""
    return {name: getattr(draft, name) for name in COLUMNS}


def unsaved_terms(goal: Goal, draft: GoalDraft) -> GoalTerms:
    """Terms as `gather` and `settle` take them, with their multipliers; never saved."""
    terms = GoalTerms(pk=UNSAVED, goal=goal, **terms_of(draft))
    terms._prefetched_objects_cache = {"multipliers": multipliers_of(draft)}
    return terms


def multipliers_of(draft: GoalDraft, terms: GoalTerms | None = None) -> list[GoalMultiplier]:
    """Rows that are not saved yet, of those terms where they are given."""
    return [
        GoalMultiplier(terms=terms, queue_id=one.queue_id, team_id=one.team_id, percent=one.percent)
        for one in draft.multipliers
    ]


def newest_terms(goal: Goal) -> GoalTerms | None:
    """The terms with the latest start: those that will hold when nothing is changed."""
    if goal.pk is None:
        return None
    rows = goal.terms.select_related("pool", "guard_metric", "guard_goal").prefetch_related("multipliers")
    return rows.order_by("-from_on").first()


def has_begun(goal: Goal, *, at: dt.datetime) -> bool:
    """Whether the first whole period of the goal runs or is over."""
    return first_period(goal).start <= current_period(goal, at=at).start


def takes_effect(goal: Goal, *, at: dt.datetime, now: bool) -> Period:
    """The period from which a change holds: the next one, or with `now` the running one; not before the first."""
    running = current_period(goal, at=at)
    return max(running if now else running.next, first_period(goal))


def problems_with(goal: Goal, draft: GoalDraft, *, from_on: dt.date) -> dict[str, str]:
    """Field → sentence for each thing that is wrong with a draft for this goal."""
    unit = goal.metric.unit if goal.metric_id else ""
    is_reported = goal.counted == Counted.REPORTED
    found = problems_of(draft, scope=goal.scope, unit=unit, metric_id=goal.metric_id, is_reported=is_reported)
    return {**_bad_guard_goal(goal, draft, from_on), **_bad_queue_guard(goal, draft), **_bad_references(draft), **found}


def start_problem(goal: Goal, *, at: dt.datetime, now: bool) -> str:
    """Why a goal that has not begun cannot start when it says; empty when it can. With `now` the running period may
    be its first.
    """
    running = current_period(goal, at=at)
    earliest = running.start if now else running.next.start
    if first_period(goal).start >= earliest:
        return ""
    text = _("The first period cannot have begun before. Choose %(day)s or a later day.")
    return text % {"day": date_format(earliest, "SHORT_DATE_FORMAT")}


def end_problem(goal: Goal, *, at: dt.datetime, begun: bool, now: bool) -> str:
    """Why a goal cannot end when it says; empty when it can. With `now` a begun goal may end in its running period."""
    period = current_period(goal, at=at) if begun else first_period(goal)
    if goal.ends_on is None or goal.ends_on >= period.end or (begun and now):
        return ""
    text = (
        _("The running period would not be paid. Choose %(day)s or a later day.")
        if begun
        else _("The goal would not have one whole period. Choose %(day)s or a later day.")
    )
    return text % {"day": date_format(period.end, "SHORT_DATE_FORMAT")}


def _bad_references(draft: GoalDraft) -> dict[str, str]:
    found = {}
    if draft.pool_id and not Account.objects.filter(pk=draft.pool_id, kind=AccountKind.POOL).exists():
        found["pool"] = _("Choose a reward pool.")
    if draft.guard_metric_id and not Metric.objects.filter(pk=draft.guard_metric_id, is_active=True).exists():
        found["guard_metric"] = _("The metric of the guard is not active.")
    return found


def _bad_queue_guard(goal: Goal, draft: GoalDraft) -> dict[str, str]:
    """A guard of a queue's value needs a metric that queues have, and a queue to look at."""
    if not draft.guard_metric_id or draft.guard_scope != GuardScope.HOME_QUEUE:
        return {}
    metric = Metric.objects.filter(pk=draft.guard_metric_id).first()
    if metric and not has_queue_values(metric):
        return {"guard_metric": _("A queue has no value of this metric. Choose one over interactions.")}
    if goal.scope == Scope.TEAM and goal.team.primary_queue_id is None:
        return {"guard_scope": _("The team has no primary queue. Give it one, or choose the team's own value.")}
    return {}


def _bad_guard_goal(goal: Goal, draft: GoalDraft, from_on: dt.date) -> dict[str, str]:
    guard = Goal.objects.filter(pk=draft.guard_goal_id).first() if draft.guard_goal_id else None
    if guard is None:
        return {}
    sentence = ""
    if guard.pk == goal.pk or closes_circle(goal, guard, on=from_on):
        sentence = _("Goals cannot guard each other in a circle.")
    elif guard.frequency != goal.frequency:
        sentence = _("The guarding goal must have the same period.")
    elif guard.scope == Scope.INDIVIDUAL:
        sentence = _("Choose a goal of a team: an individual goal has no status of its own.")
    elif not guard.is_active or first_period(guard).start > from_on or _ends_earlier(guard, goal):
        sentence = _("The guarding goal must be active in every period of this goal.")
    return {"guard_goal": sentence} if sentence else {}


def _ends_earlier(guard: Goal, goal: Goal) -> bool:
    return guard.ends_on is not None and (goal.ends_on is None or guard.ends_on < goal.ends_on)


def closes_circle(goal: Goal, guard: Goal, *, on: dt.date) -> bool:
    """Whether the goal guards its guard, directly or through others, by terms in force on that day or later."""
    guards = _guards(on=on)
    reached, next_up = set(), {guard.pk}
    while next_up:
        reached |= next_up
        next_up = {found for each in next_up for found in guards.get(each, ())} - reached
    return goal.pk in reached


def _guards(*, on: dt.date) -> dict[int, set[int]]:
    """Goal id → the goals that guard it on a day or later."""
    rows = GoalTerms.objects.order_by("goal_id", "from_on").values_list("goal_id", "from_on", "guard_goal_id")
    found: dict[int, list[int | None]] = {}
    for goal_id, from_on, guard_id in rows:
        found[goal_id] = [guard_id] if from_on <= on else [*found.get(goal_id, []), guard_id]
    return {goal_id: {each for each in ids if each} for goal_id, ids in found.items()}
