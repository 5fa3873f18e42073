"""Goals in the admin: their form, what it previews, who configures which, and terms that are only ever added."""

import datetime as dt
from decimal import Decimal

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from foundation.periods import period_of
from goals.actions import TermsRefused, close_periods, publish_goal_terms
from goals.enums import Frequency
from goals.models import Goal, GoalTerms, SnapshotMember
from goals.queries.drafts import draft_of
from goals.queries.due import current_period
from goals.queries.trial import what_would_be_paid
from goals.rules.drafts import GoalDraft
from goals.tests.factories import (
    CLOSE,
    OCTOBER,
    SEPTEMBER,
    finish,
    give,
    make_goal,
    make_member,
    make_metric,
    make_reward_pool,
    make_team,
    make_terms,
)
from metrics.actions import narrowed
from metrics.models import Metric
from people.models import Queue
from people.tests.factories import lead, make_person

pytestmark = pytest.mark.django_db
ADD = reverse("admin:goals_goal_add")
MONTH = Frequency.MONTHLY.kind


def running():
    return period_of(MONTH, timezone.now().date())


@pytest.fixture
def administrator(client):
    person = make_person("Ines", role="administrator", is_staff=True)
    client.force_login(person)
    return person


@pytest.fixture
def supervisor(client):
    """Leads one team in a division."""
    team = make_team()
    person = make_person("Sam", division=team.division, role="supervisor", is_staff=True)
    person.team = team
    lead(person, team)
    client.force_login(person)
    return person


def typed(team=None, metric=None, **more) -> dict:
    """The form of a new goal as it is posted."""
    data = {
        "name": "Closed cases",
        "scope": "team",
        "team": team.pk if team else "",
        "counted": "metric",
        "metric": metric.pk if metric else "",
        "frequency": "monthly",
        "starts_on": running().next.start.isoformat(),
        "is_active": "on",
        "aggregation": "sum",
        "operator": "gte",
        "achieved": "100",
        "pay_form": "binary",
        "pay_mode": "per_member",
        "points": "50",
        "sharing": "equity",
        "expiry": "never",
        "guard_operator": "at_least",
        "guard_scope": "own",
        "guard_goal_status": "ACHIEVED",
        "lag_minutes": "120",
        "stabilisation_hours": "72",
        "tolerance_percent": "2",
        "multipliers-target": "",
        "multipliers-percent": "",
    }
    return data | more


def post(client, data, url=ADD):
    return client.post(url, data)


def errors_of(response) -> dict:
    return {name: list(found) for name, found in response.context["adminform"].form.errors.items()}


def change_of(goal) -> str:
    return reverse("admin:goals_goal_change", args=[goal.pk])


def begun_goal(team=None, **terms) -> Goal:
    """A goal with a running period, settled by terms since long ago."""
    return make_goal(team, starts_on=dt.date(2024, 1, 1), terms=terms)


def typed_again(goal, **more) -> dict:
    """The form of a goal as it stands."""
    return typed(goal.team, goal.metric, name=goal.name, starts_on=goal.starts_on.isoformat()) | more


# Saving ----------------------------------------------------------------------------------------------------------


def test_new_goal_is_saved_with_terms_from_its_first_period(client, administrator):
    team, metric, pool = make_team(), make_metric(), make_reward_pool(1000)
    response = post(client, typed(team, metric, on_track="90", pool=pool.pk))
    assert response.status_code == 302, errors_of(response)
    goal = Goal.objects.get()
    terms = goal.terms.get()
    assert (goal.created_by, goal.team, goal.metric) == (administrator, team, metric)
    assert (terms.from_on, terms.achieved, terms.on_track, terms.points) == (running().next.start, 100, 90, 50)
    assert (terms.by, terms.pool, terms.reason) == (administrator, pool, "")
    assert LogEntry.objects.get_for_object(goal).count() == 1
    assert LogEntry.objects.get_for_object(terms).count() == 1


def test_durations_are_typed_with_colons(client, administrator):
    metric = make_metric(unit="seconds")
    post(
        client,
        typed(make_team(), metric, operator="lte", achieved="285:00:00", on_track="320:00:00", minimum_volume="5"),
    )
    terms = GoalTerms.objects.get()
    assert (terms.achieved, terms.on_track, terms.minimum_volume) == (285 * 3600, 320 * 3600, 5)


def test_goal_over_points_has_no_metric(client, administrator):
    post(client, typed(make_team(), make_metric(), counted="points"))
    assert Goal.objects.get().metric is None


