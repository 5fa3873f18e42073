"""Facts become day values and scores."""

import datetime as dt
from decimal import Decimal

import pytest

from interactions.enums import TouchReason
from interactions.models import Leg, Touch
from metrics.actions import NewReading, narrowed, record_readings
from metrics.models import DayValue
from metrics.tests.factories import AT, DAY, make_agent, make_evaluation, make_leg, make_touch, metric
from people.models import Division, DivisionAssignment, Queue, Team
from scorecards.actions import rescore
from scorecards.enums import GuardOperator, ObjectiveKind, ZoneKind
from scorecards.models import (
    DayRevision,
    DivisionDay,
    ObjectiveTerms,
    Profile,
    ProfileAssignment,
    Reopening,
    Score,
    ScoreDay,
    ScoringSwitch,
)
from scorecards.rules.scoring import Zone

from .factories import make_external, make_profile, make_terms, put_day_value

pytestmark = pytest.mark.django_db

LATER = AT + dt.timedelta(hours=1)
NEXT = DAY + dt.timedelta(days=1)
HUNDRED_FROM_TEN = (
    Zone(ZoneKind.OUT, None, 10_00000, 0, 0),
    Zone(ZoneKind.TARGET, 10_00000, None, 100, 100),
)


def values_of(agent, day=DAY):
    rows = DayValue.objects.filter(agent=agent, workday=day).select_related("metric")
    return {row.metric.key: row.total / row.count for row in rows}


def points_of(agent, day=DAY):
    rows = Score.objects.filter(agent=agent, workday=day).select_related("objective__metric")
    return {row.objective.metric.key: (row.points, row.maximum, row.reason) for row in rows}


@pytest.fixture
def sales():
    """The default profile has one objective: 100 points from 10 sales on."""
    Profile.objects.filter(is_default=True).delete()
    profile = make_profile("Sales", is_default=True)
    profile.sold = make_external("sold", aggregation="sum")
    profile.sold_terms = make_terms(profile, profile.sold, HUNDRED_FROM_TEN)
    return profile


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
    assert points_of(agent) == {
        "interactions_answered": (0, 200, ""),
        "average_handle_time": (300, 300, ""),
        "average_speed_of_answer": (100, 100, ""),
        "first_contact_resolution": (200, 200, ""),
    }
    day = ScoreDay.objects.get(agent=agent, workday=DAY)
    assert (day.points, day.maximum, day.revision, day.division.name) == (600, 800, 1, "Main")


def test_unknown_is_not_zero():
    agent = make_agent()
    make_leg(agent, answered=True, talk_seconds=100, after_call_seconds=20)
    make_leg(agent, answered=True, talk_seconds=100)
    make_leg(agent, answered=True)
    make_leg(agent, talk_seconds=700)
    rescore(at=AT)
    values = values_of(agent)
    assert values["interactions_offered"] == 4
    assert values["average_handle_time"] == 110
    assert values["average_after_call_work"] == 20
    assert values["interactions_answered"] == 3
    assert "average_hold" not in values
    assert "first_contact_resolution" not in values


def test_day_without_answered_has_zero_answered_and_no_handle_time():
    agent = make_agent()
    make_leg(agent, answered=False)
    rescore(at=AT)
    assert values_of(agent) == {"interactions_offered": 1, "interactions_answered": 0}


def test_quality_counts_released_evaluations_only():
    agent = make_agent()
    make_evaluation(agent, score=30, maximum=40)
    make_evaluation(agent, score=9, maximum=10)
    make_evaluation(agent, score=0, maximum=100, released=False)
    rescore(at=AT)
    assert values_of(agent) == {"quality_score": 78}


def test_rescore_again_changes_nothing():
    agent = make_agent()
    make_leg(agent, answered=True, talk_seconds=200)
    rescore(at=AT)
    before = list(ScoreDay.objects.values())
    make_touch(agent)
    done = rescore(at=LATER)
    assert (done.pairs, done.values, done.days) == (1, 0, 0)
    assert list(ScoreDay.objects.values()) == before


