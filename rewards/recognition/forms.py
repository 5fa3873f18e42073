"""Forms of recognition."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import LONGEST_NOTE


class GiveForm(forms.Form):
    """The token makes a form that is sent twice one gift. Without anything left, points are not asked for."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    recipient = forms.ModelChoiceField(
        None, label=_("For"), to_field_name="public_id", empty_label=_("Choose a person")
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The person reads it, and whoever leads them. Nobody else."),
    )
    points = forms.IntegerField(label=_("Points"), min_value=0, required=False)

    def __init__(self, *args, recipients, left: int, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["recipient"].queryset = recipients
        if left:
            self.fields["points"].max_value = left
            self.fields["points"].help_text = _("Up to %(points)s. Leave empty for a note alone.") % {"points": left}
        else:
            del self.fields["points"]


class TakeBackForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
