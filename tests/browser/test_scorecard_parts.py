"""What a poll replaces and what it leaves alone, and the page's menus without JavaScript."""

from django.utils import timezone
from playwright.sync_api import expect

from interactions.actions import touch
from interactions.enums import TouchReason
from scorecards.actions import rescore
from tests.centre import Centre, call


def poll_now(page):
    """Asks at once, as the timer would, and waits for the answer."""
    with page.expect_response(lambda response: "v=" in response.url) as answer:
        page.evaluate("htmx.trigger('#scorecard', 'refresh')")
    page.wait_for_timeout(100)
    return answer.value


def take_a_call(centre: Centre, *, seconds: int, rated: int | None = None):
    """A call of the first agent comes in, and is scored."""
    agent, at = centre.agents[0], timezone.now()
    leg = call(agent, 0, centre.today, 50)
    leg.talk_seconds, leg.hold_seconds, leg.after_call_seconds, leg.rating = seconds, 0, 0, rated
    leg.save()
    touch({(agent.pk, centre.today)}, reason=TouchReason.INTERACTION, at=at)
    rescore(at=at)


def test_changed_poll_keeps_typed_text_open_details_focus_and_scroll(open_page, centre):
    page = open_page("/scorecard/")
    page.locator(".metric", has_text="Quality score").locator("summary").click()
    card = page.locator(".metric", has_text="Average handle time")
    value = card.locator(".huge").text_content()
    card.locator("summary").click()
    field = card.get_by_label("What if it were")
    field.fill("4:3")
    before = page.evaluate("window.scrollY")
    page.evaluate("document.querySelectorAll('.metric').forEach((card) => { card.dataset.first = 'yes'; })")
    take_a_call(centre, seconds=900)
    assert poll_now(page).status == 200
    assert card.locator(".huge").text_content() != value
    assert card.get_attribute("data-first") is None, "what changed is replaced"
    assert field.input_value() == "4:3"
    assert field.evaluate("node => node === document.activeElement") is True
    assert card.locator("details").evaluate("node => node.open") is True
    assert page.evaluate("window.scrollY") == before
    untouched = page.locator(".metric", has_text="Quality score")
    assert untouched.get_attribute("data-first") == "yes", "what did not change is not replaced"
    assert untouched.locator("details").evaluate("node => node.open") is True
    assert page.locator("#status").text_content().startswith("Updated: ")


def test_periods_and_theme_work_without_javascript(open_page):
    page = open_page("/scorecard/", js=False)
    assert page.get_by_role("button", name="Pause updates").count() == 0
    card = page.locator(".metric", has_text="Average handle time")
    card.locator("summary").click()
    card.get_by_label("What if it were").fill("4:00")
    card.get_by_role("button", name="Show points").click()
    expect(page.locator(".metric", has_text="Average handle time").get_by_text("would give 300 of 300")).to_be_visible()
    page.get_by_text("Week", exact=True).click()
    assert "period=" in page.url
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="Dark").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
