"""Append-only in the database too: a trigger on each guarded table refuses UPDATE and DELETE on both engines.

The triggers are made after every `migrate`, not by a migration: SQLite rebuilds a table for many later migrations
and silently drops its triggers, so what is missing is restored each time.
"""

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, models

from .appendonly import AppendOnlyModel

_FUNCTION = """
CREATE OR REPLACE FUNCTION laurel_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: write a new row instead', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def guarded_models() -> list[type[models.Model]]:
    """Every model whose rows are append-only, by table name."""
    guarded = [model for model in apps.get_models() if issubclass(model, AppendOnlyModel) and model._meta.managed]
    return sorted(guarded, key=lambda model: model._meta.db_table)


def missing_guards(connection) -> list[str]:
    """Guarded tables that exist and lack a trigger."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            if connection.vendor == "sqlite"
            else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        )
        present = {name for (name,) in cursor.fetchall()}
    names = [model._meta.db_table for model in guarded_models()]
    return [table for table in names if table in tables and not _trigger_names(connection, table) <= present]


def _trigger_names(connection, table: str) -> set[str]:
    if connection.vendor == "sqlite":
        return {f"{table}_no_update", f"{table}_no_delete"}
    return {f"{table}_append_only"}


def make_guards(connection) -> None:
    """Gives every guarded table that lacks it its trigger. Does nothing when none is missing."""
    tables = missing_guards(connection)
    if not tables:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for table in tables:
            for statement in _statements(connection, table):
                cursor.execute(statement)


def _statements(connection, table: str) -> list[str]:
    quoted = connection.ops.quote_name(table)
    if connection.vendor == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb.upper()} ON {quoted} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: write a new row instead'); END"
            for verb in ("update", "delete")
        ]
    return [
        f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {quoted} "
        "FOR EACH ROW EXECUTE FUNCTION laurel_append_only()"
    ]


def drop_guards(connection) -> None:
    """Takes the triggers away, for a test database that is about to be flushed. SQLite only: PostgreSQL truncates."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for model in guarded_models():
                for name in sorted(_trigger_names(connection, model._meta.db_table)):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def restore_guards(*, using: str = DEFAULT_DB_ALIAS, **kwargs) -> None:
    """`post_migrate` receiver."""
    make_guards(connections[using])
