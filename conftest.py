"""Shared by all tests. Figures of real call logs are found through `LAUREL_DATA`."""

import os
from pathlib import Path

import pytest
from django.conf import settings as base_settings
from django.core.cache import cache
from django.core.management.commands import flush as flushing
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseOperations
from django.utils import translation

from foundation.records.triggers import drop_guards, make_guards

BASE_DIR = Path(__file__).resolve().parent
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")


def pytest_configure(config):
    """Settings that make tests quick and ask for no collected static files."""
    base_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    base_settings.STORAGES = {
        **base_settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    base_settings.MIDDLEWARE = [name for name in base_settings.MIDDLEWARE if "whitenoise" not in name]


def pytest_addoption(parser):
    parser.addoption("--only-database", action="store_true", help="leave out tests that read and write no database")


def pytest_collection_modifyitems(config, items):
    """What reads and writes nothing is the same on every database."""
    if not config.getoption("--only-database"):
        return
    with_database = [item for item in items if uses_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if not uses_database(item)])
    items[:] = with_database


def uses_database(item) -> bool:
    return bool(item.get_closest_marker("django_db") or {"db", "transactional_db", "install"} & set(item.fixturenames))


def outside_tool_is_missing(what: str):
    """Skip, saying what is missing; in CI, where everything is to be there, fail."""
    if IN_CI:
        pytest.fail(f"{what} must be there in CI")
    pytest.skip(f"{what} is not on this machine")


@pytest.fixture(scope="session")
def call_logs() -> Path:
    """The folder of real call logs with true figures."""
    folder = Path(os.environ.get("LAUREL_DATA", BASE_DIR.parent / "shared" / "data")).resolve()
    if not folder.is_dir():
        outside_tool_is_missing(f"The folder of real call logs ({folder}, set LAUREL_DATA)")
    return folder


@pytest.fixture(autouse=True)
def english():
    """A request leaves its language behind; the next test begins in English again."""
    translation.activate(base_settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def empty_cache():
    """Primary keys come back in the next test; what was kept under them must not."""
    cache.clear()


@pytest.fixture(autouse=True)
def uploads_in_a_temporary_folder(settings, tmp_path):
    default = {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path / "uploads"}}
    settings.STORAGES = {**settings.STORAGES, "default": default}


@pytest.fixture(autouse=True, scope="session")
def flush_without_guards():
    """Lets the flush between transactional tests empty append-only tables, and restores the triggers. Content types are
    not made: they would stand in the way of those that come back with the migrations' rows.
    """
    from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415 - models are there only now

    original = DatabaseOperations.execute_sql_flush

    def flush(self, sql_list):
        drop_guards(connection)
        original(self, sql_list)
        make_guards(connection)

    DatabaseOperations.execute_sql_flush = flush
    emit = flushing.emit_post_migrate_signal
    flushing.emit_post_migrate_signal = lambda *args, **kwargs: ContentType.objects.clear_cache()
    yield
    flushing.emit_post_migrate_signal = emit
    DatabaseOperations.execute_sql_flush = original


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The database of the tests is a copy that is there already."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, tmp_path_factory):
    """Tests use a copy of the migrated template. On SQLite it is a file, as in the product: threads get connections of
    their own, and locks are real.
    """
    from tests.installation import copy_on_server, fresh_database, migrated_template  # noqa: PLC0415 - it imports this

    database = connection.settings_dict
    if connection.vendor == "postgresql":
        copy_on_server(migrated_template(), connection.creation._get_test_db_name())
    else:
        folder = tmp_path_factory.mktemp("database")
        fresh_database(folder, migrated_template())
        database["TEST"]["NAME"] = str(folder / "laurel.sqlite3")
        database["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
