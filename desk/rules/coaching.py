"""What a lead coaches from: the metric that leaves most points lying, and the group that one compares with."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Earned:
    """Points of a metric out of their maximum, over a span; `paused` is the part of the maximum that a guard held."""

    points: int
    maximum: int
    paused: int = 0


@dataclass(frozen=True)
class Weakest:
    """The metrics with the lowest share of their maximum, in the order given. Several are a tie."""

    metrics: tuple[int, ...]
    share: Fraction


def weakest(earned: Iterable[tuple[int, Earned]]) -> Weakest | None:
    """None without anything to earn, and where nothing is missing: full points everywhere are no weakness."""
    shares = [(metric, Fraction(one.points, one.maximum)) for metric, one in earned if one.maximum]
    lowest = min((share for _, share in shares), default=Fraction(1))
    if lowest == 1:
        return None
    return Weakest(tuple(metric for metric, share in shares if share == lowest), lowest)


def share_of(sums: Iterable[tuple[int, int]]) -> Fraction | None:
    """Percent of several parts and wholes together: sums over sums, never a mean of means. None without any."""
    pairs = list(sums)
    whole = sum(maximum for _, maximum in pairs)
    return Fraction(100 * sum(points for points, _ in pairs), whole) if whole else None
