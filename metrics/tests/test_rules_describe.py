"""What a metric computes, in one sentence."""

import pytest

from metrics.enums import AppliesTo, ConditionField, Measure, Operator
from metrics.rules.definitions import Condition, Definition
from metrics.rules.describe import sentence_of


def condition(field, operator, value, applies_to=AppliesTo.BOTH):
    return Condition(ConditionField(field), Operator(operator), value, AppliesTo(applies_to))


def test_a_service_level_in_one_sentence():
    definition = Definition(
        metric_id=1,
        dividend=Measure.COUNT,
        divisor=Measure.COUNT,
        factor=100,
        conditions=(condition("answered", "is", "yes"), condition("wait", "at_most", "20", "dividend")),
    )
    assert sentence_of(definition) == (
        "100 × number of interactions that are answered and waited at most 20 s"
        " ÷ number of interactions that are answered"
    )


def test_a_sum_has_no_divisor():
    assert sentence_of(Definition(1, Measure.CHARGE)) == "sum of the charges of interactions"


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (condition("resolved", "is_not", "yes"), "are not resolved"),
        (condition("transferred", "is", "no"), "are not transferred"),
        (condition("direction", "one_of", "inbound, outbound"), "have the direction inbound or outbound"),
        (condition("media_type", "is", "email"), "came by e-mail"),
        (condition("queue", "is_not", "Sales, north"), "came from the queue other than “Sales, north”"),
        (condition("wrap_up", "one_of", '"Paid, late", Other'), "were closed with the code “Paid, late” or “Other”"),
        (condition("rating", "at_least", "4.50"), "are rated at least 4.5"),
        (condition("handle", "under", "600"), "have a handle time of under 600 s"),
    ],
)
def test_each_condition_reads_as_words(one, words):
    assert sentence_of(Definition(1, Measure.COUNT, conditions=(one,))) == f"number of interactions that {words}"


def test_every_measure_and_field_has_words():
    for measure in Measure:
        assert sentence_of(Definition(1, measure))
    values = {"answered": "yes", "abandoned": "yes", "transferred": "yes", "resolved": "yes"}
    for field in ConditionField:
        one = condition(field, "is", values.get(field, "5"))
        assert sentence_of(Definition(1, Measure.COUNT, conditions=(one,)))
