"""The scoring rule as SQL over whole numbers, generated from `scoring.segments_of`.

The text is the same for all rules of up to so many segments; the numbers of each stand in a row of a temporary table
(alias `r`), one for every terms and multiplier. A row's points are null where a product might leave 64 bits: those
are scored by `scoring.points_for` itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

from ..enums import GuardOperator
from .scoring import SCALE, Segment, Zone, maximum_of, safe_limits, segments_of

PARTS = ("m", "c", "e", "zone", "a", "b", "q")
LARGEST = 2**62 - 1


@dataclass(frozen=True)
class ScoringRow:
    """The numbers of one rule and multiplier."""

    segments: tuple[Segment, ...]
    maximum: int
    safe_total: int
    safe_count: int

    def values(self, segment_count: int) -> list:
        """The columns `numbers_of` names; the last segment always holds (0 < 1), so that nothing comes after it."""
        cells = [self.maximum, self.safe_total, self.safe_count]
        for s in self.segments:
            bound = [s.m, s.c, s.e] if s.m is not None else [0, 0, 1]
            cells += [*bound, str(s.kind.value), s.a, s.b, s.q]
        return cells + [None] * len(PARTS) * (segment_count - len(self.segments))


def scoring_row(zones: Sequence[Zone], *, percent: int) -> ScoringRow:
    segments = segments_of(zones, percent=percent)
    return ScoringRow(segments, maximum_of(zones, percent=percent), *safe_limits(segments))


def columns_of(segment_count: int) -> list[str]:
    """Columns of the numbers, with their types."""
    columns = ["maximum integer", "safe_total bigint", "safe_count bigint"]
    for n in range(segment_count):
        columns += [f"{part}{n} {'varchar(6)' if part == 'zone' else 'bigint'}" for part in PARTS]
    return columns


def points_sql(segment_count: int, *, value: str = "v", rule: str = "r") -> str:
    """Points of a day value, null where it is not safe to multiply."""
    t, n = f"{value}.total", f"{value}.count"
    cases = " ".join(
        f"WHEN {_holds(k, value, rule)} THEN (2 * ({rule}.a{k} * {n} + {rule}.b{k} * {t}) + {rule}.q{k} * {n})"
        f" / (2 * {rule}.q{k} * {n})"
        for k in range(segment_count)
    )
    return f"CASE WHEN {_safe(value, rule)} THEN CASE {cases} END END"


def zone_sql(segment_count: int, *, value: str = "v", rule: str = "r") -> str:
    """Zone of a day value, `out` where it is not safe to multiply."""
    cases = " ".join(f"WHEN {_holds(k, value, rule)} THEN {rule}.zone{k}" for k in range(segment_count))
    return f"CASE WHEN {_safe(value, rule)} THEN CASE {cases} END ELSE 'out' END"


def _holds(k: int, value: str, rule: str) -> str:
    return f"{rule}.m{k} * {value}.total - {rule}.c{k} * {value}.count < {rule}.e{k}"


def _safe(value: str, rule: str) -> str:
    return (
        f"{value}.total <= {rule}.safe_total AND {value}.total >= -{rule}.safe_total"
        f" AND {value}.count <= {rule}.safe_count"
    )


GUARD_COLUMNS = ["guard_metric_id bigint", "guard_m bigint", "guard_c bigint", "guard_limit bigint"]


def guard_row(operator: GuardOperator | str, bound: int) -> tuple[int, int, int]:
    """m, c and the largest |total| and count for `paused ⇔ m × total − c × count < 0`."""
    divisor = gcd(SCALE, bound)
    m, c = SCALE // divisor, bound // divisor
    if GuardOperator(operator) is GuardOperator.AT_MOST:
        m, c = -m, -c
    return m, c, LARGEST // max(abs(m), abs(c), 1)


def paused_sql(*, value: str = "g", rule: str = "r") -> str:
    """1 while the guard's value does not meet its condition, 0 when it does or has no data, null where not safe."""
    return (
        f"CASE WHEN {value}.total IS NULL THEN 0"
        f" WHEN {value}.total > {rule}.guard_limit OR {value}.total < -{rule}.guard_limit"
        f" OR {value}.count > {rule}.guard_limit THEN NULL"
        f" WHEN {rule}.guard_m * {value}.total - {rule}.guard_c * {value}.count < 0 THEN 1 ELSE 0 END"
    )
