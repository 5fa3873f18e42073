"""Whether a metric that improves while its counterpart worsens is worth a look. A hint, never a verdict.

Values are exact; changes are compared without rounding. No data, a small sample and a percentage of zero give no hint.
"""

from dataclasses import dataclass
from fractions import Fraction

from metrics.enums import Better

from ..enums import ChangeIn
from .scoring import BOUND_UNITS, Measured


@dataclass(frozen=True)
class WatchedSide:
    """One metric of a pair: how much it must change, and on how much. `least` is in 1e-5 of a percent or of the
    metric's unit, `minimum` in stored units of a count.
    """

    better: Better | str
    least: int
    change_in: ChangeIn | str
    minimum: int


@dataclass(frozen=True)
class Spans:
    """A metric over a span and over the equal span before it; None without data."""

    now: Measured | None
    before: Measured | None


def is_worth_a_look(improving: WatchedSide, worsening: WatchedSide, first: Spans, second: Spans) -> bool:
    """Whether the first metric improved and the second worsened, each by at least its smallest change."""
    better, worse = improvement(improving, first), improvement(worsening, second)
    if better is None or worse is None:
        return False
    return better * BOUND_UNITS >= improving.least and -worse * BOUND_UNITS >= worsening.least


def improvement(side: WatchedSide, spans: Spans) -> Fraction | None:
    """By how much a metric improved (below zero: worsened), in percent or in its unit. None where that cannot be said:
    without data or volume in either span, and in percent of zero.
    """
    if spans.now is None or spans.before is None or min(spans.now.count, spans.before.count) < side.minimum:
        return None
    now, before = spans.now.value, spans.before.value
    change = now - before if side.better == Better.HIGHER else before - now
    if side.change_in == ChangeIn.UNITS:
        return change
    return 100 * change / abs(before) if before else None
