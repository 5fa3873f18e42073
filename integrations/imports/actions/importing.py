"""Imports: uploaded, started, cancelled, and the slices of work that a command or a worker does.

A batch is one transaction: the lease is renewed, people are made, rows go in, days are touched, and counts and
position are saved. A worker killed anywhere leaves whole batches, and whoever takes up the import goes on after them.
"""

import contextlib
import datetime as dt
import gc
import logging
import shutil
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import DatabaseError, DataError, IntegrityError, ProgrammingError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from foundation.records.upsert import Upserted

from ..enums import DUE, Kind, Status
from ..files import CHUNK_ROWS, FileRefused, open_file
from ..models import DATA, ISSUES_KEPT, VALUE_KEPT, Import, ImportFile, ImportIssue, Mapping
from ..people import date_of
from ..pipeline import Batch, Pipeline, reasons
from ..queries import within_reach
from ..rules.guess import guess_mapping as guess_mapping_text
from ..rules.mapping import MappingError, Spec, file_options_of, load_mapping
from ..rules.values import as_text, clock
from .placing import write_people
from .writing import Metrics, refuse_foreign, write_evaluations, write_legs, write_readings

logger = logging.getLogger(__name__)

PREVIEW_ROWS = 20
LEASE = dt.timedelta(seconds=30)
SAMPLE_ROWS = 500
Clock = Callable[[], dt.datetime]


class ImportRefused(Exception):
    """The files or the mapping cannot be used; nothing was written. Its text says what to do."""


class AlreadyStarted(Exception):
    """An import can be started once."""


class LeaseLost(Exception):
    """Another worker holds the import, or it was stopped."""


@dataclass(frozen=True)
class NewFile:
    """A file that already lies in our storage or on this machine."""

    name: str
    path: str
    role: str = DATA


@dataclass(frozen=True)
class Preview:
    """The first rows of the first file as they stand, and as the mapping reads them."""

    columns: list[str]
    """The names of the file's columns."""
    cells: list[list[str]]
    """The rows as text, under `columns`."""
    cell_lines: list[int] = field(default_factory=list)
    """The line of the file on which each of `cells` stands."""
    fields: list[str] = field(default_factory=list)
    """The fields that the mapping fills."""
    values: list[list[str]] = field(default_factory=list)
    """The rows that can be read, as they would go in, under `fields`."""
    lines: list[int] = field(default_factory=list)
    """The line of the file on which each of `values` stands."""
    issues: list[tuple[int, str, str, str]] = field(default_factory=list)
    """(line, column, value, reason) of rows that cannot be read."""
    error: str = ""
    """Why the files cannot be imported at all with this mapping, and what to do."""


# Mappings and uploads ------------------------------------------------------------------------------------------------


def save_mapping(*, name: str, text: str, by=None, at: dt.datetime) -> Mapping:
    """Saves a mapping under a name, over the one that has it. Raises `ImportRefused` for a mapping with mistakes."""
    spec = _spec(text)
    mapping, _ = Mapping.objects.update_or_create(
        name=name[:120], defaults={"kind": spec.kind, "text": text, "by": by, "saved_at": at}
    )
    return mapping


def _spec(text: str) -> Spec:
    try:
        return load_mapping(text)
    except MappingError as error:
        raise ImportRefused(str(error)) from None


def store_upload(upload, *, run: Import, role: str = DATA) -> ImportFile:
    """Keeps an uploaded file with its import, by pieces, under a name of our own."""
    kept = default_storage.save(f"imports/{run.public_id}/{uuid.uuid4().hex}{Path(upload.name).suffix[:8]}", upload)
    return run.files.create(
        role=role,
        name=Path(upload.name).name[:255],
        path=default_storage.path(kept),
        size=upload.size,
        order=run.files.count(),
    )


@transaction.atomic
def create_import(
    *,
    files: Sequence[NewFile] = (),
    mapping: Mapping | None = None,
    mapping_text: str = "",
    by=None,
    at: dt.datetime,
    **more,
) -> Import:
    """A new import in state *uploaded*. The mapping may come later, with `start`. `more` are other fields of it."""
    run = Import.objects.create(
        mapping=mapping, mapping_text=mapping_text or (mapping.text if mapping else ""), by=by, created_at=at, **more
    )
    for order, file in enumerate(files):
        path = Path(file.path)
        size = path.stat().st_size if path.exists() else 0
        run.files.create(role=file.role, name=file.name[:255], path=str(path), size=size, order=order)
    return run


