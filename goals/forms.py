"""The form by which a review is decided."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .enums import Decision, DecisionReason


class DecideForm(forms.Form):
    decision = forms.ChoiceField(label=_("Decision"), choices=Decision, widget=forms.RadioSelect)
    reason = forms.ChoiceField(label=_("What members are told"), choices=DecisionReason)
    note = forms.CharField(
        label=_("Note for supervisors"),
        max_length=300,
        required=False,
        help_text=_("Members do not see it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
