"""Drafted terms of a goal as plain values, and what is wrong with them. Pure: values in the natural unit."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.utils.translation import gettext as _

from metrics.enums import Aggregation, Unit
from scorecards.enums import GuardOperator
from scorecards.rules.terms import DraftMultiplier

from ..enums import Expiry, GoalStatus, GuardScope, Operator, PayForm, PayMode, Scope, Sharing

MOST_TOLERANCE = Decimal(10)
MOST_LAG_MINUTES = 7 * 24 * 60
MOST_STABILISATION_HOURS = 30 * 24
MOST_POINTS = 1_000_000


@dataclass(frozen=True)
class GoalDraft:
    """Everything that a row of terms says, before it is one."""

    achieved: Decimal
    aggregation: str = Aggregation.SUM
    operator: str = Operator.GTE
    on_track: Decimal | None = None
    at_risk: Decimal | None = None
    minimum_volume: Decimal = Decimal(0)
    pay_form: str = PayForm.BINARY
    pay_mode: str = PayMode.PER_MEMBER
    points: int = 0
    floor_percent: Decimal = Decimal(100)
    floor_points: int = 0
    cap_points: int | None = None
    sharing: str = Sharing.EQUITY
    pool_id: int | None = None
    expiry: str = Expiry.NEVER
    expires_after_days: int | None = None
    guard_metric_id: int | None = None
    guard_operator: str = GuardOperator.AT_LEAST
    guard_bound: Decimal | None = None
    guard_scope: str = GuardScope.OWN
    guard_goal_id: int | None = None
    guard_goal_status: str = GoalStatus.ACHIEVED
    lag_minutes: int = 120
    stabilisation_hours: int = 72
    tolerance_percent: Decimal = Decimal(2)
    multipliers: tuple[DraftMultiplier, ...] = ()


def problems_of(
    draft: GoalDraft, *, scope: str, unit: str, metric_id: int | None, is_reported: bool = False
) -> dict[str, str]:
    """Field → sentence for each thing that is wrong; empty when the draft can be published. `unit` is the metric's, or
    empty where scored points are counted.
    """
    return {
        **_thresholds(draft),
        **_measured(draft, unit),
        **_volume(draft),
        **_pay(draft, scope),
        **_scaled(draft),
        **_expiry(draft),
        **_guard(draft, metric_id),
        **_multipliers(draft),
        **_closing(draft),
        **(_reported(draft, scope) if is_reported else {}),
    }


def _reported(draft, scope):
    """Another system says how the team stands, and nothing of who brought what."""
    found = {}
    if scope == Scope.INDIVIDUAL:
        found["scope"] = _("Another system reports the status of a team. Choose “the team together”.")
    if draft.pay_form == PayForm.SCALED:
        found["pay_form"] = _("A reported status pays all or nothing.")
    if draft.pay_mode == PayMode.FIXED_POOL and draft.sharing == Sharing.CONTRIBUTION:
        found["sharing"] = _("Nothing is known of each member's contribution. Share equally.")
    return found


def _thresholds(draft):
    rising = draft.operator == Operator.GTE
    order = [("achieved", draft.achieved), ("on_track", draft.on_track), ("at_risk", draft.at_risk)]
    known = [(name, value) for name, value in order if value is not None]
    for (better, above), (name, value) in pairwise(known):
        if not (value < above if rising else value > above):
            return {name: _order_sentence(name, better, rising)}
    return {}


def _order_sentence(name, better, rising):
    words = {"achieved": _("achieved"), "on_track": _("on track"), "at_risk": _("at risk")}
    text = (
        _("With “at least”, %(worse)s must be below %(better)s.")
        if rising
        else _("With “at most”, %(worse)s must be above %(better)s.")
    )
    return text % {"worse": f"“{words[name]}”", "better": f"“{words[better]}”"}


def _measured(draft, unit):
    if unit == Unit.PERCENT and draft.aggregation == Aggregation.SUM:
        return {"aggregation": _("Percents cannot be added up. Choose the average.")}
    return {}


def _volume(draft):
    if draft.minimum_volume < 0:
        return {"minimum_volume": _("This cannot be below zero.")}
    guarded = draft.guard_metric_id or draft.guard_goal_id
    if (
        draft.operator == Operator.LTE
        and draft.aggregation == Aggregation.SUM
        and not (draft.minimum_volume or guarded)
    ):
        return {
            "minimum_volume": _("Doing nothing reaches “at most” on a sum. Ask for a minimum volume, or set a guard.")
        }
    return {}


def _pay(draft, scope):
    found = {}
    if scope == Scope.INDIVIDUAL and draft.pay_mode == PayMode.FIXED_POOL:
        found["pay_mode"] = _("Only a team shares a fixed number of points.")
    if max(draft.points, draft.cap_points or 0) > MOST_POINTS:
        found["points"] = _("At most %(most)s points.") % {"most": MOST_POINTS}
    return found


def _scaled(draft):
    if draft.pay_form != PayForm.SCALED:
        return {}
    found = {}
    if draft.achieved <= 0:
        found["achieved"] = _("Scaled pay needs a target above zero.")
    if not 0 < draft.floor_percent <= 100:
        found["floor_percent"] = _("The floor lies above 0 and not above 100 percent.")
    if draft.floor_points > draft.points:
        found["floor_points"] = _("The floor cannot pay more than 100 percent does.")
    if draft.cap_points is not None and draft.cap_points < draft.points:
        found["cap_points"] = _("The most cannot be less than the points at 100 percent.")
    return found


def _expiry(draft):
    if draft.expiry == Expiry.AFTER_DAYS and not draft.expires_after_days:
        return {"expires_after_days": _("Say after how many days points expire.")}
    return {}


def _guard(draft, metric_id):
    if draft.guard_metric_id and draft.guard_goal_id:
        return {"guard_goal": _("Guard by a metric or by a goal, not by both.")}
    if not draft.guard_metric_id:
        return {}
    if draft.guard_bound is None:
        return {"guard_bound": _("Say which value the guard asks for.")}
    if draft.guard_metric_id == metric_id:
        return {"guard_metric": _("A guard must be another metric than the goal's own.")}
    return {}


def _multipliers(draft):
    targets = [(each.queue_id, each.team_id) for each in draft.multipliers]
    if len(set(targets)) != len(targets) or any((queue is None) == (team is None) for queue, team in targets):
        return {"multipliers": _("Each multiplier is for one queue or one team, and each of them has one.")}
    if any(not 1 <= each.percent <= 10_000 for each in draft.multipliers):
        return {"multipliers": _("A multiplier lies between 1 and 10,000 percent.")}
    return {}


def _closing(draft):
    limits = [
        ("lag_minutes", draft.lag_minutes, MOST_LAG_MINUTES),
        ("stabilisation_hours", draft.stabilisation_hours, MOST_STABILISATION_HOURS),
        ("tolerance_percent", draft.tolerance_percent, MOST_TOLERANCE),
    ]
    return {
        name: _("This lies between 0 and %(most)s.") % {"most": most}
        for name, value, most in limits
        if not 0 <= value <= most
    }
