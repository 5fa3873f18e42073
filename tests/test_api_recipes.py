"""The recipes of docs/api.md for real: as they stand there, one after the other, against one installation."""

import json
import re
import shutil
import socket
import subprocess
import sys

import pytest

from conftest import BASE_DIR, outside_tool_is_missing

from .installation import Installation

RECIPE = re.compile(r"(?:^ {4}.*\n|^\n(?= {4}))+", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```\n", re.MULTILINE | re.DOTALL)
CENTRE = """
from people.tests.factories import join, make_person, make_team
join(make_person("Ada Okafor", role="agent", email="ada@example.com"), make_team())
"""


def recipes() -> list[str]:
    """The indented blocks, as they are typed. The examples of the SDKs are run by the tests in tests/sdk."""
    text = FENCED.sub("", (BASE_DIR / "docs" / "api.md").read_text())
    return [re.sub("^ {4}", "", block, flags=re.MULTILINE) for block in RECIPE.findall(text)]


@pytest.fixture
def laurel(install) -> Installation:
    """Web, worker and beat, and one agent in a team."""
    if not shutil.which("curl"):
        outside_tool_is_missing("curl")
    installation = install()
    installation.manage("shell", "--no-imports", "--command", CENTRE)
    installation.start_worker()
    installation.start_beat()
    return installation


def served(installation: Installation) -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    installation.start(sys.executable, "-m", "gunicorn", "rewards_site.wsgi", "--bind", f"127.0.0.1:{port}")
    installation.wait_until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
    return f"http://localhost:{port}"


def ran(installation: Installation, script: str) -> str:
    """What a shell in the folder of Laurel prints. The folder is a copy, so that what the script makes goes with it."""
    folder = installation.folder / "laurel"
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (folder / ".venv" / "bin" / "python").chmod(0o755)
    (folder / "manage.py").symlink_to(BASE_DIR / "manage.py")
    command = ["bash", "-e", "-u", "-c", script]
    done = subprocess.run(
        command, cwd=folder, env=installation.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stderr}\n{done.stdout}\n{installation.log()}"
    return done.stdout


def answers(printed: str) -> list[dict]:
    """The JSON objects that stand one behind the other."""
    found, decoder = [], json.JSONDecoder()
    while printed := printed.lstrip():
        answer, end = decoder.raw_decode(printed)
        found.append(answer)
        printed = printed[end:]
    return found


def test_recipes_do_what_they_say(laurel):
    """A few seconds pass between them, as when a person types them."""
    script = "sleep 5\n".join(recipes()).replace("http://localhost:8000", served(laurel))
    objective, data, scorecard, job, goal, score, state, figures = answers(ran(laurel, script))
    assert objective["name"] == "Sales"
    assert [each["totalValue"] for each in data["processedEntities"]] == [7]
    assert [(each["points"], each["value"]) for each in scorecard["entities"] if "points" in each] == [(10, 7)]
    assert job["state"] in ("Queued", "Running", "Done")
    assert (goal["key"], goal["firstPeriod"]) == ("sales-team", state["period"])
    assert (score["status"], state["status"]) == ("ACCEPTED", "BEHIND")
    assert figures["results"] == []
