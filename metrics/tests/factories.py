"""Rows for tests of metrics and of what stands on them."""

import datetime as dt
import itertools

from auditlog.context import disable_auditlog

from interactions.enums import MediaType, TouchReason
from interactions.models import Evaluation, Leg, Touch
from metrics.models import Metric
from people.models import Division, DivisionAssignment, User

AT = dt.datetime(2024, 9, 2, 12, tzinfo=dt.UTC)
DAY = dt.date(2024, 9, 1)
_numbers = itertools.count(1)


@disable_auditlog()
def make_agent(name: str = "Ada", *, division: Division | None = None) -> User:
    agent = User.objects.create(name=name, external_id=f"agent-{next(_numbers)}")
    if division:
        DivisionAssignment.objects.create(person=agent, division=division)
    return agent


def make_leg(agent: User | None, day: dt.date = DAY, *, touched: bool = True, at: dt.datetime = AT, **fields) -> Leg:
    """A leg with its touch."""
    leg = Leg.objects.create(
        source="test",
        external_id=fields.pop("external_id", f"leg-{next(_numbers)}"),
        agent=agent,
        workday=day,
        started_at=dt.datetime.combine(day, dt.time(9), dt.UTC),
        media_type=fields.pop("media_type", MediaType.VOICE),
        **fields,
    )
    if touched and agent:
        make_touch(agent, day, at=at)
    return leg


def make_evaluation(agent: User, day: dt.date = DAY, *, score, maximum=100, **fields) -> Evaluation:
    evaluation = Evaluation.objects.create(
        source="test",
        external_id=f"evaluation-{next(_numbers)}",
        agent=agent,
        workday=day,
        score=score,
        maximum=maximum,
        **fields,
    )
    make_touch(agent, day, reason=TouchReason.EVALUATION)
    return evaluation


def make_touch(agent, day=DAY, *, reason=TouchReason.INTERACTION, at=AT) -> Touch:
    return Touch.objects.create(agent=agent, workday=day, reason=reason, at=at)


def metric(key: str) -> Metric:
    return Metric.objects.get(key=key)
