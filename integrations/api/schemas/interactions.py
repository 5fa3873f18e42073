"""Bulk loads of interactions on the wire."""

import datetime as dt
from typing import Literal

from pydantic import Field

from ..wire import Page, Schema

StateWord = Literal["Queued", "Running", "Done", "Failed", "Cancelled"]


class BulkCounts(Schema):
    read: int = Field(description="rows read so far")
    taken: int = Field(description="new and changed together")
    new: int
    changed: int
    unchanged: int
    left_out: int = Field(description="by the mapping")
    refused: int = Field(description="rows that could not be read; `report` says why")


class BulkJob(Schema):
    id: str
    state: StateWord
    percent: int
    counts: BulkCounts
    mapping: str | None = Field(None, description="the saved mapping that was asked for")
    date_created: dt.datetime
    date_started: dt.datetime | None = None
    date_finished: dt.datetime | None = None
    first_workday: dt.date | None = None
    last_workday: dt.date | None = None
    error: str | None = Field(None, description="why it failed, or stopped for now, and what to do")
    self_uri: str


class BulkRefusedRow(Schema):
    line: int = Field(description="of the file, from 1")
    column: str | None = None
    value: str | None = None
    reason: str


class BulkReport(Page):
    entities: list[BulkRefusedRow]


class BulkJobStatus(BulkJob):
    report: BulkReport
