"""The scorecard in the browser's place: who sees it, what it says, what it costs."""

import csv
import datetime as dt
import io
from fractions import Fraction

import openpyxl
import pytest
from django.test import Client

from interactions.models import Leg
from metrics.models import Metric
from people.models import Grant
from people.tests.factories import join, lead, make_division, make_person, make_team
from scorecards import averages
from scorecards.averages import Average
from scorecards.models import Objective, ObjectiveTerms, Profile, Score, ScoringSwitch

from .figures import add_day, close, default_profile, revise

pytestmark = pytest.mark.django_db

TODAY = dt.date(2024, 9, 5)
"""A Thursday."""
NOW = dt.datetime(2024, 9, 5, 14, 5, tzinfo=dt.UTC)
YESTERDAY = TODAY - dt.timedelta(1)
FIGURES = {
    "interactions_answered": 26,
    "average_handle_time": (312 * 126, 126),
    "first_contact_resolution": (100 * 103, 125),
    "transfer_rate": (300, 26),
}


@pytest.fixture
def division():
    return make_division("Lisbon", time_zone="Europe/Lisbon")


@pytest.fixture
def amy(division):
    return make_person("Amy Ørsted", division=division, role="agent")


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(NOW, tick=False)


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(person, path="/scorecard/", **headers):
    return client_of(person).get(path, headers=headers)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


# Who sees what ---------------------------------------------------------------------------------------------------


def test_own_scorecard_greets_and_shows_points(amy, division):
    day = add_day(amy, TODAY, FIGURES, division=division, at=NOW - dt.timedelta(minutes=20))
    html = text_of(page(amy))
    assert "Good afternoon, Amy" in html
    assert f"{day.points} of {day.maximum} points" in html
    assert "As of 14:45, next update about 15:45." in html  # Lisbon is an hour ahead of UTC in September


def test_lead_sees_the_scorecard_of_those_they_lead_and_others_get_404(amy, division):
    team = make_team(division=division)
    join(amy, team)
    dana = make_person("Dana", division=division, role="supervisor")
    lead(dana, team)
    colleague = make_person("Bob", division=division, role="agent")
    join(colleague, team)
    for path in (f"/scorecard/{amy.public_id}/", f"/scorecard/{amy.public_id}.csv"):
        assert page(dana, path).status_code == 200
        assert page(colleague, path).status_code == 404
    assert "Good afternoon" not in text_of(page(dana, f"/scorecard/{amy.public_id}/"))


def test_only_a_lead_is_led_from_a_scorecard_to_recognition(amy, division):
    team = make_team(division=division)
    join(amy, team)
    dana = make_person("Dana", division=division, role="supervisor")
    lead(dana, team)
    eva = make_person("Eva", division=division, role="quality_evaluator", in_division=division)
    address, path = f'"/recognition/new/recognition/?to={amy.public_id}"', f"/scorecard/{amy.public_id}/"
    seen = [address in text_of(page(viewer, path)) for viewer in (dana, eva)]
    assert (seen, "/recognition/new/" in text_of(page(amy))) == ([True, False], False)
    assert client_of(dana).get(address.strip('"')).status_code == 200


def test_person_without_figures_who_leads_is_sent_to_the_team(amy, division):
    team = make_team(division=division)
    join(amy, team)
    dana = make_person("Dana", division=division, role="supervisor")
    lead(dana, team)
    assert page(dana)["Location"] == "/team/"
    add_day(dana, TODAY, FIGURES, division=division, at=NOW)
    assert page(dana).status_code == 200


def test_person_who_may_see_nothing_gets_403(division):
    assert page(make_person("Ada", division=division, role="administrator")).status_code == 403


# What it says ----------------------------------------------------------------------------------------------------


def test_empty_scorecard_says_what_will_fill_it(amy):
    html = text_of(page(amy))
    assert "Points appear here a few minutes after the first interactions of the day come in." in html
    assert html.count("No data yet") == 7  # the state, and one card an objective
    assert "0 of" not in html


def test_past_day_without_data_promises_nothing(amy):
    html = text_of(page(amy, f"/scorecard/?period={YESTERDAY}"))
    assert "No data came in for this period." in html
    assert "No data yet" not in html


def test_value_in_a_zone_is_explained_in_its_own_numbers(amy, division):
    add_day(amy, TODAY, FIGURES, division=division, at=NOW)
    html = text_of(page(amy))
    assert (
        "5:12 is in the zone “Near target”. There the points follow a straight line, from 250 at 4:00 to 50 at 15:00. "
        "That makes 228.18, rounded to 228 of 300 points." in html
    )
    assert "The value 5:12 is 10:55:12 ÷ 126." in html
    assert "The value 82.4% is 103 of 125." in html


