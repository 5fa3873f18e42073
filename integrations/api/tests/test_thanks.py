"""Links for customers, made by a client with the scope."""

import datetime as dt

import pytest
from django.test import Client

from integrations.api.enums import Acting
from interactions.models import Leg
from people.tests.factories import join, lead, make_division, make_person, make_team
from rewards.thanks.models import Response, Survey

from .factories import calling

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2024, 9, 10, 15, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def agent():
    division = make_division("North")
    person = make_person("Ada Okafor", division=division, role="agent")
    started = {"started_at": NOW - dt.timedelta(minutes=9), "workday": NOW.date()}
    Leg.objects.create(source="calls", external_id="c-1", agent=person, **started)
    return person


@pytest.fixture
def chat(agent):
    """A chat system that sees the division."""
    return calling("quality_evaluator", agent.division_assignments.get().division)


def test_link_leads_to_the_page_and_asked_for_again_to_the_same_survey(chat):
    told = chat.post("thanks/links", {"interaction": "c-1", "language": "de"}).told
    assert (told["expiresAt"], told["answered"]) == ("2024-09-17T15:00:00Z", False)
    page = Client().get(told["url"], headers={"Accept-Language": ""}).content.decode()
    assert "Wie wahrscheinlich" in page and "Okafor" not in page
    chat.post("thanks/links", {"interaction": "c-1"})
    assert Response.objects.count() == 1


def test_interaction_that_is_not_known_or_out_of_reach_is_not_found(chat, agent):
    south = calling("quality_evaluator", make_division("South"))
    answers = [chat.post("thanks/links", {"interaction": "c-2"}), south.post("thanks/links", {"interaction": "c-1"})]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].told["message"] == answers[1].told["message"]
    assert not Response.objects.exists()


def test_nobody_makes_a_link_for_their_own_customer(agent):
    division = agent.division_assignments.get().division
    sam = make_person("Sam", division=division, role="supervisor")
    team = make_team(division=division)
    lead(sam, team)
    join(sam, team)
    Leg.objects.update(agent=sam)
    caller = calling(person=sam, acting=Acting.DEVICE)
    assert caller.post("thanks/links", {"interaction": "c-1"}).status_code == 404


def test_without_a_survey_or_an_id_it_is_refused_in_words(chat):
    for wrong in ("", "c\x001", "c" * 161):
        assert chat.post("thanks/links", {"interaction": wrong}).status_code == 400
    Survey.objects.update(is_on=False)
    answer = chat.post("thanks/links", {"interaction": "c-1"})
    assert (answer.status_code, answer.told["message"]) == (409, "No survey is switched on.")