def guess_mapping(header: Sequence[str], sample: Sequence[Sequence[str]], *, source: str = "file") -> str:
    """A mapping as YAML, guessed from the names of the columns and some rows, to begin with."""
    return guess_mapping_text(header, sample, source=source)


# Opening -------------------------------------------------------------------------------------------------------------


@dataclass
class Opened:
    """An import with its files open."""

    spec: Spec
    pipeline: Pipeline
    metrics: Metrics | None
    place: tuple[int, dict | None] = (0, None)
    """Up to where repeated ids have been counted."""


def _open(mapping_text: str, files: Sequence[tuple[str, str, str]], *, within: Collection[int] | None = None) -> Opened:
    """Opens files (role, name, path) under a mapping. Raises `ImportRefused` with what to do."""
    try:
        spec = load_mapping(mapping_text)
        tables = _table_paths(spec, files)
        data = [(name, path) for role, name, path in files if role == DATA]
        pipeline = Pipeline(spec, data, tables, within)
        return Opened(spec, pipeline, Metrics(spec) if spec.kind == "readings" else None)
    except (FileRefused, MappingError) as error:
        raise ImportRefused(str(error)) from None


def _table_paths(spec: Spec, files: Sequence[tuple[str, str, str]]) -> dict[str, str]:
    """Where each joined table lies: given by its role, or by the file name that the mapping says."""
    by_role = {role: path for role, _, path in files if role != DATA}
    by_name = {name: path for _, name, path in files}
    return {
        name: by_role.get(name) or by_name.get(Path(table.file).name)
        for name, table in spec.tables.items()
        if name in by_role or Path(table.file).name in by_name
    }


def _files(run: Import) -> list[tuple[str, str, str]]:
    return list(run.files.values_list("role", "name", "path"))


def open_import(run: Import) -> Opened:
    """The import's files under its own copy of the mapping. Raises `ImportRefused`."""
    return _open(run.mapping_text, _files(run), within=within_reach(run))


def checked(
    mapping_text: str, files: Sequence[tuple[str, str, str]], *, within: Collection[int] | None = None
) -> Opened:
    """Files (role, name, path) open under a mapping, of which some rows can be read. Raises `ImportRefused`."""
    opened = _open(mapping_text, files, within=within)
    try:
        _refuse_hopeless(opened)
    except (FileRefused, MappingError) as error:
        raise ImportRefused(str(error)) from None
    return opened


def _refuse_hopeless(opened: Opened) -> None:
    """Refuses files of which no row of the beginning can be read: the mapping does not fit."""
    for at, source in enumerate(opened.pipeline.sources):
        batch = next(opened.pipeline.batches(at, None, SAMPLE_ROWS), None)
        source.counters.clear()
        if batch is None:
            raise ImportRefused(f"{source.name}: holds no rows below the names of the columns.")
        if batch.issues and not batch.lines and not batch.left_out:
            raise ImportRefused(
                f"{source.name}: none of the first {batch.taken} rows can be read ({reasons(batch.issues)}). For "
                f"example line {batch.issues[0][0]}: “{batch.issues[0][2][:80]}”. Correct the mapping."
            )


# Preview -------------------------------------------------------------------------------------------------------------


def preview(run: Import, *, mapping_text: str, rows: int = PREVIEW_ROWS) -> Preview:
    """What the first rows would become. Writes nothing; mistakes of mapping or file come back in `error`."""
    raw = _raw_preview(run, mapping_text, rows)
    if raw.error:
        return raw
    try:
        opened = _open(mapping_text, _files(run))
        batch = next(opened.pipeline.batches(0, None, rows), None)
    except (ImportRefused, MappingError, FileRefused) as refused:
        return replace(raw, error=str(refused))
    if batch is None:
        return raw
    shown = {name: values for name, values in batch.columns.items() if any(v is not None for v in values)}
    shown = {"agent": [person.name if person else None for person in batch.people], **shown}
    values = [
        [_shown(name, value) for name, value in zip(shown, row, strict=True)]
        for row in zip(*shown.values(), strict=True)
    ]
    return replace(raw, fields=list(shown), values=values, lines=batch.lines, issues=batch.issues)


