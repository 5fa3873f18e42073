"""The second factor, the end of a session while a page polls, and what is kept of a reader's wishes."""

import re

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from tests import centre as centres


def sign_in(page: Page, email: str, password: str = centres.PASSWORD) -> None:
    page.locator("input[name=login]").fill(email)
    page.locator("input[type=password]").fill(password)
    page.locator("main form button.primary").click()


def test_second_factor_is_asked_for(open_page, centre):
    page = open_page("/accounts/login/?next=/scorecard/", role=None)
    sign_in(page, centre.people["two factor"].email)
    expect(page).to_have_url(re.compile("/accounts/2fa/authenticate/"))
    code = format_hotp_value(hotp_value(centres.TOTP_SECRET, next(yield_hotp_counters_from_time())))
    page.locator("input[name=code]").fill(code)
    page.locator("main form button").first.click()
    expect(page).to_have_url(re.compile("/scorecard/$"))


def test_poll_after_the_session_has_ended_leads_to_sign_in(open_page):
    page = open_page("/scorecard/")
    Session.objects.all().delete()
    page.evaluate("htmx.trigger('#scorecard', 'refresh')")
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next="))
    expect(page.locator("h1")).to_have_text("Sign in")


def test_theme_and_language_are_kept(open_page):
    page = open_page("/scorecard/", role="agent", scheme="light")
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
