"""Workdays become final: once, after their end in their own zone and the lag, and only when nothing waits."""

import datetime as dt
import threading
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from foundation.jobs.models import Heartbeat, JobRun
from interactions.models import Touch
from metrics.actions import NewReading, record_readings
from metrics.models import Metric
from metrics.tests.factories import AT, DAY, make_agent, make_leg
from people.models import Division
from scorecards.actions import close_workdays, reopen, rescore
from scorecards.enums import ZoneKind
from scorecards.models import DayRevision, DivisionDay, Profile, Reopening, ScoreDay
from scorecards.queries import waiting_late_data
from scorecards.rules.scoring import Zone

from .factories import make_external, make_terms, put_day_value

ZONES = (Zone(ZoneKind.OUT, None, 10_00000, 0, 0), Zone(ZoneKind.TARGET, 10_00000, None, 100, 100))
SECOND = dt.timedelta(seconds=1)


def utc(*parts) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


def scored_day(zone="UTC", day=DAY, *, name="Here"):
    """A workday with data that was scored."""
    division, _ = Division.objects.get_or_create(name=name, defaults={"time_zone": zone})
    agent = make_agent(division=division)
    metric = Metric.objects.filter(key="sold").first() or make_external("sold")
    record_readings([NewReading(metric, agent.pk, day, Decimal(15), f"{agent.pk}")], source="crm", at=AT)
    rescore(at=AT)
    return agent


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "day", "over_at"),
    [
        ("Europe/Berlin", dt.date(2024, 3, 30), utc(2024, 3, 30, 23)),
        ("Europe/Berlin", dt.date(2024, 3, 31), utc(2024, 3, 31, 22)),  # 23 hours
        ("Europe/Berlin", dt.date(2024, 10, 26), utc(2024, 10, 26, 22)),
        ("Europe/Berlin", dt.date(2024, 10, 27), utc(2024, 10, 27, 23)),  # 25 hours
        ("America/New_York", dt.date(2024, 11, 3), utc(2024, 11, 4, 5)),  # 25 hours
        ("Asia/Kolkata", dt.date(2024, 3, 31), utc(2024, 3, 31, 18, 30)),
        ("Pacific/Kiritimati", dt.date(2024, 3, 31), utc(2024, 3, 31, 10)),
    ],
)
def test_workday_closes_two_hours_after_its_end_in_its_zone(zone, day, over_at):
    scored_day(zone, day)
    lag = dt.timedelta(hours=2)
    assert close_workdays(at=over_at + lag - SECOND) == []
    assert [one.workday for one in close_workdays(at=over_at + lag)] == [day]
    assert DivisionDay.objects.get().closed_at == over_at + lag


@pytest.mark.django_db
def test_longest_lag_of_a_used_metric_counts():
    Metric.objects.filter(key="quality_score").update(lag_minutes=24 * 60)
    Metric.objects.filter(key="charges").update(lag_minutes=99 * 60)
    scored_day()
    assert close_workdays(at=utc(2024, 9, 2, 23, 59)) == []
    assert len(close_workdays(at=utc(2024, 9, 3))) == 1


@pytest.mark.django_db
def test_workday_closes_once():
    scored_day()
    assert len(close_workdays(at=AT)) == 1
    assert close_workdays(at=AT + SECOND) == []
    assert DivisionDay.objects.get().closed_at == AT


@pytest.mark.django_db
def test_workday_with_a_touch_left_stays_open():
    agent = scored_day()
    make_leg(agent, answered=True)
    assert close_workdays(at=AT) == []
    rescore(at=AT)
    assert len(close_workdays(at=AT)) == 1


@pytest.mark.django_db
def test_touch_of_another_division_does_not_hold_up():
    scored_day()
    make_leg(make_agent(), answered=True)
    assert [one.division for one in close_workdays(at=AT)] == ["Here"]


@pytest.mark.django_db
def test_days_missed_in_an_outage_close_oldest_first():
    days = [DAY - dt.timedelta(days=n) for n in range(3)]
    for day in days:
        scored_day(day=day)
        scored_day(day=day, name="There")
    closed = close_workdays(at=AT)
    assert [one.workday for one in closed] == sorted(days * 2)
    assert {one.division for one in closed} == {"Here", "There"}


@pytest.mark.django_db
def test_today_and_days_without_data_have_nothing_to_close():
    scored_day(day=AT.date())
    assert close_workdays(at=AT) == []
    assert DivisionDay.objects.count() == 0


@pytest.mark.django_db
def test_dry_run_says_and_does_nothing():
    scored_day()
    assert len(close_workdays(at=AT, dry_run=True)) == 1
    assert DivisionDay.objects.count() == 0


