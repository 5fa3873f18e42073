"""The forms of endpoints, sources, links, and of what is decided about reports."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from goals.enums import EventType

from .models import Endpoint, GoalLink, Source
from .rules.addresses import AddressRefused, split_url


class EndpointForm(forms.ModelForm):
    url = forms.CharField(label=_("URL"), max_length=500, widget=forms.URLInput(attrs={"size": 70}))
    events = forms.MultipleChoiceField(label=_("Events"), choices=EventType, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Endpoint
        fields = ["name", "url", "events", "is_on"]

    def clean_url(self):
        url = self.cleaned_data["url"].strip()
        if _scheme_of(url, _("Write a full address, such as https://example.com/hooks/laurel.")) != "https":
            raise forms.ValidationError(_("Use https: what is sent is signed, not encrypted."))
        return url


def _scheme_of(url: str, otherwise: str) -> str:
    """The scheme of a URL that Laurel may call, https where private addresses are allowed."""
    try:
        scheme, *_rest = split_url(url)
    except AddressRefused as error:
        raise forms.ValidationError(otherwise) from error
    return "https" if settings.LAUREL_WEBHOOK_ALLOW_PRIVATE else scheme


class SourceForm(forms.ModelForm):
    status_url = forms.CharField(
        label=_("Status address"),
        max_length=500,
        widget=forms.TextInput(attrs={"size": 70}),
        help_text=_(
            "Asked before anything comes of a report, such as https://example.com/goals/{goalId}/status?period={period}."
        ),
    )
    status_token = forms.CharField(
        label=_("Token for the status address"),
        max_length=500,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Sent as a bearer token. Empty: the one that is stored stays."),
    )
    window_seconds = forms.IntegerField(
        label=_("Replay window in seconds"),
        initial=300,
        min_value=30,
        max_value=3600,
        help_text=_("An event with an older signature is refused."),
    )
    patience_hours = forms.IntegerField(
        label=_("Hours until a person is asked"),
        initial=24,
        min_value=1,
        max_value=24 * 14,
        help_text=_("So long the source may say “not locked”, or nothing."),
    )

    class Meta:
        model = Source
        fields = ["name", "status_url", "status_token", "window_seconds", "patience_hours", "is_on"]

    def clean_status_url(self):
        url = self.cleaned_data["status_url"].strip()
        otherwise = _("Write a full address, such as https://example.com/goals/{goalId}/status?period={period}.")
        if _scheme_of(url, otherwise) != "https":
            raise forms.ValidationError(_("Use https: the token must not be read on its way."))
        if "{goalId}" not in url or "{period}" not in url:
            raise forms.ValidationError(_("Write {goalId} and {period} where they belong in the address."))
        return url

    def clean_status_token(self):
        return self.cleaned_data["status_token"] or self.instance.status_token


class GoalLinkForm(forms.ModelForm):
    class Meta:
        model = GoalLink
        fields = ["source", "external_id", "goal"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("external_id", "goal"):  # a table of the admin has no labels in its rows
            widget = self.fields[name].widget
            getattr(widget, "widget", widget).attrs["aria-label"] = self.fields[name].label


class GoalLinkFormSet(forms.BaseInlineFormSet):
    def add_fields(self, form, index):
        super().add_fields(form, index)
        if remove := form.fields.get("DELETE"):
            remove.widget.attrs["aria-label"] = remove.label


class DecisionForm(forms.Form):
    """What is decided about reports that wait for a person; rendered beside the actions of the list."""

    action = forms.ChoiceField(label=_("Action:"))
    select_across = forms.BooleanField(
        label="", required=False, initial=0, widget=forms.HiddenInput({"class": "select-across"})
    )
    reason = forms.CharField(label=_("Reason:"), max_length=300, required=False)
