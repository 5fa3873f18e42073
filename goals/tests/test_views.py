"""Goal pages: who sees what, what is hidden, and what a page costs."""

import datetime as dt
from fractions import Fraction

import pytest
from django.test import Client
from django.urls import reverse

from goals.actions import close_periods, reconcile
from goals.enums import Decision, DecisionReason, GoalStatus, Scope
from goals.models import Goal, Review, ReviewDecision
from goals.queries.seen import history_for, live_goals_for
from goals.tests.factories import (
    CLOSE,
    SEPTEMBER,
    finish,
    give,
    make_goal,
    make_member,
    make_metric,
    make_team,
    make_terms,
)
from metrics.models import DayValue
from people.tests.factories import grant, lead, make_person

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2024, 9, 20, 12, tzinfo=dt.UTC)
TODAY = NOW.date()
STABLE = CLOSE + dt.timedelta(hours=72)


def team_of(size):
    team = make_team()
    members = [make_member(team) for _ in range(size)]
    for member in members:
        grant(member, "agent")
    return team, members


def live(viewer):
    return live_goals_for(viewer, at=NOW, on=TODAY)


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def test_live_goal_of_a_large_team_shows_value_and_own_part():
    team, members = team_of(7)
    goal = make_goal(team, terms={"on_track": 90})
    for member in members:
        give(member, goal.metric, 10)
    (seen,) = live(members[0])
    assert (seen.value, seen.own_value, seen.percent, seen.is_masked) == (70, 10, 70, False)
    assert (seen.status, seen.days_left, seen.needed_a_day) == (GoalStatus.ON_TRACK, 11, Fraction(30, 11))


def test_live_goal_of_a_small_team_hides_the_total_and_rounds_percent():
    team, members = team_of(5)
    goal = make_goal(team)
    for member in members:
        give(member, goal.metric, "14.4")
    (seen,) = live(members[0])
    assert (seen.value, seen.percent, seen.needed_a_day, seen.parts) == (None, 70, None, ())
    assert seen.own_value * 10 == 144


@pytest.mark.parametrize(("others", "masked"), [(0, False), (1, True), (5, True), (6, False)])
def test_live_goal_of_all_but_a_few_of_a_division_hides_the_total(others, masked):
    """Leaderboards show figures of the whole division; the total of the others' colleagues would single them out."""
    team, members = team_of(8)
    goal = make_goal(team, starts_on=dt.date(2024, 8, 1))
    elsewhere = make_team(team.division)
    for _ in range(others):
        give(make_member(elsewhere), goal.metric, 10)
    for member in members:
        give(member, goal.metric, 10)
        give(member, goal.metric, 10, on=dt.date(2024, 8, 5))
    finish(team.division, start=dt.date(2024, 8, 1), end=SEPTEMBER)
    close_periods(at=dt.datetime(2024, 9, 1, 3, tzinfo=dt.UTC))
    (seen,) = live(members[0])
    assert (seen.is_masked, seen.value) == (masked, None if masked else 80)
    (past,) = history_for(members[0], goal, on=TODAY)
    assert past.value == (None if masked else 80)


def test_live_goal_of_a_small_team_is_whole_for_its_lead():
    team, members = team_of(2)
    goal = make_goal(team)
    give(members[0], goal.metric, 60)
    boss = make_person("Boss", role="supervisor", division=team.division)
    lead(boss, team)
    (seen,) = live(boss)
    assert (seen.value, seen.is_masked, seen.is_member) == (60, False, False)


def test_live_individual_goal_is_ones_own():
    team, members = team_of(2)
    goal = make_goal(team, scope=Scope.INDIVIDUAL)
    give(members[0], goal.metric, 100)
    assert [(each.value, each.status) for each in live(members[0])] == [(100, GoalStatus.ACHIEVED)]
    assert [(each.value, each.status) for each in live(members[1])] == [(None, GoalStatus.BEHIND)]


def test_goal_of_another_team_is_not_found():
    goal = make_goal(team_of(1)[0])
    _, (stranger,) = team_of(1)
    assert browser(stranger).get(reverse("goals:detail", args=[goal.public_id])).status_code == 404
    assert live(stranger) == []


def test_page_of_a_small_team_holds_nothing_of_a_colleague():
    team, members = team_of(3)
    goal = make_goal(team, starts_on=dt.date(2024, 1, 1))
    give(members[1], goal.metric, "77.31", on=dt.date(2024, 1, 5))
    finish(team.division, start=dt.date(2024, 1, 1))
    close_periods(at=dt.datetime(2024, 2, 1, 3, tzinfo=dt.UTC))
    html = browser(members[0]).get(reverse("goals:detail", args=[goal.public_id])).content.decode()
    assert members[1].name not in html
    assert "77.3" not in html


