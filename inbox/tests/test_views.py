"""The pages of one's own inbox."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from inbox.actions import notify
from inbox.enums import TOLD_TO, Kind
from inbox.models import Mailing, Notification, Switch
from inbox.queries import kinds_for
from people.tests.factories import grant, make_person

pytestmark = pytest.mark.django_db
INDEX = "/inbox/"


@pytest.fixture
def ada(client):
    person = make_person("Ada", role="agent")
    client.force_login(person)
    return person


def tell(person, number=1, kind=Kind.THANKS, **more):
    at = timezone.now() - dt.timedelta(minutes=number)
    notify(person, kind, params={"gift": f"Gift {number}", **more}, url="/points/", key=f"{person.pk}:{number}", at=at)


def text(response) -> str:
    return response.content.decode()


def test_empty_inbox_says_what_will_fill_it(client, ada):
    assert "When somebody thanks you" in text(client.get(INDEX))


def test_list_shows_ones_own_newest_first_and_escapes_notes(client, ada):
    tell(ada, 2, note="<b>bold</b>")
    tell(ada, 1)
    tell(make_person("Bob"), 3)
    page = text(client.get(INDEX))
    assert page.index("Gift 1") < page.index("Gift 2")
    assert "Gift 3" not in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page


def test_opening_marks_read_and_leads_on(client, ada):
    tell(ada)
    row = Notification.objects.get()
    response = client.get(reverse("inbox:open", args=[row.public_id]))
    assert (response.status_code, response["Location"]) == (302, "/points/")
    row.refresh_from_db()
    assert row.read_at is not None


def test_notification_of_another_is_not_found_and_stays_unread(client, ada):
    tell(make_person("Bob"))
    row = Notification.objects.get()
    assert client.get(reverse("inbox:open", args=[row.public_id])).status_code == 404
    row.refresh_from_db()
    assert row.read_at is None


def test_header_counts_what_is_not_read(client, ada):
    tell(ada, 1)
    tell(ada, 2)
    assert '<span class="bell-count num">2<' in text(client.get("/"))
    client.post(reverse("inbox:read_all"))
    assert "bell-count" not in text(client.get("/"))


def test_home_has_a_card_while_something_waits(client, ada):
    assert "panel-inbox" not in text(client.get("/"))
    tell(ada)
    assert "panel-inbox" in text(client.get("/"))


def test_kind_filters_the_list_and_what_is_marked_read(client, ada):
    tell(ada, 1)
    tell(ada, 2, kind=Kind.LOW_STOCK, item="Mug", left=1)
    page = text(client.get(INDEX, {"kind": "low_stock"}))
    assert "Mug" in page and "Gift 1" not in page
    client.post(reverse("inbox:read_all"), {"kind": "low_stock"})
    assert list(Notification.objects.filter(read_at=None).values_list("kind", flat=True)) == ["thanks"]
    assert client.get(INDEX, {"kind": "nonsense"}).status_code == 404


def test_marking_needs_a_form(client, ada):
    assert client.get(reverse("inbox:read_all")).status_code == 405


def test_list_is_paged(client, ada):
    for number in range(30):
        tell(ada, number)
    assert text(client.get(INDEX)).count("Gift ") == 25
    assert text(client.get(INDEX, {"page": 2})).count("Gift ") == 5


def test_unchanged_poll_moves_nothing(client, ada):
    tell(ada)
    digest = client.get(INDEX).context["digest"]
    poll = {"HTTP_HX_REQUEST": "true"}
    assert client.get(INDEX, {"v": digest}, **poll).status_code == 204
    tell(ada, 2)
    assert client.get(INDEX, {"v": digest}, **poll).status_code == 200


def test_list_costs_the_same_for_one_and_for_three(client, ada):
    counts = []
    client.get(INDEX)
    for number in (1, 2, 3):
        by = make_person()
        notify(ada, Kind.RECOGNITION, params={}, key=str(number), by=by, at=timezone.now())
        with CaptureQueriesContext(connection) as found:
            client.get(INDEX)
        counts.append(len(found))
    assert counts[0] == counts[2]


def test_choices_are_kept_and_shown_again(client, ada):
    address = reverse("inbox:settings")
    assert text(client.get(address)).count(" checked") == 2 * len(kinds_for(ada)) + 1
    client.post(address, {"language": "de", "in_app_thanks": "on"})
    assert set(Switch.objects.filter(kind="thanks").values_list("in_app", "in_digest")) == {(True, False)}
    assert list(Mailing.objects.values_list("is_on", "language")) == [(False, "de")]
    assert text(client.get(address)).count(" checked") == 1


OWN = {
    Kind.THANKS, Kind.GOAL_CLOSED, Kind.REWARD_POSTED, Kind.REWARD_REVERSED, Kind.REQUEST_DECIDED, Kind.BADGE_EARNED,
    Kind.RECOGNITION,
}  # fmt: skip


def test_empty_inbox_of_who_is_told_of_nothing_says_so(client):
    client.force_login(make_person(role="compliance_reviewer"))
    assert "told of nothing" in text(client.get(INDEX))


@pytest.mark.parametrize(
    ("roles", "kinds"),
    [
        (["agent"], OWN),
        (["supervisor"], OWN | {Kind.REQUEST_MADE}),
        (["quality_evaluator"], OWN),
        (["compliance_reviewer"], set()),
        (["administrator"], {Kind.LOW_STOCK, Kind.UNMATCHED}),
        (["rewards_manager"], {Kind.REQUEST_MADE, Kind.LOW_STOCK}),
        (["agent", "rewards_manager"], OWN | {Kind.REQUEST_MADE, Kind.LOW_STOCK}),
        ([], set()),
    ],
)
def test_settings_show_the_kinds_that_the_roles_can_be_told_of(client, roles, kinds):
    person = make_person()
    for slug in roles:
        grant(person, slug)
    client.force_login(person)
    page = text(client.get(reverse("inbox:settings")))
    assert {kind for kind in Kind if f'name="in_app_{kind}"' in page} == kinds
    assert ("told of nothing" in page) == (not kinds)


def test_choices_of_kinds_that_are_not_shown_stay(client, ada):
    Switch.objects.create(person=ada, kind=Kind.LOW_STOCK, in_app=True, in_digest=False)
    client.post(reverse("inbox:settings"), {"language": "en", "in_digest_low_stock": "on", "in_app_thanks": "on"})
    assert Switch.objects.filter(kind=Kind.LOW_STOCK).values_list("in_app", "in_digest").get() == (True, False)
    assert set(Switch.objects.values_list("kind", flat=True)) == {*OWN, Kind.LOW_STOCK}


def test_every_kind_says_who_can_be_told_of_it():
    assert set(TOLD_TO) == set(Kind)
    assert all(TOLD_TO.values())


def test_empty_inbox_of_who_has_no_figures_says_what_comes_there(client):
    client.force_login(make_person(role="rewards_manager"))
    page = text(client.get(INDEX))
    assert "Here you are told at once of: Request to decide, Low stock." in page
    assert "When somebody thanks you" not in page


def test_unknown_language_is_refused(client, ada):
    assert client.post(reverse("inbox:settings"), {"language": "xx"}).status_code == 422
    assert not Mailing.objects.exists()
