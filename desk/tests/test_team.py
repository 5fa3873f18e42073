"""The team page: whom it shows, what it adds up, and what it costs."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from desk.queries import Wanted, led_agents, team_for, trends_of
from foundation.periods.spans import SpanKey, parse_span, span_of
from leaderboards.tests.factories import MONDAY, TODAY, make_agent, make_profile, measure, score_day
from leaderboards.tests.publishing import boards_of_everyone
from metrics.models import DayValue, Metric
from people.models import Look, User
from people.tests.factories import join, lead, make_division, make_person, make_team
from scorecards.models import Objective, ObjectiveTerms, Profile, Score

pytestmark = pytest.mark.django_db
WEEK = span_of(SpanKey.THIS_WEEK, TODAY)
HIGHER = [
    {"kind": "out", "lower": None, "upper": 10 * 10**5, "lower_points": 0, "upper_points": 0},
    {"kind": "good", "lower": 10 * 10**5, "upper": 20 * 10**5, "lower_points": 50, "upper_points": 99},
    {"kind": "target", "lower": 20 * 10**5, "upper": None, "lower_points": 100, "upper_points": 100},
]


def objective(profile: Profile, key: str, **fields) -> Metric:
    metric = Metric.objects.create(key=key, name=key.title(), unit="number", source="external", **fields)
    made = Objective.objects.create(profile=profile, metric=metric)
    ObjectiveTerms.objects.create(objective=made, metric=metric, kind="higher", zones=HIGHER)
    return metric


class Centre:
    """A lead of `size` agents of one team, all scored on Monday and today."""

    def __init__(self, size: int, *, metrics: int = 1, today: dt.date = TODAY, name="Sales"):
        self.division, self.profile = make_division(), make_profile(name)
        self.boss, self.team = make_person("Boss", division=self.division, role="supervisor"), make_team()
        lead(self.boss, self.team)
        self.metrics = [objective(self.profile, f"{name.lower()}-{number}") for number in range(metrics)]
        self.agents = [make_agent(f"Agent {number}", self.division, self.profile) for number in range(1, size + 1)]
        for number, agent in enumerate(self.agents, start=1):
            join(agent, self.team)
            score_day(agent, self.division, self.profile, 100 * number, on=today)
            for metric in self.metrics:
                measure(agent, metric, total=Decimal(8 * number), count=1, on=today)

    def view(self, **options):
        return team_for(self.boss, span=WEEK, on=TODAY, wanted=Wanted(**options))


def names(view) -> list[str]:
    return [row.name for row in view.rows]


# Whom -----------------------------------------------------------------------------------------------------------


def test_team_of_a_lead_is_todays_members_and_never_themself():
    centre = Centre(3)
    stranger = make_agent("Stranger", centre.division, centre.profile)
    score_day(stranger, centre.division, centre.profile, 5)
    former = make_agent("Former", centre.division, centre.profile)
    join(former, centre.team, until_on=TODAY)
    score_day(centre.boss, centre.division, centre.profile, 5)
    assert names(centre.view()) == ["Agent 1", "Agent 2", "Agent 3"]


def test_team_of_a_lead_holds_members_without_any_data():
    centre = Centre(1)
    join(make_agent("New", centre.division, centre.profile), centre.team)
    row = centre.view().rows[1]
    assert (row.name, row.points, row.percent, row.change, row.last_on) == ("New", None, None, None, None)


def test_team_of_an_evaluator_is_their_division_with_figures():
    centre, other = Centre(2), Centre(1, name="Service")
    make_person("Clerk", division=centre.division, role="administrator")
    evaluator = make_person("Eva", division=centre.division, role="quality_evaluator", in_division=centre.division)
    assert [person.name for person in led_agents(evaluator, on=TODAY)] == ["Agent 1", "Agent 2"]
    assert other.agents[0] not in led_agents(evaluator, on=TODAY)


def test_team_without_inactive_people():
    centre = Centre(2)
    User.objects.filter(pk=centre.agents[0].pk).update(is_active=False)
    assert names(centre.view()) == ["Agent 2"]


# What -----------------------------------------------------------------------------------------------------------


def test_team_row_adds_up_the_span_and_compares_with_the_same_days_before():
    centre = Centre(1)
    score_day(centre.agents[0], centre.division, centre.profile, 50, on=MONDAY)
    score_day(centre.agents[0], centre.division, centre.profile, 120, on=MONDAY - dt.timedelta(days=7))
    score_day(centre.agents[0], centre.division, centre.profile, 999, on=MONDAY - dt.timedelta(days=3))
    row = centre.view().rows[0]
    assert (row.points, row.maximum, row.percent, row.change, row.last_on) == (150, 2000, Fraction(15, 2), 30, TODAY)


def test_team_search_is_blind_to_case_and_keeps_the_choice_of_teams():
    centre = Centre(3)
    view = centre.view(search="aGENT 2")
    assert names(view) == ["Agent 2"]
    assert view.teams == [(centre.team.pk, centre.team.name)]


def test_team_filter_shows_the_members_of_one_team():
    centre = Centre(2)
    below = make_team("Below", parent=centre.team)
    join(make_agent("Deep", centre.division, centre.profile), below)
    assert names(centre.view()) == ["Agent 1", "Agent 2", "Deep"]
    assert names(centre.view(team_id=below.pk)) == ["Deep"]
    assert names(centre.view(team_id=below.pk + 99)) == []


def test_marks_place_a_metric_by_sums_over_sums():
    centre = Centre(1)
    measure(centre.agents[0], centre.metrics[0], total=Decimal(72), count=Decimal(3), on=MONDAY)
    view = centre.view()
    mark = view.rows[0].marks[centre.metrics[0].pk]
    assert (mark.value, mark.zone) == (Fraction(80, 4), "target")


def test_marks_place_a_metric_that_adds_up_by_its_mean_of_a_workday():
    centre = Centre(1, metrics=0)
    metric = objective(centre.profile, "sold", aggregation="sum")
    measure(centre.agents[0], metric, total=Decimal(8), count=1, on=TODAY)
    measure(centre.agents[0], metric, total=Decimal(20), count=1, on=MONDAY)
    view = centre.view()
    mark = view.rows[0].marks[metric.pk]
    assert (mark.value, mark.zone) == (28, "good")


def test_page_shows_a_mark_with_digits_that_lie_in_its_zone(client, today):
    """19.6 would read as 20, where the target begins."""
    centre = Centre(1, today=today)
    DayValue.objects.update(total=Decimal("19.6"))
    client.force_login(centre.boss)
    html = client.get(reverse("desk:team")).content.decode()
    assert '<span>19.6</span></span> <span class="sub">Near target</span>' in html


def test_marks_are_missing_where_there_is_no_data():
    centre = Centre(1, metrics=0)
    objective(centre.profile, "sold")
    view = centre.view()
    assert view.rows[0].marks == {}


def test_group_is_the_team_asked_for_as_sums_over_sums_whoever_is_searched():
    """100 + 200 of 2000 is 15 %; the third agent is in another team."""
    centre = Centre(2)
    other = make_team("Other")
    lead(centre.boss, other)
    third = make_agent("Third", centre.division, centre.profile)
    join(third, other)
    score_day(third, centre.division, centre.profile, 900, maximum=900)
    row = centre.view(team_id=centre.team.pk, search="agent 2").rows[0]
    assert (row.group_percent, row.against_group) == (15, 5)
    assert centre.view(search="agent 2").rows[0].group_percent == Fraction(100 * 1200, 2900)


def score(agent, metric: Metric, points: int, *, maximum=100, on=TODAY, reason="") -> None:
    terms = ObjectiveTerms.objects.get(metric=metric)
    Score.objects.create(
        agent=agent,
        workday=on,
        objective=terms.objective,
        terms=terms,
        points=points,
        maximum=maximum,
        zone="out",
        reason=reason,
    )


def test_weakest_metric_is_that_of_the_lowest_share_and_a_tie_names_both():
    centre = Centre(2, metrics=3)
    first, second, third = centre.metrics
    for metric, points in ((first, 50), (second, 40), (third, 40)):
        score(centre.agents[0], metric, points)
    score(centre.agents[0], second, 60, on=MONDAY)
    score(centre.agents[1], first, 30)
    score(centre.agents[1], third, 30)
    one, two = (row.weakest for row in centre.view().rows)
    assert (one.metrics, one.share) == ((third.pk,), Fraction(2, 5))
    assert (two.metrics, two.share) == ((first.pk, third.pk), Fraction(3, 10))


def test_weakest_is_none_with_full_points_and_without_scores():
    centre = Centre(2)
    score(centre.agents[0], centre.metrics[0], 100)
    assert [(row.weakest, row.paused) for row in centre.view().rows] == [(None, 0), (None, None)]


def test_paused_are_the_points_that_a_guard_held():
    centre = Centre(1, metrics=2)
    score(centre.agents[0], centre.metrics[0], 0, reason="guarded")
    score(centre.agents[0], centre.metrics[0], 0, on=MONDAY)
    assert centre.view().rows[0].paused == 100


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("below", ["Agent 1", "Agent 2"]), ("out", ["Agent 1"]), ("good", ["Agent 2"]), ("target", ["Agent 3"])],
)
def test_zone_filter_shows_those_whose_metric_stands_there(zone, expected):
    """Agents measure 8, 16 and 24; near target begins at 10 and target at 20. Who has no value is in no zone."""
    centre = Centre(3)
    join(make_agent("New", centre.division, centre.profile), centre.team)
    assert names(centre.view(zone=zone, metric_id=centre.metrics[0].pk)) == expected


def test_people_without_data_can_be_left_out():
    centre = Centre(1)
    join(make_agent("New", centre.division, centre.profile), centre.team)
    assert names(centre.view()) == ["Agent 1", "New"]
    assert names(centre.view(only_with_data=True)) == ["Agent 1"]


def test_trend_is_the_group_together_by_day_and_never_a_mean_of_means():
    centre = Centre(2, metrics=0)
    metric = objective(centre.profile, "quality")
    measure(centre.agents[0], metric, total=Decimal(90), count=Decimal(9), on=TODAY)
    measure(centre.agents[1], metric, total=Decimal(30), count=Decimal(1), on=TODAY)
    measure(centre.agents[1], metric, total=Decimal(7), count=Decimal(1), on=MONDAY - dt.timedelta(days=1))
    (trend,) = trends_of(centre.view(), span=WEEK)
    assert (trend.value, trend.zone, trend.target.lower) == (12, "good", 20 * 10**5)
    assert len(trend.points) == 14
    assert {period.start: value for period, value in trend.points if value is not None} == {
        TODAY: 12,
        MONDAY - dt.timedelta(days=1): 7,
    }


def test_trend_of_a_sum_is_its_mean_of_an_agents_workday_and_of_many_days_by_week():
    centre = Centre(2, metrics=0)
    metric = objective(centre.profile, "sold", aggregation="sum")
    for agent, day, total in ((0, MONDAY, 10), (0, TODAY, 20), (1, TODAY, 33)):
        measure(centre.agents[agent], metric, total=Decimal(total), count=1, on=day)
    quarter = parse_span("2024-Q1", TODAY)
    (trend,) = trends_of(team_for(centre.boss, span=quarter, on=TODAY), span=quarter)
    assert trend.value == 21
    assert [(period.start, value) for period, value in trend.points if value is not None] == [(MONDAY, 21)]


def test_trend_draws_no_target_where_profiles_differ():
    centre = Centre(1)
    other = make_profile("Other")
    made = Objective.objects.create(profile=other, metric=centre.metrics[0])
    zones = [HIGHER[0] | {"upper": 5 * 10**5}, HIGHER[1] | {"lower": 5 * 10**5}, HIGHER[2]]
    ObjectiveTerms.objects.create(objective=made, metric=centre.metrics[0], kind="higher", zones=zones)
    join(make_agent("Second", centre.division, other), centre.team)
    (trend,) = trends_of(centre.view(), span=WEEK)
    assert (trend.target, trend.zone) == (None, None)


# The page -------------------------------------------------------------------------------------------------------


@pytest.fixture
def today():
    return timezone.now().date()


def test_page_links_to_scorecards_and_escapes_names(client, today):
    centre = Centre(2, today=today)
    User.objects.filter(pk=centre.agents[0].pk).update(name="<i>Mallory</i>")
    client.force_login(centre.boss)
    page = client.get(reverse("desk:team")).content.decode()
    assert f"/scorecard/{centre.agents[0].public_id}/" in page
    assert "&lt;i&gt;Mallory" in page
    assert "<i>Mallory" not in page


def test_rows_lead_to_recognition_only_for_whoever_leads(client, today):
    centre = Centre(2, today=today)
    evaluator = make_person("Eva", division=centre.division, role="quality_evaluator", in_division=centre.division)
    address = f"/recognition/new/recognition/?to={centre.agents[0].public_id}"
    found = []
    for viewer in (centre.boss, evaluator):
        client.force_login(viewer)
        page = client.get(reverse("desk:team")).content.decode()
        found.append((page.count(f'href="{address}"'), page.count("/recognition/new/")))
    assert found == [(1, 2), (0, 0)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort=-points", ["Agent 3", "Agent 2", "Agent 1"]),
        ("sort=points", ["Agent 1", "Agent 2", "Agent 3"]),
        ("sort=-name&q=agent", ["Agent 3", "Agent 2", "Agent 1"]),
        ("sort=email", ["Agent 1", "Agent 2", "Agent 3"]),
    ],
)
def test_page_and_file_are_sorted_by_the_address(client, today, query, expected):
    centre = Centre(3, today=today)
    client.force_login(centre.boss)
    assert [row.name for row in client.get(reverse("desk:team") + f"?{query}").context["table"].shown] == expected
    assert [line.split(",")[0] for line in lines(client.get(reverse("desk:team_csv") + f"?{query}"))[1:]] == expected


@pytest.mark.parametrize(
    "sort", ["points", "-points", "percent", "-percent", "change", "-change", "last_on", "-last_on"]
)
def test_page_sorts_people_without_data_too(client, today, sort):
    centre = Centre(3, today=today)
    join(make_agent("New", centre.division, centre.profile), centre.team)
    client.force_login(centre.boss)
    assert len(client.get(reverse("desk:team") + f"?sort={sort}").context["table"].shown) == 4


@pytest.mark.parametrize("sign", ["", "-"])
def test_page_sorts_by_a_metric_with_people_without_data_last(client, today, sign):
    centre = Centre(3, today=today)
    join(make_agent("A new one", centre.division, centre.profile), centre.team)
    client.force_login(centre.boss)
    page = client.get(reverse("desk:team") + f"?period=today&sort={sign}metric_{centre.metrics[0].pk}")
    expected = ["Agent 1", "Agent 2", "Agent 3"]
    found = [row.name for row in page.context["table"].shown]
    assert found == [*(reversed(expected) if sign else expected), "A new one"]


def test_page_and_file_show_the_chosen_columns_and_rows(client, today):
    centre = Centre(3, today=today)
    client.force_login(centre.boss)
    metric = centre.metrics[0].pk
    query = f"?period=today&column=metric_{metric}&column=points&zone=below&metric={metric}&sort=-points"
    table = client.get(reverse("desk:team") + query).context["table"]
    assert table.columns.names() == ["name", "points", f"metric_{metric}"]
    assert lines(client.get(reverse("desk:team_csv") + query)) == [
        "agent,teams,points,maximum,sales-0,sales-0_zone",
        f"Agent 2,{centre.team.name},200,1000,16,good",
        f"Agent 1,{centre.team.name},100,1000,8,out",
    ]


OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says where a link or a form of our own pages was followed."""


