"""Each measure and condition, stated once as an SQL expression that SQLite and PostgreSQL read alike.

`l` is a leg, `e` an evaluation with its leg, if it has one. Unknown is null, and a comparison with null is never met.
A row counts only where everything its metric measures, and every field that the dividend's own conditions ask for, is
known: so the dividend and the divisor speak of the same rows.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import gcd

from ..enums import AppliesTo, ConditionField, Measure, Operator
from .definitions import TEXTS, TRUTHS, Condition, Definition

TOTAL_UNITS = 100_000
COUNT_UNITS = 1000
LARGEST = 2**62 - 1

HANDLE = "(l.talk_seconds + COALESCE(l.hold_seconds, 0) + COALESCE(l.after_call_seconds, 0))"

AMOUNTS = {
    Measure.COUNT: None,
    Measure.WAIT: "l.wait_seconds",
    Measure.TALK: "l.talk_seconds",
    Measure.HOLD: "l.hold_seconds",
    Measure.AFTER_CALL: "l.after_call_seconds",
    Measure.HANDLE: HANDLE,
    Measure.RATING: "l.rating",
    Measure.CHARGE: "l.charge",
    Measure.EVALUATION_COUNT: None,
    Measure.EVALUATION_SCORE: "e.score",
    Measure.EVALUATION_MAXIMUM: "e.maximum",
}
"""What is added up for a row; None where rows are counted."""

UNITS = {Measure.COUNT: 1, Measure.EVALUATION_COUNT: 1, Measure.CHARGE: 10**8}
"""Stored units of an amount in one natural unit; 1000 for every other measure."""

FIELDS = {
    ConditionField.ANSWERED: "l.answered",
    ConditionField.ABANDONED: "l.abandoned",
    ConditionField.TRANSFERRED: "l.transferred",
    ConditionField.RESOLVED: "l.resolved",
    ConditionField.DIRECTION: "l.direction",
    ConditionField.MEDIA_TYPE: "l.media_type",
    ConditionField.QUEUE: "l.queue_id",
    ConditionField.WRAP_UP: "l.wrap_up",
    ConditionField.WAIT: "l.wait_seconds",
    ConditionField.TALK: "l.talk_seconds",
    ConditionField.HOLD: "l.hold_seconds",
    ConditionField.AFTER_CALL: "l.after_call_seconds",
    ConditionField.HANDLE: HANDLE,
    ConditionField.RATING: "l.rating",
    ConditionField.FORM: "e.form",
}

SIGNS = {
    Operator.IS: "=",
    Operator.IS_NOT: "<>",
    Operator.AT_MOST: "<=",
    Operator.UNDER: "<",
    Operator.AT_LEAST: ">=",
    Operator.OVER: ">",
}


@dataclass
class Expressions:
    """The aggregates that a scan computes, each once, and each metric's day value over them."""

    aggregates: dict[str, str] = field(default_factory=dict)
    params: list = field(default_factory=list)

    def name_of(self, expression: str, params: list) -> str:
        """The column of an aggregate; the same aggregate is computed once."""
        key = f"{expression} {params!r}"
        if key not in self.aggregates:
            self.params.extend(params)
            self.aggregates[key] = f"{expression} AS a{len(self.aggregates)}"
        return self.aggregates[key].rsplit(" ", 1)[1]

    @property
    def columns(self) -> str:
        return ", ".join(self.aggregates.values())


@dataclass(frozen=True)
class DayExpression:
    """A metric's day value over the columns of a scan: a row only where `known` holds."""

    metric_id: int
    total: str
    count: str
    known: str


