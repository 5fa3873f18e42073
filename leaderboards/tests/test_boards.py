"""Boards as objects: whom they rank, who may open them, what each setting shows, and what stands in its way."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from foundation.periods import DAY, Kind, period_of
from foundation.periods.spans import SpanKey, parse_span, span_of
from goals.models import Goal
from goals.tests.factories import make_goal, make_terms
from leaderboards import actions
from leaderboards.enums import Names, Refresh, Rounds, RowsAre, RowsShown, Ties, Verdict
from leaderboards.models import Board, Publication, Round, RoundMember
from leaderboards.queries import boards
from leaderboards.queries.averages import measured_of_everyone
from leaderboards.queries.checks import audit_boards
from leaderboards.queries.pages import board_for
from metrics.models import DayValue
from people.actions import stay_off_boards
from people.models import Queue, QueueMembership, Role, User
from people.rules.privacy import Why
from people.tests.factories import join, lead, make_division, make_person, make_team
from scorecards.averages import Average, published_average
from scorecards.models import ProfileAssignment, ScoreDay
from scorecards.rules.scoring import Zone
from scorecards.tests.factories import make_external
from scorecards.tests.factories import make_terms as make_objective

from .factories import MONDAY, make_agent, make_profile, score_day
from .test_actions import finish, morning, publish_boards

pytestmark = pytest.mark.django_db
WEEK = period_of(Kind.WEEKLY, MONDAY)
WEDNESDAY = MONDAY + 2 * DAY


def work(agent, *, on=MONDAY, points=0, maximum=1000):
    place = agent.place
    score_day(agent, place.division, place.profile, points, on=on, maximum=maximum)


@pytest.fixture
def place():
    return SimpleNamespace(division=make_division("North", time_zone="UTC"), profile=make_profile())


@pytest.fixture
def agents(place) -> list[User]:
    """Twenty agents with 20, 19, … 1 points on Monday and Tuesday."""
    found = [make_agent(f"Agent {number:02}", place.division, place.profile) for number in range(1, 21)]
    for number, agent in enumerate(found):
        agent.place = place
        for n in range(2):
            work(agent, on=MONDAY + n * DAY, points=20 - number)
    return found


def make(place, name="Board", **fields) -> Board:
    lists = {key: fields.pop(key) for key in ("roles", "teams", "metrics", "goals") if key in fields}
    board = Board.objects.create(name=name, profile=place.profile, division=place.division, **fields)
    for key, rows in lists.items():
        getattr(board, key).set(rows)
    return board


def team_of(place, people, name="Team", **fields):
    team = make_team(name, division=place.division, **fields)
    for person in people:
        join(person, team)
    return team


def publish(day=WEDNESDAY) -> None:
    publish_boards(at=morning(day))


def seen(viewer, board, *, period=None, by="points", on=WEDNESDAY):
    span = parse_span(period, on) if period else span_of(SpanKey.THIS_WEEK, on)
    open_ = next(each for each in boards.boards_for(viewer, on=on) if each.board == board)
    return board_for(viewer, place=open_, span=span, by=by, on=on)


def verdicts() -> dict[str, str]:
    return {row.board.name: row.verdict for row in Round.objects.filter(period=WEEK.key)}


def rows(page) -> list[tuple]:
    return [(row.rank, row.value, row.person.name if row.person else "") for row in page.masked.rows if not row.is_gap]


# Whom it ranks ------------------------------------------------------------------------------------------------------


def test_without_any_board_a_standard_one_is_made_and_no_other_beside_it(place, agents):
    publish()
    board = Board.objects.get()
    assert (board.name, board.is_standard, board.division) == ("Sales", True, place.division)
    publish(WEDNESDAY + DAY)
    assert Board.objects.count() == 1


def test_who_makes_a_board_gets_no_standard_one(place, agents):
    make(place, "Mine")
    publish()
    assert Board.objects.get().name == "Mine"


def test_board_of_a_team_ranks_its_members_and_those_of_teams_below(place, agents):
    region = team_of(place, agents[:4], "Region")
    team_of(place, agents[4:12], "Team", parent=region)
    board = make(place, team=region)
    publish()
    members = set(RoundMember.objects.filter(round__board=board).values_list("person_id", flat=True))
    assert members == {agent.pk for agent in agents[:12]}
    assert seen(agents[0], board).masked.you.rank == 1
    assert board not in [each.board for each in boards.boards_for(agents[15], on=WEDNESDAY)]


def test_board_of_a_queue_ranks_whose_home_queue_it_is(place, agents):
    sales, chat = Queue.objects.create(name="Sales", division=place.division), Queue.objects.create(name="Chat")
    for agent in agents[:9]:
        QueueMembership.objects.create(queue=sales, person=agent, weight=2)
        QueueMembership.objects.create(queue=chat, person=agent, weight=1)
    for agent in agents[9:]:
        QueueMembership.objects.create(queue=sales, person=agent, weight=1)
        QueueMembership.objects.create(queue=chat, person=agent, weight=3)
    board = make(place, queue=sales)
    publish()
    assert Round.objects.get(board=board, period=WEEK.key).members.count() == 9
    assert seen(agents[0], board).masked.you.rank == 1
    assert board not in [each.board for each in boards.boards_for(agents[9], on=WEDNESDAY)]


def test_who_changes_team_within_the_week_stays_on_the_board_until_it_ends(place, agents):
    team = team_of(place, agents[1:8])
    join(agents[0], team, until_on=MONDAY + DAY)
    board = make(place, team=team)
    publish()
    assert agents[0].pk in set(RoundMember.objects.filter(round__board=board).values_list("person_id", flat=True))
    assert Publication.objects.get(board=board, period=WEEK.key).counts["points"] == 8


# Who may open it ------------------------------------------------------------------------------------------------------


def test_board_for_roles_is_for_who_holds_one_in_its_division(place, agents):
    board = make(place, roles=[Role.objects.get(slug="quality_evaluator")])
    here = make_person("Eva", division=place.division, role="quality_evaluator", in_division=place.division)
    there = make_division("South")
    other = make_person("Otto", division=there, role="quality_evaluator", in_division=there)
    opens = {person.name: bool(boards.boards_for(person, on=WEDNESDAY)) for person in (here, other, agents[0])}
    assert opens == {"Eva": True, "Otto": False, "Agent 01": False}
    assert board.roles.count() == 1


def test_board_for_teams_is_for_their_members_and_leads_who_see_no_scorecards_by_it(place, agents, client):
    others = [make_agent(f"Other {number}", place.division, make_profile(f"P{number}")) for number in range(2)]
    team = team_of(place, [others[0]], "Watchers")
    boss = make_person("Boss", division=place.division, role="supervisor")
    lead(boss, team)
    board = make(place, teams=[team])
    publish()
    names = [person.name for person in (others[0], boss, others[1], agents[0]) if _opens(person, board)]
    assert names == ["Other 0", "Boss"]
    page = seen(others[0], board)
    assert (len(rows(page)), page.masked.you, page.masked.shows_names) == (10, None, False)
    client.force_login(others[0])
    assert client.get(reverse("scorecards:scorecard", args=[agents[0].public_id])).status_code == 404


def _opens(person, board) -> bool:
    return board in [each.board for each in boards.boards_for(person, on=WEDNESDAY)]


def test_a_board_that_is_switched_off_is_opened_by_nobody(place, agents):
    board = make(place, is_active=False)
    publish()
    assert not _opens(agents[0], board)
    assert not Publication.objects.filter(board=board).exists()


# Beside other boards -------------------------------------------------------------------------------------------------


def test_teams_of_four_and_six_are_hidden_beside_the_division_and_the_fourteen(place, agents):
    """The design's example with 24: four and six would be left over as remainders of the others."""
    more = [make_agent(f"More {number}", place.division, place.profile) for number in range(4)]
    for agent in more:
        agent.place = place
        work(agent, points=3)
    everyone = [*agents, *more]
    for name, people in {"four": everyone[:4], "six": everyone[4:10], "fourteen": everyone[10:]}.items():
        make(place, name, team=team_of(place, people, name))
    make(place, "division")
    publish()
    assert verdicts() == {"division": "shown", "fourteen": "shown", "six": "singles_out", "four": "too_few"}
    page = seen(everyone[5], Board.objects.get(name="six"))
    assert (page.masked.why, page.verdict) == (Why.NOT_PUBLISHED, Verdict.SINGLES_OUT)
    assert [row.is_you for row in page.masked.rows] == [True]


