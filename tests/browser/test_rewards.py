"""From the request over the approval to the delivery, without JavaScript."""

from playwright.sync_api import expect

from ledger.actions import account_of
from ledger.queries import Balance, balance_of
from rewards.catalogue.models import Item

from .conftest import NARROW
from .pages import wished, with_points


def test_coffee_is_requested_approved_and_handed_over(open_page, centre):
    with_points(centre)
    Item.objects.create(name="Specialty coffee", price_points=30, stock=1)
    account = account_of(centre.people["agent"])
    agent = open_page("/rewards/", js=False, viewport=NARROW)
    assert agent.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    agent.get_by_role("link", name="Specialty coffee").click()
    agent.get_by_role("button", name="Request").click()
    expect(agent.get_by_text("30 points are held.")).to_be_visible()
    assert balance_of(account).held == 30
    lead = open_page("/rewards/requests/", role="supervisor", js=False)
    lead.get_by_role("link", name="Specialty coffee", exact=True).click()
    lead.get_by_role("button", name="Approve").click()
    lead.get_by_role("button", name="Delivered").click()
    expect(lead.get_by_text("30 points were spent.")).to_be_visible()
    assert balance_of(account) == Balance(10, incoming=25)
    agent.goto("/rewards/")
    expect(agent.get_by_text("Out of stock")).to_be_visible()


def test_request_reaches_the_leads_inbox_and_is_decided_in_its_row_on_a_phone(open_page, centre):
    wished(centre)
    lead = open_page("/inbox/", role="supervisor", js=False, viewport=NARROW)
    lead.get_by_role("link", name="Ada Okafor asks for Coffee: 10 points").click()
    expect(lead.get_by_role("heading", name="Coffee")).to_be_visible()
    lead.goto("/rewards/requests/?state=all")
    assert lead.evaluate("document.querySelector('.table-wrap').scrollWidth") <= NARROW["width"]
    for step, state in (("Approve", "Approved"), ("Delivered", "Delivered")):
        lead.get_by_role("button", name=f"{step} Coffee, Ada Okafor").click()
        expect(lead.get_by_role("row", name="Coffee")).to_contain_text(state)
        assert lead.url.endswith("/rewards/requests/?state=all")
    assert balance_of(account_of(centre.people["agent"])).available == 30
    agent = open_page("/inbox/")
    expect(agent.get_by_text("Delivered to you: Coffee")).to_be_visible()


def test_lead_cancels_what_was_approved_with_a_reason_that_the_agent_reads(open_page, centre):
    (public_id,) = wished(centre)
    lead = open_page(f"/rewards/requests/{public_id}/", role="supervisor", js=False)
    lead.get_by_role("button", name="Approve").click()
    lead.get_by_role("button", name="Cancel the request").click()
    expect(lead.get_by_text("Say why.")).to_be_visible()
    lead.get_by_label("Reason").fill("The machine broke down.")
    lead.get_by_role("button", name="Cancel the request").click()
    expect(lead.get_by_text("10 points were given back.")).to_be_visible()
    agent = open_page("/inbox/", viewport=NARROW)
    expect(agent.get_by_text("The machine broke down.")).to_be_visible()
