"""Times a rescore against a hand-written INSERT … SELECT that writes the same rows from the same state.

    python -m bench.rescore [--agents 10000] [--days 31] [--rounds 5]

The database is DATABASE_URL, which must be empty and is filled; without it a new SQLite file in a temporary folder.
"""

import argparse
import datetime as dt
import gc
import itertools
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

from foundation.records.dated import EVER
from interactions.actions import touch_rows
from interactions.enums import TouchReason
from interactions.models import Touch
from metrics.models import DayValue, Metric
from people.models import Division, User
from people.queries import default_division
from scorecards.actions import rescore
from scorecards.enums import ObjectiveKind, ZoneKind
from scorecards.models import Objective, ObjectiveTerms, Profile, Score, ScoreDay
from scorecards.rules.scoring import Zone, maximum_of, zones_to_json

FIRST = dt.date(2024, 8, 1)
AT = dt.datetime(2024, 9, 2, 12, tzinfo=dt.UTC)
OBJECTIVES = 10
clock = time.perf_counter
SCORE, DAY, VALUE, TOUCH = (model._meta.db_table for model in (Score, ScoreDay, DayValue, Touch))


def zones_of(number: int, shift: int) -> tuple[Zone, ...]:
    """Lower is better, higher is better and a target area in turn; `shift` moves the points of all zones but `out`."""
    low, high, s = (150 + number) * 100_000, (600 + number) * 100_000, shift
    if number % 3 == 0:
        return (
            Zone(ZoneKind.TARGET, None, low, 300 + s, 300 + s),
            Zone(ZoneKind.GOOD, low, high, 200 + s, 100 + s),
            Zone(ZoneKind.OUT, high, None, 0, 0),
        )
    if number % 3 == 1:
        return (
            Zone(ZoneKind.OUT, None, low, 0, 0),
            Zone(ZoneKind.GOOD, low, high, 100 + s, 200 + s),
            Zone(ZoneKind.TARGET, high, None, 300 + s, 300 + s),
        )
    return (
        Zone(ZoneKind.OUT, None, low, 0, 0),
        Zone(ZoneKind.GOOD, low, low + 10_000_000, 100 + s, 200 + s),
        Zone(ZoneKind.TARGET, low + 10_000_000, high, 300 + s, 300 + s),
        Zone(ZoneKind.GOOD, high, high + 10_000_000, 200 + s, 100 + s),
        Zone(ZoneKind.OUT, high + 10_000_000, None, 0, 0),
    )


def kind_of(number: int) -> ObjectiveKind:
    return (ObjectiveKind.LOWER, ObjectiveKind.HIGHER, ObjectiveKind.AREA)[number % 3]


def fill(agents: int, days: int) -> list[ObjectiveTerms]:
    """Agents in a division, one default profile with ten objectives, and every day value of the month."""
    call_command("migrate", verbosity=0)
    if User.objects.exists():
        raise SystemExit("The database is not empty: give one that may be filled.")
    Profile.objects.update(is_default=False)
    profile = Profile.objects.create(name="Bench", is_default=True)
    division = Division.objects.create(name="Bench")
    people = User.objects.bulk_create([User(name=f"Agent {n}", external_id=f"a{n}") for n in range(agents)])
    default_division()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_divisionassignment (person_id, division_id, from_on)"
            " SELECT id, %s, %s FROM people_user",
            [division.pk, EVER],
        )
    terms = [make_objective(profile, number) for number in range(OBJECTIVES)]
    workdays = [FIRST + dt.timedelta(days=n) for n in range(days)]
    with transaction.atomic(), connection.cursor() as cursor:
        for person in people:
            cursor.executemany(
                f"INSERT INTO {VALUE} (agent_id, workday, metric_id, total, count) VALUES (%s, %s, %s, %s, %s)",
                [
                    [person.pk, day, one.metric_id, *value_of(person.pk, day.day, number)]
                    for day in workdays
                    for number, one in enumerate(terms)
                ],
            )
    return terms