def test_boards_that_cross_are_shown_where_each_part_has_enough(place, agents):
    make(place, "first", team=team_of(place, agents[:13], "First"))
    make(place, "second", team=team_of(place, agents[7:], "Second"))
    publish()
    assert verdicts() == {"first": "shown", "second": "shown"}
    parts = set(RoundMember.objects.filter(round__board__name="first").values_list("part", flat=True))
    assert len(parts) == 2


def test_a_board_made_within_the_week_is_admitted_beside_those_that_stand(place, agents):
    make(place, "first", team=team_of(place, agents[:13], "First"))
    publish()
    make(place, "close", team=team_of(place, agents[:11], "Close"))
    make(place, "far", team=team_of(place, agents[:6], "Far"))
    publish(WEDNESDAY + DAY)
    assert verdicts() == {"first": "shown", "close": "singles_out", "far": "shown"}
    assert len(set(RoundMember.objects.filter(round__board__name="first").values_list("part", flat=True))) == 2


def test_the_total_of_a_team_goal_counts_beside_boards(place, agents):
    team = team_of(place, agents[:13], "Goal")
    make_goal(team, starts_on=dt.date(2024, 1, 1))
    make(place, "close", team=team_of(place, agents[:10], "Close"))
    publish()
    assert verdicts() == {"close": "singles_out"}


