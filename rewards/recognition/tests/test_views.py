"""The pages of recognition."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people.actions import align_staff
from people.models import User
from people.tests.factories import make_person
from rewards.recognition.enums import Kind
from rewards.recognition.models import Gift, LeadBudget

from .factories import make_budget, make_gift
from .test_actions import Floor

pytestmark = pytest.mark.django_db
INDEX = "/recognition/"


@pytest.fixture
def floor():
    return Floor()


def text(response) -> str:
    return response.content.decode()


def test_form_gives_once_and_shows_what_is_left(client, floor):
    make_budget(lead=100)
    client.force_login(floor.sam)
    address = reverse("recognition:new", args=["recognition"])
    page = text(client.get(address, {"to": str(floor.ada.public_id)}))
    assert "100 of 100 points are left" in page and f'value="{floor.ada.public_id}" selected' in page
    assert "Charlie" not in page
    sent = {"token": str(uuid.uuid4()), "recipient": str(floor.ada.public_id), "note": "Calm call", "points": "30"}
    for _ in range(2):
        assert client.post(address, sent).status_code == 302
    assert Gift.objects.get().points == 30
    assert "70 of 100 points" in text(client.get(INDEX))


def test_form_over_the_budget_answers_422_and_keeps_what_was_typed(client, floor):
    make_budget(lead=10)
    client.force_login(floor.sam)
    sent = {"token": str(uuid.uuid4()), "recipient": str(floor.ada.public_id), "note": "Calm call", "points": "30"}
    response = client.post(reverse("recognition:new", args=["recognition"]), sent)
    assert response.status_code == 422
    assert "Calm call" in text(response) and "Nothing was given" in text(response)
    assert not Gift.objects.exists()


def test_points_are_not_asked_for_where_nothing_is_left(client, floor):
    client.force_login(floor.ada)
    assert 'name="points"' not in text(client.get(reverse("recognition:new", args=["thanks"])))


def test_note_is_escaped_and_nobody_elses_is_shown(client, floor):
    make_gift(floor.sam, floor.ada, note="<i>fine</i>")
    make_gift(floor.sam, floor.bob, note="Secret of Bob")
    client.force_login(floor.ada)
    assert "Secret of Bob" not in text(client.get(INDEX))
    file = client.get(reverse("recognition:csv")).getvalue().decode()
    assert "<i>fine</i>" in file and "Secret of Bob" not in file
    assert "&lt;i&gt;fine&lt;/i&gt;" in text(client.get(INDEX))


def test_giver_takes_back_by_a_form(client, floor):
    gift = make_gift(floor.sam, floor.ada)
    client.force_login(floor.sam)
    address = reverse("recognition:back", args=[gift.public_id])
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"reason": "Wrong person"}).status_code == 302
    assert "taken back: Wrong person" in text(client.get(INDEX))
    assert client.get(address).status_code == 404


def test_points_page_names_who_gave(client, floor):
    make_budget()
    make_gift(floor.sam, floor.ada, points=30)
    client.force_login(floor.ada)
    assert "From Sam" in text(client.get(reverse("desk:points")))


def test_list_costs_the_same_for_one_and_for_three(client, floor):
    client.force_login(floor.ada)
    client.get(INDEX)
    counts = []
    for giver in (floor.sam, floor.bob, floor.sam):
        make_gift(giver, floor.ada, kind=Kind.RECOGNITION if giver == floor.sam else Kind.THANKS)
        with CaptureQueriesContext(connection) as found:
            client.get(INDEX)
        counts.append(len(found))
    assert counts[0] == counts[2]


def test_lists_of_budgets_in_the_admin_cost_the_same_at_one_and_three(client):
    administrator = make_person("Alex", role="administrator")
    align_staff(people=User.objects.all())
    client.force_login(User.objects.get(pk=administrator.pk))
    path, counts = reverse("admin:recognition_leadbudget_changelist"), []
    client.get(path)
    for number in range(1, 4):
        LeadBudget.objects.create(person=make_person(f"Lead {number}"), from_on=f"2024-09-0{number}", points=10)
        with CaptureQueriesContext(connection) as seen:
            page = client.get(path)
        counts.append(len(seen))
        assert f"Lead {number}" in text(page)
    assert counts[0] == counts[2]
