"""The customer's page on a phone without JavaScript, from the first question to the coffee; and a call to try."""

import io

from PIL import Image
from playwright.sync_api import expect

from ledger.actions import account_of
from ledger.queries import balance_of
from rewards.catalogue.actions import show_picture
from rewards.catalogue.models import Item
from rewards.catalogue.rules.pictures import encode
from rewards.thanks.models import Response
from rewards.thanks.rules.survey import Option
from rewards.thanks.tests.factories import change_survey

from .conftest import NARROW, assert_axe_clean
from .pages import asked

MOST_BYTES = 40_000


def test_customer_gives_a_coffee_without_javascript(open_page, centre):
    (token,) = asked(centre)
    page = open_page(f"/thanks/l/{token}/", role=None, js=False, viewport=NARROW)
    page.get_by_role("button", name="Extremely likely").click()
    page.get_by_role("button", name="Yes").click()
    page.get_by_role("button", name="Specialty coffee").click()
    expect(page.get_by_role("heading")).to_have_text("Thank you")
    expect(page.get_by_text("Your reward was handed on: specialty coffee.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert balance_of(account_of(centre.people["agent"])).available == 40
    assert page.context.cookies() == []


def test_every_step_is_axe_clean_in_both_languages_and_small(open_page, centre):
    (token,) = asked(centre)
    page = open_page("/accounts/login/", role=None, viewport=NARROW)
    sizes = []
    page.on("response", lambda response: sizes.append(len(response.body())))
    page.goto(f"/thanks/l/{token}/?lang=de")
    assert sum(sizes) < MOST_BYTES
    for name in ["Äußerst wahrscheinlich", "Ja", "High Five"]:
        assert_axe_clean(page)
        page.get_by_role("button", name=name).click()
    assert_axe_clean(page)
    expect(page.get_by_text("Ihre Belohnung ist angekommen: High Five.")).to_be_visible()
    page.goto(f"/thanks/l/{token}/")
    assert_axe_clean(page)
    expect(page.get_by_role("heading")).to_have_text("You have answered already")


def test_lent_pictures_stand_beside_the_names_on_a_phone_without_javascript(open_page, centre):
    file = io.BytesIO()
    Image.new("RGB", (640, 480), "peru").save(file, "PNG")
    item = Item.objects.create(name="Flat white", price_points=60)
    show_picture(item, encode(file, size=file.tell()))
    option = Option("1", 40, {}, str(item.public_id), item.name, item.picture_id)
    change_survey(options=(option, Option("2", 10, {"en": "High five", "de": "High Five"})))
    (token,) = asked(centre)
    for scheme in ("light", "dark"):
        page = open_page(f"/thanks/l/{token}/", role=None, viewport=NARROW, scheme=scheme)
        if scheme == "light":
            page.get_by_role("button", name="Extremely likely").click()
            page.get_by_role("button", name="Yes").click()
        expect(page.get_by_role("button")).to_have_text(["Flat white", "High five"])
        expect(page.locator("img")).to_have_js_property("naturalWidth", 640)
        assert_axe_clean(page)
    page = open_page(f"/thanks/l/{token}/", role=None, js=False, viewport=NARROW)
    page.get_by_role("button", name="Flat white").click()
    expect(page.get_by_text("Your reward was handed on: Flat white.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_call_is_tried_with_a_keypad_and_nothing_is_kept(open_page):
    page = open_page("/thanks/trial/", role="supervisor", js=False)
    for key in ["1", "Press nothing", "1", "4"]:
        page.get_by_role("button", name=key, exact=True).click()
    expect(page.get_by_text("In a real call the agent would be given 40 points.")).to_be_visible()
    assert not Response.objects.exists()


def test_lead_makes_a_link_that_the_customer_opens(open_page, centre):
    interaction = f"{centre.agents[0].pk}-{centre.today}-0"
    page = open_page("/thanks/offer/", role="supervisor")
    page.get_by_label("Id of the interaction").fill(interaction)
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_role("textbox", name="The link").input_value()
    customer = open_page(link, role=None, viewport=NARROW)
    expect(customer.get_by_text("Ada looked after you.")).to_be_visible()
