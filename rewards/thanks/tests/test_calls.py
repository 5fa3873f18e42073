"""The telephone, turn by turn, in JSON and in TwiML."""

import base64
import datetime as dt
import uuid
from xml.etree import ElementTree

import pytest
import time_machine
from django.urls import reverse

from interactions.queries import customer_key_of
from ledger.actions import account_of
from ledger.queries import balance_of
from people.models import User
from rewards.thanks import actions
from rewards.thanks.actions import renew_key
from rewards.thanks.calls import MOST_GUESSES_A_MINUTE
from rewards.thanks.models import AccessKey, Response, Survey, Thanks
from rewards.thanks.tests.factories import COFFEE, change_survey, make_agent
from rewards.thanks.tests.tree import TREE

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2024, 9, 10, 15, tzinfo=dt.UTC)
START = "/thanks/calls/"


@pytest.fixture(autouse=True)
def that_afternoon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def agent() -> User:
    return make_agent("Ada Okafor", email="ada@example.com", external_id="A-7")


@pytest.fixture
def key():
    return renew_key(AccessKey(name="Telephone", source="calls"))


class Phone:
    """A system with an access key, that reads JSON."""

    def __init__(self, client, key):
        self.client, self.headers = client, {"authorization": f"Bearer {key}"}

    def post(self, path, **content):
        return self.client.post(path, content, content_type="application/json", headers=self.headers)

    def get(self, path):
        return self.client.get(path, headers=self.headers)

    def start(self, agent="ada@example.com", interaction="c-1", **more):
        return self.post(START, interaction=interaction, agent=agent, startedAt="2024-09-10T14:50:00Z", **more)

    def walk(self, keys=COFFEE, **more) -> list:
        """Every answer, from the start to the last key."""
        answers = [self.start(**more)]
        for pressed in keys:
            answers.append(self.post(answers[-1].json()["next"], key=pressed))
        return answers


@pytest.fixture
def phone(client, key):
    return Phone(client, key)


@pytest.mark.parametrize(("keys", "ending", "recommend", "wants", "gift"), TREE)
def test_telephone_walks_the_whole_tree(phone, agent, keys, ending, recommend, wants, gift):
    answers = phone.walk(keys)
    assert {answered.status_code for answered in answers} == {200}
    response = Response.objects.get()
    kept = (response.ending or None, response.recommend, response.wants_reward, response.gift)
    assert kept == (ending, recommend, wants, gift)
    last = answers[-1].json()
    assert (last["over"], last["next"] is None) == (ending is not None, ending is not None)


@pytest.mark.parametrize(("keys", "ending", "recommend", "wants", "gift"), TREE)
def test_telephony_server_walks_the_whole_tree(client, key, agent, keys, ending, recommend, wants, gift):
    basic = base64.b64encode(f"laurel:{key}".encode()).decode()
    headers = {"authorization": f"Basic {basic}"}

    def form(**fields):
        return "&".join(f"{name}={value.replace('#', '%23')}" for name, value in fields.items())

    def send(path, **fields):
        """The key is shown at the start only; the addresses of the turns stand for themselves."""
        answered = client.post(path, form(**fields), headers=headers, content_type="application/x-www-form-urlencoded")
        assert (answered.status_code, answered["Content-Type"]) == (200, "application/xml; charset=utf-8")
        return ElementTree.fromstring(answered.content)

    root = send(f"{START}?agent=A-7", CallSid="CA1", From="%2B4930")
    for pressed in keys:
        assert root.find("Gather").get("numDigits") == "1"
        assert root.find("Gather").get("action") == root.find("Redirect").text
        headers.clear()
        root = send(root.find("Gather").get("action"), CallSid="CA1", **({"Digits": pressed} if pressed else {}))
    response = Response.objects.get()
    kept = (response.ending or None, response.recommend, response.wants_reward, response.gift)
    assert kept == (ending, recommend, wants, gift)
    assert (root.find("Hangup") is not None) is (ending is not None)
    assert root.find(".//Say").get("language") == "en-US"


