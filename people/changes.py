"""Who is told when someone's division, teams or queues of some days change.

Workdays already scored may then count differently, but `people` knows nothing of scores. A higher app adds a listener
in `AppConfig.ready`; whoever writes such a change calls `announce` in the same transaction. No signals: what is not
announced is not heard, so bulk writers (imports) announce once for all their rows.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .enums import Belonging


@dataclass(frozen=True)
class Change:
    """The days [`from_on`, `until_on`) of a person on which one kind of belonging changed; open when None."""

    person_id: int
    belonging: Belonging
    from_on: dt.date
    until_on: dt.date | None = None


Listener = Callable[[list[Change], dt.datetime], None]
listeners: list[Listener] = []


def announce(changes: Iterable[Change], *, at: dt.datetime) -> None:
    """Tells every listener, in the caller's transaction."""
    changes = list(changes)
    if changes:
        for listener in listeners:
            listener(changes, at)
