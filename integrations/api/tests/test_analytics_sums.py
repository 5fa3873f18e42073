"""Sums by the database are those that one gets by hand, whoever moved between teams and divisions on whichever day."""

import datetime as dt
import itertools
import random
from collections import defaultdict

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.periods import Kind, Period
from integrations.api.analytics_queries import Key, Question, sums_for
from integrations.api.enums import FilterField
from integrations.api.rules.analytics import part_of, parts_of
from metrics.models import DayValue
from metrics.rules.measures import COUNT_UNITS, TOTAL_UNITS
from people.models import DivisionAssignment, Team, TeamMembership, User
from people.queries import default_division
from people.tests.factories import join, make_division, make_person, make_team
from scorecards.tests.factories import make_external

pytestmark = pytest.mark.django_db
PERSON, TEAM, DIVISION = FilterField.PERSON, FilterField.TEAM, FilterField.DIVISION
FIRST = dt.date(2024, 8, 20)
DAYS = Period(FIRST + dt.timedelta(days=2), FIRST + dt.timedelta(days=40))
GROUPS = [groups for number in range(4) for groups in itertools.permutations((PERSON, TEAM, DIVISION), number)]


@pytest.fixture
def viewer():
    return make_person("Quinn", role="quality_evaluator")


@pytest.fixture
def metrics():
    return [make_external("one"), make_external("two")]


def fill(metrics, *, people: int, seed: int) -> None:
    """People who join, leave and move at random, some in two teams at once, some in none, some without a division."""
    dice = random.Random(seed)
    divisions = [make_division(f"D{seed}{number}") for number in range(2)]
    teams = [make_team(f"T{seed}{number}", division=dice.choice(divisions)) for number in range(3)]

    def day() -> dt.date:
        return FIRST + dt.timedelta(days=dice.randrange(45))

    for number in range(people):
        person = make_person(f"P{seed}{number}", division=None)
        DivisionAssignment.objects.filter(person=person).delete()
        for from_on in {day() for _ in range(dice.randrange(3))}:
            DivisionAssignment.objects.create(person=person, division=dice.choice(divisions), from_on=from_on)
        for team in teams:
            bounds = sorted({day() for _ in range(dice.randrange(5))})
            for from_on, until_on in zip(bounds[::2], [*bounds[1::2], None], strict=False):
                join(person, team, from_on=from_on, until_on=until_on)
        DayValue.objects.bulk_create(
            DayValue(agent=person, metric=metric, workday=workday, total=dice.randrange(99), count=dice.randrange(1, 4))
            for metric in metrics
            for workday in {day() for _ in range(15)}
        )


def by_hand(question: Question) -> dict[Key, tuple[int, int]]:
    """One day value after the other."""
    found = defaultdict(lambda: [0, 0])
    for row in DayValue.objects.filter(workday__gte=question.days.start, workday__lt=question.days.end):
        for group in groups_of(row, question):
            sums = found[Key(group, part_of(question.days, question.kind, row.workday), row.metric_id)]
            sums[0] += int(row.total * TOTAL_UNITS)
            sums[1] += int(row.count * COUNT_UNITS)
    return {key: tuple(sums) for key, sums in found.items() if sums[1]}


def groups_of(row: DayValue, question: Question) -> set[tuple]:
    division = default_division().pk
    for assignment in DivisionAssignment.objects.filter(person=row.agent).order_by("from_on"):
        if assignment.from_on <= row.workday:
            division = assignment.division_id
    teams = {
        each.team_id
        for each in TeamMembership.objects.filter(person=row.agent)
        if each.from_on <= row.workday and (each.until_on is None or row.workday < each.until_on)
    }
    values = {PERSON: {row.agent_id}, TEAM: teams, DIVISION: {division}}
    for field, wanted in question.only.items():
        values[field] &= set(wanted)
        if not values[field]:
            return set()
    return set(itertools.product(*(values[field] for field in question.groups)))


def questions():
    team, division = Team.objects.values_list("pk", flat=True)[:2], DivisionAssignment.objects.first().division_id
    for groups in GROUPS:
        for only in ({}, {TEAM: list(team)}, {DIVISION: [division]}, {TEAM: list(team), DIVISION: [division]}):
            for kind in (None, Kind.DAILY, Kind.WEEKLY, Kind.MONTHLY):
                yield Question(DAYS, kind, groups, only)


@pytest.mark.parametrize("seed", [1, 2])
def test_sums_are_those_by_hand(viewer, metrics, seed):
    fill(metrics, people=3, seed=seed)
    asked = list(questions())
    dice = random.Random(seed)
    for question in dice.sample(asked, 40):
        assert sums_for(viewer, question, metrics, on=DAYS.end) == by_hand(question), question


def test_day_of_somebody_who_is_twice_in_a_team_counts_once(viewer, metrics):
    fill(metrics, people=1, seed=3)
    person, team = User.objects.get(name="P30"), Team.objects.first()
    TeamMembership.objects.filter(person=person).delete()
    join(person, team, from_on=FIRST)
    join(person, team, from_on=FIRST + dt.timedelta(days=9), until_on=FIRST + dt.timedelta(days=20))
    question = Question(DAYS, Kind.WEEKLY, (TEAM,), {})
    assert sums_for(viewer, question, metrics, on=DAYS.end) == by_hand(question) != {}


@pytest.mark.parametrize("groups", [(), (TEAM,), (DIVISION,), (PERSON, TEAM)])
def test_more_days_and_people_take_no_more_queries(viewer, metrics, groups):
    def queries(people: int) -> int:
        fill(metrics, people=people, seed=people)
        with CaptureQueriesContext(connection) as counted:
            assert sums_for(viewer, Question(DAYS, Kind.WEEKLY, groups, {}), metrics, on=DAYS.end)
        return len(counted)

    queries(2)  # what the viewer may see is asked once
    assert queries(4) == queries(8)


@pytest.mark.parametrize("kind", [None, Kind.DAILY, Kind.WEEKLY, Kind.MONTHLY, Kind.QUARTERLY])
def test_parts_cover_the_interval_one_after_the_other(kind):
    parts = parts_of(DAYS, kind)
    assert (parts[0].start, parts[-1].end) == (DAYS.start, DAYS.end)
    assert all(one.end == next_one.start for one, next_one in itertools.pairwise(parts))
    assert [part_of(DAYS, kind, part.start) for part in parts] == parts
