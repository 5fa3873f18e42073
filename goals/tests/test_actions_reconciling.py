"""Reconciling: what still holds is posted, anything else is decided by a person."""

import datetime as dt
from decimal import Decimal

import pytest

from goals.actions import AlreadyDecided, Choice, NotYours, close_periods, decide, reconcile
from goals.enums import Decision, DecisionReason, EventType, GoalStatus, ReviewCause, Scope
from goals.models import Adjustment, Event, Reconciliation, Review, ReviewDecision, Snapshot
from goals.queries.standing import points_standing
from interactions.models import Touch
from ledger.actions import NotEnoughPoints, Order, account_of, fund_pool, transfer
from ledger.enums import Purpose
from ledger.queries import Balance, balance_of, open_debts_of
from metrics.models import DayValue
from people.models import Grant, Role, User
from scorecards.models import Reopening

from .factories import CLOSE, SEPTEMBER, finish, give, make_goal, make_member, make_reward_pool, make_team

pytestmark = pytest.mark.django_db
STABLE = CLOSE + dt.timedelta(hours=72)
WINDOW_OVER = CLOSE + dt.timedelta(days=7)


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def person(team):
    return make_member(team)


@pytest.fixture
def reviewer(db):
    user = User.objects.create_user("carol@example.com", name="Carol")
    Grant.objects.create(person=user, role=Role.objects.get(slug="compliance_reviewer"))
    return user


def close_with(goal, person, value):
    give(person, goal.metric, value)
    finish(goal.team.division)
    close_periods(at=CLOSE)


def correct(person, value, *, on=SEPTEMBER):
    DayValue.objects.filter(agent=person, workday=on).update(total=Decimal(value))


def hours_goal(team):
    return make_goal(team, terms={"operator": "lte", "achieved": 285, "on_track": 320, "minimum_volume": 1})


def choose(decision, reason=DecisionReason.LATE_DATA, note=""):
    return Choice(decision, reason, note)


@pytest.mark.parametrize("late", ["278.4", "283", "283.9", "273"])
def test_reconcile_posts_within_tolerance(team, person, late):
    close_with(hours_goal(team), person, "278.4")
    correct(person, late)
    assert reconcile(at=STABLE).posted == 1
    assert balance_of(account_of(person)) == Balance(settled=50)
    assert Event.objects.get(type=EventType.REWARD_POSTED).payload["points"] == 50


@pytest.mark.parametrize(
    ("frozen", "late", "cause"),
    [
        ("278.4", "284", ReviewCause.VALUE),
        ("278.4", "291", ReviewCause.STATUS),
        ("286", "284", ReviewCause.STATUS),
        ("286", "287", None),
    ],
)
def test_reconcile_sends_anything_else_to_review(team, person, frozen, late, cause):
    close_with(hours_goal(team), person, frozen)
    correct(person, late)
    done = reconcile(at=STABLE)
    assert done.posted == 0
    assert list(Review.objects.values_list("cause", flat=True)) == ([cause] if cause else [])
    assert balance_of(account_of(person)).settled == 0


def test_reconcile_waits_for_stabilisation_and_runs_once(team, person):
    close_with(make_goal(team), person, 100)
    assert reconcile(at=STABLE - dt.timedelta(seconds=1)).posted == 0
    assert reconcile(at=STABLE).posted == 1
    assert reconcile(at=STABLE) == reconcile(at=STABLE + dt.timedelta(hours=1))
    assert Reconciliation.objects.count() == 1


def test_reconcile_waits_for_changes_on_their_way(team, person):
    close_with(make_goal(team), person, 100)
    Touch.objects.create(agent=person, workday=SEPTEMBER, reason="reading", at=CLOSE)
    assert reconcile(at=STABLE).posted == 0
    Touch.objects.all().delete()
    assert reconcile(at=STABLE).posted == 1


def test_reconcile_compares_again_when_late_data_ends_and_only_opens_a_review(team, person):
    close_with(make_goal(team), person, 100)
    reconcile(at=STABLE)
    correct(person, 200)
    assert reconcile(at=WINDOW_OVER).reviews == 1
    assert balance_of(account_of(person)) == Balance(settled=50)
    assert reconcile(at=WINDOW_OVER).reviews == 0


def test_reconcile_compares_again_on_each_reopening(team, person):
    close_with(make_goal(team), person, 100)
    reconcile(at=STABLE)
    reconcile(at=WINDOW_OVER)
    correct(person, 50)
    Reopening.objects.create(
        division=team.division, from_on=SEPTEMBER, to_on=SEPTEMBER, reason="Lost file", at=WINDOW_OVER
    )
    assert reconcile(at=WINDOW_OVER).reviews == 1
    assert reconcile(at=WINDOW_OVER).reviews == 0


