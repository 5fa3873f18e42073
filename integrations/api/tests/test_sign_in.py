"""How clients get tokens, how people let them act, and how that ends."""

import base64
import datetime as dt
import hashlib
import io
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import AccessToken, RefreshToken

from integrations.api import actions
from integrations.api.enums import Acting
from integrations.api.models import Client
from integrations.api.rules.scopes import allows, allows_any, not_implied
from people.actions import GrantOutOfReach
from people.models import Role, User
from people.tests.factories import make_division, make_person

from .factories import Caller, calling, make_client, make_token

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)


def made(role="supervisor", **more) -> tuple[Client, str]:
    return actions.create_client(name="Export", role=Role.objects.get(slug=role), by=None, at=timezone.now(), **more)


def basic(client_id, secret) -> dict:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def ask(browser, client_id, secret, **more):
    body = {"grant_type": "client_credentials", **more}
    return browser.post("/oauth/token", body, headers=basic(client_id, secret))


def test_token_by_basic_or_body_opens_the_api(client):
    made_client, secret = made()
    by_basic = ask(client, made_client.client_id, secret)
    by_body = client.post(
        "/oauth/token",
        {"grant_type": "client_credentials", "client_id": made_client.client_id, "client_secret": secret},
    )
    for answer in (by_basic, by_body):
        told = answer.json()
        assert told["token_type"] == "Bearer"
        assert told["expires_in"] == 86400
        assert Caller(told["access_token"]).get("users/me").status_code == 400


def test_token_with_a_wrong_secret_is_refused(client):
    made_client, _ = made()
    assert ask(client, made_client.client_id, "guessed").status_code == 401
    assert ask(client, "nobody", "guessed").status_code == 401
    assert AccessToken.objects.count() == 0


def test_tokens_are_asked_for_a_number_of_times_a_minute(client):
    answers = [ask(client, "nobody", "guessed").status_code for _ in range(121)]
    assert answers == [401] * 120 + [429]


def test_secrets_and_tokens_are_kept_as_hashes(client):
    made_client, secret = made()
    token = ask(client, made_client.client_id, secret).json()["access_token"]
    made_client.refresh_from_db()
    assert secret not in made_client.client_secret
    assert token not in str(AccessToken.objects.values().get())


def test_token_has_the_scopes_of_its_client_or_those_asked_for(client):
    made_client, secret = made(scopes=["users:readonly", "gamification"])
    assert ask(client, made_client.client_id, secret).json()["scope"] == "users:readonly gamification"
    assert ask(client, made_client.client_id, secret, scope="users:readonly").json()["scope"] == "users:readonly"
    assert ask(client, made_client.client_id, secret, scope="groups").status_code == 400


def test_old_secret_holds_a_week_after_a_rotation(client):
    with time_machine.travel(NOW, tick=False) as clock:
        made_client, first = made()
        second = actions.renew_secret(client=made_client, at=NOW)
        clock.shift(dt.timedelta(days=6))
        assert [ask(client, made_client.client_id, each).status_code for each in (first, second)] == [200, 200]
        clock.shift(dt.timedelta(days=2))
        assert [ask(client, made_client.client_id, each).status_code for each in (first, second)] == [401, 200]


def test_revoked_client_has_no_token_and_no_old_secret(client):
    made_client, first = made()
    second = actions.renew_secret(client=made_client, at=timezone.now())
    token = ask(client, made_client.client_id, first).json()["access_token"]
    actions.revoke(client=made_client)
    assert Caller(token).get("users/me").status_code == 401
    assert [ask(client, made_client.client_id, each).status_code for each in (first, second)] == [401, 200]


def test_client_switched_off_is_nobody(client):
    made_client, secret = made()
    token = ask(client, made_client.client_id, secret).json()["access_token"]
    Client.objects.update(is_on=False)
    assert Caller(token).get("users/me").status_code == 401
    assert ask(client, made_client.client_id, secret).status_code == 401


def test_expired_token_is_refused():
    assert Caller(make_token(make_client("agent"), hours=-1)).get("users/me").status_code == 401


def test_token_of_a_person_who_left_is_refused():
    person = make_person(role="agent")
    calls = calling(person=person, acting=Acting.PEOPLE)
    assert calls.get("users/me").status_code == 200
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert calls.get("users/me").status_code == 401


def test_command_prints_id_and_secret_on_two_lines(client):
    make_division("North")
    said = io.StringIO()
    call_command("create_api_client", "Export", "--role", "supervisor", "--division", "North", stdout=said)
    lines = dict(line.split("=", 1) for line in said.getvalue().splitlines())
    assert list(lines) == ["client_id", "client_secret"]
    assert ask(client, lines["client_id"], lines["client_secret"]).status_code == 200
    grants = Client.objects.get().person.grants.values_list("role__slug", "division__name")
    assert list(grants) == [("supervisor", "North")]


