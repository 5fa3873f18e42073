"""Runs the stateful tests of goals and of the ledger for many thousand steps, on the database of DATABASE_URL.

    python -m bench.stateful [--minutes 5]

Rounds with new random seeds until the time is over; it stops at the first run that breaks a rule and prints its steps.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = {
    "goals/tests/test_stateful.py": {"LAUREL_GOAL_STEPS": "40", "LAUREL_GOAL_EXAMPLES": "50"},
    "ledger/tests/test_stateful.py": {"LAUREL_LEDGER_STEPS": "100", "LAUREL_LEDGER_EXAMPLES": "50"},
}


def run(test: str, sizes: dict[str, str], seed: int) -> int:
    """At most how many steps a round took; exits where a rule broke."""
    command = [sys.executable, "-m", "pytest", test, "-q", "-p", "no:xdist", f"--hypothesis-seed={seed}"]
    environment = {**os.environ, **sizes}
    folder = Path(__file__).parent.parent
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout[-20_000:])
        sys.exit(f"{test} broke a rule with --hypothesis-seed={seed}")
    steps, examples = (int(number) for number in sizes.values())
    return steps * examples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    options = parser.parse_args()
    until, seed, steps = time.monotonic() + 60 * options.minutes, int(time.time()), dict.fromkeys(ROUNDS, 0)
    while time.monotonic() < until:
        seed += 1
        for test, sizes in ROUNDS.items():
            steps[test] += run(test, sizes, seed)
            print(f"{test}: up to {steps[test]:,} steps, no rule broken", flush=True)


if __name__ == "__main__":
    main()
