"""Day values of any definition agree with a reckoning in Python; external readings come in once."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.records.sets import make_temporary
from interactions.models import Leg, Touch
from metrics.actions import CannotNarrow, NewReading, ReadingConflict, ReadingRefused, narrowed, record_readings
from metrics.actions import recompute_day_values as recompute
from metrics.enums import AppliesTo, ConditionField, Measure, Operator, ReadingKind
from metrics.models import DayValue, Metric, Reading
from people.models import Queue

from .factories import AT, DAY, make_agent, make_evaluation, make_leg, metric

pytestmark = pytest.mark.django_db


def recompute_day(agent, day=DAY) -> int:
    with connection.cursor() as cursor:
        make_temporary(cursor, "due", ["agent_id bigint", "workday date"], key=["agent_id", "workday"])
        cursor.execute("INSERT INTO due (agent_id, workday) VALUES (%s, %s)", [agent.pk, day])
    return recompute("due")


def value_of(agent, key) -> Decimal | None:
    row = DayValue.objects.filter(agent=agent, metric__key=key).first()
    return row and row.total / row.count


def make_metric(*conditions, **fields) -> Metric:
    fields = {"key": "made", "name": "Made", "unit": "number", "source": "interactions", "dividend": "count", **fields}
    made = Metric.objects.create(**fields)
    for applies_to, name, operator, value in conditions:
        made.conditions.create(applies_to=applies_to, field=name, operator=operator, value=value)
    return made


# Every measure against a reckoning in Python ---------------------------------------------------------------------

seconds = st.one_of(st.none(), st.integers(0, 3_000_000).map(lambda n: Decimal(n) / 1000))
truth = st.sampled_from([None, True, False])
legs = st.fixed_dictionaries({
    "wait_seconds": seconds, "talk_seconds": seconds, "hold_seconds": seconds, "after_call_seconds": seconds,
    "answered": truth, "rating": st.one_of(st.none(), st.integers(1, 5)),
    "charge": st.one_of(st.none(), st.integers(-(10**12), 10**12).map(lambda n: Decimal(n) / 10**8)),
})  # fmt: skip
LEG_MEASURES = [m for m in Measure if not m.startswith("evaluation")]


def amount(leg: dict, measure: Measure):
    if measure == Measure.COUNT:
        return 1
    if measure == Measure.HANDLE:
        talk = leg["talk_seconds"]
        return None if talk is None else talk + (leg["hold_seconds"] or 0) + (leg["after_call_seconds"] or 0)
    name = measure.value if measure in (Measure.RATING, Measure.CHARGE) else f"{measure.value}_seconds"
    return leg[name]


def reckoned(rows, dividend, divisor, factor):
    """Dividend over divisor of answered rows with all amounts known; total and count rounded as they are stored."""
    rows = [row for row in rows if row["answered"] and amount(row, dividend) is not None]
    rows = [row for row in rows if divisor is None or amount(row, divisor) is not None]
    total = half_away(Fraction(sum(amount(row, dividend) for row in rows)) * factor * 100_000)
    if divisor is None:
        return (total, 1000) if rows else None
    count = half_away(Fraction(sum(amount(row, divisor) for row in rows)) * 1000)
    return (total, count) if count > 0 else None


def half_away(value: Fraction) -> int:
    size = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return -size if value < 0 else size


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(legs, max_size=6),
    st.sampled_from(LEG_MEASURES),
    st.one_of(st.none(), st.sampled_from(LEG_MEASURES)),
    st.sampled_from([1, 100, 3600]),
)
def test_day_value_agrees_with_a_reckoning_in_python(rows, dividend, divisor, factor):
    with transaction.atomic():
        agent = make_agent()
        made = make_metric(("both", "answered", "is", "yes"), dividend=dividend, divisor=divisor or "", factor=factor)
        for row in rows:
            make_leg(agent, touched=False, **row)
        recompute_day(agent)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT total, count FROM {DayValue._meta.db_table} WHERE metric_id = %s", [made.pk])
            assert cursor.fetchone() == reckoned(rows, dividend, divisor, factor)
        transaction.set_rollback(True)


def test_charges_by_the_hour_are_added_up_whole():
    agent = make_agent()
    make_metric(("both", "answered", "is", "yes"), dividend="charge", divisor="", factor=3600)
    for _ in range(2):
        make_leg(agent, answered=True, charge=Decimal(9999))
    recompute_day(agent)
    assert DayValue.objects.get(agent=agent, metric__key="made").total == 2 * 9999 * 3600


@pytest.mark.parametrize(
    ("name", "operator", "value", "met"),
    [
        (ConditionField.TALK, Operator.UNDER, "30", 1),
        (ConditionField.TALK, Operator.AT_MOST, "30", 2),
        (ConditionField.TALK, Operator.AT_LEAST, "30", 2),
        (ConditionField.TALK, Operator.OVER, "30", 1),
        (ConditionField.TALK, Operator.IS, "30", 1),
        (ConditionField.TALK, Operator.IS_NOT, "30", 2),
        (ConditionField.TALK, Operator.ONE_OF, "29.999, 31", 2),
        (ConditionField.ANSWERED, Operator.IS, "yes", 2),
        (ConditionField.ANSWERED, Operator.IS_NOT, "yes", 1),
        (ConditionField.DIRECTION, Operator.IS, "inbound", 1),
        (ConditionField.DIRECTION, Operator.IS_NOT, "inbound", 2),
        (ConditionField.QUEUE, Operator.ONE_OF, 'Silver, "Gold, first"', 3),
        (ConditionField.QUEUE, Operator.IS, "Gold, first", 2),
        (ConditionField.QUEUE, Operator.IS_NOT, "Gold, first", 1),
        (ConditionField.QUEUE, Operator.IS, "gone", 0),
        (ConditionField.QUEUE, Operator.IS_NOT, "gone", 3),
        (ConditionField.WRAP_UP, Operator.IS, "50% off; 'done'", 1),
        (ConditionField.MEDIA_TYPE, Operator.IS, "chat", 1),
    ],
)
def test_condition_counts_what_meets_it_and_nothing_unknown(name, operator, value, met):
    gold, silver = Queue.objects.create(name="Gold, first"), Queue.objects.create(name="Silver")
    made = make_metric((AppliesTo.DIVIDEND, name, operator, value))
    agent = make_agent()
    common = {"touched": False}
    make_leg(agent, talk_seconds="29.999", answered=True, direction="inbound", queue=gold, wrap_up="x", **common)
    make_leg(
        agent, talk_seconds=30, answered=True, direction="outbound", queue=gold, wrap_up="50% off; 'done'", **common
    )
    make_leg(
        agent, talk_seconds=31, answered=False, direction="internal", queue=silver, media_type="chat", wrap_up="x",
        **common,
    )  # fmt: skip
    make_leg(agent, **common)
    recompute_day(agent)
    assert value_of(agent, made.key) == met


def test_quality_by_queue_follows_the_leg_of_the_evaluation():
    queue = Queue.objects.create(name="Gold")
    made, _ = narrowed(metric("quality_score"), queue=queue)
    agent = make_agent()
    make_evaluation(agent, score=80, leg=make_leg(agent, queue=queue))
    make_evaluation(agent, score=20, leg=make_leg(agent))
    make_evaluation(agent, score=20)
    recompute_day(agent)
    assert (value_of(agent, made.key), value_of(agent, "quality_score")) == (80, 40)


def test_definition_that_cannot_be_computed_keeps_no_other_from_it(caplog):
    make_metric(("both", "talk", "under", "soon"))
    agent = make_agent()
    make_leg(agent, answered=True)
    recompute_day(agent)
    assert value_of(agent, "interactions_answered") == 1
    assert "is left out" in caplog.text


def test_absurd_fact_gives_an_absurd_value_and_stops_nothing():
    agent = make_agent()
    make_leg(agent, answered=True, talk_seconds=9 * 10**14, hold_seconds=9 * 10**14)
    recompute_day(agent)
    assert value_of(agent, "interactions_answered") == 1
    assert value_of(agent, "average_talk") == Decimal(2**62 - 1).scaleb(-5)


def test_inactive_metric_keeps_the_values_it_had():
    agent = make_agent()
    make_leg(agent, answered=True)
    recompute_day(agent)
    Metric.objects.filter(key="interactions_answered").update(is_active=False)
    Leg.objects.all().delete()
    recompute_day(agent)
    assert list(DayValue.objects.values_list("metric__key", flat=True)) == ["interactions_answered"]


def test_recompute_leaves_other_agents_and_days_alone():
    agent, other = make_agent(), make_agent()
    for who, day in ((agent, DAY), (agent, DAY + dt.timedelta(days=1)), (other, DAY)):
        make_leg(who, day, answered=True)
    assert recompute_day(agent) > 0
    assert set(DayValue.objects.values_list("agent", "workday")) == {(agent.pk, DAY)}
    assert recompute_day(agent) == 0


# External readings -----------------------------------------------------------------------------------------------


@pytest.fixture
def sold():
    return Metric.objects.create(key="sold", name="Sold", unit="number", source="external", aggregation="average")


def test_readings_are_taken_once(sold):
    agent = make_agent()
    new = [NewReading(sold, agent.pk, DAY, Decimal("1.5"), key) for key in ("a", "b")]
    first = record_readings(new, source="crm", at=AT)
    again = record_readings([*new, NewReading(sold, agent.pk, DAY, None, "c")], source="crm", at=AT)
    other_source = record_readings(new[:1], source="shop", at=AT)
    assert [(done.new, done.known) for done in (first, again, other_source)] == [(2, 0), (1, 2), (1, 0)]
    assert Touch.objects.count() == 3


def test_same_key_twice_in_one_batch_is_one_reading(sold):
    new = NewReading(sold, make_agent().pk, DAY, Decimal(1), "a")
    assert record_readings([new, new], source="crm", at=AT).new == 1


def test_same_key_with_other_content_is_refused_and_nothing_is_written(sold):
    agent = make_agent()
    record_readings([NewReading(sold, agent.pk, DAY, Decimal(1), "a")], source="crm", at=AT)
    with pytest.raises(ReadingConflict), transaction.atomic():
        record_readings(
            [NewReading(sold, agent.pk, DAY, Decimal(5), "b"), NewReading(sold, agent.pk, DAY, Decimal(2), "a")],
            source="crm",
            at=AT,
        )
    assert Reading.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"value": Decimal("Infinity")}, "not a number"),
        ({"value": Decimal(10) ** 12}, "not a number up to"),
        ({"count": Decimal(-1)}, "below 0"),
        ({"key": ""}, "needs a key"),
        ({"metric": "summed", "count": Decimal(3)}, "added up over days"),
        ({"metric": "interactions_offered"}, "takes values from outside"),
    ],
)
def test_readings_that_a_metric_cannot_take_are_refused(sold, change, says):
    Metric.objects.create(key="summed", name="Summed", unit="number", source="external", aggregation="sum")
    if "metric" in change:
        change = {**change, "metric": metric(change["metric"])}
    fields = {"metric": sold, "agent_id": make_agent().pk, "workday": DAY, "value": Decimal(1), "key": "a", **change}
    with pytest.raises(ReadingRefused, match=says):
        record_readings([NewReading(**fields)], source="crm", at=AT)


def test_cumulative_readings_of_a_sum_count_one_a_day():
    summed = Metric.objects.create(key="summed", name="Summed", unit="number", source="external", aggregation="sum")
    agent = make_agent()
    readings = [
        NewReading(summed, agent.pk, DAY, Decimal(2), key, count=Decimal(1), kind=ReadingKind.CUMULATIVE)
        for key in "abc"
    ]
    record_readings(readings, source="crm", at=AT)
    recompute_day(agent)
    assert value_of(agent, "summed") == 6


def test_external_metric_cannot_be_narrowed(sold):
    with pytest.raises(CannotNarrow):
        narrowed(sold, direction="inbound")