def day_expression(
    definition: Definition, expressions: Expressions, queue_ids: Callable[[list[str]], list[int]]
) -> DayExpression:
    """The day value of a metric, in stored units, over the aggregates of one scan."""
    known, known_params = _known_rows(definition, queue_ids)
    rows = expressions.name_of(f"COUNT(*){_filter(known)}", known_params)
    total = _aggregate(definition, definition.dividend, AppliesTo.DIVIDEND, expressions, queue_ids)
    total = _scaled(total, definition.factor * TOTAL_UNITS, UNITS.get(definition.dividend, 1000))
    if definition.divisor is None:
        return DayExpression(definition.metric_id, total, str(COUNT_UNITS), f"{rows} > 0")
    count = _aggregate(definition, definition.divisor, AppliesTo.DIVISOR, expressions, queue_ids)
    count = _scaled(count, COUNT_UNITS, UNITS.get(definition.divisor, 1000))
    return DayExpression(definition.metric_id, total, count, f"{count} > 0")


def _aggregate(definition, measure, side, expressions, queue_ids) -> str:
    """The column that counts or adds up a measure over the rows of one side."""
    tests, params = row_tests(definition, side, queue_ids)
    amount = AMOUNTS[measure]
    if amount is None:
        return expressions.name_of(f"COUNT(*){_filter(tests)}", params)
    return expressions.name_of(f"CAST(COALESCE(SUM({amount}){_filter(tests)}, 0) AS BIGINT)", params)


def _known_rows(definition: Definition, queue_ids) -> tuple[list[str], list]:
    """The rows that make a day a day with data for a metric without divisor."""
    return row_tests(definition, AppliesTo.DIVISOR, queue_ids)


def row_tests(definition: Definition, side: AppliesTo, queue_ids) -> tuple[list[str], list]:
    """Tests of the rows that one side counts: all measures known, the side's conditions met, and for the divisor
    what the dividend alone asks for known as well.
    """
    tests = [f"{AMOUNTS[m]} IS NOT NULL" for m in (definition.dividend, definition.divisor) if m and AMOUNTS[m]]
    params = []
    for condition in definition.conditions_for(side):
        test, values = condition_test(condition, queue_ids)
        tests.append(test)
        params.extend(values)
    if side is AppliesTo.DIVISOR:
        asked = [c for c in definition.conditions if c.applies_to is AppliesTo.DIVIDEND]
        tests.extend(f"{FIELDS[c.field]} IS NOT NULL" for c in asked)
    return tests, params


def condition_test(condition: Condition, queue_ids: Callable[[list[str]], list[int]]) -> tuple[str, list]:
    """The SQL test of a condition, with its parameters. Null meets none."""
    name = FIELDS[condition.field]
    if condition.field in TRUTHS:
        wanted = condition.truth == (condition.operator is Operator.IS)
        return f"{name} IS {'TRUE' if wanted else 'FALSE'}", []
    values = _values(condition, queue_ids)
    if condition.operator in (Operator.IS, Operator.ONE_OF):
        marks = ", ".join(["%s"] * len(values)) or "NULL"
        return f"{name} IN ({marks})", values
    if not values:  # a queue that does not exist is no one's queue
        return f"{name} IS NOT NULL", []
    return f"{name} {SIGNS[condition.operator]} %s", values[:1]


def _values(condition: Condition, queue_ids) -> list:
    if condition.field is ConditionField.QUEUE:
        return queue_ids(condition.names)
    return condition.names if condition.field in TEXTS else condition.thousandths


def _filter(tests: list[str]) -> str:
    return f" FILTER (WHERE {' AND '.join(tests)})" if tests else ""


def _scaled(column: str, times: int, over: int) -> str:
    """`column × times ÷ over`, rounded half away from zero, in whole numbers; at most `LARGEST` either way, so that an
    absurd fact gives an absurd value and does not stop the recompute of everyone else.
    """
    common = gcd(times, over)
    times, over = times // common, over // common
    scaled, half = _at_most(column, times), over // 2
    if over == 1:
        return scaled
    return f"(CASE WHEN {scaled} < 0 THEN -((-{scaled} + {half}) / {over}) ELSE ({scaled} + {half}) / {over} END)"


def _at_most(column: str, times: int) -> str:
    if times == 1:
        return column
    limit = LARGEST // times
    return (
        f"(CASE WHEN {column} > {limit} THEN {LARGEST} WHEN {column} < -{limit} THEN -{LARGEST}"
        f" ELSE {column} * {times} END)"
    )
