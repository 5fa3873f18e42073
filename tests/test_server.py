"""`script/server` for real: it starts three processes, and they live and die together."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from conftest import BASE_DIR

from .installation import fresh_database, migrated_template

SECONDS_TO_START = 300
SECONDS_TO_STOP = 40


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def alive(processes) -> list[psutil.Process]:
    """Those that still run; one that has ended and waits to be collected does not."""
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


@dataclass
class Server:
    process: subprocess.Popen
    port: int
    log: Path

    def wait_until_it_runs(self):
        until = time.monotonic() + SECONDS_TO_START
        while "Ctrl-C stops" not in self.log.read_text():
            assert self.process.poll() is None and time.monotonic() < until, self.log.read_text()
            time.sleep(0.1)

    def children(self) -> dict[str, psutil.Process]:
        """web, worker and beat, by the word in their command."""
        found = psutil.Process(self.process.pid).children()
        words = {"web": "gunicorn", "worker": "worker", "beat": "beat"}
        return {name: child for name, word in words.items() for child in found if word in child.cmdline()}


@pytest.fixture
def serve(tmp_path):
    """Starts `script/serve.py` on the database in a folder of its own, or an empty one; ends what is left of it."""
    started = []

    def start(port=None) -> Server:
        port, log = port or free_port(), tmp_path / f"log-{len(started)}"
        environment = {
            **os.environ,
            "PORT": str(port),
            "LAUREL_VAR_DIR": str(tmp_path / "var"),
            "LAUREL_DEMO": "false",
            "DATABASE_URL": f"sqlite:///{tmp_path / 'laurel.sqlite3'}",
            "CELERY_BROKER_URL": "filesystem://",
        }
        command = [sys.executable, str(BASE_DIR / "script" / "serve.py")]
        with log.open("w") as output:
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        started.append(Server(process, port, log))
        return started[-1]

    yield start
    for server in started:
        server.process.kill()
        server.process.wait()


def test_server_runs_three_processes_and_stops_them_on_a_signal(serve):
    server = serve()
    server.wait_until_it_runs()
    children = server.children()
    family = psutil.Process(server.process.pid).children(recursive=True)
    assert sorted(children) == ["beat", "web", "worker"]
    with urllib.request.urlopen(f"http://localhost:{server.port}/accounts/login/", timeout=10) as answer:
        assert answer.status == 200

    second = serve(port=server.port)
    assert second.process.wait(SECONDS_TO_START) == 1
    assert f"Port {server.port} is taken." in second.log.read_text()

    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(SECONDS_TO_STOP) == 0
    assert alive(family) == []


@pytest.mark.faults
def test_server_stops_all_when_one_is_killed(serve, tmp_path):
    fresh_database(tmp_path, migrated_template())
    server = serve()
    server.wait_until_it_runs()
    family = psutil.Process(server.process.pid).children(recursive=True)
    server.children()["worker"].kill()
    assert server.process.wait(SECONDS_TO_STOP) == 1
    assert "worker ended with -9" in server.log.read_text()
    assert alive(family) == []
