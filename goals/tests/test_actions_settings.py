"""Goals that are made and revised by actions, and late scores that open reviews."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from goals.actions import TermsRefused, create_goal, review_late_score, revise_goal
from goals.enums import Frequency, ReviewCause, Scope
from goals.models import Goal, GoalTerms, Review
from goals.queries.drafts import draft_of, newest_terms
from goals.rules.drafts import GoalDraft
from people.tests.factories import grant, make_person

from .factories import CLOSE, OCTOBER, SEPTEMBER, make_frozen, make_goal, make_member, make_metric, make_team

pytestmark = pytest.mark.django_db
AUGUST = dt.datetime(2024, 8, 20, 9, tzinfo=dt.UTC)
RUNNING = dt.datetime(2024, 9, 20, 9, tzinfo=dt.UTC)
DRAFT = GoalDraft(achieved=Decimal(100), points=50)


def new_goal(**fields) -> Goal:
    content = {"name": "Sales", "starts_on": SEPTEMBER, "team": make_team(), "metric": make_metric()}
    return Goal(**content | fields)


def made(**fields) -> Goal:
    return create_goal(goal=new_goal(**fields), draft=DRAFT, by=None, at=AUGUST)


# Making -----------------------------------------------------------------------------------------------------------


def test_goal_gets_its_first_terms_from_its_first_period_on():
    boss = make_person("Boss")
    goal = create_goal(goal=new_goal(), draft=DRAFT, by=boss, at=AUGUST)
    terms = goal.terms.get()
    assert (goal.created_by, goal.created_at, terms.from_on, terms.points) == (boss, AUGUST, SEPTEMBER, 50)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"starts_on": dt.date(2024, 8, 1)}, "The first period cannot have begun before. Choose"),
        ({"ends_on": dt.date(2024, 9, 20)}, "The goal would not have one whole period. Choose"),
        ({"starts_on": dt.date(2024, 8, 21)}, ""),
        ({"ends_on": OCTOBER}, ""),
    ],
)
def test_goal_begins_with_a_period_to_come_and_has_one(fields, said):
    try:
        made(**fields)
    except TermsRefused as refused:
        assert said and str(refused).startswith(said)
        assert not Goal.objects.exists()
    else:
        assert not said


def test_goal_whose_terms_are_no_rule_is_not_made():
    with pytest.raises(TermsRefused):
        create_goal(goal=new_goal(), draft=replace(DRAFT, on_track=Decimal(120)), by=None, at=AUGUST)
    assert not Goal.objects.exists()


def test_goal_begins_with_the_running_period_with_a_reason_and_the_right():
    goal = new_goal(starts_on=dt.date(2024, 8, 1))
    lead = make_person("Dana", role="supervisor")
    with pytest.raises(PermissionDenied):
        create_goal(goal=goal, draft=DRAFT, by=lead, at=AUGUST, now_with_reason="Agreed")
    goal.pk, goal._state.adding = None, True
    grant(lead, "administrator", division=goal.team.division)
    lead = type(lead).objects.get(pk=lead.pk)
    create_goal(goal=goal, draft=DRAFT, by=lead, at=AUGUST, now_with_reason="Agreed")
    assert goal.terms.get().from_on == dt.date(2024, 8, 1)


# Revising ---------------------------------------------------------------------------------------------------------


def test_revised_terms_hold_from_the_next_period_on():
    goal = made()
    revise_goal(goal=goal, draft=replace(DRAFT, achieved=Decimal(120)), by=None, at=RUNNING)
    assert list(goal.terms.order_by("from_on").values_list("from_on", "achieved")) == [
        (SEPTEMBER, Decimal(100)),
        (OCTOBER, Decimal(120)),
    ]


def test_same_terms_are_not_written_again():
    goal = made()
    goal.name = "Sold"
    revise_goal(goal=goal, draft=draft_of(newest_terms(goal)), by=None, at=RUNNING)
    assert (Goal.objects.get().name, GoalTerms.objects.count()) == ("Sold", 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scope", Scope.INDIVIDUAL),
        ("frequency", Frequency.WEEKLY),
        ("starts_on", OCTOBER),
        ("metric", make_metric),
        ("team", make_team),
    ],
)
def test_goal_that_has_begun_keeps_what_it_counts(name, value):
    goal = made()
    setattr(goal, name, value() if callable(value) else value)
    with pytest.raises(TermsRefused, match="A goal that has begun keeps"):
        revise_goal(goal=goal, draft=DRAFT, by=None, at=RUNNING)
    revise_goal(goal=goal, draft=DRAFT, by=None, at=AUGUST)


@pytest.mark.parametrize(("name", "value"), [("is_active", False), ("ends_on", dt.date(2024, 9, 15))])
def test_running_period_is_left_unpaid_only_with_a_reason(name, value):
    goal = made()
    setattr(goal, name, value)
    with pytest.raises(TermsRefused, match="The running period would not be paid"):
        revise_goal(goal=goal, draft=DRAFT, by=None, at=RUNNING)
    revise_goal(goal=goal, draft=DRAFT, by=None, at=RUNNING, now_with_reason="Closed early")
    assert getattr(Goal.objects.get(), name) == value


# Late scores ------------------------------------------------------------------------------------------------------


def test_late_score_opens_a_review_only_of_a_closed_period():
    team = make_team()
    goal, person = make_goal(team), make_member(team)
    assert review_late_score(goal, person=person, workday=SEPTEMBER, at=CLOSE) is None
    frozen = make_frozen(goal)
    assert review_late_score(goal, person=person, workday=OCTOBER, at=CLOSE) is None
    review = review_late_score(goal, person=person, workday=dt.date(2024, 9, 30), at=CLOSE)
    assert (review.snapshot, review.person, review.cause) == (frozen, None, ReviewCause.LATE_SCORE)
    assert review_late_score(goal, person=person, workday=SEPTEMBER, at=CLOSE) == review


def test_late_score_of_one_person_is_not_the_review_of_another():
    team = make_team()
    goal = make_goal(team, scope=Scope.INDIVIDUAL)
    one, other = make_member(team), make_member(team)
    make_frozen(goal)
    reviews = {review_late_score(goal, person=person, workday=SEPTEMBER, at=CLOSE) for person in (one, other, one)}
    assert {review.person for review in reviews} == {one, other}
    assert Review.objects.count() == 2


def test_late_score_is_about_the_result_that_stands():
    team = make_team()
    goal, person = make_goal(team), make_member(team)
    first = make_frozen(goal)
    corrected = make_frozen(goal, corrects=first)
    assert review_late_score(goal, person=person, workday=SEPTEMBER, at=CLOSE).snapshot == corrected
