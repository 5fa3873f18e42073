"""Times the closing of a month against a hand-written SQL script that writes the same rows from the same state.

    python -m bench.close [--agents 10000] [--goals 500] [--rounds 5]

The database is DATABASE_URL, which must be empty and is filled; without it a new SQLite file in a temporary folder.
"""

import argparse
import datetime as dt
import gc
import json
import os
import statistics
import tempfile
import time

if "DATABASE_URL" not in os.environ:
    os.environ["LAUREL_VAR_DIR"] = tempfile.mkdtemp(prefix="laurel-bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rewards_site.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from foundation.periods import Kind, period_of
from foundation.records.dated import EVER
from foundation.records.triggers import drop_guards, make_guards
from goals.actions import close_periods
from goals.actions.closing import as_they_were
from goals.models import Event, Goal, GoalTerms, Payout, Snapshot, SnapshotMember
from goals.queries.facts import gather
from ledger.actions import accounts_of, fund_pool
from ledger.enums import AccountKind
from ledger.models import Account, Transfer
from metrics.models import DayValue, Metric
from people.models import Division, Queue, QueueMembership, Team, TeamMembership, User
from people.queries import default_division
from scorecards.models import DivisionDay, ScoreDay

PERIOD = period_of(Kind.MONTHLY, dt.date(2024, 8, 1))
AT = dt.datetime(2024, 9, 2, 12, tzinfo=dt.UTC)
ACHIEVED, POINTS, QUEUES = 100_000, 50, 40
clock = time.perf_counter
GOAL, TEAM, MEMBERSHIP, PERSON = (model._meta.db_table for model in (Goal, Team, TeamMembership, User))
VALUE, DAY, ACCOUNT = (model._meta.db_table for model in (DayValue, ScoreDay, Account))
WRITTEN = (Event, Payout, SnapshotMember, Snapshot, Transfer)
EVENT, PAYOUT, MEMBER, SNAPSHOT, TRANSFER = (model._meta.db_table for model in WRITTEN)


def fill(agents: int, goals: int) -> None:
    """Agents in teams with a monthly goal each that pays from one pool, and a final month. One team in ten does not
    reach its goal, one agent in thirteen has too few days."""
    call_command("migrate", verbosity=0)
    if User.objects.exists():
        raise SystemExit("The database is not empty: give one that may be filled.")
    division, metric = Division.objects.create(name="Bench"), make_metric()
    pool = Account.objects.create(kind=AccountKind.POOL, key="BENCH")
    default_division()
    people = User.objects.bulk_create([User(name=f"Agent {n}", external_id=f"a{n}") for n in range(agents)])
    for number in range(goals):
        make_goal(Team.objects.create(name=f"Team {number}", division=division), metric, pool)
    teams = list(Team.objects.order_by("pk"))
    queues = Queue.objects.bulk_create([Queue(name=f"Queue {number}") for number in range(QUEUES)])
    accounts_of(people)
    with transaction.atomic():
        TeamMembership.objects.bulk_create(
            [TeamMembership(person=each, team=teams[n % goals], from_on=EVER) for n, each in enumerate(people)]
        )
        QueueMembership.objects.bulk_create(
            [QueueMembership(person=each, queue=queues[n % QUEUES], from_on=EVER) for n, each in enumerate(people)]
        )
        fill_days(division, metric)
    empty()


def make_metric() -> Metric:
    return Metric.objects.create(key="bench", name="Bench", unit="number", source="external", aggregation="sum")


def make_goal(team: Team, metric: Metric, pool: Account) -> None:
    goal = Goal.objects.create(name=team.name, team=team, metric=metric, starts_on=PERIOD.start, created_at=AT)
    GoalTerms.objects.create(goal=goal, achieved=ACHIEVED, points=POINTS, pool=pool, from_on=EVER, at=AT)


def fill_days(division: Division, metric: Metric) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_divisionassignment (person_id, division_id, from_on)"
            f" SELECT id, {division.pk}, '{EVER}' FROM {PERSON}"
        )
        for n in range((PERIOD.end - PERIOD.start).days):
            day = PERIOD.start + dt.timedelta(days=n)
            some = f"FROM {MEMBERSHIP} m WHERE m.person_id % 13 <> 0 OR {n} < 9"
            total = f"CASE WHEN m.team_id % 10 = 0 THEN 1 ELSE 200 + (m.person_id * 131 + {n * 37}) % 800 END * 100000"
            cursor.execute(
                f"INSERT INTO {VALUE} (agent_id, workday, metric_id, total, count)"
                f" SELECT m.person_id, '{day}', {metric.pk}, {total}, 1000 {some}"
            )
            cursor.execute(
                f"INSERT INTO {DAY} (agent_id, workday, division_id, points, maximum, revision, changed_at)"
                f" SELECT m.person_id, '{day}', {division.pk}, 10, 20, 1, {moment()} {some}"
            )
            DivisionDay.objects.create(division=division, workday=day, closed_at=AT)


# Two ways --------------------------------------------------------------------------------------------------------


def by_laurel() -> float:
    return timed(lambda: close_periods(at=AT))


