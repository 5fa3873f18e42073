"""What holds for every answer: policies, error pages, production settings, and what machines may ask."""

import os
import subprocess
import sys

import pytest
from django.conf import settings as base_settings
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import include, path
from health_check.exceptions import ServiceUnavailable

from people.tests.factories import make_person
from rewards_site import urls

STRICT = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
PRODUCTION = {
    "SECRET_KEY": "m4Vq9yC2pT7wXz1LrN8sKb5HdJ3fGa6EuQvYtRiOoPxZcVbNmAsDfGhJkLqWeRtY",
    "LAUREL_HTTPS": "true",
    "LAUREL_BEHIND_PROXY": "true",
    "ALLOWED_HOSTS": "laurel.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://laurel.example.com",
    "DEBUG": "false",
}


def policy(response):
    return {part.strip() for part in response["Content-Security-Policy"].split(";")}


def test_own_pages_are_strict(client, db):
    strict = {part.strip() for part in STRICT.split(";")}
    for address in ("/accounts/login/", "/accounts/password/reset/", "/nothing-here/", "/healthz"):
        assert policy(client.get(address)) == strict, address


def test_admin_may_set_style_attributes_and_nothing_more(client, db):
    client.force_login(make_person(role="administrator", is_staff=True))
    strict = {part.strip() for part in STRICT.split(";")}
    assert policy(client.get("/admin/")) == strict | {"style-src-attr 'unsafe-inline'"}


@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"])
def test_sign_in_pages_have_nothing_inline(client, db, address):
    text = client.get(address).content.decode()
    assert "style=" not in text
    assert "<style" not in text
    assert "<script>" not in text
    assert " onclick" not in text


def test_missing_page_says_so_kindly_before_and_after_sign_in(client, db):
    assert "There is nothing here" in client.get("/nothing-here/").content.decode()
    client.force_login(make_person("Amy Ølsen"))
    text = client.get("/nothing-here/").content.decode()
    assert "There is nothing here" in text
    assert "Amy Ølsen" in text


def test_forbidden_page_says_whom_to_ask(client, db):
    client.force_login(make_person(role="agent"))
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403
    assert "ask your administrator" in response.content.decode()


def test_too_many_tries_from_one_address_are_told_kindly(client, db, settings):
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    for _ in range(2):
        response = client.post("/accounts/login/", {"login": "a@example.com", "password": "x"})
    assert response.status_code == 429
    assert "Please wait a minute" in response.content.decode()


def test_form_without_token_is_refused_kindly(db):
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a@b.c", "password": "x"})
    assert response.status_code == 403
    assert "This form is too old" in response.content.decode()


def breaks(request):
    raise RuntimeError("secret detail")


breaks.login_required = False
urlpatterns = [path("breaks/", breaks), path("", include(urls))]


@override_settings(ROOT_URLCONF="tests.test_security")
def test_error_page_shows_no_detail_and_has_its_policy(db):
    response = Client(raise_request_exception=False).get("/breaks/")
    assert response.status_code == 500
    assert "was written down" in response.content.decode()
    assert "secret detail" not in response.content.decode()
    assert policy(response) == {part.strip() for part in STRICT.split(";")}


def test_health_says_one_word_to_strangers(client, db):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_health_of_a_broken_part_is_503_without_details_for_strangers(client, db, monkeypatch):
    def fail(self):
        raise ServiceUnavailable("password of the cache is wrong")

    monkeypatch.setattr("health_check.checks.Cache.run", fail)
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (503, b"unavailable\n")
    assert client.get("/healthz?format=json").content == b"unavailable\n"
    client.force_login(make_person(role="administrator"))
    assert "password of the cache is wrong" in client.get("/healthz").content.decode()


def test_metrics_are_for_listed_addresses_only(client, db, settings):
    assert client.get("/metrics").status_code == 404
    settings.LAUREL_METRICS_ALLOW = ["127.0.0.1", "10.1.0.0/16"]
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="10.2.2.3").status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="10.2.2.3", HTTP_X_FORWARDED_FOR="10.1.2.3").status_code == 404


@pytest.mark.parametrize("metrics", ["", "10.0.0.0/8"])
def test_production_settings_pass_the_deployment_check(metrics, tmp_path):
    environment = {
        **os.environ,
        **PRODUCTION,
        "DJANGO_ALLOW_ASYNC_UNSAFE": "",
        "LAUREL_VAR_DIR": str(tmp_path),
        "LAUREL_METRICS_ALLOW": metrics,
    }
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=base_settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_session_and_csrf_cookies_are_safe(client, db):
    assert base_settings.SESSION_COOKIE_HTTPONLY
    assert base_settings.SESSION_COOKIE_SAMESITE == "Lax"
    assert base_settings.CSRF_COOKIE_SAMESITE == "Lax"
