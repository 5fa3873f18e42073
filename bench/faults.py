"""Kills workers at every named step of closing, reconciling and delivering, and looks whether the next one ends as an
undisturbed one would.

    python -m bench.faults [--kills 108] [--broker redis://127.0.0.1:6379/0]

Every other kill hits a worker that took its tasks from the broker, the rest a process that does the same work. The
broker is the embedded one unless another is given. The database is SQLite; with DATABASE_URL of a PostgreSQL server,
databases of its own there.
"""

import argparse
import itertools
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["LAUREL_WEBHOOK_ALLOW_PRIVATE"] = "true"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rewards_site.settings")

import django

django.setup()

from integrations.webhooks.tests.receiver import receiving
from tests.faults.goals import GOALS, STEPS
from tests.faults.killing import (
    ask_for_all,
    copy_of,
    effects,
    figures,
    kill_at,
    kill_worker_at,
    lease_runs_out,
    run_goals,
    subscribe,
)
from tests.installation import Installation, fresh_database, migrated_template

CALLS = (1, 2, GOALS)


def seeded(folder: Path, *, hours: int) -> Installation:
    folder.mkdir()
    installation = Installation(folder, fresh_database(folder, migrated_template()))
    assert run_goals(installation, f"seed(hours={hours}, subscriber='http://127.0.0.1/')") == 0
    return installation


def undisturbed(seed: Installation, folder: Path, *, by_the_clock: bool) -> tuple[dict, list]:
    """The figures of a run that nobody disturbs, and what its subscriber was told."""
    with receiving(200) as subscriber:
        installation = copy_of(seed, folder)
        subscribe(installation, subscriber.url)
        assert run_goals(installation, f"work(by_the_clock={by_the_clock})") == 0
        return figures(installation), sorted(effects(subscriber))


def killed_process(seed: Installation, folder: Path, step: str, call: int, expected) -> bool:
    with receiving(200) as subscriber:
        installation = copy_of(seed, folder)
        subscribe(installation, subscriber.url)
        kill_at(installation, step, call=call)
        for minutes in (2, 4):
            assert run_goals(installation, f"work(minutes={minutes})") == 0
        return (figures(installation), sorted(effects(subscriber))) == expected


def killed_worker(seed: Installation, folder: Path, step: str, call: int, expected, broker: str) -> bool:
    with receiving(200) as subscriber:
        installation = copy_of(seed, folder, broker)
        subscribe(installation, subscriber.url)
        try:
            kill_worker_at(installation, step, call=call)
            lease_runs_out(installation)
            installation.start_worker()
            ask_for_all(installation)
            installation.wait_until(lambda: figures(installation) == expected[0])
            return sorted(effects(subscriber)) == expected[1]
        except AssertionError as error:
            print(error)
            return False
        finally:
            installation.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=108)
    parser.add_argument("--broker", default="filesystem://")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="laurel-faults-") as folder:
        run(Path(folder), options)


def run(folder: Path, options) -> None:
    stable, at_once = seeded(folder / "stable", hours=72), seeded(folder / "at-once", hours=0)
    expected = undisturbed(stable, folder / "expected", by_the_clock=False)
    expected_now = undisturbed(at_once, folder / "expected-now", by_the_clock=True)
    survived, failed = Counter(), []
    plan = itertools.cycle((step, call) for call in CALLS for step in STEPS)
    for number, (step, call) in zip(range(options.kills), plan, strict=False):
        home = folder / f"killed-{number}"
        if number % 2:
            is_same = killed_worker(at_once, home, step, call, expected_now, options.broker)
        else:
            is_same = killed_process(stable, home, step, call, expected)
        survived[step] += is_same
        if not is_same:
            failed.append(f"{step}, call {call}, {'worker' if number % 2 else 'process'}")
        print(".", end="", flush=True)
    print()
    for step, times in survived.items():
        print(f"{step}: {times} ended as undisturbed")
    print(f"{sum(survived.values())} of {options.kills} kills ended as an undisturbed run", *failed, sep="\n")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
