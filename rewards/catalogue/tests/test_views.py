"""The catalogue, one's own requests, and the queue of those who decide."""

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from ledger.actions import Order, account_of, single_account, transfer
from ledger.enums import AccountKind, Purpose
from people.actions import align_staff
from people.models import User
from people.tests.factories import join, lead, make_person, make_team
from rewards.catalogue import actions
from rewards.catalogue.forms import ItemForm
from rewards.catalogue.models import Category, Item, Picture, Request, StockChange
from rewards.catalogue.rules.pictures import encode


@pytest.fixture
def team(db):
    return make_team()


@pytest.fixture
def agent(team):
    return make_agent(team)


@pytest.fixture
def supervisor(team):
    person = make_person("Sam Lead", division=team.division, role="supervisor")
    lead(person, team)
    return person


def make_agent(team, name="Ada Okafor", points=50):
    person = make_person(name, division=team.division, role="agent")
    join(person, team)
    order = Order(single_account(AccountKind.ISSUED), account_of(person), points, f"give:{person.pk}", Purpose.GRANT)
    transfer(order, by=None, at=timezone.now())
    return person


def make_item(name="Coffee", price=20, stock=5, **fields):
    return Item.objects.create(name=name, price_points=price, stock=stock, **fields)


def ask(item, person):
    return actions.request_item(item, token=uuid.uuid4(), by=person, at=timezone.now())


def text_of(client, path) -> str:
    return " ".join(client.get(path).content.decode().split())


def test_cards_say_what_can_be_had_and_why_not(client, agent):
    client.force_login(agent)
    make_item(low_stock=5)
    make_item("Mug", price=70)
    make_item("Tea", stock=0)
    ask(make_item("Lunch", limit_per_person=1, price=5), agent)
    text = text_of(client, "/rewards/")
    for words in ["You can afford it", "5 left", "25 points missing", "Out of stock", "Limit reached"]:
        assert words in text, words
    assert text.count("You can afford it") == 1


def test_catalogue_is_narrowed_by_the_address(client, agent):
    client.force_login(agent)
    drinks = Category.objects.create(name="Drinks", icon="coffee")
    make_item(category=drinks)
    make_item("Mug", price=70)
    assert "Mug" not in text_of(client, f"/rewards/?category={drinks.pk}")
    affordable = text_of(client, "/rewards/?affordable=1")
    assert "Coffee" in affordable and "Mug" not in affordable
    assert "Nothing fits" in text_of(client, "/rewards/?category=nonsense")


def test_form_that_is_sent_twice_makes_one_request(client, agent):
    client.force_login(agent)
    item = make_item()
    path = reverse("catalogue:ask", args=[item.public_id])
    token = client.get(path).context["form"]["token"].value()
    answers = [client.post(path, {"token": token}) for _twice in range(2)]
    assert {answer.url for answer in answers} == {reverse("catalogue:detail", args=[Request.objects.get().public_id])}


def test_request_beyond_ones_points_says_how_many_are_missing(client, agent):
    client.force_login(agent)
    answer = client.post(reverse("catalogue:ask", args=[make_item(price=71).public_id]), {"token": uuid.uuid4()})
    assert answer.status_code == 422
    assert "21 points are missing. Nothing was requested." in answer.content.decode()
    assert not Request.objects.exists()


def test_person_cancels_their_request_and_cannot_approve_it(client, agent):
    client.force_login(agent)
    request = ask(make_item(), agent)
    path = reverse("catalogue:detail", args=[request.public_id])
    assert client.post(path, {"step": "approve"}).status_code == 403
    client.post(path, {"step": "cancel"})
    request.refresh_from_db()
    assert request.status == "cancelled"
    assert "20 points were given back." in text_of(client, path)


def test_lead_declines_only_with_a_reason_that_the_person_reads(client, agent, supervisor):
    path = reverse("catalogue:detail", args=[ask(make_item(), agent).public_id])
    client.force_login(supervisor)
    assert client.post(path, {"step": "decline", "reason": " "}).status_code == 422
    assert client.post(path, {"step": "decline", "reason": "The machine is broken"}).status_code == 302
    client.force_login(agent)
    assert "The machine is broken" in text_of(client, "/rewards/mine/")
    assert "The machine is broken" in b"".join(client.get("/rewards/mine.csv")).decode()


def test_lead_cancels_what_was_approved_only_with_a_reason(client, agent, supervisor):
    request = ask(make_item(), agent)
    actions.approve(request, by=supervisor, at=timezone.now())
    path = reverse("catalogue:detail", args=[request.public_id])
    client.force_login(supervisor)
    refused = client.post(path, {"step": "cancel", "reason": ""})
    assert (refused.status_code, "Say why." in refused.content.decode()) == (422, True)
    assert client.post(path, {"step": "cancel", "reason": "None came"}).status_code == 302
    client.force_login(agent)
    assert "None came" in text_of(client, "/rewards/mine/")


def test_row_of_the_queue_is_decided_in_place_and_stays_on_its_page(client, agent, supervisor):
    request = ask(make_item(), agent)
    client.force_login(supervisor)
    sent = {"step": "approve", "queue": "state=all&name=ada\nX-Y: 1"}
    answer = client.post(reverse("catalogue:detail", args=[request.public_id]), sent)
    assert answer.url == "/rewards/requests/?state=all&name=ada%0AX-Y%3A+1"
    request.refresh_from_db()
    assert request.status == "approved"
    assert 'value="deliver"' in text_of(client, "/rewards/requests/")


