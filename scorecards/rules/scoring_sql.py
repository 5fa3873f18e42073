"""The scoring rule as SQL over whole numbers, generated from `scoring.segments_of`.

A code is points × `CODES` + the zone's code. It is null where a product might leave 64 bits, and for rules beyond
`MOST_RULES`: those are scored by `scoring.points_for` itself.
"""

from collections.abc import Sequence
from math import gcd

from ..enums import GuardOperator, ZoneKind
from .scoring import SCALE, Segment, Zone, safe_limits, segments_of

LARGEST = 2**62 - 1
MOST_RULES = 1000
"""Keeps the statement well below the length that SQLite takes."""
ZONE_CODES = {ZoneKind.OUT: 0, ZoneKind.GOOD: 1, ZoneKind.TARGET: 2, ZoneKind.GREAT: 3}
CODES = len(ZONE_CODES)


def code_sql(rules: Sequence[tuple[Sequence[Zone], int]], *, number: str, value: str = "v") -> str:
    """The code of a day value by the rule (zones and percent) that stands at `number` in the list."""
    codes = [_code_of_rule(zones, percent, value) for zones, percent in rules[:MOST_RULES]]
    chosen = _choose(codes, number, 0)
    return chosen if len(rules) <= MOST_RULES else f"CASE WHEN {number} < {MOST_RULES} THEN {chosen} END"


def _choose(codes: Sequence[str], number: str, first: int) -> str:
    """By halves, so that many rules cost few comparisons."""
    if len(codes) <= 1:
        return codes[0] if codes else "CAST(NULL AS bigint)"
    half = len(codes) // 2
    lower, upper = _choose(codes[:half], number, first), _choose(codes[half:], number, first + half)
    return f"CASE WHEN {number} < {first + half} THEN {lower} ELSE {upper} END"


def _code_of_rule(zones: Sequence[Zone], percent: int, value: str) -> str:
    segments = segments_of(zones, percent=percent)
    total, count = safe_limits(segments)
    whens = " ".join(f"WHEN {_bound(s, value)} THEN {_code(s, value)}" for s in segments[:-1])
    last = _code(segments[-1], value)
    return (
        f"CASE WHEN {value}.total <= {total} AND {value}.total >= -{total} AND {value}.count <= {count}"
        f" THEN {f'CASE {whens} ELSE {last} END' if whens else last} END"
    )


def _bound(segment: Segment, value: str) -> str:
    total = f"{value}.total" if segment.m == 1 else f"{segment.m} * {value}.total"
    return f"{total} - ({segment.c}) * {value}.count < {segment.e}"


def _code(segment: Segment, value: str) -> str:
    zone = ZONE_CODES[segment.kind]
    if not segment.b:
        return str((2 * segment.a + segment.q) // (2 * segment.q) * CODES + zone)
    top = f"({2 * segment.a + segment.q}) * {value}.count + ({2 * segment.b}) * {value}.total"
    return f"({top}) / ({2 * segment.q} * {value}.count) * {CODES} + {zone}"


def points_of_code(code: str) -> str:
    """Codes are never negative, so that both engines cut alike."""
    return f"({code}) / {CODES}"


def zone_of_code(code: str) -> str:
    cases = " ".join(f"WHEN {number} THEN '{kind.value}'" for kind, number in ZONE_CODES.items())
    return f"CASE ({code}) % {CODES} {cases} END"


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