def test_withdrawn_facts_take_their_points_along():
    agent = make_agent()
    leg = make_leg(agent, answered=True, talk_seconds=200)
    make_leg(agent, NEXT, answered=True, talk_seconds=200)
    rescore(at=AT)
    Leg.objects.filter(pk=leg.pk).delete()
    make_touch(agent)
    assert rescore(at=LATER).days == 1
    assert (values_of(agent), points_of(agent)) == ({}, {})
    assert list(ScoreDay.objects.values_list("workday", flat=True)) == [NEXT]


def test_revision_rises_with_each_change_and_only_then():
    agent = make_agent()
    for n in range(3):
        make_leg(agent, answered=True, talk_seconds=200)
        rescore(at=AT + dt.timedelta(minutes=n))
        rescore(at=AT + dt.timedelta(minutes=n, seconds=30))
    day = ScoreDay.objects.get()
    assert (day.revision, day.changed_at) == (3, AT + dt.timedelta(minutes=2))


def test_limit_leaves_the_rest_for_later():
    agents = [make_agent() for _ in range(3)]
    for agent in agents:
        make_leg(agent, answered=True)
    assert rescore(at=AT, limit=2).pairs == 2
    assert Touch.objects.count() == 1
    assert rescore(at=AT).pairs == 1


# Settings of the day ---------------------------------------------------------------------------------------------


def test_terms_of_the_workday_apply(sales):
    later = (Zone(ZoneKind.OUT, None, 20_00000, 0, 0), Zone(ZoneKind.TARGET, 20_00000, None, 50, 50))
    make_terms(sales, sales.sold, later, from_on=NEXT)
    agent = make_agent()
    for day in (DAY, NEXT):
        put_day_value(agent, sales.sold, total=15_00000, count=1000, day=day)
    rescore(at=AT)
    assert points_of(agent, DAY) == {"sold": (100, 100, "")}
    assert points_of(agent, NEXT) == {"sold": (0, 50, "")}


def test_terms_that_end_take_the_objective_out(sales):
    make_terms(sales, sales.sold, HUNDRED_FROM_TEN, from_on=NEXT, is_active=False)
    agent = make_agent()
    put_day_value(agent, sales.sold, total=15_00000, count=1000, day=NEXT)
    rescore(at=AT)
    assert points_of(agent, NEXT) == {}
    assert ScoreDay.objects.get().maximum == 0


def test_profile_of_the_workday_applies(sales):
    other = make_profile("Other")
    agent = make_agent()
    ProfileAssignment.objects.create(person=agent, profile=other, from_on=NEXT)
    for day in (DAY, NEXT):
        put_day_value(agent, sales.sold, total=15_00000, count=1000, day=day)
    rescore(at=AT)
    assert list(ScoreDay.objects.order_by("workday").values_list("profile__name", "points")) == [
        ("Sales", 100),
        ("Other", 0),
    ]


def test_division_of_the_workday_is_kept(sales):
    first, second = (Division.objects.create(name=name) for name in ("First", "Second"))
    agent = make_agent(division=first)
    DivisionAssignment.objects.create(person=agent, division=second, from_on=NEXT)
    for day in (DAY, NEXT):
        put_day_value(agent, sales.sold, total=15_00000, count=1000, day=day)
    rescore(at=AT)
    assert list(ScoreDay.objects.order_by("workday").values_list("division__name", flat=True)) == ["First", "Second"]


def test_switched_off_division_has_days_without_points(sales):
    division = Division.objects.create(name="First")
    ScoringSwitch.objects.create(division=division, is_on=False, from_on=DAY)
    ScoringSwitch.objects.create(division=division, is_on=True, from_on=NEXT)
    agent = make_agent(division=division)
    for day in (DAY, NEXT):
        put_day_value(agent, sales.sold, total=15_00000, count=1000, day=day)
    rescore(at=AT)
    assert list(ScoreDay.objects.order_by("workday").values_list("profile", "points", "maximum")) == [
        (None, 0, 0),
        (sales.pk, 100, 100),
    ]
    assert points_of(agent, DAY) == {}