def opened(client, query="", *, headers=OWN_PAGE) -> tuple[list[str], list[str]]:
    """The columns and the agents of the page, in its order."""
    table = client.get(reverse("desk:team") + f"?period=today{query}", headers=headers).context["table"]
    return table.columns.names(), [row.name for row in table.shown]


def test_page_and_file_open_with_the_columns_and_the_order_that_were_left(client, today):
    centre = Centre(2, today=today)
    other = make_person("Other", division=centre.division, role="supervisor")
    lead(other, centre.team)
    client.force_login(centre.boss)
    usual = opened(client)
    left = (["name", "points"], ["Agent 2", "Agent 1"])
    assert usual != left
    assert opened(client, "&column=points&sort=-points") == left
    assert opened(client) == left
    assert lines(client.get(reverse("desk:team_csv") + "?period=today"))[1].startswith("Agent 2")
    assert opened(client, "&column=percent&sort=name") == (["name", "percent"], ["Agent 1", "Agent 2"])
    assert opened(client, "&sort=-name") == (["name", "percent"], ["Agent 2", "Agent 1"])
    client.force_login(other)
    assert opened(client) == usual


def test_page_forgets_the_columns_and_the_order_when_asked(client, today):
    client.force_login(Centre(2, today=today).boss)
    usual = opened(client)
    opened(client, "&column=points&sort=-points")
    assert "reset=1" in client.get(reverse("desk:team")).content.decode()
    response = client.get(reverse("desk:team") + "?period=today&reset=1&column=points&sort=-points", headers=OWN_PAGE)
    assert response["Location"] == reverse("desk:team") + "?period=today"
    assert opened(client) == usual
    assert "reset=1" not in client.get(reverse("desk:team")).content.decode()


