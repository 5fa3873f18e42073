"""Writes of imports: upload, start, cancel, and the slices of work that a command or a worker does."""

from .importing import (
    LEASE,
    AlreadyStarted,
    ImportRefused,
    NewFile,
    Opened,
    Preview,
    cancel,
    checked,
    claim,
    create_import,
    guess_mapping,
    preview,
    save_mapping,
    start,
    store_upload,
    work,
)

__all__ = [
    "LEASE",
    "AlreadyStarted",
    "ImportRefused",
    "NewFile",
    "Opened",
    "Preview",
    "cancel",
    "checked",
    "claim",
    "create_import",
    "guess_mapping",
    "preview",
    "save_mapping",
    "start",
    "store_upload",
    "work",
]
