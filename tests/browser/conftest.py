"""Chromium for the tests in this folder, watched: no request leaves the host, and the console stays silent."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from conftest import outside_tool_is_missing
from tests import centre as centres

HERE = Path(__file__).parent
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-sync",
]
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
AXE_RUN = """() => axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"], resultTypes: ["violations"],
})"""
REFUSED_STATUS = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
expect.set_options(timeout=15_000)  # on a busy machine
NARROW = {"width": 390, "height": 844}
WIDE = {"width": 1360, "height": 900}


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("LAUREL_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        outside_tool_is_missing("Chromium")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in the thread that asks the database
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Watch:
    """What a browser did that Laurel's pages never do."""

    host: str
    wrongs: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    """Parts of console messages that the test brings about on purpose."""

    def on_request(self, request):
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != self.host:
            self.wrongs.append(f"a request left the host: {request.url}")

    def on_console(self, message):
        on_purpose = REFUSED_STATUS.match(message.text) or any(part in message.text for part in self.expected)
        if message.type in ("error", "warning") and not on_purpose:
            self.wrongs.append(f"console {message.type}: {message.text}")

    def on_page(self, page: Page):
        page.on("pageerror", lambda error: self.wrongs.append(f"script error: {error}"))

    def watch(self, context: BrowserContext):
        context.on("request", self.on_request)
        context.on("console", self.on_console)
        context.on("page", self.on_page)


@pytest.fixture
def watch(live_server) -> Watch:
    return Watch(urlsplit(live_server.url).netloc)


@pytest.fixture
def open_page(browser, live_server, centre, watch):
    """Opens a page, signed in as `role` of the centre, in a browser context of its own.

    `open_page("/", role="agent", scheme="dark", viewport=NARROW, js=False, forced_colors=True)` gives a page.
    When the test ends it fails if any of its pages asked another host or complained in the console.
    """
    contexts = []

    def open_one(
        path="/", *, role="agent", scheme="light", viewport=WIDE, js=True, forced_colors=False, **more
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            color_scheme=scheme,
            viewport=viewport,
            java_script_enabled=js,
            forced_colors="active" if forced_colors else "none",
            locale=more.pop("locale", "en-GB"),
            **more,
        )
        contexts.append(context)
        watch.watch(context)
        if role:
            context.add_cookies([session_cookie(centre.people[role], live_server.url)])
        page = context.new_page()
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert watch.wrongs == []


def session_cookie(person, url) -> dict:
    """The cookie of a session in which the person has just proved who they are, in every way they can."""
    client = Client()
    client.post(reverse("account_login"), {"login": person.email, "password": centres.PASSWORD})
    if "_auth_user_id" not in client.session:
        code = format_hotp_value(hotp_value(centres.TOTP_SECRET, next(yield_hotp_counters_from_time())))
        client.post(reverse("mfa_authenticate"), {"code": code})
    client.post(reverse("account_reauthenticate"), {"password": centres.PASSWORD})
    assert client.session["_auth_user_id"] == str(person.pk)
    return {"name": settings.SESSION_COOKIE_NAME, "value": client.session.session_key, "url": url}


def axe_violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, one line an element."""
    page.evaluate(AXE)
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['failureSummary']}"
        for violation in page.evaluate(AXE_RUN)["violations"]
        for node in violation["nodes"]
    ]


def assert_axe_clean(page: Page) -> None:
    assert axe_violations(page) == []