def test_polls_files_and_unknown_names_keep_nothing(client, today):
    centre = Centre(2, today=today)
    client.force_login(centre.boss)
    address = reverse("desk:team") + "?period=today&column=points&sort=-points"
    client.get(address, headers=OWN_PAGE | {"HX-Request": "true"})
    client.get(address.replace("team/", "team.csv"), headers=OWN_PAGE)
    client.get(reverse("desk:team") + "?column=email&sort=email", headers=OWN_PAGE)
    assert User.objects.get(pk=centre.boss.pk).page_choices == {}


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_link_from_elsewhere_shows_what_it_names_and_changes_nothing_kept(client, today, site):
    centre = Centre(2, today=today)
    client.force_login(centre.boss)
    left = opened(client, "&column=points&sort=-points")
    elsewhere = {"headers": {"Sec-Fetch-Site": site}}
    assert opened(client, "&column=percent&sort=name", **elsewhere)[0] == ["name", "percent"]
    assert opened(client) == left
    client.get(reverse("desk:team") + "?reset=1", **elsewhere)
    assert opened(client) == left


def test_an_order_by_a_column_that_is_hidden_by_now_leaves_the_page_by_name(client, today):
    client.force_login(Centre(2, today=today).boss)
    opened(client, "&column=points&sort=-points")
    assert opened(client, "&column=percent") == (["name", "percent"], ["Agent 1", "Agent 2"])
    assert opened(client) == (["name", "percent"], ["Agent 1", "Agent 2"])