def test_prompts_and_keys_of_each_turn(phone, agent):
    answers = [answered.json() for answered in phone.walk()]
    assert [each["keys"] for each in answers] == [list("12345"), ["1", "2"], list("1234"), []]
    assert [each["turn"] for each in answers] == [1, 2, 3, None]
    assert answers[1]["say"].endswith("It costs you nothing. Press 1 for yes. Press 2 for no.")
    assert answers[3]["say"] == "Your reward was handed on: specialty coffee. Thank you for the review. Goodbye."
    assert balance_of(account_of(agent)).available == 40


def test_confirmation_is_said_only_after_the_write(phone, agent, monkeypatch):
    answers = phone.walk(["1", "1"])
    monkeypatch.setattr(actions, "record_readings", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        phone.post(answers[-1].json()["next"], key="4")
    monkeypatch.undo()
    assert phone.get(f"{START}{answers[0].json()['call']}/").json()["turn"] == 3
    assert phone.post(answers[-1].json()["next"], key="4").json()["given"] is True


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_turn_sent_again_is_answered_the_same(phone, agent, turn):
    answers = phone.walk()
    again = phone.post(answers[turn - 1].json()["next"], key=COFFEE[turn - 1])
    if turn == 3:
        assert again.json() == answers[3].json()
    assert again.status_code == 200
    assert Thanks.objects.count() == 1


def test_turn_sent_again_with_another_key_says_where_the_call_stands(phone, agent):
    answers = phone.walk(["1"])
    again = phone.post(answers[0].json()["next"], key="5")
    assert (again.status_code, again.json()["turn"]) == (409, 2)
    assert again.json()["message"] == "This question was answered before."


def test_call_that_was_lost_goes_on_where_it_stood(phone, agent):
    answers = phone.walk(["1", "1"])
    assert phone.start().json() == answers[-1].json()
    assert phone.get(f"{START}{answers[0].json()['call']}/").json() == answers[-1].json()


def test_language_of_the_call(phone, agent):
    assert "Drücken Sie 1 für" in phone.start(language="de").json()["say"]


@pytest.mark.parametrize("named", ["ada@example.com", "A-7", "public"])
def test_agent_is_named_each_way(phone, agent, named):
    phone.start(agent=str(agent.public_id) if named == "public" else named)
    assert Response.objects.get().agent == agent


def test_agent_who_is_not_found_promises_nothing_and_is_kept(phone):
    last = phone.walk(agent="nobody")[-1].json()
    assert (last["say"], last["given"]) == ("Thank you for the review. Goodbye.", False)
    assert Response.objects.get().named == "nobody"


def test_capped_thanks_promises_nothing(phone, agent):
    change_survey(day_points=0)
    assert phone.walk()[-1].json()["given"] is False


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic !", "Basic bGF1cmVsOndyb25n", "Digest x"])
def test_without_a_key_nothing_is_told(client, header):
    for path in [START, f"{START}{uuid.uuid4()}/", f"{START}{uuid.uuid4()}/1/", "/thanks/links/"]:
        assert client.post(path, headers={"authorization": header}).status_code == 401
    assert not Response.objects.exists()


def test_key_that_is_off_or_renewed_no_longer_opens(phone, agent):
    row = AccessKey.objects.get()
    renew_key(row)
    assert phone.start().status_code == 401


def test_key_of_another_source_knows_no_such_call(phone, client, agent):
    call = phone.start().json()["call"]
    other = Phone(client, renew_key(AccessKey(name="Chat", source="chats")))
    assert other.get(f"{START}{call}/").status_code == 404
    assert other.post(f"{START}{call}/1/", key="1").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"interaction": ""},
        {"interaction": "x" * 161},
        {"interaction": "a\nb"},
        {"agent": "a\x00b"},
        {"startedAt": "yesterday"},
        {"startedAt": "2024-09-10T15:00:00"},
        {"startedAt": "2024-13-10T15:00:00Z"},
        {"startedAt": "2024-09-12T15:00:00Z"},
    ],
)
def test_unreadable_start_is_refused_in_words(phone, wrong):
    content = {"interaction": "c-1", "agent": "ada@example.com", "startedAt": "2024-09-10T14:50:00Z"} | wrong
    answered = phone.post(START, **content)
    assert answered.status_code == 422
    assert answered.json()["message"]
    assert not Response.objects.exists()


