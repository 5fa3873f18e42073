"""Periods of every length and in zones that change their clocks: closed at their end, over exactly their workdays."""

import datetime as dt

import pytest

from goals.actions import close_periods
from goals.enums import Frequency, Unpaid
from goals.models import Payout, Snapshot, SnapshotMember
from people.models import TeamMembership

from .factories import CLOSE, OCTOBER, SEPTEMBER, finish, give, make_division, make_goal, make_member, make_team

pytestmark = pytest.mark.django_db
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)

PERIODS = [
    (Frequency.MONTHLY, "2023-02", dt.date(2023, 2, 1), 28),
    (Frequency.MONTHLY, "2024-02", dt.date(2024, 2, 1), 29),
    (Frequency.MONTHLY, "2024-04", dt.date(2024, 4, 1), 30),
    (Frequency.MONTHLY, "2023-12", dt.date(2023, 12, 1), 31),
    (Frequency.QUARTERLY, "2023-Q1", dt.date(2023, 1, 1), 90),
    (Frequency.QUARTERLY, "2024-Q1", dt.date(2024, 1, 1), 91),
    (Frequency.QUARTERLY, "2024-Q3", dt.date(2024, 7, 1), 92),
    (Frequency.WEEKLY, "2020-W53", dt.date(2020, 12, 28), 7),
    (Frequency.WEEKLY, "2025-W01", dt.date(2024, 12, 30), 7),
]


@pytest.mark.parametrize(("frequency", "key", "start", "days"), PERIODS, ids=[key for _, key, _, _ in PERIODS])
def test_period_is_closed_over_each_of_its_workdays_and_no_other(frequency, key, start, days):
    team, end = make_team(), start + days * DAY
    goal = make_goal(team, frequency=frequency, starts_on=start, ends_on=end)
    member = make_member(team, from_on=dt.date(2019, 1, 1))
    goal.terms.update(from_on=dt.date(2019, 1, 1))
    give(member, goal.metric, 1000, on=start - DAY)
    give(member, goal.metric, 1, on=start, days=days)
    give(member, goal.metric, 1000, on=end)
    finish(team.division, start=start, end=end)
    midnight = dt.datetime.combine(end, dt.time(), dt.UTC)
    assert close_periods(at=midnight + 2 * HOUR - dt.timedelta(seconds=1)).closed == []
    close_periods(at=midnight + 2 * HOUR)
    result = Snapshot.objects.get()
    assert (result.period, result.starts_on, result.ends_on) == (key, start, end)
    assert (result.total, result.workdays) == (days, days)


CLOCKS = [
    ("Europe/Berlin", dt.date(2024, 3, 31), 23),
    ("Europe/Berlin", dt.date(2024, 10, 27), 25),
    ("America/New_York", dt.date(2024, 11, 3), 25),
    ("Australia/Lord_Howe", dt.date(2024, 10, 6), 23.5),
    ("Asia/Kolkata", dt.date(2024, 3, 31), 24),
]


@pytest.mark.parametrize(("zone", "day", "hours"), CLOCKS)
def test_day_on_which_the_clocks_change_closes_at_its_own_midnight(zone, day, hours):
    division = make_division(zone)
    team = make_team(division)
    goal = make_goal(team, frequency=Frequency.DAILY, starts_on=day, ends_on=day + DAY)
    give(make_member(team), goal.metric, 100, on=day)
    finish(division, start=day, end=day + DAY)
    began = dt.datetime.combine(day, dt.time(), division.zone).astimezone(dt.UTC)
    over = began + dt.timedelta(hours=hours)
    assert close_periods(at=over + 2 * HOUR - dt.timedelta(seconds=1)).closed == []
    assert [each.status for each in close_periods(at=over + 2 * HOUR).closed] == ["ACHIEVED"]


def test_members_who_join_leave_or_change_teams_are_paid_with_data_on_half_of_the_days():
    division = make_division()
    before, after = make_team(division), make_team(division)
    old = make_goal(before)
    new = make_goal(after, old.metric)
    change = dt.date(2024, 9, 11)
    stays, leaves = make_member(before), make_member(before, until_on=dt.date(2024, 9, 16))
    joins, changes = make_member(before, from_on=dt.date(2024, 9, 17)), make_member(before, until_on=change)
    TeamMembership.objects.create(team=after, person=changes, from_on=change)
    stays_there = make_member(after)
    for person in (stays, leaves, joins, changes, stays_there):
        give(person, old.metric, 10, days=30)
    finish(division)
    close_periods(at=CLOSE)
    found = SnapshotMember.objects.values_list("snapshot__goal", "person", "total", "days", "points", "unpaid")
    assert set(found) == {
        (old.pk, stays.pk, 300, 30, 50, ""),
        (old.pk, leaves.pk, 150, 15, 50, ""),
        (old.pk, joins.pk, 140, 14, 0, Unpaid.NOT_ELIGIBLE),
        (old.pk, changes.pk, 100, 10, 0, Unpaid.NOT_ELIGIBLE),
        (new.pk, changes.pk, 200, 20, 50, ""),
        (new.pk, stays_there.pk, 300, 30, 50, ""),
    }
    paid = {(each.goal_id, each.person_id) for each in Payout.objects.all()}
    assert paid == {(old.pk, stays.pk), (old.pk, leaves.pk), (new.pk, changes.pk), (new.pk, stays_there.pk)}


def test_goal_that_begins_within_a_month_closes_the_next_one_first():
    team = make_team()
    goal = make_goal(team, starts_on=SEPTEMBER - 10 * DAY)
    give(make_member(team), goal.metric, 10, on=SEPTEMBER - 31 * DAY, days=61)
    finish(team.division, start=SEPTEMBER - 31 * DAY, end=OCTOBER)
    close_periods(at=CLOSE)
    assert list(Snapshot.objects.values_list("period", "total")) == [("2024-09", 300)]
