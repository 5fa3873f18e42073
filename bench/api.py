"""External data over HTTP against plain psycopg: `DATABASE_URL=postgresql://… python -m bench.api`

One server process takes batches of 100 from four clients at once, into an empty PostgreSQL. Beside it, four
connections of plain psycopg write the same readings and touches, a batch a transaction. The two take turns. At the end
worker and beat run as in an installation, and a last batch is looked for on a scorecard.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE_DIR))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rewards_site.settings")
os.environ.setdefault("LAUREL_VAR_DIR", tempfile.mkdtemp(prefix="laurel-bench-"))  # the queue of these processes only

import django

django.setup()

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from integrations.api.tests.factories import make_client, make_token
from metrics.models import DayValue, Metric, Reading
from people.models import User
from scorecards.actions import rescore
from scorecards.models import Profile
from scorecards.rules.scoring import Zone
from scorecards.tests.factories import make_terms

PORT = 8196
CLIENTS = 4
BATCH = 100
AGENTS = 2_500
"""A round is a reading for each of them from each client: four a day and round."""
RATE = 2_000
"""Items a second, the limit where half of plain psycopg is more."""
POLL_SECONDS = 45
"""How often the page of a scorecard asks."""


def main() -> int:
    options = _options()
    if connection.vendor != "postgresql":
        print("Give DATABASE_URL of an empty PostgreSQL.")
        return 1
    call_command("migrate", verbosity=0)
    agents = User.objects.bulk_create([User(name=f"Agent {number}") for number in range(AGENTS)])
    metric = Metric.objects.create(key="sold", name="Sold", unit="number", source="external", aggregation="average")
    make_terms(Profile.objects.get(is_default=True), metric, (Zone("target", None, None, 1, 1),))
    tokens = [make_token(make_client("administrator", calls_a_minute=10**9)) for _ in range(CLIENTS)]
    server = _serve()
    try:
        by_http, by_psycopg = _take_turns(options, tokens, agents, metric)
        _check(options, metric)
        seconds = _seconds_to_the_scorecard(tokens[0], agents[0], metric)
    finally:
        server.terminate()
        server.wait()
    limit = min(RATE, by_psycopg / 2)
    print(f"HTTP {by_http:,.0f} items/s, plain psycopg {by_psycopg:,.0f}, ratio {by_http / by_psycopg:.2f}")
    print(f"limit {limit:,.0f} (the lower of {RATE:,} and half of plain psycopg): {by_http / limit:.2f} times that")
    print(f"on the scorecard {seconds:.1f} s later, with worker and beat; its page asks every {POLL_SECONDS} s")
    holds = by_http >= limit and seconds <= POLL_SECONDS
    print("holds" if holds else "does not hold")
    return 0 if holds else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000, help="of one round")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def _serve() -> subprocess.Popen:
    """One server process, as an installation runs it."""
    command = [sys.executable, "-m", "gunicorn", "rewards_site.wsgi", "-b", f"127.0.0.1:{PORT}", "--workers", "1"]
    environment = {**os.environ, "LOG_LEVEL": "WARNING"}
    server = subprocess.Popen([*command, "--threads", "4", "--log-level", "warning"], cwd=BASE_DIR, env=environment)
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            http.client.HTTPConnection("127.0.0.1", PORT, timeout=1).connect()
        except OSError:
            time.sleep(0.1)
        else:
            return server
    raise SystemExit("the server did not start")


def _take_turns(options, tokens, agents, metric) -> tuple[float, float]:
    """Items a second of both, the median of all rounds; the first round of each warms up."""
    ids, today = [str(agent.public_id) for agent in agents], timezone.now().date()
    rates: dict[str, list[float]] = {"http": [], "psycopg": []}
    for turn in range(options.rounds + 1):
        by_http = _rate(options.items, _poster(tokens, ids, metric, today, turn))
        by_psycopg = _rate(options.items, _writer(agents, metric, today, turn))
        if turn:
            rates["http"].append(by_http)
            rates["psycopg"].append(by_psycopg)
            print(f"round {turn}: HTTP {by_http:,.0f} items/s, plain psycopg {by_psycopg:,.0f}")
    return statistics.median(rates["http"]), statistics.median(rates["psycopg"])


def _rate(items: int, send) -> float:
    """Items a second of four threads that send batches: `send(place, number)`."""
    batches = items // BATCH // CLIENTS
    failed = []

    def work(place):
        try:
            for number in range(batches):
                send(place, number)
        except Exception as error:  # noqa: BLE001 - told below, whatever it is
            failed.append(error)

    threads = [threading.Thread(target=work, args=[place]) for place in range(CLIENTS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise SystemExit(f"failed: {failed[0]}")
    return batches * CLIENTS * BATCH / (time.perf_counter() - started)


_connections = threading.local()


def _poster(tokens, ids, metric, today, turn):
    """Batches by HTTP over connections that are kept, as the SDKs keep them."""
    one = {"metricId": str(metric.pk), "dateOccurred": str(today), "value": 1, "type": "Cumulative"}

    def post(place, number):
        if not hasattr(_connections, "http"):
            _connections.http = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        body = json.dumps({"items": [one | {"userId": user} for user in _batch(ids, number)]})
        headers = {
            "Authorization": f"Bearer {tokens[place]}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"{turn}:{number}",
        }
        _connections.http.request("POST", "/api/v2/employeeperformance/externalmetrics/data", body, headers)
        answer = _connections.http.getresponse()
        told = json.loads(answer.read())
        assert answer.status == 200 and not told["unprocessedEntities"], told

    return post


def _batch(rows, number: int) -> list:
    start = number * BATCH % len(rows)
    return rows[start : start + BATCH]


def _writer(agents, metric, today, turn):
    """Plain psycopg writes the same rows into tables of the same shape."""
    with connection.cursor() as cursor:
        for table in ("metrics_reading", "interactions_touch"):
            cursor.execute(f"CREATE TABLE IF NOT EXISTS plain_{table} (LIKE {table} INCLUDING ALL)")
    given = connection.get_connection_params()
    arguments = {name: given[name] for name in ("host", "port", "user", "password", "dbname") if given.get(name)}

    def write(place, number):
        if not hasattr(_connections, "plain"):
            _connections.plain = psycopg.connect(**arguments)
        at = timezone.now()
        rows = [
            (metric.pk, agent.pk, today, "cumulative", 100000, None, "plain", f"{turn}:{place}:{number}:{each}", at)
            for each, agent in enumerate(_batch(agents, number))
        ]
        with _connections.plain.transaction(), _connections.plain.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO plain_metrics_reading (metric_id, agent_id, workday, kind, value, count, source, key, at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
                " ON CONFLICT (source, key) DO UPDATE SET value = excluded.value",
                rows,
            )
            cursor.executemany(
                "INSERT INTO plain_interactions_touch (agent_id, workday, reason, at) VALUES (%s, %s, 'reading', %s)",
                [(agent.pk, today, at) for agent in _batch(agents, number)],
            )

    return write


def _check(options, metric) -> None:
    """Nothing was lost and nothing came twice."""
    expected = (options.rounds + 1) * (options.items // BATCH // CLIENTS) * CLIENTS * BATCH
    assert Reading.objects.filter(metric=metric).count() == expected
    rescore(at=timezone.now())
    added_up = DayValue.objects.filter(metric=metric).aggregate(sum=Sum("total"))["sum"]
    assert added_up == expected, added_up
    print(f"all values add up to {added_up:,.0f}")


def _seconds_to_the_scorecard(token: str, agent: User, metric: Metric) -> float:
    """From a batch of the API to the scorecard of the API, with a worker and beat that find the work by themselves."""
    reader = make_token(make_client("quality_evaluator"))
    today = timezone.now().date()
    path = f"/api/v2/gamification/scorecards/users/{agent.public_id}?workday={today}"
    command = [sys.executable, "-m", "celery", "--app", "rewards_site", "--quiet", "worker", "--beat"]
    schedule = ["--schedule", f"{os.environ['LAUREL_VAR_DIR']}/beat", "--pidfile=", "--loglevel", "ERROR"]
    worker = subprocess.Popen([*command, *schedule], cwd=BASE_DIR)
    try:
        time.sleep(10)  # until both are up
        before = _values(reader, path)
        item = {"userId": str(agent.public_id), "metricId": str(metric.pk), "dateOccurred": str(today), "value": 12345}
        started = time.perf_counter()
        _call(token, "POST", "/api/v2/employeeperformance/externalmetrics/data", {"items": [item]})
        while 12345 not in _values(reader, path):
            if time.perf_counter() - started > 2 * POLL_SECONDS:
                raise SystemExit(f"the scorecard stays at {before}")
            time.sleep(0.2)
        return time.perf_counter() - started
    finally:
        worker.terminate()
        worker.wait()


def _values(token: str, path: str) -> list:
    return [card.get("value") for card in _call(token, "GET", path)["entities"]]


def _call(token: str, method: str, path: str, body=None) -> dict:
    link = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    link.request(method, path, json.dumps(body) if body else None, headers)
    answer = link.getresponse()
    told = json.loads(answer.read())
    assert answer.status == 200, told
    return told


if __name__ == "__main__":
    assert settings.configured
    raise SystemExit(main())