def test_switching_off_takes_points_away(sales):
    division = Division.objects.create(name="First")
    agent = make_agent(division=division)
    put_day_value(agent, sales.sold, total=15_00000, count=1000)
    rescore(at=AT)
    ScoringSwitch.objects.create(division=division, is_on=False)
    make_touch(agent, reason=TouchReason.SCORING)
    rescore(at=LATER)
    assert (Score.objects.count(), ScoreDay.objects.get().points, ScoreDay.objects.get().revision) == (0, 0, 2)


# Guards and multipliers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "points"),
    [(None, (100, 100, "")), (80_00000, (100, 100, "")), (79_99999, (0, 100, "guarded"))],
)
def test_guard_pauses_and_keeps_the_maximum(sales, level, points):
    guard = make_external("level", unit="percent")
    ObjectiveTerms.objects.filter(pk=sales.sold_terms.pk).update(
        guard_metric=guard, guard_operator=GuardOperator.AT_LEAST, guard_bound=80
    )
    agent = make_agent()
    put_day_value(agent, sales.sold, total=15_00000, count=1000)
    if level is not None:
        put_day_value(agent, guard, total=level, count=1000)
    rescore(at=AT)
    assert points_of(agent) == {"sold": points}
    assert ScoreDay.objects.get().points == points[0]


def test_multiplier_of_the_home_queue_scales_points_and_maximum(sales):
    light, heavy, equal = (Queue.objects.create(name=name) for name in ("Light", "Heavy", "Equal"))
    sales.sold_terms.multipliers.create(queue=heavy, percent=150)
    sales.sold_terms.multipliers.create(queue=equal, percent=300)
    agent = make_agent()
    light.memberships.create(person=agent, weight=1)
    equal.memberships.create(person=agent, weight=5, from_on=DAY)
    heavy.memberships.create(person=agent, weight=5, until_on=NEXT)
    for day in (DAY, NEXT):
        put_day_value(agent, sales.sold, total=15_00000, count=1000, day=day)
    rescore(at=AT)
    assert points_of(agent, DAY) == {"sold": (150, 150, "")}
    assert points_of(agent, NEXT) == {"sold": (300, 300, "")}


def test_multiplier_of_a_team_holds_for_teams_below(sales):
    division = Division.objects.create(name="First")
    above = Team.objects.create(name="Above", division=division)
    below = Team.objects.create(name="Below", division=division, parent=above)
    sales.sold_terms.multipliers.create(team=above, percent=50)
    agent, other = make_agent(), make_agent()
    below.memberships.create(person=agent)
    for one in (agent, other):
        put_day_value(one, sales.sold, total=15_00000, count=1000)
    rescore(at=AT)
    assert points_of(agent) == {"sold": (50, 50, "")}
    assert points_of(other) == {"sold": (100, 100, "")}


# Narrowed and external metrics -----------------------------------------------------------------------------------


def test_narrowed_metric_counts_its_part_only(sales):
    queue = Queue.objects.create(name="Gold, first")
    gold, made = narrowed(metric("average_talk"), queue=queue, direction="inbound")
    assert made
    assert narrowed(metric("average_talk"), queue=queue, direction="inbound") == (gold, False)
    make_terms(sales, gold, HUNDRED_FROM_TEN, kind=ObjectiveKind.HIGHER)
    agent = make_agent()
    make_leg(agent, answered=True, talk_seconds=50, queue=queue, direction="inbound")
    make_leg(agent, answered=True, talk_seconds=500, queue=queue, direction="outbound")
    make_leg(agent, answered=True, talk_seconds=500)
    rescore(at=AT)
    values = values_of(agent)
    assert (values[gold.key], values["average_talk"]) == (50, 350)
    assert points_of(agent)[gold.key] == (100, 100, "")


