"""Rows into a table by the set: new ones inserted, differing ones updated, equal ones left alone.

The rows go into a temporary table (COPY on PostgreSQL); what is new goes in, and one look finds those that stood
already and whether they differ. On PostgreSQL a lock for the transaction lets one writer at a time upsert into a table.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

STAGED, FOUND = "laurel_staged", "laurel_found"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True)
class Upserted:
    """How many rows were new, changed and unchanged."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Upserted") -> "Upserted":
        return Upserted(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)


@dataclass(frozen=True)
class Target:
    """Where rows go. `key` is unique in the table; `updated` are the columns that a row in hand may change; `kept`
    are columns whose old value `FOUND` remembers as `old_<column>`.
    """

    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    updated: tuple[str, ...]
    kept: tuple[str, ...] = ()


def stage(target: Target, columns: Sequence[Sequence]) -> None:
    """Fills the temporary table with rows given by columns, as the database stores them, numbered from 0. Rows of
    equal key must not be among them.
    """
    size = len(columns[0]) if columns else 0
    names = ", ".join(("n", *target.columns))
    numbered = [range(size), *columns]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP TABLE IF EXISTS {STAGED}, {FOUND}")
            cursor.execute(
                f"CREATE TEMPORARY TABLE {STAGED} AS"
                f" SELECT 0 AS n, {', '.join(target.columns)} FROM {target.table} WITH NO DATA"
            )
            with cursor.copy(f"COPY {STAGED} ({names}) FROM STDIN") as copy:
                copy.write(_copy_text(numbered))
            return
        cursor.execute(f"DROP TABLE IF EXISTS temp.{STAGED}")
        cursor.execute(f"CREATE TEMPORARY TABLE {STAGED} (n INTEGER PRIMARY KEY, {', '.join(target.columns)})")
        marks = ", ".join(["?"] * (len(target.columns) + 1))
        # The driver's own cursor: Django's would turn the marks of every batch into those of the driver.
        cursor.connection.executemany(
            f"INSERT INTO temp.{STAGED} ({names}) VALUES ({marks})", zip(*numbered, strict=True)
        )


def _copy_text(columns: Sequence[Sequence]) -> str:
    texts = [_copy_column(column) for column in columns]
    return "\n".join(map("\t".join, zip(*texts, strict=True))) + "\n" if texts and len(columns[0]) else ""


def _copy_column(column: Sequence) -> list[str]:
    written = {None: "\\N"}
    out = []
    for value in column:
        try:
            out.append(written[value])
        except KeyError:
            text = value.translate(_ESCAPES) if value.__class__ is str else str(value)
            written[value] = text
            out.append(text)
    return out


def find(target: Target, *, before_id: int | None = None) -> Upserted:
    """Fills `FOUND` with the rows of the stage that stood already (n, id, differs, old values), and counts. With
    `before_id` only rows up to that id stood: later ones came from this stage.
    """
    same = "IS NOT DISTINCT FROM" if connection.vendor == "postgresql" else "IS"
    equal = " AND ".join(f"t.{name} {same} s.{name}" for name in target.updated) or "1 = 1"
    old = "".join(f", t.{name} AS old_{name}" for name in target.kept)
    stood = "" if before_id is None else f" AND t.id <= {int(before_id)}"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DROP TABLE IF EXISTS temp.{FOUND}")
        with _by_index(cursor):
            cursor.execute(
                f"CREATE TEMPORARY TABLE {FOUND} AS SELECT s.n AS n, t.id AS id,"
                f" CASE WHEN {equal} THEN 0 ELSE 1 END AS differs{old} FROM {_present(target)}{stood}"
            )
        cursor.execute(f"SELECT COUNT(*), COALESCE(SUM(differs), 0) FROM {FOUND}")
        present, changed = cursor.fetchone()
        cursor.execute(f"SELECT COUNT(*) FROM {STAGED}")
        return Upserted(cursor.fetchone()[0] - present, int(changed), present - int(changed))


@contextlib.contextmanager
def _by_index(cursor):
    """Lets PostgreSQL, which knows nothing of the stage, look keys up in the table instead of reading all of it."""
    for setting in ("enable_hashjoin", "enable_mergejoin") if connection.vendor == "postgresql" else ():
        cursor.execute(f"SET LOCAL {setting} = off")
    yield
    for setting in ("enable_hashjoin", "enable_mergejoin") if connection.vendor == "postgresql" else ():
        cursor.execute(f"SET LOCAL {setting} TO DEFAULT")


def _present(target: Target) -> str:
    """The staged rows `s` with the rows `t` of their keys."""
    on = " AND ".join(f"t.{name} = s.{name}" for name in target.key)
    join = "JOIN" if connection.vendor == "postgresql" else "CROSS JOIN"  # SQLite keeps the order of a CROSS JOIN
    return f"{STAGED} s {join} {target.table} t ON {on}"


def write(target: Target, size: int) -> Upserted:
    """Inserts what is new of `size` staged rows and updates what differs; `FOUND` is filled unless all were new. In a
    transaction that holds the `lock`.

    Where a few rows of the stage are new, likely all are: they go in first, and nothing needs looking up if that
    holds. Else those that stand are found first, and the rest goes in.
    """
    with connection.cursor() as cursor:
        with _by_index(cursor):
            cursor.execute(f"SELECT COUNT(*) FROM {_present(target)} WHERE s.n IN (0, {size // 2}, {size - 1})")
            some_stand = cursor.fetchone()[0] > 0
        if not some_stand:
            cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {target.table}")
            before_id = cursor.fetchone()[0]
            if (
                _insert(cursor, target, f"WHERE 1 = 1 ORDER BY n ON CONFLICT ({', '.join(target.key)}) DO NOTHING")
                == size
            ):
                return Upserted(new=size)
            found = find(target, before_id=before_id)
        else:
            found = find(target)
            if found.new:
                _insert(cursor, target, f"WHERE n NOT IN (SELECT n FROM {FOUND}) ORDER BY n")
        if found.changed and target.updated:
            given = ", ".join(f"{name} = s.{name}" for name in target.updated)
            cursor.execute(
                f"UPDATE {target.table} SET {given} FROM {STAGED} s JOIN {FOUND} f ON f.n = s.n"
                f" WHERE f.differs = 1 AND {target.table}.id = f.id"
            )
        return found


def _insert(cursor, target: Target, which: str) -> int:
    names = ", ".join(target.columns)
    cursor.execute(f"INSERT INTO {target.table} ({names}) SELECT {names} FROM {STAGED} {which}")
    return cursor.rowcount


def lock(table: str) -> None:
    """One writer at a time for the rest of the transaction. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [table])