def test_months_beside_weeks_are_not_shown(place, agents):
    make(place, "weeks")
    make(place, "months", rounds=Rounds.MONTHLY)
    publish()
    shown = {(row.board.name, row.verdict) for row in Round.objects.filter(ends_on__gt=MONDAY)}
    assert shown == {("months", "shown"), ("weeks", "other_rounds")}


def test_month_board_publishes_days_and_months(place, agents):
    board = make(place, rounds=Rounds.MONTHLY)
    publish()
    found = set(Publication.objects.filter(board=board).values_list("period", flat=True))
    assert found == {"2024-03", "2024-03-25", "2024-03-26"}
    page = seen(agents[1], board, period="2024-03")
    assert (page.masked.you.value, page.masked.you.rank) == (38, 2)


def test_board_without_days_publishes_its_weeks_only(place, agents):
    board = make(place, has_days=False)
    publish()
    assert list(Publication.objects.filter(board=board).values_list("period", flat=True)) == [WEEK.key]


def test_a_leaver_holds_only_the_boards_of_people_alike(place, agents):
    first = make(place, "first", team=team_of(place, agents[:10], "First"))
    second = make(place, "second", team=team_of(place, agents[10:], "Second"))
    publish(MONDAY + DAY)
    ProfileAssignment.objects.create(person=agents[0], profile=make_profile("Elsewhere"), from_on=MONDAY + DAY)
    publish()
    week = {each.board: each.made_at for each in Publication.objects.filter(period=WEEK.key)}
    assert week == {first: morning(MONDAY + DAY), second: morning(WEDNESDAY)}


# Names and rows -----------------------------------------------------------------------------------------------------


def test_named_board_names_everyone_and_leads_nobody_to_a_scorecard(place, agents):
    board = make(place, names=Names.ALL, limit=3)
    publish()
    page = seen(agents[7], board)
    assert rows(page) == [
        (1, 40, "Agent 01"),
        (2, 38, "Agent 02"),
        (3, 36, "Agent 03"),
        (7, 28, "Agent 07"),
        (8, 26, "Agent 08"),
        (9, 24, "Agent 09"),
    ]
    assert [bool(row.person.public_id) for row in page.masked.rows if row.person] == [False] * 4 + [True, False]
    assert page.masked.gap == (2, 7)


def test_unnamed_board_says_no_gap(place, agents):
    board = make(place)
    publish()
    assert seen(agents[7], board).masked.gap is None


def test_board_with_the_first_by_name_hides_the_other_rows(place, agents):
    board = make(place, names=Names.TOP, top=2)
    publish()
    assert rows(seen(agents[7], board)) == [(1, 40, "Agent 01"), (2, 38, "Agent 02"), (8, 26, "Agent 08")]
    assert seen(agents[7], board).masked.of is None


def test_names_hide_unnamed_boards_of_the_same_people(place, agents):
    make(place, "unnamed")
    make(place, "named", names=Names.ALL, team=team_of(place, agents[:8]))
    publish()
    assert verdicts() == {"named": "shown", "unnamed": "named"}


def test_names_that_are_switched_on_wait_for_the_next_round(place, agents):
    board = make(place)
    publish()
    Board.objects.update(names=Names.ALL)
    page = seen(agents[7], Board.objects.get())
    assert {row.person.name for row in page.masked.rows if row.person} == {"Agent 08"}
    assert board.names == Names.NONE


def test_named_board_of_under_k_people_names_nobody(place, agents):
    board = make(place, names=Names.ALL, team=team_of(place, agents[:4]))
    publish()
    page = seen(agents[0], board)
    assert (page.masked.why, rows(page)) == (Why.TOO_FEW, [(None, 40, "Agent 01")])


def test_live_board_moves_at_once_and_who_stays_off_is_gone_at_once(place, agents):
    board = make(place, names=Names.ALL, refresh=Refresh.LIVE)
    publish()
    for agent in agents:
        work(agent, on=WEDNESDAY, points=500 * (agent == agents[5]))
    assert rows(seen(agents[0], board))[0] == (1, 530, "Agent 06")
    assert rows(seen(agents[0], board, period="today"))[0] == (1, 500, "Agent 06")
    stay_off_boards(person=agents[5], on=WEDNESDAY, at=timezone.now())
    assert rows(seen(agents[0], board))[0] == (1, 40, "Agent 01")


