"""Rows for tests of scorecards."""

import datetime as dt

from django.db import connection

from interactions.enums import TouchReason
from metrics.models import DayValue, Metric
from metrics.tests.factories import AT, DAY, make_touch
from scorecards.enums import ObjectiveKind
from scorecards.models import Objective, ObjectiveTerms, Profile
from scorecards.rules.scoring import Zone, zones_to_json


def make_external(key: str, **fields) -> Metric:
    fields = {"name": key, "unit": "number", "source": "external", **fields}
    return Metric.objects.create(key=key, **fields)


def make_profile(name: str = "Sales", **fields) -> Profile:
    return Profile.objects.create(name=name, **fields)


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
