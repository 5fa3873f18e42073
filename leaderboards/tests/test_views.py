"""Boards as pages, panels and files: who may open which, and that what is masked stays masked in each of them."""

import datetime as dt
import io
import re

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from foundation.periods import Kind, Period, period_of
from leaderboards.models import Board, Publication
from leaderboards.rules.ranking import Ranking
from leaderboards.tables import BoardTable, NotMasked, export_rows
from people.models import User
from people.rules.privacy import MaskedRow, Standing
from people.tests.factories import join, lead, make_division, make_person, make_team
from scorecards.models import Profile, ScoreDay

from .factories import make_agent, make_board, make_profile, score_day
from .publishing import publish_now

pytestmark = pytest.mark.django_db
POINTS = Ranking("points", "Points")


@pytest.fixture
def today():
    return timezone.now().date()


def day_of(day) -> Period:
    return period_of(Kind.DAILY, day)


@pytest.fixture
def agents(today) -> list[User]:
    """Thirteen agents with 130, 120, … points today."""
    found = make_board(*range(130, 0, -10), on=today)
    publish_now(day_of(today))
    return found


def url(name="board", **query) -> str:
    text = "&".join(f"{key}={value}" for key, value in ({"period": "today"} | query).items())
    return reverse(f"leaderboards:{name}", args=[Board.objects.get(name="Sales").pk]) + f"?{text}"


def lines(response) -> list[str]:
    return b"".join(response.streaming_content).decode().splitlines()


# Who may open what ----------------------------------------------------------------------------------------------


def test_index_lists_the_boards_of_an_agent(client, agents):
    client.force_login(agents[0])
    page = client.get(reverse("leaderboards:index")).content.decode()
    assert "Sales" in page
    assert "Standard" not in page


@pytest.mark.parametrize("role", ["administrator", None])
def test_boards_without_the_right_to_see_figures_are_refused(client, agents, role):
    client.force_login(make_person(role=role))
    for address in (reverse("leaderboards:index"), url(), url("board_csv"), url("board_xlsx")):
        assert client.get(address).status_code == 403


def test_boards_ask_for_sign_in(client, agents):
    for address in (reverse("leaderboards:index"), url(), url("board_csv"), url("board_xlsx")):
        assert client.get(address).status_code == 302


def test_board_of_another_profile_is_not_found(client, agents):
    client.force_login(make_agent("Charlie", make_division(), make_profile("Service")))
    for name in ("board", "board_csv", "board_xlsx"):
        assert client.get(url(name)).status_code == 404


@pytest.mark.parametrize("query", [{"period": "ever"}, {"by": "salary"}])
def test_board_of_an_unknown_address_is_not_found(client, agents, query):
    client.force_login(agents[0])
    assert client.get(url(**query)).status_code == 404


def test_board_of_own_days_is_for_supervisors(client, agents, today):
    boss, team = make_person("Boss", role="supervisor"), make_team()
    lead(boss, team)
    join(agents[0], team)
    days = {"period": "custom", "from": today.isoformat(), "to": today.isoformat()}
    client.force_login(agents[0])
    assert client.get(url(**days)).status_code == 403
    assert client.get(url("board_csv", **days)).status_code == 403
    client.force_login(boss)
    assert client.get(url(**days)).status_code == 200


@pytest.mark.parametrize(
    ("first", "last"),
    [("2024-02-02", "2024-02-01"), ("", ""), ("x", "y"), ("2024-01-01", "2999-01-01"), ("0001-01-01", "2024-01-01")],
)
def test_board_of_wrong_days_says_so(client, agents, first, last):
    boss, team = make_person("Boss", role="supervisor"), make_team()
    lead(boss, team)
    join(agents[0], team)
    client.force_login(boss)
    query = {"period": "custom", "from": first, "to": last}
    assert client.get(url(**query)).status_code == 422
    assert client.get(url("board_csv", **query)).status_code == 404


def test_board_of_a_past_period_is_open_to_everyone_on_it(client, agents, today):
    profile = Profile.objects.get(name="Sales")
    for agent in agents:
        score_day(agent, ScoreDay.objects.get(agent=agent).division, profile, 7, on=dt.date(2024, 2, 1))
    client.force_login(agents[0])
    for period in ("2024-02", "2024-W05", "2024-02-01", "2024-Q1"):
        response = client.get(url(period=period))
        assert response.context["you"].value == 7
        assert response.context["steps"]["later"]
    assert "period=2024-01" in client.get(url(period="2024-02")).content.decode()
    for period in ("2999-02", "2024-02-01..2024-02-03", "0001-01", "9999-W52"):
        assert client.get(url(period=period)).status_code == 404


def test_board_without_figures_leads_to_the_latest_week_of_who_may_be_seen(client, agents):
    sales = Profile.objects.get(name="Sales")
    Publication.objects.all().delete()
    ScoreDay.objects.update(workday=dt.date(2024, 2, 1))
    score_day(agents[1], ScoreDay.objects.get(agent=agents[1]).division, sales, 7, on=dt.date(2024, 5, 2))
    client.force_login(agents[0])
    page = client.get(url()).content.decode()
    assert "period=2024-W05" in page
    assert "2024-W18" not in page


# What it shows --------------------------------------------------------------------------------------------------


def test_board_shows_an_agent_themself_and_no_other_name(client, agents):
    client.force_login(agents[2])
    response = client.get(url())
    page = response.content.decode()
    assert 'aria-current="true"' in page
    for other in agents:
        if other != agents[2]:
            assert other.name not in page.replace(agents[2].name, "")
            assert str(other.public_id) not in page
    assert "no-store" in response["Cache-Control"] or "private" in response["Cache-Control"]


