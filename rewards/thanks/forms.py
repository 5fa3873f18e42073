"""Forms of customer thanks: a link, a decision, and a trial call."""

from collections.abc import Mapping

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.pages.formats import DASH
from rewards.catalogue.models import Item

from .enums import Text
from .models import Response, Survey
from .queries import find_agent, items_to_lend, newest_definition, versions_in_force
from .rules.survey import FALLBACK, Definition, Option

DIALS = [*"0123456789*#", ""]
MOST_KEYS = 40


MOST_OPTIONS = 6


class SurveyForm(forms.ModelForm):
    """A survey with the words and numbers of its newest version; a change of those is saved as a new version."""

    from_on = forms.DateField(
        label=_("Changes hold from"),
        required=False,
        help_text=_("Empty: from today. Customers who were asked before go on as they began."),
    )
    leads_on_to = forms.IntegerField(
        label=_("Leads on to the reward up to"),
        min_value=1,
        max_value=5,
        help_text=_("1 is extremely likely to recommend, 5 not at all. The answer itself is kept either way."),
    )
    repeats = forms.IntegerField(label=_("Asked again, times"), min_value=0, max_value=5)
    day_points = forms.IntegerField(
        label=_("Most points for an agent a workday"), min_value=0, required=False, help_text=_("Empty: no limit.")
    )
    customer_thanks = forms.IntegerField(
        label=_("Most rewards from a customer"), min_value=0, required=False, help_text=_("Empty: no limit.")
    )
    customer_days = forms.IntegerField(label=_("in so many days"), min_value=1, max_value=366)
    link_days = forms.IntegerField(label=_("Links hold for days"), min_value=1, max_value=60)

    NUMBERS = ("leads_on_to", "repeats", "day_points", "customer_thanks", "customer_days", "link_days")

    class Meta:
        model = Survey
        fields = ["name", "division", "is_on"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.before = newest_definition(self.instance)
        held = [option.item for option in self.before.options if option.item] if self.before else []
        self.items = {str(item.public_id): item for item in items_to_lend(on=timezone.localdate(), held=held)}
        self.fields |= dict((*_option_fields(self.items), *_text_fields()))
        self.initial = _initial_of(self.before) | self.initial

    def clean(self):
        data = super().clean()
        if not self.errors:
            self._check_options(dict(data))
        if not self.errors:
            self.definition = self._definition(data)
        return data

    def _check_options(self, data) -> None:
        filled = _filled(data)
        if not filled:
            self.add_error("points_1", _("Offer at least one reward."))
        for number in filled:
            if not (data[f"item_{number}"] or any(data[f"name_{number}_{code}"] for code in _LANGUAGES)):
                self.add_error(f"points_{number}", _("Give this reward a name, or an item that lends it one."))
        for number in _NUMBERS:
            if data[f"item_{number}"] and number not in filled:
                self.add_error(f"points_{number}", _("Say how many points this reward gives."))

    def _definition(self, data) -> Definition:
        numbers = {name: data[name] for name in self.NUMBERS}
        options = tuple(
            Option(
                str(place),
                data[f"points_{number}"],
                {code: data[f"name_{number}_{code}"] for code in _LANGUAGES},
                **self._lent(data[f"item_{number}"]),
            )
            for place, number in enumerate(_filled(data), start=1)
        )
        texts = {code: {text.value: data[f"text_{text.value}_{code}"] for text in Text} for code in _LANGUAGES}
        return Definition(options=options, texts=texts, **numbers)

    def _lent(self, public_id: str) -> dict[str, str]:
        """What an item lends an option, as it is now."""
        if not public_id:
            return {}
        item = self.items[public_id]
        return {"item": public_id, "lent_name": item.name, "picture": item.picture_id or ""}

    @property
    def has_new_version(self) -> bool:
        return self.instance.pk is None or self.definition != self.before

    def clean_from_on(self):
        day, today = self.cleaned_data["from_on"], timezone.localdate()
        if day and day < today:
            raise forms.ValidationError(_("A survey cannot be changed for days that are over."))
        return day or today


_LANGUAGES = [code for code, _name in settings.LANGUAGES]
_NUMBERS = range(1, MOST_OPTIONS + 1)


def _filled(data: Mapping) -> list[int]:
    """The numbers of the rewards that are offered."""
    return [number for number in _NUMBERS if data[f"points_{number}"] is not None]


def _option_fields(items: Mapping[str, Item]):
    lends = [("", DASH), *((public_id, item.name) for public_id, item in items.items())]
    for number in _NUMBERS:
        label = _("Reward %(number)s: points") % {"number": number}
        yield f"points_{number}", forms.IntegerField(label=label, min_value=0, max_value=10_000, required=False)
        label = _("Reward %(number)s: lent by") % {"number": number}
        yield f"item_{number}", forms.ChoiceField(label=label, choices=lends, required=False)
        for code, language in settings.LANGUAGES:
            named = _("Reward %(number)s, %(language)s") % {"number": number, "language": language}
            yield f"name_{number}_{code}", forms.CharField(label=named, max_length=60, required=False)


def _text_fields():
    for code, _language in settings.LANGUAGES:
        for text in Text:
            widget = forms.TextInput(attrs={"size": 80, "lang": code})
            yield f"text_{text.value}_{code}", forms.CharField(label=text.label, max_length=300, widget=widget)


def _initial_of(definition: Definition | None) -> dict:
    if definition is None:
        return {}
    found = {name: getattr(definition, name) for name in SurveyForm.NUMBERS}
    for number, option in enumerate(definition.options[:MOST_OPTIONS], start=1):
        found |= {f"points_{number}": option.points, f"item_{number}": option.item}
        found |= {f"name_{number}_{code}": option.names.get(code, "") for code in _LANGUAGES}
    for code in _LANGUAGES:
        found |= {f"text_{text.value}_{code}": definition.texts.get(code, {}).get(text.value, "") for text in Text}
    return found


class OfferForm(forms.Form):
    interaction = forms.CharField(
        label=_("Id of the interaction"),
        max_length=160,
        help_text=_("As in the call log."),
    )
    language = forms.ChoiceField(label=_("Language of the customer"), choices=settings.LANGUAGES)


class DisputeForm(forms.Form):
    """Where a thanks stays for which the call log names another agent than the telephone system did."""

    STAY, MOVE = "stay", "move"

    decision = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args, response: Response, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["decision"].choices = [
            (self.MOVE, _("%(name)s served last: the points go there") % {"name": response.leg.agent.name}),
            (self.STAY, _("The points stay with %(name)s") % {"name": response.agent.name}),
        ]


class ResolveForm(forms.Form):
    """Whose thanks it is, or nobody's."""

    agent = forms.CharField(
        label=_("Agent"),
        max_length=254,
        required=False,
        help_text=_("E-mail address, id in the source system, or public id. Empty: nobody can be found."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def clean_agent(self):
        text = self.cleaned_data["agent"].strip()
        found = find_agent(text)
        if text and found is None:
            raise forms.ValidationError(_("Nobody is known by that."))
        return found


class Trial:
    """What the address of a trial call says; anything that cannot be counts as if it were not there."""

    def __init__(self, asked, *, reader: str):
        """`asked` is the query of the address, `reader` the language of whoever reads."""
        text = asked.get("keys", "")
        pressed = text.split(",") if text else []
        pressed += [asked["key"]] if "key" in asked else []
        self.keys = [key for key in ("" if each == "-" else each for each in pressed[:MOST_KEYS]) if key in DIALS]
        self.versions = versions_in_force(on=timezone.now().date())
        chosen = [each for each in self.versions if str(each.pk) == asked.get("version")]
        self.version = next(iter(chosen or self.versions), None)
        self.languages = self.version.definition.languages if self.version else []
        wanted = [asked.get("lang"), reader, FALLBACK, *self.languages]
        self.language = next((code for code in wanted if code in self.languages), FALLBACK)
