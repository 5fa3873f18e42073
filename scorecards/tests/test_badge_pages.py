"""The page of badges and bests, and where else badges show: what it says, to whom, what it costs."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from inbox.models import Notification
from metrics.models import DayValue, Metric
from people.models import Look
from people.tests.factories import join, lead, make_division, make_person, make_team
from scorecards.actions import award_badges
from scorecards.actions.badges import touch_workdays
from scorecards.enums import BadgeKind, BadgePeriod
from scorecards.models import DivisionDay, ScoreDay

from .factories import make_badge, make_profile, put_scored_day
from .figures import add_day, close
from .test_pages import FIGURES, NOW, client_of, page, text_of

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
MONDAY = dt.date(2024, 9, 2)


@pytest.fixture
def division():
    return make_division("Lisbon", time_zone="Europe/Lisbon")


@pytest.fixture
def amy(division):
    return make_person("Amy Ørsted", division=division, role="agent")


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(NOW, tick=False)


def worked(person, points, *, division, first=MONDAY):
    """Final workdays from Monday on, looked at for badges."""
    for offset, one in enumerate(points):
        day = first + dt.timedelta(offset)
        put_scored_day(person, day, one, division=division)
        DivisionDay.objects.get_or_create(division=division, workday=day, defaults={"closed_at": NOW})
        touch_workdays([(division.pk, day)], at=NOW)
    award_badges(at=NOW)


def badges_of(person) -> str:
    return f"/scorecard/{person.public_id}/badges/"


# What it says ----------------------------------------------------------------------------------------------------


def test_page_shows_the_level_earned_and_the_way_to_the_next(amy, division):
    make_badge("Busy week", thresholds=(100, 1000), period=BadgePeriod.WEEKLY, description="Points of a week.")
    make_badge("In a row", kind=BadgeKind.STREAK, period="", thresholds=(5,))
    worked(amy, [90, 50, 500], division=division)
    html = text_of(page(amy, badges_of(amy)))
    for text in (
        "Level 1 of 2",
        "Tuesday 3 September 2024",
        "140 points, Week 36, 2 Sep to 8 Sep 2024",
        "1,000 points in a week",
        "This week: 640 of 1,000 points",
        "Not earned yet",
        "5 workdays on target in a row",
        "3 of 5 workdays",
    ):
        assert text in html


def test_metric_badge_says_value_bound_and_volume(amy, division):
    handle = Metric.objects.get(key="average_handle_time")
    make_badge(
        "Swift", kind=BadgeKind.METRIC, metric=handle, period=BadgePeriod.WEEKLY, thresholds=(300,), minimum_count=200
    )
    worked(amy, [90], division=division)
    DayValue.objects.create(agent=amy, workday=MONDAY, metric=handle, total=312 * 126, count=126)
    html = text_of(page(amy, badges_of(amy)))
    assert "Average handle time at most 5:00 in a week, from a volume of 200 on" in html
    assert "This week: 5:12, at most 5:00 is asked, volume 126 of 200" in html


def test_earned_badge_stays_when_a_correction_takes_its_points_and_the_page_says_so(amy, division):
    make_badge("Good day", thresholds=(80,), period=BadgePeriod.DAILY)
    worked(amy, [90], division=division)
    ScoreDay.objects.filter(agent=amy).update(points=30)
    html = text_of(page(amy, badges_of(amy)))
    assert "90 points" in html
    assert "After a later correction, as of today: 30 points. What was earned stays." in html
    ScoreDay.objects.filter(agent=amy).delete()
    assert "as of today: 0 points" in text_of(page(amy, badges_of(amy)))


def test_badge_of_another_profile_or_division_or_switched_off_is_not_offered(amy, division):
    make_badge("Mine", thresholds=(80,), divisions=[division])
    make_badge("Sales", thresholds=(80,), profiles=[make_profile()])
    make_badge("There", thresholds=(80,), divisions=[make_division("Porto")])
    off = make_badge("Off", thresholds=(80,), is_active=False)
    html = text_of(page(amy, badges_of(amy)))
    assert [name in html for name in ("Mine", "Sales", "There", "Off")] == [True, False, False, False]
    off.is_active = True
    off.save()
    worked(amy, [90], division=division)
    off.is_active = False
    off.save()
    assert "This badge is not given any more." not in html
    make_badge("Held", thresholds=(80,), period=BadgePeriod.DAILY)
    award_badges(at=NOW)
    type(off).objects.filter(name="Held").update(is_active=False)
    assert "This badge is not given any more." in text_of(page(amy, badges_of(amy)))


def test_bests_are_by_day_week_month_and_metric_with_volume(amy, division):
    add_day(amy, MONDAY, FIGURES, division=division, at=NOW)
    lucky = FIGURES | {"average_handle_time": (10, 1)}
    add_day(amy, MONDAY + dt.timedelta(1), lucky, division=division, at=NOW)
    for offset in (0, 1):
        close(division, MONDAY + dt.timedelta(offset), at=NOW)
    html = text_of(page(amy, badges_of(amy)))
    for text in ("Best day", "Best week", "Best month", "5:12"):
        assert text in html
    assert "0:10" not in html


def test_scorecard_shows_the_newest_badges_and_home_those_of_the_week(amy, division):
    make_badge("Good day", thresholds=(80, 500), period=BadgePeriod.DAILY)
    make_badge("Long ago", thresholds=(80,), period=BadgePeriod.EVER)
    worked(amy, [90], division=division, first=MONDAY - dt.timedelta(7))
    worked(amy, [600], division=division)
    html = text_of(page(amy))
    assert ("Good day, level 2" in html, "Long ago" in html) == (True, True)
    Notification.objects.all().delete()  # the inbox tells of both; the line of the week of one
    home = text_of(page(amy, "/"))
    assert "Earned this week: Good day, level 2." in home
    assert "Long ago" not in home


def test_badge_renews_an_open_scorecard(amy, division):
    make_badge("Good day", thresholds=(80,), period=BadgePeriod.DAILY)
    put_scored_day(amy, MONDAY, 90, division=division)
    close(division, MONDAY, at=NOW)
    digest = page(amy).context["digest"]
    poll = {"HX-Request": "true"}
    assert page(amy, f"/scorecard/?v={digest}", **poll).status_code == 204
    touch_workdays([(division.pk, MONDAY)], at=NOW)
    award_badges(at=NOW)
    assert page(amy, f"/scorecard/?v={digest}", **poll).status_code == 200


def test_page_speaks_german(amy, division):
    make_badge("Woche", thresholds=(1000,), period=BadgePeriod.WEEKLY)
    worked(amy, [640], division=division)
    with translation.override("de"):
        html = text_of(client_of(amy).get(badges_of(amy), headers={"Accept-Language": "de"}))
    assert "1.000 Punkte in einer Woche" in html
    assert "Diese Woche: 640 von 1.000 Punkten" in html


# To whom ---------------------------------------------------------------------------------------------------------


def test_lead_sees_badges_of_those_they_lead_and_leaves_a_trace_and_a_colleague_gets_404(amy, division):
    team = make_team(division=division)
    join(amy, team)
    dana = make_person("Dana", division=division, role="supervisor")
    lead(dana, team)
    colleague = make_person("Bob", division=division, role="agent")
    join(colleague, team)
    make_badge("Good day", thresholds=(80,), period=BadgePeriod.DAILY)
    worked(amy, [90], division=division)
    assert "Good day" in text_of(page(dana, badges_of(amy)))
    assert list(Look.objects.values_list("viewer", "person")) == [(dana.pk, amy.pk)]
    assert page(colleague, badges_of(amy)).status_code == 404
    assert "Good day" not in text_of(page(colleague))


# What it costs ---------------------------------------------------------------------------------------------------


def test_page_costs_the_same_with_one_badge_and_with_three(amy, division):
    counts = []
    client = client_of(amy)
    for number in (1, 3):
        for n in range(number):
            make_badge(f"Good day {number}.{n}", thresholds=(80, 10**5), period=BadgePeriod.DAILY)
            make_badge(f"Row {number}.{n}", kind=BadgeKind.STREAK, period="", thresholds=(99,))
        worked(amy, [90], division=division, first=MONDAY + dt.timedelta(number))
        client.get(badges_of(amy))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(badges_of(amy)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 13


def test_scorecard_with_badges_costs_one_query_more(amy, division):
    client, counts = client_of(amy), []
    for levels in ((80,), (90, 100)):
        put_scored_day(amy, MONDAY - dt.timedelta(len(counts)), 100, division=division)
        close(division, MONDAY - dt.timedelta(len(counts)), at=NOW)
        client.get("/scorecard/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/scorecard/")
        counts.append(len(queries))
        make_badge(f"Good day {levels}", thresholds=levels, period=BadgePeriod.DAILY)
        award_badges(at=NOW)
    assert counts[1] == counts[0] + 1 <= 12
