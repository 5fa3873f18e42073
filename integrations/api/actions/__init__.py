"""Writes of the API: its clients, and what they send."""

from .clients import (
    ANSWERS_KEPT,
    create_client,
    forget_answers,
    rename,
    renew_secret,
    revoke,
    set_rights,
    start_client,
)

__all__ = [
    "ANSWERS_KEPT",
    "create_client",
    "forget_answers",
    "rename",
    "renew_secret",
    "revoke",
    "set_rights",
    "start_client",
]
