import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from foundation.periods.spans import SpanKey, span_of
from leaderboards.queries import boards
from leaderboards.queries.boards import OpenBoard, may_choose_days, may_open_boards, open_board, rankings_of
from leaderboards.queries.figures import points_by_agent
from leaderboards.queries.pages import board_for
from metrics.models import Metric
from people.access import forget_grants
from people.models import DivisionAssignment, Grant
from people.queries import division_of
from people.rules.privacy import Why
from people.tests.factories import grant, join, lead, make_division, make_person, make_team
from scorecards.models import Objective, ObjectiveTerms, Profile, ProfileAssignment, ScoreDay

from .factories import MONDAY, TODAY, make_agent, make_board, make_profile, measure, score_day
from .publishing import board_of, boards_of_everyone, publish_now

pytestmark = pytest.mark.django_db
TODAY_SPAN = span_of(SpanKey.TODAY, TODAY)
WEEK = span_of(SpanKey.THIS_WEEK, TODAY)
ZONES = [{"kind": "target", "lower": None, "upper": None, "lower_points": 10, "upper_points": 10}]


def boards_for(viewer, *, on) -> list[OpenBoard]:
    """The boards a viewer may open, once those that need no setting up are there."""
    boards_of_everyone()
    return boards.boards_for(viewer, on=on)


def own_board(viewer, *, span=TODAY_SPAN, by="points", on=TODAY):
    publish_now(span.whole, span.whole.previous)
    place = next(place for place in boards_for(viewer, on=on) if place.is_own)
    return board_for(viewer, place=place, span=span, by=by, on=on)


def told(page):
    return [(row.rank, row.value) for row in page.masked.rows]


def make_objective(profile, metric, *, is_active=True, from_on=dt.date(1, 1, 1)):
    objective = Objective.objects.filter(profile=profile, metric=metric).first() or Objective.objects.create(
        profile=profile, metric=metric
    )
    ObjectiveTerms.objects.create(
        objective=objective, metric=metric, kind="higher", zones=ZONES, is_active=is_active, from_on=from_on
    )
    return objective


# Which boards ---------------------------------------------------------------------------------------------------


def test_boards_for_an_agent_are_their_own_profile_in_their_division():
    agent = make_board(1)[0]
    make_board(2, profile=make_profile("Service"))
    places = boards_for(agent, on=TODAY)
    assert [(place.board.profile.name, place.is_own) for place in places] == [("Sales", True)]


def test_boards_for_an_agent_without_a_profile_are_the_default_one():
    division = make_division()
    agent = make_agent("Ada", division)
    score_day(agent, division, Profile.objects.get(is_default=True), 1)
    places = boards_for(agent, on=TODAY)
    assert [(place.board.profile, place.board.division) for place in places] == [
        (Profile.objects.get(is_default=True), division)
    ]


def test_boards_for_an_agent_who_changes_profile_follow_the_day():
    agent = make_board(1)[0]
    make_board(2, profile=make_profile("Service"), division=division_of(agent, on=TODAY))
    ProfileAssignment.objects.create(person=agent, profile=Profile.objects.get(name="Service"), from_on=TODAY)
    assert [place.board.profile.name for place in boards_for(agent, on=MONDAY)] == ["Sales"]
    assert [place.board.profile.name for place in boards_for(agent, on=TODAY)] == ["Service"]


def test_boards_for_a_lead_are_those_of_the_people_they_lead():
    agent = make_board(1)[0]
    other = make_board(2, profile=make_profile("Service"))[0]
    boss = make_person("Boss", role="supervisor")
    team = make_team()
    lead(boss, team)
    join(agent, team)
    names = [(place.board.profile.name, place.is_own) for place in boards_for(boss, on=TODAY)]
    assert ("Sales", False) in names
    assert "Service" not in [name for name, _ in names]
    assert other.pk != agent.pk


def test_boards_for_an_evaluator_are_those_of_their_division():
    here, there = make_division(), make_division()
    make_board(1, division=here)
    make_board(2, division=there, profile=make_profile("Service"))
    evaluator = make_person("Eva", division=here, role="quality_evaluator", in_division=here)
    places = [
        (place.board.profile.name, place.board.division)
        for place in boards_for(evaluator, on=TODAY)
        if not place.is_own
    ]
    assert places == [("Sales", here)]


def test_boards_for_an_administrator_without_a_grant_to_see_are_none():
    make_board(1)
    boss = make_person("Admin", role="administrator")
    root = make_person("Root", is_superuser=True, is_staff=True)
    assert (boards_for(boss, on=TODAY), may_open_boards(boss)) == ([], False)
    assert (boards_for(root, on=TODAY), may_open_boards(root)) == ([], False)


