"""What drafted terms would have paid in past periods, and whom other pools would keep. Masked here for the viewer.

Names and single amounts are shown of people whose figures the viewer may see. Figures of the whole goal are shown to
whoever sees all of it (the team's leads, the division's evaluators), and to others where nobody, or at least *k*
people, stand behind the difference.
"""

import datetime as dt
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from fractions import Fraction

from django.conf import settings

from foundation.periods import Period
from ledger.enums import AccountKind
from ledger.models import Account
from ledger.queries import balance_of
from metrics.enums import Aggregation
from people.access import may, reach, visible_people
from people.enums import Permission
from people.models import User
from people.queries import teams_led_by
from people.rules.privacy import minimum_group

from ..enums import GoalStatus, Scope, Unpaid
from ..models import Goal
from ..rules.drafts import GoalDraft
from ..rules.settle import Contribution, MemberResult, Settlement, settle, value_of
from .drafts import UNSAVED, unsaved_terms
from .due import current_period
from .facts import Gathered, gather
from .terms import rule_terms

TRIED_PERIODS = 3


@dataclass(frozen=True)
class TrialMember:
    """One member's part of a tried period, for those who may see it."""

    name: str
    value: Fraction | None
    points: int
    because: str


@dataclass(frozen=True)
class TrialPeriod:
    """A past period under the drafted terms. Where `is_hidden`, only `members` that the viewer may see are filled."""

    period: Period
    is_hidden: bool
    value: Fraction | None
    status: str
    points: int
    because: str
    achieved: int
    paid: int
    people: int
    members: tuple[TrialMember, ...]
    others: int

    @property
    def status_word(self) -> str:
        return str(GoalStatus(self.status).label) if self.status else ""


@dataclass(frozen=True)
class TwoFigures:
    """An average over a team in both ways: over everything together, and the mean of the members' own averages."""

    together: Fraction
    mean_of_members: Fraction


@dataclass(frozen=True)
class Kept:
    """Members whom another goal's pool pays instead. Names only of those the viewer may see."""

    period: Period
    named: tuple[tuple[str, str], ...]
    others: int

    @property
    def number(self) -> int:
        return len(self.named) + self.others


@dataclass(frozen=True)
class ShortPool:
    """A pool that has fewer points available than a tried period would have needed."""

    name: str
    available: int
    needed: int


@dataclass(frozen=True)
class Trial:
    """The last periods, oldest first; `figures` of the newest for an average of a team; `kept` from when it holds;
    `short` where the pool, as it is, could not pay the dearest of them."""

    periods: tuple[TrialPeriod, ...]
    figures: TwoFigures | None
    kept: Kept
    short: ShortPool | None = None


def what_would_be_paid(
    goal: Goal, draft: GoalDraft, *, viewer: User, on: dt.date, at: dt.datetime, holds_from: Period
) -> Trial:
    """Settles the last three periods by the drafted terms, with the rule and the facts that closing uses."""
    goal = _tried(goal)
    periods = past_periods(goal, at=at)
    sees_all = sees_whole(viewer, goal, on=on)
    tried = [_settled(goal, draft, period) for period in periods]
    shown = tuple(_shown(*each, period, viewer, on, sees_all) for each, period in zip(tried, periods, strict=True))
    return Trial(
        shown,
        _figures(draft, *tried[-1], viewer=viewer, on=on, sees_all=sees_all),
        kept_by_other_pools(goal, draft, holds_from, viewer=viewer, on=on),
        short_pool(draft, needed=max(each.points for each in shown)),
    )


def short_pool(draft: GoalDraft, *, needed: int) -> ShortPool | None:
    """The draft's pool where it holds less than `needed`: it would pay nobody, and go to review."""
    pool = Account.objects.filter(pk=draft.pool_id, kind=AccountKind.POOL).first() if draft.pool_id else None
    if pool is None:
        return None
    available = balance_of(pool).available
    return ShortPool(str(pool), available, needed) if available < needed else None


def past_periods(goal: Goal, *, at: dt.datetime) -> list[Period]:
    """The periods before the running one, oldest first."""
    found = [current_period(goal, at=at).previous]
    while len(found) < TRIED_PERIODS:
        found.append(found[-1].previous)
    return found[::-1]


