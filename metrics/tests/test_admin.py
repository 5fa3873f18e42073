"""Metrics in the admin: adding one without code, what is refused, and what the form shows before saving."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from foundation.records.sets import make_temporary
from interactions.enums import TouchReason
from interactions.models import Touch
from metrics import actions
from metrics.actions import NewReading, TooEarly, apply_changed_metric, narrowed, record_readings
from metrics.enums import Source
from metrics.forms import natural_value
from metrics.models import DayValue, Metric
from metrics.queries import centre_value, definition_of, uses_of
from metrics.tests.factories import make_agent, make_evaluation, make_leg, metric
from people.models import Queue
from people.tests.factories import make_person

pytestmark = pytest.mark.django_db
CONDITIONS = "conditions"


@pytest.fixture
def administrator(client):
    person = make_person("Ines", role="administrator", is_staff=True)
    client.force_login(person)
    return person


def yesterday():
    return timezone.localdate() - dt.timedelta(days=1)


def filled(*conditions, **changes):
    """The form of a service level within 30 seconds, with its conditions."""
    data = {
        "name": "Service level 30",
        "key": "service_level_30",
        "unit": "percent",
        "precision": "1",
        "better": "higher",
        "aggregation": "average",
        "source": "interactions",
        "factor": "100",
        "dividend": "count",
        "divisor": "count",
        "lag_minutes": "120",
        "position": "5",
        "is_active": "on",
        f"{CONDITIONS}-TOTAL_FORMS": str(len(conditions)),
        f"{CONDITIONS}-INITIAL_FORMS": "0",
    }
    for number, (applies_to, field, operator, value) in enumerate(conditions):
        row = {"applies_to": applies_to, "field": field, "operator": operator, "value": value}
        data |= {f"{CONDITIONS}-{number}-{name}": text for name, text in row.items()}
    return {**data, **changes}


ANSWERED = ("both", "answered", "is", "Yes")
IN_TIME = ("dividend", "wait", "at_most", "0:30")


def add(client, *conditions, **changes):
    return client.post(reverse("admin:metrics_metric_add"), filled(*conditions, **changes))


def errors_of(response):
    form = response.context["adminform"].form
    rows = response.context["inline_admin_formsets"][0].formset
    found = {name: list(messages) for name, messages in form.errors.items()}
    for row in rows.forms:
        found |= {name: list(messages) for name, messages in row.errors.items()}
    return found | ({"conditions": list(rows.non_form_errors())} if rows.non_form_errors() else {})


def test_an_administrator_adds_a_metric_without_code(client, administrator):
    response = add(client, ANSWERED, IN_TIME)
    assert response.status_code == 302
    made = Metric.objects.get(key="service_level_30")
    assert [(row.field, row.value) for row in made.conditions.all()] == [("answered", "yes"), ("wait", "30")]


def test_a_new_metric_has_its_last_weeks_at_once_and_revises_nothing(client, administrator):
    agent = make_agent()
    for days in (0, 1, 30, 60):
        make_leg(agent, timezone.localdate() - dt.timedelta(days=days), answered=True, wait_seconds=10, touched=False)
    add(client, ANSWERED, IN_TIME)
    values = DayValue.objects.filter(metric__key="service_level_30").order_by("-workday")
    assert [(value.total, value.count) for value in values] == [(Decimal(100), Decimal(1))] * 3
    assert not Touch.objects.exists()


def test_a_new_metric_is_measured_as_the_recompute_measures_it(client, administrator):
    agent = make_agent()
    make_leg(agent, yesterday(), answered=True, wait_seconds=10)
    make_leg(agent, yesterday(), answered=True, wait_seconds=40)
    add(client, ANSWERED, IN_TIME)
    made = Metric.objects.get(key="service_level_30")
    before = list(DayValue.objects.filter(metric=made).values_list("workday", "total", "count"))
    with connection.cursor() as cursor:
        make_temporary(cursor, "due", ["agent_id bigint", "workday date"], key=["agent_id", "workday"])
        cursor.execute("INSERT INTO due VALUES (%s, %s)", [agent.pk, yesterday()])
    actions.recompute_day_values("due")
    assert list(DayValue.objects.filter(metric=made).values_list("workday", "total", "count")) == before != []


def test_a_key_is_made_from_the_name(client, administrator):
    add(client, key="")
    assert Metric.objects.filter(key="service-level-30").exists()


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"divisor": ""}, "divisor", "A percent is a share of something. Choose what it is divided by."),
        ({"aggregation": "sum"}, "aggregation", "Percents cannot be added up. Choose average."),
        ({"dividend": ""}, "dividend", "Choose what is counted or added up."),
        (
            {"divisor": "evaluation_count"},
            "divisor",
            "Evaluations can only be divided by evaluations, and interactions by interactions.",
        ),
        ({"unit": "currency"}, "currency", "Name the currency by its three letters, such as EUR."),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(client, administrator, changes, field, message):
    response = add(client, **changes)
    assert response.status_code == 200
    assert errors_of(response) == {field: [message]}


@pytest.mark.parametrize(
    ("condition", "field", "message"),
    [
        (("both", "answered", "is", "maybe"), "value", "Write yes or no."),
        (("both", "wait", "at_most", "soon"), "value", None),
        (("both", "wait", "at_most", "-1"), "value", "Write a number that is not below zero."),
        (("both", "wait", "at_most", "0.0001"), "value", "Write at most three decimal places."),
        (("both", "answered", "at_most", "yes"), "operator", "For this field choose one of: is, is not."),
        (("both", "queue", "is", "Nowhere"), "value", "There is no queue named Nowhere."),
        (("both", "form", "is", "Soft skills"), "field", "Only evaluations have a form."),
        (
            ("both", "direction", "is", "sideways"),
            "value",
            "“sideways” is not known. Write one of: inbound, outbound, internal.",
        ),
    ],
)
def test_a_condition_is_checked_by_its_field(client, administrator, condition, field, message):
    response = add(client, condition)
    assert list(errors_of(response)) == [field]
    if message:
        assert errors_of(response)[field] == [message]


def test_names_with_commas_are_kept_in_quotes(client, administrator):
    Queue.objects.create(name="Sales, north")
    Queue.objects.create(name="Service")
    add(client, ("both", "queue", "one_of", '"Sales, north", Service'))
    assert Metric.objects.get(key="service_level_30").conditions.get().value == '"Sales, north", Service'


def test_an_external_metric_has_no_conditions(client, administrator):
    response = add(client, ANSWERED, source="external", unit="number")
    assert errors_of(response) == {
        "conditions": ["An external metric has no conditions: its values come from outside."]
    }


def test_the_preview_saves_nothing_and_keeps_what_was_typed(client, administrator):
    for number in range(5):
        agent = make_agent(f"Agent {number}")
        make_leg(agent, yesterday(), answered=True, wait_seconds=10)
        make_leg(agent, yesterday(), answered=True, wait_seconds=40 if number else 20)
    response = add(client, ANSWERED, IN_TIME, _preview="1")
    assert not Metric.objects.filter(key="service_level_30").exists()
    preview = response.context["preview"]
    assert preview["sentence"] == (
        "100 × number of interactions that are answered and waited at most 30 s"
        " ÷ number of interactions that are answered"
    )
    assert (preview["trial"].value, preview["trial"].agents) == ("60.0%", 5)
    assert response.context["adminform"].form["name"].value() == "Service level 30"


def test_with_htmx_the_preview_comes_alone(client, administrator):
    response = client.post(
        reverse("admin:metrics_metric_add"), filled(ANSWERED, _preview="1"), headers={"HX-Request": "true"}
    )
    assert [template.name for template in response.templates] == ["metrics/admin/metric_preview.html"]


def test_the_trial_is_hidden_where_few_people_have_data(client, administrator):
    for number in range(4):
        make_leg(make_agent(f"Agent {number}"), yesterday(), answered=True, wait_seconds=10)
    trial = add(client, ANSWERED, IN_TIME, _preview="1").context["preview"]["trial"]
    assert (trial.value, trial.hidden) == (None, True)


def test_the_trial_equals_the_day_values():
    """The form promises what the recompute will write: unknown waits count nowhere, and evaluations by their form."""
    agent = make_agent()
    make_leg(agent, yesterday(), answered=True, wait_seconds=10)
    make_leg(agent, yesterday(), answered=True, wait_seconds=None)
    make_leg(agent, yesterday(), answered=False, wait_seconds=50)
    make_evaluation(agent, yesterday(), score=80)
    make_evaluation(agent, yesterday(), score=10, released=False)
    days = {"from_on": yesterday(), "to_on": yesterday()}
    assert centre_value(definition_of(metric("average_speed_of_answer")), **days).value == 10
    assert centre_value(definition_of(metric("service_level_20s")), **days).value == 100
    assert centre_value(definition_of(metric("quality_score")), **days).value == 80
    assert centre_value(definition_of(metric("average_hold")), **days).value is None


def change(client, made, *conditions, **changes):
    data = filled(*conditions, **{"name": made.name, "key": made.key, **changes})
    return client.post(reverse("admin:metrics_metric_change", args=[made.pk]), data)


def test_unit_and_source_stay_once_there_are_values(client, administrator):
    made = metric("transfer_rate")
    DayValue.objects.create(agent=make_agent(), workday=yesterday(), metric=made, total=100, count=1)
    change(client, made, unit="number", source="external")
    made.refresh_from_db()
    assert (made.unit, made.source) == ("percent", "interactions")


def test_a_metric_that_objectives_use_cannot_be_deactivated(client, administrator):
    response = change(client, metric("average_handle_time"), is_active="")
    messages = errors_of(response)["is_active"]
    assert messages[0].startswith("This metric is used by objectives")


def test_a_metric_in_use_cannot_be_deleted(client, administrator):
    used, free = metric("average_handle_time"), metric("average_hold")
    assert (bool(uses_of(used)), uses_of(free)) == (True, [])
    assert client.get(reverse("admin:metrics_metric_delete", args=[used.pk])).status_code == 403
    assert client.get(reverse("admin:metrics_metric_delete", args=[free.pk])).status_code == 200


def test_a_changed_definition_touches_the_workdays_from_the_chosen_day(client, administrator):
    agent, made = make_agent(), metric("transfer_rate")
    for days in (1, 3, 9):
        make_leg(agent, timezone.localdate() - dt.timedelta(days=days), touched=False)
    day = timezone.now().date() - dt.timedelta(days=3)
    assert change(client, made, ANSWERED, IN_TIME, recompute_from=day.isoformat()).status_code == 302
    touched = Touch.objects.filter(reason=TouchReason.METRIC).order_by("workday")
    assert [touch.workday for touch in touched] == [day, day + dt.timedelta(days=2)]


def test_a_new_name_touches_nothing(client, administrator):
    made = metric("charges")
    make_leg(make_agent(), yesterday(), touched=False)
    data = {
        "name": "Turnover",
        "unit": "currency",
        "currency": "usd",
        "precision": "2",
        "aggregation": "sum",
        "dividend": "charge",
        "divisor": "",
        "factor": "1",
        f"{CONDITIONS}-INITIAL_FORMS": "1",
        f"{CONDITIONS}-0-id": str(made.conditions.get().pk),
        f"{CONDITIONS}-0-metric": str(made.pk),
    }
    response = change(client, made, ("dividend", "answered", "is", "yes"), **data)
    assert response.status_code == 302
    made.refresh_from_db()
    assert (made.name, made.currency) == ("Turnover", "USD")
    assert not Touch.objects.exists()


def test_a_change_does_not_reach_final_workdays(client, administrator):
    early = timezone.now().date() - dt.timedelta(days=30)
    assert "recompute_from" in errors_of(change(client, metric("transfer_rate"), recompute_from=early.isoformat()))
    with pytest.raises(TooEarly):
        apply_changed_metric(metric("transfer_rate"), from_on=early, at=timezone.now())


def test_a_changed_external_metric_touches_the_days_of_its_readings():
    made = Metric.objects.create(key="on_queue", name="On queue", unit="seconds", source=Source.EXTERNAL)
    reading = NewReading(made, make_agent().pk, yesterday(), Decimal(5), "k1")
    record_readings([reading], source="test", at=timezone.now())
    Touch.objects.all().delete()
    assert apply_changed_metric(made, from_on=yesterday(), at=timezone.now()) == 1


def test_narrowed_forms_follow_and_are_not_listed(client, administrator):
    origin = metric("transfer_rate")
    child, _ = narrowed(origin, media_type="chat")
    Metric.objects.filter(pk=origin.pk).update(precision=3)
    origin.refresh_from_db()
    apply_changed_metric(origin, from_on=actions.earliest_change(at=timezone.now()), at=timezone.now())
    child.refresh_from_db()
    assert child.precision == 3
    page = client.get(reverse("admin:metrics_metric_changelist"))
    assert child not in list(page.context["cl"].result_list)
    assert client.get(reverse("admin:metrics_metric_change", args=[child.pk])).status_code == 404


def test_a_supervisor_reads_metrics_and_changes_none(client):
    client.force_login(make_person("Sol", role="supervisor", is_staff=True))
    made = metric("transfer_rate")
    page = client.get(reverse("admin:metrics_metric_change", args=[made.pk]))
    assert "number of interactions that are answered" in page.content.decode()
    assert page.context["preview"]["trial"] is None
    assert change(client, made).status_code == 403
    assert client.get(reverse("admin:metrics_metric_add")).status_code == 403


def test_the_list_costs_the_same_queries_at_one_and_at_three(client, administrator):
    url = reverse("admin:metrics_metric_changelist")
    client.get(url)
    with CaptureQueriesContext(connection) as one:
        assert len(client.get(url, {"q": "charges"}).context["cl"].result_list) == 1
    with CaptureQueriesContext(connection) as three:
        assert len(client.get(url, {"q": "average"}).context["cl"].result_list) >= 3
    assert len(one) == len(three)


@pytest.mark.parametrize(
    ("language", "text", "number"),
    [("en", "180", 180), ("en", "3:00", 180), ("en", "1:02:03", 3723), ("en", "80 %", 80), ("de", "1,5", "1.5")],
)
def test_values_are_read_as_people_write_them(language, text, number):
    with translation.override(language):
        assert natural_value(text) == Decimal(number)


@pytest.mark.parametrize("text", ["soon", "3:75", "1,5", "1e12", "nan"])
def test_what_is_no_value_is_refused(text):
    with pytest.raises(ValidationError):
        natural_value(text)


@pytest.mark.parametrize("text", ["1.000", "12.500", "-1.000"])
def test_number_with_a_point_that_separates_thousands_in_german_is_asked_again(text):
    with translation.override("de"), pytest.raises(ValidationError, match="zwei"):
        natural_value(text)


@pytest.mark.parametrize(
    ("text", "number"), [("0.125", "0.125"), ("1.5", "1.5"), ("1.000,5", "1000.5"), ("1000", 1000)]
)
def test_number_with_a_point_that_can_only_be_one_thing_is_read_in_german(text, number):
    with translation.override("de"):
        assert natural_value(text) == Decimal(number)
