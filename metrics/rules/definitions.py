"""What a metric over interactions asks, as plain values, and whether it makes sense."""

import csv
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ..enums import AppliesTo, ConditionField, Measure, Operator

EVALUATION_MEASURES = {Measure.EVALUATION_COUNT, Measure.EVALUATION_SCORE, Measure.EVALUATION_MAXIMUM}
TRUTHS = {ConditionField.ANSWERED, ConditionField.ABANDONED, ConditionField.TRANSFERRED, ConditionField.RESOLVED}
TEXTS = {
    ConditionField.DIRECTION,
    ConditionField.MEDIA_TYPE,
    ConditionField.QUEUE,
    ConditionField.WRAP_UP,
    ConditionField.FORM,
}
NUMBERS = set(ConditionField) - TRUTHS - TEXTS
COMPARISONS = {Operator.AT_MOST, Operator.UNDER, Operator.AT_LEAST, Operator.OVER}
NUMBER_PLACES = 3
LARGEST_NUMBER = 10**9
WORDS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class InvalidDefinition(ValueError):
    """Raised with a sentence for people when a metric's definition cannot be computed."""


@dataclass(frozen=True)
class Condition:
    """One condition that a row must meet. `value` is as people write it: yes or no, a number, or names."""

    field: ConditionField
    operator: Operator
    value: str
    applies_to: AppliesTo = AppliesTo.BOTH

    @property
    def truth(self) -> bool:
        try:
            return WORDS[self.value.strip().lower()]
        except KeyError:
            raise InvalidDefinition(f"“{self.value}” is neither yes nor no") from None

    @property
    def names(self) -> list[str]:
        """The names of a list; one that holds a comma stands in double quotes. `is` takes the value as a whole."""
        if self.operator is not Operator.ONE_OF:
            return [self.value.strip()]
        return [name.strip() for name in next(csv.reader([self.value], skipinitialspace=True), []) if name.strip()]

    @property
    def thousandths(self) -> list[int]:
        """The numbers, as whole thousandths."""
        return [_thousandths(name) for name in self.names]


@dataclass(frozen=True)
class Definition:
    """`factor × dividend ÷ divisor` over the rows that meet the conditions."""

    metric_id: int
    dividend: Measure
    divisor: Measure | None = None
    factor: int = 1
    conditions: tuple[Condition, ...] = ()

    @property
    def reads_evaluations(self) -> bool:
        return self.dividend in EVALUATION_MEASURES

    def conditions_for(self, side: AppliesTo) -> tuple[Condition, ...]:
        """The conditions of the dividend or the divisor."""
        return tuple(c for c in self.conditions if c.applies_to in (AppliesTo.BOTH, side))


def validate_definition(definition: Definition) -> None:
    """Refuses (InvalidDefinition) what cannot be computed."""
    reads = {measure in EVALUATION_MEASURES for measure in (definition.dividend, definition.divisor) if measure}
    if len(reads) > 1:
        raise InvalidDefinition("dividend and divisor must both read interactions, or both read evaluations")
    for condition in definition.conditions:
        validate_condition(condition)
        if condition.field is ConditionField.FORM and not definition.reads_evaluations:
            raise InvalidDefinition("only evaluations have a form")


def validate_condition(condition: Condition) -> None:
    """Refuses (InvalidDefinition) a condition whose operator or value does not fit its field."""
    if condition.field in TRUTHS:
        if condition.operator not in (Operator.IS, Operator.IS_NOT):
            raise InvalidDefinition("a yes-or-no field can only be compared with “is” or “is not”")
        _ = condition.truth
    elif condition.field in TEXTS and condition.operator in COMPARISONS:
        raise InvalidDefinition("names can be compared with “is”, “is not” or “is one of”")
    elif not condition.names or not all(condition.names):
        raise InvalidDefinition("a condition needs a value")
    elif condition.field in NUMBERS:
        _ = condition.thousandths


def _thousandths(text: str) -> int:
    try:
        number = Decimal(text)
        scaled = number.scaleb(NUMBER_PLACES)
    except InvalidOperation:
        raise InvalidDefinition(f"“{text}” is not a number") from None
    if not number.is_finite() or abs(number) > LARGEST_NUMBER:
        raise InvalidDefinition(f"“{text}” is too large")
    if scaled != scaled.to_integral_value():
        raise InvalidDefinition(f"“{text}” has more than {NUMBER_PLACES} decimal places")
    return int(scaled)
