"""Badges are earned once, from final workdays only, whatever order these close in, and however often it is asked."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.periods import DAY as ONE_DAY
from foundation.periods import ends_at
from foundation.records.appendonly import AppendOnly
from inbox.models import Notification
from metrics.actions import NewReading, record_readings
from metrics.models import DayValue
from metrics.tests.factories import AT, DAY, make_agent
from people.models import Division
from scorecards import tasks
from scorecards.actions import (
    Awarded,
    LevelEarned,
    award_badges,
    close_workdays,
    publish_badge,
    rescore,
    reset_scoring,
)
from scorecards.actions.badges import touch_workdays
from scorecards.enums import BadgeKind, BadgePeriod
from scorecards.models import Badge, BadgeAward, BadgeLevel, BadgeTouch, DivisionDay, Profile, ScoreDay
from scorecards.rules.badges import in_order, reached
from scorecards.rules.history import Day
from scorecards.rules.scoring import Measured, Zone

from .factories import make_badge, make_external, make_profile, make_terms, put_scored_day
from .test_actions_closing import at_once

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2024, 8, 26)
SOON = dt.timedelta(hours=3)
MUCH_LATER = dt.datetime(2024, 12, 1, tzinfo=dt.UTC)


@pytest.fixture
def division():
    return Division.objects.create(name="Here", time_zone="UTC")


@pytest.fixture
def agent(division):
    return make_agent(division=division)


def close(division, *offsets, at=None):
    """Workdays become final as closing makes them, each after its end."""
    for offset in offsets:
        day = MONDAY + dt.timedelta(offset)
        moment = at or ends_at(day, division.zone) + SOON
        DivisionDay.objects.create(division=division, workday=day, closed_at=moment)
        touch_workdays([(division.pk, day)], at=moment)


def work(agent, points, *, division, first=0, **more):
    """Scored workdays from Monday on with these points."""
    for offset, one in enumerate(points, start=first):
        put_scored_day(agent, MONDAY + dt.timedelta(offset), one, division=division, **more)


def earned(badge=None):
    rows = BadgeAward.objects.order_by("person", "level__number")
    rows = rows.filter(level__badge=badge) if badge else rows
    return [(row.person_id, row.level.number, (row.reached_on - MONDAY).days, row.value) for row in rows]


# One by one ------------------------------------------------------------------------------------------------------


def test_points_of_a_week_earn_a_level_with_the_final_day_that_brings_them(division, agent):
    badge = make_badge(thresholds=(100, 250), period=BadgePeriod.WEEKLY)
    work(agent, [60, 50, 150, 500], division=division)
    close(division, 0, 1)
    assert award_badges(at=MUCH_LATER) == Awarded(2, 1)
    assert earned(badge) == [(agent.pk, 1, 1, 110)]
    close(division, 2)
    award_badges(at=MUCH_LATER)
    assert earned(badge) == [(agent.pk, 1, 1, 110), (agent.pk, 2, 2, 260)]


def test_badge_is_told_in_the_inbox_once_and_history_is_not(division, agent):
    make_badge(thresholds=(100, 250), period=BadgePeriod.WEEKLY)
    work(agent, [60, 250], division=division)
    close(division, 0, 1)
    award_badges(at=ends_at(MONDAY + dt.timedelta(1), division.zone) + SOON)
    award_badges(at=MUCH_LATER)
    told = Notification.objects.get()
    assert (told.person, told.kind, told.params["level"]) == (agent, "badge_earned", 2)
    assert told.url == f"/scorecard/{agent.public_id}/badges/"
    work(agent, [500], division=division, first=7)
    close(division, 7)
    make_badge("Later", thresholds=(400,), period=BadgePeriod.WEEKLY)
    award_badges(at=MUCH_LATER)
    assert Notification.objects.count() == 1


def test_workday_that_is_not_final_earns_nothing(division, agent):
    make_badge(thresholds=(100,), period=BadgePeriod.DAILY)
    work(agent, [900], division=division)
    touch_workdays([(division.pk, MONDAY)], at=AT)
    assert award_badges(at=MUCH_LATER) == Awarded(1, 0)


def test_real_day_earns_a_badge_once_it_is_closed_and_not_before():
    division = Division.objects.create(name="Lisbon", time_zone="Europe/Lisbon")
    agent = make_agent(division=division)
    sold = make_external("sold")
    zones = (Zone("out", None, 1_00000, 0, 0), Zone("target", 1_00000, None, 80, 80))
    make_terms(Profile.objects.get(is_default=True), sold, zones)
    badge = make_badge(thresholds=(80,), period=BadgePeriod.DAILY)
    record_readings([NewReading(sold, agent.pk, DAY, Decimal(5), "1")], source="crm", at=AT)
    rescore(at=AT)
    assert award_badges(at=AT).levels == 0
    close_workdays(at=AT)
    assert DivisionDay.objects.get().workday == DAY
    tasks.award_badges()
    assert BadgeAward.objects.get().level.badge == badge


def test_late_data_on_a_final_day_earns_what_it_brings_and_takes_nothing_away():
    division = Division.objects.create(name="Here", time_zone="UTC")
    agent = make_agent(division=division)
    sold = make_external("sold")
    zones = (Zone("out", None, 10_00000, 0, 0), Zone("target", 10_00000, None, 80, 80))
    make_terms(Profile.objects.get(is_default=True), sold, zones)
    make_badge(thresholds=(80,), period=BadgePeriod.DAILY)
    record_readings([NewReading(sold, agent.pk, DAY, Decimal(5), "1")], source="crm", at=AT)
    rescore(at=AT)
    close_workdays(at=AT)
    assert award_badges(at=AT).levels == 0
    for key, value, levels in (("2", 15, 1), ("3", 5, 0)):
        record_readings([NewReading(sold, agent.pk, DAY, Decimal(value), key)], source="crm", at=AT)
        rescore(at=AT)
        assert award_badges(at=AT) == Awarded(1, levels)
    assert ScoreDay.objects.get().points == 0
    assert BadgeAward.objects.get().value == 80


def test_streak_counts_days_in_a_row_and_days_off_do_not_break_it(division, agent):
    badge = make_badge(kind=BadgeKind.STREAK, period="", thresholds=(2, 4))
    profile = make_profile()
    make_terms(profile, make_external("sold"), (Zone("out", None, 1, 0, 0), Zone("target", 1, None, 9, 9)))
    work(agent, [5], division=division, profile=profile)
    work(agent, [5, 5], division=division, profile=profile, first=3)
    work(agent, [0], division=division, profile=profile, first=5, off_target=True)
    work(agent, [5, 5, 5], division=division, profile=profile, first=6)
    close(division, 0, 3, 4, 5, 6, 7, 8)
    award_badges(at=MUCH_LATER)
    assert earned(badge) == [(agent.pk, 1, 3, 2)]
    work(agent, [5], division=division, profile=profile, first=9)
    close(division, 9)
    award_badges(at=MUCH_LATER)
    assert earned(badge)[1:] == [(agent.pk, 2, 9, 4)]


def test_week_of_a_metric_is_asked_again_when_it_is_over(division, agent):
    metric = make_external("handled", unit="seconds", better="lower", aggregation="average")
    badge = make_badge(
        kind=BadgeKind.METRIC, metric=metric, period=BadgePeriod.WEEKLY, thresholds=(300, 200), minimum_count=20
    )
    work(agent, [0, 0], division=division)
    for offset, (total, count) in enumerate([(150 * 10, 10), (350 * 10, 10)]):
        DayValue.objects.create(agent=agent, workday=MONDAY + offset * ONE_DAY, metric=metric, total=total, count=count)
    close(division, 0, 1)
    wednesday = dt.datetime(2024, 8, 28, 12, tzinfo=dt.UTC)
    assert award_badges(at=wednesday) == Awarded(2, 0)
    assert BadgeTouch.objects.get().ready_at == dt.datetime(2024, 9, 2, 2, tzinfo=dt.UTC)
    assert award_badges(at=dt.datetime(2024, 9, 2, 1, 59, tzinfo=dt.UTC)) == Awarded()
    assert award_badges(at=dt.datetime(2024, 9, 2, 2, tzinfo=dt.UTC)) == Awarded(1, 1)
    assert earned(badge) == [(agent.pk, 1, 1, 250)]


def test_badge_counts_only_its_days_profiles_and_divisions(division, agent):
    other = Division.objects.create(name="There", time_zone="UTC")
    sales = make_profile()
    since = make_badge("From Tuesday", thresholds=(100,), starts_on=MONDAY + ONE_DAY)
    by_profile = make_badge("Sales", thresholds=(100,), profiles=[sales])
    elsewhere = make_badge("There", thresholds=(100,), divisions=[other])
    work(agent, [60, 60], division=division)
    work(agent, [60], division=division, first=2, profile=sales)
    work(agent, [60], division=other, first=3, profile=sales)
    close(division, 0, 1, 2)
    close(other, 3)
    award_badges(at=MUCH_LATER)
    assert earned(since) == [(agent.pk, 1, 2, 120)]
    assert earned(by_profile) == [(agent.pk, 1, 3, 120)]
    assert earned(elsewhere) == []


def test_reset_begins_all_time_points_anew(division, agent):
    badge = make_badge(thresholds=(100, 300), period=BadgePeriod.EVER)
    reset_scoring(division=division, from_on=MONDAY + ONE_DAY, reason="new year", by=None, at=AT)
    work(agent, [290, 60, 60], division=division)
    close(division, 0, 1, 2)
    award_badges(at=MUCH_LATER)
    assert earned(badge) == [(agent.pk, 1, 2, 120)]


def test_new_badge_looks_at_the_past_from_its_day_on(division, agent):
    work(agent, [90, 90], division=division)
    close(division, 0, 1)
    award_badges(at=MUCH_LATER)
    everything = make_badge("All", thresholds=(150,), period=BadgePeriod.EVER)
    make_badge("Later", thresholds=(150,), period=BadgePeriod.EVER, starts_on=MONDAY + ONE_DAY)
    assert award_badges(at=MUCH_LATER) == Awarded(2, 1)
    assert earned() == earned(everything) == [(agent.pk, 1, 1, 180)]


def test_badge_that_is_not_active_is_not_earned(division, agent):
    make_badge(thresholds=(10,), is_active=False)
    work(agent, [90], division=division)
    close(division, 0)
    assert award_badges(at=MUCH_LATER) == Awarded(1, 0)


def test_without_any_badge_all_workdays_are_looked_at_at_once(division, agent):
    work(agent, [90, 90, 90], division=division)
    close(division, 0, 1, 2)
    assert award_badges(at=MUCH_LATER, limit=1) == Awarded(3, 0)
    assert not BadgeTouch.objects.exists()


# Once ------------------------------------------------------------------------------------------------------------


def test_second_run_earns_nothing_new_and_a_killed_one_changes_nothing(division, agent, monkeypatch):
    make_badge(thresholds=(10, 20), period=BadgePeriod.DAILY)
    work(agent, [90], division=division)
    close(division, 0)

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(BadgeAward.objects, "bulk_create", killed)
        with pytest.raises(KeyboardInterrupt):
            award_badges(at=MUCH_LATER)
    assert (BadgeAward.objects.count(), BadgeTouch.objects.count()) == (0, 1)
    assert award_badges(at=MUCH_LATER).levels == 2
    touch_workdays([(division.pk, MONDAY)], at=AT)
    assert award_badges(at=MUCH_LATER) == Awarded(1, 0)


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_earn_each_level_once():
    division, profile = Division.objects.create(name="Here", time_zone="UTC"), make_profile()
    make_badge(thresholds=(10, 20), period=BadgePeriod.DAILY)
    for _ in range(3):
        work(make_agent(division=division), [90, 90], division=division, profile=profile)
    close(division, 0, 1)
    results = at_once(4, lambda: award_badges(at=MUCH_LATER))
    assert sum(done.levels for done in results) == BadgeAward.objects.count() == 6


def test_earned_level_keeps_its_threshold_and_harder_ones_may_follow(division, agent):
    badge = make_badge(thresholds=(50, 100))
    work(agent, [60], division=division)
    close(division, 0)
    award_badges(at=MUCH_LATER)
    for thresholds in ([40, 100], [], [30, 50, 100]):
        with pytest.raises(LevelEarned):
            publish_badge(badge=badge, thresholds=[Decimal(one) for one in thresholds], at=AT)
    badge = Badge.objects.get()
    publish_badge(badge=badge, thresholds=[Decimal(50), Decimal(60), Decimal(200)], at=AT)
    assert list(BadgeLevel.objects.values_list("number", "threshold")) == [(1, 50), (2, 60), (3, 200)]
    award_badges(at=MUCH_LATER)
    assert [row[1] for row in earned()] == [1, 2]


def test_award_is_append_only_once_a_level_and_keeps_its_badge(division, agent):
    badge = make_badge()
    fields = {"level": badge.levels.get(), "person": agent, "reached_on": MONDAY, "value": 1, "at": AT}
    award = BadgeAward.objects.create(**fields)
    with pytest.raises(AppendOnly):
        award.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        BadgeAward.objects.create(**fields)
    with pytest.raises(ProtectedError):
        badge.delete()


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": BadgeKind.METRIC},
        {"kind": BadgeKind.STREAK},
        {"period": ""},
        {"minimum_count": -1},
        {"thresholds": (0,)},
        {"thresholds": (5, 5)},
    ],
)
def test_badge_that_makes_no_sense_is_refused_by_the_database(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_badge(**wrong)


def test_points_badge_with_a_metric_is_refused_by_the_database():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_badge(metric=make_external("sold"))


def test_level_numbers_begin_at_one_and_are_there_once():
    badge = make_badge()
    for number in (0, 1):
        with pytest.raises(IntegrityError), transaction.atomic():
            BadgeLevel.objects.create(badge=badge, number=number, threshold=7)


# Any order -------------------------------------------------------------------------------------------------------

WHEN = IN_ORDER, SHUFFLED, AFTERWARDS = ("in order", "shuffled", "badges made afterwards")
"""How the days close."""
drawn_days = st.dictionaries(
    st.tuples(st.integers(0, 1), st.integers(0, 9)),  # agent, day
    st.tuples(st.integers(0, 60), st.booleans(), st.integers(0, 1), st.integers(1, 50), st.integers(1, 9)),
    min_size=1,
    max_size=14,
)


@st.composite
def drawn_badges(draw):
    kind = draw(st.sampled_from(BadgeKind))
    period = {BadgeKind.STREAK: [""], BadgeKind.METRIC: BadgePeriod.whole(), BadgeKind.POINTS: BadgePeriod.values}[kind]
    most = {BadgeKind.STREAK: 4, BadgeKind.METRIC: 50, BadgeKind.POINTS: 120}[kind]
    thresholds = draw(st.lists(st.integers(1, most), min_size=1, max_size=3, unique=True))
    return kind, draw(st.sampled_from(period)), draw(st.sampled_from(["higher", "lower"])), thresholds


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    drawn_days,
    st.lists(drawn_badges(), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
    st.sampled_from(WHEN),
)
def test_what_is_earned_day_by_day_is_what_the_rule_says_of_all_days(days, badges, random, when):
    with transaction.atomic():
        _compare(days, badges, random, when)
        transaction.set_rollback(True)


def _compare(days, drawn, random, when):
    profile = make_profile("Drawn")
    make_terms(profile, make_external("any"), (Zone("out", None, 1, 0, 0), Zone("target", 1, None, 99, 99)))
    divisions = [Division.objects.create(name=f"D{n}", time_zone="UTC") for n in (0, 1)]
    agents = [make_agent() for _ in (0, 1)]
    metrics = {
        better: make_external(f"m-{better}", better=better, aggregation="average") for better in ("higher", "lower")
    }
    for (agent, offset), (points, off, place, total, count) in days.items():
        day = MONDAY + offset * ONE_DAY
        put_scored_day(agents[agent], day, points, division=divisions[place], profile=profile, off_target=off)
        for metric in metrics.values():
            DayValue.objects.create(agent=agents[agent], workday=day, metric=metric, total=total * count, count=count)
    badges = [] if when == AFTERWARDS else _badges(drawn, metrics)
    closings = sorted({(offset, place) for (_agent, offset), (_p, _o, place, *_r) in days.items()})
    if when == SHUFFLED:
        random.shuffle(closings)
    for offset, place in closings:
        moment = ends_at(MONDAY + offset * ONE_DAY, divisions[place].zone) + SOON
        close(divisions[place], offset, at=moment)
        award_badges(at=moment)
    badges = badges or _badges(drawn, metrics)
    award_badges(at=MUCH_LATER)
    expected = _expected(days, badges, agents)
    found = {
        (row.level.badge_id, row.person_id, row.level.number): (row.reached_on, row.value)
        for row in BadgeAward.objects.select_related("level")
    }
    assert set(found) == set(expected)
    if when != SHUFFLED:
        assert found == expected
    touch_workdays([(divisions[place].pk, MONDAY + offset * ONE_DAY) for offset, place in closings], at=AT)
    assert award_badges(at=MUCH_LATER).levels == 0


def _badges(drawn, metrics):
    return [
        make_badge(
            f"B{n}", kind=kind, period=period, metric=metrics[better] if kind == BadgeKind.METRIC else None,
            minimum_count=9 if kind == BadgeKind.METRIC else 0,
            thresholds=in_order(thresholds, better if kind == BadgeKind.METRIC else "higher"),
        )
        for n, (kind, period, better, thresholds) in enumerate(drawn)
    ]  # fmt: skip


def _expected(days, badges, agents):
    found = {}
    for number, agent in enumerate(agents):
        own = {MONDAY + offset * ONE_DAY: row for (n, offset), row in days.items() if n == number}
        plain = [Day(day, points, 60, True, True, off) for day, (points, off, *_rest) in own.items()]
        values = {
            day: Measured(total * count * 100_000, count * 1000) for day, (_p, _o, _place, total, count) in own.items()
        }
        for badge in badges:
            for one in reached(badge.rule, plain, values, over_before=MUCH_LATER.date()):
                found[badge.pk, agent.pk, one.level] = (one.on, badge_value(one.value))
    return found


def badge_value(value) -> Decimal:
    """As it is kept: rounded half up to 1e-5."""
    return Decimal((2 * value * 100_000 + 1) // 2).scaleb(-5)


# What it reads ---------------------------------------------------------------------------------------------------


def test_workday_costs_the_same_queries_for_one_agent_and_for_three(division):
    make_badge("Day", thresholds=(50,), period=BadgePeriod.DAILY)
    make_badge("Row", kind=BadgeKind.STREAK, period="", thresholds=(1,))
    award_badges(at=MUCH_LATER)
    counts = []
    for offset, people in enumerate((1, 3)):
        for _ in range(people):
            work(make_agent(division=division), [50], division=division, first=offset)
        close(division, offset)
        with CaptureQueriesContext(connection) as queries:
            assert award_badges(at=MUCH_LATER).levels == 2 * people
        counts.append(len(queries))
    assert counts[0] == counts[1]