def test_board_says_that_ties_share_a_rank(client, agents, today):
    client.force_login(agents[0])
    assert "share a rank" not in client.get(url()).content.decode()
    ScoreDay.objects.filter(agent=agents[1]).update(points=130)
    publish_now(day_of(today))
    assert "share a rank" in client.get(url()).content.decode()


def test_board_of_four_says_why_it_is_hidden(client, today):
    agents = make_board(777, 888, 666, 555, on=today)
    publish_now(day_of(today))
    client.force_login(agents[0])
    page = re.sub(r'data-v="\w+"', "", client.get(url()).content.decode())
    assert "Hidden because fewer than 5 people have figures here." in page
    assert "777" in page
    for points in ("888", "666", "555"):
        assert points not in page


def test_board_without_data_is_not_called_hidden(client, agents):
    client.force_login(agents[0])
    page = client.get(url(period="last-month")).content.decode()
    assert "No figures in these days" in page
    assert "Hidden because" not in page


def test_board_of_a_lead_links_to_those_they_lead(client, agents):
    boss, team = make_person("Boss", role="supervisor"), make_team()
    lead(boss, team)
    join(agents[12], team)
    client.force_login(boss)
    page = client.get(url()).content.decode()
    assert f"/scorecard/{agents[12].public_id}/" in page
    assert str(agents[0].public_id) not in page


def test_board_of_a_lead_of_almost_everyone_says_why_ranks_are_hidden(client, agents):
    boss, team = make_person("Boss", role="supervisor"), make_team()
    lead(boss, team)
    for agent in agents[:-2]:
        join(agent, team)
    client.force_login(boss)
    page = client.get(url()).content.decode()
    assert "Fewer than 5 people on this board are not yours to see." in page
    assert page.count("Rank hidden") == 11
    assert agents[-1].name not in page


def test_board_names_are_escaped(client, today):
    agents = make_board(*range(6), on=today)
    User.objects.filter(pk=agents[0].pk).update(name="<b>Mallory</b>")
    boss, team = make_person("Boss", role="supervisor"), make_team()
    lead(boss, team)
    join(agents[0], team)
    publish_now(day_of(today))
    client.force_login(boss)
    page = client.get(url()).content.decode()
    assert "&lt;b&gt;Mallory" in page
    assert "<b>Mallory" not in page


# The same rows as a file ----------------------------------------------------------------------------------------


def test_csv_has_exactly_the_rows_of_the_page(client, agents):
    client.force_login(agents[12])
    found = lines(client.get(url("board_csv")))
    assert found[0] == "rank,agent,value,unit,percent_of_goal,ranks_risen"
    assert found[1] == "1,,130,points,,"
    assert found[10] == "10,,40,points,,"
    assert found[11:] == ["12,,20,points,,", "13,Agent 13,10,points,1,"]


def test_csv_of_four_holds_only_oneself(client, today):
    agents = make_board(777, 888, 666, 555, on=today)
    publish_now(day_of(today))
    client.force_login(agents[0])
    assert lines(client.get(url("board_csv")))[1:] == [",Agent 1,777,points,77.7,"]


def test_xlsx_has_the_rows_of_the_csv(client, agents):
    client.force_login(agents[12])
    file = io.BytesIO(b"".join(client.get(url("board_xlsx")).streaming_content))
    rows = list(openpyxl.load_workbook(file).active.iter_rows(values_only=True))
    assert len(rows) == 13
    assert rows[12][:3] == (13, "Agent 13", 10)
    assert rows[1][:3] == (1, None, 130)


def test_table_and_file_refuse_rows_that_are_not_masked():
    for rows in ([Standing(1, 2)], [{"name": "Ada"}], [MaskedRow(), object()]):
        with pytest.raises(NotMasked):
            BoardTable(rows, ranking=POINTS)
        with pytest.raises(NotMasked):
            list(export_rows(rows, POINTS))


# Polling and queries --------------------------------------------------------------------------------------------


def test_poll_with_the_same_digest_changes_nothing(client, agents, today):
    client.force_login(agents[0])
    digest = client.get(url()).context["digest"]
    poll = {"HTTP_HX_REQUEST": "true"}
    ScoreDay.objects.filter(agent=agents[3]).update(points=999)
    assert client.get(url(v=digest), **poll).status_code == 204
    publish_now(day_of(today))
    changed = client.get(url(v=digest), **poll)
    assert changed.status_code == 200
    assert b"<html" not in changed.content
    assert "HX-Request" in changed["Vary"]


def test_poll_of_a_hidden_board_is_silent_about_the_others(client, today):
    agents = make_board(777, 888, 666, on=today)
    publish_now(day_of(today))
    publish_now(day_of(today))
    client.force_login(agents[0])
    digest = client.get(url()).context["digest"]
    ScoreDay.objects.filter(agent=agents[1]).update(points=999)
    place = ScoreDay.objects.get(agent=agents[0])
    score_day(make_agent("New", place.division, place.profile), place.division, place.profile, 5, on=today)
    publish_now(day_of(today))
    assert client.get(url(v=digest), HTTP_HX_REQUEST="true").status_code == 204


def test_board_takes_as_many_queries_for_thirteen_rows_as_for_six(client, today, django_assert_max_num_queries):
    small = make_board(*range(6), on=today)
    large = make_board(*range(13), profile=make_profile("Service"), on=today)
    publish_now(day_of(today))
    counts = []
    for agent in (small[0], large[0]):
        client.force_login(agent)
        board = Board.objects.get(profile=ScoreDay.objects.get(agent=agent).profile_id)
        address = reverse("leaderboards:board", args=[board.pk]) + "?period=today"
        with django_assert_max_num_queries(16) as found:
            client.get(address)
        counts.append(len(found))
    assert counts[0] == counts[1]
