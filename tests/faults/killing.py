"""Installations with goals that are killed at named steps, and what their figures then are."""

import json
import signal
import sys
from pathlib import Path
from uuid import UUID

from conftest import BASE_DIR
from tests.installation import Installation, fresh_database

from .ready import exit_code, fork

FIGURES = {
    "results": "SELECT goal_id, period, value, status, points, unpaid FROM goals_snapshot ORDER BY goal_id",
    "members": "SELECT s.goal_id, m.person_id, m.total, m.days, m.points, m.unpaid FROM goals_snapshotmember m"
    " JOIN goals_snapshot s ON s.id = m.snapshot_id ORDER BY s.goal_id, m.person_id",
    "payouts": "SELECT goal_id, period, person_id FROM goals_payout ORDER BY goal_id, person_id",
    "transfers": "SELECT t.kind, d.key, c.key, t.points, t.key, t.purpose, t.reference FROM ledger_transfer t"
    " JOIN ledger_account d ON d.id = t.debit_id JOIN ledger_account c ON c.id = t.credit_id ORDER BY t.key",
    "events": "SELECT goal_id, type FROM goals_event ORDER BY goal_id, type",
    "comparisons": "SELECT s.goal_id, r.stage, r.verdict FROM goals_reconciliation r"
    " JOIN goals_snapshot s ON s.id = r.snapshot_id ORDER BY s.goal_id, r.stage",
    "deliveries": "SELECT e.goal_id, e.type, d.state FROM webhooks_delivery d JOIN goals_event e ON e.id = d.event_id"
    " ORDER BY e.goal_id, e.type",
}
TASKS = ("goals.tasks.close_periods", "goals.tasks.reconcile", "integrations.webhooks.tasks.deliver_events")


def figures(installation: Installation) -> dict[str, list[tuple]]:
    return {name: installation.rows(sql) for name, sql in FIGURES.items()}


def copy_of(seeded: Installation, folder: Path, broker: str = "filesystem://") -> Installation:
    folder.mkdir()
    return Installation(folder, fresh_database(folder, seeded.database), broker)


def subscribe(installation: Installation, url: str) -> None:
    """Has the seeded subscriber listen at a URL."""
    installation.write(f"UPDATE webhooks_endpoint SET url = '{url}'")


def run_goals(installation: Installation, code: str) -> int:
    """Runs code with the names of `tests.faults.goals` in a process of its own. Its exit code."""
    return exit_code(fork(installation.database, code))


def kill_at(installation: Installation, step: str, *, call: int = 2) -> None:
    """A process that closes, reconciles and delivers is killed at a step."""
    assert run_goals(installation, f"die_at({step!r}, call={call}); work()") == -signal.SIGKILL, step


def kill_worker_at(installation: Installation, step: str, *, call: int = 2) -> None:
    """A worker that took its tasks from the broker is killed at a step."""
    code = (
        "from tests.faults.goals import die_at\n"
        f"die_at({step!r}, call={call})\n"
        "from rewards_site.celery import app\n"
        "app.worker_main(['worker', '--pool', 'solo', '-l', 'WARNING', '--hostname', 'dies@test'])"
    )
    worker = installation.start(sys.executable, str(BASE_DIR / "manage.py"), "shell", "-v0", "-c", code)
    ask_for_all(installation)
    assert worker.wait(timeout=90) == -signal.SIGKILL, f"{step}\n{installation.log()}"
    installation.processes.remove(worker)


def effects(receiver) -> list[tuple]:
    """What the subscriber's side did: each event id once, in order of arrival."""
    bodies = {headers["webhook-id"]: json.loads(body) for headers, body, answer in receiver.got if answer == 200}
    return [(body["type"], body["data"]["goalId"], body["data"]["evaluationPeriod"]) for body in bodies.values()]


def event_ids(installation: Installation) -> list[str]:
    """The ids by which subscribers know the events, in their order."""
    return [str(UUID(str(each))) for (each,) in installation.rows("SELECT public_id FROM goals_event ORDER BY id")]


def ask_for_all(installation: Installation) -> None:
    for task in TASKS:
        installation.ask(task)


def lease_runs_out(installation: Installation) -> None:
    """The time passes for which a killed worker still holds an endpoint."""
    installation.write("UPDATE webhooks_endpoint SET leased_until = NULL")
