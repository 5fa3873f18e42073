"""Choices of metrics."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Unit(models.TextChoices):
    SECONDS = "seconds", _("seconds")
    PERCENT = "percent", _("percent")
    NUMBER = "number", _("number")
    CURRENCY = "currency", _("currency")


class Better(models.TextChoices):
    HIGHER = "higher", _("higher is better")
    LOWER = "lower", _("lower is better")


class Aggregation(models.TextChoices):
    SUM = "sum", _("sum")
    AVERAGE = "average", _("average")


class Source(models.TextChoices):
    INTERACTIONS = "interactions", _("interactions")
    EXTERNAL = "external", _("external")


class Measure(models.TextChoices):
    """What is counted or added up. The evaluation measures read quality evaluations, all others legs."""

    COUNT = "count", _("number of interactions")
    WAIT = "wait", _("wait")
    TALK = "talk", _("talk")
    HOLD = "hold", _("hold")
    AFTER_CALL = "after_call", _("after-call work")
    HANDLE = "handle", _("handle time")
    RATING = "rating", _("satisfaction rating")
    CHARGE = "charge", _("charge")
    EVALUATION_COUNT = "evaluation_count", _("number of evaluations")
    EVALUATION_SCORE = "evaluation_score", _("evaluation score")
    EVALUATION_MAXIMUM = "evaluation_maximum", _("evaluation maximum")


class AppliesTo(models.TextChoices):
    BOTH = "both", _("dividend and divisor")
    DIVIDEND = "dividend", _("dividend only")
    DIVISOR = "divisor", _("divisor only")


class ConditionField(models.TextChoices):
    ANSWERED = "answered", _("answered")
    ABANDONED = "abandoned", _("abandoned")
    TRANSFERRED = "transferred", _("transferred")
    RESOLVED = "resolved", _("resolved")
    DIRECTION = "direction", _("direction")
    MEDIA_TYPE = "media_type", _("media type")
    QUEUE = "queue", _("queue")
    WRAP_UP = "wrap_up", _("wrap-up code")
    WAIT = "wait", _("wait in seconds")
    TALK = "talk", _("talk in seconds")
    HOLD = "hold", _("hold in seconds")
    AFTER_CALL = "after_call", _("after-call work in seconds")
    HANDLE = "handle", _("handle time in seconds")
    RATING = "rating", _("satisfaction rating")
    FORM = "form", _("evaluation form")


class Operator(models.TextChoices):
    IS = "is", _("is")
    IS_NOT = "is_not", _("is not")
    ONE_OF = "one_of", _("is one of")
    AT_MOST = "at_most", _("is at most")
    UNDER = "under", _("is under")
    AT_LEAST = "at_least", _("is at least")
    OVER = "over", _("is over")


class ReadingKind(models.TextChoices):
    TOTAL = "total", _("total")
    CUMULATIVE = "cumulative", _("cumulative")
