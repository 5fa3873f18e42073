"""The API tells the numbers of the pages, in few queries."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.api.enums import Acting
from leaderboards.models import Publication
from metrics.models import DayValue
from scorecards.models import Objective, ScoreDay
from tests import centre as centres

from .factories import calling

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre():
    return centres.build(at=timezone.now())


def seen_as(person) -> tuple:
    """The API and the pages, as a person sees them."""
    browser = Browser()
    browser.force_login(person)
    return calling(person=person, acting=Acting.DEVICE), browser


def rows_of(browser, path) -> list[dict]:
    answer = browser.get(path)
    body = b"".join(answer) if answer.streaming else answer.content
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def number(text: str) -> float | None:
    return float(Decimal(text)) if text else None


@pytest.mark.parametrize("who", ["agent", "supervisor"])
def test_scorecard_equals_the_csv_of_the_page(centre, who):
    calls, browser = seen_as(centre.people[who])
    agent = centre.people["agent"].public_id
    keys = {str(each.pk): each.metric.key for each in Objective.objects.select_related("metric")}
    compared = 0
    for back in range(centres.DAYS):
        day = centre.today - dt.timedelta(days=back)
        told = calls.get(f"gamification/scorecards/users/{agent}", workday=day).told["entities"]
        api = {
            keys[each["metric"]["id"]]: (each.get("value"), each.get("points"), each["maxPoints"])
            for each in told
            if "value" in each
        }
        page = {
            row["metric"]: (number(row["value"]), int(row["points"]), int(row["maximum"]))
            for row in rows_of(browser, f"/scorecard/{agent}.csv?period={day}")
            if row["points"]
        }
        assert {key: (pytest.approx(value, abs=1e-9), *rest) for key, (value, *rest) in page.items()} == {
            key: (value, *rest) for key, (value, *rest) in api.items()
        }
        compared += len(page)
    assert compared > 50


@pytest.mark.parametrize("who", ["agent", "supervisor", "reviewer"])
def test_leaderboard_equals_the_csv_of_the_page(centre, who):
    calls, browser = seen_as(centre.people[who])
    board = centre.profile.boards.get().pk
    last_week = centre.today - dt.timedelta(days=centre.today.weekday() + 7)
    spans = [
        (last_week, last_week + dt.timedelta(days=6), "last-week"),
        (centre.today - dt.timedelta(days=1), centre.today - dt.timedelta(days=1), "yesterday"),
        (centre.today, centre.today, "today"),
    ]
    for start, end, period in spans:
        told = calls.get(
            "gamification/leaderboard/all",
            filterType="PerformanceProfile",
            filterId=centre.profile.pk,
            startWorkday=start,
            endWorkday=end,
        ).told["leaders"]
        page = rows_of(browser, f"/leaderboards/{board}.csv?period={period}")
        assert [(each.get("rank"), each.get("points")) for each in told] == [
            (int(row["rank"]) if row["rank"] else None, number(row["value"])) for row in page
        ]
        assert len(told) >= 1


@pytest.mark.parametrize("who", ["agent", "supervisor"])
def test_analytics_equal_the_csv_of_the_page(centre, who):
    calls, browser = seen_as(centre.people[who])
    agent = centre.people["agent"].public_id
    first = centre.today - dt.timedelta(days=centres.DAYS - 1)
    days = [first + dt.timedelta(days=number) for number in range(centres.DAYS)]
    page = {
        (row["workday"], row["metric"]): (number(row["total"]), number(row["count"]), number(row["value"]))
        for day in days
        for row in rows_of(browser, f"/scorecard/{agent}.csv?period={day}")
        if row["count"]
    }
    metrics = sorted({metric for _, metric in page})
    query = {"granularity": "P1D", "metrics": metrics, "filter": {"userId": str(agent)}, "aggregation": "AVERAGE"}
    told = calls.post(
        "analytics/details/query", query | {"interval": f"{first}/{centre.today + dt.timedelta(days=1)}"}
    ).told["results"]
    found = {
        (part["interval"].split("/")[0], one["metric"]): (
            one["stats"].get("sum", page[part["interval"].split("/")[0], one["metric"]][0]),
            one["stats"]["count"],
            pytest.approx(one["value"], abs=1e-9),
        )
        for each in told
        for part in each["data"]
        for one in part["metrics"]
    }
    assert found == page
    assert len(page) > 50


def test_points_trend_adds_up_to_all_time_points(centre):
    calls, _ = seen_as(centre.people["agent"])
    span = {"startWorkday": centre.today - dt.timedelta(days=centres.DAYS), "endWorkday": centre.today}
    trend = calls.get("gamification/scorecards/points/trends", **span).told["trend"]
    total = calls.get("gamification/scorecards/points/alltime", endWorkday=centre.today).told["allTimePoints"]
    assert sum(each["points"] for each in trend) == total > 0


@pytest.mark.parametrize(
    "path",
    [
        "gamification/scorecards?workday={day}&expand=objective",
        "gamification/leaderboard?startWorkday={day}&endWorkday={day}",
    ],
)
def test_scorecard_and_leaderboard_of_one_person_ask_at_most_ten_times(centre, path):
    calls, _ = seen_as(centre.people["agent"])
    address = path.format(day=centre.today - dt.timedelta(days=1))
    calls.get(address)
    with CaptureQueriesContext(connection) as counted:
        assert calls.get(address).status_code == 200
    assert len(counted) <= 10, "\n".join(query["sql"][:700] for query in counted)


def test_means_of_peers_are_those_that_were_published(centre):
    """As the average of points on the page: of the people on the board, as it was taken, and never of too few."""
    calls, _ = seen_as(centre.people["agent"])
    day = busy_day(centre)
    span = {"startWorkday": day, "endWorkday": day, "filterType": "PerformanceProfile"}

    def told() -> dict:
        results = calls.get("gamification/scorecards/values/trends", **span).told["results"]
        averages = calls.get("gamification/scorecards/values/average", workday=day).told["results"]
        assert [each.get("trend") for each in results] == [each.get("trend") for each in averages]
        return {each["metricDefinition"]["name"]: each["trend"][0]["value"] for each in results if each["trend"]}

    people = ScoreDay.objects.filter(workday=day).values("agent")
    values = DayValue.objects.filter(agent__in=people, workday=day, metric__key="average_handle_time")
    total, count = sum(each.total for each in values), sum(each.count for each in values)
    mean = told()
    assert len(mean) > 3
    assert mean[values[0].metric.label] == pytest.approx(float(total / count), abs=1e-4)
    DayValue.objects.filter(agent=centre.people["agent"], workday=day).delete()
    assert told() == mean
    published = Publication.objects.get(period=day.isoformat(), board__profile=centre.profile)
    published.measured = {metric: [*sums[:2], 5] for metric, sums in published.measured.items()}
    published.save()
    assert told() == {}


def test_bests_of_peers_are_not_told(centre):
    """A best is one person's: of a board's people an agent reads their own, whoever had more."""
    agent = centre.people["agent"]
    calls, _ = seen_as(agent)
    told = calls.get("gamification/leaderboard/bestpoints").told["bestPoints"]
    assert {user["id"] for best in told for user in best["users"]} == {str(agent.public_id)}
    daily = next(best["points"] for best in told if best["granularityType"] == "Daily")
    assert ScoreDay.objects.filter(profile=centre.profile, points__gt=daily).exclude(agent=agent).exists()


def busy_day(centre) -> dt.date:
    """The newest workday of which a standing of more than the smallest group was published."""
    published = Publication.objects.filter(board__profile=centre.profile, people__gt=5)
    days = [each for each in published.order_by("-starts_on") if len(each.period) == len("2026-03-04")]
    return next(each.starts_on for each in days if each.measured)
