"""Tables of the import pages."""

from dataclasses import dataclass

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from foundation.pages.tables import LaurelTable, NumberColumn, RowHeader

from .actions import Preview


class ImportsTable(LaurelTable):
    """Takes imports with their files and people."""

    caption = _("Imports, the newest first")
    caption_hidden = True

    file = RowHeader(accessor="pk", verbose_name=_("File"), orderable=False)
    kind = tables.Column(verbose_name=_("Rows are"), accessor="get_kind_display", orderable=False)
    status = tables.TemplateColumn(
        template_name="imports/status.html", context_object_name="run", verbose_name=_("State"), orderable=False
    )
    rows_new = NumberColumn(verbose_name=_("New"), order_by="-rows_new")
    rows_changed = NumberColumn(verbose_name=_("Changed"))
    rows_refused = NumberColumn(verbose_name=_("Refused"))
    by = tables.Column(verbose_name=_("By"))
    created_at = tables.DateTimeColumn(verbose_name=_("Uploaded"), short=True)

    class Meta(LaurelTable.Meta):
        empty_text = _("No file has been imported yet.")

    def render_file(self, record):
        return format_html('<a href="{}">{}</a>', reverse("imports:detail", args=[record.public_id]), str(record))


class IssuesTable(LaurelTable):
    """Rows that could not be read."""

    caption = _("Rows not read")
    caption_hidden = True

    file = tables.Column(verbose_name=_("File"))
    line = NumberColumn(verbose_name=_("Line"))
    column = tables.Column(verbose_name=_("Column"))
    value = tables.Column(verbose_name=_("Value"))
    reason = tables.Column(verbose_name=_("Reason"), orderable=False, attrs={"td": {"class": "reason"}})

    class Meta(LaurelTable.Meta):
        empty_text = _("Every row could be read.")


@dataclass(frozen=True)
class PreviewCell:
    text: str
    reason: str = ""


@dataclass(frozen=True)
class PreviewRow:
    """A row as it would go in, or as it stands with the reasons why it cannot."""

    line: int
    cells: list[PreviewCell]
    reasons: list[str]


@dataclass(frozen=True)
class PreviewPage:
    """What the page shows of the first rows."""

    error: str
    columns: list[str]
    rows: list[PreviewRow]
    raw_columns: list[str]
    raw: list[PreviewRow]
    bad_rows: int


FIELD_LABELS = {
    "agent": _("Agent"),
    "external_id": _("Id"),
    "leg_number": _("Leg"),
    "workday": _("Workday"),
    "started_at": _("Started"),
    "ended_at": _("Ended"),
    "media_type": _("Media type"),
    "direction": _("Direction"),
    "queue": _("Queue"),
    "wait_seconds": _("Wait"),
    "talk_seconds": _("Talk"),
    "hold_seconds": _("Hold"),
    "after_call_seconds": _("After-call work"),
    "answered": _("Answered"),
    "abandoned": _("Abandoned"),
    "transferred": _("Transferred"),
    "resolved": _("Resolved"),
    "wrap_up": _("Wrap-up code"),
    "rating": _("Rating"),
    "charge": _("Charge"),
    "customer_key": _("Customer"),
    "form": _("Form"),
    "score": _("Score"),
    "maximum": _("Highest possible"),
    "evaluator": _("Evaluator"),
    "released": _("Released"),
    "metric": _("Metric"),
    "value": _("Value"),
    "count": _("Count"),
}
WORDS = {"True": _("yes"), "False": _("no")}


def preview_page(preview: Preview) -> PreviewPage:
    """The first rows in the order of the file: as they would go in, or why they cannot."""
    shown = [at for at, name in enumerate(preview.fields) if not _is_plain(name, [row[at] for row in preview.values])]
    reasons: dict[int, list[tuple[str, str, str]]] = {}
    for line, column, value, reason in preview.issues:
        reasons.setdefault(line, []).append((column, value, reason))
    good = [
        PreviewRow(line, [PreviewCell(WORDS.get(row[at], row[at])) for at in shown], [])
        for line, row in zip(preview.lines, preview.values, strict=True)
    ]
    bad = [PreviewRow(line, [], [_sentence(*reason) for reason in of]) for line, of in reasons.items()]
    raw = [
        PreviewRow(
            line, [_raw_cell(*cell, reasons.get(line, ())) for cell in zip(preview.columns, row, strict=False)], []
        )
        for line, row in zip(preview.cell_lines, preview.cells, strict=True)
    ]
    columns = [FIELD_LABELS.get(preview.fields[at], preview.fields[at]) for at in shown]
    rows = sorted([*good, *bad], key=lambda row: row.line)
    return PreviewPage(preview.error, columns, rows, preview.columns, raw, len(bad))


def _is_plain(name: str, values: list[str]) -> bool:
    """Whether a column says nothing: the source, and the leg where each contact has one."""
    return name == "source" or (name == "leg_number" and set(values) == {"1"})


def _sentence(column: str, value: str, reason: str) -> str:
    where = f"{column}: " if column else ""
    return f"{where}“{value}” {reason}" if value else f"{where}{reason}"


def _raw_cell(column: str, text: str, reasons) -> PreviewCell:
    return PreviewCell(text, next((reason for name, _value, reason in reasons if name == column), ""))