def test_history_names_the_state_of_each_period():
    team, (person,) = team_of(1)
    goal = make_goal(team)
    give(person, goal.metric, 100)
    finish(team.division)
    close_periods(at=CLOSE)
    states = [history_for(person, goal, on=TODAY)[0].state]
    DayValue.objects.filter(agent=person, workday=SEPTEMBER).update(total=10)
    reconcile(at=STABLE)
    states.append(history_for(person, goal, on=TODAY)[0].state)
    ReviewDecision.objects.create(
        review=Review.objects.get(), decision=Decision.VOID, reason=DecisionReason.WRONG_DATA, by=person, at=STABLE
    )
    past = history_for(person, goal, on=TODAY)[0]
    assert [*states, past.state] == ["provisional", "review", "voided"]
    assert past.reason == DecisionReason.WRONG_DATA.label


def test_review_page_decides():
    team, (person,) = team_of(1)
    goal = make_goal(team)
    give(person, goal.metric, 100)
    finish(team.division)
    close_periods(at=CLOSE)
    DayValue.objects.filter(agent=person, workday=SEPTEMBER).update(total=10)
    reconcile(at=STABLE)
    reviewer = browser(make_person("Vic", role="compliance_reviewer"))
    address = reverse("goals:review", args=[Review.objects.get().public_id])
    assert person.name in reviewer.get(address).content.decode()
    assert reviewer.post(address, {"decision": "post"}).status_code == 422
    assert reviewer.post(address, {"decision": "post", "reason": "goodwill"}).status_code == 302
    assert ReviewDecision.objects.get().decision == Decision.POST
    assert reviewer.post(address, {"decision": "void", "reason": "goodwill"}).status_code == 422


def test_review_page_shows_each_part_as_the_goal_counts_it():
    """Of a percentage a member's part is their own percentage, not the total that it is divided from."""
    team, (person,) = team_of(1)
    metric = make_metric(unit="percent", precision=1, aggregation="average")
    goal = make_goal(team, metric, terms={"aggregation": "average", "achieved": 70})
    give(person, metric, 4000, count=50, days=20)
    finish(team.division)
    close_periods(at=CLOSE)
    DayValue.objects.filter(agent=person).update(total=3000)
    reconcile(at=STABLE)
    reviewer = browser(make_person("Vic", role="compliance_reviewer"))
    html = reviewer.get(reverse("goals:review", args=[Review.objects.get(snapshot__goal=goal).public_id])).content
    row = html.decode().split(person.name)[1].split("</tr>")[0]
    assert [part.split("<")[0] for part in row.split('class="r">')[1:3]] == ["80.0%", "60.0%"]


def test_review_page_says_why_who_gains_may_not_decide():
    team, (person,) = team_of(1)
    goal = make_goal(team)
    give(person, goal.metric, 100)
    finish(team.division)
    close_periods(at=CLOSE)
    DayValue.objects.filter(agent=person, workday=SEPTEMBER).update(total=10)
    reconcile(at=STABLE)
    grant(person, "compliance_reviewer")
    html = browser(person).get(reverse("goals:review", args=[Review.objects.get().public_id])).content.decode()
    assert "You are paid by this goal" in html
    assert "<textarea" not in html


@pytest.mark.parametrize("name", ["goals:index", "goals:detail"])
def test_goal_pages_cost_the_same_for_one_and_three(name, django_assert_max_num_queries):
    team, members = team_of(3)
    metric = make_metric()
    counts = []
    for goals in (1, 3):
        while team.goals.count() < goals:
            make_goal(team, metric)
        give(members[goals - 1], metric, 5)
        client = browser(members[0])
        arguments = [team.goals.first().public_id] if name == "goals:detail" else []
        client.get(reverse(name, args=arguments))
        with django_assert_max_num_queries(40) as captured:
            client.get(reverse(name, args=arguments))
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 30


def test_unchanged_poll_answers_204():
    team, members = team_of(1)
    make_goal(team)
    client = browser(members[0])
    digest = client.get(reverse("goals:index")).context["digest"]
    response = client.get(reverse("goals:index"), {"v": digest}, headers={"HX-Request": "true"})
    assert response.status_code == 204


def test_goal_that_another_system_reports_says_so_and_shows_no_figures():
    team, (person,) = team_of(1)
    goal = Goal.objects.create(name="Outside", team=team, counted="reported", starts_on=SEPTEMBER, created_at=CLOSE)
    make_terms(goal)
    client = browser(person)
    for url in (reverse("goals:index"), reverse("goals:detail", args=[goal.public_id])):
        page = client.get(url).content.decode()
        assert "Another system says how this goal stands" in page
        assert "Few people contribute" not in page
        assert "Needed a day" not in page
