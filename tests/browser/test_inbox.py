"""Recognition from the scorecard to the inbox, the count in the header, and what one wants to be told."""

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from inbox.actions import choose, notify, send_digest
from inbox.enums import Kind
from inbox.queries import DueDigest, kinds_for
from ledger.actions import account_of
from ledger.queries import balance_of
from rewards.recognition.tests.factories import make_budget

from .conftest import NARROW, axe_violations


def test_lead_recognises_from_the_scorecard_and_takes_it_back_without_javascript(open_page, centre):
    make_budget(lead=100)
    ada = centre.people["agent"]
    lead = open_page(f"/scorecard/{ada.public_id}/", role="supervisor", js=False, viewport=NARROW)
    lead.get_by_role("link", name="Recognise").click()
    expect(lead.get_by_label("For")).to_have_value(str(ada.public_id))
    lead.get_by_label("Note").fill("You kept calm when the line went down.")
    lead.get_by_label("Points").fill("30")
    lead.get_by_role("button", name="Give").click()
    expect(lead.get_by_text("70 of 100 points are left this month for people you lead.")).to_be_visible()
    assert balance_of(account_of(ada)).available == 30
    agent = open_page("/", js=False, viewport=NARROW)
    agent.get_by_role("link", name="Inbox 1 not read").click()
    expect(agent.get_by_text("You kept calm when the line went down.")).to_be_visible()
    agent.get_by_role("link", name="Sam Supervisor recognised your work: 30 points").click()
    expect(agent.get_by_text("Sam Supervisor to you")).to_be_visible()
    expect(agent.get_by_role("link", name="Inbox", exact=True)).to_be_visible()
    lead.get_by_role("link", name="Take back").click()
    lead.get_by_label("Reason").fill("It was another shift.")
    lead.get_by_role("button", name="Take back").click()
    agent.reload()
    expect(agent.get_by_text("taken back: It was another shift.")).to_be_visible()
    assert balance_of(account_of(ada)).available == 0


def test_row_of_the_team_leads_to_recognition_for_that_agent(open_page, centre):
    page = open_page("/team/", role="supervisor")
    page.get_by_role("link", name="Recognise Chiara Rossi").click()
    expect(page.get_by_label("For").locator("option:checked")).to_have_text("Chiara Rossi")


def test_colleagues_thank_each_other_and_the_lead_reads_it(open_page, centre):
    agent = open_page("/recognition/new/thanks/", js=False)
    agent.get_by_label("For").select_option(label="Bruno Sørensen")
    agent.get_by_label("Note").fill("Thanks for covering lunch.")
    agent.get_by_role("button", name="Give").click()
    expect(agent.get_by_text("You to Bruno Sørensen")).to_be_visible()
    lead = open_page("/recognition/", role="supervisor")
    expect(lead.get_by_text("Ada Okafor to Bruno Sørensen")).to_be_visible()


def test_unread_are_counted_read_together_and_a_kind_is_switched_off(open_page, centre):
    ada = centre.people["agent"]

    def tell(key):
        notify(ada, Kind.THANKS, params={"gift": "Coffee", "points": 40}, key=key, at=timezone.now())

    for number in range(3):
        tell(f"told {number}")
    page = open_page("/inbox/", js=False)
    expect(page.get_by_role("link", name="Inbox 3 not read").first).to_be_visible()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("link", name="not read")).to_have_count(0)
    page.get_by_role("link", name="What I am told").click()
    page.get_by_label("Thanks received: in the inbox").uncheck()
    page.get_by_role("button", name="Save").click()
    tell("not told")
    page.goto("/inbox/")
    expect(page.get_by_role("listitem").filter(has_text="A customer thanked you")).to_have_count(3)
    expect(page.get_by_role("link", name="not read")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_daily_mail_is_axe_clean_and_fits(browser, centre, scheme, language):
    ada, at = centre.people["agent"], timezone.now()
    choose(ada, wanted={}, mail=True, language=language)
    for number, kind in enumerate(kinds_for(ada)):
        notify(ada, kind, params={}, key=f"told {number}", at=at)
    until = at + dt.timedelta(seconds=1)
    assert send_digest(DueDigest(ada.pk, at.date(), until), at=until)
    [(html, _type)] = mail.outbox[-1].alternatives
    page = browser.new_page(viewport=NARROW, color_scheme=scheme)
    page.set_content(html)
    found = axe_violations(page), page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert found == ([], NARROW["width"])


def test_open_inbox_shows_what_comes_without_a_reload(open_page, centre):
    page = open_page("/inbox/")
    notify(centre.people["agent"], Kind.RECOGNITION, params={"points": 5}, key="now", at=timezone.now())
    page.evaluate("htmx.trigger('#inbox', 'refresh')")
    expect(page.get_by_text("Somebody recognised your work: 5 points")).to_be_visible()
    expect(page.get_by_text("Your inbox changed.")).to_be_attached()
