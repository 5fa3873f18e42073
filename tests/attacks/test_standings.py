"""Attacks on published standings, by exact enumeration: what can be worked out from all that a colleague may fetch?

The attackers are agents of the board. They read it every morning through the pages, know their own figures, and know
who joined, left or stays off. An explanation of what they read is a way in which the rows of one morning and the day
between may have become the rows of the next; what all explanations agree on, they know. Each attack is first shown to
win on boards that lack the rule, or it would prove nothing.
"""

import datetime as dt
from itertools import permutations

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from foundation.periods import DAY, Kind, period_of
from leaderboards.actions import publishing
from leaderboards.models import Publication, Round
from leaderboards.queries.populations import day_of
from leaderboards.tests.factories import make_agent, make_profile, score_day
from leaderboards.tests.test_actions import publish_boards
from people.actions import stay_off_boards
from people.models import User
from people.tests.factories import make_division
from scorecards.models import ProfileAssignment

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2024, 3, 25)
WEEK = period_of(Kind.WEEKLY, MONDAY)
POINTS = [
    [101, 212, 323, 434, 545, 656, 767],
    [113, 229, 347, 461, 577, 691, 809],
    [127, 239, 353, 467, 587, 701, 821],
]
"""Points of seven people on Monday, Tuesday and Wednesday; all sums differ, so that nothing hides by chance."""
LEAVER = 3


@pytest.fixture
def centre():
    """Seven agents with points on three days. Wednesday's are written for whoever is still there."""
    division, profile = make_division(time_zone="UTC"), make_profile()
    agents = [make_agent(f"Agent {number}", division, profile) for number in range(7)]
    for n in range(2):
        for agent, points in zip(agents, POINTS[n], strict=True):
            score_day(agent, division, profile, points, on=MONDAY + n * DAY)
    return division, profile, agents


def wednesday(division, profile, agents) -> None:
    for number, agent in enumerate(agents):
        score_day(agent, division, profile, POINTS[2][number], on=MONDAY + 2 * DAY)


def morning(n: int) -> dt.datetime:
    """The morning after so many days of the week."""
    return dt.datetime.combine(MONDAY + n * DAY, dt.time(6), dt.UTC)


def read(viewer: User, period: str, *, at: dt.datetime) -> list[int]:
    """The values that a colleague reads on the board of a period, their own too; nothing where it has no ranks."""
    client, board = Client(), Publication.objects.first().board_id
    with time_machine.travel(at, tick=False):
        client.force_login(viewer)
        masked = client.get(reverse("leaderboards:board", args=[board]) + f"?period={period}").context["board"].masked
    return sorted(row.value for row in masked.rows if row.rank and not row.is_gap)


def explanations(before: list[int], day: list[int], after: list[int], *, gone: int) -> set[tuple[int, ...]]:
    """Which rows of `before` may belong to the people who are gone, if `after` holds everyone else's with `day` added.

    Every way to take `gone` rows away and to give the day's values to those that are left is tried.
    """
    target, found = sorted(after), set()
    for left_out in permutations(range(len(before)), gone):
        kept = [value for place, value in enumerate(before) if place not in left_out]
        if list(left_out) == sorted(left_out) and any(
            sorted(a + b for a, b in zip(kept, order, strict=True)) == target for order in permutations(day)
        ):
            found.add(tuple(before[place] for place in left_out))
    return found


def without_rule_of_leavers(monkeypatch) -> None:
    monkeypatch.setattr(publishing, "may_lose", lambda parts, stayed, *, minimum: True)


def leave(agent: User, *, on: dt.date) -> None:
    ProfileAssignment.objects.create(person=agent, profile=make_profile("Elsewhere"), from_on=on)


def mornings(centre, *, gone) -> tuple[list[int], list[int], list[int]]:
    """What a colleague reads: the week before somebody is gone, the day after, and the week with that day."""
    division, profile, agents = centre
    publish_boards(at=morning(2))
    before = read(agents[0], "this-week", at=morning(2))
    gone(agents[LEAVER])
    wednesday(division, profile, [agent for agent in agents if agent != agents[LEAVER]])
    publish_boards(at=morning(3))
    return before, read(agents[0], "yesterday", at=morning(3)), read(agents[0], "this-week", at=morning(3))