def value_of(agent: int, day: int, number: int) -> tuple[int, int]:
    """A value between 50 and 850 over 20 to 60 interactions, the same at each run."""
    count = 20 + (agent * 7 + day * 3 + number) % 41
    return (50 + (agent * 131 + day * 37 + number * 17) % 800) * 100_000 * count + (agent + day) % 997, count * 1000


def make_objective(profile: Profile, number: int) -> ObjectiveTerms:
    metric = Metric.objects.create(key=f"bench-{number}", name=f"Bench {number}", unit="seconds", source="external")
    objective = Objective.objects.create(profile=profile, metric=metric, position=number)
    zones = zones_to_json(zones_of(number, 0))
    return ObjectiveTerms.objects.create(objective=objective, kind=kind_of(number), zones=zones, metric=metric)


# Two ways --------------------------------------------------------------------------------------------------------


def by_laurel(terms, shift: int, workday=None) -> float:
    for number, one in enumerate(terms):
        one.zones = zones_to_json(zones_of(number, shift))
        one.save()
    touch_days(workday)
    return timed(lambda: rescore(at=AT))


def by_hand(terms, shift: int, workday=None) -> float:
    """What someone would write who knows that these are all the terms, one profile and one division."""
    touch_days(workday)
    statements = hand_written(terms, shift, workday)
    return timed(lambda: run_in_one_transaction(statements))


def run_in_one_transaction(statements) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def hand_written(terms, shift: int, workday) -> list[str]:
    on = f"workday = '{workday}'" if workday else f"workday >= '{FIRST}'"
    maxima = {one.objective_id: maximum_of(zones_of(number, shift)) for number, one in enumerate(terms)}
    profile, division = terms[0].objective.profile_id, Division.objects.get(name="Bench").pk
    metrics = ", ".join(str(one.metric_id) for one in terms)
    objective = cases(terms, lambda number, one: str(one.objective_id))
    return [
        f"DELETE FROM {TOUCH} WHERE {on}",
        f"DELETE FROM {SCORE} WHERE {on}",
        f"INSERT INTO {SCORE} (agent_id, workday, objective_id, terms_id, points, maximum, zone, reason, revision)"
        f" SELECT v.agent_id, v.workday, {objective}, {cases(terms, lambda number, one: str(one.pk))},"
        f" {cases(terms, lambda number, one: points_case(zones_of(number, shift)))},"
        f" {cases(terms, lambda number, one: str(maxima[one.objective_id]))},"
        f" {cases(terms, lambda number, one: zone_case(zones_of(number, shift)))}, '', {shift}"
        f" FROM {VALUE} v WHERE v.{on} AND v.metric_id IN ({metrics})",
        f"INSERT INTO {DAY} AS d (agent_id, workday, division_id, profile_id, points, maximum, revision, changed_at)"
        f" SELECT agent_id, workday, {division}, {profile}, SUM(points), SUM(maximum), 1, '2024-09-02 12:00:00'"
        f" FROM {SCORE} WHERE {on} GROUP BY agent_id, workday"
        f" ON CONFLICT (agent_id, workday) DO UPDATE SET points = excluded.points, maximum = excluded.maximum,"
        f" revision = d.revision + 1, changed_at = excluded.changed_at",
    ]


def cases(terms, then) -> str:
    whens = " ".join(f"WHEN {one.metric_id} THEN {then(number, one)}" for number, one in enumerate(terms))
    return f"CASE v.metric_id {whens} END"


def inside(zone: Zone, next_zone: Zone) -> str:
    better = {ZoneKind.OUT: 0, ZoneKind.GOOD: 1, ZoneKind.TARGET: 2}
    sign = "<=" if better[zone.kind] > better[next_zone.kind] else "<"
    return f"v.total {sign} {zone.upper // 1000} * v.count"


def points_case(zones) -> str:
    whens = [f"WHEN {inside(a, b)} THEN {line(a)}" for a, b in itertools.pairwise(zones)]
    return f"CASE {' '.join(whens)} ELSE {line(zones[-1])} END"


