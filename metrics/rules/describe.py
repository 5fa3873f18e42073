"""What a metric computes, in one sentence. Pure: enums and plain text in, a sentence out."""

from decimal import Decimal

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from interactions.enums import Direction, MediaType

from ..enums import AppliesTo, ConditionField, Measure, Operator
from .definitions import TEXTS, TRUTHS, Condition, Definition

SECONDS_FIELDS = frozenset(
    {ConditionField.WAIT, ConditionField.TALK, ConditionField.HOLD, ConditionField.AFTER_CALL, ConditionField.HANDLE}
)
CHOICES = {ConditionField.DIRECTION: Direction, ConditionField.MEDIA_TYPE: MediaType}


def sentence_of(definition: Definition) -> str:
    """“100 × number of interactions that are answered ÷ number of interactions”."""
    above = _part(definition.dividend, definition.conditions_for(AppliesTo.DIVIDEND))
    text = f"{definition.factor} × {above}" if definition.factor != 1 else above
    if definition.divisor:
        text = f"{text} ÷ {_part(definition.divisor, definition.conditions_for(AppliesTo.DIVISOR))}"
    return text


def _part(measure, conditions):
    phrases = [_phrase(one) for one in conditions]
    if not phrases:
        return str(_measures()[measure])
    return _("%(measure)s that %(conditions)s") % {
        "measure": _measures()[measure],
        "conditions": get_text_list(phrases, _("and")),
    }


def _measures():
    return {
        Measure.COUNT: _("number of interactions"),
        Measure.WAIT: _("waiting time of interactions"),
        Measure.TALK: _("talk time of interactions"),
        Measure.HOLD: _("hold time of interactions"),
        Measure.AFTER_CALL: _("after-call work of interactions"),
        Measure.HANDLE: _("handle time of interactions"),
        Measure.RATING: _("sum of the ratings of interactions"),
        Measure.CHARGE: _("sum of the charges of interactions"),
        Measure.EVALUATION_COUNT: _("number of released evaluations"),
        Measure.EVALUATION_SCORE: _("sum of the scores of released evaluations"),
        Measure.EVALUATION_MAXIMUM: _("sum of the highest possible scores of released evaluations"),
    }


def _phrase(condition: Condition) -> str:
    if condition.field in TRUTHS:
        return _yes_no_phrase(condition)
    return _name_phrase(condition) if condition.field in TEXTS else _number_phrase(condition)


def _yes_no_phrase(condition):
    wanted = condition.truth == (condition.operator != Operator.IS_NOT)
    return {
        ConditionField.ANSWERED: (_("are answered"), _("are not answered")),
        ConditionField.ABANDONED: (_("are abandoned"), _("are not abandoned")),
        ConditionField.TRANSFERRED: (_("are transferred"), _("are not transferred")),
        ConditionField.RESOLVED: (_("are resolved"), _("are not resolved")),
    }[condition.field][0 if wanted else 1]


def _number_phrase(condition):
    subject = {
        ConditionField.WAIT: _("waited %(bound)s"),
        ConditionField.TALK: _("have a talk time of %(bound)s"),
        ConditionField.HOLD: _("were on hold for %(bound)s"),
        ConditionField.AFTER_CALL: _("took after-call work of %(bound)s"),
        ConditionField.HANDLE: _("have a handle time of %(bound)s"),
        ConditionField.RATING: _("are rated %(bound)s"),
    }[condition.field]
    bound = {
        Operator.AT_MOST: _("at most %(value)s"),
        Operator.UNDER: _("under %(value)s"),
        Operator.AT_LEAST: _("at least %(value)s"),
        Operator.OVER: _("over %(value)s"),
        Operator.IS: _("exactly %(value)s"),
        Operator.IS_NOT: _("other than %(value)s"),
        Operator.ONE_OF: _("exactly %(value)s"),
    }[condition.operator]
    numbers = [_number(condition.field, Decimal(number) / 1000) for number in condition.thousandths]
    return subject % {"bound": bound % {"value": get_text_list(numbers, _("or"))}}


def _number(field, number):
    plain = f"{number.normalize():f}"
    return _("%(seconds)s s") % {"seconds": plain} if field in SECONDS_FIELDS else plain


def _name_phrase(condition):
    names = get_text_list([_name(condition.field, name) for name in condition.names], _("or"))
    if condition.operator == Operator.IS_NOT:
        names = _("other than %(value)s") % {"value": names}
    return {
        ConditionField.DIRECTION: _("have the direction %(names)s"),
        ConditionField.MEDIA_TYPE: _("came by %(names)s"),
        ConditionField.QUEUE: _("came from the queue %(names)s"),
        ConditionField.WRAP_UP: _("were closed with the code %(names)s"),
        ConditionField.FORM: _("use the form %(names)s"),
    }[condition.field] % {"names": names}


def _name(field, name):
    choices = CHOICES.get(field)
    return str(choices(name).label) if choices and name in choices.values else f"“{name}”"
