"""The form that funds a reward pool."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _


class FundForm(forms.Form):
    """`form_key` is made with the empty form, so that sending it twice funds once."""

    points = forms.IntegerField(label=_("Points"), min_value=1, max_value=1_000_000_000)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)
    form_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
