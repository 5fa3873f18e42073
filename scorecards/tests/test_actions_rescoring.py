"""Facts become day values and scores."""

import datetime as dt
from decimal import Decimal

import pytest

from interactions.models import Touch
from metrics.models import DayValue
from metrics.tests.factories import AT, DAY, make_agent, make_leg, make_touch
from scorecards.actions import rescore
from scorecards.models import Score, ScoreDay

pytestmark = pytest.mark.django_db


def values_of(agent, day=DAY):
    rows = DayValue.objects.filter(agent=agent, workday=day).select_related("metric")
    return {row.metric.key: row.total / row.count for row in rows}


def test_rescore_measures_and_scores_a_day():
    agent = make_agent()
    make_leg(agent, answered=True, talk_seconds=200, hold_seconds=40, wait_seconds=10, resolved=True)
    make_leg(agent, answered=False, wait_seconds=60)
    done = rescore(at=AT)
    assert (done.pairs, done.days, Touch.objects.count()) == (1, 1, 0)
    assert values_of(agent) == {
        "interactions_offered": 2,
        "interactions_answered": 1,
        "average_handle_time": 240,
        "average_speed_of_answer": 10,
        "average_talk": 200,
        "average_hold": 40,
        "hold_ratio": Decimal(100) * 40 / 240,
        "service_level_20s": 100,
        "first_contact_resolution": 100,
        "short_call_share": 0,
        "interactions_per_handled_hour": 15,
    }
    points = {s.objective.metric.key: s.points for s in Score.objects.select_related("objective__metric")}
    assert points == {
        "interactions_answered": 0,
        "average_handle_time": 300,
        "average_speed_of_answer": 100,
        "first_contact_resolution": 200,
    }
    day = ScoreDay.objects.get(agent=agent, workday=DAY)
    assert (day.points, day.maximum, day.revision, day.division.name) == (600, 800, 1, "Main")


def test_rescore_again_changes_nothing():
    agent = make_agent()
    make_leg(agent, answered=True, talk_seconds=200)
    rescore(at=AT)
    before = list(ScoreDay.objects.values())
    make_touch(agent)
    done = rescore(at=AT + dt.timedelta(hours=1))
    assert (done.pairs, done.values, done.days) == (1, 0, 0)
    assert list(ScoreDay.objects.values()) == before