def test_an_order_is_kept_once_however_often_an_address_names_it(client, today):
    centre = Centre(2, today=today)
    client.force_login(centre.boss)
    opened(client, "&sort=-points" * 40)
    assert User.objects.get(pk=centre.boss.pk).page_choices == {"team": {"sort": ["-points"]}}


def test_page_shows_all_columns_where_the_kept_ones_are_gone(client, today):
    centre = Centre(2, today=today)
    client.force_login(centre.boss)
    usual = opened(client)
    User.objects.filter(pk=centre.boss.pk).update(
        page_choices={"team": {"columns": ["metric_0"], "sort": ["metric_0"]}}
    )
    assert opened(client) == usual


def test_names_open_the_scorecard_of_the_same_span(client, today):
    centre = Centre(1, today=today)
    client.force_login(centre.boss)
    page = client.get(reverse("desk:team") + "?period=2024-W12").content.decode()
    address = f"/scorecard/{centre.agents[0].public_id}/?period=2024-W12"
    assert f'href="{address}"' in page
    assert client.get(address).context["shown"].period.key == "2024-W12"


def test_page_and_file_note_whose_figures_were_shown_and_no_others(client, today):
    centre = Centre(2, today=today)
    client.force_login(centre.boss)
    for name in ("desk:team", "desk:team_csv"):
        client.get(reverse(name) + "?q=agent 1")
    looks = set(Look.objects.values_list("person", "page"))
    assert looks == {(centre.agents[0].pk, "team"), (centre.agents[0].pk, "team_file")}


