"""The admin's form of an objective: its terms as flat fields in the metric's own unit. Saving is an action's part."""

import datetime as dt
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

from interactions.enums import Direction, MediaType
from metrics.forms import NaturalField
from metrics.models import TOTAL_PLACES, Metric
from people.models import Queue

from ..enums import GuardOperator, GuardScope, ObjectiveKind
from ..models import Objective, ObjectiveTerms
from ..rules.flat import Flat, flat_of, problems_of, zones_of
from ..rules.scoring import InvalidZones, validate_zones, zones_from_json
from ..rules.terms import DraftMultiplier, TermsDraft
from .rule_preview import RulePreview, ShownTerms, in_words, preview_of, shown_terms

BOUNDS = ("near_from", "target_from", "target_to", "near_to", "best_at")
POINTS = ("edge_points", "near_points", "target_points", "best_points", "upper_near_points", "upper_edge_points")
GUARD = {"guard_metric", "guard_operator", "guard_bound", "guard_scope"}
ANY = [("", _("any"))]
BLANK_MULTIPLIERS = 2
LARGEST_PERCENT = 10_000


def draft_of(terms: ObjectiveTerms) -> TermsDraft:
    """The draft that would publish the same terms again."""
    guarded = terms.guard_metric_id is not None
    return TermsDraft(
        is_active=terms.is_active,
        kind=terms.kind,
        zones=zones_from_json(terms.zones),
        media_type=terms.media_type,
        direction=terms.direction,
        queue_id=terms.queue_id,
        guard_metric_id=terms.guard_metric_id,
        guard_operator=terms.guard_operator if guarded else "",
        guard_bound=terms.guard_bound if guarded else None,
        guard_scope=terms.guard_scope if guarded else "",
        multipliers=_in_order(
            DraftMultiplier(one.percent, one.queue_id, one.team_id) for one in terms.multipliers.all()
        ),
    )


def _in_order(multipliers):
    return tuple(sorted(multipliers, key=lambda one: (one.queue_id or 0, one.team_id or 0)))


class MultipliersWidget(forms.Widget):
    """Rows of a queue or team with its percent; two empty rows at the end, so that it works without JavaScript."""

    template_name = "scorecards/admin/multipliers.html"
    choices = ()

    def value_from_datadict(self, data, files, name):
        if not hasattr(data, "getlist"):
            return data.get(name) or []
        return list(zip(data.getlist(f"{name}-target"), data.getlist(f"{name}-percent"), strict=False))

    def value_omitted_from_data(self, data, files, name):
        return f"{name}-target" not in data

    def format_value(self, value):
        return [*(row for row in value or [] if any(row)), *[("", "")] * BLANK_MULTIPLIERS]

    def render(self, name, value, attrs=None, renderer=None):
        return super().render(name, value, attrs, TemplatesSetting())  # its template stands with Laurel's own

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"] |= {"choices": self.choices, "value": self.format_value(value)}
        return context


class MultipliersField(forms.Field):
    """Cleans to a tuple of `DraftMultiplier`. `targets` are the choices, grouped: ("q1", name), ("t2", name)."""

    widget = MultipliersWidget

    def __init__(self, **kwargs):
        super().__init__(required=False, **kwargs)
        self.targets = ()

    def has_changed(self, initial, data):
        return sorted(initial or []) != sorted((target, percent) for target, percent in data or [] if target or percent)

    def clean(self, value):
        rows = [(target.strip(), percent.strip()) for target, percent in value or []]
        found = [self._row(target, percent) for target, percent in rows if target or percent]
        keys = [(one.queue_id, one.team_id) for one in found]
        if len(set(keys)) != len(keys):
            raise ValidationError(_("Name each queue and each team only once."))
        return _in_order(found)

    def _row(self, target, percent):
        known = {key for _group, choices in self.targets for key, _label in choices}
        if target not in known:
            raise ValidationError(_("Choose a queue or a team for each percent."))
        if not percent.isdecimal() or not 1 <= int(percent) <= LARGEST_PERCENT:
            raise ValidationError(
                _("A multiplier is a whole number of percent from 1 to %(most)s, such as 120."),
                params={"most": LARGEST_PERCENT},
            )
        key = "queue_id" if target.startswith("q") else "team_id"
        return DraftMultiplier(int(percent), **{key: int(target[1:])})


def _points(label, help_text="", **kwargs):
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        required=False,
        widget=forms.NumberInput(attrs={"min": 0, "step": 1, "class": "points-input"}),
        **kwargs,
    )


def _bound(label, help_text=""):
    return NaturalField(label=label, help_text=help_text, required=False)


