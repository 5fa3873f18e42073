"""Surveys are changed by new versions, keys are shown once, responses are read."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from people.actions import align_staff
from people.models import User
from people.tests.factories import make_division, make_person
from rewards.thanks.models import AccessKey, Response, Survey, SurveyVersion
from rewards.thanks.queries import access_key_of
from rewards.thanks.tests.factories import make_agent, make_response, walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client):
    person = make_person("Ada", role="administrator")
    align_staff(people=User.objects.all())
    client.force_login(User.objects.get(pk=person.pk))
    return person


def form_of(client, survey) -> dict:
    """What the page of a survey would send as it is."""
    page = client.get(_page(survey))
    form = page.context["adminform"].form
    found = {name: form[name].value() for name in form.fields}
    inline = page.context["inline_admin_formsets"][0].formset.management_form
    found |= {f"{inline.prefix}-{name}": inline[name].value() for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    return {name: value for name, value in found.items() if value is not None and value is not False}


def _page(survey) -> str:
    return reverse("admin:thanks_survey_change", args=[survey.pk])


def test_saving_a_survey_as_it_is_makes_no_version(client, ada):
    survey = Survey.objects.get()
    assert client.post(_page(survey), form_of(client, survey)).status_code == 302
    assert SurveyVersion.objects.count() == 1


def test_saving_other_words_and_points_makes_a_version_from_today(client, ada):
    survey = Survey.objects.get()
    changed = {"text_goodbye_en": "Bye.", "points_4": "45", "leads_on_to": "2", "day_points": ""}
    assert client.post(_page(survey), form_of(client, survey) | changed).status_code == 302
    newest = SurveyVersion.objects.order_by("-pk").first()
    definition = newest.definition
    assert (newest.from_on, newest.by) == (timezone.localdate(), ada)
    assert (definition.texts["en"]["goodbye"], definition.option("4").points) == ("Bye.", 45)
    assert (definition.leads_on_to, definition.day_points) == (2, None)
    assert definition.texts["de"] == SurveyVersion.objects.order_by("pk").first().definition.texts["de"]


def test_reward_that_is_emptied_is_no_longer_offered_and_keys_close_up(client, ada):
    survey = Survey.objects.get()
    sent = form_of(client, survey)
    del sent["points_2"]
    client.post(_page(survey), sent)
    options = SurveyVersion.objects.order_by("-pk").first().definition.options
    assert [(option.key, option.names["en"]) for option in options] == [
        ("1", "high five"), ("2", "delivered snack"), ("3", "specialty coffee"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [{"leads_on_to": "6"}, {"repeats": "-1"}, {"text_goodbye_de": ""}, {"from_on": "2020-01-01"}, {"points_1": "-5"}],
)
def test_survey_that_cannot_be_is_refused(client, ada, wrong):
    survey = Survey.objects.get()
    assert client.post(_page(survey), form_of(client, survey) | wrong).status_code == 200
    assert SurveyVersion.objects.count() == 1


def test_survey_without_rewards_is_refused(client, ada):
    survey = Survey.objects.get()
    sent = {name: value for name, value in form_of(client, survey).items() if not name.startswith("points_")}
    assert client.post(_page(survey), sent).status_code == 200


def test_new_survey_of_a_division_begins_with_the_words_for_all(client, ada):
    page = client.get(reverse("admin:thanks_survey_add"))
    form = page.context["adminform"].form
    sent = {name: form[name].value() for name in form.fields} | {"name": "South", "division": make_division().pk}
    sent |= {"versions-TOTAL_FORMS": 0, "versions-INITIAL_FORMS": 0}
    sent = {name: value for name, value in sent.items() if value is not None and value is not False}
    answered = client.post(reverse("admin:thanks_survey_add"), sent)
    assert answered.status_code == 302
    own = Survey.objects.get(name="South")
    assert own.versions.get().definition == Survey.objects.get(division=None).versions.get().definition


def test_key_is_shown_once_and_kept_as_a_digest(client, ada):
    sent = {"name": "Telephone", "source": "calls", "is_on": "on"}
    answered = client.post(reverse("admin:thanks_accesskey_add"), sent)
    told = next(str(each) for each in get_messages(answered.wsgi_request) if "laurel_" in str(each))
    shown = next(word for word in told.split() if word.startswith("laurel_")).rstrip(".")
    key = AccessKey.objects.get()
    assert access_key_of(shown) == key
    assert shown not in str(key.__dict__)
    page = client.get(reverse("admin:thanks_accesskey_change", args=[key.pk])).content.decode()
    assert "laurel_" not in client.get(reverse("admin:thanks_accesskey_changelist")).content.decode() or shown in told
    assert key.digest not in page


def test_responses_are_read_by_who_evaluates_and_only_in_reach(client):
    near, far = make_agent("Near Agent"), make_agent("Far Agent")
    for agent in (near, far):
        walk(make_response(agent))
    division = near.division_assignments.get().division
    quinn = make_person("Quinn", division=division, role="quality_evaluator", in_division=division)
    align_staff(people=User.objects.all())
    client.force_login(User.objects.get(pk=quinn.pk))
    page = client.get(reverse("admin:thanks_response_changelist")).content.decode()
    assert ("Near Agent" in page, "Far Agent" in page) == (True, False)
    first, second = Response.objects.order_by("pk")
    assert client.get(reverse("admin:thanks_response_change", args=[first.pk])).status_code == 200
    assert client.get(reverse("admin:thanks_response_change", args=[second.pk])).status_code == 404


@pytest.mark.parametrize("model", ["survey", "accesskey"])
def test_lists_cost_the_same_for_one_and_for_three(client, ada, django_assert_num_queries, model):
    def make(number):
        if model == "accesskey":
            return AccessKey.objects.create(name=f"K{number}", source="s", digest=str(number) * 64)
        return Survey.objects.create(name=f"S{number}", division=make_division())

    page = reverse(f"admin:thanks_{model}_changelist")
    make(1)
    client.get(page)
    with django_assert_num_queries(9):
        client.get(page)
    make(2), make(3)
    with django_assert_num_queries(9):
        client.get(page)


def test_version_from_a_later_day_waits(client, ada):
    survey = Survey.objects.get()
    later = timezone.localdate() + dt.timedelta(days=3)
    client.post(_page(survey), form_of(client, survey) | {"from_on": later.isoformat(), "leads_on_to": "1"})
    agent = make_agent()
    now = timezone.now()
    assert not walk(make_response(agent, started_at=now, at=now), ["3"], at=now).turn.is_over
