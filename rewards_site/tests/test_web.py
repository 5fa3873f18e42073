"""The web server's worker waits only so long for what a client sends."""

import os
import socket
import subprocess
import sys
import threading
import time

import pytest

from conftest import BASE_DIR
from rewards_site.web import PATIENCE_SECONDS, SLOWEST_BYTES_A_SECOND, PatientSocket, patience_left

APP = """


def application(environ, start_response):
    try:
        environ["wsgi.input"].read()
        status = "200 OK"
    except TimeoutError:
        status = "408 Request Timeout"
    start_response(status, [("Content-Length", "0")])
    return []
"""
IMPATIENT = (
    "import rewards_site.web as web\nweb.PATIENCE_SECONDS = 1.0\nworker_class = 'rewards_site.web.PatientWorker'\n"
)
THREADS = 2


@pytest.mark.parametrize(
    ("before", "waited_seconds", "received", "left"),
    [
        (PATIENCE_SECONDS, 4.0, 0, PATIENCE_SECONDS - 4.0),
        (2.0, 3.0, 0, 0.0),
        (2.0, 1.0, SLOWEST_BYTES_A_SECOND, 2.0),
        (2.0, 3.0, SLOWEST_BYTES_A_SECOND, 1.0),
        (PATIENCE_SECONDS, 0.0, 100 * SLOWEST_BYTES_A_SECOND, PATIENCE_SECONDS),
    ],
)
def test_waiting_costs_patience_and_what_comes_buys_some(before, waited_seconds, received, left):
    assert patience_left(before, waited_seconds=waited_seconds, received=received) == left


@pytest.fixture
def pair():
    """The server's end of a connection, and the client's."""
    ours, theirs = socket.socketpair()
    ours = PatientSocket(fileno=ours.detach())
    with ours, theirs:
        yield ours, theirs


def test_silence_is_a_timeout_after_which_what_is_there_is_read_and_answers_go_out(pair):
    ours, theirs = pair
    ours.patience = 0.05
    for _ in range(2):
        with pytest.raises(TimeoutError):
            ours.recv(10)
    theirs.sendall(b"late")
    assert ours.recv(10) == b"late"
    ours.sendall(b"answer")
    assert (theirs.recv(10), ours.gettimeout()) == (b"answer", None)


def test_timeout_of_its_own_is_kept(pair):
    ours, _ = pair
    ours.settimeout(0.01)
    with pytest.raises(TimeoutError):
        ours.recv(10)
    assert ours.gettimeout() == 0.01
    assert ours.patience > PATIENCE_SECONDS - 5


@pytest.fixture
def port(tmp_path):
    """Of a server with two threads that wait a second."""
    (tmp_path / "reading.py").write_text(APP)
    (tmp_path / "impatient.py").write_text(IMPATIENT)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["-c", "impatient.py", "--bind", f"127.0.0.1:{port}", "--threads", str(THREADS)]
    command = [sys.executable, "-m", "gunicorn", "reading", *arguments]
    environment = {**os.environ, "PYTHONPATH": f"{BASE_DIR}:{tmp_path}", "LAUREL_VAR_DIR": str(tmp_path)}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.1)
    yield port
    process.terminate()
    process.wait()


def request(head: str) -> bytes:
    return f"POST / HTTP/1.1\r\nHost: localhost\r\n{head}".encode()


def asked(port: int, begin: bytes, *, drops: int) -> bytes:
    """The first line of the answer to `begin` and a byte every tenth of a second, at most `drops`."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(begin)
        client.settimeout(0.1)
        for _ in range(drops):
            try:
                return client.recv(1000).split(b"\r\n")[0]
            except TimeoutError:
                client.sendall(b"x")
            except OSError:
                return b""
        client.settimeout(30)
        return client.recv(1000).split(b"\r\n")[0]


def test_clients_that_drip_do_not_keep_others_waiting(port):
    """More of them than threads, in the body and in the head: each is told or cut off, and the next is answered."""
    found = []
    body, head = request("Content-Length: 100000\r\n\r\n"), request("X-Long: ")
    drip = [
        threading.Thread(target=lambda begin=begin: found.append(asked(port, begin, drops=300)))
        for begin in [body, head] * THREADS
    ]
    for thread in drip:
        thread.start()
    time.sleep(0.2)
    assert asked(port, request("Content-Length: 2\r\n\r\nhi"), drops=0) == b"HTTP/1.1 200 OK"
    for thread in drip:
        thread.join()
    assert sorted(found) == [b"", b"", *[b"HTTP/1.1 408 Request Timeout"] * THREADS]


def test_gunicorn_started_in_the_folder_of_laurel_takes_the_worker():
    command = [sys.executable, "-m", "gunicorn", "rewards_site.wsgi", "--threads", "8", "--print-config"]
    told = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=True).stdout
    assert "PatientWorker" in told