def test_readings_become_day_values_and_points(sales):
    agent = make_agent()
    new = [
        NewReading(sales.sold, agent.pk, DAY, Decimal(4), "a"),
        NewReading(sales.sold, agent.pk, DAY, Decimal("6.5"), "b", kind="cumulative"),
    ]
    record_readings(new, source="crm", at=AT)
    rescore(at=AT)
    assert values_of(agent) == {"sold": Decimal("10.5")}
    assert points_of(agent) == {"sold": (100, 100, "")}
    record_readings([NewReading(sales.sold, agent.pk, DAY, None, "c")], source="crm", at=LATER)
    rescore(at=LATER)
    assert (values_of(agent), ScoreDay.objects.count()) == ({}, 0)


# Final days and late data ----------------------------------------------------------------------------------------


def close(day=DAY, *, at=AT, division="Main"):
    division, _ = Division.objects.get_or_create(name=division)
    return DivisionDay.objects.create(division=division, workday=day, closed_at=at)


def test_change_on_a_final_day_leaves_a_revision_with_before_and_after(sales):
    agent = make_agent()
    record_readings([NewReading(sales.sold, agent.pk, DAY, Decimal(4), "a")], source="crm", at=AT)
    rescore(at=AT)
    assert DayRevision.objects.count() == 0
    close()
    record_readings([NewReading(sales.sold, agent.pk, DAY, Decimal(14), "b")], source="crm", at=LATER)
    rescore(at=LATER)
    revision = DayRevision.objects.get()
    assert (revision.total_before, revision.count_before, revision.total_after, revision.count_after) == (4, 1, 14, 1)
    assert (revision.metric, revision.reason, revision.at) == (sales.sold, "reading", LATER)
    record_readings([NewReading(sales.sold, agent.pk, DAY, None, "c")], source="crm", at=LATER)
    rescore(at=LATER)
    assert list(DayRevision.objects.order_by("pk").values_list("total_after", flat=True)) == [14, None]


def test_late_data_waits_until_a_reopening_covers_it(sales, settings):
    settings.LAUREL_LATE_DATA_DAYS = 7
    agent = make_agent()
    make_leg(agent, answered=True)
    rescore(at=AT)
    closed = close()
    in_time, too_late = AT + dt.timedelta(days=7), AT + dt.timedelta(days=7, seconds=1)
    make_leg(agent, answered=True, at=too_late)
    assert rescore(at=too_late).pairs == 0
    assert (Touch.objects.count(), values_of(agent)["interactions_offered"]) == (1, 1)
    Reopening.objects.create(division=closed.division, from_on=NEXT, to_on=NEXT, reason="other day", at=too_late)
    Reopening.objects.create(division=closed.division, from_on=DAY, to_on=DAY, reason="before it came", at=in_time)
    assert rescore(at=too_late).pairs == 0
    Reopening.objects.create(division=closed.division, from_on=DAY, to_on=DAY, reason="audit", at=too_late)
    assert rescore(at=too_late).pairs == 1
    assert (Touch.objects.count(), values_of(agent)["interactions_offered"]) == (0, 2)


def test_data_within_the_window_comes_in(sales):
    agent = make_agent()
    close()
    make_leg(agent, answered=True, at=AT + dt.timedelta(days=7))
    assert rescore(at=AT + dt.timedelta(days=7)).pairs == 1


def test_waiting_data_of_one_day_does_not_hold_up_others(sales):
    agent = make_agent()
    close()
    late = AT + dt.timedelta(days=30)
    make_leg(agent, answered=True, at=late)
    make_leg(agent, NEXT, answered=True, at=late)
    assert rescore(at=late, limit=1).pairs == 1
    assert list(ScoreDay.objects.values_list("workday", flat=True)) == [NEXT]