def lines(response) -> list[str]:
    return b"".join(response.streaming_content).decode().splitlines()


def test_csv_holds_figures_in_natural_units(client, today):
    centre = Centre(1, today=today)
    client.force_login(centre.boss)
    header, row = lines(client.get(reverse("desk:team_csv") + "?period=today"))
    assert header == (
        "agent,teams,points,maximum,percent_of_goal,points_before,change,group_percent_of_goal,against_group,"
        "weakest_metric,weakest_percent,sales-0,sales-0_zone,paused_points,last_workday"
    )
    assert row == f"Agent 1,{centre.team.name},100,1000,10,,,10,0,,,8,out,,{today}"


@pytest.mark.parametrize("query", ["period=ever", "period=custom", "team=x", "metric=x", "zone=odd"])
def test_page_of_an_unknown_address_is_not_found(client, today, query):
    client.force_login(Centre(1, today=today).boss)
    assert client.get(reverse("desk:team") + f"?{query}").status_code == 404


@pytest.mark.parametrize("role", ["agent", "administrator", None])
def test_page_is_refused_to_whoever_leads_nobody_by_role(client, role):
    client.force_login(make_person(role=role))
    for name in ("desk:team", "desk:team_csv", "desk:team_xlsx"):
        assert client.get(reverse(name)).status_code == 403