def by_hand() -> float:
    """What someone would write who knows that the month is final, the pool full, and the terms are all the same."""
    goal = Goal.objects.select_related("metric", "team").first()
    statements = hand_written(json.dumps(as_they_were(gather([goal], PERIOD)[goal.pk])), goal)
    return timed(lambda: run_in_one_transaction(statements))


def run_in_one_transaction(statements) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def moment() -> str:
    return "timestamptz '2024-09-02 12:00:00+00'" if is_postgresql() else "'2024-09-02 12:00:00'"


def new_id() -> str:
    return "gen_random_uuid()" if is_postgresql() else "lower(hex(randomblob(16)))"


def id_text(column: str) -> str:
    """A public id with its dashes."""
    if is_postgresql():
        return f"{column}::text"
    parts = [f"substr({column}, {start}, {length})" for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))]
    return " || '-' || ".join(parts)


def sha256(text: str) -> str:
    return f"encode(sha256(convert_to({text}, 'UTF8')), 'hex')" if is_postgresql() else f"SHA256({text})"


def json_object() -> str:
    return "json_build_object" if is_postgresql() else "json_object"


def hand_written(frozen_terms: str, goal: Goal) -> list[str]:
    terms = goal.terms.get()
    within = f"v.workday >= '{PERIOD.start}' AND v.workday < '{PERIOD.end}'"
    reached = f"s.total >= {ACHIEVED * 100_000}"
    paid = "w.status = 'ACHIEVED' AND p.days * 2 >= w.workdays"
    payload = (
        f"{json_object()}('goalId', {id_text('g.public_id')}, 'teamId', CAST(g.team_id AS text),"
        " 'previousStatus', NULL, 'currentStatus', w.status, 'evaluationPeriod', w.period,"
        " 'metricValue', w.value / 100000.0, 'timestamp', '2024-09-02T12:00:00Z')"
    )
    events = [
        f"INSERT INTO {EVENT} (public_id, type, key, goal_id, snapshot_id, payload, at)"
        f" SELECT {new_id()}, '{kind}', '{kind}:' || {id_text('w.public_id')}, g.id, w.id, {payload}, {moment()}"
        f" FROM {SNAPSHOT} w JOIN {GOAL} g ON g.id = w.goal_id"
        for kind in ("goal.closed", "goal.status_changed")
    ]
    return [
        "DROP TABLE IF EXISTS bench_parts",
        "CREATE TEMPORARY TABLE bench_parts AS SELECT g.id AS goal_id, m.person_id,"
        f" (SELECT COALESCE(SUM(v.total), 0) FROM {VALUE} v WHERE v.agent_id = m.person_id"
        f" AND v.metric_id = {goal.metric_id} AND {within}) AS total,"
        f" (SELECT COUNT(*) FROM {DAY} v WHERE v.agent_id = m.person_id AND {within}) AS days"
        f" FROM {GOAL} g JOIN {MEMBERSHIP} m ON m.team_id = g.team_id",
        "CREATE INDEX bench_parts_goal ON bench_parts (goal_id)",
        "CREATE INDEX bench_parts_person ON bench_parts (person_id)",
        "ANALYZE bench_parts",
        f"INSERT INTO {SNAPSHOT} (public_id, goal_id, period, starts_on, ends_on, terms_id, total, count, value,"
        " status, points, unpaid, workdays, as_they_were, at)"
        f" SELECT {new_id()}, s.goal_id, '{PERIOD.key}', '{PERIOD.start}', '{PERIOD.end}', t.id, s.total,"
        f" s.days * 1000, s.total, CASE WHEN {reached} THEN 'ACHIEVED' ELSE 'BEHIND' END,"
        f" CASE WHEN {reached} THEN {POINTS} * (SELECT COUNT(*) FROM bench_parts p WHERE p.goal_id = s.goal_id"
        " AND p.days * 2 >= s.workdays) ELSE 0 END,"
        f" CASE WHEN {reached} THEN '' ELSE 'not_reached' END, s.workdays, '{frozen_terms}', {moment()}"
        " FROM (SELECT z.goal_id, z.total, z.days, d.workdays"
        " FROM (SELECT goal_id, SUM(total) AS total, SUM(days) AS days FROM bench_parts GROUP BY goal_id) z"
        " JOIN (SELECT p.goal_id, COUNT(DISTINCT v.workday) AS workdays FROM bench_parts p"
        f" JOIN {DAY} v ON v.agent_id = p.person_id AND {within} GROUP BY p.goal_id) d ON d.goal_id = z.goal_id) s"
        f" JOIN {GoalTerms._meta.db_table} t ON t.goal_id = s.goal_id",
        f"INSERT INTO {MEMBER} (snapshot_id, person_id, total, count, days, percent, value, status, points, unpaid)"
        f" SELECT w.id, p.person_id, p.total, p.days * 1000, p.days, 100, NULL, '',"
        f" CASE WHEN {paid} THEN {POINTS} ELSE 0 END, CASE WHEN w.status <> 'ACHIEVED' THEN 'not_reached'"
        f" WHEN p.days * 2 < w.workdays THEN 'not_eligible' ELSE '' END"
        f" FROM bench_parts p JOIN {SNAPSHOT} w ON w.goal_id = p.goal_id",
        f"INSERT INTO {TRANSFER} (kind, debit_id, credit_id, points, key, purpose, reference, note, at)"
        f" SELECT 'pending', {terms.pool_id}, a.id, {POINTS}, w.key || ':' || {id_text('u.public_id')}, 'payout',"
        f" w.reference, '', {moment()} FROM bench_parts p"
        f" JOIN (SELECT x.goal_id, x.status, x.workdays,"
        f" {sha256(id_text('g.public_id') + ' || x.period || x.status')} AS key,"
        f" 'goal:' || {id_text('g.public_id')} || ':' || x.period AS reference"
        f" FROM {SNAPSHOT} x JOIN {GOAL} g ON g.id = x.goal_id) w ON w.goal_id = p.goal_id"
        f" JOIN {PERSON} u ON u.id = p.person_id JOIN {ACCOUNT} a ON a.person_id = u.id WHERE {paid}",
        f"INSERT INTO {PAYOUT} (goal_id, period, person_id, snapshot_id, transfer_id)"
        f" SELECT w.goal_id, w.period, a.person_id, w.id, t.id"
        f" FROM {TRANSFER} t JOIN {ACCOUNT} a ON a.id = t.credit_id"
        f" JOIN bench_parts p ON p.person_id = a.person_id JOIN {SNAPSHOT} w ON w.goal_id = p.goal_id"
        " WHERE t.kind = 'pending'",
        *events,
        "DROP TABLE bench_parts",
    ]


