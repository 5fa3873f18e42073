"""What a viewer may ask of a board by its address."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.pages.admin_preview import PreviewForm
from foundation.periods.spans import LONGEST_CUSTOM_DAYS, Span, SpanKey, custom_span
from scorecards.wording import period_text

from .enums import REFRESH_OF_NAMED, Names, RowsAre, RowsShown
from .models import Board

EARLIEST = dt.date(1970, 1, 1)

SPAN_NAMES = {
    SpanKey.TODAY: _("Today"),
    SpanKey.YESTERDAY: _("Yesterday"),
    SpanKey.THIS_WEEK: _("This week"),
    SpanKey.LAST_WEEK: _("Last week"),
    SpanKey.THIS_MONTH: _("This month"),
    SpanKey.LAST_MONTH: _("Last month"),
    SpanKey.CUSTOM: _("Other days"),
}
PRESETS = [(key.value, name) for key, name in SPAN_NAMES.items() if key is not SpanKey.CUSTOM]
BEFORE_NAMES = {
    SpanKey.TODAY: _("the day before"),
    SpanKey.YESTERDAY: _("the day before"),
    SpanKey.THIS_WEEK: _("the same days of last week"),
    SpanKey.LAST_WEEK: _("the week before"),
    SpanKey.THIS_MONTH: _("the same days of last month"),
    SpanKey.LAST_MONTH: _("the month before"),
    SpanKey.CUSTOM: _("as many days before"),
    SpanKey.NAMED: _("the period before"),
}


def span_name(span: Span) -> str:
    """What a page calls a span."""
    return SPAN_NAMES[span.key] if span.key in SPAN_NAMES else period_text(span.whole)


def steps(span: Span, today: dt.date) -> dict[str, str | None]:
    """The addresses of the whole periods before and after a span; None where there is none yet."""
    if span.whole is None:
        return {"earlier": None, "later": None}
    later = span.whole.next
    return {"earlier": span.whole.previous.key, "later": later.key if later.start <= today else None}


DAY_INPUT = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class DaysForm(forms.Form):
    """A range of days, both inclusive."""

    from_on = forms.DateField(label=_("From"), widget=DAY_INPUT)
    to_on = forms.DateField(label=_("To"), widget=DAY_INPUT)

    def __init__(self, *args, today: dt.date, **kwargs):
        self.today = today
        super().__init__(*args, label_suffix="", **kwargs)

    def add_prefix(self, field_name):
        """The address says `from` and `to`."""
        return super().add_prefix(field_name.removesuffix("_on"))

    def clean(self):
        from_on, to_on = self.cleaned_data.get("from_on"), self.cleaned_data.get("to_on")
        if not from_on or not to_on:
            return self.cleaned_data
        if from_on < EARLIEST or to_on > self.today:
            raise forms.ValidationError(_("Choose days up to today."))
        if to_on < from_on:
            raise forms.ValidationError(_("The first day must not be after the last."))
        if (to_on - from_on).days >= LONGEST_CUSTOM_DAYS:
            raise forms.ValidationError(_("Choose at most a year."))
        return self.cleaned_data

    @property
    def span(self) -> Span:
        return custom_span(self.cleaned_data["from_on"], self.cleaned_data["to_on"], self.today)


# The admin's form of a board ----------------------------------------------------------------------------------------


class BoardForm(PreviewForm, forms.ModelForm):
    """A board as an administrator sets it. What may not be combined is said beside the field, with what to do."""

    confirm_names = forms.BooleanField(
        label=_("I have decided that colleagues read these names"),
        required=False,
        help_text=_(
            "A board with names shows colleagues who reached how much. Ask whoever represents the people on it first."
            " Who stays off boards is not on it. Other boards with some of these people are no longer shown."
        ),
    )

    class Meta:
        model = Board
        fields = [
            "name", "is_active", "profile", "division", "team", "queue", "rows_are", "by_points", "by_percent",
            "by_improvement", "by_all_metrics", "metrics", "goals", "rounds", "has_days", "refresh", "refresh_at",
            "limit", "ties", "names", "top", "rows", "minimum", "roles", "teams",
        ]  # fmt: skip
        help_texts = {
            "name": _("As people read it, such as the name of the team."),
            "is_active": _("Switched off, nobody sees it; what it published stays until it is deleted."),
            "profile": _("A board ranks people who are scored alike."),
            "division": _("Its days begin and end here."),
            "team": _("With the teams below it. Empty: everyone whom the profile scores in the division."),
            "queue": _("People whose home queue it is when a week or month begins."),
            "rows_are": _("Teams are ranked by the sums of their members, if they are larger than the smallest group."),
            "by_improvement": _(
                "The change of percent of goal against the week or month before. Without names it is left out while"
                " only a few people came or left in between."
            ),
            "metrics": _("Only metrics that the profile scores are ranked."),
            "goals": _("Percent of the target, in the periods of the goal."),
            "rounds": _(
                "The same for all boards of these people: weeks and months overlap, and both would tell too much."
                " The people of a board are those of the period's first day."
            ),
            "refresh": _("Without names once a day or week: a row that moves within the day shows who took a call."),
            "refresh_at": _("Of the morning, in the division's zone. The days before are published then, once final."),
            "limit": _("How many of the first rows agents see. The bottom is never shown to colleagues."),
            "top": _("Where the first few stand by name, the other rows are hidden."),
            "minimum": _("Below so many people nothing of others is shown. Empty: as set for Laurel; never under 3."),
            "roles": _("Who may open it, in its division. No role and no team: the people on it, and who leads them."),
            "teams": _("Members of these teams, and those who lead them, may open it."),
        }

    def clean(self):
        data = super().clean()
        board = self.instance
        division = data.get("division") or (board.division if board.division_id else None)
        profile = data.get("profile") or (board.profile if board.profile_id else None)
        rows_are = data.get("rows_are") or board.rows_are
        for field in ("team", "queue"):
            narrower = data.get(field)
            if narrower and division and narrower.division_id not in (None, division.pk):
                self.add_error(field, _("Choose one of the division of this board."))
        names = data.get("names")
        if data.get("refresh") in REFRESH_OF_NAMED and names != Names.ALL:
            self.add_error("refresh", _("Only a board that names everyone is refreshed within the day."))
        if rows_are == RowsAre.TEAMS and (names != Names.NONE or data.get("rows") != RowsShown.LIMIT):
            self.add_error("names", _("Rows of teams show no people: choose “nobody but oneself”, and the first rows."))
        if names not in (Names.NONE, board.names) and not data.get("confirm_names"):
            self.add_error("confirm_names", _("Say that this has been decided, or choose “nobody but oneself”."))
        if data.get("rows") == RowsShown.OWN_TEAM and names == Names.TOP:
            self.add_error("rows", _("The first few by name are of the whole board: choose other rows."))
        if profile and division:
            self._one_kind_of_round(profile, division, data.get("rounds"))
        if not any(data.get(name) for name in BY):
            self.add_error(None, _("Choose at least one thing to rank by."))
        return data

    def _one_kind_of_round(self, profile, division, rounds) -> None:
        others = Board.objects.filter(profile=profile, division=division, is_active=True).exclude(pk=self.instance.pk)
        other = others.exclude(rounds=rounds).first()
        if other and rounds:
            problem = _("“%(board)s” ranks the same people by other periods. Change that one first, or choose them.")
            self.add_error("rounds", problem % {"board": other})


BY = ("by_points", "by_percent", "by_improvement", "by_all_metrics", "metrics", "goals")