@pytest.mark.django_db
def test_history_that_comes_in_first_is_not_late():
    agent = scored_day()
    close_workdays(at=AT)
    much_later = AT + dt.timedelta(days=200)
    old = DAY - dt.timedelta(days=400)
    make_leg(agent, old, answered=True, at=much_later)
    assert rescore(at=much_later).pairs == 1
    assert [one.workday for one in close_workdays(at=much_later)] == [old]
    assert DayRevision.objects.count() == 0


@pytest.mark.django_db
def test_reopen_takes_in_what_waits_and_the_settings_of_now():
    agent = scored_day()
    close_workdays(at=AT)
    late = AT + dt.timedelta(days=30)
    make_leg(agent, answered=True, at=late)
    Profile.objects.filter(is_default=True).delete()
    make_terms(Profile.objects.create(name="New", is_default=True), Metric.objects.get(key="sold"), ZONES)
    assert rescore(at=late).pairs == 0
    division = Division.objects.get(name="Here")
    reopen(division=division, from_on=DAY, to_on=DAY, by=None, reason="audit", at=late)
    rescore(at=late)
    assert (ScoreDay.objects.get().points, Touch.objects.count()) == (100, 0)
    assert DayRevision.objects.filter(total_before__isnull=True).count() == DayRevision.objects.count() > 0
    make_leg(agent, answered=True, at=late + SECOND)
    assert rescore(at=late + SECOND).pairs == 0


@pytest.mark.django_db
def test_waiting_late_data_is_listed_by_division_and_workday():
    agents = [scored_day(), scored_day(), scored_day(name="There")]
    close_workdays(at=AT)
    late = AT + dt.timedelta(days=30)
    for agent in agents:
        make_leg(agent, answered=True, at=late)
        make_leg(agent, DAY + dt.timedelta(days=1), answered=True, at=late)
    assert waiting_late_data(at=AT + dt.timedelta(days=7)) == []
    listed = [(one.division.name, one.workday, one.agents, one.since) for one in waiting_late_data(at=late)]
    assert listed == [("Here", DAY, 2, late), ("There", DAY, 1, late)]
    here = Division.objects.filter(name="Here")
    assert [one.division.name for one in waiting_late_data(at=late, divisions=here)] == ["Here"]


# By hand ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_command_closes_at_a_moment_and_records_its_run():
    scored_day()
    said = StringIO()
    call_command("close_workdays", "--at", "2024-09-02T01:59:59Z", stdout=said)
    call_command("close_workdays", "--at", "2024-09-02T02:00:00Z", "--dry-run", stdout=said)
    call_command("close_workdays", "--at", "2024-09-02T02:00:00Z", stdout=said)
    assert said.getvalue().splitlines() == [
        "0 workdays final",
        "2024-09-01 Here: would become final",
        "1 workdays would become final",
        "2024-09-01 Here: final",
        "1 workdays final",
    ]
    assert JobRun.objects.get().job == "close_workdays"
    assert Heartbeat.objects.get(job="close_workdays").last_at == utc(2024, 9, 2, 2)


@pytest.mark.django_db
def test_command_rescore_reopens_with_a_reason():
    agent = scored_day()
    close_workdays(at=AT)
    late = AT + dt.timedelta(days=30)
    make_leg(agent, answered=True, at=late)
    days = ["--reopen", "Here", "--from", "2024-09-01", "--to", "2024-09-01"]
    with pytest.raises(CommandError, match="--reason"):
        call_command("rescore", *days, stdout=StringIO())
    said = StringIO()
    call_command("rescore", "--at", late.isoformat(), *days, "--reason", "audit", stdout=said)
    assert "1 workdays of agents taken in" in said.getvalue()
    assert Reopening.objects.get().reason == "audit"


# Several workers -------------------------------------------------------------------------------------------------


def at_once(count, work):
    """Runs `work` in threads that start together; their results."""
    gate, results = threading.Barrier(count), []

    def run():
        try:
            gate.wait()
            results.append(work())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_close_each_day_once():
    for n in range(8):
        scored_day(day=DAY - dt.timedelta(days=n))
    results = at_once(4, lambda: close_workdays(at=AT))
    assert sum(len(closed) for closed in results) == DivisionDay.objects.count() == 8


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_rescore_as_one_would():
    Profile.objects.filter(is_default=True).delete()
    make_terms(Profile.objects.create(name="All", is_default=True), make_external("sold"), ZONES)
    agents = [make_agent() for _ in range(6)]
    for agent in agents:
        put_day_value(agent, Metric.objects.get(key="sold"), total=15_00000, count=1000)
    results = at_once(4, lambda: rescore(at=AT, limit=2))
    rescore(at=AT)
    assert sum(done.pairs for done in results) <= 6
    assert list(ScoreDay.objects.values_list("points", "revision")) == [(100, 1)] * 6
