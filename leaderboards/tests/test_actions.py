"""What is published, when, and of whom: joiners wait, leavers cannot be told by their absence, frozen is frozen."""

import datetime as dt
import random

import pytest

from foundation.periods import DAY, Kind, period_of
from leaderboards import actions
from leaderboards.models import Publication
from people.models import DivisionAssignment, User
from people.tests.factories import make_division
from scorecards.models import DivisionDay, ProfileAssignment, ScoreDay

from .factories import MONDAY, make_agent, make_profile, score_day

pytestmark = pytest.mark.django_db
WEEK = period_of(Kind.WEEKLY, MONDAY)


def finish(day: dt.date) -> None:
    """Workdays with data before a day are final since the night after them."""
    for division, workday in ScoreDay.objects.filter(workday__lt=day).values_list("division", "workday").distinct():
        closed_at = dt.datetime.combine(workday + DAY, dt.time(2), dt.UTC)
        DivisionDay.objects.get_or_create(division_id=division, workday=workday, defaults={"closed_at": closed_at})


def publish_boards(*, at: dt.datetime) -> int:
    finish(at.date() + DAY)
    return actions.publish_boards(at=at)


def morning(day: dt.date, hour: int = 6) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), dt.UTC)


@pytest.fixture
def division():
    return make_division(time_zone="UTC")


@pytest.fixture
def profile():
    return make_profile()


@pytest.fixture
def agents(division, profile) -> list[User]:
    """Fourteen agents with points on each day of the week."""
    found = [make_agent(f"Agent {number}", division, profile) for number in range(14)]
    for agent in found:
        work(agent, division, profile)
    return found


def work(agent, division, profile, *, start=MONDAY, end=WEEK.end):
    for n in range((end - start).days):
        score_day(agent, division, profile, 10 + n, on=start + n * DAY)


def people_of(key: str) -> set[int]:
    found = Publication.objects.filter(period=key).first()
    return set(found.rows.filter(ranking="points").values_list("owner", flat=True)) if found else set()


def ids(agents) -> set[int]:
    return {agent.pk for agent in agents}


def test_morning_publishes_the_day_before_and_the_week_so_far(agents):
    publish_boards(at=morning(MONDAY + 2 * DAY))
    found = dict(Publication.objects.values_list("period", "rows__points").distinct())
    assert found == {"2024-03-25": 10, "2024-03-26": 11, "2024-W13": 21}
    assert people_of("2024-W13") == ids(agents)


def test_boards_are_published_once_a_morning_and_not_before_five(agents):
    assert publish_boards(at=morning(MONDAY + DAY)) == 2
    assert publish_boards(at=morning(MONDAY + DAY, hour=20)) == 0
    assert publish_boards(at=morning(MONDAY + 2 * DAY, hour=4)) == 0
    assert publish_boards(at=morning(MONDAY + 2 * DAY, hour=5)) == 3


def test_morning_is_that_of_the_division(profile):
    there = make_division(time_zone="Asia/Kolkata")
    for number in range(6):
        work(make_agent(f"Asha {number}", there, profile), there, profile)
    early = dt.datetime(2024, 3, 25, 23, 29, tzinfo=dt.UTC)
    assert publish_boards(at=early) == 0
    assert publish_boards(at=early + dt.timedelta(minutes=1)) == 2


def test_mornings_that_were_missed_are_made_up_for(agents):
    publish_boards(at=morning(WEEK.end))
    assert Publication.objects.count() == 8


def test_who_joins_within_the_week_waits_for_the_next(agents, division, profile):
    joiner = make_agent("Joiner", division)
    ProfileAssignment.objects.create(person=joiner, profile=profile, from_on=MONDAY + 2 * DAY)
    work(joiner, division, profile, start=MONDAY + 2 * DAY, end=WEEK.end + DAY)
    for agent in agents:
        score_day(agent, division, profile, 5, on=WEEK.end)
    publish_boards(at=morning(WEEK.end + DAY))
    assert joiner.pk not in people_of("2024-W13") | people_of("2024-03-29")
    assert joiner.pk in people_of("2024-W14") & people_of("2024-04-01")