def test_change_in_a_running_period_holds_from_the_next(client, administrator):
    goal = begun_goal()
    before = goal.terms.get()
    response = post(client, typed_again(goal, achieved="120"), change_of(goal))
    assert response.status_code == 302, errors_of(response)
    rows = list(goal.terms.order_by("from_on").values_list("from_on", "achieved"))
    assert rows == [(before.from_on, 100), (running().next.start, 120)]


def test_saving_again_replaces_what_was_to_come_and_nothing_else(client, administrator):
    goal = begun_goal()
    post(client, typed_again(goal, achieved="120"), change_of(goal))
    post(client, typed_again(goal, achieved="130"), change_of(goal))
    assert [each.achieved for each in goal.terms.order_by("from_on")] == [100, 130]


def test_saving_without_a_change_of_terms_publishes_none(client, administrator):
    goal = begun_goal()
    response = post(client, typed_again(goal, name="Another name"), change_of(goal))
    assert response.status_code == 302, errors_of(response)
    goal.refresh_from_db()
    assert (goal.name, goal.terms.count()) == ("Another name", 1)


def test_administrator_changes_the_running_period_with_a_reason(client, administrator):
    goal = begun_goal()
    data = typed_again(goal, achieved="120", hold_now="on", reason="Two weeks of outage")
    assert post(client, data, change_of(goal)).status_code == 302
    terms = goal.terms.latest("from_on")
    assert (terms.from_on, terms.achieved, terms.reason) == (running().start, 120, "Two weeks of outage")


def test_changing_the_running_period_needs_a_reason(client, administrator):
    goal = begun_goal()
    response = post(client, typed_again(goal, hold_now="on", reason=" "), change_of(goal))
    assert errors_of(response) == {"reason": ["Say why the running period is changed."]}


def test_goal_that_has_begun_keeps_what_it_counts(client, administrator):
    goal, other = begun_goal(), make_metric()
    post(client, typed_again(goal, metric=other.pk, scope="individual"), change_of(goal))
    kept = Goal.objects.get()
    assert (kept.metric, kept.scope) == (goal.metric, "team")


# What is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"achieved": ""}, {"achieved": ["This field is required."]}),
        ({"achieved": "many"}, {"achieved": ["“many” is not a number. Write 180, or 3:00 for three minutes."]}),
        ({"on_track": "100"}, {"on_track": ["With “at least”, “on track” must be below “achieved”."]}),
        ({"on_track": "90", "at_risk": "95"}, {"at_risk": ["With “at least”, “at risk” must be below “on track”."]}),
        (
            {"operator": "lte", "minimum_volume": "1", "at_risk": "95"},
            {"at_risk": ["With “at most”, “at risk” must be above “achieved”."]},
        ),
        (
            {"operator": "lte"},
            {"minimum_volume": ["Doing nothing reaches “at most” on a sum. Ask for a minimum volume, or set a guard."]},
        ),
        ({"minimum_volume": "-1"}, {"minimum_volume": ["This cannot be below zero."]}),
        (
            {"pay_form": "scaled", "floor_percent": "0"},
            {"floor_percent": ["The floor lies above 0 and not above 100 percent."]},
        ),
        (
            {"pay_form": "scaled", "floor_percent": "90", "floor_points": "60"},
            {"floor_points": ["The floor cannot pay more than 100 percent does."]},
        ),
        (
            {"pay_form": "scaled", "cap_points": "40"},
            {"cap_points": ["The most cannot be less than the points at 100 percent."]},
        ),
        ({"pay_form": "scaled", "achieved": "0"}, {"achieved": ["Scaled pay needs a target above zero."]}),
        ({"points": "1000001"}, {"points": ["At most 1000000 points."]}),
        (
            {"scope": "individual", "pay_mode": "fixed_pool"},
            {"pay_mode": ["Only a team shares a fixed number of points."]},
        ),
        ({"expiry": "after_days"}, {"expires_after_days": ["Say after how many days points expire."]}),
        ({"tolerance_percent": "11"}, {"tolerance_percent": ["This lies between 0 and 10."]}),
        ({"lag_minutes": "20000"}, {"lag_minutes": ["This lies between 0 and 10080."]}),
        ({"with_teams_below": "on"}, {"with_teams_below": ["A team goal has the members of one team."]}),
        ({"metric": ""}, {"metric": ["Choose the metric that is counted."]}),
        (
            {"multipliers-target": "q0", "multipliers-percent": "120"},
            {"multipliers": ["Choose a queue or a team for each percent."]},
        ),
    ],
)
def test_form_says_what_is_wrong_at_its_field(client, administrator, changes, errors):
    assert errors_of(post(client, typed(make_team(), make_metric()) | changes)) == errors
    assert not Goal.objects.exists()


