"""The admin's form of a badge, with its levels as lines of a text."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import localize_input
from django.utils.translation import gettext_lazy as _

from foundation.pages.admin_preview import PreviewForm
from foundation.records.fields import UnitField
from metrics.enums import Aggregation, Better
from metrics.forms import NaturalField, natural_value
from metrics.models import Metric

from ..enums import BadgeKind, BadgePeriod
from ..models import Badge, BadgeAward, BadgeLevel
from ..rules.badges import MOST_LEVELS, in_order
from .profiles import DateInput

MOST_STREAK = 1000
KEPT = ("kind", "metric", "period", "minimum_count")
"""What a badge keeps once somebody has it: otherwise the same badge would mean two things."""


class LevelsField(forms.CharField):
    """Numbers above zero, one a line; cleans to a list without order."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 16, "autocomplete": "off"})

    def clean(self, value):
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        numbers = [natural_value(line) for line in lines]
        if any(number <= 0 for number in numbers):
            raise ValidationError(_("A level takes more than 0."))
        if len(set(numbers)) != len(numbers):
            raise ValidationError(_("Name each level only once."))
        if len(numbers) > MOST_LEVELS:
            raise ValidationError(_("A badge has at most %(most)s levels."), params={"most": MOST_LEVELS})
        return numbers

    def prepare_value(self, value):
        if not isinstance(value, list):
            return value
        return "\n".join(str(localize_input(Decimal(f"{number.normalize():f}"))) for number in value)


class BadgeForm(PreviewForm, forms.ModelForm):
    """`is_earned` says that somebody has it. `thresholds` are cleaned in order, the easiest first."""

    minimum_count = NaturalField(
        label=_("Minimum volume"),
        required=False,
        help_text=_(
            "For an average: how much there must be of what it divides by, such as interactions, in the day, week or"
            " month. It keeps one lucky contact from earning a badge."
        ),
    )
    thresholds = LevelsField(
        label=_("Levels"),
        help_text=_(
            "One number a line, each a level: points, workdays in a row, or a value in the metric's unit (durations as"
            " 3:00). The easiest becomes level 1."
        ),
    )

    class Meta:
        model = Badge
        fields = [
            *("name", "description", "icon", "is_active", "kind", "period", "metric", "minimum_count"),
            *("starts_on", "profiles", "divisions"),
        ]
        widgets = {
            "starts_on": DateInput,
            "profiles": forms.CheckboxSelectMultiple,
            "divisions": forms.CheckboxSelectMultiple,
        }
        help_texts = {
            "name": _("As agents read it, such as “Steady hand”."),
            "description": _("One sentence for agents: what it is for."),
            "icon": _("Stands in the middle of the medal."),
            "is_active": _("Untick to let nobody earn it any more. Whoever has it keeps it."),
            "kind": _(
                "Points as they are scored, one metric's value, or workdays on which no objective was off target."
            ),
            "period": _(
                "What is taken together. Points count as soon as they are there; a metric's week or month once it is"
                " over. A streak needs no choice."
            ),
            "metric": _("Only for a metric's value. Which direction is better stands in the metric."),
            "starts_on": _(
                "The first workday that counts. Empty: all workdays there are, so that whoever has reached a level"
                " already gets it in a few minutes."
            ),
            "profiles": _("Only workdays on which one of these profiles held count. None chosen: all."),
            "divisions": _("Only workdays in one of these divisions count. None chosen: all."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        known = self.instance.pk is not None
        self.earned = _earned_thresholds(self.instance) if known else []
        self.fields["metric"].queryset = Metric.objects.filter(narrowed_from=None).order_by("position", "name")
        self.fields["period"].required = False
        if known:
            self.initial["thresholds"] = [level.threshold for level in self.instance.levels.all()]
        if self.is_earned:
            for name in KEPT:
                self.fields[name].disabled = True
            self.fields["thresholds"].help_text = _("Levels that somebody has stay as they are; add harder ones.")

    @property
    def is_earned(self) -> bool:
        return bool(self.earned)

    def clean(self):
        data = super().clean()
        kind = data.get("kind")
        if kind != BadgeKind.METRIC:
            data |= {"metric": None, "minimum_count": Decimal(0)}
        if kind == BadgeKind.STREAK:
            data["period"] = ""
        elif not data.get("period"):
            self.add_error("period", _("Choose over which workdays it counts."))
        if kind == BadgeKind.METRIC:
            self._clean_metric(data)
        if data.get("thresholds") and not self.errors:
            self._clean_thresholds(data)
        return data

    def _clean_metric(self, data):
        metric = data.get("metric")
        if metric is None:
            self.add_error("metric", _("Choose the metric whose value earns the badge."))
            return
        if data.get("period") == BadgePeriod.EVER:
            self.add_error("period", _("A metric counts over a workday, a week or a month."))
        if metric.aggregation == Aggregation.SUM:
            data["minimum_count"] = Decimal(0)
            if metric.better == Better.LOWER:
                self.add_error("metric", _("A sum where less is better would be earned by working less."))
        elif not data.get("minimum_count") or data["minimum_count"] <= 0:
            self.add_error("minimum_count", _("An average needs a minimum volume above 0."))

    def _clean_thresholds(self, data):
        numbers, kind = data["thresholds"], data["kind"]
        if kind != BadgeKind.METRIC and any(number != int(number) for number in numbers):
            self.add_error("thresholds", _("Points and workdays are whole numbers."))
        if kind == BadgeKind.STREAK and max(numbers) > MOST_STREAK:
            self.add_error("thresholds", _("A streak has at most %(most)s workdays.") % {"most": MOST_STREAK})
        better = data["metric"].better if data.get("metric") else Better.HIGHER
        data["thresholds"] = in_order(numbers, better)
        if data["thresholds"][: len(self.earned)] != self.earned:
            self.add_error("thresholds", _("Levels that somebody has stay as they are; new ones must be harder."))

    def shown_levels(self) -> list[int] | None:
        """The thresholds to preview, in stored units; None while they cannot be read."""
        field: UnitField = BadgeLevel._meta.get_field("threshold")
        if self.is_bound:
            return None if self.errors else [field.to_units(number) for number in self.cleaned_data["thresholds"]]
        return [field.to_units(number) for number in self.initial.get("thresholds", ())] or None


def _earned_thresholds(badge: Badge) -> list[Decimal]:
    """Those of the levels up to the highest that somebody has."""
    highest = BadgeAward.objects.filter(level__badge=badge).order_by("-level__number")
    number = highest.values_list("level__number", flat=True).first() or 0
    return [level.threshold for level in badge.levels.all() if level.number <= number]
