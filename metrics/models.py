"""What is measured, what came from outside, and the value of each agent, metric and workday."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.records.appendonly import AppendOnlyModel
from foundation.records.fields import UnitField
from interactions.enums import Direction, MediaType
from people.models import Queue

from .enums import Aggregation, AppliesTo, Better, ConditionField, Measure, Operator, ReadingKind, Source, Unit

TOTAL_PLACES = 5
COUNT_PLACES = 3


class Metric(models.Model):
    """What is measured: `factor` × dividend ÷ divisor over interactions, or values that come from outside.

    A metric with `narrowed_from` is the same metric with one more filter; it is made for an objective that needs
    it and does not stand in the catalogue.
    """

    key = models.SlugField(_("key"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    precision = models.PositiveSmallIntegerField(_("decimal places"), default=0, validators=[MaxValueValidator(5)])
    better = models.CharField(_("better"), max_length=6, choices=Better, default=Better.HIGHER)
    aggregation = models.CharField(_("aggregation"), max_length=8, choices=Aggregation, default=Aggregation.AVERAGE)
    source = models.CharField(_("source"), max_length=12, choices=Source)
    dividend = models.CharField(_("dividend"), max_length=20, choices=Measure, blank=True)
    divisor = models.CharField(_("divisor"), max_length=20, choices=Measure, blank=True)
    factor = models.PositiveIntegerField(_("factor"), default=1)
    lag_minutes = models.PositiveIntegerField(_("lag in minutes"), default=120)
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    narrowed_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="narrowed", verbose_name=_("narrowed from")
    )
    narrow_media_type = models.CharField(_("only media type"), max_length=10, choices=MediaType, blank=True)
    narrow_direction = models.CharField(_("only direction"), max_length=10, choices=Direction, blank=True)
    narrow_queue = models.ForeignKey(
        Queue, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("only queue")
    )

    class Meta:
        verbose_name = _("metric")
        verbose_name_plural = _("metrics")
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(name="metrics_metric_precision_0_to_5", condition=Q(precision__lte=5)),
            models.CheckConstraint(
                name="metrics_metric_percent_is_average", condition=~Q(unit="percent") | Q(aggregation="average")
            ),
            models.CheckConstraint(
                name="metrics_metric_has_dividend", condition=Q(source="external") | ~Q(dividend="")
            ),
            models.CheckConstraint(name="metrics_metric_factor_positive", condition=Q(factor__gt=0)),
            models.UniqueConstraint(
                fields=["narrowed_from", "narrow_media_type", "narrow_direction", "narrow_queue"],
                name="metrics_metric_narrowed_once",
            ),
            models.UniqueConstraint(
                fields=["narrowed_from", "narrow_media_type", "narrow_direction"],
                condition=Q(narrowed_from__isnull=False, narrow_queue__isnull=True),
                name="metrics_metric_narrowed_once_any_queue",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def label(self) -> str:
        """The name in the reader's language, where it is one that ships."""
        return gettext(self.name) if self.name else ""

    @property
    def explanation(self) -> str:
        """The description in the reader's language, where it is one that ships."""
        return gettext(self.description) if self.description else ""


class MetricCondition(models.Model):
    """One condition that an interaction (or evaluation) must meet to count."""

    metric = models.ForeignKey(Metric, models.CASCADE, related_name="conditions", verbose_name=_("metric"))
    applies_to = models.CharField(_("applies to"), max_length=8, choices=AppliesTo, default=AppliesTo.BOTH)
    field = models.CharField(_("field"), max_length=12, choices=ConditionField)
    operator = models.CharField(_("operator"), max_length=8, choices=Operator, default=Operator.IS)
    value = models.CharField(
        _("value"), max_length=400, help_text=_("yes or no; a number; or names separated by commas")
    )

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.get_field_display()} {self.get_operator_display()} {self.value}"


class Reading(AppendOnlyModel):
    """One external measurement as it came. Day values are folded from the readings of a day in order of arrival.

    `value` null deletes the day's value; a total with count 0 deletes it as well.
    """

    metric = models.ForeignKey(Metric, models.PROTECT, related_name="readings", verbose_name=_("metric"))
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="readings", verbose_name=_("agent"), db_index=False
    )
    workday = models.DateField(_("workday"))
    kind = models.CharField(_("kind"), max_length=10, choices=ReadingKind, default=ReadingKind.TOTAL)
    value = UnitField(_("value"), places=TOTAL_PLACES, null=True)
    count = UnitField(_("count"), places=COUNT_PLACES, null=True)
    source = models.CharField(_("source"), max_length=60)
    key = models.CharField(_("key"), max_length=200)
    at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("external reading")
        verbose_name_plural = _("external readings")
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="metrics_reading_once")]
        indexes = [models.Index(fields=["agent", "workday", "metric"], name="metrics_reading_agent_day")]

    def __str__(self):
        return f"{self.metric_id} {self.workday} {self.value}"


class DayValue(models.Model):
    """The value of an agent's metric on a workday is `total ÷ count` in the metric's unit; derived, replaced by each
    recompute. No row means no data, which is not zero. Foreign keys are not checked by the database: the rows are
    written by the set, from rows that are.
    """

    pk = models.CompositePrimaryKey("agent_id", "workday", "metric_id")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    workday = models.DateField()
    metric = models.ForeignKey(Metric, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    total = UnitField(places=TOTAL_PLACES)
    count = UnitField(places=COUNT_PLACES)

    class Meta:
        verbose_name = _("day value")
        verbose_name_plural = _("day values")
        constraints = [models.CheckConstraint(name="metrics_dayvalue_count_positive", condition=Q(count__gt=0))]
