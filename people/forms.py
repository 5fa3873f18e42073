"""Forms of people in the admin."""

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from foundation.records.dated import EVER

from .enums import Permission
from .models import Role, User


class SinceEverForm(forms.ModelForm):
    """A row with `from_on`, where an empty first day means “since ever”."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields.get("from_on")
        if field:
            field.required, field.initial = False, None
            field.help_text = _("The first day. Empty: since ever.")
            if self.initial.get("from_on") == EVER:
                self.initial["from_on"] = None

    def clean_from_on(self):
        return self.cleaned_data["from_on"] or EVER


class PersonCreationForm(forms.ModelForm):
    """A new person. With a password they can sign in at once; without, they set one by e-mail."""

    password1 = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Leave empty to let the person set one with “Forgot your password?” on the sign-in page."),
    )

    class Meta:
        model = User
        fields = ["name", "short_name", "email", "external_id"]

    def clean_password1(self):
        password = self.cleaned_data["password1"]
        if password:
            validate_password(password, self.instance)
        return password

    def save(self, commit=True):
        person = super().save(commit=False)
        person.set_password(self.cleaned_data["password1"] or None)
        if commit:
            person.save()
        return person


class EraseForm(forms.Form):
    sure = forms.BooleanField(
        label=_("Erase this person for ever"), error_messages={"required": _("Tick the box to erase the person.")}
    )


class RoleForm(forms.ModelForm):
    permissions = forms.MultipleChoiceField(
        label=_("What everyone with this role may do"),
        choices=Permission.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = Role
        fields = ["name", "slug", "permissions"]
