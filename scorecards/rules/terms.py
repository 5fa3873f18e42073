"""Terms of an objective as plain values: in force on days, or drafted."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from .scoring import WHOLE, Zone


@dataclass(frozen=True)
class TermsInForce:
    """How an objective is scored from `from_on` (inclusive) until `until_on` (exclusive)."""

    terms_id: int
    objective_id: int
    profile_id: int
    metric_id: int
    kind: str
    zones: tuple[Zone, ...]
    from_on: dt.date
    until_on: dt.date
    guard_metric_id: int | None = None
    guard_operator: str = ""
    guard_bound: int | None = None
    queue_percents: tuple[tuple[int, int], ...] = field(default=())
    team_percents: tuple[tuple[int, int], ...] = field(default=())
    reads_another_metric: bool = False
    """Whether other terms of the objective read another metric: with a filter, without, or with another one."""
    holds_throughout: bool = False
    """Whether it holds on every day that was asked for."""

    @property
    def percents(self) -> list[int]:
        """Every multiplier that these terms can have, in percent."""
        return sorted({WHOLE, *(percent for _, percent in (*self.queue_percents, *self.team_percents))})


@dataclass(frozen=True)
class DraftMultiplier:
    """Points and maximum × percent for a home queue, or for a team."""

    percent: int
    queue_id: int | None = None
    team_id: int | None = None


@dataclass(frozen=True)
class TermsDraft:
    """Terms as drafted, in the metric's natural unit, ready to be tried or published."""

    kind: str
    zones: tuple[Zone, ...]
    is_active: bool = True
    media_type: str = ""
    direction: str = ""
    queue_id: int | None = None
    guard_metric_id: int | None = None
    guard_operator: str = ""
    guard_bound: Decimal | None = None
    guard_scope: str = ""
    multipliers: tuple[DraftMultiplier, ...] = ()

    @property
    def is_narrowed(self) -> bool:
        return bool(self.media_type or self.direction or self.queue_id)
