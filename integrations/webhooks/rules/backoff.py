"""When an endpoint is tried again, and when its circuit opens. Pure values; the caller knows the time."""

import datetime as dt
from dataclasses import dataclass

FAILURES_UNTIL_OPEN = 3
PAUSE = dt.timedelta(seconds=10)
"""Between two tries while the circuit is closed."""
STEPS = (
    dt.timedelta(minutes=1),
    dt.timedelta(minutes=5),
    dt.timedelta(minutes=30),
    dt.timedelta(hours=2),
    dt.timedelta(hours=6),
    dt.timedelta(hours=12),
    dt.timedelta(days=1),
    dt.timedelta(days=3),
)
"""Between two probes of an open circuit; the last one repeats."""


@dataclass(frozen=True)
class Circuit:
    """`failures` in a row. Open from the third on; `next_at` is when the next try may go out."""

    failures: int = 0
    next_at: dt.datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.failures >= FAILURES_UNTIL_OPEN

    def may_try(self, at: dt.datetime) -> bool:
        return self.next_at is None or self.next_at <= at

    def after_failure(self, at: dt.datetime) -> "Circuit":
        failures = self.failures + 1
        step = failures - FAILURES_UNTIL_OPEN
        return Circuit(failures, at + (PAUSE if step < 0 else STEPS[min(step, len(STEPS) - 1)]))

    def after_success(self) -> "Circuit":
        return Circuit()
