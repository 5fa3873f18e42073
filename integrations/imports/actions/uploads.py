"""What pages and the API do with an import before it starts: take in files, find a mapping, throw it away."""

import contextlib
import datetime as dt
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage

from ..enums import Kind
from ..files import FileRefused, keys_among, open_file
from ..models import DATA, Import, Mapping
from ..queries import reachable
from ..rules.answers import text_of
from ..rules.mapping import FileOptions, MappingError
from ..rules.own import NAMES, own_mapping
from . import importing
from .importing import ImportRefused


def upload(uploads: Iterable[tuple[str, object]], *, by, at: dt.datetime) -> Import:
    """An import from uploaded (role, file) pairs, with a guessed mapping to begin with.

    Raises `ImportRefused` for a file that cannot be read at all; then nothing is kept.
    """
    run = importing.create_import(by=by, at=at)
    try:
        for role, file in uploads:
            importing.store_upload(file, run=run, role=role)
        draft(run, mapping_text=_first_mapping(run))
    except Exception:
        discard(run)
        raise
    return run


def _first_mapping(run: Import) -> str:
    """A guess from the header and the first rows. Raises `ImportRefused` where the file shows none."""
    seen = importing.preview(run, mapping_text="")
    if not seen.columns:
        raise ImportRefused(seen.error)
    stem = PurePath(run.files.filter(role=DATA).first().name).stem
    source = stem[:60] or "file"
    return importing.guess_mapping(seen.columns, seen.cells, source=source) or text_of({"source": source})


def draft(run: Import, *, mapping_text: str, mapping: Mapping | None = None) -> None:
    """Keeps the mapping as it is now with an import that was not started yet."""
    run.mapping_text = mapping_text
    run.mapping = mapping or run.mapping
    run.save(update_fields=["mapping_text", "mapping"])


def put_table(run: Import, *, name: str, file) -> None:
    """The file of a table that the mapping joins, in place of one that was there."""
    run.files.filter(role=name).delete()
    importing.store_upload(file, run=run, role=name)


def discard(run: Import) -> None:
    """Takes away an import that wrote nothing, with the uploaded copies of its files."""
    run.delete()
    shutil.rmtree(folder_of(run.public_id), ignore_errors=True)


def folder_of(public_id: uuid.UUID) -> Path:
    """Where the uploaded files of an import lie."""
    return Path(default_storage.path("imports")) / str(public_id)


# What a client sends, in one call ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """A file of interactions that a client sent, checked, in the folder of the import that it will be."""

    public_id: uuid.UUID
    file: importing.NewFile
    mapping_text: str
    mapping: Mapping | None
    opened: importing.Opened


def look_at(public_id: uuid.UUID, path: Path, *, mapping: str, source: str, encoding: str, by, at: dt.datetime) -> Sent:
    """A file under a saved mapping, or under Laurel's own names where none is named. Raises `ImportRefused`."""
    name = f"interactions{path.suffix}"
    within = reachable(by, at=at)
    saved = _saved(mapping) if mapping else None
    own = {"format": "jsonl", "other_keys": "refuse"} if path.suffix == ".jsonl" else {"encoding": encoding}
    text = saved.text if saved else _own_text(path, name, own, source=source, keep_nobodys=within is None)
    opened = importing.checked(text, [(DATA, name, str(path))], within=within)
    return Sent(public_id, importing.NewFile(name, str(path)), text, saved, opened)


def _saved(name: str) -> Mapping:
    saved = Mapping.objects.filter(name=name).first()
    if saved is None:
        raise ImportRefused(f"There is no saved mapping “{name}”.")
    if saved.kind != Kind.INTERACTIONS:
        raise ImportRefused(f"The mapping “{name}” is one of {saved.get_kind_display()}, not of interactions.")
    return saved


def _own_text(path: Path, name: str, file: dict[str, Any], *, source: str, keep_nobodys: bool) -> str:
    try:
        if path.suffix == ".jsonl":
            columns = keys_among(NAMES, path)
        else:
            reader = open_file(path, name=name, options=FileOptions(**file), max_mb=settings.LAUREL_IMPORT_MAX_MB)
            columns = reader.columns
        return own_mapping(columns, source=source, file=file, keep_nobodys=keep_nobodys)
    except (FileRefused, MappingError) as error:
        raise ImportRefused(str(error)) from None


def begin(sent: Sent, *, by, at: dt.datetime) -> Import:
    """The import of a file that was looked at, for people in reach of whoever sent it; a worker takes it up."""
    run = importing.create_import(
        files=[sent.file], public_id=sent.public_id, only_within_reach=True, mapping=sent.mapping, by=by, at=at
    )
    return importing.start(run, mapping_text=sent.mapping_text, mapping=sent.mapping, opened=sent.opened, at=at)


LEFT_AFTER = dt.timedelta(days=1)
"""A folder without an import is not of a call at work any more."""


def sweep(*, at: dt.datetime) -> int:
    """Takes away what calls left that were killed while a file came in. How many folders."""
    root, gone = Path(default_storage.path("imports")), 0
    known = {str(public_id) for public_id in Import.objects.values_list("public_id", flat=True)}
    for folder in root.iterdir() if root.exists() else ():
        with contextlib.suppress(FileNotFoundError):
            if folder.name not in known and folder.stat().st_mtime < (at - LEFT_AFTER).timestamp():
                shutil.rmtree(folder, ignore_errors=True)
                gone += 1
    return gone