def test_metric_without_objective_stands_in_the_second_list(amy, division):
    add_day(amy, TODAY, FIGURES, division=division, at=NOW)
    assert "Transfer rate" in text_of(page(amy)).split("Also measured")[1]


def test_one_digit_more_shows_where_the_rounded_value_would_lie_in_another_zone(amy, division):
    add_day(amy, TODAY, {"first_contact_resolution": (100 * 84.96, 100)}, division=division, at=NOW)
    assert "84.96%" in text_of(page(amy))


def test_final_and_revised_days_say_so_and_by_what(amy, division):
    add_day(amy, YESTERDAY, FIGURES, division=division, at=NOW)
    path = f"/scorecard/?period={YESTERDAY}"
    assert ">So far<" in text_of(page(amy, path)).replace("</svg>", ">")
    close(division, YESTERDAY, at=NOW)
    assert ">Final<" in text_of(page(amy, path)).replace("</svg>", ">")
    revise(amy, YESTERDAY, "average_handle_time", at=NOW)
    html = text_of(page(amy, path)).replace("</svg>", ">")
    assert ">Revised<" in html
    assert "Wed 4 Sep was revised: an external reading came in (15:05)." in html


def test_week_adds_points_and_divides_sums(amy, division):
    first = add_day(amy, YESTERDAY, {"average_handle_time": (100, 1)}, division=division, at=NOW)
    second = add_day(amy, TODAY, {"average_handle_time": (900, 3)}, division=division, at=NOW)
    html = text_of(page(amy, "/scorecard/?period=2024-W36"))
    assert f"{first.points + second.points} of 600 points" in html
    assert "4:10" in html  # 1000 ÷ 4, not the mean of 1:40 and 5:00


def test_switched_off_division_says_that_figures_bring_no_points(amy, division):
    ScoringSwitch.objects.create(division=division, is_on=False)
    add_day(amy, TODAY, FIGURES, division=division, at=NOW, profile=None)
    assert "Scoring is switched off in this division" in text_of(page(amy))


def test_reset_starts_all_time_points_anew(amy, division):
    old = add_day(amy, YESTERDAY, {"average_handle_time": (100, 1)}, division=division, at=NOW)
    assert "<dt>All time</dt><dd>300" in text_of(page(amy))
    ScoringSwitch.objects.create(division=division, from_on=TODAY, is_reset=True, reason="new year")
    assert old.points == 300
    assert "<dt>All time</dt><dd>0" in text_of(page(amy))


def test_unreadable_period_says_so_and_shows_today(amy):
    response = page(amy, "/scorecard/?period=yesterday")
    assert response.status_code == 400
    assert "“yesterday” is not a period." in text_of(response)


def test_profile_average_is_what_was_published(amy, monkeypatch):
    asked = []

    def publisher(profile, division, period):
        asked.append((profile, division, period.key))
        return Average(Fraction(1234, 5), YESTERDAY)

    add_day(amy, YESTERDAY, FIGURES, division=amy.division_assignments.get().division, at=NOW)
    monkeypatch.setattr(averages, "publishers", [publisher])
    text = text_of(page(amy))
    assert "Profile average" in text
    assert "247" in text
    assert [key for _, _, key in asked] == [TODAY.isoformat()]


def test_profile_average_is_left_out_where_none_was_published(amy, division):
    for person in (amy, *[make_person(division=division) for _ in range(8)]):
        add_day(person, YESTERDAY, FIGURES, division=division, at=NOW)
    close(division, YESTERDAY, at=NOW)
    assert "Profile average" not in text_of(page(amy))


def test_agent_gets_no_average_of_dates_of_their_own_choice(amy, division):
    for person in (amy, *[make_person(division=division) for _ in range(8)]):
        add_day(person, YESTERDAY, FIGURES, division=division, at=NOW)
    close(division, YESTERDAY, at=NOW)
    assert "Profile average" not in text_of(page(amy, "/scorecard/?from=2024-09-01&to=2024-09-05"))


def test_paused_objective_says_why(amy, division):
    terms = objective("average_handle_time").terms.get()
    type(terms).objects.filter(pk=terms.pk).update(
        guard_metric=Metric.objects.get(key="first_contact_resolution"), guard_operator="at_least", guard_bound=90
    )
    add_day(amy, TODAY, FIGURES, division=division, at=NOW)
    Score.objects.filter(objective=terms.objective).update(points=0, reason="guarded")
    html = text_of(page(amy))
    assert (
        "It counts only while First-contact resolution is at least 90.0%. It was 82.4%, so these points are paused."
        in html
    )
    assert "</svg>Paused</span>" in html