def test_percents_are_not_added_up(client, administrator):
    response = post(client, typed(make_team(), make_metric(unit="percent", aggregation="average")))
    assert errors_of(response) == {"aggregation": ["Percents cannot be added up. Choose the average."]}


def test_guard_of_a_queue_needs_a_metric_that_queues_have_and_a_primary_queue(client, administrator):
    outside = {"guard_metric": make_metric().pk, "guard_bound": "80", "guard_scope": "home_queue"}
    assert list(errors_of(post(client, typed(make_team(), make_metric(), **outside)))) == ["guard_metric"]
    inside = outside | {"guard_metric": Metric.objects.get(key="service_level_20s").pk}
    assert list(errors_of(post(client, typed(make_team(), make_metric(), **inside)))) == ["guard_scope"]
    team = make_team(primary_queue=Queue.objects.create(name="Support"))
    post(client, typed(team, make_metric(), **inside))
    assert Goal.objects.get().terms.get().guard_scope == "home_queue"


def test_guard_needs_its_value_and_another_metric(client, administrator):
    metric = make_metric()
    assert list(errors_of(post(client, typed(make_team(), metric, guard_metric=make_metric().pk)))) == ["guard_bound"]
    response = post(client, typed(make_team(), metric, guard_metric=metric.pk, guard_bound="1"))
    assert errors_of(response) == {"guard_metric": ["A guard must be another metric than the goal's own."]}


def test_guarding_goal_has_the_same_period_a_status_and_no_circle(client, administrator):
    team = make_team()
    weekly = make_goal(team, frequency="weekly", starts_on=dt.date(2024, 1, 1))
    alone = make_goal(team, scope="individual", starts_on=dt.date(2024, 1, 1))
    goal = begun_goal(team)
    guarded = make_goal(team, starts_on=dt.date(2024, 1, 1), terms={"guard_goal": goal})
    found = [
        errors_of(post(client, typed_again(goal, guard_goal=guard.pk), change_of(goal)))
        for guard in (weekly, alone, guarded)
    ]
    assert found == [
        {"guard_goal": ["The guarding goal must have the same period."]},
        {"guard_goal": ["Choose a goal of a team: an individual goal has no status of its own."]},
        {"guard_goal": ["Goals cannot guard each other in a circle."]},
    ]


def test_first_period_cannot_have_begun_unless_with_a_reason(client, administrator):
    team, metric, start = make_team(), make_metric(), running().start.isoformat()
    assert list(errors_of(post(client, typed(team, metric, starts_on=start)))) == ["starts_on"]
    data = typed(team, metric, starts_on=start, hold_now="on", reason="Agreed at the start of the month")
    assert post(client, data).status_code == 302
    assert GoalTerms.objects.get().from_on == running().start


def test_goal_has_at_least_one_whole_period(client, administrator):
    response = post(
        client, typed(make_team(), make_metric(), ends_on=(running().next.start + dt.timedelta(3)).isoformat())
    )
    assert list(errors_of(response)) == ["ends_on"]


def test_running_period_is_not_cut_off_without_a_reason(client, administrator):
    goal = begun_goal()
    ends = (running().end - dt.timedelta(days=1)).isoformat()
    assert list(errors_of(post(client, typed_again(goal, ends_on=ends), change_of(goal)))) == ["ends_on"]
    stopped = typed_again(goal) | {"is_active": ""}
    assert list(errors_of(post(client, stopped, change_of(goal)))) == ["is_active"]
    assert post(client, stopped | {"hold_now": "on", "reason": "Set up wrongly"}, change_of(goal)).status_code == 302
    assert not Goal.objects.get().is_active


# Who configures which --------------------------------------------------------------------------------------------


def test_supervisor_configures_goals_of_teams_they_lead_only(client, supervisor):
    own, other = begun_goal(supervisor.team), begun_goal()
    page = client.get(reverse("admin:goals_goal_changelist")).content.decode()
    assert (own.name in page, other.name in page) == (True, False)
    assert client.get(change_of(own)).status_code == 200
    assert client.get(change_of(other)).status_code == 404
    assert post(client, typed(supervisor.team, make_metric(), name="Mine")).status_code == 302
    assert list(errors_of(post(client, typed(other.team, make_metric())))) == ["team"]


