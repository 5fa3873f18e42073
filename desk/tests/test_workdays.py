"""The workdays page: what is final, why the rest is not, what waits, and leave to take it in."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from desk.workday_queries import NotFinal, divisions_within, workdays_for
from foundation.jobs.actions import run_job
from interactions.enums import TouchReason
from interactions.models import Touch
from leaderboards.tests.factories import make_agent, make_profile, score_day
from people.enums import Permission
from people.tests.factories import make_division, make_person
from scorecards.models import DivisionDay, Reopening

pytestmark = pytest.mark.django_db
AT = dt.datetime(2024, 3, 27, 1, tzinfo=dt.UTC)
"""One hour after the end of the 26th in UTC; the lag is two hours."""


def day(number: int) -> dt.date:
    return dt.date(2024, 3, number)


@pytest.fixture
def division():
    return make_division("North")


@pytest.fixture
def agent(division):
    agent, profile = make_agent("Ada", division), make_profile()
    for number in (24, 25, 26, 27):
        score_day(agent, division, profile, 10, on=day(number))
    return agent


@pytest.fixture
def operator():
    return make_person("Olga", role="administrator")


def touch(agent, on, at=AT):
    Touch.objects.create(agent=agent, workday=on, reason=TouchReason.INTERACTION, at=at)


def close(division, on, at=AT):
    DivisionDay.objects.create(division=division, workday=on, closed_at=at)


def state(viewer, division):
    return next(each for each in workdays_for(viewer, at=AT).divisions if each.division == division)


def test_days_that_are_not_final_say_why(division, agent, operator):
    touch(agent, day(24))
    close(division, day(23))
    found = state(operator, division)
    assert (found.last_on, found.today) == (day(23), day(27))
    assert [(each.workday, each.why, each.agents) for each in found.open_days] == [
        (day(24), NotFinal.TOUCHES, 1),
        (day(25), NotFinal.DUE, 0),
        (day(26), NotFinal.LAG, 0),
    ]
    assert found.open_days[2].until == AT + dt.timedelta(hours=1)


def test_days_without_anything_to_close_are_none(division, operator):
    found = state(operator, division)
    assert (found.last_on, found.open_days, found.more) == (None, [], 0)


def test_late_data_waits_and_the_page_leads_to_its_reopening(division, agent, operator, client):
    now = timezone.now()
    close(division, day(24), at=now - dt.timedelta(days=30))
    touch(agent, day(24), at=now)
    waiting = workdays_for(operator, at=now).waiting
    assert [(each.division, each.workday, each.agents) for each in waiting] == [(division, day(24), 1)]
    client.force_login(operator)
    page = client.get(reverse("desk:workdays")).content.decode()
    assert f"?division={division.pk}&amp;from_on=2024-03-24&amp;to_on=2024-03-24" in page
    filled = client.get(reverse("desk:workdays"), {"division": division.pk, "from_on": "2024-03-24"}).content.decode()
    assert 'value="2024-03-24"' in filled


def form(to_reopen, **changes) -> dict:
    given = {"division": to_reopen.pk, "from_on": "2024-03-24", "to_on": "2024-03-25", "reason": "Late export"}
    return given | changes


def test_reopening_writes_who_when_and_why(division, agent, operator, client):
    close(division, day(24))
    client.force_login(operator)
    response = client.post(reverse("desk:workdays"), form(division))
    assert (response.status_code, response["Location"]) == (302, reverse("desk:workdays"))
    made = Reopening.objects.get()
    assert (made.division, made.from_on, made.to_on, made.by, made.reason) == (
        division,
        day(24),
        day(25),
        operator,
        "Late export",
    )
    assert "Late export" in client.get(reverse("desk:workdays")).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": " "},
        {"from_on": "2024-03-26"},
        {"from_on": "2023-01-01", "to_on": "2023-01-02"},
        {"division": "999999"},
        {"to_on": "soon"},
    ],
)
def test_reopening_with_wrong_input_changes_nothing_and_says_so(division, agent, operator, client, wrong):
    close(division, day(24))
    client.force_login(operator)
    response = client.post(reverse("desk:workdays"), form(division, **wrong))
    assert response.status_code == 422
    assert response.context["form"].errors
    assert not Reopening.objects.exists()


def test_reopening_in_a_division_of_others_is_refused(division, agent, client):
    close(division, day(24))
    client.force_login(make_person(role="administrator", in_division=make_division()))
    assert client.post(reverse("desk:workdays"), form(division)).status_code == 422
    assert not Reopening.objects.exists()


@pytest.mark.parametrize("role", ["agent", "supervisor", "quality_evaluator", None])
def test_page_is_refused_without_the_right(division, agent, client, role):
    close(division, day(24))
    client.force_login(make_person(role=role))
    assert client.get(reverse("desk:workdays")).status_code == 403
    assert client.post(reverse("desk:workdays"), form(division)).status_code == 403
    assert not Reopening.objects.exists()


def test_reviewer_sees_no_jobs_and_may_reopen(division, agent, client):
    with run_job("rescore", at=AT) as run:
        run.did("scored 5 days")
    client.force_login(make_person(role="compliance_reviewer"))
    response = client.get(reverse("desk:workdays"))
    assert (response.context["view"].runs, response.context["form"] is not None) == ([], True)


def test_jobs_show_duration_and_outcome(operator, client):
    with run_job("rescore", at=AT) as run:
        run.did("scored 5 days")
    with pytest.raises(ZeroDivisionError), run_job("close_workdays", at=AT):
        1 / 0  # noqa: B018 - fails on purpose
    client.force_login(operator)
    page = client.get(reverse("desk:workdays")).content.decode()
    assert "scored 5 days" in page
    assert "ZeroDivisionError" in page


def test_divisions_within_a_grant_are_its_own():
    here, there = make_division(), make_division()
    viewer = make_person(role="administrator", in_division=here)
    assert list(divisions_within(viewer, Permission.REOPEN, Permission.OPERATE)) == [here]
    assert there in divisions_within(make_person(role="administrator"), Permission.REOPEN)


def test_page_takes_as_many_queries_for_three_days_as_for_one(
    division, agent, operator, client, django_assert_max_num_queries
):
    client.force_login(operator)
    client.get(reverse("desk:workdays"))
    counts = []
    for number in (20, 21, 22):
        close(division, day(number), at=timezone.now() - dt.timedelta(days=40))
        touch(agent, day(number), at=timezone.now())
        with django_assert_max_num_queries(24) as found:
            client.get(reverse("desk:workdays"))
        counts.append(len(found))
    assert len(set(counts)) == 1