@pytest.mark.parametrize("more", [["--role", "king"], ["--role", "agent", "--division", "Nowhere"]])
def test_command_refuses_what_it_does_not_know(more):
    with pytest.raises(CommandError, match="Known: "):
        call_command("create_api_client", "Export", *more)
    assert Client.objects.count() == 0


def test_command_refuses_a_name_that_is_taken():
    call_command("create_api_client", "Export", "--role", "agent", stdout=io.StringIO())
    with pytest.raises(CommandError, match="already"):
        call_command("create_api_client", "Export", "--role", "agent")


def test_rights_of_a_client_are_replaced():
    north, south = make_division("North"), make_division("South")
    made_client, _ = made(divisions=[north])
    role = Role.objects.get(slug="quality_evaluator")
    actions.set_rights(client=made_client, role=role, divisions=[south], by=None, at=timezone.now())
    assert list(made_client.person.grants.values_list("role__slug", "division__name")) == [
        ("quality_evaluator", "South")
    ]


def test_administrator_of_one_division_makes_no_client_of_all():
    nora = make_person(role="administrator", in_division=make_division())
    with pytest.raises(GrantOutOfReach):
        actions.create_client(name="All", role=Role.objects.get(slug="agent"), by=nora, at=timezone.now())
    assert User.objects.filter(is_service=True).count() == 0


def test_service_can_never_sign_in():
    service = make_client().person
    for fields in ({"email": "a@example.com"}, {"is_staff": True}, {"is_superuser": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=service.pk).update(**fields)


def test_clients_have_different_names():
    make_client(name="Export")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_client(name="Export")


# For people -----------------------------------------------------------------------------------------------------------

BACK = "https://program.example/back"
VERIFIER = "x" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def asked(made_client, **changes) -> str:
    query = {
        "response_type": "code",
        "client_id": made_client.client_id,
        "redirect_uri": BACK,
        "scope": "users",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | changes
    return reverse("oauth-authorize") + "?" + "&".join(f"{key}={value}" for key, value in query.items() if value)


def agree(browser, address, **more):
    hidden = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
    return browser.post(address, {**hidden, "allow": "yes", **more})


def test_person_lets_a_program_act_for_them(client):
    program = make_client(acting=Acting.DEVICE, redirect_uris=BACK)
    person = make_person("Alice", role="agent")
    client.force_login(person)
    page = client.get(asked(program))
    assert page.status_code == 200
    assert "form-action 'self' https://program.example" in page["Content-Security-Policy"]
    led_back = agree(client, asked(program))
    code = parse_qs(urlsplit(led_back["Location"]).query)["code"][0]
    body = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "client_id": program.client_id,
        "code_verifier": VERIFIER,
    }
    told = client.post("/oauth/token", body).json()
    assert Caller(told["access_token"]).get("users/me").told["id"] == str(person.public_id)
    again = client.post("/oauth/token", body)
    assert again.status_code == 400
    renewed = client.post(
        "/oauth/token",
        {"grant_type": "refresh_token", "refresh_token": told["refresh_token"], "client_id": program.client_id},
    )
    assert Caller(renewed.json()["access_token"]).get("users/me").status_code == 200
    assert RefreshToken.objects.filter(token__contains=told["refresh_token"]).count() == 0


def test_person_who_does_not_agree_gives_nothing(client):
    program = make_client(acting=Acting.PEOPLE, redirect_uris=BACK)
    client.force_login(make_person(role="agent"))
    led_back = client.post(asked(program), {**{k: v[0] for k, v in parse_qs(urlsplit(asked(program)).query).items()}})
    assert "error=access_denied" in led_back["Location"]


@pytest.mark.parametrize("changes", [{"code_challenge": ""}, {"code_challenge_method": "plain"}])
def test_code_needs_a_challenge(client, changes):
    program = make_client(acting=Acting.DEVICE, redirect_uris=BACK)
    client.force_login(make_person(role="agent"))
    led_back = agree(client, asked(program, **changes))["Location"]
    assert "error=invalid_request" in led_back
    assert "code=" not in led_back


def test_another_address_to_return_to_is_refused(client):
    program = make_client(acting=Acting.DEVICE, redirect_uris=BACK)
    client.force_login(make_person(role="agent"))
    page = client.get(asked(program, redirect_uri="https://elsewhere.example/"))
    assert page.status_code == 400
    assert "elsewhere" not in page["Content-Security-Policy"]


def test_client_that_calls_for_itself_gets_no_code(client):
    program = make_client("agent", redirect_uris=BACK)
    client.force_login(make_person(role="agent"))
    assert "error=unauthorized_client" in client.get(asked(program))["Location"]


# Scopes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "wanted", "expected"),
    [
        (["users"], "users", True),
        (["users"], "users:readonly", True),
        (["users:readonly"], "users:readonly", True),
        (["users:readonly"], "users", False),
        (["groups"], "users:readonly", False),
        (["gamification_goals.readwrite"], "gamification_goals.write", True),
        ([], "users", False),
    ],
)
def test_scope_allows_itself_and_reading(held, wanted, expected):
    assert allows(held, wanted) is expected


