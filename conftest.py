"""Shared by all tests. Figures of real call logs are found through `LAUREL_DATA`."""

import os
from pathlib import Path

import pytest
from django.conf import settings as base_settings
from django.core.cache import cache
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseOperations
from django.utils import translation

from foundation.records.triggers import drop_guards

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
    """Lets the flush between transactional tests empty append-only tables; `flush` restores the triggers itself."""
    original = DatabaseOperations.execute_sql_flush

    def flush(self, sql_list):
        drop_guards(connection)
        return original(self, sql_list)

    DatabaseOperations.execute_sql_flush = flush
    yield
    DatabaseOperations.execute_sql_flush = original


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, tmp_path_factory):
    """On SQLite, tests use a file, as the product does: threads get connections of their own, and locks are real."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        database["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
