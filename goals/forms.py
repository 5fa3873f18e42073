"""The form by which a review is decided, and the admin's form of a goal with its terms as flat fields."""

import datetime as dt
from decimal import Decimal

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.pages.admin_preview import PreviewForm
from metrics.enums import Aggregation
from metrics.forms import NaturalField
from metrics.models import Metric
from people.access import may
from people.enums import Permission
from scorecards.enums import GuardOperator
from scorecards.forms.objectives import MultipliersField
from scorecards.forms.profiles import DateInput

from .enums import (
    Counted,
    Decision,
    DecisionReason,
    Expiry,
    GoalStatus,
    GuardScope,
    Operator,
    PayForm,
    PayMode,
    Scope,
    Sharing,
)
from .models import Goal, GoalTerms
from .queries.drafts import draft_of, end_problem, has_begun, newest_terms, problems_with, start_problem, takes_effect
from .queries.due import first_period
from .rules.drafts import GoalDraft

NATURAL = ("achieved", "on_track", "at_risk", "minimum_volume", "floor_percent", "guard_bound", "tolerance_percent")
PLAIN = (
    *("aggregation", "operator", "pay_form", "pay_mode", "points", "floor_points", "cap_points", "sharing", "expiry"),
    *("expires_after_days", "guard_operator", "guard_scope", "guard_goal_status", "lag_minutes", "stabilisation_hours"),
)
ROWS = ("pool", "guard_metric", "guard_goal")
TERMS = (*NATURAL, *PLAIN, *ROWS, "multipliers")
FIXED = ("scope", "team", "with_teams_below", "counted", "metric", "frequency", "starts_on")
"""What a goal that has begun keeps, since its results would not be comparable otherwise."""
DEFAULTS = GoalDraft(achieved=Decimal(0))


