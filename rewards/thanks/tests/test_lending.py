"""An item of the catalogue lends a survey's reward its name and picture, as they are when a customer is asked."""

import datetime as dt
import io
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from inbox.models import Notification
from people.actions import align_staff
from people.models import User
from people.tests.factories import make_person
from rewards.catalogue.actions import show_picture
from rewards.catalogue.models import Item, Picture
from rewards.catalogue.rules.pictures import encode
from rewards.thanks.actions import save_version
from rewards.thanks.enums import Way
from rewards.thanks.models import Response, ShownPicture, Survey, SurveyVersion
from rewards.thanks.queries import token_of
from rewards.thanks.rules.survey import Option, spoken, turn_after
from rewards.thanks.tests.factories import AT, change_survey, make_agent, make_response, walk

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def drawn(colour):
    file = io.BytesIO()
    Image.new("RGB", (80, 60), colour).save(file, "PNG")
    return encode(file, size=1)


@pytest.fixture
def item():
    made = Item.objects.create(name="Flat white", price_points=40)
    show_picture(made, drawn("brown"))
    return made


def lent(item, **own) -> Option:
    return Option("1", 40, own, str(item.public_id), item.name, item.picture_id)


def test_name_of_its_own_goes_before_the_lent_one(item):
    option = lent(item, de="Flat White mit Hafermilch", en="")
    assert [option.name(language) for language in ("en", "de", "pt")] == [
        "Flat white", "Flat White mit Hafermilch", "Flat white",
    ]  # fmt: skip


def test_what_a_version_showed_stays_when_the_item_changes(item, client):
    change_survey(options=(lent(item),))
    response = make_response(make_agent(), way=Way.LINK)
    before = item.picture_id
    show_picture(item, drawn("green"))
    Item.objects.update(name="Cortado")
    option = response.version.definition.option("1")
    assert (option.name("en"), option.picture) == ("Flat white", before)
    assert client.get(reverse("catalogue:picture", args=[before])).status_code == 200
    assert Picture.objects.count() == 2


def test_next_customer_sees_the_item_as_it_is_and_versions_are_made_once(item):
    change_survey(options=(lent(item), Option("2", 10, {"en": "High five"})))
    asked = make_response(make_agent(), way=Way.LINK)
    show_picture(item, drawn("green"))
    Item.objects.update(name="Cortado")
    following = [make_response(make_agent()) for _ in range(2)]
    option = following[0].version.definition.option("1")
    assert (option.name("en"), option.picture, option.points) == ("Cortado", item.picture_id, 40)
    assert following[0].version == following[1].version != asked.version
    assert (following[0].version.from_on, following[0].version.by) == (asked.version.from_on, None)
    assert following[0].version.definition.option("2") == asked.version.definition.option("2")
    walk(asked, ["1", "1", "1"])
    walk(following[0], ["1", "1", "1"])
    told = [row.params["gift"]["en"] for row in Notification.objects.order_by("pk")]
    assert told == ["Flat white", "Cortado"]


def test_next_customer_sees_that_a_picture_was_taken_away(item):
    change_survey(options=(lent(item),))
    show_picture(item, None)
    assert make_response(make_agent()).version.definition.pictures == set()


def test_own_names_and_later_versions_stay_when_an_item_changes(item):
    survey = Survey.objects.get()
    change_survey(options=(lent(item, de="Milchkaffee"),))
    later = replace(survey.versions.first().definition, repeats=5)
    save_version(survey, later, from_on=AT.date() + DAY, by=None, at=AT)
    Item.objects.update(name="Cortado")
    today, tomorrow = make_response(make_agent()), make_response(make_agent(), at=AT + DAY)
    assert [each.version.definition.repeats for each in (today, tomorrow)] == [2, 5]
    assert [each.version.definition.names("1") for each in (today, tomorrow)] == [
        {"en": "Cortado", "de": "Milchkaffee"}
    ] * 2


def test_trial_call_says_the_item_as_it_is_and_writes_nothing(client, item):
    change_survey(options=(lent(item),))
    Item.objects.update(name="Cortado")
    client.force_login(make_person(role="supervisor"))
    versions = SurveyVersion.objects.count()
    assert "Press 1 for Cortado." in client.get(reverse("thanks:trial"), {"keys": "1,1"}).content.decode()
    assert SurveyVersion.objects.count() == versions


def test_picture_that_no_version_shows_goes_with_the_change(item):
    before = item.picture_id
    show_picture(item, drawn("green"))
    assert not Picture.objects.filter(pk=before).exists()


def test_picture_stands_once_in_a_version(item):
    change_survey(options=(lent(item), lent(item)._replace(key="2")))
    shown = ShownPicture.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        ShownPicture.objects.create(version=shown.version, picture=shown.picture)


