"""Shared by all tests. Figures of real call logs are found through `LAUREL_DATA`."""

import os
from pathlib import Path

import pytest
from django.conf import settings as base_settings
from django.core.cache import cache
from django.core.management.commands import flush as flushing
from django.db import connection, transaction
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


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The flush between transactional tests empties append-only tables too, and leaves the database as the migrations
    made it, whichever test comes next. Content types are not made: they come back with the migrations' rows.
    """
    from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415 - models are there only now

    with django_db_blocker.unblock():
        migrated = read_rows()
    operations = type(connection.ops)
    empty, emit = operations.execute_sql_flush, flushing.emit_post_migrate_signal

    def flush(self, sql_list):
        drop_guards(connection)
        empty(self, sql_list)
        write_rows(migrated)
        make_guards(connection)

    operations.execute_sql_flush = flush
    flushing.emit_post_migrate_signal = lambda *args, **kwargs: ContentType.objects.clear_cache()
    yield
    operations.execute_sql_flush, flushing.emit_post_migrate_signal = empty, emit


def read_rows() -> dict[str, list[tuple]]:
    """All rows of all models, by table, as the database driver gives them."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = cursor.fetchall()
    return {table: rows for table, rows in found.items() if rows}


def write_rows(found: dict[str, list[tuple]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in found.items():
            values = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {connection.ops.quote_name(table)} VALUES ({values})", rows)


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
