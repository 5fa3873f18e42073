"""Append-only in the database too: a trigger on each guarded table refuses UPDATE and DELETE on both engines, but for
an update that does nothing but empty texts that may go.

The triggers are made after every `migrate`, not by a migration: SQLite rebuilds a table for many later migrations
and silently drops its triggers, so what is missing is restored each time.
"""

from zlib import crc32

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
_FUNCTION_FOR_TEXTS = """
CREATE OR REPLACE FUNCTION laurel_append_only_but_texts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before jsonb := to_jsonb(OLD); now jsonb;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        now := to_jsonb(NEW);
        IF now - TG_ARGV = before - TG_ARGV AND NOT EXISTS (
            SELECT FROM unnest(TG_ARGV) AS text WHERE now ->> text NOT IN ('', before ->> text)
        ) THEN
            RETURN NEW;
        END IF;
    END IF;
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
    return [
        model._meta.db_table
        for model in guarded_models()
        if model._meta.db_table in tables and not _trigger_names(connection, model) <= present
    ]


def _trigger_names(connection, model) -> set[str]:
    """Those that a table needs. With texts that may go, the name on SQLite changes with the columns: the trigger lists
    them, and an old one would not know a new column.
    """
    table, texts = model._meta.db_table, model.erasable_texts
    if connection.vendor == "sqlite":
        return {f"{table}_no_update{_mark(model)}", f"{table}_no_delete"}
    return {f"{table}_append_only{'_but_' if texts else ''}{'_'.join(texts)}"}


def _mark(model) -> str:
    columns = ",".join(field.column for field in model._meta.concrete_fields)
    return f"_{crc32(columns.encode()):08x}" if model.erasable_texts else ""


def make_guards(connection) -> None:
    """Gives every guarded table that lacks it its trigger. Does nothing when none is missing."""
    tables = missing_guards(connection)
    if not tables:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
            cursor.execute(_FUNCTION_FOR_TEXTS)
        for model in guarded_models():
            if model._meta.db_table in tables:
                for statement in _statements(connection, model):
                    cursor.execute(statement)


def _statements(connection, model) -> list[str]:
    """What makes the triggers of a table, after what takes away those that knew of no texts."""
    table, texts = model._meta.db_table, model.erasable_texts
    quoted = connection.ops.quote_name(table)
    if connection.vendor == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: write a new row instead'); END"
        update = f"CREATE TRIGGER IF NOT EXISTS {table}_no_update{_mark(model)} BEFORE UPDATE ON {quoted} "
        return [
            *([f"DROP TRIGGER IF EXISTS {table}_no_update"] if texts else []),
            update + (f"WHEN NOT ({_only_empties(connection, model)}) " if texts else "") + refuse,
            f"CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {quoted} {refuse}",
        ]
    (name,) = _trigger_names(connection, model)
    named = ", ".join(f"'{text}'" for text in texts)
    call = f"laurel_append_only_but_texts({named})" if texts else "laurel_append_only()"
    return [
        *([f"DROP TRIGGER IF EXISTS {table}_append_only ON {quoted}"] if texts else []),
        f"CREATE OR REPLACE TRIGGER {name} BEFORE UPDATE OR DELETE ON {quoted} FOR EACH ROW EXECUTE FUNCTION {call}",
    ]


def _only_empties(connection, model) -> str:
    """The condition, on SQLite, that an update changes nothing but texts that may go, and those to nothing."""
    parts = []
    for field in model._meta.concrete_fields:
        column = connection.ops.quote_name(field.column)
        same = f"NEW.{column} IS OLD.{column}"
        parts.append(f"(NEW.{column} = '' OR {same})" if field.name in model.erasable_texts else same)
    return " AND ".join(parts)


def drop_guards(connection) -> None:
    """Takes the triggers away, for a test database that is about to be flushed. SQLite only: PostgreSQL truncates."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for model in guarded_models():
                for name in sorted(_trigger_names(connection, model)):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def restore_guards(*, using: str = DEFAULT_DB_ALIAS, **kwargs) -> None:
    """`post_migrate` receiver."""
    make_guards(connections[using])
