"""The admin's forms of profiles and switches: each asks from which day a change holds."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from foundation.pages.admin_preview import PreviewForm
from foundation.records.dated import EVER
from people.models import Team

from ..models import Profile, ScoringSwitch


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class FromDayForm:
    """A form with `from_on`. `earliest` is the first workday that is not final (None: no limit), `tomorrow` the
    default; `may_reopen` lets earlier days through, which then wait for a reopening.
    """

    earliest: dt.date | None = None
    tomorrow: dt.date | None = None
    may_reopen = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "from_on" in self.fields:
            self.fields["from_on"].initial = self.tomorrow

    def clean_from_on(self):
        day = self.cleaned_data["from_on"]
        if day and self.earliest and day < self.earliest and not self.may_reopen:
            raise ValidationError(
                _("Workdays before %(day)s are final. Choose that day or a later one."),
                params={"day": date_format(self.earliest, "SHORT_DATE_FORMAT")},
            )
        return day


class ProfileForm(FromDayForm, PreviewForm, forms.ModelForm):
    from_on = forms.DateField(
        label=_("Changes hold from"),
        widget=DateInput,
        help_text=_("Objectives that you change below are scored in the new way from this day on."),
    )

    class Meta:
        model = Profile
        fields = ["name", "is_active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and "from_on" in self.fields:
            self.fields["from_on"].required = False
            self.fields["from_on"].initial = None
            self.fields["from_on"].help_text = _("Empty: without a start date, for everyone who gets this profile.")

    def clean_from_on(self):
        return super().clean_from_on() or EVER

    def clean_is_active(self):
        if self.instance.is_default and not self.cleaned_data["is_active"]:
            raise ValidationError(_("The default profile stays active: it scores everyone without another one."))
        return self.cleaned_data["is_active"]


class MembersForm(FromDayForm, forms.Form):
    """Who is scored by a profile from a day on. `among` are the people whom the viewer may assign."""

    from_on = forms.DateField(label=_("From"), widget=DateInput)
    teams = forms.ModelMultipleChoiceField(
        label=_("Everyone in these teams on that day, and in teams below them"),
        queryset=Team.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    people = forms.CharField(
        label=_("And these people"),
        help_text=_("Names, e-mail addresses or ids in the source system, one a line."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 50}),
    )

    def __init__(self, *args, teams, among, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["teams"].queryset = teams
        self.among = among

    def clean_people(self):
        lines = [line.strip() for line in self.cleaned_data["people"].splitlines()]
        return [self._person(line) for line in lines if line]

    def _person(self, line):
        found = self.among.filter(Q(email__iexact=line) | Q(external_id=line) | Q(name__iexact=line))[:2]
        if not found:
            raise ValidationError(_("You may assign nobody who is called “%(line)s”."), params={"line": line})
        if len(found) > 1:
            raise ValidationError(
                _("Several people are called “%(line)s”. Write the e-mail address or the id."), params={"line": line}
            )
        return found[0]

    def clean(self):
        data = super().clean()
        if not (self.errors or data.get("teams") or data.get("people")):
            raise ValidationError(_("Choose at least one team or person."))
        return data


class SwitchForm(FromDayForm, forms.ModelForm):
    """Switches scoring of a division, or starts its totals anew."""

    ON, OFF, RESET = "on", "off", "reset"
    what = forms.ChoiceField(
        label=_("What happens"),
        choices=[
            (ON, _("Scoring is on")),
            (OFF, _("Scoring is off")),
            (RESET, _("Totals start anew")),
        ],
        widget=forms.RadioSelect,
        help_text=_("Nothing is deleted. With new totals, all-time points count from that day."),
    )

    class Meta:
        model = ScoringSwitch
        fields = ["division", "from_on", "reason"]
        widgets = {"from_on": DateInput}
        help_texts = {"reason": _("Needed when totals start anew. People read it.")}

    def clean(self):
        data = super().clean()
        if data.get("what") == self.RESET and not data.get("reason", "").strip():
            self.add_error("reason", _("Say why totals start anew."))
        return data

    def _get_validation_exclusions(self):
        """A second switch of a division on a day takes the first one's place, so the day need not be unique."""
        return {*super()._get_validation_exclusions(), "from_on"}
