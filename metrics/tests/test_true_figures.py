"""The catalogue reproduces the true figures of real call logs. Rows go in bare; the import has tests of its own."""

import csv
import datetime as dt
import json

import pytest
from django.db import connection
from python_calamine import CalamineWorkbook

from foundation.records.sets import insert_rows, make_temporary
from interactions.models import Leg
from metrics.actions import recompute_day_values
from metrics.models import DayValue
from people.models import User

pytestmark = pytest.mark.django_db

COLUMNS = ["source", "external_id", "leg_number", "agent_id", "workday", "started_at", "media_type"]
COLUMNS += ["wait_seconds", "talk_seconds", "answered", "abandoned", "resolved", "rating", "charge"]


def put_legs(rows):
    """Rows of (agent name, workday, wait, talk, answered, abandoned, resolved, rating, charge), in stored units."""
    names = sorted({row[0] for row in rows})
    agents = {name: User.objects.create(name=name).pk for name in names}
    start = connection.ops.adapt_datetimefield_value(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    with connection.cursor() as cursor:
        cells = [["test", str(n), 1, agents[row[0]], row[1], start, "voice", *row[2:]] for n, row in enumerate(rows)]
        insert_rows(cursor, Leg._meta.db_table, COLUMNS, cells)
        make_temporary(cursor, "due", ["agent_id bigint", "workday date"], key=["agent_id", "workday"])
        cursor.execute("INSERT INTO due SELECT DISTINCT agent_id, workday FROM interactions_leg")
    recompute_day_values("due")
    return agents


def totals(key, **who):
    """(total, count) over everything, in natural units."""
    rows = DayValue.objects.filter(metric__key=key, **who).values_list("total", "count")
    return sum(row[0] for row in rows), sum(row[1] for row in rows)


def average(key, **who):
    total, count = totals(key, **who)
    return float(total / count)


def pwc_rows(folder):
    lines = CalamineWorkbook.from_path(folder / "pwc_call_center" / "calls.xlsx").get_sheet_by_index(0).to_python()
    head = lines[0]
    for line in lines[1:]:
        row = dict(zip(head, line, strict=True))
        wait, talk, rating = (row[name] for name in head if name.startswith(("Speed", "Avg", "Satis")))
        answered = row["Answered (Y/N)"] == "Y"
        yield (
            row["Agent"], dt.date.fromisoformat(str(row["Date"])[:10]),
            int(wait * 1000) if answered else None, _milliseconds(talk) if answered else None,
            answered, None, row["Resolved"] == "Y", int(rating * 1000) if answered else None, None,
        )  # fmt: skip


def _milliseconds(talk):
    return (talk.hour * 3600 + talk.minute * 60 + talk.second) * 1000


def test_catalogue_meets_the_true_figures_of_the_training_centre(call_logs):
    agents = put_legs(list(pwc_rows(call_logs)))
    truth = json.loads((call_logs / "pwc_call_center" / "truth" / "summary.json").read_text())["overall"]
    assert totals("interactions_offered")[0] == truth["calls_offered"]
    assert totals("interactions_answered")[0] == truth["calls_answered"]
    assert average("average_handle_time") == pytest.approx(truth["aht_s"], abs=1e-9)
    assert average("average_speed_of_answer") == pytest.approx(truth["asa_s"], abs=1e-9)
    assert average("first_contact_resolution") == pytest.approx(truth["resolution_rate_pct"], abs=1e-9)
    assert average("satisfaction") == pytest.approx(truth["csat_mean"], abs=1e-9)
    assert average("satisfaction_top_boxes") == pytest.approx(truth["csat_4_5_pct"], abs=1e-9)
    assert DayValue.objects.filter(metric__key="interactions_offered").count() == 719
    assert DayValue.objects.filter(metric__key="average_handle_time").count() == 717
    with (call_logs / "pwc_call_center" / "truth" / "agents_total.csv").open() as file:
        for row in csv.DictReader(file):
            who = {"agent_id": agents[row["Agent"]]}
            assert average("average_handle_time", **who) == pytest.approx(float(row["aht_s"]), abs=1e-6)
            assert average("first_contact_resolution", **who) == pytest.approx(
                float(row["resolution_rate_pct"]), abs=1e-6
            )


def servicespot_rows(folder):
    kinds, rates = {}, {}
    with (folder / "Call Types.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file, delimiter=";"):
            kinds[row["CallTypeID"]] = row["CallTypeLabel"].strip()
    with (folder / "Call Charges.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file, delimiter=";"):
            for year in (2018, 2019, 2020):
                if rate := (row[f"Call Charges ({year})"] or "").split(" ")[0]:
                    rates[row["Call Type "].strip(), year] = round(float(rate) * 100)
    for year in (2018, 2019, 2020):
        with (folder / f"Data {year}.csv").open(encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                day = dt.datetime.strptime(row["CallTimestamp"], "%m/%d/%Y %H:%M").date()  # noqa: DTZ007 - local
                abandoned, talk = row["CallAbandoned"] == "1", int(row["CallDuration"])
                charge = (talk * rates[kinds[row["Call Type"]], day.year] * 10**8 // 6000 * 2 + 1) // 2
                yield (
                    row["EmployeeID"], day, int(row["WaitTime"]) * 1000, talk * 1000,
                    not abandoned, abandoned, None, None, charge,
                )  # fmt: skip


def test_catalogue_meets_the_true_figures_of_three_years(call_logs):
    put_legs(list(servicespot_rows(call_logs / "servicespot_calls")))
    truth = json.loads((call_logs / "servicespot_calls" / "truth" / "summary.json").read_text())["overall"]
    assert totals("interactions_offered")[0] == truth["calls_offered"]
    assert totals("interactions_answered")[0] == truth["calls_handled"]
    assert average("average_handle_time") == pytest.approx(truth["aht_s"], abs=1e-9)
    assert average("average_speed_of_answer") == pytest.approx(truth["asa_s"], abs=1e-9)
    assert average("abandonment") == pytest.approx(truth["abandon_rate_pct"], abs=1e-9)
    assert average("service_level_20s") == pytest.approx(truth["service_level_20s_pct"], abs=1e-9)
    assert float(totals("charges")[0]) == pytest.approx(truth["charges"], abs=0.01)
