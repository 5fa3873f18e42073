import datetime as dt

import pytest

from interactions.enums import TouchReason
from interactions.models import Touch
from people import changes
from people.enums import Belonging
from people.tests.factories import make_division, make_person
from scorecards.actions.belonging import REASONS, touch_changed_belongings
from scorecards.models import ScoreDay

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 10)


@pytest.fixture
def agent():
    agent, other, division = make_person(), make_person(), make_division()
    for person in (agent, other):
        for offset in range(4):
            ScoreDay.objects.create(
                agent=person, workday=DAY + dt.timedelta(days=offset), division=division, changed_at=NOW
            )
    return agent


def touches():
    return sorted(Touch.objects.values_list("agent_id", "workday", "reason"))


def test_days_within_the_change_are_touched(agent):
    until = DAY + dt.timedelta(days=3)
    changes.announce([changes.Change(agent.pk, Belonging.QUEUE, DAY + dt.timedelta(days=1), until)], at=NOW)
    assert touches() == [(agent.pk, DAY + dt.timedelta(days=offset), TouchReason.QUEUE) for offset in (1, 2)]


def test_open_change_touches_to_the_end(agent):
    changes.announce([changes.Change(agent.pk, Belonging.DIVISION, DAY + dt.timedelta(days=2))], at=NOW)
    assert touches() == [(agent.pk, DAY + dt.timedelta(days=offset), TouchReason.DIVISION) for offset in (2, 3)]


def test_every_belonging_has_its_reason():
    assert set(REASONS) == set(Belonging)


def test_the_listener_is_told():
    assert changes.listeners == [touch_changed_belongings]
