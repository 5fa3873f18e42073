"""Objections: sent on My data, answered once by who configures people in the division, read by nobody else."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people.actions import AlreadyAnswered, OwnObjection, answer_objection, erase_person, object_to_use
from people.models import Objection

from .factories import join, lead, make_division, make_person, make_team

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 9, 1, 9, tzinfo=dt.UTC)
LIST = "admin:people_objection_changelist"


@pytest.fixture
def north():
    return make_division("North")


@pytest.fixture
def ada(north):
    return make_person("Ada", division=north, role="agent")


@pytest.fixture
def administrator(north):
    return make_person("Nora", division=north, role="administrator", in_division=north, is_staff=True)


def change_page(objection) -> str:
    return reverse("admin:people_objection_change", args=[objection.pk])


def test_objection_is_sent_answered_in_the_admin_and_read_by_the_person_alone(client, ada, administrator):
    page = reverse("desk:my_data")
    client.force_login(ada)
    assert client.post(page, {"text": "  "}).status_code == 422
    assert client.post(page, {"text": "No badges, please"}).status_code == 302
    assert "waiting for an answer" in client.get(page).content.decode()
    objection = Objection.objects.get()
    client.force_login(administrator)
    assert "Ada" in client.get(reverse(LIST)).content.decode()
    assert client.post(change_page(objection), {"answer": ""}).status_code == 200
    assert client.post(change_page(objection), {"answer": "Done as you ask"}).status_code == 302
    assert client.post(change_page(objection), {"answer": "Again"}).status_code == 403
    assert "No badges" not in client.get(page).content.decode()
    client.force_login(ada)
    text = client.get(page).content.decode()
    assert "Done as you ask" in text and "by Nora" in text


def test_lead_and_administrator_of_another_division_do_not_find_it(client, ada):
    objection = object_to_use(person=ada, text="No badges, please", at=AT)
    boss, team, south = make_person("Boss", role="supervisor", is_staff=True), make_team(), make_division("South")
    lead(boss, team)
    join(ada, team)
    client.force_login(boss)
    assert client.get(reverse(LIST)).status_code == 403
    client.force_login(make_person("Sam", division=south, role="administrator", in_division=south, is_staff=True))
    assert "Ada" not in client.get(reverse(LIST)).content.decode()
    assert client.get(change_page(objection)).status_code == 404


def test_objection_is_answered_once_and_never_by_oneself(ada, administrator):
    objection = object_to_use(person=ada, text="No", at=AT)
    with pytest.raises(OwnObjection):
        answer_objection(objection, answer="Yes", by=ada, at=AT)
    answer_objection(objection, answer="First", by=administrator, at=AT)
    with pytest.raises(AlreadyAnswered):
        answer_objection(objection, answer="Second", by=administrator, at=AT)
    assert Objection.objects.get().answer == "First"


def test_answer_stands_with_its_time(ada):
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.create(person=ada, text="No", at=AT, answer="Without a time")


def test_erasing_takes_objections_along(ada):
    object_to_use(person=ada, text="I am Ada", at=AT)
    ada.is_active, ada.left_at = False, AT
    erase_person(person=ada, by=None, at=AT)
    assert not Objection.objects.exists()


def test_page_takes_as_many_queries_for_three_objections_as_for_one(client, ada, administrator):
    client.force_login(ada)
    client.get(reverse("desk:my_data"))
    counts = []
    for more in (1, 2):
        for _ in range(more):
            answer_objection(object_to_use(person=ada, text="No", at=AT), answer="Yes", by=administrator, at=AT)
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("desk:my_data"))
        counts.append(len(found))
    assert counts[0] == counts[1]