class DecideForm(forms.Form):
    decision = forms.ChoiceField(label=_("Decision"), choices=Decision, widget=forms.RadioSelect)
    reason = forms.ChoiceField(label=_("What members are told"), choices=DecisionReason)
    note = forms.CharField(
        label=_("Note for supervisors"),
        max_length=300,
        required=False,
        help_text=_("Members do not see it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _natural(label, help_text="", *, required=False, initial=None):
    return NaturalField(label=label, help_text=help_text, required=required, initial=initial)


def _choice(label, choices, initial, help_text=""):
    return forms.ChoiceField(label=label, choices=choices.choices, initial=initial, help_text=help_text)


def _whole(label, help_text="", *, required=True, initial=None, smallest=0):
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        required=required,
        initial=initial,
        min_value=smallest,
        widget=forms.NumberInput(attrs={"step": 1, "class": "points-input"}),
    )


class GoalForm(PreviewForm, forms.ModelForm):
    """A goal and its newest terms as flat fields. `viewer`, `at` and what may be chosen are set by who makes the form.

    `draft` holds the terms as typed, None while something is wrong with them.
    """

    viewer = None
    at: dt.datetime | None = None
    offered: dict = {}

    aggregation = _choice(
        _("The value is"), Aggregation, Aggregation.SUM, _("The sum over everyone, or one average over everything.")
    )
    operator = _choice(_("Must be"), Operator, Operator.GTE)
    achieved = _natural(_("Achieved"), _("In the metric's unit; durations as 3:00, 1:30:00 or in seconds."))
    on_track = _natural(_("On track"), _("Empty: there is no such status."))
    at_risk = _natural(_("At risk"), _("Empty: there is no such status. Anything worse is behind."))
    minimum_volume = _natural(
        _("Minimum volume"),
        _("With less, nothing is paid. In what the metric divides by, such as interactions; else in days with data."),
    )
    pay_form = _choice(_("Pays"), PayForm, PayForm.BINARY)
    pay_mode = _choice(_("As"), PayMode, PayMode.PER_MEMBER)
    points = _whole(_("Points at 100 percent"), initial=0)
    floor_percent = _natural(_("Scaled: floor in percent"), _("Below this share of the target nothing is paid."))
    floor_points = _whole(_("Scaled: points at the floor"), required=False)
    cap_points = _whole(_("Scaled: most points"), _("Empty: as many as at 100 percent."), required=False)
    sharing = _choice(_("A fixed number is shared"), Sharing, Sharing.EQUITY)
    pool = forms.ModelChoiceField(
        label=_("Reward pool"),
        queryset=None,
        required=False,
        empty_label=_("none: points are issued"),
        help_text=_("A person is paid from one pool in a period."),
    )
    expiry = _choice(_("Points expire"), Expiry, Expiry.NEVER)
    expires_after_days = _whole(_("Days until points expire"), required=False, smallest=1)
    multipliers = MultipliersField(label=_("Multipliers in percent"))
    guard_metric = forms.ModelChoiceField(
        label=_("Pays only while this metric"), queryset=None, required=False, empty_label=_("no guard")
    )
    guard_operator = _choice(_("is"), GuardOperator, GuardOperator.AT_LEAST)
    guard_bound = _natural(_("this value"))
    guard_scope = _choice(_("Whose value"), GuardScope, GuardScope.OWN)
    guard_goal = forms.ModelChoiceField(
        label=_("Or only while this goal"), queryset=None, required=False, empty_label=_("no guard")
    )
    guard_goal_status = _choice(_("is at least"), GoalStatus, GoalStatus.ACHIEVED)
    lag_minutes = _whole(_("Minutes after the period until it closes"), initial=DEFAULTS.lag_minutes)
    stabilisation_hours = _whole(_("Hours until points are posted"), initial=DEFAULTS.stabilisation_hours)
    tolerance_percent = _natural(
        _("Tolerance in percent"),
        _("A value that moved by more while it waited goes to review."),
        required=True,
        initial=DEFAULTS.tolerance_percent,
    )
    hold_now = forms.BooleanField(
        label=_("Hold for the running period already"),
        required=False,
        help_text=_("Otherwise changes hold from the next period. Closed periods never change."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, help_text=_("Needed to change the running period.")
    )

    class Meta:
        model = Goal
        fields = ["name", "description", *FIXED, "ends_on", "is_active"]
        widgets = {"starts_on": DateInput, "ends_on": DateInput, "description": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "starts_on": _("Only whole periods count. A start within a period makes the next one the first."),
            "ends_on": _("The first day after the goal. Empty: it has no end."),
            "with_teams_below": _("For individual goals only."),
            "is_active": _("Untick to stop the goal; periods that have not closed are not paid then."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.at = self.at or timezone.now()
        self.draft: GoalDraft | None = None
        self.current = newest_terms(self.instance)
        self.was_active = self.instance.is_active
        self.begun = self.instance.pk is not None and has_begun(self.instance, at=self.at)
        self._offer()
        if self.current:
            self._start_from(self.current)
        if self.begun:
            for name in FIXED:
                self.fields[name].disabled = True
            self.fields["starts_on"].help_text = _("First period: %(period)s. A begun goal keeps what it counts.") % {
                "period": first_period(self.instance).key
            }

    def _offer(self):
        """Limits the choices to what the viewer may use."""
        metrics = Metric.objects.filter(narrowed_from=None).order_by("name")
        own = Q(pk=self.instance.metric_id)  # the API makes goals of narrowed metrics, which the catalogue has not
        self.fields["metric"].queryset = self.fields["metric"].queryset.filter(Q(narrowed_from=None) | own)
        self.fields["guard_metric"].queryset = metrics
        goals = self.offered.get("goals", Goal.objects.none())
        self.fields["guard_goal"].queryset = goals.exclude(pk=self.instance.pk)
        self.fields["pool"].queryset = self.offered["pools"]
        targets = [
            (_("Home queue"), [(f"q{one.pk}", one.name) for one in self.offered.get("queues", ())]),
            (_("Team"), [(f"t{one.pk}", one.name) for one in self.offered.get("teams", ())]),
        ]
        self.fields["multipliers"].targets = self.fields["multipliers"].widget.choices = targets

    def _start_from(self, terms: GoalTerms):
        self.initial |= {name: getattr(terms, name) for name in (*NATURAL, *PLAIN)}
        self.initial |= {name: getattr(terms, f"{name}_id") for name in ROWS}
        self.initial["multipliers"] = [
            (f"q{one.queue_id}" if one.queue_id else f"t{one.team_id}", str(one.percent))
            for one in terms.multipliers.all()
        ]

    # What is wrong --------------------------------------------------------------------------------------------------

    def clean(self):
        data = super().clean()
        if data.get("counted") in (Counted.POINTS, Counted.REPORTED):
            data["metric"] = None
        elif data.get("counted") and not data.get("metric") and "metric" not in self.errors:
            self.add_error("metric", _("Choose the metric that is counted."))
        if data.get("achieved") is None and "achieved" not in self.errors:
            self._clean_achieved(data)
        if data.get("with_teams_below") and data.get("scope") == Scope.TEAM:
            self.add_error("with_teams_below", _("A team goal has the members of one team."))
        return data

    def _clean_achieved(self, data):
        """Another system judges by thresholds of its own; every other goal needs one."""
        if data.get("counted") == Counted.REPORTED:
            data["achieved"] = Decimal(0)
        else:
            self.add_error("achieved", self.fields["achieved"].error_messages["required"])

    def _post_clean(self):
        """With the goal's own fields on the instance, its dates and terms can be judged."""
        super()._post_clean()
        if any(name in self.errors for name in (*FIXED, "ends_on")):
            return
        self._clean_now()
        self._clean_start()
        self._clean_end()
        self._clean_active()
        self._clean_terms()

    @property
    def holds_now(self) -> bool:
        return bool(self.cleaned_data.get("hold_now"))

    @property
    def period(self):
        """The period from which what was typed holds."""
        return takes_effect(self.instance, at=self.at, now=self.holds_now)

    def _clean_now(self):
        if not self.holds_now:
            return
        if not may(self.viewer, Permission.CONFIGURE_SCORING, division=self.instance.team.division):
            self.add_error("hold_now", _("Only administrators change the running period."))
        elif not self.cleaned_data.get("reason", "").strip():
            self.add_error("reason", _("Say why the running period is changed."))

    def _clean_start(self):
        problem = "" if self.begun else start_problem(self.instance, at=self.at, now=self.holds_now)
        if problem:
            self.add_error("starts_on", problem)

    def _clean_end(self):
        if not (self.instance.pk is None or "ends_on" in self.changed_data or not self.begun):
            return
        problem = end_problem(self.instance, at=self.at, begun=self.begun, now=self.holds_now)
        if problem:
            self.add_error("ends_on", problem)

    def _clean_active(self):
        if self.instance.is_active or not self.was_active or self.instance.pk is None:
            return
        if self.begun and not self.holds_now:
            self.add_error(
                "is_active", _("The running period would not be paid. Set an end, or stop it below with a reason.")
            )

    def _clean_terms(self):
        if any(name in self.errors for name in TERMS):
            return
        draft = self._typed()
        problems = problems_with(self.instance, draft, from_on=self.period.start)
        for name, sentence in problems.items():
            self.add_error(name, sentence)
        self.draft = None if problems else draft

    def _typed(self) -> GoalDraft:
        data = self.cleaned_data
        scaled, guarded = data["pay_form"] == PayForm.SCALED, data["guard_metric"] is not None
        return GoalDraft(
            **{name: data[name] for name in PLAIN if name not in ("floor_points", "cap_points", "expires_after_days")},
            achieved=data["achieved"],
            on_track=data["on_track"],
            at_risk=data["at_risk"],
            minimum_volume=data["minimum_volume"] or Decimal(0),
            floor_percent=_default(data["floor_percent"], Decimal(100)) if scaled else Decimal(100),
            floor_points=_default(data["floor_points"], 0) if scaled else 0,
            cap_points=data["cap_points"] if scaled else None,
            expires_after_days=data["expires_after_days"] if data["expiry"] == Expiry.AFTER_DAYS else None,
            tolerance_percent=data["tolerance_percent"],
            guard_bound=data["guard_bound"] if guarded else None,
            multipliers=data["multipliers"],
            **{f"{name}_id": data[name].pk if data[name] else None for name in ROWS},
        )

    @property
    def is_changed_rule(self) -> bool:
        """Whether new terms must be published: they differ, the goal has not begun, or they hold at once."""
        return not self.begun or self.holds_now or self.current is None or self.draft != draft_of(self.current)


def _default(value, other):
    return other if value is None else value
