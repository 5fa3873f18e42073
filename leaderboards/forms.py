"""What a viewer may ask of a board by its address."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.periods.spans import LONGEST_CUSTOM_DAYS, Span, SpanKey, custom_span
from scorecards.wording import period_text

EARLIEST = dt.date(1970, 1, 1)

SPAN_NAMES = {
    SpanKey.TODAY: _("Today"),
    SpanKey.YESTERDAY: _("Yesterday"),
    SpanKey.THIS_WEEK: _("This week"),
    SpanKey.LAST_WEEK: _("Last week"),
    SpanKey.THIS_MONTH: _("This month"),
    SpanKey.LAST_MONTH: _("Last month"),
    SpanKey.CUSTOM: _("Other days"),
}
PRESETS = [(key.value, name) for key, name in SPAN_NAMES.items() if key is not SpanKey.CUSTOM]
BEFORE_NAMES = {
    SpanKey.TODAY: _("the day before"),
    SpanKey.YESTERDAY: _("the day before"),
    SpanKey.THIS_WEEK: _("the same days of last week"),
    SpanKey.LAST_WEEK: _("the week before"),
    SpanKey.THIS_MONTH: _("the same days of last month"),
    SpanKey.LAST_MONTH: _("the month before"),
    SpanKey.CUSTOM: _("as many days before"),
    SpanKey.NAMED: _("the period before"),
}


def span_name(span: Span) -> str:
    """What a page calls a span."""
    return SPAN_NAMES[span.key] if span.key in SPAN_NAMES else period_text(span.whole)


def steps(span: Span, today: dt.date) -> dict[str, str | None]:
    """The addresses of the whole periods before and after a span; None where there is none yet."""
    if span.whole is None:
        return {"earlier": None, "later": None}
    later = span.whole.next
    return {"earlier": span.whole.previous.key, "later": later.key if later.start <= today else None}


DAY_INPUT = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class DaysForm(forms.Form):
    """A range of days, both inclusive."""

    from_on = forms.DateField(label=_("From"), widget=DAY_INPUT)
    to_on = forms.DateField(label=_("To"), widget=DAY_INPUT)

    def __init__(self, *args, today: dt.date, **kwargs):
        self.today = today
        super().__init__(*args, label_suffix="", **kwargs)

    def add_prefix(self, field_name):
        """The address says `from` and `to`."""
        return super().add_prefix(field_name.removesuffix("_on"))

    def clean(self):
        from_on, to_on = self.cleaned_data.get("from_on"), self.cleaned_data.get("to_on")
        if not from_on or not to_on:
            return self.cleaned_data
        if from_on < EARLIEST or to_on > self.today:
            raise forms.ValidationError(_("Choose days up to today."))
        if to_on < from_on:
            raise forms.ValidationError(_("The first day must not be after the last."))
        if (to_on - from_on).days >= LONGEST_CUSTOM_DAYS:
            raise forms.ValidationError(_("Choose at most a year."))
        return self.cleaned_data

    @property
    def span(self) -> Span:
        return custom_span(self.cleaned_data["from_on"], self.cleaned_data["to_on"], self.today)