@pytest.mark.parametrize(("leave", "refreshed"), [(1, False), (5, False), (6, True)])
def test_week_is_taken_anew_only_if_nobody_or_many_have_left(agents, profile, leave, refreshed):
    publish_boards(at=morning(MONDAY + 2 * DAY))
    leavers = agents[:leave]
    for person in leavers:
        ProfileAssignment.objects.create(
            person=person, profile=make_profile(f"Other {person.pk}"), from_on=WEEK.start + 3 * DAY
        )
    publish_boards(at=morning(MONDAY + 5 * DAY))
    week = Publication.objects.get(period="2024-W13")
    assert (week.made_at == morning(MONDAY + 5 * DAY)) is refreshed
    assert people_of("2024-W13") == (ids(agents[leave:]) if refreshed else ids(agents))
    assert people_of("2024-03-28") == ids(agents[leave:])


def test_week_in_which_somebody_left_before_it_was_ever_published_is_not(agents, division):
    DivisionAssignment.objects.create(person=agents[0], division=make_division(), from_on=MONDAY + 2 * DAY)
    publish_boards(at=morning(WEEK.end))
    assert people_of("2024-W13") == set()
    assert people_of("2024-03-25") == ids(agents)


def test_late_data_is_published_for_a_week_and_then_no_more(agents):
    last_morning = WEEK.end + 7 * DAY
    publish_boards(at=morning(WEEK.end))
    ScoreDay.objects.filter(agent=agents[0], workday=MONDAY).update(points=500)
    publish_boards(at=morning(last_morning - DAY))
    assert Publication.objects.get(period="2024-W13").rows.get(ranking="points", owner=agents[0].pk).points > 500
    publish_boards(at=morning(last_morning))
    ScoreDay.objects.filter(agent=agents[0], workday=MONDAY).update(points=900)
    publish_boards(at=morning(last_morning + DAY))
    week = Publication.objects.get(period="2024-W13")
    assert (week.is_frozen, week.made_at) == (True, morning(last_morning))
    assert week.rows.get(ranking="points", owner=agents[0].pk).points < 900


@pytest.mark.parametrize("seed", range(4))
def test_who_reads_every_morning_never_sees_a_few_people_vanish_or_appear(agents, division, profile, seed):
    """Over four weeks in which people come and go, two takings of one standing differ by nobody or by many."""
    chance = random.Random(seed)
    other, people, seen = make_profile("Other"), list(agents), {}
    here = dict.fromkeys((agent.pk for agent in people), True)
    for n in range(28):
        day = MONDAY + n * DAY
        if chance.random() < 0.3:
            person = chance.choice(people)
            here[person.pk] = not here[person.pk]
            profile_then = profile if here[person.pk] else other
            ProfileAssignment.objects.update_or_create(person=person, from_on=day, defaults={"profile": profile_then})
        for person in people:
            ScoreDay.objects.update_or_create(
                agent=person,
                workday=day,
                defaults={
                    "division": division,
                    "profile": profile if here[person.pk] else other,
                    "points": chance.randrange(300),
                    "changed_at": morning(day),
                },
            )
        publish_boards(at=morning(day + DAY))
        for publication in Publication.objects.filter(board__profile=profile).prefetch_related("rows"):
            now = {row.owner for row in publication.rows.all() if row.ranking == "points"}
            before = seen.setdefault(publication.period, now)
            assert len(now ^ before) == 0 or len(now ^ before) > 5, (day, publication.period)
            seen[publication.period] = now
    assert len(seen) > 25


def test_period_waits_until_its_workdays_are_final(agents):
    assert actions.publish_boards(at=morning(MONDAY + DAY)) == 0
    finish(MONDAY + DAY)
    assert actions.publish_boards(at=morning(MONDAY + DAY, hour=7)) == 2
    assert actions.publish_boards(at=morning(MONDAY + 2 * DAY)) == 1  # Monday again; Tuesday is not final, nor the week
    finish(MONDAY + 2 * DAY)
    assert actions.publish_boards(at=morning(MONDAY + 2 * DAY, hour=7)) == 2


def test_history_that_came_today_is_published_anew_while_its_late_data_lasts(agents):
    later = morning(WEEK.end + 14 * DAY)
    for n in range(7):
        DivisionDay.objects.create(
            division=ScoreDay.objects.first().division, workday=MONDAY + n * DAY, closed_at=later
        )
    actions.publish_boards(at=later)
    assert not Publication.objects.get(period="2024-W13").is_frozen
    ScoreDay.objects.filter(agent=agents[0], workday=MONDAY).update(points=500)
    actions.publish_boards(at=later + DAY)
    assert Publication.objects.get(period="2024-W13").rows.get(ranking="points", owner=agents[0].pk).points > 500
    actions.publish_boards(at=later + 7 * DAY)
    assert Publication.objects.get(period="2024-W13").is_frozen
