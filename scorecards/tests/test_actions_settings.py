"""Dated settings touch exactly the open workdays that they change."""

import datetime as dt
from decimal import Decimal

import pytest
from auditlog.models import LogEntry

from foundation.records.dated import EVER
from interactions.enums import TouchReason
from interactions.models import Touch
from metrics.models import Metric
from metrics.tests.factories import AT, DAY, make_agent, make_leg, metric
from people.models import Division, Queue
from scorecards.actions import (
    ReasonMissing,
    TermsAlreadyUsed,
    TermsRefused,
    assign_profile,
    copy_profile,
    publish_terms,
    rescore,
    reset_scoring,
    switch_scoring,
)
from scorecards.enums import GuardOperator, GuardScope, ObjectiveKind, ZoneKind
from scorecards.models import DivisionDay, Multiplier, Objective, Profile, Score, ScoreDay
from scorecards.queries import Draft, terms_in_force, what_would_pay
from scorecards.rules.scoring import Zone
from scorecards.rules.terms import DraftMultiplier, TermsDraft

from .factories import make_external, make_profile, make_terms, put_day_value

pytestmark = pytest.mark.django_db

DAYS = [DAY + dt.timedelta(days=n) for n in range(4)]


def pays(points, *, bound=10_00000):
    return (Zone(ZoneKind.OUT, None, bound, 0, 0), Zone(ZoneKind.TARGET, bound, None, points, points))


def draft(points=50, **fields):
    return TermsDraft(kind=ObjectiveKind.HIGHER, zones=pays(points), **fields)


@pytest.fixture
def centre():
    """Four scored workdays of an agent with the default profile and of one with another; the first one is final."""
    Profile.objects.filter(is_default=True).delete()
    profile = make_profile("Sales", is_default=True)
    profile.sold = make_external("sold")
    profile.terms = make_terms(profile, profile.sold, pays(100))
    profile.division = Division.objects.create(name="Here")
    profile.agent = make_agent(division=profile.division)
    profile.other = make_agent(division=profile.division)
    assign_profile(people=[profile.other], profile=make_profile("Other"), from_on=EVER, by=None, at=AT)
    for agent in (profile.agent, profile.other):
        for day in DAYS:
            put_day_value(agent, profile.sold, total=15_00000, count=1000, day=day)
    rescore(at=AT)
    DivisionDay.objects.create(division=profile.division, workday=DAYS[0], closed_at=AT)
    return profile


def touched(agent=None):
    rows = Touch.objects.filter(agent=agent) if agent else Touch.objects
    return list(rows.order_by("workday").values_list("workday", flat=True))


def points(agent):
    return list(ScoreDay.objects.filter(agent=agent).order_by("workday").values_list("points", flat=True))


def test_published_terms_score_open_days_from_their_day_on(centre):
    objective = centre.terms.objective
    publish_terms(objective=objective, draft=draft(), from_on=DAYS[2], by=centre.agent, at=AT)
    assert (touched(centre.agent), touched(centre.other)) == (DAYS[2:], [])
    rescore(at=AT)
    assert points(centre.agent) == [100, 100, 50, 50]


def test_published_terms_end_at_the_next_ones_and_leave_final_days(centre):
    objective = centre.terms.objective
    publish_terms(objective=objective, draft=draft(), from_on=DAYS[2], by=None, at=AT)
    rescore(at=AT)
    publish_terms(objective=objective, draft=draft(70), from_on=DAYS[0], by=None, at=AT)
    assert touched() == [DAYS[1]]
    rescore(at=AT)
    assert points(centre.agent) == [100, 70, 50, 50]


def test_terms_of_the_same_day_are_replaced_until_a_final_day_used_them(centre):
    objective = centre.terms.objective
    publish_terms(objective=objective, draft=draft(70), from_on=DAYS[1], by=None, at=AT)
    publish_terms(objective=objective, draft=draft(80), from_on=DAYS[1], by=None, at=AT)
    rescore(at=AT)
    assert points(centre.agent) == [100, 80, 80, 80]
    with pytest.raises(TermsAlreadyUsed):
        publish_terms(objective=objective, draft=draft(80), from_on=EVER, by=None, at=AT)


def test_new_filter_measures_its_part_for_the_days_touched(centre):
    queue = Queue.objects.create(name="Gold")
    talk = Objective.objects.create(profile=centre, metric=metric("average_talk"))
    for talked, served in ((30, queue), (300, None)):
        make_leg(centre.agent, DAYS[1], answered=True, talk_seconds=talked, queue=served)
    rescore(at=AT)
    terms = publish_terms(objective=talk, draft=draft(queue_id=queue.pk), from_on=DAYS[1], by=None, at=AT)
    assert set(Touch.objects.values_list("reason", flat=True)) == {TouchReason.METRIC}
    rescore(at=AT)
    assert terms.metric.narrow_queue == queue
    assert Score.objects.get(objective=talk).points == 50
    assert Metric.objects.filter(narrowed_from=talk.metric).count() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"guard_metric_id": -1, "guard_bound": Decimal(1)}, "not active"),
        ({"guard_metric_id": -1}, "needs the value"),
        ({"guard_metric_id": -1, "guard_bound": Decimal(1), "guard_scope": GuardScope.HOME_QUEUE}, "not offered yet"),
        ({"multipliers": (DraftMultiplier(120),)}, "one queue or one team"),
        ({"multipliers": (DraftMultiplier(0, queue_id=1),)}, "between 1"),
        ({"zones": ()}, "no zones"),
    ],
)
def test_drafts_that_are_no_rule_are_refused(centre, change, says):
    refused = TermsDraft(**{"kind": ObjectiveKind.HIGHER, "zones": pays(50), **change})
    with pytest.raises(TermsRefused, match=says):
        publish_terms(objective=centre.terms.objective, draft=refused, from_on=DAYS[1], by=None, at=AT)
    assert centre.terms.objective.terms.count() == 1


