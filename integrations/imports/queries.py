"""Reads of imports. Whoever may import sees all of them; nobody else sees any."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Max, QuerySet

from metrics.enums import Source
from metrics.models import Metric
from people.access import people_within, reach
from people.enums import Permission
from people.models import User

from .enums import Status
from .models import Import, ImportIssue, Mapping
from .people import NOBODY
from .rules.mapping import MappingError, data_of
from .rules.values import plain

ISSUE_COLUMNS = ("file", "line", "column", "value", "reason")


def imports_by_date() -> QuerySet[Import]:
    """All imports, the newest first, with their files."""
    return Import.objects.select_related("by", "mapping").prefetch_related("files")


def saved_mappings() -> QuerySet[Mapping]:
    return Mapping.objects.select_related("by")


def metrics_for_readings() -> QuerySet[Metric]:
    """The metrics whose values come from outside."""
    return Metric.objects.filter(source=Source.EXTERNAL, is_active=True)


def may_start(run: Import) -> bool:
    """Whether its files are still here to be imported: not started, only checked, or stopped before the end."""
    if run.status in (Status.UPLOADED, Status.FAILED, Status.CANCELLED):
        return True
    return run.status == Status.DONE and run.dry_run


def within_reach(run: Import) -> set[int] | None:
    """The people whom the rows of an import may be about: None where that is anyone."""
    return reachable(run.by, at=run.created_at) if run.only_within_reach else None


def reachable(by: User | None, *, at: dt.datetime) -> set[int] | None:
    """The people for whom somebody may import, None where that is anyone."""
    if by is None:
        return set()
    if reach(by, Permission.IMPORT).everywhere:
        return None
    on = at.astimezone(dt.UTC).date()
    return set(people_within(by, Permission.IMPORT, on=on).values_list("pk", flat=True))


def jobs_of(viewer: User) -> QuerySet[Import]:
    """The imports that somebody who calls may read of: their own, and all for who imports everywhere."""
    jobs = Import.objects.exclude(status=Status.UPLOADED)
    return jobs if reach(viewer, Permission.IMPORT).everywhere else jobs.filter(by=viewer)


def issues_of(run: Import) -> QuerySet[ImportIssue]:
    """What was kept of the rows that could not be read, in the order of the file."""
    return run.issues.order_by("pk")


def issue_rows(run: Import) -> Iterator[tuple]:
    """The rows that could not be read, under `ISSUE_COLUMNS`, for a page or a CSV."""
    return run.issues.values_list(*ISSUE_COLUMNS).iterator(chunk_size=2000)


@dataclass(frozen=True)
class RowsOfNobody:
    """How many rows name people who are not here, and when the newest import with some was done."""

    number: int
    newest_at: dt.datetime


def rows_of_nobody(*, since: dt.datetime, at: dt.datetime) -> RowsOfNobody | None:
    """Rows that programs sent in since and that were refused because nobody whom the sender may write for was so named,
    as far as it is still so. None where there are none. Who imports by a page has its report before them.
    """
    sent = ImportIssue.objects.filter(import_run__only_within_reach=True, import_run__created_at__gte=since)
    rows = sent.filter(column="agent", reason__startswith=NOBODY).order_by().values("import_run__by", "reason", "value")
    found = list(rows.annotate(number=Count("pk"), newest_at=Max("import_run__created_at")))
    if not found:
        return None
    senders = User.objects.in_bulk({row["import_run__by"] for row in found} - {None})
    within = {by: reachable(senders.get(by), at=at) for by in {row["import_run__by"] for row in found}}
    people = _people_by_name()
    left = [row for row in found if not _is_known(people.get(_named_as(row), set()), within[row["import_run__by"]])]
    if not left:
        return None
    return RowsOfNobody(sum(row["number"] for row in left), max(row["newest_at"] for row in left))


def _people_by_name() -> dict[tuple[str, str], set[int]]:
    """Who is meant by (way, name); more than one where people share a name."""
    people: dict[tuple[str, str], set[int]] = defaultdict(set)
    rows = User.objects.filter(is_service=False).values_list("pk", "public_id", "external_id", "email", "name")
    for pk, public_id, external_id, email, name in rows:
        ways = {"id": external_id, "email": (email or "").lower(), "name": plain(name)}
        for named in {("id", str(public_id)), *ways.items()}:
            people[named].add(pk)
    return people


def _is_known(people: set[int], within: set[int] | None) -> bool:
    return bool(people if within is None else people & within)


def _named_as(row: dict) -> tuple[str, str]:
    way = re.match(r"\w+", row["reason"].removeprefix(NOBODY))[0]
    return way, {"id": str, "email": str.lower, "name": plain}[way](row["value"])


@dataclass(frozen=True)
class JoinedFile:
    """A table that a mapping joins: its name, the file that the mapping says, and the one that was uploaded for it."""

    name: str
    file: str
    uploaded: str


def tables_of(run: Import, *, mapping_text: str) -> list[JoinedFile]:
    """The tables of a mapping, with the files uploaded for them; none where the mapping cannot be read."""
    try:
        tables = data_of(mapping_text).get("tables")
    except MappingError:
        return []
    given = {file.role: file.name for file in run.files.all()}
    names = set(given.values())
    found = []
    for name, table in tables.items() if isinstance(tables, dict) else ():
        file = str(table.get("file", "")) if isinstance(table, dict) else ""
        found.append(JoinedFile(name, file, given.get(name) or (file if file in names else "")))
    return found
