"""Forms of the catalogue: a request, a decision, and an item with its picture and stock."""

import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from .enums import RequestStatus, Step
from .models import Item
from .rules.pictures import NoPicture, encode

REFUSALS = {
    "size": _("The file is larger than 5 MB."),
    "kind": _("This is no picture that can be read. Use PNG, JPEG or WebP."),
    "pixels": _("The picture has too many pixels. Make it smaller first."),
}


class AskForm(forms.Form):
    """The token makes a form that is sent twice one request."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class StepForm(forms.Form):
    """What to do with a request, and why; who takes something from another person says why."""

    step = forms.ChoiceField(choices=Step.choices)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The person reads it. Needed to decline and to cancel."),
    )

    def __init__(self, *args, is_own: bool, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.need_reason = () if is_own else (Step.DECLINE, Step.CANCEL)

    def clean(self):
        data = super().clean()
        if data.get("step") in self.need_reason and not data.get("reason", "").strip():
            self.add_error("reason", _("Say why."))
        return data


class QueueFilter(forms.Form):
    """Which requests: by state and by the name of a person."""

    STATES = {"waiting": RequestStatus.open, **{status.value: (status,) for status in RequestStatus}, "all": ()}

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            (key, capfirst(label)) for key, label in [("waiting", _("open")), *RequestStatus.choices, ("all", _("all"))]
        ],
        widget=forms.Select(attrs={"class": "input"}),
    )
    name = forms.CharField(
        label=_("Name"), required=False, max_length=100, widget=forms.TextInput(attrs={"class": "input"})
    )

    @property
    def statuses(self) -> tuple:
        return self.STATES[self.cleaned_data.get("state") or "waiting"]


class ItemForm(forms.ModelForm):
    upload = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_(
            "PNG, JPEG or WebP up to 5 MB, best four to three. Laurel keeps a small copy without the file's other data."
            " Without a picture, items show the icon of their category."
        ),
    )
    no_picture = forms.BooleanField(label=_("Take the picture away"), required=False)
    pieces = forms.IntegerField(
        label=_("Add to the stock"),
        required=False,
        min_value=-100_000,
        max_value=100_000,
        help_text=_("How many pieces came; below zero for pieces that are missing. Who added them is kept."),
    )
    note = forms.CharField(label=_("Note on the stock"), required=False, max_length=200)

    class Meta:
        model = Item
        fields = [
            "name",
            "description",
            "category",
            "price_points",
            "low_stock",
            "limit_per_person",
            "divisions",
            "from_on",
            "until_on",
        ]
        widgets = {"divisions": forms.CheckboxSelectMultiple}

    def clean_upload(self):
        """The picture as Laurel keeps it."""
        file = self.cleaned_data["upload"]
        if not file:
            return None
        try:
            return encode(file, size=file.size)
        except NoPicture as error:
            raise ValidationError(REFUSALS[error.reason]) from error

    def clean_pieces(self):
        pieces = self.cleaned_data["pieces"] or 0
        if self.instance.stock + pieces < 0:
            raise ValidationError(
                _("Only %(stock)s are left; no more can be taken away."), params={"stock": self.instance.stock}
            )
        return pieces