def test_guard_and_multipliers_are_published(centre):
    queue = Queue.objects.create(name="Gold")
    guarded = draft(
        guard_metric_id=metric("satisfaction").pk,
        guard_operator=GuardOperator.AT_LEAST,
        guard_bound=Decimal("3.5"),
        multipliers=(DraftMultiplier(150, queue_id=queue.pk),),
    )
    publish_terms(objective=centre.terms.objective, draft=guarded, from_on=DAYS[1], by=None, at=AT)
    terms = terms_in_force([centre.pk], from_on=DAYS[1], to_on=DAYS[1])[0]
    assert (terms.guard_bound, terms.queue_percents, terms.percents) == (3_50000, ((queue.pk, 150),), [100, 150])
    assert LogEntry.objects.get_for_object(Multiplier.objects.get()).count() == 1


def test_assigned_profile_scores_open_days_until_the_next_one(centre):
    empty = make_profile("Empty")
    assign_profile(people=[centre.agent], profile=centre, from_on=DAYS[3], by=None, at=AT)
    Touch.objects.all().delete()
    assert assign_profile(people=[centre.agent], profile=empty, from_on=EVER, by=None, at=AT) == 1
    assert touched() == DAYS[1:3]
    assert assign_profile(people=[centre.agent], profile=empty, from_on=EVER, by=None, at=AT) == 0
    rescore(at=AT)
    assert points(centre.agent) == [100, 0, 0, 100]


def test_switched_off_scoring_pays_nothing_from_its_day_on(centre):
    switch_scoring(division=centre.division, is_on=False, from_on=DAYS[2], by=None, at=AT)
    assert touched(centre.agent) == DAYS[2:]
    rescore(at=AT)
    assert points(centre.agent) == [100, 100, 0, 0]


def test_reset_needs_a_reason_and_changes_no_day(centre):
    with pytest.raises(ReasonMissing):
        reset_scoring(division=centre.division, from_on=DAYS[2], by=None, at=AT, reason=" ")
    switch_scoring(division=centre.division, is_on=False, from_on=DAYS[1], by=None, at=AT)
    Touch.objects.all().delete()
    reset = reset_scoring(division=centre.division, from_on=DAYS[2], by=None, at=AT, reason="new year")
    assert (reset.is_reset, reset.is_on, touched()) == (True, False, [])


def test_copied_profile_has_the_objectives_of_the_day(centre):
    centre.terms.multipliers.create(queue=Queue.objects.create(name="Gold"), percent=150)
    gone = make_terms(centre, metric("satisfaction"), pays(10), is_active=False)
    copy = copy_profile(profile=centre, name="Copy", on=DAYS[1], by=None, at=AT)
    [terms] = terms_in_force([copy.pk], from_on=DAYS[1], to_on=DAYS[1])
    assert (terms.metric_id, terms.zones, terms.from_on) == (centre.sold.pk, pays(100), EVER)
    assert terms.percents == [100, 150]
    assert (centre.terms.multipliers.count(), gone.objective.profile_id) == (1, centre.pk)


# Trials ----------------------------------------------------------------------------------------------------------


def test_trial_says_what_the_days_paid_and_would_have_paid(centre, django_assert_max_num_queries):
    guard = make_external("level")
    put_day_value(centre.agent, guard, total=10_00000, count=1000, day=DAYS[1])
    Touch.objects.all().delete()
    drafts = [
        Draft(centre.sold, draft(70), centre.terms.objective_id),
        Draft(guard, draft(5)),
        Draft(centre.sold, draft(30, guard_metric_id=guard.pk, guard_operator="at_least", guard_bound=Decimal(11))),
        Draft(metric("average_talk"), draft(direction="inbound")),
    ]
    with django_assert_max_num_queries(30):
        trial = what_would_pay(centre, drafts, until_on=DAYS[3], days=3)
    assert [(one.points, one.draft_points, one.draft_maximum, one.draft_days) for one in trial.objectives] == [
        (300, 210, 210, 3),
        (0, 5, 5, 1),
        (0, 60, 90, 3),
        (0, None, None, None),
    ]
    assert (trial.agents, trial.workdays, trial.one_in, trial.points, trial.draft_points) == (1, 3, 1, 300, 275)
    assert (Touch.objects.count(), points(centre.agent)) == (0, [100] * 4)
