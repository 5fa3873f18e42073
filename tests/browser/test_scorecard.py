"""The scorecard as it is read: in every look, without JavaScript, while it polls, and on a slow line."""

import gzip
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from scorecards.actions import rescore
from tests import centre as centres

from .conftest import NARROW, WIDE, assert_axe_clean

LOOKS = {
    "light": {"scheme": "light", "viewport": WIDE},
    "dark": {"scheme": "dark", "viewport": WIDE},
    "390 px": {"scheme": "light", "viewport": NARROW},
    "no JavaScript": {"js": False},
}
FIRST_VISIT_KILOBYTES = 150
WATCH_CHANGES = """() => {
    window.changes = [];
    new MutationObserver((found) => window.changes.push(...found.map((one) => one.target.nodeName))).observe(
        document.querySelector("#main"),
        {subtree: true, childList: true, characterData: true, attributeFilter: ["open", "value", "hidden", "data-v"]},
    );
}"""


@pytest.mark.parametrize("look", LOOKS)
def test_scorecard_shows_points_and_a_card_for_each_objective(look, open_page):
    page = open_page("/scorecard/", **LOOKS[look])
    expect(page.locator(".hero-ring")).to_be_visible()
    expect(page.locator(".hero-ring")).to_contain_text(re.compile(r"of [\d,]+ points"))
    expect(page.locator(".card.metric")).not_to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


@pytest.mark.parametrize("look", ["light", "dark", "390 px"])
def test_scorecard_is_axe_clean_with_everything_open(look, open_page):
    page = open_page("/scorecard/", reduced_motion="reduce", **LOOKS[look])
    page.evaluate("document.querySelectorAll('#scorecard details').forEach((one) => { one.open = true; })")
    assert_axe_clean(page)


def test_what_if_answers_without_javascript(open_page):
    page = open_page("/scorecard/", js=False)
    card = open_first_card(page)
    card.locator("input[name=value]").fill("200")
    card.get_by_role("button", name="Show points").click()
    expect(page.locator("[id$=-tried] strong").first).to_contain_text("points")


def open_first_card(page: Page):
    card = page.locator(".card.metric").first
    card.locator("details.how > summary").click()
    return card


def refresh(page: Page, status: int) -> None:
    """Polls at once and waits for the answer."""
    with page.expect_response(lambda response: "v=" in response.url) as answer:
        page.evaluate("htmx.trigger('#scorecard', 'refresh')")
    assert answer.value.status == status
    page.wait_for_timeout(100)


def what_the_reader_did(page: Page) -> dict:
    return page.evaluate(
        """() => ({
            typed: document.querySelector(".card.metric input[name=value]").value,
            open: document.querySelector(".card.metric details.how").open,
            focus: document.activeElement.id,
            scroll: window.scrollY,
        })"""
    )


def read_and_type(page: Page) -> dict:
    card = open_first_card(page)
    page.mouse.wheel(0, 200)
    page.wait_for_timeout(200)
    card.locator("input[name=value]").fill("3:3")
    before = what_the_reader_did(page)
    assert (before["typed"], before["open"]) == ("3:3", True)
    assert before["focus"].endswith("-value")
    return before


def test_unchanged_poll_moves_nothing(open_page):
    page = open_page("/scorecard/")
    before = read_and_type(page)
    page.evaluate(WATCH_CHANGES)
    for _ in range(3):
        refresh(page, 204)
    assert page.evaluate("window.changes") == []
    assert what_the_reader_did(page) == before


def test_changed_poll_keeps_typed_text_and_open_details(open_page, centre):
    page = open_page("/scorecard/")
    before = read_and_type(page)
    points = page.locator(".hero-ring").inner_text()
    centres.write_more_calls(centre, at=timezone.now())
    rescore(at=timezone.now())
    refresh(page, 200)
    assert page.locator(".hero-ring").inner_text() != points
    assert what_the_reader_did(page) == before
    expect(page.locator("#status")).not_to_be_empty()


def test_paused_page_does_not_ask(open_page):
    page = open_page("/scorecard/")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Pause updates").click()
    page.evaluate("htmx.trigger('#scorecard', 'refresh')")
    page.wait_for_timeout(300)
    assert [url for url in asked if "v=" in url] == []
    with page.expect_response(lambda response: "v=" in response.url):
        page.get_by_role("button", name="Resume updates").click()


def test_lost_connection_shows_an_alert_and_keeps_the_numbers(open_page, watch):
    watch.expected = ("ERR_INTERNET_DISCONNECTED", "htmx:afterRequest", "htmx:sendError")
    page = open_page("/scorecard/")
    points = page.locator(".hero-ring").inner_text()
    page.context.set_offline(True)
    page.evaluate("htmx.trigger('#scorecard', 'refresh')")
    expect(page.locator("#connection")).to_contain_text("No connection")
    assert page.locator(".hero-ring").inner_text() == points
    page.context.set_offline(False)
    refresh(page, 204)
    expect(page.locator("#connection")).to_be_hidden()


def test_first_visit_stays_under_150_kilobytes(open_page):
    """Bodies as they travel: text gzipped as the server does it, fonts as they are. Headers are not counted."""
    page = open_page("/healthz")
    answers = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright wants a function of its own
    page.goto("/scorecard/")
    page.wait_for_load_state("networkidle")
    sizes = {answer.url: travelling(answer) for answer in answers}
    assert len(sizes) > 4
    assert sum(sizes.values()) < FIRST_VISIT_KILOBYTES * 1000, sizes


def travelling(answer) -> int:
    body = answer.body()
    return len(body) if answer.url.endswith(".woff2") else len(gzip.compress(body, 6))