def test_supervisor_is_not_offered_goals_and_teams_of_others(client, supervisor):
    own, other = begun_goal(supervisor.team), begun_goal()
    form = client.get(ADD).context["adminform"].form
    assert list(form.fields["guard_goal"].queryset) == [own]
    assert list(form.fields["team"].queryset) == [supervisor.team]
    assert other.team.name not in str(form.fields["multipliers"].widget.choices)


def test_supervisor_does_not_change_the_running_period(client, supervisor):
    goal = begun_goal(supervisor.team)
    data = typed_again(goal, achieved="120", hold_now="on", reason="I want to")
    post(client, data, change_of(goal))
    assert goal.terms.latest("from_on").from_on == running().next.start
    with pytest.raises(PermissionDenied):
        publish_goal_terms(
            goal=goal, draft=GoalDraft(Decimal(1)), by=supervisor, at=timezone.now(), now_with_reason="I want to"
        )


# Terms -----------------------------------------------------------------------------------------------------------


def test_terms_of_a_closed_period_stay_whatever_is_published(administrator):
    team, metric = make_team(), make_metric()
    goal = make_goal(team, metric)
    give(make_member(team), metric, 120, days=1)
    finish(team.division)
    close_periods(at=CLOSE)
    snapshot = goal.snapshots.get()
    publish_goal_terms(
        goal=goal, draft=GoalDraft(Decimal(500)), by=administrator, at=CLOSE, now_with_reason="A mistake"
    )
    snapshot.refresh_from_db()
    assert (snapshot.terms.achieved, snapshot.terms.from_on) == (100, dt.date(2024, 1, 1))
    assert goal.terms.latest("from_on").from_on == OCTOBER


def test_action_refuses_what_the_form_refuses(administrator):
    goal = begun_goal()
    with pytest.raises(TermsRefused, match="must be below"):
        publish_goal_terms(
            goal=goal, draft=GoalDraft(Decimal(1), on_track=Decimal(2)), by=administrator, at=timezone.now()
        )
    with pytest.raises(TermsRefused, match="Say why"):
        publish_goal_terms(
            goal=goal, draft=GoalDraft(Decimal(1)), by=administrator, at=timezone.now(), now_with_reason=" "
        )


@pytest.mark.parametrize("has_begun", [True, False])
def test_goal_of_a_narrowed_metric_can_be_saved_again(client, administrator, has_begun):
    metric, _ = narrowed(Metric.objects.get(key="average_talk"), direction="inbound")
    starts_on = running().start if has_begun else running().next.start
    goal = make_goal(metric=metric, starts_on=starts_on)
    response = post(client, typed_again(goal, name="Renamed"), change_of(goal))
    assert response.status_code == 302, errors_of(response)
    goal.refresh_from_db()
    assert (goal.name, goal.metric) == ("Renamed", metric)


@pytest.mark.parametrize(("counted", "saved"), [("reported", True), ("points", False)])
def test_goal_without_threshold_is_saved_only_where_another_system_judges(client, administrator, counted, saved):
    post(client, typed(make_team(), counted=counted, achieved=""))
    assert Goal.objects.filter(counted=counted).exists() == saved


def test_draft_of_terms_publishes_the_same_again(administrator):
    goal = begun_goal()
    terms = make_terms(goal, from_on=SEPTEMBER, pay_form="scaled", floor_percent=Decimal("92.5"), floor_points=20)
    again = publish_goal_terms(goal=goal, draft=draft_of(terms), by=None, at=timezone.now())
    assert draft_of(GoalTerms.objects.get(pk=again.pk)) == draft_of(GoalTerms.objects.get(pk=terms.pk))


# The preview -----------------------------------------------------------------------------------------------------


