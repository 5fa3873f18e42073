"""The form of a client: what it is, and the role and divisions of whom it acts as."""

from django import forms
from django.utils.translation import gettext_lazy as _

from people.models import Division, Role

from .enums import SCOPES, Acting
from .models import Client


class ClientForm(forms.ModelForm):
    acting = forms.ChoiceField(
        label=_("It calls"), choices=Acting, widget=forms.RadioSelect, initial=Acting.ITSELF, required=False
    )
    role = forms.ModelChoiceField(
        label=_("Role"),
        queryset=Role.objects.all(),
        required=False,
        help_text=_(
            "What it may see and write when it calls for itself. When it calls for people it may do what they may, and"
            " needs no role."
        ),
    )
    divisions = forms.ModelMultipleChoiceField(
        label=_("Divisions"),
        queryset=Division.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Where the role holds. None chosen: in all divisions."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=[(name, f"{name}: {what}") for name, what in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What its tokens may be used for; the role decides besides."),
    )
    redirect_uris = forms.CharField(
        label=_("Addresses to return to"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 70}),
        help_text=_("Where people come back to after they agreed, separated by spaces. Only for calls for people."),
    )

    class Meta:
        model = Client
        fields = ["name", "is_on", "redirect_uris", "scopes", "calls_a_minute", "replays_same_body"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["scopes"].choices = [(name, f"{name}: {what}") for name, what in SCOPES.items()]
        if self.instance.pk:
            grants = list(self.instance.person.grants.select_related("role"))
            self.initial["role"] = grants[0].role if grants else None
            self.initial["divisions"] = [grant.division_id for grant in grants if grant.division_id]
            self.fields["acting"].disabled = True
            self.initial["acting"] = self.instance.acting

    def clean(self):
        given = super().clean()
        acting = Acting(given.get("acting") or Acting.ITSELF)
        if acting is Acting.ITSELF and not given.get("role"):
            self.add_error("role", _("Choose a role: without one it may do nothing."))
        if acting is not Acting.ITSELF and not given.get("redirect_uris"):
            self.add_error("redirect_uris", _("Say where people come back to."))
        self.instance.acting = acting
        return given
