"""The customer's page: every path, and links that are forged, old, used, or of something else."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from people.tests.factories import make_person
from rewards.thanks.customer import MOST_A_MINUTE, MOST_GUESSES_A_MINUTE
from rewards.thanks.models import Response, Thanks
from rewards.thanks.queries import token_of
from rewards.thanks.tests.factories import change_survey, make_agent, make_response, walk
from rewards.thanks.tests.tree import TREE

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2024, 9, 10, 15, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def that_afternoon():
    with time_machine.travel(NOW, tick=False):
        yield


def make_link(agent=None, **given) -> tuple[Response, str]:
    response = make_response(agent or make_agent(), started_at=timezone.now(), at=timezone.now(), **given)
    return response, reverse("thanks:customer", args=[token_of(response)])


def press(client, url, keys, *, first=1):
    answered = None
    for turn, key in enumerate(keys, start=first):
        answered = client.post(url, {"turn": turn, "key": key})
    return answered


@pytest.mark.parametrize(("keys", "ending", "recommend", "wants", "gift"), TREE)
def test_link_walks_the_whole_tree(client, keys, ending, recommend, wants, gift):
    response, url = make_link()
    answered = press(client, url, keys)
    response.refresh_from_db()
    kept = (response.ending or None, response.recommend, response.wants_reward, response.gift)
    assert kept == (ending, recommend, wants, gift)
    assert answered.status_code == (200 if ending else 303)


def test_page_asks_then_thanks_and_says_what_was_given(client):
    _, url = make_link(make_agent("Ada Okafor", short_name="Ada"))
    page = client.get(url)
    assert page.status_code == 200
    assert "How likely are you to recommend us?" in page.content.decode()
    assert "Ada looked after you." in page.content.decode()
    assert "Okafor" not in page.content.decode()
    assert "Set-Cookie" not in page.headers
    end = press(client, url, ["1", "1", "4"])
    assert "Your reward was handed on: specialty coffee." in end.content.decode()


def test_page_of_a_capped_thanks_promises_nothing(client):
    change_survey(day_points=0)
    _, url = make_link()
    end = press(client, url, ["1", "1", "4"]).content.decode()
    assert "handed on" not in end
    assert Thanks.objects.get().points == 0


@pytest.mark.parametrize(
    ("query", "header", "asked"),
    [
        ("", "de-AT,de;q=0.9", "Wie wahrscheinlich"),
        ("?lang=de", "en", "Wie wahrscheinlich"),
        ("", "fr", "How likely"),
        ("?lang=xx", "en", "How likely"),
        ("", "", "How likely"),
    ],
)
def test_page_speaks_the_customers_language(client, query, header, asked):
    _, url = make_link()
    page = client.get(url + query, headers={"accept-language": header})
    assert asked in page.content.decode()


def test_answer_keeps_the_chosen_language(client):
    _, url = make_link()
    assert client.post(f"{url}?lang=de", {"turn": 1, "key": "1"})["Location"] == f"{url}?lang=de"


def test_forged_link_is_not_found_and_leads_nowhere(client):
    one, _ = make_link()
    two, _ = make_link()
    mixed = token_of(two).split(":")[0] + ":" + token_of(one).split(":", 1)[1]
    for token in ["x", one.public_id.hex, token_of(one)[:-1] + "_", mixed]:
        page = client.post(reverse("thanks:customer", args=[token]), {"turn": 1, "key": "1"})
        assert (page.status_code, "This link does not work" in page.content.decode()) == (404, True)
    assert not Response.objects.exclude(recommend=None).exists()


def test_expired_link_is_gone(client):
    response, url = make_link()
    with time_machine.travel(NOW + dt.timedelta(days=7, seconds=5)):
        page = client.post(url, {"turn": 1, "key": "1"})
    assert (page.status_code, "This link has expired" in page.content.decode()) == (410, True)
    assert not response.answers.exists()


def test_used_link_says_so_and_takes_nothing_more(client):
    response, url = make_link()
    press(client, url, ["1", "1", "4"])
    for page in [client.get(url), client.post(url, {"turn": 3, "key": "1"}), client.post(url, {"turn": 4, "key": "1"})]:
        assert (page.status_code, "You have answered already" in page.content.decode()) == (410, True)
    assert response.answers.count() == 3


def test_last_answer_sent_twice_shows_its_end_twice(client):
    _, url = make_link()
    first, again = press(client, url, ["1", "1", "4"]), press(client, url, ["4"], first=3)
    assert (again.status_code, again.content) == (200, first.content)
    assert Thanks.objects.count() == 1


def test_old_form_sent_again_asks_the_question_that_is_open(client):
    _, url = make_link()
    press(client, url, ["1"])
    page = press(client, url, ["2"])
    assert page.status_code == 409
    assert "Would you like to reward" in page.content.decode()


@pytest.mark.parametrize("turn", ["", "0", "-1", "x", "1e3", "99999", "٣"])
def test_unreadable_turn_changes_nothing(client, turn):
    response, url = make_link()
    assert client.post(url, {"turn": turn, "key": "1"}).status_code in (400, 409)
    assert not response.answers.exists()


def test_key_that_no_database_keeps_is_asked_again(client):
    response, url = make_link()
    assert client.post(url, {"turn": 1, "key": "\x001"}).status_code == 303
    assert client.post(url, {"turn": 2, "key": "\x00"}).status_code == 303
    assert list(response.answers.values_list("key", flat=True)) == ["1", ""]


def test_guessing_is_limited(client):
    path = reverse("thanks:customer", args=["guess"])
    statuses = [client.get(path).status_code for _ in range(MOST_GUESSES_A_MINUTE + 2)]
    assert statuses == [404] * MOST_GUESSES_A_MINUTE + [429] * 2


def test_one_address_is_limited_kindly(client):
    _, url = make_link()
    statuses = {client.get(url).status_code for _ in range(MOST_A_MINUTE)}
    page = client.get(url)
    assert (statuses, page.status_code, page["Retry-After"]) == ({200}, 429, "60")


def test_page_names_nobody_of_an_orphan(client):
    make_person("Zora Unrelated")
    response = make_response("nobody@example.com", started_at=NOW, at=NOW)
    page = client.get(reverse("thanks:customer", args=[token_of(response)])).content.decode()
    assert "looked after you" not in page
    assert "nobody@" not in page
    assert "Zora" not in page


def test_links_of_one_interaction_lead_to_one_response(client):
    agent = make_agent()
    first, url = make_link(agent, external_id="c")
    second, other = make_link(agent, external_id="c")
    assert first == second
    press(client, url, ["1", "1", "1"])
    assert client.get(other).status_code == 410
    assert walk(first, ["1", "1", "1"]).is_given
    assert Thanks.objects.count() == 1
