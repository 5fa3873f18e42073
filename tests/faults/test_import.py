"""A worker is killed in the middle of an import; beat finds it again, another worker ends it, and all is scored."""

import csv
import datetime as dt
from pathlib import Path

import pytest

from tests.installation import Installation, kill

from .figures import figures

pytestmark = pytest.mark.faults
AGENTS, DAYS, CALLS = 20, 25, 60
ROWS = AGENTS * DAYS * CALLS
ATTEMPTS = 5
MAPPING = """
kind: interactions
source: faults
time_zone: division
agent: {name: agent, unknown: create}
fields:
  id: id
  started_at: {column: began, format: yyyy-mm-dd hh:mm}
  answered: answered
  talk: talk
  wait: wait
"""


@pytest.fixture
def call_log(tmp_path) -> Path:
    """A CSV file of `ROWS` calls and a mapping beside it."""
    file = tmp_path / "calls.csv"
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["id", "agent", "began", "answered", "talk", "wait"])
        for number in range(ROWS):
            agent, rest = number % AGENTS, number // AGENTS
            day = dt.date(2026, 1, 5) + dt.timedelta(days=rest % DAYS)
            writer.writerow(
                [number, f"Agent {agent}", f"{day} {8 + rest % 9:02}:{rest % 60:02}", "yes", 60 + rest % 400, rest % 90]
            )
    (tmp_path / "mapping.yaml").write_text(MAPPING)
    return file


def queue_import(installation: Installation, file: Path) -> None:
    """Puts the import in the queue, as the page does."""
    code = (
        "from django.utils.timezone import now\n"
        "from integrations.imports.actions import NewFile, create_import, start\n"
        f"run = create_import(files=[NewFile('calls.csv', {str(file)!r})], at=now())\n"
        f"start(run, mapping_text={MAPPING!r}, at=now())"
    )
    installation.manage("shell", "-v0", "-c", code)


def progress(installation: Installation) -> tuple[str, int]:
    return installation.rows("SELECT status, rows_taken FROM imports_import")[0]


def killed_while_importing(install, file: Path) -> Installation:
    """An installation whose worker was killed once a batch was in; on a busy machine that may be late."""
    installation = install()
    queue_import(installation, file)
    worker = installation.start_worker()
    installation.start_beat()
    installation.wait_until(lambda: progress(installation)[1] > 0, every=0.001)
    kill(worker)
    return installation


def test_import_killed_in_the_middle_ends_as_if_undisturbed(install, call_log):
    undisturbed = install()
    undisturbed.manage("import_interactions", str(call_log), "--mapping", str(call_log.parent / "mapping.yaml"))
    undisturbed.manage("rescore")

    disturbed = next(
        killed for _ in range(ATTEMPTS) if progress(killed := killed_while_importing(install, call_log))[1] < ROWS
    )
    assert 0 < progress(disturbed)[1] < ROWS
    disturbed.write("UPDATE imports_import SET lease_until = started_at")  # the lease of the killed worker runs out
    disturbed.start_worker()
    disturbed.wait_until(lambda: progress(disturbed) == ("done", ROWS))
    disturbed.wait_until(lambda: disturbed.number("SELECT COUNT(*) FROM interactions_touch") == 0)
    assert figures(disturbed) == figures(undisturbed)
    assert len(figures(disturbed)["legs"]) == ROWS
    assert len(figures(disturbed)["scored days"]) == AGENTS * DAYS
