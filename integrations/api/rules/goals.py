"""How callers describe a goal, as Laurel settles it. Pure: plain values in, plain values or Unfit out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from goals.enums import Frequency, GoalStatus, Operator, PayMode, Sharing
from metrics.enums import Aggregation

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~-]{0,119}")
"""What a goal may be called in an address."""
FREQUENCIES = {
    "REALTIME": Frequency.DAILY,
    "HOURLY": Frequency.DAILY,
    "DAILY": Frequency.DAILY,
    "WEEKLY": Frequency.WEEKLY,
    "MONTHLY": Frequency.MONTHLY,
    "QUARTERLY": Frequency.QUARTERLY,
}
"""A goal without a reward may be looked at at any time: its status is that of now, and its period a day."""
UNPAYABLE = ("REALTIME", "HOURLY")
OPERATORS = {
    **dict.fromkeys(("GTE", ">=", "GREATER_THAN_OR_EQUAL", "AT_LEAST"), Operator.GTE),
    **dict.fromkeys(("LTE", "<=", "LESS_THAN_OR_EQUAL", "AT_MOST"), Operator.LTE),
}
AGGREGATIONS = {
    "SUM": Aggregation.SUM,
    **dict.fromkeys(("AVERAGE", "AVG", "MEAN"), Aggregation.AVERAGE),
}
DISTRIBUTIONS = {
    "EQUITY": (PayMode.FIXED_POOL, Sharing.EQUITY),
    "CONTRIBUTION": (PayMode.FIXED_POOL, Sharing.CONTRIBUTION),
    "PER_MEMBER": (PayMode.PER_MEMBER, Sharing.EQUITY),
}


class Unfit(ValueError):
    """A wish that no goal here can be; the message is a sentence for people."""


@dataclass(frozen=True)
class Thresholds:
    """`operator` None: nothing says which way is better."""

    achieved: Decimal | None = None
    on_track: Decimal | None = None
    at_risk: Decimal | None = None
    operator: Operator | None = None


def word_of(words: Mapping[str, Any], given: str, field: str):
    """What one of the field's words means here. Unfit names the words."""
    found = words.get(given.strip().upper())
    if found is None:
        raise Unfit(f"{field}: “{given}” is none of {', '.join(words)}.")
    return found


def frequency_word(kept: str, frequency: str) -> str:
    """How often a goal is evaluated in the caller's word, unless the goal's period was set to another since."""
    return kept if FREQUENCIES.get(kept) == frequency else frequency.upper()


def thresholds_from(given: Sequence[Mapping[str, Any]]) -> Thresholds:
    """From `status`, `value` and perhaps `operator` of each. What is worse than every threshold is BEHIND, so a
    threshold of BEHIND itself says nothing.
    """
    found: dict[GoalStatus, Decimal] = {}
    operators = set()
    for each in given:
        status, operator = _status(each["status"]), each.get("operator")
        if status in found:
            raise Unfit(f"thresholds: {status} stands there twice.")
        found[status] = each["value"]
        if operator and status != GoalStatus.BEHIND:
            operators.add(word_of(OPERATORS, operator, "thresholds.operator"))
    if len(operators) > 1:
        raise Unfit("thresholds: all must be “at least”, or all “at most”.")
    levels = [found.get(status) for status in (GoalStatus.ACHIEVED, GoalStatus.ON_TRACK, GoalStatus.AT_RISK)]
    return Thresholds(*levels, next(iter(operators), None) or _way_of(*levels))


def _status(name: str) -> GoalStatus:
    words = {status.replace("_", ""): status for status in GoalStatus}
    return word_of(words, name.replace("_", ""), "thresholds")


def _way_of(achieved, on_track, at_risk) -> Operator | None:
    """Which way is better, from the order of the thresholds."""
    worse = next((each for each in (on_track, at_risk) if each is not None), None)
    if achieved is None or worse is None or worse == achieved:
        return None
    return Operator.GTE if worse < achieved else Operator.LTE


def refuse_unpayable(*, frequency: str, is_snapshot: bool, has_reward: bool) -> None:
    """Unfit where a reward hangs on a value that is not frozen at the end of a period."""
    if not has_reward:
        return
    if frequency.upper() in UNPAYABLE:
        raise Unfit(
            f"evaluationFrequency: a goal that is evaluated {frequency.upper()} has no end at which its value stands,"
            " so it cannot have a reward. Choose DAILY, WEEKLY, MONTHLY or QUARTERLY."
        )
    if not is_snapshot:
        raise Unfit(
            "snapshotEvaluation: a reward is paid from the value that is frozen when the period closes; without a"
            " snapshot there is nothing to pay from."
        )


@dataclass(frozen=True)
class Filter:
    """Field of interactions → the one value that counts."""

    name: str
    value: str


def filters_from(given: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None) -> list[Filter]:
    """From `{"callType": "INBOUND"}`, or a list of `{"field" or "dimension", "value" or "values"}`; one value each."""
    if not given:
        return []
    rows = list(given.items()) if isinstance(given, Mapping) else [_filter_row(each) for each in given]
    return [Filter(str(name), _one_value(str(name), value)) for name, value in rows]


def _filter_row(row: Mapping[str, Any]) -> tuple[str, Any]:
    name = row.get("field") or row.get("dimension")
    value = row.get("value", row.get("values"))
    if not isinstance(name, str) or str(row.get("operator") or "matches").lower() not in (
        "matches",
        "eq",
        "equals",
        "is",
    ):
        raise Unfit("filters: each names a field and the one value that counts.")
    return name, value


def _one_value(name: str, value) -> str:
    values = value if isinstance(value, list) else [value]
    if len(values) != 1 or not isinstance(values[0], str | int):
        raise Unfit(f"filters: {name} takes one value.")
    return str(values[0])