def guard_handle_time(bound) -> Objective:
    """Handle time pays only while first-contact resolution is at least `bound`."""
    terms = objective("average_handle_time").terms.get()
    type(terms).objects.filter(pk=terms.pk).update(
        guard_metric=Metric.objects.get(key="first_contact_resolution"), guard_operator="at_least", guard_bound=bound
    )
    return terms.objective


def test_guard_is_told_with_as_many_digits_as_it_decided_by(amy, division):
    guarded = guard_handle_time(60)
    add_day(amy, TODAY, FIGURES | {"first_contact_resolution": (100 * 1499, 2500)}, division=division, at=NOW)
    Score.objects.filter(objective=guarded).update(points=0, reason="guarded")
    assert "is at least 60.0%. It was 59.96%, so these points are paused." in text_of(page(amy))


@pytest.mark.parametrize(
    ("paused", "sentence"), [([], "paused on none of these"), ([YESTERDAY], "paused on 1 workday")]
)
def test_guard_of_several_days_names_no_single_days_value(amy, division, paused, sentence):
    guarded = guard_handle_time(80)
    for day in (YESTERDAY, TODAY):
        add_day(amy, day, FIGURES, division=division, at=NOW)
    Score.objects.filter(objective=guarded, workday__in=paused).update(points=0, reason="guarded")
    html = text_of(page(amy, "/scorecard/?period=2024-W36"))
    assert f"only on workdays on which First-contact resolution is at least 80.0%. It was {sentence}." in html
    assert html.count("so the points count") == 0


def test_multiplier_is_named(amy, division):
    terms = objective("average_handle_time").terms.get()
    terms.multipliers.create(team=make_team(division=division), percent=150)
    add_day(amy, TODAY, FIGURES, division=division, at=NOW)
    Score.objects.filter(objective=terms.objective).update(points=342, maximum=450)
    html = text_of(page(amy))
    assert "A multiplier of 150% applies to points and maximum." in html
    assert "That makes 342.27, rounded to 342 of 450 points." in html


# What if ---------------------------------------------------------------------------------------------------------


def objective(key) -> Objective:
    return Objective.objects.get(metric__key=key)


def test_what_if_works_without_javascript(amy, division):
    add_day(amy, TODAY, FIGURES, division=division, at=NOW)
    html = text_of(page(amy, f"/scorecard/?try={objective('average_handle_time').pk}&value=4:00"))
    assert "4:00 would give 300 of 300 points on a workday: On target." in html
    assert "<html" in html


def test_what_if_answers_htmx_with_the_answer_alone(amy, division):
    add_day(amy, TODAY, FIGURES, division=division, at=NOW)
    path = f"/scorecard/?try={objective('average_handle_time').pk}&value=4:00"
    assert text_of(page(amy, path, **{"HX-Request": "true"})) == (
        "<p><strong>4:00 would give 300 of 300 points on a workday: On target.</strong></p>"
    )


def test_what_if_of_nonsense_says_what_to_write(amy):
    html = text_of(page(amy, f"/scorecard/?try={objective('average_handle_time').pk}&value=soon"))
    assert "“soon” is not a number. Write 95.5, or a time as 4:30." in html


# Polling ---------------------------------------------------------------------------------------------------------


def digest_in(response) -> str:
    return response.content.decode().split('data-v="')[1].split('"')[0]


def test_unchanged_poll_answers_204_and_a_changed_one_the_panel(amy, division):
    day = add_day(amy, TODAY, FIGURES, division=division, at=NOW)
    full = page(amy)
    assert "HX-Request" in full["Vary"]
    path = f"/scorecard/?v={digest_in(full)}"
    poll = page(amy, path, **{"HX-Request": "true"})
    assert (poll.status_code, poll.content) == (204, b"")
    assert "HX-Request" in poll["Vary"]
    type(day).objects.filter(agent=amy).update(revision=2)
    changed = page(amy, path, **{"HX-Request": "true"})
    assert changed.status_code == 200
    assert "<html" not in changed.content.decode()
    assert digest_in(changed) != digest_in(full)


def test_many_revisions_of_a_day_do_not_overflow_the_digest(amy, division):
    day = add_day(amy, TODAY, FIGURES, division=division, at=NOW, revision=2_000_000)
    assert page(amy).status_code == 200
    assert day.revision == 2_000_000