def line(zone: Zone) -> str:
    if zone.lower is None or zone.upper is None:
        return str(zone.lower_points)
    rise, width = zone.upper_points - zone.lower_points, (zone.upper - zone.lower) // 1000
    top = f"({zone.lower_points} * {width} * v.count + {rise} * (v.total - {zone.lower // 1000} * v.count))"
    return f"(2 * {top} + {width} * v.count) / (2 * {width} * v.count)"


def zone_case(zones) -> str:
    whens = [f"WHEN {inside(a, b)} THEN '{a.kind.value}'" for a, b in itertools.pairwise(zones)]
    return f"CASE {' '.join(whens)} ELSE '{zones[-1].kind.value}' END"


# Rounds ----------------------------------------------------------------------------------------------------------


def touch_days(workday) -> None:
    rows = DayValue.objects.filter(workday=workday) if workday else DayValue.objects.all()
    touch_rows(rows, reason=TouchReason.TERMS, at=AT)
    settle(TOUCH)


def settle(*tables) -> None:
    """What a server does in the background, done before the clock starts, for both ways alike."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM ANALYZE {table}" if connection.vendor == "postgresql" else f"ANALYZE {table}")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute("CHECKPOINT")


def empty() -> None:
    with connection.cursor() as cursor:
        for table in (SCORE, DAY):
            cursor.execute(f"{'TRUNCATE' if connection.vendor == 'postgresql' else 'DELETE FROM'} {table}")
    settle(SCORE, DAY)


def timed(work) -> float:
    gc.collect()
    began = clock()
    work()
    return clock() - began


def rows() -> list[tuple]:
    """Sums that differ when any score differs, likely enough for a check of the two ways."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT objective_id, zone, COUNT(*), SUM(points), SUM(maximum), SUM(points * (agent_id % 97))"
            f" FROM {SCORE} GROUP BY objective_id, zone ORDER BY objective_id, zone"
        )
        scores = [tuple(int(x) if isinstance(x, int) else str(x) for x in row) for row in cursor.fetchall()]
        cursor.execute(f"SELECT COUNT(*), SUM(points), SUM(maximum), SUM(points * (agent_id % 97)) FROM {DAY}")
        return scores + [tuple(str(x) for x in row) for row in cursor.fetchall()]


def both(name: str, terms, rounds: int, *, fresh: bool, workday=None) -> list[float]:
    """Laurel's seconds, after printing the median of the ratios of interleaved rounds."""
    laurel, hand, shift = [], [], 0
    for number in range(rounds):
        pair = [(by_laurel, laurel), (by_hand, hand)]
        for way, times in pair if number % 2 else reversed(pair):
            shift += 1
            if fresh:
                empty()
            else:
                settle(SCORE, DAY)
            times.append(way(terms, shift, workday))
    ratio = statistics.median(a / b for a, b in zip(laurel, hand, strict=True))
    print(
        f"{name}: Laurel {statistics.median(laurel):.2f} s, by hand {statistics.median(hand):.2f} s,"
        f" median of the ratios {ratio:.2f}",
        flush=True,
    )
    return laurel


def check(terms) -> None:
    by_hand(terms, 0)
    expected = rows()
    empty()
    by_laurel(terms, 0)
    if rows() != expected:
        raise SystemExit("The two ways do not write the same rows.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=31)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    terms = fill(options.agents, options.days)
    size = f"{options.agents:,} agents × {OBJECTIVES} objectives × {options.days} days"
    print(f"{connection.vendor}: {size}", flush=True)
    check(terms)
    both("first scoring, empty tables", terms, options.rounds, fresh=True)
    month = both("rescoring, every row changes", terms, options.rounds, fresh=False)
    day = [by_laurel(terms, 100 + n, FIRST + dt.timedelta(days=n)) for n in range(options.rounds)]
    share = statistics.median(a / b for a, b in zip(day, month, strict=True))
    print(f"one late day: {statistics.median(day):.2f} s, {share:.3f} of the month")


if __name__ == "__main__":
    main()