def _raw_preview(run: Import, mapping_text: str, rows: int) -> Preview:
    """The first rows as text, read as the mapping's `file:` says, also where the rest of the mapping has mistakes."""
    error = ""
    try:
        options = load_mapping(mapping_text).file
    except MappingError as mistake:
        error, options = str(mistake), file_options_of(mapping_text)
    file = run.files.filter(role=DATA).first()
    if file is None:
        return Preview([], [], error="No file was given.")
    try:
        reader = open_file(file.path, name=file.name, options=options, max_mb=1 << 20)
        first = next(reader.rows(None, rows), None)
    except FileRefused as refused:
        return Preview([], [], error=str(refused))
    cells = [[as_text(cell) for cell in row] for row in (first.cells if first else [])]
    return Preview(reader.columns, cells, cell_lines=list(first.lines) if first else [], error=error)


_SHOW = {
    "workday": lambda day: str(date_of(day)),
    "rating": lambda units: f"{units / 1000:g}",
    "score": lambda units: f"{units / 1000:g}",
    "maximum": lambda units: f"{units / 1000:g}",
    "charge": lambda units: f"{units / 10**8:.4f}",
    "customer_key": lambda key: "•••",
}


def _shown(name: str, value) -> str:
    if value is None:
        return ""
    if name in ("started_at", "ended_at"):
        return f"{date_of(value // 86_400_000_000)} {clock(value % 86_400_000_000 // 1000).rjust(8, '0')} UTC"
    return clock(value) if name.endswith("_seconds") else _SHOW.get(name, str)(value)


# Start and cancel ----------------------------------------------------------------------------------------------------


def start(
    run: Import,
    *,
    mapping_text: str,
    mapping: Mapping | None = None,
    dry_run: bool = False,
    by=None,
    at: dt.datetime,
    holder: str = "",
    opened: Opened | None = None,
) -> Import:
    """Checks files and mapping, then puts the import in the queue for a worker, or hands it to `holder` at once.

    Raises `ImportRefused` with what to do, before anything is written; `AlreadyStarted` for one that was started,
    unless it was a dry run, or was cancelled or failed: that one begins anew, and what is in is met as unchanged.
    `opened` are the files where they were `checked` before. What a client sent stays the client's.
    """
    opened = opened or checked(mapping_text, _files(run), within=within_reach(run))
    again = (
        Q(status=Status.UPLOADED)
        | Q(status__in=[Status.FAILED, Status.CANCELLED])
        | Q(status=Status.DONE, dry_run=True)
    )
    dated = ["finished_at", "cancel_asked_at", "first_workday", "last_workday"]
    fresh = dict.fromkeys(COUNTS, 0) | dict.fromkeys(dated)
    with transaction.atomic():
        started = Import.objects.filter(again, pk=run.pk).update(
            status=Status.RUNNING if holder else Status.QUEUED,
            started_at=at if holder else None,
            lease_until=at + LEASE if holder else None,
            lease_holder=holder,
            mapping_text=mapping_text,
            mapping=mapping,
            kind=Kind(opened.spec.kind),
            dry_run=dry_run,
            by=run.by if run.only_within_reach else by or run.by,
            rows_total=opened.pipeline.expected_rows,
            position={},
            error="",
            **fresh,
        )
        if not started:
            raise AlreadyStarted
        run.issues.all().delete()
    run.refresh_from_db()
    return run


COUNTS = (
    "rows_taken", "rows_new", "rows_changed", "rows_unchanged", "rows_left_out", "rows_refused", "people_created",
    "last_line",
)  # fmt: skip


def cancel(run: Import, *, by=None, at: dt.datetime) -> None:
    """Asks the worker to stop after the batch in hand; what is in stays in. A waiting import stops at once."""
    waiting = Import.objects.filter(pk=run.pk, status__in=[Status.UPLOADED, Status.QUEUED])
    if not waiting.update(status=Status.CANCELLED, cancel_asked_at=at, finished_at=at):
        Import.objects.filter(pk=run.pk, status=Status.RUNNING).update(cancel_asked_at=Coalesce("cancel_asked_at", at))
    run.refresh_from_db()


# Work ----------------------------------------------------------------------------------------------------------------


