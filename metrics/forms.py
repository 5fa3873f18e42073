"""The admin's forms of metrics, and the form field for a value in a metric's own unit."""

import csv
import re
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils import timezone
from django.utils.formats import date_format, get_format, localize_input
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.pages.admin_preview import PreviewForm
from foundation.pages.formats import parse_number
from people.models import Queue

from .actions import earliest_change
from .enums import Aggregation, ConditionField, Operator, Source, Unit
from .models import TOTAL_PLACES, Metric, MetricCondition
from .queries import uses_of
from .rules.definitions import COMPARISONS, EVALUATION_MEASURES, NUMBERS, TEXTS, TRUTHS
from .rules.describe import CHOICES

YES = frozenset({"yes", "true", "1"})
NO = frozenset({"no", "false", "0"})
LARGEST_VALUE = Decimal(10) ** 9
CLOCK = re.compile(r"(\d+:)?[0-5]?\d:[0-5]?\d([.,]\d+)?|\d+:[0-5]?\d([.,]\d+)?")


class NaturalField(forms.CharField):
    """A number in a metric's own unit, kept to 1e-5; seconds also as 3:00 or 1:03:00, percent also as 80 %."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 8, "autocomplete": "off"})

    def clean(self, value):
        text = super().clean(value)
        return natural_value(text) if text else None

    def has_changed(self, initial, data):
        try:
            return self.clean(data or "") != initial
        except ValidationError:
            return True

    def prepare_value(self, value):
        return localize_input(Decimal(f"{value.normalize():f}")) if isinstance(value, Decimal) else value


def natural_value(text: str) -> Decimal:
    """The number that a person typed: 180, 1,5, 3:00, 80 %. `ValidationError` where it is none."""
    try:
        number = parse_number(text)
    except ValueError as error:
        raise ValidationError(
            _("“%(value)s” is not a number. Write 180, or 3:00 for three minutes."), params={"value": text}
        ) from error
    if _is_badly_grouped(text):
        raise ValidationError(_("“%(value)s” can be read in two ways. Leave out separators."), params={"value": text})
    if ":" in text and not CLOCK.fullmatch(text.strip()):
        raise ValidationError(_("“%(value)s” is not a duration. Write 180, 3:00 or 0:03:00."), params={"value": text})
    if abs(number) > LARGEST_VALUE:
        raise ValidationError(_("“%(value)s” is too large."), params={"value": text})
    return number.quantize(Decimal(1).scaleb(-TOTAL_PLACES))


def _is_badly_grouped(text):
    """Whether a separator of thousands may be one of decimals: 1,5 in English, 1.000 in German."""
    thousand, text = get_format("THOUSAND_SEPARATOR"), text.strip()
    if thousand == ".":
        return re.match(r"\D?[1-9]\d{0,2}(\.\d{3})+(?![\d.,])", text) is not None
    return thousand == "," and re.search(r",(?!\d{3}(\D|$))", text) is not None


class ConditionForm(forms.ModelForm):
    """One condition; `value` is kept in the form that the field asks for: yes or no, a number, or names."""

    class Meta:
        model = MetricCondition
        fields = ["applies_to", "field", "operator", "value"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # the stock table of inlines has no labels
            field.widget.attrs["aria-label"] = field.label

    def clean(self):
        data = super().clean()
        name, operator, value = data.get("field"), data.get("operator"), data.get("value")
        if not (name and operator and value):
            return data
        allowed = operators_of(name)
        if operator not in allowed:
            labels = ", ".join(str(one.label) for one in allowed)
            self.add_error("operator", _("For this field choose one of: %(operators)s.") % {"operators": labels})
            return data
        try:
            data["value"] = clean_condition_value(name, operator, value)
        except ValidationError as error:
            self.add_error("value", error)
        return data


def operators_of(name: str) -> list[Operator]:
    """The operators that make sense for a field."""
    if name in TRUTHS:
        return [Operator.IS, Operator.IS_NOT]
    if name in TEXTS:
        return [Operator.IS, Operator.IS_NOT, Operator.ONE_OF]
    return [operator for operator in Operator if operator in {Operator.IS, *COMPARISONS}]


def clean_condition_value(name: str, operator: str, text: str) -> str:
    """The value as it is stored; `ValidationError` says what to write instead."""
    if name in TRUTHS:
        return _clean_yes_no(text)
    if name in NUMBERS:
        return _clean_number(text)
    names = _names_of(text) if operator == Operator.ONE_OF else [text.strip()]
    if not names:
        raise ValidationError(_("Write at least one name."))
    if name in CHOICES:
        names = [_clean_choice(one, CHOICES[name]) for one in names]
    if name == ConditionField.QUEUE:
        _require_queues(names)
    return _joined(names) if operator == Operator.ONE_OF else names[0]


def _names_of(text):
    """Names separated by commas; one that holds a comma stands in double quotes."""
    return [one.strip() for one in next(csv.reader([text], skipinitialspace=True), []) if one.strip()]


def _joined(names):
    return ", ".join('"{}"'.format(name.replace('"', '""')) if "," in name or '"' in name else name for name in names)


def _clean_yes_no(text):
    word = text.strip().lower()
    if word in YES or word == gettext("yes"):
        return "yes"
    if word in NO or word == gettext("no"):
        return "no"
    raise ValidationError(_("Write yes or no."))


def _clean_number(text):
    value = natural_value(text)
    if value < 0:
        raise ValidationError(_("Write a number that is not below zero."))
    if value != round(value, 3):
        raise ValidationError(_("Write at most three decimal places."))
    return f"{value.normalize():f}"


def _clean_choice(word, choices):
    for choice in choices:
        if word.lower() in {choice.value, str(choice.label).lower()}:
            return choice.value
    raise ValidationError(
        _("“%(word)s” is not known. Write one of: %(words)s."),
        params={"word": word, "words": ", ".join(choices.values)},
    )


def _require_queues(names):
    known = set(Queue.objects.filter(name__in=names).values_list("name", flat=True))
    missing = [one for one in names if one not in known]
    if missing:
        raise ValidationError(_("There is no queue named %(names)s."), params={"names": ", ".join(missing)})


class MetricForm(PreviewForm, forms.ModelForm):
    """A metric; whatever has values keeps its unit and its source."""

    recompute_from = forms.DateField(
        label=_("Apply the change from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = Metric
        fields = [
            "name",
            "key",
            "description",
            "unit",
            "currency",
            "precision",
            "better",
            "aggregation",
            "source",
            "dividend",
            "divisor",
            "factor",
            "lag_minutes",
            "position",
            "is_active",
        ]
        widgets = {"description": forms.Textarea(attrs={"rows": 2, "cols": 70})}
        labels = {"factor": _("Times"), "dividend": _("This"), "divisor": _("Divided by")}
        help_texts = {
            "name": _("What people read on their scorecard."),
            "key": _("The short name for files and other systems. It never changes."),
            "description": _("One sentence for agents: what is measured, and what counts."),
            "currency": _("For money only: three letters, such as EUR."),
            "precision": _("How many are shown. Points are counted from the exact value."),
            "better": _("Which direction an arrow on the scorecard calls better."),
            "aggregation": _("How days become a week or a team: added up, or sums divided by sums."),
            "source": _("Interactions that Laurel has, or values that another system sends."),
            "factor": _("100 for a percent, 3600 for something an hour of seconds, else 1."),
            "divisor": _("Empty: nothing is divided, days are simply added up."),
            "lag_minutes": _("How long after the end of a workday its values may still come."),
            "position": _("Order in lists, the smallest first."),
            "is_active": _("What is not active is measured no more and offered for no objective."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        at = timezone.now()
        self.earliest = earliest_change(at=at)
        if "key" in self.fields:
            self.fields["key"].required = False
        field = self.fields.get("recompute_from")
        if field:
            field.initial = self.earliest
            field.help_text = _(
                "When you change what the metric computes, workdays from this day on are measured anew. "
                "The earliest possible day is %(day)s; older workdays keep their values."
            ) % {"day": date_format(self.earliest, "SHORT_DATE_FORMAT")}

    def clean_recompute_from(self):
        day = self.cleaned_data["recompute_from"] or self.earliest
        if day < self.earliest:
            raise ValidationError(
                _("Workdays before %(day)s keep their values. Choose that day or a later one."),
                params={"day": date_format(self.earliest, "SHORT_DATE_FORMAT")},
            )
        return day

    def clean_is_active(self):
        active = self.cleaned_data["is_active"]
        used_by = [] if active or not self.instance.pk else uses_of(self.instance)
        if used_by:
            raise ValidationError(
                _("This metric is used by %(names)s. Take it out there first."), params={"names": ", ".join(used_by)}
            )
        return active

    def clean_key(self):
        return self.cleaned_data.get("key") or slugify(self.data.get("name", ""))[:80]

    def clean_currency(self):
        return self.cleaned_data["currency"].upper()

    def clean(self):
        data = super().clean()
        data.setdefault("source", self.instance.source)
        data.setdefault("unit", self.instance.unit)
        if data.get("source") == Source.EXTERNAL:
            data["dividend"] = data["divisor"] = ""
            data["factor"] = 1
        self._check_unit(data)
        self._check_measures(data)
        return data

    def _check_unit(self, data):
        if data.get("unit") == Unit.CURRENCY and not data.get("currency"):
            self.add_error("currency", _("Name the currency by its three letters, such as EUR."))
        if data.get("unit") != Unit.CURRENCY:
            data["currency"] = ""
        if data.get("unit") == Unit.PERCENT and data.get("aggregation") == Aggregation.SUM:
            self.add_error("aggregation", _("Percents cannot be added up. Choose average."))

    def _check_measures(self, data):
        if data.get("source") != Source.INTERACTIONS:
            return
        dividend, divisor = data.get("dividend"), data.get("divisor")
        if not dividend:
            self.add_error("dividend", _("Choose what is counted or added up."))
            return
        if divisor and (dividend in EVALUATION_MEASURES) != (divisor in EVALUATION_MEASURES):
            self.add_error(
                "divisor", _("Evaluations can only be divided by evaluations, and interactions by interactions.")
            )
        if data.get("unit") == Unit.PERCENT:
            self._check_percent(data, divisor)

    def _check_percent(self, data, divisor):
        if not divisor:
            self.add_error("divisor", _("A percent is a share of something. Choose what it is divided by."))
        data["factor"] = 100


class ConditionFormSet(BaseInlineFormSet):
    """The conditions of a metric fit what it reads."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = form.fields["DELETE"].label

    def clean(self):
        super().clean()
        rows = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        if rows and self.instance.source == Source.EXTERNAL:
            raise ValidationError(_("An external metric has no conditions: its values come from outside."))
        for form in rows:
            self._check_fits(form)

    def _check_fits(self, form):
        name = form.cleaned_data.get("field")
        if name == ConditionField.FORM and self.instance.dividend not in EVALUATION_MEASURES:
            form.add_error("field", _("Only evaluations have a form."))
        if not self.instance.divisor and form.cleaned_data.get("applies_to") == "divisor":
            form.add_error("applies_to", _("This metric has no divisor."))