def test_board_of_another_profile_is_not_found():
    agent = make_board(1)[0]
    other = make_board(2, profile=make_profile("Service"))[0]
    places = boards_for(agent, on=TODAY)
    with pytest.raises(Http404):
        open_board(places, boards_for(other, on=TODAY)[0].board.pk)
    assert open_board(places, places[0].board.pk) == places[0]


def test_may_choose_days_is_for_those_who_see_others():
    assert not may_choose_days(make_person(role="agent"))
    assert may_choose_days(make_person(role="supervisor"))


# Whose figures, and which ---------------------------------------------------------------------------------------


def test_board_shares_a_rank_at_equal_points():
    agents = make_board(30, 20, 20, 10, 5, 1)
    page = own_board(agents[2])
    assert told(page) == [(1, 30), (2, 20), (2, 20), (4, 10), (5, 5), (6, 1)]
    assert page.masked.you.rank == 2
    assert page.masked.has_ties


def test_board_adds_up_the_days_of_the_span():
    agents = make_board(30, 20, 10, 5, 1, 0)
    place = boards_for(agents[0], on=TODAY)[0]
    score_day(agents[2], place.board.division, place.board.profile, 500, on=MONDAY)
    score_day(agents[2], place.board.division, place.board.profile, 900, on=MONDAY - dt.timedelta(days=1))
    page = own_board(agents[2], span=WEEK)
    assert (page.masked.you.value, page.masked.you.maximum, page.masked.you.rank) == (510, 2000, 1)


def test_board_leaves_out_days_under_another_profile_or_division():
    agents = make_board(30, 20, 10, 5, 1, 0)
    place = boards_for(agents[0], on=TODAY)[0]
    score_day(agents[5], place.board.division, make_profile("Service"), 500, on=MONDAY)
    score_day(agents[5], make_division(), place.board.profile, 500, on=MONDAY + dt.timedelta(days=1))
    assert own_board(agents[5], span=WEEK).masked.you.value == 0


def test_board_by_percent_is_points_of_maximum_over_all_days():
    agents = make_board(30, 20, 10, 5, 1, 0)
    place = boards_for(agents[0], on=TODAY)[0]
    score_day(agents[0], place.board.division, place.board.profile, 0, on=MONDAY, maximum=2000)
    page = own_board(agents[0], span=WEEK, by="percent")
    assert (page.masked.you.value, page.masked.you.rank) == (Fraction(100 * 30, 3000), 2)


def test_board_by_metric_divides_sums_by_sums_and_lists_only_who_has_data():
    agents = make_board(30, 20, 10, 5, 1, 0, 0)
    place = boards_for(agents[0], on=TODAY)[0]
    metric = Metric.objects.create(key="slow", name="Slow", unit="seconds", better="lower", source="external")
    make_objective(place.board.profile, metric)
    for number, agent in enumerate(agents[:6]):
        measure(agent, metric, total=Decimal(100 + number), count=1)
    measure(agents[0], metric, total=Decimal(900), count=Decimal(3), on=MONDAY)
    score_day(agents[0], place.board.division, place.board.profile, 0, on=MONDAY)
    measure(agents[1], metric, total=Decimal(1), count=Decimal(1), on=MONDAY)  # no scored day: not of this board
    page = own_board(agents[0], span=WEEK, by="slow")
    assert told(page) == [(1, 101), (2, 102), (3, 103), (4, 104), (5, 105), (6, 250)]
    assert (page.masked.you.value, page.masked.of) == (250, 6)


def test_board_by_a_metric_that_adds_up_ranks_totals():
    agents = make_board(30, 20, 10, 5, 1, 0)
    place = boards_for(agents[0], on=TODAY)[0]
    metric = Metric.objects.create(key="sold", name="Sold", unit="number", aggregation="sum", source="external")
    make_objective(place.board.profile, metric)
    for number, agent in enumerate(agents):
        measure(agent, metric, total=Decimal(number), count=Decimal(2))
    assert own_board(agents[5], by="sold").masked.you.value == 5


def test_rankings_of_a_profile_are_points_percent_and_the_metrics_scored_that_day():
    profile = make_profile()
    first, second = (
        Metric.objects.create(key=key, name=key, unit="number", source="external") for key in ("one", "two")
    )
    make_objective(profile, first)
    make_objective(profile, second)
    make_objective(profile, second, is_active=False, from_on=TODAY)
    board = board_of(profile, make_division())
    assert [each.key for each in rankings_of(board, on=[MONDAY])] == ["points", "percent", "one", "two"]
    assert [each.key for each in rankings_of(board, on=[TODAY])] == ["points", "percent", "one"]
    assert [each.key for each in rankings_of(board, on=[TODAY, MONDAY])] == ["points", "percent", "one", "two"]