def test_hourly_board_holds_today_and_is_taken_once_an_hour(place, agents):
    board = make(place, names=Names.ALL, refresh=Refresh.HOURLY)
    for agent in agents:
        work(agent, on=WEDNESDAY, points=500 * (agent == agents[5]))
    finish(WEDNESDAY)
    actions.publish_boards(at=morning(WEDNESDAY, hour=10))
    assert rows(seen(agents[0], board, period="today"))[0] == (1, 500, "Agent 06")
    ScoreDay.objects.filter(agent=agents[5], workday=WEDNESDAY).update(points=700)
    actions.publish_boards(at=morning(WEDNESDAY, hour=10) + dt.timedelta(minutes=50))
    assert rows(seen(agents[0], board, period="today"))[0] == (1, 500, "Agent 06")
    actions.publish_boards(at=morning(WEDNESDAY, hour=11))
    assert rows(seen(agents[0], board, period="today"))[0] == (1, 700, "Agent 06")


def test_weekly_board_is_taken_on_monday_for_the_week_before(place, agents):
    board = make(place, refresh=Refresh.WEEKLY)
    publish()
    assert not Publication.objects.filter(board=board, starts_on__gte=MONDAY).exists()
    publish(WEEK.end)
    assert Publication.objects.filter(board=board, period=WEEK.key).exists()


def test_board_of_neighbours_shows_no_first_rows(place, agents):
    board = make(place, rows=RowsShown.NEIGHBOURS)
    publish()
    assert [rank for rank, *_ in rows(seen(agents[7], board))] == [7, 8, 9]


def test_board_of_the_own_team_shows_its_rows_and_ranks_over_everyone(place, agents):
    team_of(place, agents[::2], "Even")
    team_of(place, agents[1::2], "Odd")
    board = make(place, rows=RowsShown.OWN_TEAM)
    publish()
    assert [rank for rank, *_ in rows(seen(agents[0], board))] == [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]


def test_board_of_the_own_team_shows_a_small_team_nothing(place, agents):
    team_of(place, agents[:4], "Small")
    team_of(place, agents[4:11], "Middle")
    team_of(place, agents[11:], "Large")
    board = make(place, rows=RowsShown.OWN_TEAM)
    publish()
    assert rows(seen(agents[0], board)) == [(None, 40, "Agent 01")]
    assert rows(seen(agents[4], board)) == [(None, 32, "Agent 05")]  # all but the small and the large: it goes as well
    assert Round.objects.get(board=board, period=WEEK.key).hidden_teams == 2
    assert len(rows(seen(agents[12], board))) == 9


def test_dense_ties_skip_no_rank(place, agents):
    ScoreDay.objects.filter(agent__in=agents[1:3]).update(points=15)
    board = make(place, ties=Ties.DENSE)
    publish()
    assert [rank for rank, *_ in rows(seen(agents[0], board))][:4] == [1, 2, 3, 4]
    ScoreDay.objects.filter(agent=agents[1]).update(points=18)
    ScoreDay.objects.filter(agent=agents[2]).update(points=18)
    publish(WEDNESDAY + DAY)
    assert [rank for rank, *_ in rows(seen(agents[0], board))][:4] == [1, 2, 2, 3]


# What is ranked -----------------------------------------------------------------------------------------------------


def test_rows_of_teams_rank_points_per_person_and_hide_the_small(place, agents):
    team_of(place, agents[:12], "Large")
    team_of(place, agents[12:], "Middle")
    team_of(place, agents[10:13], "Small")
    board = make(place, rows_are=RowsAre.TEAMS)
    publish()
    page = seen(agents[0], board)
    assert rows(page) == [(1, 29, "Large"), (2, 9, "Middle")]
    assert page.hidden_teams == 1
    assert page.masked.you.person.name == "Large"
    assert page.masked.revealed == []
    percent = seen(agents[0], board, by="percent").masked.rows[0]
    assert percent.value == Fraction(100 * sum(2 * (20 - n) for n in range(12)), 12 * 2000)


def test_most_improved_compares_with_the_week_before(place, agents):
    for number, agent in enumerate(agents):
        work(agent, on=MONDAY - 7 * DAY, points=500 - 10 * number)
    board = make(place, by_improvement=True)
    publish()
    page = seen(agents[19], board, by="improved")
    assert page.masked.you.value == Fraction(100 * 2, 2000) - Fraction(100 * 310, 1000)
    assert page.masked.you.rank == 1
    assert page.rankings[2].key == "improved"


