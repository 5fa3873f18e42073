"""What a metric may ask."""

import pytest

from metrics.enums import AppliesTo, ConditionField, Measure, Operator
from metrics.queries import definitions_to_compute
from metrics.rules.definitions import Condition, Definition, InvalidDefinition, validate_condition, validate_definition


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ((ConditionField.ANSWERED, Operator.UNDER, "yes"), "only be compared"),
        ((ConditionField.ANSWERED, Operator.IS, "maybe"), "neither yes nor no"),
        ((ConditionField.QUEUE, Operator.OVER, "Gold"), "names can be compared"),
        ((ConditionField.QUEUE, Operator.ONE_OF, " , "), "needs a value"),
        ((ConditionField.TALK, Operator.UNDER, "soon"), "not a number"),
        ((ConditionField.TALK, Operator.UNDER, "0.0001"), "decimal places"),
        ((ConditionField.TALK, Operator.UNDER, "NaN"), "too large"),
        ((ConditionField.TALK, Operator.UNDER, "1e99"), "too large"),
    ],
)
def test_condition_that_makes_no_sense_is_refused(condition, says):
    with pytest.raises(InvalidDefinition, match=says):
        validate_condition(Condition(*condition))


def test_names_with_a_comma_stand_in_quotes():
    listed = Condition(ConditionField.QUEUE, Operator.ONE_OF, 'Gold, "Sales, EU",Billing')
    assert listed.names == ["Gold", "Sales, EU", "Billing"]
    assert Condition(ConditionField.QUEUE, Operator.IS, "Sales, EU").names == ["Sales, EU"]


def test_numbers_are_whole_thousandths():
    assert Condition(ConditionField.WAIT, Operator.ONE_OF, "20, 1.5").thousandths == [20_000, 1500]


def test_interactions_and_evaluations_do_not_mix():
    with pytest.raises(InvalidDefinition, match="both read"):
        validate_definition(Definition(1, Measure.EVALUATION_SCORE, Measure.COUNT))
    form = Condition(ConditionField.FORM, Operator.IS, "Welcome")
    with pytest.raises(InvalidDefinition, match="have a form"):
        validate_definition(Definition(1, Measure.COUNT, conditions=(form,)))


def test_conditions_of_a_side_are_those_of_both_and_its_own():
    conditions = tuple(Condition(ConditionField.ANSWERED, Operator.IS, "yes", applies_to) for applies_to in AppliesTo)
    definition = Definition(1, Measure.COUNT, Measure.COUNT, conditions=conditions)
    sides = {side: [c.applies_to for c in definition.conditions_for(side)] for side in ("dividend", "divisor")}
    assert sides == {
        "dividend": [AppliesTo.BOTH, AppliesTo.DIVIDEND],
        "divisor": [AppliesTo.BOTH, AppliesTo.DIVISOR],
    }


@pytest.mark.django_db
def test_catalogue_is_valid():
    definitions = definitions_to_compute()
    assert len(definitions) == 18
    for definition in definitions:
        validate_definition(definition)