def test_board_of_days_before_an_objective_was_set_is_there():
    agent = make_board(1)[0]
    place = boards_for(agent, on=TODAY)[0]
    metric = Metric.objects.create(key="new", name="New", unit="number", source="external")
    make_objective(place.board.profile, metric, from_on=TODAY)
    page = own_board(agent, span=span_of(SpanKey.LAST_WEEK, TODAY), by="new")
    assert page.masked.why is Why.NO_DATA


def test_board_by_an_unknown_ranking_is_not_found():
    agent = make_board(1)[0]
    with pytest.raises(Http404):
        own_board(agent, by="salary")


# Masked ---------------------------------------------------------------------------------------------------------


def test_board_of_four_hides_the_others():
    agents = make_board(30, 20, 10, 5)
    page = own_board(agents[1])
    assert (page.masked.why, told(page), page.masked.of) == (Why.TOO_FEW, [(None, 20)], None)


@pytest.mark.parametrize("setting", [0, 1, 4])
def test_board_minimum_group_is_what_is_set_but_never_under_three(setting, settings):
    settings.LAUREL_MINIMUM_GROUP = setting
    agents = make_board(30, 20)
    page = own_board(agents[1])
    assert (page.masked.why, page.minimum) == (Why.TOO_FEW, max(setting, 3))


def test_board_of_an_agent_names_only_themself():
    agents = make_board(30, 20, 10, 5, 1, 0)
    rows = own_board(agents[1]).masked.rows
    assert [row.person.name for row in rows if row.person] == ["Agent 2"]


def test_board_of_a_lead_names_those_they_lead():
    agents = make_board(30, 20, 10, 5, 1, 0, 0)
    boss, team = make_person("Boss", role="supervisor"), make_team()
    lead(boss, team)
    join(agents[1], team)
    join(agents[2], team, until_on=TODAY)
    place = next(place for place in boards_for(boss, on=TODAY) if not place.is_own)
    rows = board_for(boss, place=place, span=TODAY_SPAN, by="points", on=TODAY).masked.rows
    assert [row.person.name for row in rows if row.person] == ["Agent 2"]


def test_board_ranks_are_the_same_for_every_viewer():
    agents = make_board(30, 20, 20, 10, 5, 1)
    ranks = [own_board(agent).masked.you.rank for agent in agents]
    assert ranks == [1, 2, 2, 4, 5, 6]


def test_board_movement_compares_with_the_standing_before():
    agents = make_board(0, 1, 2, 3, 4, 5)
    publish_now(TODAY_SPAN.whole)
    for points, agent in zip((30, 20, 10, 5, 1, 0), agents, strict=True):
        ScoreDay.objects.filter(agent=agent).update(points=points)
    pages = [own_board(agent) for agent in agents[:1]]
    assert pages[0].masked.you.movement == 5
    place = boards_for(agents[5], on=TODAY)[0]
    assert board_for(agents[5], place=place, span=TODAY_SPAN, by="points", on=TODAY).masked.you.movement == -5


def test_board_movement_of_days_that_are_over_compares_with_the_days_before():
    agents = make_board(30, 20, 10, 5, 1, 0)
    place = boards_for(agents[0], on=TODAY)[0]
    for number, agent in enumerate(agents):
        score_day(agent, place.board.division, place.board.profile, number, on=TODAY - dt.timedelta(days=1))
    yesterday = span_of(SpanKey.YESTERDAY, TODAY + dt.timedelta(days=1))
    assert [own_board(agent, span=yesterday).masked.you.movement for agent in agents] == [5, 3, 1, -1, -3, -5]


def test_points_of_a_period_are_read_from_an_index_alone_on_sqlite():
    agent = make_board(30, 20)[0]
    board = board_of(Profile.objects.get(name="Sales"), division_of(agent, on=TODAY))
    with CaptureQueriesContext(connection) as queries:
        assert len(points_by_agent(board, WEEK.now)) == 2
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {queries[-1]['sql']}")
        plan = str(cursor.fetchall())
    assert ("COVERING INDEX scorecards_scoreday_profile" in plan) == (connection.vendor == "sqlite")


def test_board_takes_the_same_queries_whatever_its_size(django_assert_num_queries):
    small, large = make_board(*range(6)), make_board(*range(30), profile=make_profile("Service"))
    publish_now(TODAY_SPAN.whole)
    for agent in (small[0], large[0]):
        forget_grants(agent)
        with django_assert_num_queries(10):
            place = next(place for place in boards.boards_for(agent, on=TODAY) if place.is_own)
            board_for(agent, place=place, span=TODAY_SPAN, by="points", on=TODAY)


def test_grants_end_with_the_grant():
    agent = make_board(1)[0]
    Grant.objects.all().delete()
    forget_grants(agent)
    assert boards_for(agent, on=TODAY) == []
    grant(agent, "agent")
    DivisionAssignment.objects.filter(person=agent).delete()
    forget_grants(agent)
    assert len(boards_for(agent, on=TODAY)) <= 1
