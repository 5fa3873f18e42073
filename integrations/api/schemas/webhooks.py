"""Webhooks on the wire."""

import datetime as dt

from ..wire import Schema


class WebhookTest(Schema):
    """What came of one signed test event. Without a status nothing answered, and `error` says why."""

    webhook_id: str
    name: str
    event_type: str
    delivered: bool
    status: int | None = None
    error: str | None = None
    duration_ms: int
    tested_at: dt.datetime
