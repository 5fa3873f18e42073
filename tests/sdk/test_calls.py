"""Every call of the API that the official SDK has, by the SDK, against a live server."""

import base64
import datetime as dt
import hashlib
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone

from foundation.periods import Kind, period_of
from foundation.periods.spans import parse_span
from integrations.api.enums import Acting
from integrations.api.tests.factories import make_client
from leaderboards.queries.boards import boards_for
from leaderboards.queries.pages import board_for
from people.models import User
from scorecards.actions import rescore
from scorecards.page_queries import scorecard_for, subject_for

from .conftest import Sdk

pytestmark = pytest.mark.sdk


# Sign-in --------------------------------------------------------------------------------------------------------------


def test_client_made_by_the_command_signs_in_with_the_sdk(sdk, live_server, centre, capsys):
    call_command("create_api_client", "Export", "--role", "supervisor", "--division", "Northern")
    given = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
    calls = Sdk(sdk, live_server.url)
    calls.api.get_client_credentials_token(given["client_id"], given["client_secret"])
    assert calls.get_gamification_status().is_active is True


def test_person_signs_in_with_pkce(sdk, live_server, centre):
    program = make_client(acting=Acting.DEVICE, redirect_uris="http://localhost:9/back")
    verifier = "v" * 50
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    browser = Browser()
    browser.force_login(centre.people["agent"])
    query = {
        "response_type": "code",
        "client_id": program.client_id,
        "redirect_uri": "http://localhost:9/back",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    page = browser.get("/oauth/authorize", query).content.decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    led_back = browser.post("/oauth/authorize", {**hidden, "allow": "yes"}, query_params=query)
    code = parse_qs(urlsplit(led_back["Location"]).query)["code"][0]
    calls = Sdk(sdk, live_server.url)
    calls.api.get_pkce_token(program.client_id, verifier, code, "http://localhost:9/back")
    me = calls.get_users_me()
    assert (me.name, me.email) == (centre.people["agent"].name, centre.people["agent"].email)


def test_refusals_reach_the_sdk(calling, sdk, live_server, centre):
    supervisor = calling("supervisor")
    assert Sdk(sdk, live_server.url, "wrong").refused("get_users_me") == (401, "bad.credentials")
    assert calling("administrator").refused("get_user", str(User(pk=0).public_id)) == (404, "not.found")
    assert supervisor.refused("get_gamification_profile", "999") == (404, "not.found")
    assert supervisor.refused("post_gamification_profiles", {"name": "Mine"}) == (403, "not.authorized")
    assert calling("agent").refused("get_employeeperformance_externalmetrics_definitions")[0] == 403


# People ---------------------------------------------------------------------------------------------------------------


def test_people_divisions_and_teams(calling, centre):
    calls, agent = calling("supervisor"), centre.people["agent"]
    assert calls.get_users_me(expand=["team", "groups"]).name == "Sam Supervisor"
    listed = calls.get_users(page_size=5, page_number=2, expand=["team"], sort_order="asc")
    assert (listed.total, listed.page_count, len(listed.entities)) == (9, 2, 4)
    two = [str(each.public_id) for each in centre.agents[:2]]
    assert {each.id for each in calls.get_users(id=two).entities} == set(two)
    shown = calls.get_user(str(agent.public_id))
    assert (shown.name, shown.state, shown.division.name) == (agent.name, "active", "Northern")
    [division] = calls.get_authorization_divisions().entities
    assert calls.get_authorization_division(division.id).name == "Northern"
    assert calls.get_authorization_divisions_home().home_division is True
    [team] = calls.get_teams(page_size=25).entities
    assert (team.name, team.member_count) == ("Bookings", 8)
    assert calls.get_team(team.id).division.id == division.id
    members = calls.get_team_members(team.id, page_size=5)
    after = parse_qs(urlsplit(members.next_uri).query)["after"][0]
    rest = calls.get_team_members(team.id, page_size=5, after=after)
    assert {each.id for each in [*members.entities, *rest.entities]} == {str(each.public_id) for each in centre.agents}


# External metrics -----------------------------------------------------------------------------------------------------


def test_external_metrics_and_their_data(calling, centre, sdk):
    calls, agent = calling("administrator"), centre.people["agent"]
    body = sdk.ExternalMetricDefinitionCreateRequest()
    body.name, body.unit, body.unit_definition, body.precision = "Sales", "Currency", "EUR", 2
    body.default_objective_type, body.enabled = "HigherIsBetter", True
    made = calls.post_employeeperformance_externalmetrics_definitions(body=body)
    assert (made.unit, made.unit_definition, made.in_use) == ("Currency", "EUR", False)
    body = sdk.ExternalMetricDefinitionUpdateRequest()
    body.name, body.default_objective_type = "Sold", "TargetArea"
    assert calls.patch_employeeperformance_externalmetrics_definition(made.id, body).name == "Sold"
    body = sdk.ExternalMetricDataWriteRequest()
    body.items = [data_item(sdk, made.id, agent, 5.5), data_item(sdk, "999", agent, 1)]
    done = calls.post_employeeperformance_externalmetrics_data(body=body)
    assert (done.processed_entities[0].total_value, done.processed_entities[0].total_count) == (5.5, 1)
    assert done.unprocessed_entities[0].code == "metric.not.found"
    nothing = data_item(sdk, made.id, agent, sdk.ApiNullValue())
    body.items = [nothing]
    assert calls.post_employeeperformance_externalmetrics_data(body=body).processed_entities[0].total_count == 0
    listed = calls.get_employeeperformance_externalmetrics_definitions(page_size=1, page_number=1)
    assert (listed.total, len(listed.entities)) == (2, 1)
    assert calls.get_employeeperformance_externalmetrics_definition(made.id).date_last_refreshed is not None
    calls.delete_employeeperformance_externalmetrics_definition(made.id)
    assert calls.refused("get_employeeperformance_externalmetrics_definition", made.id) == (404, "not.found")


def data_item(sdk, metric_id, agent, value):
    item = sdk.ExternalMetricDataItem()
    item.user_id, item.metric_id, item.type = str(agent.public_id), metric_id, "Cumulative"
    item.date_occurred, item.value = timezone.now().date(), value
    return item


# Profiles -------------------------------------------------------------------------------------------------------------


def test_profiles_and_their_members(calling, centre, sdk):
    calls = calling("administrator")
    [standard] = calls.get_gamification_profiles().entities
    body = sdk.CreatePerformanceProfile()
    body.name, body.description, body.max_leaderboard_rank_size = "Sales", "Sells", 20
    body.reporting_intervals = [sdk.ReportingInterval()]
    body.reporting_intervals[0].interval_type, body.reporting_intervals[0].interval_value = "Day", 1
    made = calls.post_gamification_profiles(body)
    assert len(made.metric_orders) == len(standard.metric_orders) > 3
    assert (made.description, made.max_leaderboard_rank_size, made.member_count) == ("Sells", 20, 0)
    body.name = "Empty"
    assert calls.post_gamification_profiles(body, copy_metrics=False).metric_orders == []
    assert calls.refused("post_gamification_profiles", body) == (409, "general.conflict")
    shown = calls.get_gamification_profile(made.id)
    shown.name, shown.metric_orders = "Selling", list(reversed(shown.metric_orders))
    changed = calls.put_gamification_profile(made.id, body=shown)
    assert (changed.name, changed.metric_orders) == ("Selling", shown.metric_orders)
    assert calls.post_gamification_profile_deactivate(made.id).active is False
    assert calls.post_gamification_profile_activate(made.id).active is True
    ids = [str(each.public_id) for each in centre.agents[:3]]
    assign = sdk.AssignUsers()
    assign.members_to_assign, assign.members_to_remove = [*ids[:2], "nobody"], []
    done = calls.post_gamification_profile_members(made.id, assign)
    assert [each.id for each in done.assigned_members] == ids[:2]
    assert [each.user.id for each in done.assignment_errors] == ["nobody"]
    assert {each.id for each in calls.get_gamification_profile_members(made.id).entities} == set(ids[:2])
    validate = sdk.ValidateAssignUsers()
    validate.members_to_assign = [*ids, "nobody"]
    told = calls.post_gamification_profile_members_validate(made.id, validate)
    assert [each.id for each in told.members_already_assigned] == ids[:2]
    assert [each.id for each in told.members_not_assigned] == ids[2:]
    assert [each.user.id for each in told.invalid_member_assignments] == ["nobody"]
    other = calls.post_gamification_profile_members_validate(
        next(each.id for each in calls.get_gamification_profiles().entities if each.name == "Empty"), validate
    )
    assert [each.current_profile.id for each in other.members_already_assigned_to_other] == [made.id] * 2
    assign.members_to_assign, assign.members_to_remove = [], ids[:1]
    assert [each.id for each in calls.post_gamification_profile_members(made.id, assign).removed_members] == ids[:1]
    assert calls.get_gamification_profile(made.id).member_count == 1


def test_metrics_of_a_profile(calling, centre, sdk):
    calls = calling("administrator")
    made = calls.post_gamification_profiles({"name": "Own"}, copy_metrics=False)
    definition = calls.get_gamification_metricdefinitions().entities[2]
    assert calls.get_gamification_metricdefinition(definition.id).name == definition.name
    template = calls.get_gamification_templates().entities[1]
    assert calls.get_gamification_template(template.id).zones[0].zone_type == "Target"
    body = sdk.CreateMetric()
    body.metric_definition_id, body.objective = definition.id, sdk.CreateObjective()
    body.objective.template_id, body.objective.zones, body.objective.enabled = template.id, template.zones, True
    body.objective.media_types, body.objective.initial_direction = ["voice"], "inbound"
    metric = calls.post_gamification_profile_metrics(made.id, body)
    assert (metric.metric_definition_id, metric.objective.template_id) == (definition.id, "LowerIsBetter")
    assert (metric.objective.media_types, metric.objective.initial_direction) == (["voice"], "inbound")
    body.objective.date_start = timezone.now().date()  # the same body again would get the first answer again
    assert calls.refused("post_gamification_profile_metrics", made.id, body) == (409, "general.conflict")
    body.objective.zones[0].upper_limit_points = body.objective.zones[0].lower_limit_points = 150
    body.objective.date_start = timezone.now().date() + dt.timedelta(days=1)
    changed = calls.put_gamification_profile_metric(made.id, metric.id, body)
    assert changed.objective.zones[0].upper_limit_points == 150
    today = calls.get_gamification_profile_metric(made.id, metric.id, workday=timezone.now().date())
    assert today.objective.zones[0].upper_limit_points == 100
    [plain] = calls.get_gamification_profile_metrics(made.id).entities
    assert plain.objective is None
    [full] = calls.get_gamification_profile_metrics(made.id, expand=["objective"], metric_ids=metric.id).entities
    assert full.objective.date_start == timezone.now().date()
    [row] = calls.get_gamification_profile_metrics_objectivedetails(made.id).entities
    assert (row.max_points, row.template_name, row.order) == (100, "Lower is better", 1)


def test_status_and_the_profile_of_a_person(calling, centre, sdk):
    admin, agent = calling("administrator"), calling("agent")
    person = str(centre.people["agent"].public_id)
    status = admin.get_gamification_status()
    assert (status.is_active, status.automatic_user_assignment) == (True, True)
    status.is_active, status.date_start = False, None
    assert admin.put_gamification_status(status).is_active is False
    status.is_active = True
    assert admin.put_gamification_status(status).is_active is True
    today = timezone.now().date()
    mine = agent.get_gamification_profiles_users_me(workday=today)
    assert agent.get_gamification_profiles_user(person, workday=today).id == mine.id
    assert calling("supervisor").get_gamification_profiles_user(person).id == mine.id
    query = sdk.UserProfilesInDateRangeRequest()
    query.start_workday, query.end_workday = str(today - dt.timedelta(days=5)), str(today)
    [run] = agent.post_gamification_profiles_users_me_query(query).profiles
    assert (run.id, str(run.date_start_workday)[:10]) == (mine.id, query.start_workday)
    assert calling("supervisor").post_gamification_profiles_user_query(person, query).user.id == person


# Scorecards -----------------------------------------------------------------------------------------------------------


def test_scorecard_of_me_and_of_a_person(calling, centre):
    me, lead, person = calling("agent"), calling("supervisor"), centre.people["agent"]
    day = last_day(person)
    mine = me.get_gamification_scorecards(workday=day)
    full = lead.get_gamification_scorecards_user(str(person.public_id), workday=day, expand=["objective"])
    page = page_of(person, period_of(Kind.DAILY, day))
    assert [each.points for each in mine.entities] == [card.points if card.days else None for card in page.cards]
    assert [each.value for each in mine.entities] == [
        float(card.measured.value) if card.measured else None for card in page.cards
    ]
    assert sum(each.points or 0 for each in full.entities) == page.points > 0
    assert all(each.objective.zones for each in full.entities)
    assert all(each.objective is None for each in mine.entities)
    assert calling("agent").refused("get_gamification_scorecards_user", other(centre), workday=day)[0] == 404


def test_points(calling, centre):
    me, lead, person = calling("agent"), calling("supervisor"), centre.people["agent"]
    public_id, today = str(person.public_id), timezone.now().date()
    page = page_of(person, period_of(Kind.DAILY, today))
    assert me.get_gamification_scorecards_points_alltime(end_workday=today).all_time_points == page.all_time_points
    assert (
        lead.get_gamification_scorecards_user_points_alltime(public_id, today).all_time_points == page.all_time_points
    )
    start = today - dt.timedelta(days=20)
    trend = me.get_gamification_scorecards_points_trends(start, today)
    assert [item.points for item in trend.trend] == [row.points for row in page.days if row.workday >= start]
    mondays = lead.get_gamification_scorecards_user_points_trends(public_id, start, today, day_of_week="Monday")
    assert {item.date_workday.weekday() for item in mondays.trend} <= {0}
    yesterday = today - dt.timedelta(days=1)
    shown = page_of(person, period_of(Kind.DAILY, yesterday))
    average = me.get_gamification_scorecards_points_average(yesterday)
    found = shown.profile_average
    expected = None if found is None or found.on else float(found.points)
    assert average.average_points == expected
    group = lead.get_gamification_scorecards_users_points_average("PerformanceProfile", profile_id(centre), yesterday)
    assert group.average_points > 0
    bests = me.get_gamification_scorecards_bestpoints()
    assert [item.points for item in bests.best_points] == [best.points for best in page.bests]
    assert lead.get_gamification_scorecards_user_bestpoints(public_id).best_points[0].granularity_type == "Daily"


def test_values(calling, centre):
    me, lead, person = calling("agent"), calling("supervisor"), centre.people["agent"]
    public_id, today = str(person.public_id), timezone.now().date()
    span = (today - dt.timedelta(days=6), today - dt.timedelta(days=1))
    mine = me.get_gamification_scorecards_values_trends(*span)
    theirs = lead.get_gamification_scorecards_user_values_trends(public_id, *span)
    assert [item.to_dict() for item in mine.results] == [item.to_dict() for item in theirs.results]
    page = page_of(person, period_of(Kind.DAILY, span[1]))
    values = {str(card.terms.objective_id): dict(card.trend) for card in page.cards}
    for item in mine.results:
        assert {each.date_workday: each.value for each in item.trend} == {
            day: float(value) for day, value in values[item.metric.id].items() if span[0] <= day <= span[1]
        }
    profile, division = profile_id(centre), str(centre.division.pk)
    for kind, key in (("PerformanceProfile", profile), ("Division", division)):
        assert lead.get_gamification_scorecards_users_values_trends(kind, key, *span).results[0].trend
        assert lead.get_gamification_scorecards_users_values_average(kind, key, span[1]).results[0].average
    peers = me.get_gamification_scorecards_values_trends(*span, filter_type="PerformanceProfile")
    assert peers.user is None
    assert me.get_gamification_scorecards_values_average(span[1]).performance_profile.id == profile
    metric = mine.results[0].metric.id
    one = me.get_gamification_scorecards_profile_metric_values_trends(profile, metric, *span)
    assert one.result.to_dict() == mine.results[0].to_dict()
    of_user = lead.get_gamification_scorecards_profile_metric_user_values_trends(profile, metric, public_id, *span)
    assert of_user.result.to_dict() == mine.results[0].to_dict()
    of_group = lead.get_gamification_scorecards_profile_metric_users_values_trends(
        profile, metric, "PerformanceProfile", *span
    )
    assert of_group.result.average
    assert calling("agent").refused(
        "get_gamification_scorecards_users_values_trends", "PerformanceProfile", profile, *span
    ) == (403, "not.authorized")


def test_attendance(calling, centre):
    me, lead, person = calling("agent"), calling("supervisor"), centre.people["agent"]
    today = timezone.now().date()
    start = today - dt.timedelta(days=13)
    mine = me.get_gamification_scorecards_attendance(start, today)
    theirs = lead.get_gamification_scorecards_user_attendance(str(person.public_id), start, today)
    assert [item.to_dict() for item in mine.entities] == [item.to_dict() for item in theirs.entities]
    worked = {row.workday for row in page_of(person, period_of(Kind.DAILY, today)).days}
    assert {item.date_workday for item in mine.entities if item.attendance_status_type == "HasData"} == {
        day for day in worked if start <= day
    }
    assert len(mine.entities) == 14


# Leaderboards ---------------------------------------------------------------------------------------------------------


def test_leaderboards_are_those_of_the_page(calling, centre):
    today = timezone.now().date()
    week = period_of(Kind.WEEKLY, today - dt.timedelta(days=7))
    for who in ("agent", "supervisor", "reviewer"):
        calls, person = calling(who), centre.people[who]
        for period in (week, period_of(Kind.DAILY, today - dt.timedelta(days=1)), period_of(Kind.DAILY, today)):
            span = (period.start, period.last)
            every = calls.get_gamification_leaderboard_all("PerformanceProfile", profile_id(centre), *span)
            shown = board_page(person, period)
            assert [(item.rank, item.points) for item in every.leaders] == shown
            own = calls.get_gamification_leaderboard(*span)
            assert bool(own.user_rank) == bool(who == "agent" and own.leaders)
    division = calling("supervisor").get_gamification_leaderboard_all("Division", str(centre.division.pk), *span)
    assert {item.user.id for item in division.leaders} == {str(agent.public_id) for agent in centre.agents} & {
        item.user.id for item in division.leaders
    }
    assert division.leaders
    lead = calling("supervisor")
    metric = lead.get_gamification_profile_metrics(profile_id(centre)).entities[0].id
    by_metric = lead.get_gamification_leaderboard_all(
        "PerformanceProfile", profile_id(centre), week.start, week.last, metric_id=metric
    )
    assert by_metric.metric.id == metric
    assert calling("agent").refused(
        "get_gamification_leaderboard", today - dt.timedelta(days=3), today - dt.timedelta(days=1)
    ) in ((403, "not.authorized"),)


def test_best_points(calling, centre):
    lead, me = calling("supervisor"), calling("agent")
    best = lead.get_gamification_leaderboard_all_bestpoints("PerformanceProfile", profile_id(centre)).best_points
    assert [item.granularity_type for item in best] == ["Daily", "Weekly", "Monthly"]
    own = {item.granularity_type: item.points for item in me.get_gamification_scorecards_bestpoints().best_points}
    mine = me.get_gamification_leaderboard_bestpoints().best_points
    assert {item.granularity_type: item.points for item in mine} == own
    assert all(item.points >= own[item.granularity_type] for item in best)
    assert {user.id for item in mine for user in item.users} == {str(centre.people["agent"].public_id)}


def board_page(person, period) -> list[tuple]:
    """Rank and value of each row of the page's board, as the person sees it."""
    on = timezone.now().date()
    place = boards_for(person, on=on)[0]
    span = parse_span(period.key, on)
    rows = board_for(person, place=place, span=span, by="", on=on).masked.rows
    return [(row.rank, row.value) for row in rows if not row.is_gap]


def last_day(person) -> dt.date:
    rescore(at=timezone.now())
    return page_of(person, period_of(Kind.DAILY, timezone.now().date())).days[-1].workday


def page_of(person, period):
    """What the scorecard page shows the person."""
    at = timezone.now()
    return scorecard_for(subject_for(person, person.public_id, at=at), period=period, viewer=person, at=at)


def other(centre) -> str:
    return str(centre.agents[1].public_id)


def profile_id(centre) -> str:
    return str(centre.profile.pk)
