"""Shared by all tests. Figures of real call logs are found through `LAUREL_DATA`."""

import pytest
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseOperations

from foundation.records.triggers import drop_guards


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
