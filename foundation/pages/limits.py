"""How often something may happen in a minute. Counts in the shared cache; nothing about correctness rests on it."""

import time

from django.core.cache import cache

MINUTE = 60


def is_over_limit(key: str, *, most: int) -> bool:
    """Counts one more of `key` in the running minute; whether it was one too many."""
    name = f"limit:{key}:{int(time.time()) // MINUTE}"
    if cache.add(name, 1, timeout=2 * MINUTE):
        return most < 1
    try:
        return cache.incr(name) > most
    except ValueError:  # it ran out in between
        return False
