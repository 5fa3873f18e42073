"""Prepare the database and the static files, then run web, worker and beat until one ends or a signal comes.

Runs inside `.venv`; `script/server` starts it. The three live and die together: a dashboard without its worker
would show old numbers as if they were fresh.
"""

import contextlib
import ctypes
import http.client
import io
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 20
"""How long a process may take to finish what it has in hand."""
START_SECONDS = 60
PR_SET_PDEATHSIG = 1


class Stop(Exception):
    """A signal asked to stop."""


def fail(line: str) -> None:
    print(f"\n{line}", file=sys.stderr, flush=True)
    raise SystemExit(1)


def wanted_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        fail(f"PORT is “{text}”; it must be a number from 1 to 65535.")
    return int(text)


def check_port_is_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            fail(f"Port {port} may not be used without special rights. Choose another: PORT=8000 script/server")
        except OSError:
            fail(f"Port {port} is taken. Stop what uses it or choose another: PORT={port % 65535 + 1} script/server")


def prepare() -> list:
    """Migrate, collect static files and load the demo centre the first time. The demo sign-ins that work here."""
    sys.path.insert(0, str(BASE_DIR))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rewards_site.settings")
    import django  # noqa: PLC0415 - the settings must be named first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - needs the set-up above
    from django.db import OperationalError, connections  # noqa: PLC0415

    print("Preparing the database …", flush=True)
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except OperationalError as error:
        fail(f"The database cannot be used: {error}".rstrip() + "\nIs DATABASE_URL right, and does its server run?")
    call_command("collectstatic", interactive=False, verbosity=0)
    sign_ins = load_demo(call_command)
    connections.close_all()
    return sign_ins


def load_demo(call_command) -> list:
    """Load the demo centre where nobody is yet: into a server's database only when asked to. Its sign-ins, as far as
    they exist in this database.
    """
    from django.contrib.auth import get_user_model  # noqa: PLC0415 - Django is set up by now
    from django.db import connection  # noqa: PLC0415

    from rewards_site.demo import SIGN_INS  # noqa: PLC0415

    people = get_user_model().objects
    default = "true" if connection.vendor == "sqlite" else "false"
    wanted = os.environ.get("LAUREL_DEMO", default).lower() not in ("0", "false", "no", "off")
    if wanted and not people.exists():
        print("Loading the demo centre (once, about a minute) …", flush=True)
        call_command("demo", stdout=io.StringIO())
    return [sign_in for sign_in in SIGN_INS if people.filter(email=sign_in[1]).exists()]


def die_with_parent() -> None:
    """Linux: be told to stop when the supervisor is killed outright. Elsewhere nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def commands(host: str, port: int, beat_file: Path) -> dict[str, list[str]]:
    run = [sys.executable, "-m"]
    celery = [*run, "celery", "--app", "rewards_site", "--quiet"]
    calm = ["--loglevel", os.environ.get("LOG_LEVEL", "WARNING")]
    lone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return {
        "web": [*run, "gunicorn", "rewards_site.wsgi", "--bind", f"{host}:{port}", "--workers", "1", "--threads", "8",
                "--graceful-timeout", "10", "--log-level", "warning"],
        "worker": [*celery, "worker", "--concurrency", "2", *lone, *calm],
        "beat": [*celery, "beat", "--schedule", str(beat_file), "--pidfile=", *calm],
    }  # fmt: skip


def start(host: str, port: int, beat_file: Path) -> dict[str, subprocess.Popen]:
    """Each in a session of its own, so that Ctrl-C reaches only the supervisor, which then asks each once."""
    return {
        name: subprocess.Popen(
            command,
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - the supervisor has one thread
        )
        for name, command in commands(host, port, beat_file).items()
    }


def ended(processes: dict[str, subprocess.Popen]) -> str | None:
    return next((name for name, process in processes.items() if process.poll() is not None), None)


def answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/accounts/login/")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


def wait_until_it_answers(processes, host: str, port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while not ended(processes) and not answers(host, port):
        if time.monotonic() > until:
            fail(f"The web server did not answer within {START_SECONDS} seconds; the lines above say why.")
        time.sleep(0.2)


def greet(port: int, sign_ins: list) -> None:
    print(f"\nLaurel runs at http://localhost:{port}/", flush=True)
    if sign_ins:
        print("\nSign in to the demo centre as")
        for role, email, password in sign_ins:
            print(f"  {role:<18} {email:<28} {password}")
    print("\nCtrl-C stops web, worker and beat.", flush=True)


def stop(processes: dict[str, subprocess.Popen]) -> None:
    """Ask each to finish what it has in hand; end what has not after a while, or at a second Ctrl-C."""
    for process in processes.values():
        if process.poll() is None:
            process.terminate()
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while any(process.poll() is None for process in processes.values()) and time.monotonic() < until:
            time.sleep(0.1)
    except Stop:
        pass
    for process in processes.values():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what is left, and the children of one that was killed
        process.wait()


def supervise(host: str, port: int, sign_ins: list) -> int:
    """Run until one of the three ends (1) or a signal comes (0)."""
    beat_file = Path(os.environ.get("LAUREL_VAR_DIR") or BASE_DIR / "var") / f"beat-{os.getpid()}"
    processes: dict[str, subprocess.Popen] = {}
    try:
        processes = start(host, port, beat_file)
        wait_until_it_answers(processes, host, port)
        if not ended(processes):
            greet(port, sign_ins)
        while not (name := ended(processes)):
            time.sleep(0.5)
        print(f"\n{name} ended with {processes[name].returncode}; stopping the others.", file=sys.stderr, flush=True)
        return 1
    except Stop:
        print("\nStopping …", flush=True)
        return 0
    finally:
        stop(processes)
        for left in beat_file.parent.glob(f"{beat_file.name}*"):
            left.unlink(missing_ok=True)


def raise_stop(number, frame):
    raise Stop


def main() -> int:
    if (BASE_DIR / ".env").exists():
        environ.Env.read_env(BASE_DIR / ".env")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, raise_stop)
    host, port = os.environ.get("LAUREL_BIND") or "127.0.0.1", wanted_port()
    try:
        check_port_is_free(host, port)
        return supervise(host, port, prepare())
    except Stop:
        return 0


if __name__ == "__main__":
    sys.exit(main())
