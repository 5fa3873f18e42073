"""Goals of the demo centre: a shared one with a pool, one of a team too small to show its total, one for each agent."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Sum

from foundation.periods import DAY, Kind, Period, period_of
from goals.actions import close_periods, reconcile
from goals.enums import Counted, Expiry, Operator, PayForm, PayMode, Scope
from goals.models import Goal, GoalTerms
from ledger.actions import expire_due_points, fund_pool
from ledger.enums import AccountKind
from ledger.models import Account
from metrics.enums import Aggregation
from metrics.models import DayValue, Metric
from people.models import Team, TeamMembership, User
from scorecards.enums import GuardOperator
from scorecards.models import ScoreDay

from . import SUPERVISOR
from .plan import SMALLEST_TEAM
from .scoring import SALES_METRIC

NAMESPACE = uuid.UUID("6f0f5c0e-9a53-4b56-9d3c-2f6f2f1f7a01")
POOL_POINTS = 50_000
HOUR_OF_CLOSE = dt.time(12, tzinfo=dt.UTC)


class Plan(NamedTuple):
    """A goal; `share` of what the team brought in the month before is the target, `target` an absolute one."""

    name: str
    team: str
    metric: str
    kind: Kind
    terms: dict
    share: Decimal | None = None
    target: Decimal | None = None
    scope: Scope = Scope.TEAM
    description: str = ""


AVERAGE = {"aggregation": Aggregation.AVERAGE}
PLANS = (
    Plan(
        "Answered together",
        "Berlin support",
        "interactions_answered",
        Kind.MONTHLY,
        {"points": 60},
        share=Decimal("0.97"),
        description="As many contacts as last month, together.",
    ),
    Plan(
        "A week of full points",
        "Berlin support",
        "",
        Kind.WEEKLY,
        {"points": 20, "expiry": Expiry.AFTER_DAYS, "expires_after_days": 60},
        target=Decimal(850),
        scope=Scope.INDIVIDUAL,
    ),
    Plan(
        "Autumn sales",
        "Berlin sales",
        SALES_METRIC,
        Kind.MONTHLY,
        {"points": 1600, "pay_mode": PayMode.FIXED_POOL, "pay_form": PayForm.SCALED, "floor_percent": 90}
        | {"floor_points": 800, "cap_points": 2000, "pooled": True},
        share=Decimal("1.02"),
    ),
    Plan(
        "Solved the first time",
        SMALLEST_TEAM,
        "first_contact_resolution",
        Kind.WEEKLY,
        {"points": 15} | AVERAGE,
        target=Decimal(82),
    ),
    Plan(
        "Calm and quick",
        "Bengaluru billing",
        "average_handle_time",
        Kind.MONTHLY,
        {"points": 40, "operator": Operator.LTE, "guard": ("satisfaction", Decimal("3.6"))} | AVERAGE,
        target=Decimal(330),
    ),
    Plan(
        "Ventas de otoño",
        "Bogotá ventas",
        SALES_METRIC,
        Kind.MONTHLY,
        {"points": 50, "pooled": True},
        share=Decimal("0.95"),
    ),
)


def write_goals(*, seed: int, first: dt.date, at: dt.datetime) -> int:
    """The goals, and their closed periods as beat would have closed them. How many goals."""
    start = period_of(Kind.MONTHLY, first + 32 * DAY).start
    boss = User.objects.get(email=SUPERVISOR.email)
    pool = Account.objects.create(kind=AccountKind.POOL, key=f"RPOOL_{at.year}_Q{(at.month + 2) // 3}", name="Autumn")
    fund_pool(pool, points=POOL_POINTS, key="demo:funding", by=boss, at=at - 40 * DAY)
    for plan in PLANS:
        _write(plan, seed=seed, start=start, boss=boss, pool=pool, at=at)
    _close(start, at=at)
    return len(PLANS)


def _write(plan: Plan, *, seed: int, start: dt.date, boss: User, pool: Account, at: dt.datetime) -> None:
    team = Team.objects.get(name=plan.team)
    metric = Metric.objects.filter(key=plan.metric).first()
    goal = Goal.objects.create(
        public_id=uuid.uuid5(NAMESPACE, f"{seed}:{plan.name}"),
        name=plan.name,
        description=plan.description,
        scope=plan.scope,
        team=team,
        counted=Counted.METRIC if metric else Counted.POINTS,
        metric=metric,
        frequency=plan.kind.value,
        starts_on=start if plan.kind is Kind.MONTHLY else period_of(plan.kind, start + 6 * DAY).start,
        created_by=boss,
        created_at=at - 80 * DAY,
    )
    terms = dict(plan.terms)
    guard = terms.pop("guard", None)
    if guard:
        terms |= {"guard_metric": Metric.objects.get(key=guard[0]), "guard_bound": guard[1]}
        terms |= {"guard_operator": GuardOperator.AT_LEAST}
    if terms.pop("pooled", False):
        terms["pool"] = pool
    GoalTerms.objects.create(
        goal=goal,
        from_on=start - 40 * DAY,
        by=boss,
        at=at - 80 * DAY,
        **_thresholds(plan, team, metric, start),
        **terms,
    )


def _thresholds(plan: Plan, team: Team, metric: Metric | None, start: dt.date) -> dict:
    """Achieved at the target; on track and at risk 5 and 15 percent before it."""
    target = plan.target
    if plan.share:
        target = (plan.share * _brought(team, metric, period_of(Kind.MONTHLY, start))).quantize(Decimal("1E1"))
    near, far = (Decimal("0.95"), Decimal("0.85"))
    if plan.terms.get("operator") == Operator.LTE:
        near, far = Decimal("1.05"), Decimal("1.15")
    return {"achieved": target, "on_track": target * near, "at_risk": target * far}


def _brought(team: Team, metric: Metric | None, period: Period) -> Decimal:
    people = TeamMembership.objects.filter(team=team).values("person")
    within = {"agent__in": people, "workday__gte": period.start, "workday__lt": period.end}
    if metric is None:
        return Decimal(ScoreDay.objects.filter(**within).aggregate(sum=Sum("points"))["sum"] or 0)
    return DayValue.objects.filter(metric=metric, **within).aggregate(sum=Sum("total"))["sum"] or Decimal(100)


def _close(start: dt.date, *, at: dt.datetime) -> None:
    """What beat would have done on the days after each week and month, and once they had settled."""
    day = start
    while (noon := dt.datetime.combine(day, HOUR_OF_CLOSE)) <= at:
        if day.day == 1 or day.weekday() == 0:
            close_periods(at=noon)
        if day.day == 5 or day.weekday() == 4:
            reconcile(at=noon)
        expire_due_points(at=noon)
        day += DAY