def test_most_improved_is_left_out_where_somebody_joined(place, agents):
    for agent in agents:
        work(agent, on=MONDAY - 7 * DAY, points=500)
    ProfileAssignment.objects.filter(person=agents[0]).update(from_on=MONDAY)
    board = make(place, by_improvement=True)
    publish()
    page = seen(agents[19], board, by="improved")
    assert (page.masked.why, [row.is_you for row in page.masked.rows]) == (Why.NOT_PUBLISHED, [True])


def test_board_ranks_a_goal_by_percent_of_its_target(place, agents):
    team = team_of(place, agents)
    settings = {"scope": "individual", "frequency": "weekly", "counted": "points", "starts_on": dt.date(2024, 1, 1)}
    goal = Goal.objects.create(name="Eighty", team=team, created_at=timezone.now(), **settings)
    make_terms(goal, aggregation="sum", operator="gte", achieved=Decimal(80))
    board = make(place, goals=[goal], by_points=False, by_percent=False, by_all_metrics=False)
    publish()
    page = seen(agents[1], board, by="")
    assert (page.ranking.name, page.masked.you.value, page.masked.you.rank) == (goal.name, Fraction(100 * 38, 80), 2)


def test_a_standing_that_says_the_same_is_not_written_again(place, agents):
    board = make(place)
    publish()
    before = {row.pk for row in Publication.objects.get(board=board, period="2024-03-25").rows.all()}
    digest = Publication.objects.get(board=board, period="2024-03-25").digest
    publish(WEDNESDAY + DAY)
    again = Publication.objects.get(board=board, period="2024-03-25")
    assert (again.digest, again.made_at) == (digest, morning(WEDNESDAY + DAY))
    assert {row.pk for row in again.rows.all()} == before


# Checks and constraints ---------------------------------------------------------------------------------------------


def test_audit_says_who_sees_a_board_and_what_is_wrong(place, agents, capsys):
    team = team_of(place, agents[:12], "Front")
    boss_team = make_team("Above", division=place.division)
    team.parent = boss_team
    team.save()
    boss = make_person("Boss", division=place.division, role="supervisor")
    lead(boss, boss_team)
    make(place, "good", team=team)
    make(place, "small", team=team_of(place, agents[12:15], "Small"))
    make(place, "empty", team=make_team("Empty", division=place.division))
    make(place, "closed", roles=[Role.objects.create(slug="nobody", name="Nobody")])
    found = {each.board.name: each for each in audit_boards(on=WEDNESDAY)}
    assert found["good"].readers == ("Above (North)", "Front (North)")
    assert (found["good"].people, found["good"].problems) == (12, ())
    assert found["small"].problems == ("Too few people are on it: they see their own figures only.",)
    assert found["empty"].problems == ("Nobody is on it today.", "Nobody may open it.")
    assert found["closed"].problems == ("Nobody may open it.",)
    with time_machine.travel(morning(WEDNESDAY)), pytest.raises(CommandError, match="3 of 4 boards need a look"):
        call_command("check_boards")
    assert "empty (Sales, North): Nobody is on it today." in capsys.readouterr().out


def test_audit_is_a_file_too(client, place, agents):
    make(place, "good", team=team_of(place, agents[:12], "Front"))
    with time_machine.travel(morning(WEDNESDAY), tick=False):
        client.force_login(make_person("Ada", role="administrator"))
        assert "Front (North)" in client.get(reverse("leaderboards:audit")).content.decode()
        lines = b"".join(client.get(reverse("leaderboards:audit_csv")).streaming_content).decode().splitlines()
    assert lines[1] == "good,Sales,North,Front,,none,12,Front (North),"


def test_audit_takes_the_same_queries_for_one_board_and_for_three(place, agents, django_assert_num_queries):
    team = team_of(place, agents)
    make(place, "one", team=team)
    audit_boards(on=WEDNESDAY)  # remembers which totals of goals are shown
    with django_assert_num_queries(12):
        audit_boards(on=WEDNESDAY)
    make(place, "two", team=team)
    make(place, "three", team=team)
    with django_assert_num_queries(12):
        audit_boards(on=WEDNESDAY)


