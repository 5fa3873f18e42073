"""Boards, team and workdays in a browser: without JavaScript, and while they refresh."""

import re

import pytest
from django.db.models import Count
from playwright.sync_api import expect

from foundation.periods import Kind, period_of
from leaderboards.models import Board
from people.models import User
from scorecards.models import ScoreDay


@pytest.fixture
def board(centre) -> str:
    return f"/leaderboards/{Board.objects.get(profile=centre.profile, division=centre.division).pk}/"


def test_agent_chooses_days_and_ranking_without_javascript(open_page, board):
    page = open_page(board, js=False)
    expect(page.locator("tr[aria-current=true]")).to_contain_text("You")
    page.get_by_role("link", name="Last week", exact=True).click()
    expect(page.get_by_role("link", name="Last week", exact=True)).to_have_attribute("aria-current", "true")
    page.get_by_label("Rank by").select_option(index=1)
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("period=last-week&by=percent"))
    page.get_by_role("link", name="Earlier").click()
    expect(page).to_have_url(re.compile(r"period=\d{4}-W\d\d&by=percent"))


def test_supervisor_sorts_searches_and_opens_a_scorecard_without_javascript(open_page):
    page = open_page("/team/", role="supervisor", js=False)
    page.get_by_role("columnheader", name="Points").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Points")).to_have_attribute("aria-sort", "ascending")
    page.get_by_label("Search by name").fill("hana")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Hana Novák", exact=True).click()
    expect(page).to_have_url(re.compile("/scorecard/"))


def test_supervisor_chooses_own_days_and_wrong_ones_are_explained(open_page, board, centre):
    page = open_page(board, role="supervisor")
    page.get_by_text("Other days").click()
    page.get_by_label("From").fill(f"{centre.today}")
    page.get_by_label("To", exact=True).fill("2020-01-01")
    page.locator(".days-form").get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert").filter(has_text="first day")).to_be_visible()


def test_unchanged_poll_moves_nothing_and_a_changed_one_says_so(open_page, board, centre):
    monday = period_of(Kind.WEEKLY, centre.today).start
    page = open_page(board, role="supervisor")
    page.get_by_text("Download").click()
    page.evaluate(
        "window.changes = 0; new MutationObserver(() => window.changes++).observe("
        "document.querySelector('#board'), {childList: true, subtree: true, attributes: true})"
    )
    with page.expect_response(lambda response: "v=" in response.url) as unchanged:
        page.evaluate("htmx.trigger('#board', 'refresh')")
    assert unchanged.value.status == 204
    page.wait_for_timeout(200)
    added = page.evaluate("window.changes")
    ScoreDay.objects.update(points=1, maximum=500)
    days = ScoreDay.objects.filter(workday__gte=monday).values("agent").annotate(days=Count("*"))
    most = max(row["days"] for row in days)
    with page.expect_response(lambda response: "v=" in response.url) as changed:
        page.evaluate("htmx.trigger('#board', 'refresh')")
    assert changed.value.status == 200
    expect(page.locator("#status")).to_contain_text("The board changed.")
    expect(page.locator("#board td.value").first).to_have_text(f"{most}")
    expect(page.locator("details.menu-btn")).to_have_attribute("open", "")
    assert added <= 2  # the class by which htmx marks a request


def test_typed_search_survives_a_change(open_page):
    page = open_page("/team/", role="supervisor")
    page.get_by_label("Search by name").fill("Ad")
    User.objects.filter(name="Ada Okafor").update(name="Ada Renamed")
    page.evaluate("htmx.trigger('#team-panel', 'refresh')")
    expect(page.get_by_role("link", name="Ada Renamed", exact=True)).to_be_visible()
    expect(page.get_by_label("Search by name")).to_have_value("Ad")
