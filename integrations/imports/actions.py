"""Writes of imports: upload, start, cancel, and the slices of work that a command or a worker does."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from .models import Import, ImportFile, Mapping

PREVIEW_ROWS = 20


class ImportRefused(Exception):
    """The files or the mapping cannot be used; nothing was written. Its text says what to do."""


class AlreadyStarted(Exception):
    """An import can be started once."""


@dataclass(frozen=True)
class NewFile:
    """A file that already lies in our storage or on this machine."""

    name: str
    path: str
    role: str = "data"


@dataclass(frozen=True)
class Preview:
    """The first rows of the first file as they stand, and as the mapping reads them."""

    columns: list[str]
    """The names of the file's columns."""
    cells: list[list[str]]
    """The rows as text, under `columns`."""
    fields: list[str] = field(default_factory=list)
    """The fields that the mapping fills."""
    values: list[list[str]] = field(default_factory=list)
    """The same rows as they would go in, under `fields`."""
    issues: list[tuple[int, str, str, str]] = field(default_factory=list)
    """(line, column, value, reason) of rows that cannot be read."""
    error: str = ""
    """Why the files cannot be imported at all with this mapping, and what to do."""


def save_mapping(*, name: str, text: str, by, at: dt.datetime) -> Mapping:
    """Saves a mapping under a name, over the one that has it. Raises `ImportRefused` for a mapping with mistakes."""
    raise NotImplementedError


def store_upload(upload, *, run: Import, role: str = "data") -> ImportFile:
    """Keeps an uploaded file with its import, by pieces, under a name of our own."""
    raise NotImplementedError


def create_import(
    *, files: Sequence[NewFile] = (), mapping: Mapping | None = None, mapping_text: str = "", by=None, at: dt.datetime
) -> Import:
    """A new import in state *uploaded*. The mapping may come later, with `start`."""
    raise NotImplementedError


def preview(run: Import, *, mapping_text: str, rows: int = PREVIEW_ROWS) -> Preview:
    """What the first rows would become. Writes nothing; mistakes of mapping or file come back in `error`."""
    raise NotImplementedError


def guess_mapping(header: Sequence[str], sample: Sequence[Sequence[str]], *, source: str = "file") -> str:
    """A mapping as YAML, guessed from the names of the columns and some rows, to begin with."""
    raise NotImplementedError


def start(
    run: Import, *, mapping_text: str, mapping: Mapping | None = None, dry_run: bool = False, by=None, at: dt.datetime
) -> Import:
    """Checks files and mapping, then puts the import in the queue for a worker.

    Raises `ImportRefused` with what to do, before anything is written; `AlreadyStarted` for one that was started.
    """
    raise NotImplementedError


def cancel(run: Import, *, by=None, at: dt.datetime) -> None:
    """Asks the worker to stop after the batch in hand; what is in stays in. A waiting import stops at once."""
    raise NotImplementedError