def sees_whole(viewer: User, goal: Goal, *, on: dt.date) -> bool:
    """Whether the viewer sees every member's part of a goal of this team."""
    if reach(viewer, Permission.VIEW_DIVISION).covers(goal.team.division):
        return True
    return may(viewer, Permission.VIEW_LED) and teams_led_by(viewer, on=on).filter(pk=goal.team_id).exists()


def kept_by_other_pools(goal: Goal, draft: GoalDraft, period: Period, *, viewer: User, on: dt.date) -> Kept:
    """Members of the period whom another pool keeps, as far as today's teams and queues tell."""
    goal = _tried(goal)
    found = gather([goal], period, until=period.start, terms={goal.pk: unsaved_terms(goal, draft)})[goal.pk]
    visible = visible_names(found.kept_by, viewer, on=on)
    goals = Goal.objects.in_bulk(set(found.kept_by.values()))
    named = sorted((name, str(goals[found.kept_by[person]])) for person, name in visible.items())
    return Kept(period, tuple(named), len(found.kept_by) - len(named))


def visible_names(people: Iterable[int], viewer: User, *, on: dt.date) -> dict[int, str]:
    """Person id → name, of those whose figures the viewer may see."""
    rows = visible_people(viewer, on=on).filter(pk__in=list(people))
    return dict(rows.values_list("pk", "name"))


def _tried(goal: Goal) -> Goal:
    """The goal with a key to gather by; one that is not saved yet gets one that no row has."""
    tried = copy(goal)
    tried.pk = UNSAVED if goal.pk is None else goal.pk
    return tried


def _settled(goal: Goal, draft: GoalDraft, period: Period) -> tuple[Gathered, Settlement]:
    found = gather([goal], period, terms={goal.pk: unsaved_terms(goal, draft)})[goal.pk]
    return found, settle(rule_terms(goal, found.terms), found.contributions, found.facts)


def _is_hidden(found: Gathered, visible: dict[int, str], sees_all: bool) -> bool:
    """Whether what the whole goal has, less what the viewer sees of it, would tell about few people."""
    unseen = sum(1 for each in found.contributions if (each.days or each.count) and each.person_id not in visible)
    return not sees_all and 0 < unseen < minimum_group(settings.LAUREL_MINIMUM_GROUP)


def _shown(found: Gathered, settlement: Settlement, period: Period, viewer: User, on, sees_all: bool) -> TrialPeriod:
    visible = visible_names((each.person_id for each in found.contributions), viewer, on=on)
    hidden = _is_hidden(found, visible, sees_all)
    results = {each.person_id: each for each in settlement.members}
    averages = found.terms.aggregation == Aggregation.AVERAGE
    members = [
        _member(visible[each.person_id], each, results[each.person_id], averages)
        for each in found.contributions
        if each.person_id in visible and not hidden
    ]
    return TrialPeriod(
        period=period,
        is_hidden=hidden,
        value=None if hidden else settlement.value,
        status="" if hidden else settlement.status or "",
        points=0 if hidden else settlement.points,
        because="" if hidden else _because(settlement.because),
        achieved=0 if hidden else sum(each.status == GoalStatus.ACHIEVED for each in settlement.members),
        paid=0 if hidden else len(settlement.paid),
        people=0 if hidden else len(found.contributions),
        members=tuple(sorted(members, key=lambda one: (-one.points, one.name))),
        others=0 if hidden else len(found.contributions) - len(members),
    )


def _member(name: str, each: Contribution, result: MemberResult, averages: bool) -> TrialMember:
    return TrialMember(name, value_of([each], averages=averages), result.points, _because(result.because))


def _because(reason: str | None) -> str:
    return str(Unpaid(reason).label) if reason else ""


def _figures(
    draft: GoalDraft, found: Gathered, settlement: Settlement, *, viewer: User, on: dt.date, sees_all: bool
) -> TwoFigures | None:
    """Both averages of a team goal; None where they do not apply, have no data, or tell about few people."""
    if draft.aggregation != Aggregation.AVERAGE or found.goal.scope != Scope.TEAM or settlement.value is None:
        return None
    if _is_hidden(found, visible_names((each.person_id for each in found.contributions), viewer, on=on), sees_all):
        return None
    own = [value_of([each], averages=True) for each in found.contributions if each.count]
    return TwoFigures(settlement.value, sum(own) / len(own))
