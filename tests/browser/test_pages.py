"""Each page in light, dark, forced colours and at 390 px: axe finds nothing, and nothing is cut off sideways."""

from urllib.parse import urlsplit

import pytest
from django.urls import URLPattern, get_resolver
from playwright.sync_api import expect

from foundation.pages.views import THEME_COOKIE

from .conftest import NARROW, axe_violations
from .pages import NO_PAGE, PAGES

LOOKS = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced colours": {"color_scheme": "light", "forced_colors": "active"},
}


def assert_clean_in_every_look(page) -> None:
    found = {}
    for look, media in LOOKS.items():
        page.emulate_media(**media, reduced_motion="reduce")
        found[look] = axe_violations(page)
    page.emulate_media(**LOOKS["light"])
    page.set_viewport_size(NARROW)
    found["390 px"] = axe_violations(page)
    assert {look: violations for look, violations in found.items() if violations} == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


@pytest.mark.parametrize("row", PAGES, ids=str)
def test_page_is_axe_clean_in_every_look_and_fits(row, open_page, centre):
    page = open_page(row.address(centre), role=row.role, reduced_motion="reduce")
    assert urlsplit(page.url).path == (row.lands_on or urlsplit(row.address(centre)).path)
    assert page.locator("h1").count() == 1
    assert_clean_in_every_look(page)


def names(patterns, namespace="") -> set[str]:
    """The names of all addresses below these patterns, without the admin and the API, which answers in JSON."""
    found = set()
    for pattern in patterns:
        if str(pattern.pattern).startswith(("admin/", "api/v2/")):
            continue
        if isinstance(pattern, URLPattern):
            found.add(f"{namespace}{pattern.name or pattern.pattern}")
        else:
            found |= names(pattern.url_patterns, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
    return found


def test_every_address_has_a_row_or_a_reason():
    rows, reasons, addresses = {row.name for row in PAGES}, set(NO_PAGE), names(get_resolver().url_patterns)
    assert addresses - rows - reasons == set(), "add a row to PAGES, or a reason to NO_PAGE, in tests/browser/pages.py"
    assert (rows | reasons) - addresses == set(), "these rows name no address"
    assert rows & reasons == set()


def test_document_of_the_api_is_browsed_under_its_policy(open_page):
    """Every operation can be opened, with nothing from another host and no complaint in the console."""
    page = open_page("/api/v2/docs", role=None)
    page.get_by_text("/api/v2/gamification/leaderboard/all", exact=True).click()
    expect(page.get_by_text("The widest board of a profile").first).to_be_visible()
    assert_clean_in_every_look(page)


@pytest.mark.parametrize("chosen", ["light", "dark"])
def test_document_of_the_api_has_the_theme_that_was_chosen(open_page, chosen):
    page = open_page("/api/v2/docs", role=None, scheme="light" if chosen == "dark" else "dark")
    page.context.add_cookies([{"name": THEME_COOKIE, "value": chosen, "url": page.url}])
    page.reload()
    page.get_by_text("/api/v2/users/me", exact=True).click()
    shown = page.evaluate(
        """() => [document.body, document.querySelector(".opblock.is-open")].map(each => {
            const canvas = document.createElement("canvas").getContext("2d");
            canvas.fillStyle = getComputedStyle(each).backgroundColor;
            canvas.fillRect(0, 0, 1, 1);
            return canvas.getImageData(0, 0, 1, 1).data[0] > 127 ? "light" : "dark";
        })"""
    )
    assert shown == [chosen, chosen]
