"""How long each kind of data is kept. An app says what of it grows old; settings say after how many days it goes."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string

BATCH = 5_000
PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Kept:
    """A kind of data about people. `aged` finds the rows from before a moment that still hold something that has to
    go, `clear` takes it away from rows by their keys, at a moment: after it, `aged` finds them no more.

    `least_days` is what the rules need: a shorter setting counts as that. `batch` is how many rows a transaction takes.
    """

    setting: str
    label: str
    aged: Callable[[dt.datetime], QuerySet]
    clear: Callable[[list, dt.datetime], None]
    least_days: int = 1
    batch: int = BATCH

    @property
    def days(self) -> int:
        """After how many days it goes. 0: it stays."""
        days = settings.LAUREL_KEEP_DAYS[self.setting]
        return days and max(days, self.least_days)

    def due(self, *, at: dt.datetime) -> QuerySet | None:
        """The rows whose time is over; None where they stay."""
        return self.aged(at - dt.timedelta(days=self.days)) if self.days else None


def kinds() -> list[Kept]:
    """Every kind, in the order of the settings."""
    return [import_string(path) for path in settings.LAUREL_KEPT]


def what_would_go(*, at: dt.datetime) -> Iterator[tuple[Kept, int]]:
    """Each kind with how many of its rows are over. Changes nothing."""
    for kind in kinds():
        due = kind.due(at=at)
        yield kind, 0 if due is None else due.count()


def apply_retention(*, at: dt.datetime) -> Iterator[tuple[Kept, int]]:
    """Takes away what is over, by batches of a transaction each, so that it may be broken off and run again at any
    time. Each kind with how many rows went.
    """
    for kind in kinds():
        gone = 0
        while done := _batch(kind, at=at):
            gone += done
            time.sleep(PAUSE_SECONDS)
        yield kind, gone


@transaction.atomic
def _batch(kind: Kept, *, at: dt.datetime) -> int:
    due = kind.due(at=at)
    if due is None:
        return 0
    rows = due.order_by("pk").select_for_update(skip_locked=True, of=("self",))
    keys = list(rows.values_list("pk", flat=True)[: kind.batch])
    if keys:
        kind.clear(keys, at)
    return len(keys)
