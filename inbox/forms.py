"""Forms of the inbox."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .enums import Kind
from .models import Mailing, Switch
from .queries import kinds_for


class ChoicesForm(forms.Form):
    """What its person wants to be told, of what their roles can be told of; where; and the language of the mail."""

    mail = forms.BooleanField(label=_("Send me a mail once a day when something is new"), required=False)
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)

    def __init__(self, *args, person, language: str, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        mailing = Mailing.objects.filter(person=person).first()
        self.fields["mail"].initial = mailing.is_on if mailing else True
        self.fields["language"].initial = mailing.language if mailing else language
        self.kinds = kinds_for(person)
        switches = {switch.kind: switch for switch in Switch.objects.filter(person=person)}
        for kind in self.kinds:
            switch = switches.get(kind)
            for place in ("in_app", "in_digest"):
                initial = getattr(switch, place) if switch else True
                self.fields[f"{place}_{kind}"] = forms.BooleanField(label=kind.label, required=False, initial=initial)

    def rows(self):
        """(label, box of the inbox, box of the digest) of each kind."""
        for kind in self.kinds:
            yield kind.label, self[f"in_app_{kind}"], self[f"in_digest_{kind}"]

    @property
    def wanted(self) -> dict[Kind, tuple[bool, bool]]:
        data = self.cleaned_data
        return {kind: (data[f"in_app_{kind}"], data[f"in_digest_{kind}"]) for kind in self.kinds}
