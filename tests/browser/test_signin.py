"""Signing in as people do it: with and without JavaScript, locked out, with a second factor; each page axe-clean."""

import pytest
from django.core.cache import cache

from people.tests.factories import PASSWORD

from .conftest import assert_axe_clean


@pytest.fixture
def agent(centre):
    cache.clear()
    person = centre.people["agent"]
    person.set_password(PASSWORD)
    person.save()
    return person


def type_in(page, email, password):
    page.locator("input[type=email]").fill(email)
    page.locator("input[type=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("js", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_sign_in_leads_back_to_the_page_and_sign_out_ends_it(open_page, agent, js):
    page = open_page("/accounts/2fa/", role=None, js=js)
    assert "/accounts/login/?next=/accounts/2fa/" in page.url
    type_in(page, agent.email, PASSWORD)
    assert page.url.endswith("/accounts/2fa/")
    assert page.get_by_text(agent.name).first.is_visible()
    page.locator("details.user-menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/accounts/2fa/")
    assert "/accounts/login/" in page.url


def test_wrong_password_and_lock_are_told_in_words(open_page, agent):
    page = open_page("/accounts/login/", role=None)
    type_in(page, agent.email, "wrong")
    assert page.get_by_role("alert").first.is_visible()
    assert_axe_clean(page)
    for _ in range(4):
        type_in(page, agent.email, "wrong")
    assert page.get_by_role("heading", name="Sign-in is locked for a while").is_visible()
    assert_axe_clean(page)


def test_second_factor_page_shows_its_code_under_the_strict_policy(open_page, agent):
    page = open_page("/accounts/login/?next=/accounts/2fa/totp/activate/", role=None)
    type_in(page, agent.email, PASSWORD)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main button").first.click()
    assert page.url.endswith("/accounts/2fa/totp/activate/")
    box = page.locator(".qr svg").bounding_box()
    assert min(box["width"], box["height"]) > 100
    assert_axe_clean(page)


def test_missing_and_forbidden_page_are_axe_clean(open_page, agent):
    page = open_page("/nothing-here/")
    assert page.get_by_role("heading", name="There is nothing here").is_visible()
    assert_axe_clean(page)
    page.goto("/admin/")
    assert page.get_by_role("heading", name="You may not open this page").is_visible()
    assert_axe_clean(page)
