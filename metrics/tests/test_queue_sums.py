"""What a queue's legs come to: every leg of the queue, whoever took it, and none of another."""

import datetime as dt
import itertools

import pytest

from metrics.queries import has_queue_values, queue_sums
from metrics.tests.factories import DAY, make_agent, make_leg, metric
from people.models import Queue

pytestmark = pytest.mark.django_db
NEXT = DAY + dt.timedelta(days=1)


def sums(key, *queues, until_on=NEXT):
    found = queue_sums([metric(key).pk], [queue.pk for queue in queues], from_on=DAY, until_on=until_on)
    return {queue: value for (queue, _), value in found.items()}


def test_a_queue_counts_legs_of_everyone_and_of_nobody():
    support, sales = Queue.objects.create(name="Support"), Queue.objects.create(name="Sales")
    for agent, wait in ((make_agent("Ada"), 5), (make_agent("Bob"), 15), (make_agent("Cem"), 60)):
        make_leg(agent, queue=support, wait_seconds=wait, answered=True, direction="inbound")
    make_leg(None, queue=support, wait_seconds=90, answered=False, abandoned=True, direction="inbound")
    make_leg(make_agent("Dee"), queue=sales, wait_seconds=5, answered=True, direction="inbound")
    assert sums("service_level_20s", support) == {support.pk: (200 * 100_000, 3 * 1000)}
    assert sums("abandonment", support) == {support.pk: (100 * 100_000, 1 * 1000)}


def test_days_add_up_and_other_days_stay_out():
    queue, ada = Queue.objects.create(name="Support"), make_agent("Ada")
    for day, wait in ((DAY, 10), (NEXT, 30), (NEXT + dt.timedelta(days=1), 500)):
        make_leg(ada, day, queue=queue, wait_seconds=wait, answered=True, direction="inbound")
    total, count = sums("average_speed_of_answer", queue, until_on=NEXT + dt.timedelta(days=1))[queue.pk]
    assert (total, count) == (40 * 100_000, 2 * 1000)


def test_queue_without_legs_and_metric_without_queues_have_no_data():
    queue = Queue.objects.create(name="Support")
    assert sums("average_speed_of_answer", queue) == {}
    assert queue_sums([], [queue.pk], from_on=DAY, until_on=NEXT) == {}
    assert not has_queue_values(metric("quality_score"))
    assert has_queue_values(metric("service_level_20s"))


def test_queues_together_are_their_agents_together_when_every_leg_has_both():
    """Over a whole log both ways of grouping add up to the same."""
    queues = [Queue.objects.create(name=name) for name in ("A", "B", "C")]
    agents = [make_agent(name) for name in ("Ada", "Bob")]
    for number, (queue, agent) in enumerate(itertools.product(queues, agents)):
        make_leg(agent, queue=queue, wait_seconds=number, talk_seconds=60 + number, answered=True, direction="inbound")
    found = sums("average_talk", *queues).values()
    assert (sum(total for total, _ in found), sum(count for _, count in found)) == (375 * 100_000, 6000)
