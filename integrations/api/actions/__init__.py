"""Writes of the API: its clients, and what they send."""

from .calls import ANSWERS_KEPT, forget_answers
from .clients import (
    create_client,
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
