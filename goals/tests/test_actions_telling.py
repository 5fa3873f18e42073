"""Members are told when a goal closes, and when its points are posted or taken back."""

import pytest

from goals.actions import close_periods, decide, reconcile
from goals.enums import Decision
from goals.models import Review
from inbox.enums import Kind
from inbox.models import Notification
from people.models import User

from .factories import CLOSE, finish, give, make_goal, make_member, make_team
from .test_actions_reconciling import (  # noqa: F401 - fixtures
    STABLE,
    WINDOW_OVER,
    choose,
    close_with,
    correct,
    person,
    reviewer,
    team,
)

pytestmark = pytest.mark.django_db


def told(person) -> list[tuple[str, int]]:  # noqa: F811 - a plain argument
    rows = Notification.objects.filter(person=person).order_by("pk")
    return list(rows.values_list("kind", "params__points"))


def test_close_and_posting_are_told_once(team, person):  # noqa: F811 - fixtures
    goal = make_goal(team, name="Calls")
    close_with(goal, person, 100)
    close_periods(at=CLOSE)
    assert told(person) == [(Kind.GOAL_CLOSED, 50)]
    for _ in range(2):
        reconcile(at=STABLE)
    assert told(person) == [(Kind.GOAL_CLOSED, 50), (Kind.REWARD_POSTED, 50)]
    row = Notification.objects.first()
    assert (row.params["goal"], row.params["period"]) == ("Calls", "2024-09")
    assert row.url == f"/goals/{goal.public_id}/"


def test_dry_run_tells_nobody(team, person):  # noqa: F811 - fixtures
    goal = make_goal(team)
    give(person, goal.metric, 100)
    finish(team.division)
    close_periods(at=CLOSE, dry_run=True)
    assert not Notification.objects.exists()


def test_each_member_is_told_their_own_points_and_nobody_who_cannot_sign_in(team, person):  # noqa: F811 - fixtures
    behind, left, mute = make_member(team), make_member(team), make_member(team)
    User.objects.filter(pk=left.pk).update(is_active=False)
    User.objects.filter(pk=mute.pk).update(email=None)
    goal = make_goal(team)
    for each, value in ((person, 100), (behind, 1), (left, 100), (mute, 100)):
        give(each, goal.metric, value)
    outsider = make_member(make_team())
    finish(team.division)
    close_periods(at=CLOSE)
    assert set(Notification.objects.values_list("person", flat=True)) == {person.pk, behind.pk}
    assert told(outsider) == []


def test_voiding_after_a_post_is_told_as_taken_back(team, person, reviewer):  # noqa: F811 - fixtures
    close_with(make_goal(team), person, 100)
    reconcile(at=STABLE)
    correct(person, 10)
    reconcile(at=WINDOW_OVER)
    decide(review=Review.objects.get(), choice=choose(Decision.ADJUST), by=reviewer, at=WINDOW_OVER)
    assert told(person)[-1] == (Kind.REWARD_REVERSED, 50)
    assert Notification.objects.filter(by=reviewer).count() == 0
