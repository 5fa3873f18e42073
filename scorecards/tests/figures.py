"""Days with values and scores for tests of pages: written as the rescore writes them, by the same rules."""

import datetime as dt
from decimal import Decimal

from metrics.models import DayValue, Metric
from scorecards.models import DayRevision, DivisionDay, Objective, Profile, Score, ScoreDay
from scorecards.rules.scoring import Measured, points_for, zones_from_json

UNITS, ONE = 100_000, 1000


def default_profile() -> Profile:
    return Profile.objects.get(is_default=True)


def add_day(person, workday, values: dict, *, division, at: dt.datetime, profile="default", revision=1) -> ScoreDay:
    """`values` maps a metric key to (total, count), or to a value with count 1, in natural units."""
    profile = default_profile() if profile == "default" else profile
    metrics = {metric.key: metric for metric in Metric.objects.filter(key__in=values)}
    points = maximum = 0
    for key, given in values.items():
        total, count = given if isinstance(given, tuple) else (given, 1)
        value = DayValue.objects.create(
            agent=person, workday=workday, metric=metrics[key], total=Decimal(str(total)), count=Decimal(str(count))
        )
        for objective in Objective.objects.filter(profile=profile, metric=metrics[key]) if profile else ():
            terms = objective.terms.by(workday).first()
            measured = Measured(int(value.total * UNITS), int(value.count * ONE))
            scored = points_for(measured, zones_from_json(terms.zones))
            Score.objects.create(
                agent=person, workday=workday, objective=objective, terms=terms, points=scored.points,
                maximum=scored.maximum, zone=scored.zone.kind,
            )  # fmt: skip
            points, maximum = points + scored.points, maximum + scored.maximum
    return ScoreDay.objects.create(
        agent=person, workday=workday, division=division, profile=profile, points=points, maximum=maximum,
        changed_at=at, revision=revision,
    )  # fmt: skip


def close(division, workday, *, at: dt.datetime) -> DivisionDay:
    return DivisionDay.objects.create(division=division, workday=workday, closed_at=at)


def revise(person, workday, key, *, at: dt.datetime, reason="reading") -> DayRevision:
    metric = Metric.objects.get(key=key)
    return DayRevision.objects.create(agent=person, workday=workday, metric=metric, reason=reason, at=at)