def test_reconcile_of_an_individual_goal_posts_all_but_the_changed(team, person):
    other = make_member(team)
    goal = make_goal(team, scope=Scope.INDIVIDUAL)
    give(other, goal.metric, 150)
    close_with(goal, person, 100)
    correct(person, 90)
    done = reconcile(at=STABLE)
    assert (done.posted, done.reviews) == (1, 1)
    assert Review.objects.get().person == person
    assert (balance_of(account_of(person)).settled, balance_of(account_of(other)).settled) == (0, 50)


@pytest.fixture
def review(team, person):
    """Frozen achieved with 50 points pending, today behind."""
    close_with(make_goal(team), person, 100)
    correct(person, 60)
    reconcile(at=STABLE)
    return Review.objects.get()


def test_decide_to_post_pays_what_was_frozen(review, person, reviewer):
    decide(review=review, choice=choose(Decision.POST, DecisionReason.GOODWILL), by=reviewer, at=WINDOW_OVER)
    assert balance_of(account_of(person)) == Balance(settled=50)
    assert Snapshot.objects.count() == 1


def test_decide_to_void_pays_nothing(review, person, reviewer):
    decide(review=review, choice=choose(Decision.VOID), by=reviewer, at=WINDOW_OVER)
    assert balance_of(account_of(person)) == Balance()
    assert Event.objects.get(type=EventType.REWARD_VOIDED).payload["points"] == 50
    adjustment = Adjustment.objects.get()
    assert (adjustment.points_before, adjustment.points_after) == (50, 0)


def test_decide_to_adjust_writes_a_corrected_result(review, person, reviewer):
    decide(review=review, choice=choose(Decision.ADJUST), by=reviewer, at=WINDOW_OVER)
    corrected = Snapshot.objects.get(corrects=review.snapshot)
    assert (corrected.value, corrected.status, corrected.points) == (60, GoalStatus.BEHIND, 0)
    assert balance_of(account_of(person)) == Balance()


def test_decide_to_adjust_a_posted_payout_takes_back_and_records_a_debt(team, person, reviewer):
    goal = make_goal(team)
    close_with(goal, person, 100)
    reconcile(at=STABLE)
    transfer(Order(account_of(person), make_reward_pool(0), 30, "coffee", Purpose.REDEMPTION), by=None, at=STABLE)
    correct(person, 10)
    reconcile(at=WINDOW_OVER)
    decide(review=Review.objects.get(), choice=choose(Decision.ADJUST), by=reviewer, at=WINDOW_OVER)
    assert balance_of(account_of(person)) == Balance(settled=0)
    assert [owed for _, owed in open_debts_of(account_of(person))] == [30]
    assert points_standing(goal, "2024-09") == {}


def test_decide_to_adjust_upwards_pays_the_difference_once(team, person, reviewer):
    pool = make_reward_pool(500)
    goal = make_goal(
        team,
        terms={"pool": pool, "pay_form": "scaled", "floor_percent": 50, "floor_points": 25, "cap_points": 200},
    )
    close_with(goal, person, 100)
    reconcile(at=STABLE)
    correct(person, 150)
    reconcile(at=WINDOW_OVER)
    decide(review=Review.objects.get(), choice=choose(Decision.ADJUST), by=reviewer, at=WINDOW_OVER)
    assert points_standing(goal, "2024-09") == {person.pk: 75}
    assert balance_of(pool) == Balance(settled=425)
    assert reconcile(at=WINDOW_OVER + dt.timedelta(days=1)).reviews == 0


def test_decide_to_post_a_short_pool_needs_funds(team, person, reviewer):
    pool = make_reward_pool(10)
    goal = make_goal(team, terms={"pool": pool})
    close_with(goal, person, 100)
    review = Review.objects.get()
    with pytest.raises(NotEnoughPoints):
        decide(review=review, choice=choose(Decision.POST), by=reviewer, at=STABLE)
    assert ReviewDecision.objects.count() == 0
    fund_pool(pool, points=40, key="more", by=None, at=STABLE)
    decide(review=review, choice=choose(Decision.POST), by=reviewer, at=STABLE)
    assert points_standing(goal, "2024-09") == {person.pk: 50}
    assert balance_of(pool) == Balance(settled=0)


def test_decide_is_not_for_who_set_the_goal_or_gains(review, person, reviewer):
    review.snapshot.goal.created_by = reviewer
    review.snapshot.goal.save()
    with pytest.raises(NotYours):
        decide(review=review, choice=choose(Decision.POST), by=reviewer, at=WINDOW_OVER)
    Grant.objects.create(person=person, role=Role.objects.get(slug="compliance_reviewer"))
    with pytest.raises(NotYours):
        decide(review=Review.objects.get(), choice=choose(Decision.POST), by=person, at=WINDOW_OVER)


def test_decide_twice_is_refused(review, reviewer):
    decide(review=review, choice=choose(Decision.POST), by=reviewer, at=WINDOW_OVER)
    with pytest.raises(AlreadyDecided):
        decide(review=review, choice=choose(Decision.VOID), by=reviewer, at=WINDOW_OVER)
