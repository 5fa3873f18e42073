"""Rows for tests of scorecards."""

import datetime as dt
from decimal import Decimal

from auditlog.context import disable_auditlog
from django.db import connection

from interactions.enums import TouchReason
from metrics.models import DayValue, Metric
from metrics.tests.factories import AT, DAY, make_touch
from scorecards.actions import publish_badge
from scorecards.enums import ObjectiveKind, ZoneKind
from scorecards.models import Badge, Objective, ObjectiveTerms, Profile, Score, ScoreDay
from scorecards.rules.scoring import Zone, zones_to_json


@disable_auditlog()
def make_external(key: str, **fields) -> Metric:
    fields = {"name": key, "unit": "number", "source": "external", **fields}
    return Metric.objects.create(key=key, **fields)


@disable_auditlog()
def make_profile(name: str = "Sales", **fields) -> Profile:
    return Profile.objects.create(name=name, **fields)


@disable_auditlog()
def make_terms(profile: Profile, metric: Metric, zones: tuple[Zone, ...], **fields) -> ObjectiveTerms:
    """Terms of the profile's objective for a metric, which is made where it is missing."""
    objective, _ = Objective.objects.get_or_create(profile=profile, metric=metric)
    fields = {"kind": ObjectiveKind.HIGHER, "metric": metric, **fields}
    return ObjectiveTerms.objects.create(objective=objective, zones=zones_to_json(zones), **fields)


def put_day_value(agent, metric, *, total: int, count: int, day: dt.date = DAY, at: dt.datetime = AT) -> None:
    """A stored day value in whole units, as a recompute would have left it, with a touch to score it."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {DayValue._meta.db_table} (agent_id, workday, metric_id, total, count)"
            " VALUES (%s, %s, %s, %s, %s)",
            [agent.pk, day, metric.pk, total, count],
        )
    make_touch(agent, day, reason=TouchReason.TERMS, at=at)


def make_badge(name: str = "Steady", *, thresholds=(100,), at: dt.datetime = AT, divisions=(), profiles=(), **fields):
    """A badge with its levels; the final workdays there are wait to be looked at."""
    badge = Badge.objects.create(name=name, **fields)
    badge.divisions.set(divisions)
    badge.profiles.set(profiles)
    publish_badge(badge=badge, thresholds=[Decimal(str(one)) for one in thresholds], at=at)
    return badge


def put_scored_day(agent, day: dt.date, points: int, *, division, profile=None, off_target: bool = False) -> ScoreDay:
    """A scored workday as a rescore would have left it, with one score that is on or off target."""
    profile = profile or Profile.objects.get(is_default=True)
    terms = ObjectiveTerms.objects.filter(objective__profile=profile).first()
    if terms:
        Score.objects.create(
            agent=agent, workday=day, objective_id=terms.objective_id, terms=terms, points=points,
            maximum=max(points, 1), zone=ZoneKind.OUT if off_target else ZoneKind.TARGET,
        )  # fmt: skip
    return ScoreDay.objects.create(
        agent=agent,
        workday=day,
        division=division,
        profile=profile,
        points=points,
        maximum=max(points, 1),
        changed_at=AT,
    )