def claim(*, holder: str, at: dt.datetime, run: Import | None = None) -> Import | None:
    """Takes one import that is due, or `run`, for `LEASE`; None when there is none. One UPDATE decides who has it."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=at)
    due = Import.objects.filter(free, status__in=DUE).order_by("created_at", "pk")
    if run is not None:
        due = due.filter(pk=run.pk)
    for pk in due.values_list("pk", flat=True)[:10]:
        taken = Import.objects.filter(free, pk=pk, status__in=DUE).update(
            status=Status.RUNNING,
            lease_holder=holder,
            lease_until=at + LEASE,
            started_at=Coalesce("started_at", at),
        )
        if taken:
            return Import.objects.get(pk=pk)
    return None


def work(
    run: Import, *, holder: str, now: Clock, budget: dt.timedelta | None = None, opened: Opened | None = None
) -> Opened | None:
    """Works on a claimed import until it is finished, or for `budget`; then the lease is given back and the files come
    back open for the next slice. A file that cannot be used fails the import; a lost database leaves it to be taken up.
    """
    try:
        opened = opened or open_import(run)
        with _collector_at_rest():
            finished = _work(run, opened, holder=holder, now=now, budget=budget)
    except (ImportRefused, FileRefused, MappingError) as error:
        _end(run, holder, Status.FAILED, at=now(), error=str(error))
        return None
    except LeaseLost:
        return None
    except (DataError, ProgrammingError) as error:
        _end(run, holder, Status.FAILED, at=now(), error=f"Laurel made a mistake ({type(error).__name__}: {error}).")
        raise
    except (DatabaseError, OSError) as error:
        if isinstance(error, IntegrityError) and run.error.startswith("Stopped for now"):
            _end(run, holder, Status.FAILED, at=now(), error=f"Rows could not be written twice over: {error}.")
            raise
        logger.warning("Import %s stops for now: %s", run.public_id, error)
        with contextlib.suppress(DatabaseError):
            Import.objects.filter(pk=run.pk, lease_holder=holder).update(
                error=f"Stopped for now ({type(error).__name__}: {str(error)[:300]}). It will be taken up again."
            )
        raise
    except Exception as error:
        # Whatever it is, the import must not be taken up for ever.
        logger.exception("Import %s failed", run.public_id)
        _end(run, holder, Status.FAILED, at=now(), error=f"Laurel made a mistake ({type(error).__name__}: {error}).")
        raise
    if finished:
        return None
    Import.objects.filter(pk=run.pk, lease_holder=holder).update(lease_until=None)
    return opened


@contextlib.contextmanager
def _collector_at_rest():
    """The cells of a batch are many and hold no circles; to look for circles among them costs a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _work(run: Import, opened: Opened, *, holder: str, now: Clock, budget: dt.timedelta | None) -> bool:
    """Whether the import is finished. The budget begins to run once the place of the last batch is found again."""
    run.refresh_from_db()

    def beat() -> None:
        _hold(run, holder, at=now())

    if run.first_workday is None and not run.position:
        _note_first_day(run, opened, holder, now)
    until = None
    for batch, place in _batches(opened, run.position, beat):
        until = until or (budget is not None and now() + budget)
        if _is_cancelled(run):
            _end(run, holder, Status.CANCELLED, at=now())
            return True
        _take(run, opened, batch, place, holder=holder, at=now())
        opened.place = (place["file"], batch.end)
        if until and now() >= until:
            return False
    _end(run, holder, Status.DONE, at=now())
    return True


def _note_first_day(run: Import, opened: Opened, holder: str, now: Clock) -> None:
    """Memberships that an import makes begin with the file's first workday, so it is looked for first."""
    if opened.spec.agent.unknown != "create" and opened.spec.agent.team is None:
        return
    day = opened.pipeline.first_day(beat=lambda: _hold(run, holder, at=now()))
    if day is not None:
        run.first_workday = date_of(day)
        _hold(run, holder, at=now(), first_workday=run.first_workday)


def _batches(opened: Opened, position: dict, beat: Callable[[], None]) -> Iterator[tuple[Batch, dict]]:
    """Batches after a position, each with the position to save with it. All of an import are of one size, so that
    what repeats in a file can be counted again up to the end of a batch.
    """
    first, end, size = position.get("file", 0), position.get("end"), position.get("size", CHUNK_ROWS)
    for at in range(first, len(opened.pipeline.sources)):
        start = end if at == first else None
        if start is not None and opened.place != (at, start):
            counted = opened.place[1] if opened.place[0] == at else None
            opened.pipeline.count_up_to(at, start, size, since=counted, beat=beat)
        for batch in opened.pipeline.batches(at, start, size):
            yield batch, {"file": at, "end": batch.end, "size": size}


