"""Temporary tables for work by the set, alike on SQLite and PostgreSQL."""

from collections.abc import Sequence
from contextlib import contextmanager

from django.db import connection
from django.db.models import Model


def make_temporary(cursor, name: str, columns: Sequence[str], *, key: Sequence[str] = ()) -> None:
    """An empty table of this connection; one of the same name is dropped. `columns` are `name type`."""
    primary = f", PRIMARY KEY ({', '.join(key)})" if key else ""
    ordered = " WITHOUT ROWID" if key and connection.vendor == "sqlite" else ""
    cursor.execute(f"DROP TABLE IF EXISTS {_temporary(name)}")
    cursor.execute(f"CREATE TEMPORARY TABLE {name} ({', '.join(columns)}{primary}){ordered}")


def drop_temporary(cursor, *names: str) -> None:
    for name in names:
        cursor.execute(f"DROP TABLE IF EXISTS {_temporary(name)}")


def _temporary(name: str) -> str:
    return f"temp.{name}" if connection.vendor == "sqlite" else f"pg_temp.{name}"


def tell_planner(cursor, name: str) -> None:
    """PostgreSQL knows nothing of a new temporary table until it is told to look; SQLite needs no telling."""
    if connection.vendor == "postgresql":
        cursor.execute(f"ANALYZE {name}")


def insert_rows(cursor, table: str, columns: Sequence[str], rows: Sequence[Sequence]) -> None:
    """Writes rows of stored values; a table's own defaults fill the other columns."""
    if rows and connection.vendor == "postgresql":
        with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    elif rows:
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


def insert_models(cursor, rows: Sequence[Model]) -> None:
    """Writes new rows of one model as saving them would, in one go. They do not learn their keys."""
    if not rows:
        return
    fields = [field for field in rows[0]._meta.concrete_fields if not field.primary_key]
    cells = [[field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields] for row in rows]
    insert_rows(cursor, rows[0]._meta.db_table, [field.column for field in fields], cells)


def in_this_order() -> str:
    """The join that SQLite runs from left to right as written; PostgreSQL plans for itself."""
    return "CROSS JOIN" if connection.vendor == "sqlite" else "JOIN"


def computed_once(select: str) -> str:
    """The select as a subquery whose columns are computed once a row, however often they are read outside."""
    return f"({select} {'LIMIT -1' if connection.vendor == 'sqlite' else 'OFFSET 0'})"


def plan_for_sets(cursor) -> None:
    """Until the end of the transaction PostgreSQL plans for sets of ten thousands of rows: it interprets its
    statements, since compiling their many small cases costs more than it saves; remembers no looked-up rows, since
    none is looked up twice; sorts in memory; and takes a random page of an index to be at hand.
    """
    if connection.vendor == "postgresql":
        for setting in ("jit = off", "enable_memoize = off", "work_mem = '64MB'", "random_page_cost = 1.1"):
            cursor.execute(f"SET LOCAL {setting}")


@contextmanager
def read_in_index_order(cursor):
    """PostgreSQL groups rows in the order of their index, and so stops at a limit, rather than hash all of them."""
    if connection.vendor == "postgresql":
        cursor.execute("SET LOCAL enable_hashagg = off")
    yield
    if connection.vendor == "postgresql":
        cursor.execute("SET LOCAL enable_hashagg = on")
