"""The form of an endpoint."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from goals.enums import EventType

from .models import Endpoint
from .rules.addresses import AddressRefused, split_url


class EndpointForm(forms.ModelForm):
    url = forms.CharField(label=_("URL"), max_length=500, widget=forms.URLInput(attrs={"size": 70}))
    events = forms.MultipleChoiceField(label=_("Events"), choices=EventType, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Endpoint
        fields = ["name", "url", "events", "is_on"]

    def clean_url(self):
        url = self.cleaned_data["url"].strip()
        try:
            scheme, *_rest = split_url(url)
        except AddressRefused as error:
            raise forms.ValidationError(_("Write a full address, such as https://example.com/hooks/laurel.")) from error
        if scheme != "https" and not settings.LAUREL_WEBHOOK_ALLOW_PRIVATE:
            raise forms.ValidationError(_("Use https: what is sent is signed, not encrypted."))
        return url
