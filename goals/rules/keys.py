"""Payout keys: made of facts that never change, with no timestamp."""

import hashlib
from functools import lru_cache


@lru_cache(maxsize=1000)
def payout_key(goal_id: str, period: str, status: str) -> str:
    """Lower-case hex SHA-256 of goal id, period and status, joined without separator."""
    return hashlib.sha256(f"{goal_id}{period}{status}".encode()).hexdigest()


def member_key(goal_id: str, period: str, status: str, person_id: str) -> str:
    """The key of one member's transfer."""
    return f"{payout_key(goal_id, period, status)}:{person_id}"
