"""Interactions in bulk: a file comes in, and a job imports it, the same that the page of imports shows."""

from typing import Annotated

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from ninja import Query

from integrations.imports import queries
from integrations.imports.actions import ImportRefused, uploads
from integrations.imports.enums import Status
from integrations.imports.models import Import, ImportIssue
from people.access import require
from people.enums import Permission

from ..asking import viewer_of
from ..gate import Token
from ..once import done_once
from ..problems import Problem
from ..receiving import Received, receiving
from ..schemas.interactions import BulkCounts, BulkJob, BulkJobStatus, BulkRefusedRow
from ..wire import Paging, Resource, paged, uuid_of

resource = Resource("interactions", tag="Interactions")
HERE = "/api/v2/interactions/bulk"
SCOPE = Token("interactions")
SUFFIXES = {
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "application/json-lines": ".jsonl",
    "application/jsonlines": ".jsonl",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
}
STATES = {
    Status.QUEUED: "Queued",
    Status.RUNNING: "Running",
    Status.DONE: "Done",
    Status.FAILED: "Failed",
    Status.CANCELLED: "Cancelled",
}
BODY = {
    "requestBody": {
        "required": True,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in SUFFIXES},
    }
}
MappingName = Annotated[str, Query("", max_length=120, description="a saved mapping; without, Laurel’s own names")]
SourceName = Annotated[
    str,
    Query("", pattern=r"^[\w.-]{0,60}$", description="the system that the ids are of; without, the client itself"),
]


@resource.post("/bulk", response={202: BulkJob}, auth=SCOPE, openapi_extra=BODY)
def load_in_bulk(request, mapping: MappingName = "", source: SourceName = ""):
    """JSON lines or CSV, as the Content-Type says, perhaps packed (`Content-Encoding: gzip`). Poll its `selfUri`."""
    viewer = viewer_of(request)
    require(viewer, Permission.IMPORT)
    with receiving(request, suffix=_suffix(request)) as received:
        try:
            sent = uploads.look_at(
                received.public_id,
                received.path,
                mapping=mapping,
                source=source or f"api-{request.call.caller.client.pk}",
                encoding=(request.content_params or {}).get("charset", "utf-8"),
                by=viewer,
                at=request.call.at,
            )
        except ImportRefused as error:
            raise Problem(400, str(error)) from None
        return done_once(request, lambda: _begun(request, sent, received))


def _suffix(request) -> str:
    if request.content_type not in SUFFIXES:
        raise Problem(415, f"Content-Type is one of {', '.join(SUFFIXES)}.")
    return SUFFIXES[request.content_type]


def _begun(request, sent: uploads.Sent, received: Received) -> JsonResponse:
    run = uploads.begin(sent, by=viewer_of(request), at=request.call.at)
    received.is_kept = True
    return JsonResponse(BulkJob(**_job(run)).model_dump(mode="json", by_alias=True, exclude_none=True), status=202)


@resource.get("/bulk/{job_id}", response=BulkJobStatus, auth=SCOPE)
def get_bulk_job(request, job_id: str, paging: Query[Paging]):
    """How far it is, and which rows could not be read, with their lines."""
    viewer = viewer_of(request)
    require(viewer, Permission.IMPORT)
    run = get_object_or_404(queries.jobs_of(viewer), public_id=uuid_of(job_id))
    return BulkJobStatus(**_job(run), report=paged(request, queries.issues_of(run), paging, _refused_row))


def _job(run: Import) -> dict:
    return {
        "id": str(run.public_id),
        "state": STATES[run.status],
        "percent": run.percent,
        "counts": BulkCounts(
            read=run.rows_taken,
            taken=run.rows_new + run.rows_changed,
            new=run.rows_new,
            changed=run.rows_changed,
            unchanged=run.rows_unchanged,
            left_out=run.rows_left_out,
            refused=run.rows_refused,
        ),
        "mapping": run.mapping.name if run.mapping else None,
        "date_created": run.created_at,
        "date_started": run.started_at,
        "date_finished": run.finished_at,
        "first_workday": run.first_workday,
        "last_workday": run.last_workday,
        "error": run.error or None,
        "self_uri": f"{HERE}/{run.public_id}",
    }


def _refused_row(issue: ImportIssue) -> BulkRefusedRow:
    return BulkRefusedRow(line=issue.line, column=issue.column or None, value=issue.value or None, reason=issue.reason)
