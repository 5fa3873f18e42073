"""Badges in the admin: what the form asks, refuses and shows before it is saved, and what stays once it was earned."""

import datetime as dt
from decimal import Decimal

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from metrics.models import Metric
from people.models import Division
from people.tests.factories import make_division, make_person
from scorecards.actions import award_badges
from scorecards.actions.badges import touch_workdays
from scorecards.enums import BadgeKind, BadgePeriod
from scorecards.models import Badge, BadgeAward, BadgeTouch, DivisionDay

from .factories import make_badge, make_external, put_scored_day
from .test_pages import text_of

pytestmark = pytest.mark.django_db
ADD = "admin:scorecards_badge_add"
DAY = dt.date(2024, 9, 2)
AT = dt.datetime(2024, 9, 3, 12, tzinfo=dt.UTC)


@pytest.fixture
def administrator(client):
    person = make_person("Ines", role="administrator", is_staff=True)
    client.force_login(person)
    return person


def typed(**fields):
    base = {
        "name": "Busy week",
        "description": "",
        "icon": "zap",
        "is_active": "on",
        "kind": "points",
        "period": "weekly",
        "metric": "",
        "minimum_count": "",
        "thresholds": "5,000\r\n1,000\r\n",
        "starts_on": "",
    }
    return {**base, **fields}


def of_metric(**fields):
    handle = Metric.objects.get(key="average_handle_time")
    return typed(
        **{
            "kind": "metric",
            "metric": handle.pk,
            "period": "monthly",
            "thresholds": "300\n4:00",
            "minimum_count": "100",
        }
        | fields
    )


def errors_of(client, data) -> dict:
    response = client.post(reverse(ADD), data)
    assert response.status_code == 200
    assert not Badge.objects.exists()
    return response.context["adminform"].form.errors


def earned_by(badge, points=90):
    agent, division = make_person("Amy"), Division.objects.get_or_create(name="Here")[0]
    put_scored_day(agent, DAY, points, division=division)
    DivisionDay.objects.create(division=division, workday=DAY, closed_at=AT)
    touch_workdays([(division.pk, DAY)], at=AT)
    award_badges(at=AT)
    assert BadgeAward.objects.filter(level__badge=badge).exists()


def test_saving_orders_the_levels_and_has_final_workdays_looked_at(client, administrator):
    DivisionDay.objects.create(division=make_division(), workday=DAY, closed_at=AT)
    assert client.post(reverse(ADD), typed()).status_code == 302
    badge = Badge.objects.get()
    assert list(badge.levels.values_list("number", "threshold")) == [(1, 1000), (2, 5000)]
    assert BadgeTouch.objects.get().badge == badge
    assert LogEntry.objects.filter(content_type__model="badge").exists()
    assert LogEntry.objects.filter(content_type__model="badgelevel").count() == 2


def test_metric_where_less_is_better_has_the_lowest_as_hardest_level(client, administrator):
    assert client.post(reverse(ADD), of_metric()).status_code == 302
    badge = Badge.objects.get()
    assert list(badge.levels.values_list("threshold", flat=True)) == [300, 240]
    assert badge.minimum_count == 100


def test_streak_keeps_no_period_and_no_metric(client, administrator):
    assert client.post(reverse(ADD), of_metric(kind="streak", thresholds="3\n5")).status_code == 302
    badge = Badge.objects.get()
    assert (badge.period, badge.metric, badge.minimum_count) == ("", None, 0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"thresholds": ""}, "thresholds"),
        ({"thresholds": "0"}, "thresholds"),
        ({"thresholds": "many"}, "thresholds"),
        ({"thresholds": "5\n5.0"}, "thresholds"),
        ({"thresholds": "1.5"}, "thresholds"),
        ({"thresholds": "\n".join("1234567890")}, "thresholds"),
        ({"period": ""}, "period"),
        ({"kind": "streak", "thresholds": "1001"}, "thresholds"),
        ({"kind": "metric"}, "metric"),
    ],
)
def test_form_refuses_what_makes_no_sense(client, administrator, change, field):
    assert list(errors_of(client, typed(**change))) == [field]


def test_average_needs_a_volume_and_a_metric_no_all_time(client, administrator):
    assert list(errors_of(client, of_metric(minimum_count=""))) == ["minimum_count"]
    assert list(errors_of(client, of_metric(period="ever"))) == ["period"]


def test_sum_where_less_is_better_is_refused_and_one_where_more_is_needs_no_volume(client, administrator):
    complaints = make_external("complaints", better="lower", aggregation="sum")
    assert list(errors_of(client, of_metric(metric=complaints.pk))) == ["metric"]
    sold = make_external("sold", aggregation="sum")
    assert client.post(reverse(ADD), of_metric(metric=sold.pk, minimum_count="")).status_code == 302
    assert Badge.objects.get().minimum_count == 0


def test_preview_says_what_each_level_takes_and_saves_nothing(client, administrator):
    response = client.post(reverse(ADD), of_metric(_preview="1"), headers={"HX-Request": "true"})
    html = text_of(response)
    assert "Level 1</strong><br>Average handle time at most 5:00 in a month, from a volume of 100 on" in html
    assert "Level 2</strong><br>Average handle time at most 4:00 in a month" in html
    assert "It looks at all workdays there are." in html
    assert not Badge.objects.exists()
    wrong = text_of(client.post(reverse(ADD), typed(_preview="1", thresholds="x"), headers={"HX-Request": "true"}))
    assert "Not ready yet" in wrong


def test_what_an_earned_badge_takes_stays_and_it_is_not_deleted(client, administrator):
    badge = make_badge(thresholds=(80, 500), period=BadgePeriod.DAILY)
    earned_by(badge)
    address = reverse("admin:scorecards_badge_change", args=[badge.pk])
    html = text_of(client.get(address))
    assert "Somebody has it" in html
    assert "Amy" not in html
    assert client.post(address, typed(period="weekly", thresholds="80\n600\n900")).status_code == 302
    badge = Badge.objects.get()
    assert (badge.name, badge.period) == ("Busy week", "daily")
    assert list(badge.levels.values_list("threshold", flat=True)) == [80, 600, 900]
    for thresholds in ("90\n500", "70\n80\n500"):
        refused = client.post(address, typed(thresholds=thresholds))
        assert list(refused.context["adminform"].form.errors) == ["thresholds"]
    assert client.get(reverse("admin:scorecards_badge_delete", args=[badge.pk])).status_code == 403
    assert client.post(address, typed(thresholds="80\n600\n900", is_active="")).status_code == 302
    assert not Badge.objects.get().is_active


def test_badge_that_nobody_has_is_deleted(client, administrator):
    badge = make_badge(kind=BadgeKind.STREAK, period="", thresholds=(3,))
    client.post(reverse("admin:scorecards_badge_delete", args=[badge.pk]), {"post": "yes"})
    assert not Badge.objects.exists()


def test_form_shows_levels_as_they_are_typed(client, administrator):
    badge = make_badge(thresholds=(Decimal("1000"), Decimal("2500")))
    html = client.get(reverse("admin:scorecards_badge_change", args=[badge.pk])).content.decode()
    assert "1,000 points in a week" in html
