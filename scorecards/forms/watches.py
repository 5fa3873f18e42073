"""The admin's form of a pair to watch."""

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.forms import NaturalField
from metrics.models import Metric

from ..models import Watch

ABOVE_ZERO = ("improves_by", "improving_minimum", "worsens_by", "worsening_minimum")


class WatchForm(forms.ModelForm):
    """Amounts are typed in the metric's unit, durations as 0:30 too."""

    improves_by = NaturalField(
        label=_("by at least"),
        help_text=_("The smallest change that counts: 10 for 10 percent of the value before, or 0:30 in the unit."),
    )
    worsens_by = NaturalField(
        label=_("by at least"),
        help_text=_(
            "For a percentage in its own unit: points of percent. From 0 there is no percent: choose the unit."
        ),
    )
    improving_minimum = NaturalField(
        label=_("minimum volume"),
        help_text=_("In both spans, such as interactions; workdays for a metric that adds up. Less gives no hint."),
    )
    worsening_minimum = NaturalField(label=_("minimum volume"), help_text=_("In both spans, as above."))

    class Meta:
        model = Watch
        fields = [
            *("name", "is_active", "days", "improving", "improves_by", "improves_in", "improving_minimum"),
            *("worsening", "worsens_by", "worsens_in", "worsening_minimum"),
        ]
        help_texts = {
            "name": _("As supervisors and agents read it, such as “Handle time against transfers”."),
            "is_active": _("Untick to show nothing of it."),
            "days": _("How many whole days up to yesterday are compared with as many before them."),
            "improving": _("Which direction is better stands in the metric."),
            "worsening": _("Its counterpart: what suffers when the first is improved at any price."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        metrics = Metric.objects.filter(narrowed_from=None).order_by("position", "name")
        for name in ("improving", "worsening"):
            self.fields[name].queryset = metrics

    def clean(self):
        data = super().clean()
        for name in ABOVE_ZERO:
            if data.get(name) is not None and data[name] <= 0:
                self.add_error(name, _("Write more than 0."))
        if data.get("improving") and data.get("improving") == data.get("worsening"):
            self.add_error("worsening", _("Choose another metric than the first."))
        return data