def test_leaver_is_found_out_where_the_week_is_taken_again_without_them(centre, monkeypatch):
    """The attack wins without the rule: what vanishes between two mornings is the leaver's."""
    without_rule_of_leavers(monkeypatch)
    before, day, after = mornings(centre, gone=lambda agent: leave(agent, on=MONDAY + 2 * DAY))
    assert explanations(before, day, after, gone=1) == {(POINTS[0][LEAVER] + POINTS[1][LEAVER],)}


def test_leaver_is_not_found_out(centre):
    before, day, after = mornings(centre, gone=lambda agent: leave(agent, on=MONDAY + 2 * DAY))
    assert len(before) == 7
    assert len(day) == 6
    assert after == before  # the standing of the morning before, as it was: nothing vanished


def test_who_stays_off_is_found_out_where_the_week_is_taken_again_without_them(centre, monkeypatch):
    without_rule_of_leavers(monkeypatch)

    def stay_off(agent):
        stay_off_boards(person=agent, on=MONDAY + 2 * DAY, at=morning(2))

    before, day, after = mornings(centre, gone=stay_off)
    assert explanations(before, day, after, gone=1) == {(POINTS[0][LEAVER] + POINTS[1][LEAVER],)}


def test_who_stays_off_is_not_found_out(centre):
    def stay_off(agent):
        stay_off_boards(person=agent, on=MONDAY + 2 * DAY, at=morning(2))

    before, day, after = mornings(centre, gone=stay_off)
    assert (len(before), len(day), after) == (7, 6, [])


def joined(centre) -> tuple[list[int], list[int], list[int]]:
    """What a colleague reads around the day on which an eighth person comes."""
    division, profile, agents = centre
    publish_boards(at=morning(2))
    before = read(agents[0], "this-week", at=morning(2))
    joiner = make_agent("Joiner", division)
    ProfileAssignment.objects.create(person=joiner, profile=profile, from_on=MONDAY + 2 * DAY)
    wednesday(division, profile, agents)
    score_day(joiner, division, profile, 999, on=MONDAY + 2 * DAY)
    publish_boards(at=morning(3))
    return before, read(agents[0], "yesterday", at=morning(3)), read(agents[0], "this-week", at=morning(3))


def joiners(before: list[int], day: list[int], after: list[int]) -> set[int]:
    """Which of the day's values may be a newcomer's, whose week is that day."""
    found = set()
    for value in set(day) & set(after):
        others, rest = list(day), list(after)
        others.remove(value), rest.remove(value)
        if any(sorted(a + b for a, b in zip(before, order, strict=True)) == rest for order in permutations(others)):
            found.add(value)
    return found


def take_in_at_once(monkeypatch) -> None:
    """Rounds are opened anew each morning, with whoever is there."""
    opened = publishing._opened

    def anew(due, period):
        Round.objects.filter(board=due.board, period=period.key).delete()
        return opened(due, period)

    monkeypatch.setattr(publishing, "_opened", anew)


def test_joiner_is_found_out_where_the_board_takes_them_in_at_once(centre, monkeypatch):
    monkeypatch.setattr(publishing, "day_of", lambda day: day_of(WEEK.last))
    take_in_at_once(monkeypatch)
    before, day, after = joined(centre)
    assert joiners(before, day, after) == {999}


def test_joiner_is_not_found_out(centre):
    before, day, after = joined(centre)
    assert 999 not in day + after
    assert (len(before), len(day), len(after)) == (7, 7, 7)


def test_nobody_who_just_took_a_call_is_told_by_a_reload(centre):
    """Live rows would tell whose figures moved at this minute; the standing of the morning does not move."""
    division, profile, agents = centre
    publish_boards(at=morning(2))
    before = read(agents[0], "this-week", at=morning(2))
    score_day(agents[4], division, profile, 55, on=MONDAY + 2 * DAY)
    later = morning(2) + dt.timedelta(hours=5)
    publish_boards(at=later)
    assert read(agents[0], "this-week", at=later) == before
    assert read(agents[0], "today", at=later) == []
