"""Metrics in the admin: an administrator adds one without code, and sees at once what it gives."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.conf import settings
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.pages.admin_preview import PreviewAdmin
from foundation.pages.formats import format_value
from people.scoped_admin import ScopedAdmin, ScopedTabularInline

from . import actions
from .enums import Aggregation, AppliesTo, ConditionField, Measure, Operator, Source, Unit
from .forms import ConditionForm, ConditionFormSet, MetricForm
from .models import Metric, MetricCondition
from .queries import CentreValue, centre_reading, centre_value, has_values, uses_of
from .rules.definitions import Condition, Definition, InvalidDefinition, validate_definition
from .rules.describe import sentence_of
from .rules.measures import TOTAL_UNITS

TRIAL_DAYS = 7
NEW_DAYS = 31
"""How far back a new metric is measured: what the last 30 days would have paid can then be asked at once."""
COMPUTED = ["source", "dividend", "divisor", "factor", "is_active"]


def _fieldsets(*when):
    """The fieldsets of a metric; `when` are fields that only a metric that is there already has."""
    return [
        (
            None,
            {
                "fields": ["name", "key", "description", ("unit", "currency", "precision"), ("better", "aggregation")],
                "classes": ["laurel-fields"],
            },
        ),
        (
            _("What it computes"),
            {"fields": ["source", ("factor", "dividend", "divisor")], "classes": ["laurel-fields"]},
        ),
        (
            _("When and where"),
            {"fields": [*when, ("lag_minutes", "position"), "is_active"], "classes": ["laurel-fields"]},
        ),
    ]


FIELDSETS = _fieldsets("recompute_from")
ADD_FIELDSETS = _fieldsets()


@dataclass(frozen=True)
class Trial:
    """What a metric gave everyone together over the last days; `value` is None where it may not or cannot be shown."""

    from_on: dt.date
    to_on: dt.date
    agents: int
    value: str | None
    hidden: bool = False


class ConditionInline(ScopedTabularInline):
    model = MetricCondition
    form = ConditionForm
    formset = ConditionFormSet
    verbose_name_plural = _("Conditions: only these are counted")

    def get_extra(self, request, obj=None, **kwargs):
        return 1 if obj is None or obj.source == Source.INTERACTIONS else 0


@admin.register(Metric)
class MetricAdmin(PreviewAdmin, ScopedAdmin):
    form = MetricForm
    inlines = [ConditionInline]
    preview_template = "metrics/admin/metric_preview.html"
    list_display = ["name", "unit", "better", "aggregation", "source", "is_active"]
    list_filter = ["source", "unit", "is_active"]
    search_fields = ["name", "key", "description"]
    actions = None
    fieldsets = FIELDSETS

    def get_queryset(self, request):
        return super().get_queryset(request).filter(narrowed_from=None)

    def get_readonly_fields(self, request, obj=None):
        if obj is None:
            return []
        return ["key", "unit", "source"] if has_values(obj) else ["key"]

    def get_changeform_initial_data(self, request):
        return {"source": Source.INTERACTIONS, **super().get_changeform_initial_data(request)}

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"key": ["name"]}

    def has_delete_permission(self, request, obj=None):
        """A metric that was measured or is used stays; it can be made inactive once nothing uses it."""
        return super().has_delete_permission(request, obj) and not (obj and (has_values(obj) or uses_of(obj)))

    def get_fieldsets(self, request, obj=None):
        return FIELDSETS if obj and self.has_change_permission(request, obj) else ADD_FIELDSETS

    def save_related(self, request, form, formsets, change):
        """A new metric gets its values of the last weeks. A changed definition measures the workdays from the chosen
        one on anew; earlier ones keep their values.
        """
        super().save_related(request, form, formsets, change)
        if not change:
            self._measure_new(request, form.instance)
        elif set(form.changed_data) & set(COMPUTED) or any(formset.has_changed() for formset in formsets):
            day = form.cleaned_data["recompute_from"]
            number = actions.apply_changed_metric(form.instance, from_on=day, at=timezone.now())
            self.message_user(request, _("%(number)s workdays of agents are measured anew.") % {"number": number})

    def _measure_new(self, request, metric):
        to_on = timezone.localdate()
        number = actions.measure_new_metric(metric, from_on=to_on - dt.timedelta(days=NEW_DAYS), to_on=to_on)
        self.message_user(request, _("%(number)s workdays of agents have a value.") % {"number": number})

    def preview_context(self, request, form, formsets):
        metric = form.instance
        definition, may_write = drafted(metric, formsets), self._may_write(request, metric)
        if metric.source != Source.EXTERNAL and definition is None:
            return {"sentence": None, "trial": None}
        return {
            "sentence": sentence_of(definition) if definition else _("Values come from outside."),
            "trial": trial(metric, definition, today=timezone.localdate()) if may_write else None,
            "drops_unknown": bool(definition and definition.divisor),
            "days": TRIAL_DAYS,
        }

    def _may_write(self, request, metric) -> bool:
        return self.has_change_permission(request, metric) if metric.pk else self.has_add_permission(request)


def drafted(metric: Metric, formsets) -> Definition | None:
    """The definition as it stands in the form; None while something is missing or wrong."""
    if metric.source != Source.INTERACTIONS or not metric.dividend:
        return None
    rows = [row for formset in formsets for row in _condition_rows(formset)]
    try:
        definition = Definition(
            metric_id=metric.pk or 0,
            dividend=Measure(metric.dividend),
            divisor=Measure(metric.divisor) if metric.divisor else None,
            factor=metric.factor or 1,
            conditions=tuple(
                Condition(ConditionField(row.field), Operator(row.operator), row.value, AppliesTo(row.applies_to))
                for row in rows
            ),
        )
        validate_definition(definition)
    except (InvalidDefinition, ValueError):
        return None
    return definition


def _condition_rows(formset):
    if not formset.is_bound:
        return [form.instance for form in formset.initial_forms]
    kept = [form for form in formset.forms if form.has_changed() or form.instance.pk]
    return [form.instance for form in kept if not form.data.get(f"{form.prefix}-DELETE")]


def trial(metric: Metric, definition: Definition | None, *, today: dt.date) -> Trial:
    """The last seven days up to yesterday, of everyone together; hidden where fewer people than a group have data."""
    from_on, to_on = today - dt.timedelta(days=TRIAL_DAYS), today - dt.timedelta(days=1)
    if definition:
        found = centre_value(definition, from_on=from_on, to_on=to_on)
    else:
        found = centre_reading(metric, from_on=from_on, to_on=to_on) if metric.pk else CentreValue(0, 0, 0, 0)
    hidden = 0 < found.agents < settings.LAUREL_MINIMUM_GROUP
    return Trial(from_on, to_on, found.agents, None if hidden else _shown(_value(metric, found), metric), hidden)


def _value(metric: Metric, found: CentreValue) -> Fraction | None:
    """Sums are added up over days; averages divide sums by sums."""
    if metric.aggregation == Aggregation.SUM and found.days:
        return Fraction(found.total, TOTAL_UNITS)
    return found.value


def _shown(value: Fraction | None, metric: Metric) -> str | None:
    if value is None:
        return None
    number, unit = Decimal(value.numerator) / value.denominator, metric.unit or Unit.NUMBER
    return format_value(number, unit=unit, precision=metric.precision or 0, currency=metric.currency)
