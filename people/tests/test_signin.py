import datetime as dt
import re

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from people.models import User
from people.tests.factories import PASSWORD, make_person

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def no_memory_of_other_tests():
    cache.clear()


@pytest.fixture
def amy():
    return make_with_password("Amy")


def make_with_password(name, **fields):
    person = make_person(name, email=f"{name.lower()}@example.com", **fields)
    person.set_password(PASSWORD)
    person.save()
    return person


def sign_in(client, email="amy@example.com", password=PASSWORD, **more):
    return client.post(LOGIN, {"login": email, "password": password, **more.pop("data", {})}, **more)


def signed_in(client):
    return "_auth_user_id" in client.session


def test_sign_in_with_e_mail_in_any_case(client, amy):
    assert sign_in(client, "AMY@Example.com")["Location"] == "/"
    assert signed_in(client)


def test_wrong_password_says_so_kindly(client, amy):
    response = sign_in(client, password="wrong")
    assert not signed_in(client)
    assert "do not belong together" in response.content.decode()


def test_inactive_person_cannot_sign_in(client):
    make_with_password("Ina", is_active=False)
    sign_in(client, "ina@example.com")
    assert not signed_in(client)


def test_person_without_password_cannot_sign_in(client):
    make_person("Figures", email="figures@example.com")
    sign_in(client, "figures@example.com", "!")
    assert not signed_in(client)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_next_leads_to_no_other_host(client, amy, target):
    assert sign_in(client, data={"next": target})["Location"] == "/"


def test_next_leads_back_to_the_page(client, amy):
    assert sign_in(client, data={"next": "/admin/?a=1"})["Location"] == "/admin/?a=1"


def test_nobody_signs_up(client):
    data = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}
    for response in (client.get("/accounts/signup/"), client.post("/accounts/signup/", data)):
        assert "Nobody signs up" in response.content.decode()
    assert not User.objects.exists()


def test_sign_out_needs_a_post(client, amy):
    client.force_login(amy)
    client.get("/accounts/logout/")
    assert signed_in(client)
    client.post("/accounts/logout/")
    assert not signed_in(client)


def test_login_of_the_admin_is_the_one_of_the_site(client, amy):
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"
    client.post("/admin/login/", {"username": "amy@example.com", "password": PASSWORD})
    assert not signed_in(client)


def test_admin_is_forbidden_to_those_without_configuring_role(client, amy):
    client.force_login(amy)
    assert client.get("/admin/", follow=True).status_code == 403


def test_five_failures_lock_person_and_address_and_the_page_says_how_long(client, amy):
    with time_machine.travel(dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC), tick=False) as clock:
        for _ in range(4):
            assert sign_in(client, password="wrong").status_code == 200
        locked = sign_in(client, password="wrong")
        assert locked.status_code == 429
        assert "wait 15 minutes" in locked.content.decode()
        assert locked["Retry-After"] == "900"
        clock.shift(dt.timedelta(minutes=5))
        still = sign_in(client)
        assert (still.status_code, signed_in(client)) == (429, False)
        assert "wait 10 minutes" in still.content.decode()
        clock.shift(dt.timedelta(minutes=10, seconds=1))
        sign_in(client)
        assert signed_in(client)


def test_case_of_the_address_gives_no_fresh_attempts(client, amy):
    for email in ("amy@example.com", "Amy@example.com", "AMY@EXAMPLE.COM", " amy@example.com", "aMy@example.com"):
        response = sign_in(client, email, "wrong")
    assert response.status_code == 429


def test_lock_holds_neither_for_others_here_nor_for_the_same_person_elsewhere(client, amy):
    make_with_password("Bob")
    for _ in range(6):
        sign_in(client, password="wrong")
    sign_in(client, "bob@example.com")
    assert signed_in(client)
    client.logout()
    sign_in(client, REMOTE_ADDR="192.0.2.7")
    assert signed_in(client)


def test_address_behind_a_proxy_is_what_the_proxy_saw(client, amy, settings):
    settings.LAUREL_BEHIND_PROXY = True
    for number in range(6):
        forged = f"198.51.100.{number}, 203.0.113.9"
        response = sign_in(client, password="wrong", HTTP_X_FORWARDED_FOR=forged)
    assert response.status_code == 429
    sign_in(client, HTTP_X_FORWARDED_FOR="203.0.113.10")
    assert signed_in(client)


