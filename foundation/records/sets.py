"""Temporary tables for work by the set, alike on SQLite and PostgreSQL."""

from collections.abc import Sequence

from django.db import connection


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


def in_this_order() -> str:
    """The join that SQLite runs from left to right as written; PostgreSQL plans for itself."""
    return "CROSS JOIN" if connection.vendor == "sqlite" else "JOIN"


def computed_once(select: str) -> str:
    """The select as a subquery whose columns are computed once a row, however often they are read outside."""
    return f"({select} {'LIMIT -1' if connection.vendor == 'sqlite' else 'OFFSET 0'})"


def without_compiling(cursor) -> None:
    """Until the end of the transaction PostgreSQL interprets its statements: compiling the many small cases of a slice
    costs more than it saves.
    """
    if connection.vendor == "postgresql":
        cursor.execute("SET LOCAL jit = off")