# Rounds ----------------------------------------------------------------------------------------------------------


def settle_tables() -> None:
    """What a server does in the background, done before the clock starts, for both ways alike."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if is_postgresql() else "ANALYZE")
        cursor.execute("CHECKPOINT" if is_postgresql() else "PRAGMA wal_checkpoint(TRUNCATE)")


def empty() -> None:
    """The state before the close: nothing frozen, and a funded pool."""
    with connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute(f"TRUNCATE {SNAPSHOT}, {TRANSFER} CASCADE")
        else:
            drop_guards(connection)
            for model in WRITTEN:
                cursor.execute(f"DELETE FROM {model._meta.db_table}")
            make_guards(connection)
    fund_pool(Account.objects.get(key="BENCH"), points=10_000_000, key="bench", by=None, at=AT - dt.timedelta(days=9))
    settle_tables()


def timed(work) -> float:
    gc.collect()
    began = clock()
    work()
    return clock() - began


def rows() -> dict[str, list[tuple]]:
    """All that was written, but for the ids that are drawn."""
    parts = ["person", "total", "count", "days", "percent", "value", "status", "points", "unpaid", "kept_by"]
    told = [
        (*each[:3], json.dumps(each[3], sort_keys=True)) for each in columns(Event, ["goal", "type", "at", "payload"])
    ]
    return {
        "snapshots": columns(Snapshot, plain_columns(Snapshot)),
        "terms": [json.dumps(each, sort_keys=True) for (each,) in Snapshot.objects.values_list("as_they_were")],
        "members": columns(SnapshotMember, ["snapshot__goal", *parts]),
        "transfers": columns(Transfer, plain_columns(Transfer)),
        "payouts": columns(Payout, ["goal", "period", "person", "snapshot__goal", "transfer__key"]),
        "events": sorted(told),
        "keys": sorted(each.key == f"{each.type}:{each.snapshot.public_id}" for each in Event.objects.all()[:20]),
    }


def plain_columns(model) -> list[str]:
    return [field.attname for field in model._meta.fields if field.name not in ("id", "public_id", "as_they_were")]


def columns(model, names) -> list[tuple]:
    return sorted(model.objects.order_by().values_list(*names), key=repr)


def check() -> None:
    by_hand()
    expected = rows()
    empty()
    by_laurel()
    found = rows()
    for name, written in expected.items():
        if found[name] != written:
            other = next(pair for pair in zip(found[name], written, strict=False) if pair[0] != pair[1])
            raise SystemExit(f"The two ways do not write the same {name}: {other}")
    print(", ".join(f"{len(found[name]):,} {name}" for name in ("snapshots", "members", "transfers", "events")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=10_000)
    parser.add_argument("--goals", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    fill(options.agents, options.goals)
    print(f"{connection.vendor}: {options.agents:,} agents in {options.goals:,} goals", flush=True)
    check()
    with CaptureQueriesContext(connection) as idle:
        close_periods(at=AT)
    laurel, hand = [], []
    for number in range(options.rounds):
        pair = [(by_laurel, laurel), (by_hand, hand)]
        for way, times in pair if number % 2 else reversed(pair):
            empty()
            times.append(way())
    ratio = statistics.median(a / b for a, b in zip(laurel, hand, strict=True))
    print(
        f"closing: Laurel {statistics.median(laurel):.2f} s, by hand {statistics.median(hand):.2f} s,"
        f" median of the ratios {ratio:.2f}"
    )
    print(f"closing again: {len(idle)} queries")


if __name__ == "__main__":
    main()