def test_closing_a_day_changes_the_digest(amy, division):
    add_day(amy, YESTERDAY, FIGURES, division=division, at=NOW)
    before = digest_in(page(amy))
    close(division, YESTERDAY, at=NOW)
    assert digest_in(page(amy)) != before


def test_page_that_follows_today_is_loaded_anew_on_another_day(amy):
    assert f'hx-get="/scorecard/?on={TODAY}"' in page(amy).content.decode()
    assert page(amy, f"/scorecard/?on={TODAY}", **{"HX-Request": "true"}).status_code == 200
    assert page(amy, f"/scorecard/?on={YESTERDAY}", **{"HX-Request": "true"})["HX-Refresh"] == "true"


def test_restored_history_gets_the_full_page(amy):
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in page(amy, **headers).content.decode()


def test_unchanged_poll_costs_two_queries_besides_session_and_user(amy, division, django_assert_num_queries):
    add_day(amy, TODAY, FIGURES, division=division, at=NOW)
    client = client_of(amy)
    digest = digest_in(client.get("/scorecard/"))
    with django_assert_num_queries(4):
        assert client.get(f"/scorecard/?v={digest}", headers={"HX-Request": "true"}).status_code == 204


def test_unchanged_poll_of_a_lead_costs_no_more(amy, division, django_assert_num_queries):
    team = make_team(division=division)
    join(amy, team)
    dana = make_person("Dana", division=division, role="supervisor")
    lead(dana, team)
    add_day(amy, TODAY, FIGURES, division=division, at=NOW)
    client = client_of(dana)
    digest = digest_in(client.get(f"/scorecard/{amy.public_id}/"))
    with django_assert_num_queries(4):
        path = f"/scorecard/{amy.public_id}/?v={digest}"
        assert client.get(path, headers={"HX-Request": "true"}).status_code == 204


# What it costs ---------------------------------------------------------------------------------------------------


def many_objectives(count) -> tuple[Profile, list[str]]:
    """A default profile of `count` objectives over metrics of their own."""
    profile = default_profile()
    profile.objectives.all().delete()
    zones = [
        {"kind": "out", "lower": None, "upper": 0, "lower_points": 0, "upper_points": 0},
        {"kind": "target", "lower": 0, "upper": None, "lower_points": 10, "upper_points": 10},
    ]
    keys = []
    for number in range(count):
        metric = Metric.objects.create(key=f"m{number}", name=f"Metric {number}", unit="number", source="external")
        made = Objective.objects.create(profile=profile, metric=metric, position=number)
        ObjectiveTerms.objects.create(objective=made, kind="higher", zones=zones, metric=metric)
        keys.append(metric.key)
    return profile, keys


@pytest.mark.parametrize("by_lead", [False, True])
@pytest.mark.parametrize("metrics", [1, 3, 20])
@pytest.mark.parametrize("days", [1, 31])
def test_page_costs_at_most_twelve_queries(amy, division, metrics, days, by_lead, django_assert_max_num_queries):
    viewer, path = amy, "/scorecard/"
    if by_lead:
        team = make_team(division=division)
        join(amy, team)
        viewer, path = make_person("Dana", division=division, role="supervisor"), f"/scorecard/{amy.public_id}/"
        lead(viewer, team)
    _profile, keys = many_objectives(metrics)
    for number in range(days):
        day = TODAY - dt.timedelta(number)
        add_day(amy, day, dict.fromkeys(keys, 5), division=division, at=NOW)
        if number:
            close(division, day, at=NOW)
    client = client_of(viewer)
    start = TODAY - dt.timedelta(days - 1)
    with django_assert_max_num_queries(12):
        html = text_of(client.get(f"{path}?from={start}&to={TODAY}"))
    points = f"{metrics * days * 10:,}"
    assert f"{points} of {points} points" in html


# Files -----------------------------------------------------------------------------------------------------------


def csv_rows(person, query) -> list[dict]:
    response = page(person, f"/scorecard/{person.public_id}.csv{query}")
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_csv_has_a_row_a_workday_and_metric_in_full_precision(amy, division):
    add_day(amy, YESTERDAY, {"satisfaction": (7, 3), "transfer_rate": (300, 26)}, division=division, at=NOW)
    close(division, YESTERDAY, at=NOW)
    add_day(amy, TODAY, {"average_handle_time": ("1000.125", 4)}, division=division, at=NOW)
    rows = csv_rows(amy, "?from=2024-09-04&to=2024-09-05")
    assert [list(row.values()) for row in rows] == [
        ["2024-09-04", "transfer_rate", "percent", "11.5384615385", "300", "26", "", "", "", "final"],
        ["2024-09-04", "satisfaction", "number", "2.3333333333", "7", "3", "37", "150", "good", "final"],
        ["2024-09-05", "average_handle_time", "seconds", "250.03125", "1000.125", "4", "247", "300", "good", "so_far"],
    ]
    assert list(rows[0]) == [
        "workday", "metric", "unit", "value", "total", "count", "points", "maximum", "zone", "state",
    ]  # fmt: skip