def test_telephone_speaks_the_lent_name_and_the_agent_reads_it(item):
    change_survey(options=(lent(item),))
    agent = make_agent()
    response = make_response(agent)
    definition = response.version.definition
    assert "Press 1 for Flat white." in spoken(definition, turn_after(definition, ["1", "1"]), "en")
    walk(response, ["1", "1", "1"])
    assert Notification.objects.get(person=agent).params == {
        "gift": {"en": "Flat white", "de": "Flat white"}, "points": 40,
    }  # fmt: skip


def test_customers_page_shows_pictures_of_its_own_host_beside_the_names(client, item):
    change_survey(options=(lent(item), Option("2", 10, {"en": "High five"})))
    response = make_response(make_agent(), way=Way.LINK)
    walk(response, ["1", "1"])
    url = reverse("thanks:customer", args=[token_of(response)])
    picture = f'src="{item.picture_url}" alt=""'
    page = client.get(url).content.decode()
    assert page.count("<img") == 1
    assert picture in page
    assert picture in client.post(url, {"turn": 3, "key": "1"}).content.decode()


def _survey_form(client) -> tuple[str, dict]:
    page = reverse("admin:thanks_survey_change", args=[Survey.objects.get().pk])
    shown = client.get(page)
    form = shown.context["adminform"].form
    inline = shown.context["inline_admin_formsets"][0].formset.management_form
    sent = {name: form[name].value() for name in form.fields}
    sent |= {f"{inline.prefix}-{name}": inline[name].value() for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return page, {name: value for name, value in sent.items() if value is not None and value is not False}


def newest() -> tuple[Option, ...]:
    return Survey.objects.get().versions.order_by("-pk").first().definition.options


def test_administrator_chooses_an_item_that_lends(admin_client, item):
    page, sent = _survey_form(admin_client)
    chosen = sent | {"item_4": str(item.public_id), "name_4_en": ""}
    assert admin_client.post(page, chosen).status_code == 302
    option = newest()[3]
    assert (option.name("en"), option.name("de")) == ("Flat white", "Kaffeespezialität")
    assert (option.points, option.picture) == (40, item.picture_id)


def test_saving_again_takes_the_item_as_it_is_now(admin_client, item):
    change_survey(options=(lent(item),))
    Item.objects.update(name="Cortado", until_on="2020-01-01")
    page, sent = _survey_form(admin_client)
    assert admin_client.post(page, sent).status_code == 302
    assert [option.name("en") for option in newest()] == ["Cortado"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"name_1_en": "", "name_1_de": ""}, "Give this reward a name, or an item that lends it one."),
        ({"points_1": "", "item_1": "ITEM"}, "Say how many points this reward gives."),
    ],
)
def test_reward_without_a_name_or_points_is_refused(admin_client, item, wrong, says):
    page, sent = _survey_form(admin_client)
    wrong = {name: str(item.public_id) if value == "ITEM" else value for name, value in wrong.items()}
    answer = admin_client.post(page, sent | wrong)
    assert answer.status_code == 200
    assert says in answer.content.decode()


def test_administrator_reads_what_an_older_version_showed(admin_client, item):
    change_survey(options=(lent(item),))
    before = item.picture_url
    show_picture(item, drawn("green"))
    change_survey(options=(lent(item)._replace(lent_name="Cortado"), Option("2", 10, {"en": "<b>High</b> five"})))
    page = admin_client.get(reverse("admin:thanks_survey_change", args=[Survey.objects.get().pk])).content.decode()
    old = f'<img src="{before}" alt="" width="40" height="30"> 1 Flat white: 40'
    new = f'<img src="{item.picture_url}" alt="" width="40" height="30"> 1 Cortado: 40<br>'
    assert (page.count(old), page.count(new + "2 &lt;b&gt;High&lt;/b&gt; five: 10")) == (1, 1)
    assert '<td class="field-by_whom">' in page
    assert "<p>Laurel</p>" in page


def test_answers_name_the_reward_as_the_customer_heard_it(client, item):
    change_survey(options=(lent(item),))
    walk(make_response(make_agent("Ada")), ["1", "1", "1"])
    quinn = make_person("Quinn", role="quality_evaluator")
    align_staff(people=User.objects.all())
    client.force_login(User.objects.get(pk=quinn.pk))
    page = client.get(reverse("admin:thanks_response_changelist")).content.decode()
    assert '<td class="field-chosen">Flat white</td>' in page
    only = Response.objects.get()
    assert "Flat white" in client.get(reverse("admin:thanks_response_change", args=[only.pk])).content.decode()
