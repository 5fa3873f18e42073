"""The admin's form of a quality evaluation."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .models import Evaluation


class EvaluationForm(forms.ModelForm):
    """An evaluation of an interaction, or of an agent's workday."""

    class Meta:
        model = Evaluation
        fields = ["leg", "agent", "workday", "form", "score", "maximum", "released"]
        help_texts = {
            "leg": _("The interaction that was evaluated. Empty: the evaluation is of the whole workday."),
            "agent": _("Needed only without an interaction."),
            "workday": _("Needed only without an interaction."),
            "score": _("How many points the evaluation gave."),
            "maximum": _("How many points it could have given."),
            "released": _("Only released evaluations count."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("agent", "workday"):
            if name in self.fields:
                self.fields[name].required = False

    def clean(self):
        data = super().clean()
        leg = data.get("leg")
        if leg and leg.agent_id is None:
            self.add_error("leg", _("Nobody took this interaction, so there is nobody to evaluate."))
        elif leg:
            data["agent"], data["workday"] = leg.agent, leg.workday
        else:
            for name in ("agent", "workday"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Say whose work was evaluated, or choose the interaction."))
        self._clean_score(data)
        return data

    def _clean_score(self, data):
        score, maximum = data.get("score"), data.get("maximum")
        if maximum is not None and maximum <= 0:
            self.add_error("maximum", _("The highest possible score must be above zero."))
        elif score is not None and maximum is not None and not 0 <= score <= maximum:
            self.add_error("score", _("The score must lie between 0 and the highest possible score."))

    def clean_workday(self):
        day = self.cleaned_data["workday"]
        if day and day > self.today:
            raise ValidationError(_("This day has not come yet."))
        return day

    today = None
