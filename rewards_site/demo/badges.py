"""Badges of the demo centre: by points of a week and of all time, by a streak, by a metric with volume, by sales."""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from metrics.models import Metric
from scorecards.actions import award_badges, publish_badge
from scorecards.enums import BadgeIcon, BadgeKind, BadgePeriod
from scorecards.models import Badge, Profile

from .plan import SALES
from .scoring import SALES_METRIC


class Plan(NamedTuple):
    """A badge with its levels, the easiest first."""

    name: str
    description: str
    icon: BadgeIcon
    levels: tuple[int | str, ...]
    kind: BadgeKind = BadgeKind.POINTS
    period: str = ""
    metric: str = ""
    volume: int = 0
    profile: str = ""


PLANS = (
    Plan(
        "Point collector",
        "For all points since you began.",
        BadgeIcon.TROPHY,
        (1000, 5000, 20_000),
        period=BadgePeriod.EVER,
    ),
    Plan("Strong week", "A week in which much came together.", BadgeIcon.ZAP, (800, 1000), period=BadgePeriod.WEEKLY),
    Plan("On a roll", "Workdays without anything off target.", BadgeIcon.FLAME, (3, 5, 10), kind=BadgeKind.STREAK),
    Plan(
        "Swift and thorough",
        "A month of short calls that were not cut short.",
        BadgeIcon.CLOCK,
        (330, 270),
        kind=BadgeKind.METRIC,
        period=BadgePeriod.MONTHLY,
        metric="average_handle_time",
        volume=200,
    ),
    Plan(
        "Customers' favourite",
        "A week of very content customers.",
        BadgeIcon.STAR,
        ("4.3", "4.6"),
        kind=BadgeKind.METRIC,
        period=BadgePeriod.WEEKLY,
        metric="satisfaction",
        volume=10,
    ),
    Plan(
        "Rainmaker",
        "Orders of a week, for the sales team.",
        BadgeIcon.TRENDING,
        (2500, 5000),
        kind=BadgeKind.METRIC,
        period=BadgePeriod.WEEKLY,
        metric=SALES_METRIC,
        profile=SALES,
    ),
)


def write_badges(*, at: dt.datetime) -> None:
    """Call it once the workdays are closed. What they bring is earned at once."""
    award_badges(at=at)  # the closings are looked at while there is no badge; each badge then looks at the past itself
    metrics = Metric.objects.in_bulk(field_name="key")
    for plan in PLANS:
        badge = Badge.objects.create(
            name=plan.name,
            description=plan.description,
            icon=plan.icon,
            kind=plan.kind,
            period=plan.period,
            metric=metrics[plan.metric] if plan.metric else None,
            minimum_count=plan.volume,
        )
        if plan.profile:
            badge.profiles.set(Profile.objects.filter(name=plan.profile))
        publish_badge(badge=badge, thresholds=[Decimal(level) for level in plan.levels], at=at)
    award_badges(at=at)