@pytest.mark.parametrize(("forwarded", "remote"), [("nonsense", "192.0.2.1"), ("", ""), ("unknown", "")])
def test_address_that_is_none_locks_all_the_same(client, amy, settings, forwarded, remote):
    settings.LAUREL_BEHIND_PROXY = True
    for _ in range(5):
        response = sign_in(client, password="wrong", HTTP_X_FORWARDED_FOR=forwarded, REMOTE_ADDR=remote)
    assert response.status_code == 429


def test_forged_address_without_a_proxy_changes_nothing(client, amy):
    for number in range(6):
        response = sign_in(client, password="wrong", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}")
    assert response.status_code == 429


def test_attempts_hold_no_password(client, amy):
    sign_in(client, password="my-secret-word")
    from axes.models import AccessAttempt  # noqa: PLC0415 - models of the lockout matter to this test only

    attempt = AccessAttempt.objects.get()
    assert "my-secret-word" not in attempt.post_data
    assert attempt.username == "amy@example.com"


def follow_mail(client, message):
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", message.body)[1]
    page = client.get(link, follow=True)
    return client.post(page.redirect_chain[-1][0], {"password1": "another good one", "password2": "another good one"})


def test_new_password_by_mail_ends_the_lock(client, amy):
    for _ in range(5):
        sign_in(client, password="wrong")
    client.post("/accounts/password/reset/", {"email": "amy@example.com"})
    follow_mail(client, mail.outbox[0])
    sign_in(client, password="another good one")
    assert signed_in(client)


def test_password_is_reset_by_mail(client, amy):
    client.post("/accounts/password/reset/", {"email": "amy@example.com"})
    (message,) = mail.outbox
    assert message.to == ["amy@example.com"]
    assert follow_mail(client, message).status_code == 302
    sign_in(client, password="another good one")
    assert signed_in(client)
    assert User.objects.get(pk=amy.pk).check_password("another good one")


def test_reset_for_someone_who_never_had_a_password_lets_them_set_one(client):
    make_person("New", email="new@example.com")
    client.post("/accounts/password/reset/", {"email": "new@example.com"})
    assert [message.to for message in mail.outbox] == [["new@example.com"]]
    assert "/accounts/password/reset/key/" in mail.outbox[0].body


def test_reset_tells_strangers_nothing(client, amy):
    known = client.post("/accounts/password/reset/", {"email": "amy@example.com"})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(mail.outbox) == 1


def test_password_change_ends_other_sessions_and_keeps_this_one(client, amy):
    other = Client()
    sign_in(other)
    sign_in(client)
    data = {"oldpassword": PASSWORD, "password1": "another good one", "password2": "another good one"}
    assert client.post("/accounts/password/change/", data).status_code == 302
    assert client.get("/accounts/password/change/").status_code == 200
    assert other.get("/accounts/password/change/").status_code == 302


def test_old_address_no_longer_signs_in_after_the_administrator_changed_it(client, amy):
    sign_in(client)
    client.logout()
    User.objects.filter(pk=amy.pk).update(email="amelia@example.com")
    sign_in(client, "amy@example.com")
    assert not signed_in(client)
    sign_in(client, "amelia@example.com")
    assert signed_in(client)


def code_for(secret):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_second_factor_is_asked_for_once_it_is_on(client, amy):
    sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "<svg" in text
    assert "style=" not in text
    secret = page.context["form"].secret
    assert client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)}).status_code == 302
    client.logout()
    cache.clear()  # a code counts once; the test needs its minute again
    assert sign_in(client)["Location"] == reverse("mfa_authenticate")
    assert not signed_in(client)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not signed_in(client)
    client.post(reverse("mfa_authenticate"), {"code": code_for(secret)})
    assert signed_in(client)


def test_second_factor_can_be_switched_on_after_confirming_the_password(client, amy):
    with time_machine.travel(dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC), tick=False) as clock:
        sign_in(client)
        clock.shift(dt.timedelta(hours=1))
        page = client.get("/accounts/2fa/totp/activate/", follow=True)
        assert page.redirect_chain[-1][0].startswith("/accounts/reauthenticate/")
        answer = client.post(page.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
        assert answer.redirect_chain[-1][0] == "/accounts/2fa/totp/activate/"


def test_people_cannot_change_their_own_address(client, amy):
    client.force_login(amy)
    assert client.get("/accounts/email/").status_code == 404
    assert client.post("/accounts/email/", {"email": "x@example.com", "action_add": ""}).status_code == 404
