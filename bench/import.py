"""What an import costs beside a bare script that parses the same file with types and upserts the same rows.

    python bench/import.py                           # 100,000 rows on SQLite, in a folder of its own
    DATABASE_URL=postgres://… python bench/import.py --rows 1000000 --rounds 5

On PostgreSQL it makes a database of its own on that server and drops it. The bare script uses the csv module and the
driver alone: COPY to a temporary table and ON CONFLICT on PostgreSQL, executemany with ON CONFLICT on SQLite. Bare and
Laurel take turns; each figure is the median over the rounds of the ratio within a round. Limits: rows in 2.5, with day
values and scores 4, the same file again not slower than the first time, peak memory under 1 GB.
"""

import argparse
import csv
import datetime as dt
import itertools
import os
import random
import resource
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
FOLDER = Path(tempfile.mkdtemp(prefix="laurel-bench-"))
SERVER = os.environ.get("DATABASE_URL", "")
DATABASE = f"laurel_bench_{secrets.token_hex(4)}"
os.environ["LAUREL_VAR_DIR"] = str(FOLDER)
os.environ["LOG_LEVEL"] = "WARNING"
if SERVER.startswith("postgres"):
    import psycopg

    with psycopg.connect(SERVER.replace("postgres://", "postgresql://", 1), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {DATABASE}")
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(SERVER)._replace(path=f"/{DATABASE}"))
else:
    os.environ.pop("DATABASE_URL", None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rewards_site.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from integrations.imports import actions
from interactions.models import Leg
from people.models import Division, DivisionAssignment, Queue, User
from scorecards.actions import rescore

AGENTS, DAYS, QUEUES = 600, 92, 12
COLUMNS = (
    "Id,Agent,Start,End,Media,Direction,Queue,Wait,Talk,Hold,After,Answered,Abandoned,Transferred,Resolved,Code,Stars"
)
MAPPING = """
source: bench
agent: {id: Agent}
fields:
  id: Id
  started_at: Start
  ended_at: End
  media_type: Media
  direction: Direction
  queue: Queue
  wait: Wait
  talk: Talk
  hold: Hold
  after_call: After
  answered: Answered
  abandoned: Abandoned
  transferred: Transferred
  resolved: Resolved
  wrap_up: Code
  rating: Stars
"""
BATCH = 20_000
CLOCK = [time.perf_counter]
LEG = (
    "source", "external_id", "leg_number", "agent_id", "workday", "started_at", "ended_at", "media_type", "direction",
    "queue_id", "wait_seconds", "talk_seconds", "hold_seconds", "after_call_seconds", "answered", "abandoned",
    "transferred", "resolved", "wrap_up", "rating",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cpu", action="store_true", help="CPU of this process, where a busy machine spoils time")
    options = parser.parse_args()
    CLOCK[0] = time.process_time if options.cpu else time.perf_counter
    call_command("migrate", verbosity=0)
    people = make_people()
    file = make_file(options.rows)
    print(f"{options.rows:,} rows, {file.stat().st_size >> 20} MB, {connection.vendor}", flush=True)
    rounds = [one_round(file, people, options.rows) for _ in range(options.rounds)]
    for name in rounds[0]:
        print(f"  {name:34} {statistics.median(times[name] for times in rounds):8.2f} s")
    for name, over, limit in (
        ("Laurel: rows in", "bare: rows in", 2.5),
        ("Laurel: with values and scores", "bare: rows in", 4.0),
        ("Laurel: the same file again", "Laurel: rows in", 1.0),
        ("Laurel: the same file again", "bare: the same file again", None),
    ):
        ratio = statistics.median(times[name] / times[over] for times in rounds)
        verdict = "" if limit is None else f"limit {limit}: {'kept' if ratio <= limit else 'BROKEN'}"
        print(f"  {name} ÷ {over}: {ratio:.2f} {verdict}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory {peak:.0f} MB, limit 1024: {'kept' if peak < 1024 else 'BROKEN'}")
    if SERVER.startswith("postgres"):
        connection.close()
        with psycopg.connect(SERVER.replace("postgres://", "postgresql://", 1), autocommit=True) as server:
            server.execute(f"DROP DATABASE {DATABASE}")


def make_people() -> dict[str, int]:
    division = Division.objects.create(name="Bench", time_zone="Europe/Berlin")
    users = User.objects.bulk_create([User(name=f"Agent {n}", external_id=f"A{n:04}") for n in range(AGENTS)])
    DivisionAssignment.objects.bulk_create([DivisionAssignment(person=user, division=division) for user in users])
    Queue.objects.bulk_create([Queue(name=f"Queue {n}") for n in range(QUEUES)])
    return {user.external_id: user.pk for user in users}


def make_file(rows: int) -> Path:
    """A call log as systems export it: in order of time, with ids in no order."""
    chance, file = random.Random(7), FOLDER / "calls.csv"
    begun = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
    step = dt.timedelta(days=DAYS) / rows
    with file.open("w", newline="") as target:
        target.write(COLUMNS + "\n")
        for number in range(rows):
            start = (begun + number * step).replace(microsecond=0)
            answered = chance.random() < 0.93
            talk, hold, after = chance.randrange(20, 900), chance.randrange(0, 90), chance.randrange(0, 120)
            end = start + dt.timedelta(seconds=talk + hold)
            cells = (
                f"{chance.getrandbits(64):016x}{number:06x}", f"A{chance.randrange(AGENTS):04}",
                f"{start:%Y-%m-%dT%H:%M:%SZ}", f"{end:%Y-%m-%dT%H:%M:%SZ}", "voice",
                "inbound" if chance.random() < 0.8 else "outbound", f"Queue {chance.randrange(QUEUES)}",
                chance.randrange(0, 180), talk if answered else "", hold if answered else "",
                after if answered else "", "Y" if answered else "N", "N" if answered else "Y",
                "Y" if chance.random() < 0.1 else "N", ("Y" if chance.random() < 0.8 else "N") if answered else "",
                f"code {chance.randrange(25)}", chance.choice(("", "", "1", "3", "4", "5")),
            )  # fmt: skip
            target.write(",".join(map(str, cells)) + "\n")
    return file


def one_round(file: Path, people: dict[str, int], rows: int) -> dict[str, float]:
    times = {}
    empty()
    times["bare: rows in"] = timed(lambda: bare(file, people))
    times["bare: the same file again"] = timed(lambda: bare(file, people))
    assert Leg.objects.count() == rows
    empty()
    times["Laurel: rows in"] = timed(lambda: laurel(file, (rows, 0, 0)))
    scored = timed(lambda: rescore(at=timezone.now()))
    times["Laurel: with values and scores"] = times["Laurel: rows in"] + scored
    times["Laurel: the same file again"] = timed(lambda: laurel(file, (0, 0, rows)))
    print("  " + ", ".join(f"{name} {seconds:.1f}" for name, seconds in times.items()), flush=True)
    return times


def timed(work) -> float:
    began = CLOCK[0]()
    work()
    return CLOCK[0]() - began


def empty() -> None:
    tables = (
        "scorecards_score", "scorecards_scoreday", "metrics_dayvalue", "interactions_touch", "interactions_leg",
        "imports_importissue", "imports_importfile", "imports_import",
    )  # fmt: skip
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"TRUNCATE {table} CASCADE" if connection.vendor == "postgresql" else f"DELETE FROM {table}")
        cursor.execute("VACUUM" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)")


def laurel(file: Path, expected: tuple[int, int, int]) -> None:
    at = timezone.now()
    run = actions.create_import(files=[actions.NewFile(file.name, str(file))], at=at)
    actions.start(run, mapping_text=MAPPING, at=at, holder="bench")
    actions.work(run, holder="bench", now=timezone.now)
    run.refresh_from_db()
    assert (run.rows_new, run.rows_changed, run.rows_unchanged) == expected, run.error


# The bare script -----------------------------------------------------------------------------------------------------


def typed(file: Path, people: dict[str, int], queues: dict[str, int]):
    """The rows of the file with types, as they are stored."""
    berlin = Division.objects.get(name="Bench").zone
    truth = {"Y": True, "N": False, "": None}

    def thousandths(text: str) -> int | None:
        return int(float(text) * 1000) if text else None

    with file.open(newline="") as source:
        reader = csv.reader(source)
        next(reader)
        for row in reader:
            start = dt.datetime.fromisoformat(row[2])
            yield (
                "bench", row[0], 1, people[row[1]], start.astimezone(berlin).date(), start,
                dt.datetime.fromisoformat(row[3]), row[4], row[5], queues[row[6]], thousandths(row[7]),
                thousandths(row[8]), thousandths(row[9]), thousandths(row[10]), truth[row[11]], truth[row[12]],
                truth[row[13]], truth[row[14]], row[15], thousandths(row[16]),
            )  # fmt: skip


def bare(file: Path, people: dict[str, int]) -> None:
    rows = typed(file, people, dict(Queue.objects.values_list("name", "pk")))
    write = bare_postgresql if connection.vendor == "postgresql" else bare_sqlite
    connection.ensure_connection()
    while batch := list(itertools.islice(rows, BATCH)):
        write(connection.connection, batch)


def updates() -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in LEG[3:])


def bare_postgresql(raw, batch: list[tuple]) -> None:
    names = ", ".join(LEG)
    with raw.transaction(), raw.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE bare ON COMMIT DROP AS SELECT {names} FROM interactions_leg WITH NO DATA")
        with cursor.copy(f"COPY bare ({names}) FROM STDIN") as copy:
            for row in batch:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO interactions_leg ({names}) SELECT {names} FROM bare"
            f" ON CONFLICT (source, external_id, leg_number) DO UPDATE SET {updates()}"
        )


def bare_sqlite(raw, batch: list[tuple]) -> None:
    marks = ", ".join("?" * len(LEG))
    raw.execute("BEGIN IMMEDIATE")
    raw.executemany(
        f"INSERT INTO interactions_leg ({', '.join(LEG)}) VALUES ({marks})"
        f" ON CONFLICT (source, external_id, leg_number) DO UPDATE SET {updates()}",
        ((*row[:4], str(row[4]), str(row[5])[:19], str(row[6])[:19], *row[7:]) for row in batch),
    )
    raw.execute("COMMIT")


if __name__ == "__main__":
    main()