@pytest.mark.parametrize("body", ["[", "[]", '{"interaction": ["x"]}', "7"])
def test_body_that_is_no_object_is_refused(client, phone, body):
    answered = client.post(START, body, content_type="application/json", headers=phone.headers)
    assert answered.status_code == 422


def test_survey_that_is_off_hangs_up(client, phone, agent):
    Survey.objects.update(is_on=False)
    assert phone.start().status_code == 409
    headers = phone.headers | {"accept": "text/xml"}
    answered = client.post(f"{START}?interaction=c&agent=A-7", headers=headers)
    assert (answered.status_code, b"<Hangup" in answered.content) == (200, True)


@pytest.mark.parametrize(
    ("accept", "content_type", "is_xml"),
    [
        ("application/json", "application/x-www-form-urlencoded", False),
        ("text/xml", "application/json", True),
        ("application/xml;q=0.9, application/json;q=0.1", "application/json", True),
        ("*/*", "application/x-www-form-urlencoded", True),
        ("*/*", "application/json", False),
    ],
)
def test_content_is_negotiated(client, phone, agent, accept, content_type, is_xml):
    body = '{"interaction": "c"}' if content_type == "application/json" else "interaction=c"
    answered = client.post(START, body, content_type=content_type, headers=phone.headers | {"accept": accept})
    assert (answered.status_code, answered["Content-Type"].startswith("application/xml")) == (200, is_xml)


def test_link_by_key_leads_to_the_page(client, phone, agent):
    answered = phone.post("/thanks/links/", interaction="c-1", agent="A-7")
    assert answered.json()["expiresAt"] == "2024-09-17T15:00:00+00:00"
    page = client.get(answered.json()["url"])
    assert "How likely" in page.content.decode()
    assert phone.start().json()["turn"] == 1
    assert Response.objects.count() == 1


def test_number_of_call_and_of_link_is_one_customer(client, phone, agent, settings):
    settings.LAUREL_PHONE_REGION = "DE"
    phone.start(customer="030 123456")
    phone.post("/thanks/links/", interaction="c-2", agent="A-7", customer="+49 (0)30 123456")
    client.post(f"{START}?agent=A-7", {"CallSid": "CA1", "From": "+4930123456"}, headers=phone.headers)
    keys = Response.objects.values_list("customer_key", flat=True)
    assert (len(keys), set(keys)) == (3, {customer_key_of("+4930123456")})


def test_addresses_answer_their_own_methods_only(phone):
    assert phone.get(START).status_code == 405
    assert phone.get(reverse("thanks:link")).status_code == 405


def test_guessing_keys_is_limited(client):
    statuses = [client.post(START).status_code for _ in range(MOST_GUESSES_A_MINUTE + 1)]
    assert statuses == [401] * MOST_GUESSES_A_MINUTE + [429]


def test_pass_of_a_call_opens_that_call_only_and_for_an_hour(client, phone, agent):
    headers = phone.headers | {"accept": "text/xml"}
    calls = [
        ElementTree.fromstring(client.post(f"{START}?interaction={each}&agent=A-7", headers=headers).content)
        .find("Redirect")
        .text
        for each in ("c-1", "c-2")
    ]
    first, second = (url.split("?pass=") for url in calls)
    assert client.post(f"{first[0]}?pass={second[1]}").status_code == 401
    assert client.post(START + f"?interaction=c-3&pass={first[1]}").status_code == 401
    with time_machine.travel(NOW + dt.timedelta(minutes=61)):
        assert client.post("?pass=".join(first)).status_code == 401
    assert client.post("?pass=".join(first)).status_code == 200
