"""A worker is killed in the middle of an import; then another one goes on."""

import pytest

from tests.installation import Installation, kill

from .figures import figures

pytestmark = pytest.mark.faults
ROWS = 120_000
ATTEMPTS = 5

MAPPING = """
source: killed
agent: {name: Agent, unknown: create, team: {value: Everyone}}
fields:
  id: {row: yes}
  started_at: Start
  talk: Talk
  answered: {value: yes}
"""
START = """
from django.utils import timezone
from integrations.imports import actions
run = actions.create_import(files=[actions.NewFile("calls.csv", "%s")], at=timezone.now())
actions.start(run, mapping_text=open("%s").read(), at=timezone.now())
"""


@pytest.fixture(scope="module")
def call_log(tmp_path_factory):
    """A file with rows of equal content far apart, and its mapping."""
    folder = tmp_path_factory.mktemp("calls")
    (folder / "mapping.yaml").write_text(MAPPING)
    lines = [f"Agent {at % 7},2024-{at % 12 + 1:02d}-{at % 28 + 1:02d} 10:00,{at % 9}" for at in range(ROWS)]
    (folder / "calls.csv").write_text("Agent,Start,Talk\n" + "\n".join(lines) + "\n")
    return folder


def taken(installation: Installation) -> int:
    return installation.number("SELECT rows_taken FROM imports_import")


def killed_while_importing(install, call_log) -> Installation:
    installation = install()
    code = START % (call_log / "calls.csv", call_log / "mapping.yaml")
    installation.manage("shell", "-v0", "-c", code)
    worker = installation.start_worker()
    installation.ask("integrations.imports.tasks.run_imports")
    installation.wait_until(lambda: taken(installation) > 0, every=0.001)
    kill(worker)
    return installation


def test_import_killed_in_the_middle_ends_as_if_undisturbed(install, call_log):
    undisturbed = install()
    undisturbed.manage("import_interactions", str(call_log / "calls.csv"), "--mapping", str(call_log / "mapping.yaml"))

    disturbed = next(
        killed for _ in range(ATTEMPTS) if taken(killed := killed_while_importing(install, call_log)) < ROWS
    )
    assert disturbed.number("SELECT COUNT(*) FROM interactions_leg") == taken(disturbed) > 0
    disturbed.write("UPDATE imports_import SET lease_until = '2000-01-01 00:00:00+00:00'")
    disturbed.start_worker()
    disturbed.ask("integrations.imports.tasks.run_imports")
    disturbed.wait_until(lambda: taken(disturbed) == ROWS)
    disturbed.wait_until(lambda: disturbed.rows("SELECT status FROM imports_import") == [("done",)])
    disturbed.manage("rescore")
    assert figures(disturbed) == figures(undisturbed)
    assert disturbed.rows("SELECT rows_new, rows_changed, rows_refused, people_created FROM imports_import") == [
        (ROWS, 0, 0, 7)
    ]