@pytest.mark.parametrize(
    "fields",
    [
        {"refresh": Refresh.LIVE},
        {"refresh": Refresh.HOURLY, "names": Names.TOP},
        {"minimum": 2},
        {"limit": 0},
        {"limit": 301},
        {"rows_are": RowsAre.TEAMS, "names": Names.ALL},
        {"rows_are": RowsAre.TEAMS, "rows": RowsShown.OWN_TEAM},
    ],
)
def test_what_a_board_may_not_be_is_refused_by_the_database(place, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        make(place, **fields)


def test_a_profile_has_one_standard_board_in_a_division(place):
    make(place, is_standard=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        make(place, is_standard=True)


def test_a_round_is_opened_once_and_ends_after_it_began(place):
    board = make(place)
    fields = {"board": board, "verdict": Verdict.SHOWN, "made_at": timezone.now(), "starts_on": MONDAY}
    Round.objects.create(period="2024-W13", ends_on=WEEK.end, **fields)
    for wrong in ({"period": "2024-W13", "ends_on": WEEK.end}, {"period": "2024-W14", "ends_on": MONDAY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Round.objects.create(**fields, **wrong)


def test_a_frozen_standing_holds_no_names_of_its_own(place, agents):
    board = make(place, names=Names.ALL, limit=300)
    finish(WEDNESDAY)
    publish(MONDAY + 21 * DAY)
    assert board.publications.get(period=WEEK.key).is_frozen
    User.objects.filter(pk=agents[1].pk).update(name="Another Name")
    found = seen(agents[0], board, period=WEEK.key, on=MONDAY + 21 * DAY)
    assert rows(found)[1] == (2, 38, "Another Name")


# The average on scorecards ------------------------------------------------------------------------------------------


def test_average_is_of_the_people_of_the_round_by_person_and_day(place, agents):
    joiner = make_agent("Joiner", place.division)
    ProfileAssignment.objects.create(person=joiner, profile=place.profile, from_on=MONDAY + DAY)
    joiner.place = place
    work(joiner, on=MONDAY + DAY, points=999)
    make(place)
    publish()
    average = published_average(place.profile.pk, place.division.pk, WEEK)
    assert average == Average(Fraction(2 * sum(range(1, 21)), 40))
    of_today = published_average(place.profile.pk, place.division.pk, period_of(Kind.DAILY, WEDNESDAY))
    assert of_today == Average(Fraction(sum(range(1, 21)), 20), MONDAY + DAY)


def test_average_of_too_few_is_not_told(place, agents):
    ScoreDay.objects.exclude(agent__in=agents[:5]).delete()
    make(place)
    publish()
    assert published_average(place.profile.pk, place.division.pk, WEEK) is None


def test_metrics_of_all_together_are_published_with_the_day_and_told_of_enough_people(place, agents):
    sold = make_external("sold")
    make_objective(place.profile, sold, (Zone("target", None, None, 1, 1),))
    for number, agent in enumerate(agents[:8], 1):
        DayValue.objects.create(agent=agent, workday=MONDAY, metric=sold, total=number, count=2)
    make(place)
    publish()

    def told():
        days = measured_of_everyone(place.profile.pk, place.division.pk, first=MONDAY, last=WEDNESDAY)
        return days[MONDAY].get(sold.pk)

    together = (sum(range(1, 9)) * 100_000, 16_000, 8)
    assert told() == together
    for agent in agents[5:]:
        DayValue.objects.filter(agent=agent).delete()
    assert told() == together
    publish(WEDNESDAY + DAY)
    assert told() is None


def test_average_of_a_team_alone_is_not_taken_for_everyones(place, agents):
    make(place, team=team_of(place, agents[:12]))
    publish()
    assert published_average(place.profile.pk, place.division.pk, WEEK) is None


def test_who_stays_off_is_in_no_average_mean_or_count_and_ranks_close_up(place, agents):
    sold = make_external("sold")
    make_objective(place.profile, sold, (Zone("target", None, None, 1, 1),))
    for agent in agents:
        DayValue.objects.create(agent=agent, workday=MONDAY, metric=sold, total=1, count=1)
    stay_off_boards(person=agents[3], on=MONDAY - DAY, at=morning(MONDAY - DAY))
    board = make(place, limit=300)
    publish()
    page = seen(agents[0], board)
    assert [(row.rank, row.value) for row in page.masked.rows] == list(enumerate([40, 38, 36, *range(32, 0, -2)], 1))
    assert page.masked.of == 19
    average = published_average(place.profile.pk, place.division.pk, WEEK)
    assert average == Average(Fraction(sum(range(1, 21)) - 17, 19))
    days = measured_of_everyone(place.profile.pk, place.division.pk, first=MONDAY, last=MONDAY)
    assert days[MONDAY][sold.pk] == (19 * 100_000, 19_000, 19)


@pytest.mark.parametrize(("worked", "counts"), [(5, False), (6, True)])
def test_average_of_a_week_leaves_out_the_days_on_which_few_worked(place, agents, worked, counts):
    ScoreDay.objects.filter(workday=MONDAY + DAY).exclude(agent__in=agents[:worked]).delete()
    make(place)
    publish()
    monday, tuesday = sum(range(1, 21)), sum(range(21 - worked, 21))
    average = Fraction(monday + tuesday, 20 + worked) if counts else Fraction(monday, 20)
    assert published_average(place.profile.pk, place.division.pk, WEEK) == Average(average)


@pytest.mark.parametrize("fields", [{}, {"has_days": False, "refresh": Refresh.WEEKLY}])
def test_row_of_a_team_leaves_out_the_days_on_which_few_of_it_worked_whatever_its_board_tells(place, agents, fields):
    team_of(place, agents)
    ScoreDay.objects.filter(workday=MONDAY + DAY).exclude(agent__in=agents[:5]).delete()
    board = make(place, rows_are=RowsAre.TEAMS, **fields)
    publish(MONDAY + 7 * DAY)
    row = board.publications.get(period=WEEK.key).rows.get(ranking="points")
    assert Fraction(row.numerator, row.denominator) == Fraction(sum(range(1, 21)), 20)


# What is changed within a round, or behind it ----------------------------------------------------------------------


def test_hourly_and_by_name_within_a_round_without_names_stays_daily(place, agents):
    """Rows without names would move within the day and show who has just taken a call."""
    board = make(place)
    publish()
    Board.objects.update(names=Names.ALL, refresh=Refresh.HOURLY)
    for agent in agents:
        work(agent, on=WEDNESDAY, points=50)
    before = list(Publication.objects.filter(board=board).values_list("period", "made_at").order_by("period"))
    actions.publish_boards(at=morning(WEDNESDAY, hour=11))
    assert list(Publication.objects.filter(board=board).values_list("period", "made_at").order_by("period")) == before


def test_more_names_within_a_round_wait_for_the_next_one(place, agents):
    board = make(place, names=Names.TOP, top=2)
    publish()
    Board.objects.update(names=Names.ALL)
    assert rows(seen(agents[7], Board.objects.get())) == [(1, 40, "Agent 01"), (2, 38, "Agent 02"), (8, 26, "Agent 08")]
    Board.objects.update(names=Names.TOP, top=5)
    assert len(rows(seen(agents[7], Board.objects.get()))) == 3
    assert board.pk


def next_week(agents, **fields) -> dt.date:
    """A second week under other names: Monday's figures, published on Tuesday, the ranks turned round."""
    Board.objects.update(**fields)
    day = MONDAY + 7 * DAY
    for number, agent in enumerate(agents):
        work(agent, on=day, points=50 + number)
    publish(day + DAY)
    return day + DAY


def movements(page) -> list:
    return [row.movement for row in page.masked.rows if row.person and not row.is_you]


def test_names_do_not_tell_the_places_of_the_round_before_without_names(place, agents):
    make(place, limit=300, has_days=False)
    publish()
    day = next_week(agents, names=Names.ALL)
    publish(day + 7 * DAY)
    page = seen(agents[7], Board.objects.get(), period="2024-W14", on=day + 7 * DAY)
    assert len(movements(page)) == 19
    assert set(movements(page)) == {None}


def test_names_tell_how_places_moved_since_a_round_that_named_everyone(place, agents):
    make(place, limit=300, has_days=False, names=Names.ALL)
    publish()
    day = next_week(agents, names=Names.ALL)
    publish(day + 7 * DAY)
    page = seen(agents[7], Board.objects.get(), period="2024-W14", on=day + 7 * DAY)
    assert movements(page)[0] == 19


def test_names_do_not_tell_who_improved_since_a_round_without_names(place, agents):
    board = make(place, by_improvement=True, limit=300)
    publish()
    day = next_week(agents, names=Names.ALL)
    assert "improved" not in Publication.objects.get(board=board, period="2024-W14").counts
    page = seen(agents[7], board, by="improved", on=day)
    assert (page.masked.why, [row.is_you for row in page.masked.rows]) == (Why.NOT_PUBLISHED, [True])


def test_the_first_by_name_do_not_tell_how_they_moved(place, agents):
    make(place, names=Names.TOP, top=2)
    publish(MONDAY + DAY)
    ScoreDay.objects.filter(agent=agents[9], workday=MONDAY + DAY).update(points=400)
    publish()
    page = seen(agents[0], Board.objects.get())
    assert rows(page)[0] == (1, 411, "Agent 10")
    assert movements(page) == [None]


def test_somebody_deactivated_is_a_leaver(place, agents):
    board = make(place)
    publish(MONDAY + DAY)
    agents[3].is_active = False
    agents[3].save()
    publish()
    week = Publication.objects.get(board=board, period=WEEK.key)
    day = Publication.objects.get(board=board, period=MONDAY.isoformat())
    assert (week.made_at, week.counts["points"]) == (morning(MONDAY + DAY), 20)
    assert (day.made_at, day.counts["points"]) == (morning(MONDAY + DAY), 20)


def test_a_change_of_profile_that_is_dated_back_is_a_leaver(place, agents):
    board = make(place)
    publish()
    ProfileAssignment.objects.create(person=agents[3], profile=make_profile("Elsewhere"), from_on=MONDAY - 14 * DAY)
    publish(WEDNESDAY + DAY)
    assert dict(Publication.objects.filter(board=board).values_list("period", "made_at")) == {
        WEEK.key: morning(WEDNESDAY),
        MONDAY.isoformat(): morning(WEDNESDAY),
        (MONDAY + DAY).isoformat(): morning(WEDNESDAY),
    }


@pytest.mark.parametrize("rows_are", [RowsAre.TEAMS, RowsAre.PEOPLE])
def test_a_change_of_team_that_is_dated_back_moves_no_row(place, agents, rows_are):
    first, second = team_of(place, agents[:9], "First"), team_of(place, agents[9:], "Second")
    extra = {} if rows_are == RowsAre.TEAMS else {"rows": RowsShown.OWN_TEAM}
    board = make(place, rows_are=rows_are, limit=300, **extra)
    publish()
    before = rows(seen(agents[0], board))
    agents[9].team_memberships.all().delete()
    join(agents[9], first)
    publish(WEDNESDAY + DAY)
    shown = rows(seen(agents[0], board))
    assert len(before) == (2 if rows_are == RowsAre.TEAMS else 9)
    assert shown == (before if rows_are == RowsAre.TEAMS else [(None, 40, "Agent 01")])
    assert second.pk


def points_goal(place, people, name) -> Goal:
    settings = {"scope": "individual", "frequency": "weekly", "counted": "points", "starts_on": dt.date(2024, 1, 1)}
    goal = Goal.objects.create(name=name, team=team_of(place, people, name), created_at=timezone.now(), **settings)
    make_terms(goal, aggregation="sum", operator="gte", achieved=Decimal(80))
    return goal


def test_a_goal_for_all_but_a_few_is_no_ranking(place, agents):
    """Its rows beside those of points would leave the values of three people."""
    many, most = points_goal(place, agents[:14], "Many"), points_goal(place, agents[:17], "Most")
    board = make(place, goals=[many, most])
    publish()
    counts = Publication.objects.get(board=board, period=WEEK.key).counts
    assert [key for key in counts if key.startswith("goal-")] == [f"goal-{many.pk}"]


def test_who_joins_the_team_of_a_goal_within_the_week_is_no_new_row(place, agents):
    goal = points_goal(place, agents[:10], "Ten")
    board = make(place, goals=[goal])
    publish(MONDAY + DAY)
    join(agents[15], goal.team, from_on=MONDAY + DAY)
    publish()
    assert Publication.objects.get(board=board, period=WEEK.key).counts[f"goal-{goal.pk}"] == 10


# Several boards and totals ----------------------------------------------------------------------------------------


def test_the_largest_smallest_group_of_boards_side_by_side_holds(place, agents):
    """Beside the thirteen, seven would be left over: enough for five, not for a board that asks for eight."""
    make(place, "all", minimum=8)
    make(place, "thirteen", team=team_of(place, agents[:13], "Thirteen"))
    publish()
    assert verdicts() == {"all": "shown", "thirteen": "singles_out"}


def test_names_of_all_but_a_few_in_a_total_are_not_shown(place, agents):
    """The total of the goal less the named would be that of three people."""
    make_goal(team_of(place, agents[:13], "Goal"), starts_on=dt.date(2024, 1, 1))
    make(place, "ten", names=Names.ALL, team=team_of(place, agents[:10], "Ten"))
    make(place, "rest", names=Names.ALL, team=team_of(place, agents[13:], "Rest"))
    publish()
    assert verdicts() == {"ten": "singles_out", "rest": "shown"}


def test_a_board_that_was_shown_this_week_is_switched_off_and_not_deleted(place, agents, client):
    """Made again with other people, it would be admitted as if nobody had read the first."""
    board, unused = make(place), make(place, "unused", is_active=False)
    publish()
    with time_machine.travel(morning(WEDNESDAY), tick=False):
        client.force_login(make_person("Ada", role="administrator", is_staff=True))
        answers = [client.get(reverse("admin:leaderboards_board_delete", args=[each.pk])) for each in (board, unused)]
    assert [each.status_code for each in answers] == [403, 200]
