"""Interactions and evaluations in the admin: who finds whose, and what entering one does."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from interactions.actions import ENTERED, EvaluationRefused, save_evaluation
from interactions.enums import TouchReason
from interactions.models import Evaluation, Leg, Touch
from people.tests.factories import join, lead, make_division, make_person, make_team

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 2)
AT = dt.datetime(2026, 11, 3, 9, tzinfo=dt.UTC)


def make_leg(agent, day=DAY, number=1):
    return Leg.objects.create(
        source="test",
        external_id=f"{agent.pk if agent else 'nobody'}-{number}",
        agent=agent,
        workday=day,
        started_at=dt.datetime.combine(day, dt.time(9), dt.UTC),
    )


@pytest.fixture
def centre(client):
    north, south = make_division("North"), make_division("South")
    people = {
        "ada": make_person("Ada", division=north),
        "sol": make_person("Sol", division=south),
        "eva": make_person("Eva", division=north, role="quality_evaluator", in_division=north, is_staff=True),
        "root": make_person("Root", division=north, is_staff=True, is_superuser=True),
    }
    client.force_login(people["eva"])
    return people


def listed(client, name):
    return list(client.get(reverse(f"admin:interactions_{name}_changelist")).context["cl"].result_list)


def enter(client, **changes):
    data = {"leg": "", "agent": "", "workday": "", "form": "Greeting", "score": "8", "maximum": "10", "released": "on"}
    return client.post(reverse("admin:interactions_evaluation_add"), {**data, **changes})


def test_an_evaluator_finds_the_legs_of_the_division_only(client, centre):
    own, other = make_leg(centre["ada"]), make_leg(centre["sol"])
    assert listed(client, "leg") == [own]
    assert client.get(reverse("admin:interactions_leg_change", args=[other.pk])).status_code == 404
    assert client.get(reverse("admin:interactions_leg_change", args=[own.pk])).status_code == 200


def test_list_of_a_year_that_no_calendar_has_is_told_as_a_wrong_filter(client, centre):
    response = client.get(reverse("admin:interactions_leg_changelist"), {"workday__year": "99999"})
    assert (response.status_code, response.url.partition("?")[2]) == (302, "e=1")


def test_a_superuser_without_a_role_finds_nobodys_work(client, centre):
    make_leg(centre["ada"])
    client.force_login(centre["root"])
    assert listed(client, "leg") == []


def test_an_administrator_does_not_reach_interactions(client, centre):
    client.force_login(make_person("Ines", role="administrator", is_staff=True))
    assert client.get(reverse("admin:interactions_leg_changelist")).status_code == 403


def test_a_supervisor_finds_only_those_they_lead(client, centre):
    north = centre["ada"].division_assignments.get().division
    team, sam = make_team("Team", division=north), make_person("Sam", division=north, role="supervisor", is_staff=True)
    lead(sam, team)
    join(centre["ada"], team)
    led = make_leg(centre["ada"])
    make_leg(make_person("Bo", division=north))
    make_leg(sam)
    client.force_login(sam)
    assert listed(client, "leg") == [led]


def test_legs_cannot_be_written(client, centre):
    leg = make_leg(centre["ada"])
    assert client.get(reverse("admin:interactions_leg_add")).status_code == 403
    assert client.post(reverse("admin:interactions_leg_change", args=[leg.pk]), {"wrap_up": "x"}).status_code == 403


def test_an_evaluation_of_a_leg_takes_its_agent_and_workday(client, centre):
    leg = make_leg(centre["ada"])
    assert enter(client, leg=str(leg.pk)).status_code == 302
    made = Evaluation.objects.get()
    assert (made.agent, made.workday, made.source, made.evaluator) == (centre["ada"], DAY, ENTERED, centre["eva"])
    assert list(Touch.objects.values_list("agent", "workday", "reason")) == [
        (centre["ada"].pk, DAY, TouchReason.EVALUATION)
    ]


def test_an_evaluation_of_a_workday_needs_no_leg(client, centre):
    assert enter(client, agent=str(centre["ada"].pk), workday=DAY.isoformat()).status_code == 302


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, ["agent", "workday"]),
        ({"score": "11"}, ["score"]),
        ({"maximum": "0"}, ["maximum"]),
        ({"workday": "2126-01-01"}, ["workday"]),
    ],
)
def test_what_is_missing_or_wrong_is_said_at_its_field(client, centre, changes, fields):
    if changes:
        changes = {"agent": str(centre["ada"].pk), "workday": DAY.isoformat()} | changes
    response = enter(client, **changes)
    assert sorted(response.context["adminform"].form.errors) == sorted(fields)


def test_nobody_is_offered_that_one_may_not_evaluate(client, centre):
    for person in (centre["sol"], centre["eva"]):
        response = enter(client, agent=str(person.pk), workday=DAY.isoformat())
        assert list(response.context["adminform"].form.errors) == ["agent"]


def test_a_leg_of_another_division_cannot_be_evaluated(client, centre):
    assert enter(client, leg=str(make_leg(centre["sol"]).pk)).status_code == 200
    assert not Evaluation.objects.exists()


def test_a_leg_that_nobody_took_cannot_be_evaluated(client, centre):
    assert enter(client, leg=str(make_leg(None).pk)).status_code == 200
    assert not Evaluation.objects.exists()


def _evaluation(agent, **fields):
    return Evaluation(agent=agent, workday=DAY, score=8, maximum=10, **fields)


def test_an_imported_evaluation_stays_as_it_came(client, centre):
    imported = _evaluation(centre["ada"], source="import", external_id="1")
    imported.save()
    url = reverse("admin:interactions_evaluation_change", args=[imported.pk])
    assert client.post(url, {"score": "1"}).status_code == 403
    with pytest.raises(EvaluationRefused):
        save_evaluation(imported, by=centre["eva"], at=AT)


def test_nobody_evaluates_themself(centre):
    with pytest.raises(EvaluationRefused):
        save_evaluation(_evaluation(centre["eva"]), by=centre["eva"], at=AT)


def test_moving_an_evaluation_touches_both_workdays(centre):
    made = save_evaluation(_evaluation(centre["ada"]), by=centre["eva"], at=AT)
    Touch.objects.all().delete()
    made.workday = DAY + dt.timedelta(days=1)
    save_evaluation(made, by=centre["eva"], at=AT)
    assert sorted(Touch.objects.values_list("workday", flat=True)) == [DAY, DAY + dt.timedelta(days=1)]


def test_releasing_counts_each_once(client, centre):
    made = save_evaluation(_evaluation(centre["ada"], released=False), by=centre["eva"], at=AT)
    Touch.objects.all().delete()
    url = reverse("admin:interactions_evaluation_changelist")
    client.post(url, {"action": "release", "_selected_action": [made.pk]})
    made.refresh_from_db()
    assert (made.released, Touch.objects.count()) == (True, 1)
    client.post(url, {"action": "release", "_selected_action": [made.pk]})
    assert Touch.objects.count() == 1


@pytest.mark.parametrize("name", ["leg", "evaluation"])
def test_lists_cost_the_same_queries_at_one_and_at_three(client, centre, name):
    url = reverse(f"admin:interactions_{name}_changelist")

    def add(number):
        leg = make_leg(centre["ada"], number=number)
        save_evaluation(_evaluation(centre["ada"], leg=leg), by=centre["eva"], at=timezone.now())

    add(1)
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        client.get(url)
    add(2)
    add(3)
    with CaptureQueriesContext(connection) as three:
        client.get(url)
    assert len(one) == len(three)
