"""Forms of the import pages: upload, the columns of a mapping, and its text."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from interactions.enums import Direction, MediaType
from people.models import validate_time_zone

from .enums import Kind
from .models import Mapping
from .rules import answers as answers_rules
from .rules.answers import COLUMN, FIXED, KEEP, ROW
from .rules.mapping import DAY, DURATION, FIELDS, MOMENT, REQUIRED, TRUTH, data_of

TABLE_SLOTS = 3
TABLE_NAME = r"^[A-Za-z_][A-Za-z0-9_]{0,59}$"


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files."""

    widget = FilesInput

    def clean(self, data, initial=None):
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files or [None]]


class UploadForm(forms.Form):
    """The files of an import. A table without a name takes the name of its file."""

    data = FilesField(
        label=_("File with the rows"),
        help_text=_("CSV, TSV or XLSX. Choose several when one log comes in parts with the same columns."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for number in range(1, TABLE_SLOTS + 1):
            self.fields[f"table_{number}"] = forms.FileField(
                label=_("Table %(number)s") % {"number": number}, required=False
            )
            self.fields[f"table_name_{number}"] = forms.RegexField(
                TABLE_NAME,
                label=_("Name of table %(number)s in the mapping") % {"number": number},
                required=False,
                error_messages={"invalid": _("A table's name is letters, digits and _, such as employees.")},
            )

    @property
    def tables(self):
        """The slots as pairs of bound fields."""
        return [(self[f"table_{number}"], self[f"table_name_{number}"]) for number in range(1, TABLE_SLOTS + 1)]

    def uploads(self) -> list[tuple[str, object]]:
        """(role, upload); the role of a table is its name."""
        found = [("data", upload) for upload in self.cleaned_data["data"]]
        for number in range(1, TABLE_SLOTS + 1):
            if upload := self.cleaned_data[f"table_{number}"]:
                found.append((self.cleaned_data[f"table_name_{number}"] or table_name(upload.name), upload))
        return found


def table_name(file_name: str) -> str:
    """A name for a table from the name of its file: `Call Types.csv` becomes `call_types`."""
    stem = file_name.rsplit("/", 1)[-1].rsplit(".", 1)[0].lower()
    name = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in stem).strip("_")
    return (name if name[:1].isalpha() else f"table_{name}")[:60]


LABELS = {
    "id": _("Id of the interaction"),
    "leg": _("Number of the leg"),
    "started_at": _("Started"),
    "ended_at": _("Ended"),
    "media_type": _("Media type"),
    "direction": _("Direction"),
    "queue": _("Queue"),
    "wait": _("Wait"),
    "talk": _("Talk"),
    "hold": _("Hold"),
    "after_call": _("After-call work"),
    "answered": _("Answered"),
    "abandoned": _("Abandoned"),
    "transferred": _("Transferred"),
    "resolved": _("Resolved"),
    "wrap_up": _("Wrap-up code"),
    "rating": _("Satisfaction rating"),
    "charge": _("Charge"),
    "customer": _("Customer"),
    "workday": _("Workday"),
    "interaction": _("Id of the interaction"),
    "form": _("Evaluation form"),
    "score": _("Score"),
    "maximum": _("Highest possible score"),
    "evaluator": _("Evaluator"),
    "released": _("Released"),
}
LABELS_BY_KIND = {
    ("readings", "id"): _("Id of the reading"),
    ("evaluations", "id"): _("Id of the evaluation"),
}
HELP = {
    "customer": _("Only a keyed hash is kept; nobody can read it."),
    "wait": _("Until the interaction was answered."),
    "rating": _("Any scale; the metric's targets say what is good."),
}
FIXED_CHOICES = {"media_type": MediaType.choices, "direction": Direction.choices}
FIXED_TRUTH = [("yes", _("yes")), ("no", _("no"))]
UNIT_CHOICES = [
    ("", _("as written: 0:02:23, or seconds")),
    ("s", _("seconds")),
    ("ms", _("milliseconds")),
    ("min", _("minutes")),
    ("h", _("hours")),
    ("days", _("days (times of a spreadsheet)")),
]
FORMATS = (
    "iso", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "dd.mm.yyyy", "dd.mm.yyyy hh:mm", "dd/mm/yyyy hh:mm", "m/d/yyyy h:mm",
    "m/d/yyyy h:mm AM/PM", "dd-mm-yy", "yymmdd", "unix",
)  # fmt: skip
"""Offered while typing; any other can be written."""
AGENT_LABELS = {
    "id": _("Id"),
    "email": _("E-mail"),
    "name": _("Name"),
    "team": _("Team"),
    "lead": _("Lead of the team"),
    "division": _("Division"),
}


class ColumnsForm(forms.Form):
    """The columns of a mapping, as plain fields. `answers_rules` says what an answer means."""

    def __init__(
        self, data=None, *, text: str, columns: Iterable[str], sheets: Iterable[str] = (), metrics=(), **kwargs
    ):
        self.text, self.columns = text, list(columns)
        self.before = data_of(text)
        initial = answers_rules.answers_of(self.before)
        self.kind = initial["kind"] if initial["kind"] in FIELDS else Kind.INTERACTIONS
        super().__init__(data, initial=initial, **kwargs)
        self._add_general(sheets)
        self._add_agent()
        self._add_fields()
        self._add_metric(metrics)

    # What the template shows -------------------------------------------------------------------------------------

    def rows(self):
        """For each field: its bound fields by role, and whether it must be given."""
        for name in FIELDS[self.kind]:
            details = [
                self[key] for prefix in ("format", "unit", "yes", "no") if (key := f"{prefix}-{name}") in self.fields
            ]
            yield {
                "source": self[f"field-{name}"],
                "time": self[f"time-{name}"] if f"time-{name}" in self.fields else None,
                "details": details,
                "required": name in REQUIRED[self.kind],
                "used": bool(self[f"field-{name}"].value()),
            }

    def missing(self):
        """Labels of the fields that must be given and are not."""
        return [row["source"].label for row in self.rows() if row["required"] and not row["used"]]

    def general(self):
        return [self[name] for name in ("source", "zone")]

    def file_options(self):
        return [self[name] for name in self.fields if name.startswith("file-")]

    def agent_sources(self):
        return [self[f"agent-{name}"] for name in AGENT_LABELS]

    def agent_choices(self):
        return [self["agent-unknown"], self["agent-missing"]]

    def metric_fields(self):
        return [self[name] for name in ("metric", "metric-value", "metric-count", "reading") if name in self.fields]

    # What was answered -------------------------------------------------------------------------------------------

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        for name in REQUIRED[self.kind]:
            if not cleaned[f"field-{name}"]:
                self.add_error(f"field-{name}", _("This is needed: choose the column that holds it."))
        if not any(cleaned[f"agent-{name}"] for name in ("id", "email", "name")):
            self.add_error("agent-id", _("Say by which column agents are known: id, e-mail or name."))
        if self.kind == Kind.READINGS and cleaned["metric"] != KEEP:
            for name in ("metric", "metric-value"):
                if not cleaned[name]:
                    self.add_error(name, _("Readings need this."))
        return cleaned

    def mapping_text(self) -> str:
        """The mapping with these answers; the text as it was when nothing in it changed."""
        if not self.has_changed():
            return self.text
        return answers_rules.text_of(answers_rules.with_answers(self.before, {**self.cleaned_data, "kind": self.kind}))

    # How it is made ----------------------------------------------------------------------------------------------

    def _add_general(self, sheets):
        self.fields["source"] = forms.CharField(
            label=_("Source"),
            max_length=60,
            help_text=_("A name for where this comes from. The same id from the same source is the same row."),
        )
        self.fields["zone"] = forms.CharField(
            label=_("Times are in"),
            validators=[_zone_or_word],
            help_text=_("“division” for the time zone of the agent's division, or a zone such as Europe/Berlin."),
            widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
        )
        self.fields["file-header"] = forms.CharField(
            label=_("Line with the column names"),
            required=False,
            widget=forms.TextInput(attrs={"placeholder": "1"}),
            help_text=_("A number, “find”, or “none”."),
        )
        self.fields["file-delimiter"] = forms.ChoiceField(
            label=_("Columns are separated by"),
            required=False,
            choices=_with_other(
                [
                    ("", _("found out")),
                    ("comma", _("comma")),
                    ("semicolon", _("semicolon")),
                    ("tab", _("tab")),
                    ("pipe", _("bar |")),
                ],
                self.initial["file-delimiter"],
            ),
        )
        self.fields["file-encoding"] = forms.ChoiceField(
            label=_("Encoding"),
            required=False,
            choices=_with_other(
                [
                    ("", _("found out")),
                    ("utf-8", "UTF-8"),
                    ("cp1252", "Windows-1252"),
                    ("latin-1", "Latin-1"),
                    ("utf-16", "UTF-16"),
                ],
                self.initial["file-encoding"],
            ),
        )
        self.fields["file-decimal"] = forms.ChoiceField(
            label=_("Decimal sign"),
            required=False,
            choices=[("", _("point")), (",", pgettext_lazy("decimal", "comma"))],
        )
        sheets = list(sheets)
        if len(sheets) > 1 or self.initial["file-sheet"]:
            choices = [("", _("the first"))] + [(sheet, sheet) for sheet in sheets]
            self.fields["file-sheet"] = forms.ChoiceField(
                label=_("Sheet"), required=False, choices=_with_other(choices, self.initial["file-sheet"])
            )
        else:
            self.fields["file-sheet"] = forms.CharField(required=False, widget=forms.HiddenInput)

    def _add_agent(self):
        for name, label in AGENT_LABELS.items():
            self.fields[f"agent-{name}"] = self._source_field(f"agent-{name}", label)
        self.fields["agent-unknown"] = forms.ChoiceField(
            label=_("People whom Laurel does not know"),
            choices=[("refuse", _("refuse their rows")), ("create", _("are created"))],
        )
        self.fields["agent-missing"] = forms.ChoiceField(
            label=_("Rows without an agent"),
            choices=[
                ("leave_out", _("are left out")),
                ("keep", _("go in without an agent")),
                ("refuse", _("are refused")),
            ],
        )

    def _add_fields(self):
        for name, holds in FIELDS[self.kind].items():
            label = LABELS_BY_KIND.get((self.kind, name), LABELS[name])
            self.fields[f"field-{name}"] = self._source_field(
                f"field-{name}",
                label,
                fixed=FIXED_TRUTH if holds == TRUTH else FIXED_CHOICES.get(name, ()),
                row=name == "id",
            )
            self.fields[f"field-{name}"].help_text = HELP.get(name, "")
            self._add_details(name, holds, label)

    def _add_details(self, name, holds, label):
        of = {"label": label}
        if holds == MOMENT:
            self.fields[f"time-{name}"] = self._source_field(
                f"time-{name}", _("%(label)s: column of the time") % of, none=_("time in the same column")
            )
        if holds in (MOMENT, DAY):
            self.fields[f"format-{name}"] = forms.CharField(
                label=_("%(label)s: format") % of,
                required=False,
                max_length=80,
                widget=forms.TextInput(
                    attrs={
                        "list": "formats",
                        "placeholder": _("format, if not ISO"),
                        "autocomplete": "off",
                        "spellcheck": "false",
                    }
                ),
            )
        if holds == DURATION:
            self.fields[f"unit-{name}"] = forms.ChoiceField(
                label=_("%(label)s: unit") % of, required=False, choices=UNIT_CHOICES
            )
        if holds == TRUTH:
            for detail, text, example in (
                ("yes", _("%(label)s: words for yes"), _("yes is …")),
                ("no", _("%(label)s: words for no"), _("no is …")),
            ):
                self.fields[f"{detail}-{name}"] = forms.CharField(
                    label=text % of,
                    required=False,
                    max_length=200,
                    widget=forms.TextInput(attrs={"placeholder": example, "autocomplete": "off"}),
                )

    def _add_metric(self, metrics):
        if self.kind != Kind.READINGS:
            return
        choices = [("", "–"), *((metric.key, metric.name) for metric in metrics)]
        if self.initial["metric"] == KEEP:
            choices.append((KEEP, _("as written in the text")))
        self.fields["metric"] = forms.ChoiceField(
            label=_("Metric"), choices=_with_other(choices, self.initial["metric"]), required=False
        )
        self.fields["metric-value"] = self._source_field("metric-value", _("Value"))
        self.fields["metric-count"] = self._source_field("metric-count", _("Count"), none=_("1 for each row"))
        self.fields["reading"] = forms.ChoiceField(
            label=_("Each row is"),
            choices=[("total", _("the day's total so far")), ("cumulative", _("added to the day"))],
        )

    def _source_field(self, name, label, *, fixed=(), row=False, none=None):
        """A choice of column, of a value that is always the same, or of what stands in the text."""
        now = (self.initial.get(name) or "") if self.initial else ""
        choices = [("", none or _("not in the file"))]
        if row:
            choices.append((ROW, _("made from the row's content")))
        if now == KEEP:
            choices.append((KEEP, _("as written in the text")))
        choices.append((_("Columns"), [(COLUMN + column, column) for column in self.columns]))
        if fixed:
            choices.append((_("Always"), [(FIXED + value, text) for value, text in fixed]))
        return forms.ChoiceField(label=label, required=False, choices=_with_other(choices, now))


def _with_other(choices, now):
    """The choices, with what is chosen now even where it is not among them."""
    flat = {value for value, text in choices if not isinstance(text, list)}
    flat |= {value for _value, group in choices if isinstance(group, list) for value, _text in group}
    return choices if not now or now in flat else [*choices, (now, now.removeprefix(COLUMN).removeprefix(FIXED))]


def _zone_or_word(value):
    if value not in ("division", KEEP):
        validate_time_zone(value)


class TextForm(forms.Form):
    """The mapping as text."""

    mapping_text = forms.CharField(
        label=_("Mapping"),
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 24, "spellcheck": "false", "autocomplete": "off", "wrap": "off", "class": "code"}
        ),
    )


class KindForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Rows are"), choices=Kind.choices, widget=forms.Select(attrs={"class": "input short"})
    )


class ChooseMappingForm(forms.Form):
    mapping = forms.ModelChoiceField(
        Mapping.objects.all(),
        label=_("Saved mapping"),
        empty_label=_("Choose …"),
        widget=forms.Select(attrs={"class": "input short"}),
    )


class SaveMappingForm(forms.Form):
    use_required_attribute = False  # it shares the form with buttons that need no name

    name = forms.CharField(label=_("Save this mapping as"), max_length=120)