def test_csv_marks_the_revised_metric_of_a_final_day(amy, division):
    add_day(amy, YESTERDAY, {"satisfaction": (7, 3), "transfer_rate": (300, 26)}, division=division, at=NOW)
    close(division, YESTERDAY, at=NOW)
    revise(amy, YESTERDAY, "satisfaction", at=NOW)
    states = {row["metric"]: row["state"] for row in csv_rows(amy, f"?period={YESTERDAY}")}
    assert states == {"transfer_rate": "final", "satisfaction": "revised"}


def test_csv_of_an_unreadable_period_is_refused(amy):
    response = page(amy, f"/scorecard/{amy.public_id}.csv?period=x")
    assert response.status_code == 400
    assert "“x” is not a period." in text_of(response)


def test_xlsx_has_the_same_rows_as_numbers(amy, division):
    add_day(amy, TODAY, {"average_handle_time": (1000, 4)}, division=division, at=NOW)
    response = page(amy, f"/scorecard/{amy.public_id}.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    cells = [cell.value for cell in sheet[2]]
    assert cells[1:] == ["average_handle_time", "seconds", 250, 1000, 4, 247, 300, "good", "so_far"]


# Facts -----------------------------------------------------------------------------------------------------------


def make_leg(person, number, **fields) -> Leg:
    known = {"source": "t", "external_id": str(number), "agent": person, "workday": TODAY, "started_at": NOW}
    return Leg.objects.create(**known | {"answered": True, "customer_key": "secret-hash"} | fields)


def facts(person, key) -> str:
    return text_of(page(person, f"/scorecard/{person.public_id}/facts/{key}/?period={TODAY}"))


def test_facts_show_the_legs_that_count_without_the_customer(amy):
    make_leg(amy, 1, talk_seconds=312, hold_seconds=10)
    make_leg(amy, 2, talk_seconds=100, answered=False)
    make_leg(amy, 3, talk_seconds=None)
    make_leg(amy, 4, talk_seconds=200, workday=YESTERDAY)
    html = facts(amy, "average_handle_time")
    assert "5:22" in html
    assert html.count('<th scope="row"') == 1
    assert "secret-hash" not in html
    assert "Computed as handle time of interactions that are answered" in html
    assert ">Rating<" not in html.replace(" ", ""), "columns that the metric does not ask for are not shown"


def test_facts_lead_others_to_ask_the_customer_and_never_the_agent(amy, division):
    make_leg(amy, 1, talk_seconds=312, external_id="call & 1")
    team = make_team(division=division)
    join(amy, team)
    dana = make_person("Dana", division=division, role="supervisor")
    lead(dana, team)
    path = f"/scorecard/{amy.public_id}/facts/average_handle_time/?period={TODAY}"
    address = "/thanks/offer/?interaction=call+%26+1"
    assert address in text_of(page(dana, path))
    assert "/thanks/offer/" not in text_of(page(amy, path))
    assert client_of(dana).get(address).status_code == 200


def test_facts_of_a_share_say_which_rows_count(amy):
    make_leg(amy, 1, wait_seconds=20)
    make_leg(amy, 2, wait_seconds=21)
    make_leg(amy, 3, wait_seconds=None)
    html = facts(amy, "service_level_20s").split("<tbody>")[1].split("</tbody>")[0]
    cells = [row.split("<td")[-1].split(">")[1].split("<")[0] for row in html.split("<tr")[1:]]
    assert sorted(cells) == ["no", "yes"]


def test_facts_cost_the_same_for_one_and_for_many(amy, django_assert_max_num_queries):
    for number in range(60):
        make_leg(amy, number, talk_seconds=60)
    client = client_of(amy)
    with django_assert_max_num_queries(12):
        client.get(f"/scorecard/{amy.public_id}/facts/average_handle_time/?period={TODAY}")


def test_facts_of_an_unknown_metric_are_404(amy):
    assert page(amy, f"/scorecard/{amy.public_id}/facts/nothing/").status_code == 404


def test_agent_whose_right_was_taken_sees_no_figures(amy):
    Grant.objects.filter(person=amy).delete()
    assert page(amy).status_code == 403
    assert page(amy, f"/scorecard/{amy.public_id}/").status_code == 404