class ObjectiveForm(forms.ModelForm):
    """A metric and how it is scored. `current` are the newest terms; without a change nothing is published."""

    metric = forms.ModelChoiceField(label=_("Metric"), queryset=Metric.objects.filter(narrowed_from=None))
    kind = forms.ChoiceField(label=_("Type"), choices=ObjectiveKind.choices, initial=ObjectiveKind.HIGHER)
    is_active = forms.BooleanField(
        label=_("Active"),
        required=False,
        initial=True,
        help_text=_("Untick to stop scoring it from the day on"),
    )
    near_from = _bound(_("Near target from"), _("Empty: no near zone"))
    target_from = _bound(_("On target from"))
    target_to = _bound(_("On target up to"))
    near_to = _bound(_("Near target up to"), _("Empty: no near zone"))
    best_at = _bound(_("Points go on changing until"), _("Empty: on target pays the same throughout"))
    edge_points = _points(_("Points where near begins"))
    near_points = _points(_("Points of near beside the target"))
    target_points = _points(_("Points on target"))
    best_points = _points(_("Points from there on"))
    upper_near_points = _points(_("Above the target: beside it"), _("Empty: as below the target"))
    upper_edge_points = _points(_("Above the target: where near ends"), _("Empty: as below the target"))
    media_type = forms.ChoiceField(label=_("Media type"), choices=[*ANY, *MediaType.choices], required=False)
    direction = forms.ChoiceField(label=_("Direction"), choices=[*ANY, *Direction.choices], required=False)
    queue = forms.ModelChoiceField(label=_("Queue"), queryset=Queue.objects.all(), required=False, empty_label=_("any"))
    guard_metric = forms.ModelChoiceField(
        label=_("Only while this metric"), queryset=Metric.objects.filter(narrowed_from=None), required=False
    )
    guard_operator = forms.ChoiceField(
        label=_("is"), choices=GuardOperator.choices, initial=GuardOperator.AT_LEAST, required=False
    )
    guard_bound = NaturalField(label=_("this value"), required=False)
    guard_scope = forms.ChoiceField(
        label=_("Whose value"), choices=GuardScope.choices, initial=GuardScope.AGENT, required=False
    )
    multipliers = MultipliersField(label=_("Multipliers in percent"))

    class Meta:
        model = Objective
        fields = ["metric", "position"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.current = newest_terms(self.instance)
        self.zones = None
        self.begins_on = None
        self.flat_is_lost = False
        if self.current:
            self._start_from(self.current)
            self.fields["metric"].disabled = True

    def offer(self, *, metrics, queues, teams):
        """Limits the choices to what the viewer may use. Lists are read once for all forms of a page."""
        own = {self.instance.metric_id, self.current.guard_metric_id if self.current else None}
        usable = [metric for metric in metrics if metric.is_active or metric.pk in own]
        choices = [("", "---------"), *[(one.pk, one.name) for one in usable]]
        self.fields["metric"].widget.choices = choices
        self.fields["guard_metric"].widget.choices = [("", _("no guard")), *choices[1:]]
        self.fields["queue"].widget.choices = [("", _("any")), *[(one.pk, one.name) for one in queues]]
        targets = [
            (_("Home queue"), [(f"q{one.pk}", one.name) for one in queues]),
            (_("Team"), [(f"t{one.pk}", one.name) for one in teams]),
        ]
        self.fields["multipliers"].targets = self.fields["multipliers"].widget.choices = targets

    def _start_from(self, terms):
        zones = zones_from_json(terms.zones)
        flat = flat_of(terms.kind, zones)
        self.flat_is_lost = flat is None
        self.initial |= {
            "kind": terms.kind,
            "is_active": terms.is_active,
            "media_type": terms.media_type,
            "direction": terms.direction,
            "queue": terms.queue_id,
            "guard_metric": terms.guard_metric_id,
            "guard_operator": terms.guard_operator or GuardOperator.AT_LEAST,
            "guard_bound": terms.guard_bound if terms.guard_metric_id else None,
            "guard_scope": terms.guard_scope or GuardScope.AGENT,
            "multipliers": [
                (f"q{one.queue_id}" if one.queue_id else f"t{one.team_id}", str(one.percent))
                for one in terms.multipliers.all()
            ],
        }
        if flat:
            self.initial |= {name: _natural(getattr(flat, name)) for name in BOUNDS}
            self.initial |= {name: getattr(flat, name) for name in POINTS}

    def clean(self):
        data = super().clean()
        self._clean_zones(data)
        self._clean_guard(data)
        return data

    def _clean_zones(self, data):
        if any(name in self.errors for name in ("kind", *BOUNDS, *POINTS)):
            return
        flat = Flat(
            kind=data["kind"],
            **{name: _units(data.get(name)) for name in BOUNDS},
            **{name: data.get(name) for name in POINTS},
        )
        if self.flat_is_lost and not any(data.get(name) is not None for name in (*BOUNDS, *POINTS)):
            self.zones = zones_from_json(self.current.zones)
            return
        problems = problems_of(flat)
        for name, sentence in problems.items():
            self.add_error(name, sentence)
        if not problems:
            self._accept(flat)

    def _accept(self, flat):
        zones = zones_of(flat)
        try:
            validate_zones(flat.kind, zones)
        except InvalidZones as error:
            self.add_error(None, str(error))
        else:
            self.zones = zones

    def _clean_guard(self, data):
        metric, bound = data.get("guard_metric"), data.get("guard_bound")
        if not metric:
            if bound is not None:
                self.add_error("guard_metric", _("Choose the metric of the guard, or leave its value empty."))
            return
        if bound is None and "guard_bound" not in self.errors:
            self.add_error("guard_bound", _("Say which value the guard asks for."))
        if metric == data.get("metric"):
            self.add_error("guard_metric", _("A guard must be another metric than the objective's own."))
        if data.get("guard_scope") == GuardScope.HOME_QUEUE and set(self.changed_data) & GUARD:
            self.add_error("guard_scope", _("This comes with queue figures. Choose the agent's own value for now."))

    def draft(self) -> TermsDraft | None:
        """The terms as they stand in the form; None while something is wrong with them."""
        if self.zones is None or self.errors:
            return None
        data = self.cleaned_data
        guard = data["guard_metric"]
        return TermsDraft(
            is_active=data["is_active"],
            kind=data["kind"],
            zones=self.zones,
            media_type=data["media_type"],
            direction=data["direction"],
            queue_id=data["queue"].pk if data["queue"] else None,
            guard_metric_id=guard.pk if guard else None,
            guard_operator=(data["guard_operator"] or GuardOperator.AT_LEAST) if guard else "",
            guard_bound=data["guard_bound"] if guard else None,
            guard_scope=data["guard_scope"] if guard else "",
            multipliers=data["multipliers"],
        )

    @property
    def is_active_rule(self) -> bool:
        """Whether the objective counts, as typed or as published."""
        draft = self.draft() if self.is_bound else None
        return draft.is_active if draft else self.current is not None and self.current.is_active

    @property
    def is_changed_rule(self) -> bool:
        """Whether the drafted terms differ from the newest ones."""
        draft = self.draft()
        return draft is not None and (self.current is None or draft != draft_of(self.current))

    @property
    def scored_metric(self) -> Metric | None:
        if self.instance.metric_id:
            return self.instance.metric
        return getattr(self, "cleaned_data", {}).get("metric")

    @property
    def rule(self) -> RulePreview | None:
        """What the form shows would pay: as typed, or as published while nothing was typed."""
        zones = self.zones if self.is_bound else self.current and zones_from_json(self.current.zones)
        return preview_of(self.scored_metric, zones) if zones and self.scored_metric else None

    @property
    def is_open(self) -> bool:
        """Whether the page shows the form at once: it is new, was changed, or has something to correct."""
        return self.instance.pk is None or (self.is_bound and self.has_changed()) or bool(self.errors)

    @property
    def in_words(self) -> str:
        return in_words(self.current, self.instance.metric)

    @property
    def history(self) -> list[ShownTerms]:
        """Published terms, the latest first."""
        if self.instance.pk is None:
            return []
        rows = sorted(self.instance.terms.all(), key=lambda terms: terms.from_on, reverse=True)
        return [shown_terms(terms, self.instance.metric) for terms in rows]


def newest_terms(objective: Objective) -> ObjectiveTerms | None:
    """The terms with the latest start; prefetched rows are used where they are."""
    if objective.pk is None:
        return None
    rows = sorted(objective.terms.all(), key=lambda terms: terms.from_on)
    return rows[-1] if rows else None


def _natural(units: int | None) -> Decimal | None:
    return None if units is None else Decimal(units).scaleb(-TOTAL_PLACES)


def _units(value: Decimal | None) -> int | None:
    return None if value is None else int(value.scaleb(TOTAL_PLACES))


class ObjectiveFormSet(forms.BaseInlineFormSet):
    """The objectives of a profile. `offered` are the choices of the viewer: metrics, queues, teams."""

    offered = {"metrics": (), "queues": (), "teams": ()}
    today: dt.date | None = None

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.offer(**self.offered)
        form.begins_on = form.current.from_on if form.current and form.current.from_on > self.today else None

    def clean(self):
        super().clean()
        seen = set()
        for form in self.forms:
            metric, draft = form.cleaned_data.get("metric"), form.draft() if form.has_changed() else None
            if not (metric and draft and draft.is_active):
                continue
            key = (metric.pk, draft.media_type, draft.direction, draft.queue_id)
            if key in seen:
                form.add_error("metric", _("This metric is scored twice with the same filters."))
            seen.add(key)
