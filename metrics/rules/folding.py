"""How external readings of a day become its value."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..enums import ReadingKind

ONE = 1000
LARGEST = 2**62 - 1


@dataclass(frozen=True)
class Measurement:
    """One reading in stored units: `value` in 1e-5 of the metric's unit, `count` in 1e-3; None where not given."""

    kind: ReadingKind
    value: int | None
    count: int | None


@dataclass(frozen=True)
class Folded:
    total: int
    count: int


def fold(measurements: Iterable[Measurement]) -> Folded | None:
    """The day's value after its readings in order of arrival; None is no data.

    A total overwrites, a cumulative adds; a value of null deletes, and so does a count that comes to 0. Without a
    count a total counts 1, and a cumulative 0 where data exists and 1 otherwise. What would not fit a stored number
    stays at the largest one.
    """
    state = None
    for measurement in measurements:
        state = _next(state, measurement)
    return state


def _next(state: Folded | None, measurement: Measurement) -> Folded | None:
    if measurement.value is None:
        return None
    adds = measurement.kind == ReadingKind.CUMULATIVE and state is not None
    count = measurement.count if measurement.count is not None else (0 if adds else ONE)
    total = measurement.value + (state.total if adds else 0)
    count += state.count if adds else 0
    if count <= 0:
        return None
    return Folded(max(-LARGEST, min(LARGEST, total)), min(LARGEST, count))
