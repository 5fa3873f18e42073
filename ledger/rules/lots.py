"""Which points expire. Pure: events in order in, what is left of each lot out.

Income comes in lots. What leaves an account takes from the lot that expires soonest, those that never expire last,
among equals the older; a take-back takes from the lot it undoes first. Points that are held count as gone: they come
back to their lots when the hold is released, and do not expire before.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Income:
    """Points that came in by the transfer `transfer_id`, gone on `expires_on` (None: never)."""

    transfer_id: int
    points: int
    expires_on: dt.date | None = None


@dataclass(frozen=True)
class Outflow:
    """Points that left or are held. `of` names the lot that a take-back or an expiry is about."""

    points: int
    of: int | None = None


@dataclass
class Lot:
    transfer_id: int
    left: int
    expires_on: dt.date | None

    @property
    def order(self) -> tuple:
        return (self.expires_on is None, self.expires_on or dt.date.max, self.transfer_id)

    def take(self, points: int) -> int:
        """Takes up to `points`; how many it had."""
        found = min(points, self.left)
        self.left -= found
        return found


def lots_after(events: Iterable[Income | Outflow]) -> list[Lot]:
    """What is left of each lot after the events, the soonest to expire first."""
    lots: dict[int, Lot] = {}
    for event in events:
        if isinstance(event, Income):
            lots[event.transfer_id] = Lot(event.transfer_id, event.points, event.expires_on)
        else:
            _take(lots, event)
    return sorted(lots.values(), key=lambda lot: lot.order)


def _take(lots: dict[int, Lot], event: Outflow) -> None:
    rest = event.points
    if event.of in lots:
        rest -= lots[event.of].take(rest)
    for lot in sorted(lots.values(), key=lambda lot: lot.order):
        rest -= lot.take(rest)


def expired(lots: Iterable[Lot], *, on: dt.date) -> list[Lot]:
    """The lots that have something left and whose day has come."""
    return [lot for lot in lots if lot.left and lot.expires_on is not None and lot.expires_on <= on]
