"""A Laurel of its own for tests that need real processes: its database, its broker, its worker and its beat."""

import hashlib
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import fasteners
import psycopg

from conftest import BASE_DIR

CELERY = [sys.executable, "-m", "celery", "--app", "rewards_site", "--quiet"]
SECONDS_TO_WAIT = 90
SECRET_KEY = "the same in every installation of a test"
TEMPLATES = BASE_DIR / "var" / "tests"


@dataclass
class Installation:
    """`database` is a DATABASE_URL, `broker` a CELERY_BROKER_URL; everything else lies in `folder`."""

    folder: Path
    database: str
    broker: str = "filesystem://"
    processes: list[subprocess.Popen] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.database,
            "CELERY_BROKER_URL": self.broker,
            "LAUREL_VAR_DIR": str(self.folder),
            "SECRET_KEY": SECRET_KEY,
        }

    def manage(self, *arguments: str) -> str:
        """Runs a command of `manage.py` and gives what it prints."""
        command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *command: str) -> subprocess.Popen:
        """Starts a process in a group of its own; its output goes to `log` in the folder."""
        with (self.folder / "log").open("a") as log:
            process = subprocess.Popen(
                command, cwd=BASE_DIR, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(process)
        return process

    def start_worker(self, concurrency: int = 1) -> subprocess.Popen:
        name = f"worker{len(self.processes)}@test"
        return self.start(*CELERY, "worker", "--concurrency", str(concurrency), "--hostname", name, "-l", "WARNING")

    def start_beat(self) -> subprocess.Popen:
        schedule = str(self.folder / f"beat{len(self.processes)}")
        return self.start(*CELERY, "beat", "--schedule", schedule, "--pidfile=", "-l", "WARNING")

    def ask(self, task: str) -> None:
        """Publishes a task once, as beat would."""
        code = f"from rewards_site.celery import app; app.send_task({task!r})"
        subprocess.run([sys.executable, "-c", code], cwd=BASE_DIR, env=self.environment, check=True)

    def connect(self):
        """A connection to the database past Django; it ends with the block."""
        address = urlsplit(self.database)
        if address.scheme == "sqlite":
            return closing(sqlite3.connect(address.path[1:], timeout=20, isolation_level=None))
        return psycopg.connect(psycopg_url(self.database), autocommit=True)

    def rows(self, sql: str) -> list[tuple]:
        with self.connect() as connection:
            return connection.execute(sql).fetchall()

    def write(self, sql: str) -> None:
        with self.connect() as connection:
            connection.execute(sql)

    def number(self, sql: str) -> int:
        return self.rows(sql)[0][0]

    def wait_until(
        self, condition: Callable[[], bool], *, seconds: float = SECONDS_TO_WAIT, every: float = 0.1
    ) -> None:
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, f"waited {seconds} s in vain\n{self.log()}"
            time.sleep(every)

    def log(self) -> str:
        file = self.folder / "log"
        return file.read_text() if file.exists() else ""

    def stop(self) -> None:
        for process in self.processes:
            kill(process)
        self.processes.clear()


def kill(process: subprocess.Popen) -> None:
    """`kill -9` of a process and of all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def psycopg_url(url: str) -> str:
    return "postgresql" + url[url.index(":") :]


def on_server(name: str = "") -> str:
    """DATABASE_URL of the PostgreSQL server that the tests run on, or of a database there; empty on SQLite."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        return ""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}")) if name else url


def migrated_template() -> str:
    """DATABASE_URL of a database with all migrations applied, to copy. It is made once, and again when a migration or a
    requirement changes; processes that want it at once wait for the one that makes it.
    """
    key = migrations_key()
    TEMPLATES.mkdir(parents=True, exist_ok=True)
    with fasteners.InterProcessLock(TEMPLATES / "lock"):
        return _template_on_server(f"laurel_template_{key}") if on_server() else _template_file(f"{key}.sqlite3")


def migrations_key() -> str:
    """Changes with every migration, and with the versions of the packages that bring migrations of their own."""
    files = [*BASE_DIR.glob("*/migrations/*.py"), *BASE_DIR.glob("*/*/migrations/*.py"), BASE_DIR / "requirements.txt"]
    found = hashlib.sha256()
    for file in sorted(files):
        found.update(str(file.relative_to(BASE_DIR)).encode() + file.read_bytes())
    return found.hexdigest()[:16]


def _template_file(name: str) -> str:
    file = TEMPLATES / name
    if not file.exists():
        for old in TEMPLATES.glob("*.sqlite3*"):
            old.unlink()
        being_made = file.with_suffix(".sqlite3.new")
        _migrate(f"sqlite:///{being_made}")
        being_made.rename(file)
    return f"sqlite:///{file}"


def _template_on_server(name: str) -> str:
    with psycopg.connect(psycopg_url(on_server()), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return on_server(name)
        being_made = f"laurel_{secrets.token_hex(6)}"
        connection.execute(f"CREATE DATABASE {being_made}")
        _migrate(on_server(being_made))
        connection.execute(f"ALTER DATABASE {being_made} RENAME TO {name}")
    return on_server(name)


def _migrate(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Installation(Path(folder), url).manage("migrate", "--noinput", "-v0")


def copy_on_server(template: str, name: str) -> str:
    """DATABASE_URL of a copy by this name; an older one goes."""
    with psycopg.connect(psycopg_url(on_server()), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {urlsplit(template).path[1:]}")
    return on_server(name)


def fresh_database(folder: Path, template: str) -> str:
    """DATABASE_URL of a copy of the migrated template."""
    if on_server():
        return copy_on_server(template, f"laurel_{secrets.token_hex(6)}")
    shutil.copy(urlsplit(template).path[1:], folder / "laurel.sqlite3")
    return f"sqlite:///{folder / 'laurel.sqlite3'}"