def test_one_of_several_scopes_is_enough():
    assert allows_any(["reports:view"], ["analytics.read", "reports:view"])
    assert not allows_any(["users"], ["analytics.read", "reports:view"])


# The admin ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def ada(client):
    client.force_login(make_person("Ada", role="administrator", is_staff=True))
    return client


def filled(**changes) -> dict:
    return {
        "name": "Export",
        "acting": "itself",
        "role": Role.objects.get(slug="supervisor").pk,
        "divisions": [],
        "scopes": ["users", "gamification"],
        "redirect_uris": "",
        "calls_a_minute": 100,
        "replays_same_body": "on",
        "is_on": "on",
    } | changes


def test_admin_makes_a_client_and_shows_its_secret_once(ada):
    north = make_division("North")
    answer = ada.post(reverse("admin:api_client_add"), filled(divisions=[north.pk]), follow=True)
    [message] = [str(each) for each in answer.context["messages"] if "secret of" in str(each)]
    secret = message.split(" is ")[1].split(".")[0]
    made_client = Client.objects.get()
    assert list(made_client.person.grants.values_list("role__slug", "division__name")) == [("supervisor", "North")]
    assert ask(ada, made_client.client_id, secret).status_code == 200
    page = ada.get(reverse("admin:api_client_change", args=[made_client.pk])).content.decode()
    assert secret not in page


def test_admin_changes_rights_and_switches_off(ada):
    made_client, secret = made()
    token = ask(ada, made_client.client_id, secret).json()["access_token"]
    changed = filled(name="Import", role=Role.objects.get(slug="quality_evaluator").pk)
    del changed["is_on"]
    ada.post(reverse("admin:api_client_change", args=[made_client.pk]), changed)
    made_client.refresh_from_db()
    assert (made_client.name, made_client.person.name, made_client.is_on) == ("Import", "Import", False)
    assert list(made_client.person.grants.values_list("role__slug", flat=True)) == ["quality_evaluator"]
    assert Caller(token).get("users/me").status_code == 401


@pytest.mark.parametrize("changes", [{"role": ""}, {"acting": "people"}, {"scopes": ["everything"]}])
def test_admin_refuses_a_client_that_could_do_nothing(ada, changes):
    answer = ada.post(reverse("admin:api_client_add"), filled(**changes))
    assert answer.status_code == 200
    assert Client.objects.count() == 0


def test_admin_renews_and_revokes(ada):
    made_client, first = made()
    chosen = {"_selected_action": [made_client.pk]}
    answer = ada.post(reverse("admin:api_client_changelist"), {"action": "new_secret", **chosen}, follow=True)
    [message] = [str(each) for each in answer.context["messages"]]
    second = message.split(" is ")[1].split(".")[0]
    assert ask(ada, made_client.client_id, first).status_code == 200
    ada.post(reverse("admin:api_client_changelist"), {"action": "revoke", **chosen})
    assert [ask(ada, made_client.client_id, each).status_code for each in (first, second)] == [401, 200]
    assert AccessToken.objects.count() == 1


def test_services_stand_in_no_list_of_people(ada):
    made_client, _ = made()
    assert made_client.name not in ada.get(reverse("admin:people_user_changelist")).content.decode()
    assert ada.get(reverse("admin:people_user_change", args=[made_client.person_id])).status_code == 404


def test_list_of_clients_asks_as_often_for_three_as_for_one(ada):
    counts = []
    ada.get(reverse("admin:api_client_changelist"))
    for number in (1, 3):
        while Client.objects.count() < number:
            make_client("agent")
        with CaptureQueriesContext(connection) as counted:
            ada.get(reverse("admin:api_client_changelist"))
        counts.append(len(counted))
    assert counts[0] == counts[1]


def test_scopes_that_a_wider_one_includes_are_not_asked_for_twice():
    asked = ["users", "users:readonly", "groups:readonly", "gamification_goals.write", "gamification_goals.readwrite"]
    assert not_implied(asked) == ["users", "groups:readonly", "gamification_goals.readwrite"]
