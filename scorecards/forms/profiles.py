"""The admin's form of a profile: one day from which all changes of its objectives hold."""

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.pages.admin_preview import PreviewForm

from ..models import Profile


class ProfileForm(PreviewForm, forms.ModelForm):
    from_on = forms.DateField(
        label=_("Changes hold from"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Objectives that you change below are scored in the new way from this day on."),
    )

    class Meta:
        model = Profile
        fields = ["name", "is_active"]