def test_poll_with_the_same_digest_changes_nothing(client, today):
    centre = Centre(2, today=today)
    client.force_login(centre.boss)
    address = reverse("desk:team") + "?period=today"
    digest = client.get(address).context["digest"]
    assert client.get(f"{address}&v={digest}", HTTP_HX_REQUEST="true").status_code == 204
    measure(centre.agents[0], centre.metrics[0], total=5, count=1, on=today - dt.timedelta(days=40))
    assert client.get(f"{address}&v={digest}", HTTP_HX_REQUEST="true").status_code == 204
    score_day(make_agent("New", centre.division, centre.profile), centre.division, centre.profile, 5, on=today)
    assert client.get(f"{address}&v={digest}", HTTP_HX_REQUEST="true").status_code == 204
    centre.agents[1].name = "Renamed"
    centre.agents[1].save()
    assert client.get(f"{address}&v={digest}", HTTP_HX_REQUEST="true").status_code == 200


def test_page_takes_at_most_sixteen_queries_whatever_its_size(client, today, django_assert_max_num_queries):
    counts = []
    for size, metrics in ((1, 1), (3, 3), (50, 10)):
        centre = Centre(size, metrics=metrics, today=today, name=f"Sales{size}")
        client.force_login(centre.boss)
        with django_assert_max_num_queries(15) as found:
            page = client.get(reverse("desk:team") + "?period=today")
        assert (len(page.context["table"].shown), len(page.context["view"].metrics)) == (size, metrics)
        assert all(len(row.marks) == metrics for row in page.context["table"].shown)
        counts.append(len(found))
    assert len(set(counts)) == 1


# Home -----------------------------------------------------------------------------------------------------------


def cards(client) -> list[str]:
    return [card.template.split("/")[0] for card in client.get(reverse("desk:home")).context["home"].cards]


def test_home_of_an_agent_shows_scorecard_and_board(client, today):
    client.force_login(Centre(2, today=today).agents[0])
    boards_of_everyone()
    assert cards(client) == ["scorecards", "leaderboards"]


def test_home_of_a_lead_without_own_figures_shows_the_team_first(client, today):
    client.force_login(Centre(2, today=today).boss)
    assert cards(client)[0] == "desk"


def test_home_of_a_lead_with_own_figures_shows_those_first(client, today):
    centre = Centre(2, today=today)
    score_day(centre.boss, centre.division, centre.profile, 5, on=today)
    client.force_login(centre.boss)
    found = cards(client)
    assert (found[0], found[-1]) == ("scorecards", "desk")


def test_home_of_an_administrator_shows_nobodys_figures(client, today):
    centre = Centre(2, today=today)
    client.force_login(make_person("Ada", role="administrator", is_staff=True))
    page = client.get(reverse("desk:home")).content.decode()
    assert not [agent for agent in centre.agents if agent.name in page]


def test_home_takes_as_many_queries_for_three_people_as_for_one(client, today, django_assert_max_num_queries):
    counts = []
    for size in (1, 3):
        client.force_login(Centre(size, today=today, name=f"Sales{size}").boss)
        cache.clear()
        with django_assert_max_num_queries(30) as found:
            client.get(reverse("desk:home"))
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_sign_in_lands_on_the_home_page(client, settings):
    assert settings.LOGIN_REDIRECT_URL == reverse("desk:home") == "/"