def test_queue_shows_open_requests_of_ones_people_and_never_ones_own(client, team, agent, supervisor):
    join(supervisor, team)
    transfer(
        Order(single_account(AccountKind.ISSUED), account_of(supervisor), 50, "lead", Purpose.GRANT),
        by=None,
        at=timezone.now(),
    )
    ask(make_item(), agent)
    ask(make_item("Own wish"), supervisor)
    ask(make_item("Foreign wish"), make_agent(make_team(), "Zoe Elsewhere"))
    done = ask(make_item("Earlier wish"), agent)
    actions.cancel(done, by=agent, at=timezone.now())
    client.force_login(supervisor)
    text = text_of(client, "/rewards/requests/")
    assert "Coffee" in text
    assert not any(each in text for each in ["Own wish", "Foreign wish", "Earlier wish"])
    assert "Earlier wish" in text_of(client, "/rewards/requests/?state=cancelled")
    assert "Coffee" not in text_of(client, "/rewards/requests/?name=zoe")
    lines = b"".join(client.get("/rewards/requests.csv?state=all")).decode().splitlines()
    assert len(lines) == 3 and all("Ada Okafor" in line for line in lines[1:])


def test_points_page_names_the_request_that_holds_points(client, agent):
    client.force_login(agent)
    ask(make_item("Specialty coffee"), agent)
    assert "Specialty coffee" in text_of(client, "/rewards/points/")


@pytest.mark.parametrize("path", ["/rewards/", "/rewards/mine/", "/rewards/requests/", "/rewards/requests/?state=all"])
def test_lists_cost_the_same_at_one_and_three(client, team, supervisor, path):
    def one_more(number):
        category = Category.objects.create(name=f"Category {number}")
        person = supervisor if "requests" not in path else make_agent(team, f"Agent {number}")
        if number == 0 and person == supervisor:
            order = Order(single_account(AccountKind.ISSUED), account_of(person), 99, "s", Purpose.GRANT)
            transfer(order, by=None, at=timezone.now())
        request = ask(make_item(f"Item {number}", category=category), person)
        if path != "/rewards/requests/":
            actions.cancel(request, by=person, at=timezone.now())

    client.force_login(supervisor)
    counts = []
    for number in range(3):
        one_more(number)
        client.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[2]


# Pictures and the admin -------------------------------------------------------------------------------------------


def drawn(colour="red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def administrator(db):
    person = make_person("Alex Admin", role="administrator")
    align_staff(people=User.objects.all())
    person.refresh_from_db()
    return person


FIELDS = {
    "name": "Mug",
    "price_points": "30",
    "low_stock": "2",
    "from_on": "2024-01-01",
    "stock_changes-TOTAL_FORMS": "0",
    "stock_changes-INITIAL_FORMS": "0",
}


def test_item_is_entered_with_picture_and_stock(client, administrator):
    client.force_login(administrator)
    file = SimpleUploadedFile("mug.png", drawn(), content_type="image/png")
    answer = client.post("/admin/catalogue/item/add/", FIELDS | {"upload": file, "pieces": "7", "note": "First box"})
    assert answer.status_code == 302, answer.context["errors"]
    item = Item.objects.get()
    assert (item.stock, StockChange.objects.get().by) == (7, administrator)
    client.logout()
    served = client.get(item.picture_url)
    assert served["Content-Type"] == "image/webp"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in served["Cache-Control"]
    assert served.content.startswith(b"RIFF")


def test_saving_an_item_loses_no_request_made_meanwhile(client, administrator, agent, monkeypatch):
    item = make_item()
    client.force_login(administrator)
    clean = ItemForm.clean_pieces

    def late(form):
        ask(item, agent)
        return clean(form)

    monkeypatch.setattr(ItemForm, "clean_pieces", late)
    client.post(f"/admin/catalogue/item/{item.pk}/change/", FIELDS | {"pieces": "10", "price_points": "90"})
    item.refresh_from_db()
    assert (item.stock, item.price_points, Request.objects.get().points) == (14, 90, 20)


def test_new_picture_takes_the_old_one_away_unless_another_item_shows_it(db):
    red, blue = (encode(io.BytesIO(drawn(colour)), size=1) for colour in ("red", "blue"))
    one, other = make_item(), make_item("Tea")
    actions.show_picture(one, red)
    actions.show_picture(other, red)
    actions.show_picture(one, blue)
    assert Picture.objects.count() == 2
    actions.show_picture(other, None)
    assert Picture.objects.get().digest == blue.digest


def test_upload_that_is_no_picture_is_refused_in_words(client, administrator):
    client.force_login(administrator)
    file = SimpleUploadedFile("mug.png", b"<svg/>", content_type="image/png")
    answer = client.post("/admin/catalogue/item/add/", FIELDS | {"upload": file})
    assert "This is no picture that can be read." in answer.content.decode()
    assert not Item.objects.exists()


def test_admin_list_shows_what_runs_low(client, administrator):
    make_item(stock=2, low_stock=2)
    make_item("Mug", stock=3, low_stock=2)
    client.force_login(administrator)
    rows = client.get("/admin/catalogue/item/?low=1").context["cl"].result_list
    assert [item.name for item in rows] == ["Coffee"]