def _is_cancelled(run: Import) -> bool:
    return Import.objects.filter(pk=run.pk, cancel_asked_at__isnull=False).exists()


def _hold(run: Import, holder: str, *, at: dt.datetime, **changes) -> None:
    held = Import.objects.filter(pk=run.pk, status=Status.RUNNING, lease_holder=holder)
    if not held.update(lease_until=at + LEASE, **changes):
        raise LeaseLost


def _take(run: Import, opened: Opened, batch: Batch, place: dict, *, holder: str, at: dt.datetime) -> None:
    """One batch, in one transaction: all of it or nothing. A dry run saves only the counts."""
    created = opened.pipeline.directory.created
    if run.dry_run:
        done = _put_in(run, opened, batch, at=at)
    with transaction.atomic():
        _hold(run, holder, at=at)
        if not run.dry_run:
            done = _put_in(run, opened, batch, at=at)
        _keep_issues(run, opened.pipeline.sources[place["file"]].name, batch)
        _count(run, batch, done, place, created=opened.pipeline.directory.created - created)


def _put_in(run: Import, opened: Opened, batch: Batch, *, at: dt.datetime) -> Upserted:
    if not batch.lines:
        return Upserted()
    directory, spec = opened.pipeline.directory, opened.spec
    if directory.within is not None and spec.kind == "interactions":
        refuse_foreign(batch, within=directory.within)
    if not batch.lines:
        return Upserted()
    if not run.dry_run:
        days = batch.first_days() if any(day is not None for day in batch.columns["workday"]) else {}
        write_people(directory, days, since=None if run.first_workday is None else _day(run.first_workday))
    else:
        directory.count_new(batch.people)
    if spec.kind == "interactions":
        return write_legs(spec, directory, batch, at=at, dry_run=run.dry_run)
    if spec.kind == "readings":
        return write_readings(spec, opened.metrics, batch, at=at, dry_run=run.dry_run)
    return write_evaluations(spec, batch, at=at, dry_run=run.dry_run)


def _day(date: dt.date) -> int:
    return (date - dt.date(1970, 1, 1)).days


def _keep_issues(run: Import, file: str, batch: Batch) -> None:
    room = ISSUES_KEPT - run.rows_refused
    kept = [
        ImportIssue(
            import_run=run, file=file, line=line, column=column[:200], value=_one_line(value), reason=reason[:400]
        )
        for line, column, value, reason in sorted(batch.issues)[: max(0, room)]
    ]
    ImportIssue.objects.bulk_create(kept, batch_size=500)


def _one_line(value) -> str:
    return str(value).replace("\x00", "�")[:VALUE_KEPT]


def _count(run: Import, batch: Batch, done: Upserted, place: dict, *, created: int) -> None:
    refused = len({issue[0] for issue in batch.issues})
    run.rows_refused += refused
    days = [day for day in (batch.columns.get("workday") or ()) if day is not None]
    first = min([date_of(min(days)), *filter(None, [run.first_workday])]) if days else run.first_workday
    last = max([date_of(max(days)), *filter(None, [run.last_workday])]) if days else run.last_workday
    run.first_workday, run.last_workday = first, last
    Import.objects.filter(pk=run.pk).update(
        rows_taken=F("rows_taken") + batch.taken,
        rows_new=F("rows_new") + done.new,
        rows_changed=F("rows_changed") + done.changed,
        rows_unchanged=F("rows_unchanged") + done.unchanged,
        rows_left_out=F("rows_left_out") + batch.left_out,
        rows_refused=F("rows_refused") + refused,
        people_created=F("people_created") + created,
        first_workday=first,
        last_workday=last,
        last_line=batch.last_line,
        position=place,
        error="",
    )


def _end(run: Import, holder: str, status: Status, *, at: dt.datetime, error: str = "") -> None:
    """Finishes an import that this worker holds. Uploaded copies of one that is done are taken away."""
    held = Import.objects.filter(pk=run.pk, status=Status.RUNNING, lease_holder=holder)
    ended = held.update(status=status, finished_at=at, error=error, lease_until=None, lease_holder="")
    run.refresh_from_db()
    if ended and status == Status.DONE and not run.dry_run:
        folder = Path(default_storage.path("imports")) / str(run.public_id)
        shutil.rmtree(folder, ignore_errors=True)
