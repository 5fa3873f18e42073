"""Writes of webhooks: events that go out, and events that come in."""

from .outgoing import (
    SAMPLE_TYPE,
    Sent,
    deliver,
    discard,
    enqueue,
    new_secret,
    retry_now,
    send_sample,
    start_endpoint,
)

__all__ = [
    "SAMPLE_TYPE",
    "Sent",
    "deliver",
    "discard",
    "enqueue",
    "new_secret",
    "retry_now",
    "send_sample",
    "start_endpoint",
]
