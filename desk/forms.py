"""Forms of the desk."""

from django import forms
from django.utils.translation import gettext_lazy as _

from people.models import Division

from .workday_queries import has_final_day

DAY_INPUT = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class ObjectionForm(forms.Form):
    """What somebody objects to, in their own words."""

    text = forms.CharField(
        label=_("What do you object to, and why?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Only you and those who configure people in your division read it."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)


class ReopenForm(forms.Form):
    """Leave to take in what waits on final workdays. `divisions` are those in which the viewer may give it."""

    division = forms.ModelChoiceField(Division.objects.none(), label=_("Division"), empty_label=None)
    from_on = forms.DateField(label=_("First workday"), widget=DAY_INPUT)
    to_on = forms.DateField(label=_("Last workday"), widget=DAY_INPUT)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Stays beside the revised days, for everyone whose points change."),
    )

    def __init__(self, *args, divisions, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["division"].queryset = divisions

    def clean(self):
        given = self.cleaned_data
        if not all(given.get(name) for name in ("division", "from_on", "to_on")):
            return given
        if given["to_on"] < given["from_on"]:
            raise forms.ValidationError(_("The first workday must not be after the last."))
        if not has_final_day(given["division"], given["from_on"], given["to_on"]):
            raise forms.ValidationError(_("No workday in this range is final, so there is nothing to reopen."))
        return given
