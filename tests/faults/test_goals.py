"""A worker is killed at each named step of closing and reconciling; the next run ends as an undisturbed one."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import BASE_DIR
from tests.installation import Installation, fresh_database

from .goals import GOALS, MEMBERS, STEPS

pytestmark = pytest.mark.faults

FIGURES = {
    "results": "SELECT goal_id, period, value, status, points, unpaid FROM goals_snapshot ORDER BY goal_id",
    "members": "SELECT s.goal_id, m.person_id, m.total, m.days, m.points, m.unpaid FROM goals_snapshotmember m"
    " JOIN goals_snapshot s ON s.id = m.snapshot_id ORDER BY s.goal_id, m.person_id",
    "payouts": "SELECT goal_id, period, person_id FROM goals_payout ORDER BY goal_id, person_id",
    "transfers": "SELECT kind, debit_id, credit_id, points, key, purpose, reference FROM ledger_transfer ORDER BY key",
    "events": "SELECT goal_id, type FROM goals_event ORDER BY goal_id, type",
    "comparisons": "SELECT s.goal_id, r.stage, r.verdict FROM goals_reconciliation r"
    " JOIN goals_snapshot s ON s.id = r.snapshot_id ORDER BY s.goal_id",
}


def figures(installation: Installation) -> dict[str, list[tuple]]:
    return {name: installation.rows(sql) for name, sql in FIGURES.items()}


def copy_of(seeded: Installation, folder: Path) -> Installation:
    folder.mkdir()
    return Installation(folder, fresh_database(folder, seeded.database))


def work(installation: Installation, first: str = "") -> int:
    """Closes and reconciles in a process of its own. Its exit code."""
    code = f"from tests.faults.goals import die_at, work; {first}work()"
    command = [sys.executable, str(BASE_DIR / "manage.py"), "shell", "-v0", "-c", code]
    return subprocess.run(command, cwd=BASE_DIR, env=installation.environment, check=False).returncode


def test_killed_at_each_step_ends_as_if_undisturbed(install, tmp_path):
    seeded = install()
    seeded.manage("shell", "-v0", "-c", "from tests.faults.goals import seed; seed()")
    undisturbed = copy_of(seeded, tmp_path / "undisturbed")
    assert work(undisturbed) == 0
    expected = figures(undisturbed)
    assert [len(expected[name]) for name in ("payouts", "comparisons")] == [MEMBERS * GOALS, GOALS]

    for number, step in enumerate(STEPS):
        killed = copy_of(seeded, tmp_path / f"killed-{number}")
        assert work(killed, f"die_at({step!r}); ") == -signal.SIGKILL
        assert figures(killed) != expected, step
        for _ in range(2):
            assert work(killed) == 0
            assert figures(killed) == expected, step
