"""A process that has Django set up before it is asked for anything; runs are forked off it, as setting up takes longer
than most of them.
"""

import multiprocessing
import os

import django
import environ
from django.apps import apps
from django.conf import settings
from django.db import connections

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.faults.ready", "tests.faults.goals"])

if not apps.ready:  # in the process that is forked, not in the one that asks for it
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rewards_site.settings")
    django.setup()


def fork(database: str, code: str) -> multiprocessing.Process:
    """Starts a process that runs code with the names of `tests.faults.goals` on a database (DATABASE_URL)."""
    process = FORKS.Process(target=_run, args=(database, code))
    process.start()
    return process


def exit_code(process) -> int:
    """Its exit code once it has ended; minus the signal that killed it."""
    process.join()
    return process.exitcode


def _run(database: str, code: str) -> None:
    from tests.faults import goals  # noqa: PLC0415 - models need Django set up
    from tests.installation import SECRET_KEY  # noqa: PLC0415

    settings.SECRET_KEY, settings.LAUREL_WEBHOOK_ALLOW_PRIVATE = SECRET_KEY, True
    connections["default"].settings_dict["NAME"] = environ.Env.db_url_config(database)["NAME"]
    exec(code, {**vars(goals)})
    connections.close_all()