def test_preview_shows_what_closing_would_pay(client, supervisor):
    """The same figures as the rule freezes when the period closes."""
    team, metric = supervisor.team, make_metric()
    people = [make_member(team) for _ in range(3)]
    goal = make_goal(team, metric, terms={"points": 100, "pay_mode": "fixed_pool", "sharing": "contribution"})
    for person, total in zip(people, (60, 30, 27), strict=True):
        give(person, metric, total)
    finish(team.division)
    october = dt.datetime(2024, 10, 15, tzinfo=dt.UTC)
    draft = draft_of(goal.terms.get())
    next_period = current_period(goal, at=october).next
    on = timezone.now().date()
    trial = what_would_be_paid(goal, draft, viewer=supervisor, on=on, at=october, holds_from=next_period)
    close_periods(at=CLOSE)
    frozen = goal.snapshots.get()
    paid = dict(SnapshotMember.objects.filter(snapshot=frozen).values_list("person__name", "points"))
    shown = trial.periods[-1]
    assert [each.period.key for each in trial.periods] == ["2024-07", "2024-08", "2024-09"]
    assert (shown.value, shown.status, shown.points) == (frozen.value, frozen.status, frozen.points)
    assert {each.name: each.points for each in shown.members} == paid


def test_preview_of_a_new_goal_saves_nothing(client, supervisor):
    metric = make_metric()
    member, other = make_member(supervisor.team), make_member(supervisor.team)
    last = running().previous.start
    give(member, metric, 80, on=last)
    give(other, metric, 40, on=last)
    response = post(client, typed(supervisor.team, metric, _preview="1"))
    shown = response.context["preview"]["trial"].periods[-1]
    assert (shown.value, shown.status, shown.points, shown.paid) == (120, "ACHIEVED", 100, 2)
    assert member.name in response.content.decode()
    assert not Goal.objects.exists()


@pytest.mark.parametrize(("held", "short"), [(99, True), (100, False)])
def test_preview_says_when_the_pool_could_not_pay_in_full(client, administrator, supervisor, held, short):
    metric, pool = make_metric(), make_reward_pool(held)
    for _ in range(2):
        give(make_member(supervisor.team), metric, 80, on=running().previous.start)
    data = typed(supervisor.team, metric, pool=pool.pk, _preview="1")
    page = post(client, data).content.decode()
    assert ("pays nobody, and goes to review" in page) is short
    assert (f"has {held} points available; the dearest of these periods needs 100" in page) is short


@pytest.mark.parametrize(("number", "hidden"), [(4, True), (5, False)])
def test_administrator_sees_no_names_and_no_figures_of_few(client, administrator, number, hidden):
    team, metric = make_team(), make_metric()
    people = [make_member(team) for _ in range(number)]
    for person in people:
        give(person, metric, 50, on=running().previous.start)
    response = post(client, typed(team, metric, _preview="1"))
    shown, page = response.context["preview"]["trial"].periods[-1], response.content.decode()
    assert shown.is_hidden == hidden
    assert (shown.points, shown.members) == (0 if hidden else 50 * number, ())
    assert [each.name for each in people if f"{each.name}<" in page or f"{each.name}:" in page] == []


def test_average_of_a_team_warns_and_shows_both_figures(client, supervisor):
    metric = make_metric()
    last = running().previous.start
    for total, count in ((900, 9), (10, 1)):
        give(make_member(supervisor.team), metric, total, on=last, count=count)
    response = post(client, typed(supervisor.team, metric, aggregation="average", _preview="1"))
    figures = response.context["preview"]["trial"].figures
    assert (figures.together, figures.mean_of_members) == (91, 55)
    assert "one strong agent" in response.content.decode()


def test_members_whom_another_pool_keeps_are_foreseen(client, supervisor):
    team = supervisor.team
    person = make_member(team)
    keeper = begun_goal(team, pool=make_reward_pool(100))
    response = post(client, typed(team, make_metric(), pool=make_reward_pool(100).pk, _preview="1"))
    assert response.context["preview"]["trial"].kept.named == ((person.name, keeper.name),)
    response = client.post(ADD, typed(team, make_metric(), pool=make_reward_pool(100).pk), follow=True)
    assert f"{person.name} ({keeper.name})" in response.content.decode()


def test_kept_members_are_counted_not_named_for_administrators(client, administrator):
    team = make_team()
    person = make_member(team)
    begun_goal(team, pool=make_reward_pool(100))
    response = client.post(ADD, typed(team, make_metric(), pool=make_reward_pool(100).pk), follow=True)
    page = response.content.decode()
    assert ("1 whom you do not see" in page, person.name in page) == (True, False)


def test_list_of_goals_asks_as_often_for_three_as_for_one(client, administrator):
    def queries():
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse("admin:goals_goal_changelist")).status_code == 200
        return len(found)

    begun_goal()
    queries()
    once = queries()
    begun_goal()
    begun_goal()
    assert queries() == once
