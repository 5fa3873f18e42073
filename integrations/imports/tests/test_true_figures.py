"""Real call logs through the mappings in docs/examples, against figures computed elsewhere. Their rows stay outside."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import F, Sum
from django.utils import timezone

from metrics.models import DayValue
from people.models import Team
from scorecards.actions import rescore

from .factories import counts, imported

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples"

pytestmark = pytest.mark.django_db


def figures(queryset, by: str) -> dict:
    """{owner: {metric key: (total in its unit, count)}} of day values."""
    rows = queryset.values(by, "metric__key").annotate(all_total=Sum(F("total")), all_count=Sum(F("count")))
    found: dict = {}
    for row in rows:
        found.setdefault(row[by], {})[row["metric__key"]] = (row["all_total"], row["all_count"])
    return found


def value(figure: tuple) -> Decimal:
    return figure[0] / figure[1]


def is_printed(exact: Decimal | int, printed: str) -> bool:
    """Whether a value, rounded as the true figure is printed, is that figure."""
    places = min(9, len(printed.partition(".")[2]))  # beyond, a printed float is not exact
    return abs(Decimal(exact) - Decimal(printed)) <= Decimal("0.5000001") * Decimal(10) ** -places


def table(path: Path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PWC = {
    "answer_rate_pct": None, "calls_offered": ("interactions_offered", "total"),
    "calls_answered": ("interactions_answered", "total"), "aht_s": ("average_handle_time", "value"),
    "talk_total_s": ("average_talk", "total"), "asa_s": ("average_speed_of_answer", "value"),
    "resolution_rate_pct": ("first_contact_resolution", "value"), "csat_mean": ("satisfaction", "value"),
    "csat_4_5_pct": ("satisfaction_top_boxes", "value"),
}  # fmt: skip
SERVICESPOT = {
    "calls_offered": ("interactions_offered", "total"), "calls_handled": ("interactions_answered", "total"),
    "abandon_rate_pct": ("abandonment", "value"), "aht_s": ("average_handle_time", "value"),
    "talk_total_s": ("average_talk", "total"), "asa_s": ("average_speed_of_answer", "value"),
    "service_level_20s_pct": ("service_level_20s", "value"), "charges": ("charges", "total"),
}  # fmt: skip


def differences(name, found: dict, true: dict, known: dict) -> list:
    """What is not as printed, as (owner, figure, ours, true). A figure that is undefined has no day value."""
    wrong = []
    for figure, place in known.items():
        if place is None:
            continue
        key, kind = place
        if true[figure] in ("", None) or (key not in found and Decimal(str(true[figure])) == 0):
            if key in found:
                wrong.append((name, figure, found[key], None))
            continue
        ours = value(found[key]) if kind == "value" else found[key][0]
        near = figure == "charges" and abs(ours - Decimal(str(true[figure]))) < Decimal("0.01")
        if not near and not is_printed(ours, str(true[figure])):
            wrong.append((name, figure, ours, true[figure]))
    return wrong


@pytest.fixture
def pwc(call_logs):
    run = imported((EXAMPLES / "pwc_call_center.yaml").read_text(), call_logs / "pwc_call_center" / "calls.xlsx")
    rescore(at=timezone.now())
    return run, call_logs / "pwc_call_center" / "truth"


def test_pwc_call_center_meets_the_true_figures(pwc):
    run, truth = pwc
    assert counts(run) == (5000, 0, 0, 0, 0)
    of_agents = figures(DayValue.objects.all(), "agent__name")
    wrong = [
        d
        for row in table(truth / "agents_total.csv")
        for d in differences(row["Agent"], of_agents[row["Agent"]], row, PWC)
    ]
    summary = json.loads((truth / "summary.json").read_text())
    overall = figures(DayValue.objects.annotate(all=F("metric__source")), "all")["interactions"]
    assert wrong + differences("overall", overall, summary["overall"], PWC) == []
    assert len(of_agents) == summary["agents"]


def test_pwc_call_center_meets_the_true_figures_of_each_day(pwc):
    truth = pwc[1]
    days: dict = {}
    for agent, workday, key, total, count in DayValue.objects.values_list(
        "agent__name", "workday", "metric__key", "total", "count"
    ):
        days.setdefault((agent, str(workday)), {})[key] = (total, count)
    rows = table(truth / "agent_daily.csv")
    assert len(days) == len(rows)
    assert [d for row in rows for d in differences(row["Agent"], days[row["Agent"], row["date"]], row, PWC)] == []


def test_servicespot_calls_meet_the_true_figures(call_logs):
    folder = call_logs / "servicespot_calls"
    tables = {"employees": "Employees.csv", "types": "Call Types.csv", "charges": "Call Charges.csv"}
    files = [folder / f"Data {year}.csv" for year in (2018, 2019, 2020)]
    mapping = (EXAMPLES / "servicespot_calls.yaml").read_text()
    run = imported(mapping, *files, tables={name: folder / file for name, file in tables.items()})
    assert counts(run) == (98975, 0, 0, 0, 0)
    rescore(at=timezone.now())
    truth, values = folder / "truth", DayValue.objects.all()
    of_agents = figures(values, "agent__external_id")
    of_teams = figures(values, "agent__team_memberships__team__name")
    of_sites = figures(values, "agent__division_assignments__division__name")
    overall = figures(values.annotate(all=F("metric__source")), "all")["interactions"]
    wrong = [
        difference
        for file, found, name in (
            ("agents_total.csv", of_agents, lambda row: row["EmployeeID"]),
            ("managers_total.csv", of_teams, lambda row: f"Team {row['ManagerName']}"),
            ("sites_total.csv", of_sites, lambda row: row["Site"]),
        )
        for row in table(truth / file)
        for difference in differences(name(row), found[name(row)], row, SERVICESPOT)
    ]
    summary = json.loads((truth / "summary.json").read_text())
    assert wrong + differences("overall", overall, summary["overall"], SERVICESPOT) == []
    assert {team.leads.get().person.name for team in Team.objects.all()} == {
        row["ManagerName"] for row in table(truth / "managers_total.csv")
    }
