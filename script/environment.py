"""Makes `.venv` and keeps it in step with a requirements file. Standard library only; runs before anything is there.

Written for any Python 3, so that a Python that is too old can say so instead of showing a syntax error.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
VENV = BASE_DIR / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST, NEWEST = (3, 11), (3, 13)


def say(line):
    print(line, flush=True)


def fail(line):
    print("\n" + line, file=sys.stderr, flush=True)
    raise SystemExit(1)


def use_a_fitting_python():
    """Go on under a Python that Laurel is tested with, where the one that was called is not and another is there."""
    version = sys.version_info[:2]
    if OLDEST <= version <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        other = shutil.which(f"python3.{minor}")
        if other and subprocess.call([other, "-c", "import venv, ensurepip"], stderr=subprocess.DEVNULL) == 0:
            os.execv(other, [other, *sys.argv])
    shown = ".".join(map(str, version))
    if version < OLDEST:
        fail(f"Laurel needs Python 3.11 or newer, and this is {shown}. Install python3.11 and try again.")
    say(f"Note: Laurel is tested with Python 3.11 to 3.13, and this is {shown}.")


def _works():
    """Whether `.venv` has a Python that starts and a pip; a half-made or moved one has not."""
    probe = [str(PYTHON), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    return PYTHON.exists() and subprocess.call(probe, stderr=subprocess.DEVNULL) == 0


def _wanted(requirements):
    """A digest of a requirements file and of those that it includes."""
    text = requirements.read_text()
    for line in text.splitlines():
        if line.startswith("-r "):
            text += _wanted(requirements.parent / line[3:].strip())
    return hashlib.sha256(text.encode()).hexdigest()


def ensure(requirements):
    """Make `.venv` if it is missing and install `requirements` if they changed since the last time."""
    use_a_fitting_python()
    (BASE_DIR / "var").mkdir(exist_ok=True)
    with (BASE_DIR / "var" / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two scripts started at once set up one after the other
        if not _works():
            say("Making .venv …")
            command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
            if subprocess.call(command) != 0:
                fail("The environment could not be made. On Debian and Ubuntu, install python3-venv and try again.")
        stamp, wanted = VENV / f"laurel-{requirements}.stamp", _wanted(BASE_DIR / requirements)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        say(f"Installing {requirements} (a minute or two the first time) …")
        command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
        if subprocess.call([*command, "-r", str(BASE_DIR / requirements)]) != 0:
            fail("The packages could not be installed; the lines above say why. Nothing else was changed; try again.")
        stamp.write_text(wanted)
