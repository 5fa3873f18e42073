"""Tables and files of the scorecard. They take finished rows."""

from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlencode

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.pages.formats import format_date, format_duration, format_number
from foundation.pages.tables import LaurelTable, NumberColumn, RowHeader
from foundation.pages.templatetags.laurel import icon
from metrics.enums import AppliesTo, ConditionField, Measure
from metrics.models import COUNT_PLACES, TOTAL_PLACES
from metrics.rules.definitions import Definition

from .page_queries import ExportRow

EXPORT_COLUMNS = (
    "workday", "metric", "unit", "value", "total", "count", "points", "maximum", "zone", "state",
)  # fmt: skip
VALUE_PLACES = 10


def export_cells(row: ExportRow) -> tuple:
    """Natural units, exact: `value` is total ÷ count with up to ten decimals."""
    total, count = Decimal(row.total).scaleb(-TOTAL_PLACES), Decimal(row.count).scaleb(-COUNT_PLACES)
    value = (total / count).quantize(Decimal(1).scaleb(-VALUE_PLACES), ROUND_HALF_UP)
    return (row.workday, row.metric, row.unit, value, total, count, row.points, row.maximum, row.zone, row.state)


def xlsx_cells(row: ExportRow) -> tuple:
    """The same, as a spreadsheet's numbers."""
    return tuple(float(cell) if isinstance(cell, Decimal) else cell for cell in export_cells(row))


class SecondsColumn(NumberColumn):
    def render(self, value):
        return format_duration(value)


class DecimalColumn(NumberColumn):
    def render(self, value):
        return format_number(value, max(-value.normalize().as_tuple().exponent, 0))


class YesNoColumn(tables.Column):
    def render(self, value):
        return _("yes") if value else _("no")


class MomentColumn(RowHeader):
    def render(self, value):
        return format_date(value, "D j M, H:i:s")


class DayColumn(RowHeader):
    def render(self, value):
        return format_date(value, "D j M")


class AskColumn(tables.Column):
    """Leads to a link for the customer of an interaction; the page stands above this app, so its address is given."""

    def render(self, value):
        return format_html(
            '<a class="mini" href="/thanks/offer/?{}" title="{}">{}<span class="vh">{}</span></a>',
            urlencode({"interaction": value}),
            _("Ask the customer"),
            icon("gift", "s"),
            _("Ask the customer of %(interaction)s") % {"interaction": value},
        )


class LegsTable(LaurelTable):
    started_at = MomentColumn(verbose_name=gettext_lazy("Started"))
    media_type = tables.Column(verbose_name=gettext_lazy("Media"))
    direction = tables.Column(verbose_name=gettext_lazy("Direction"))
    queue = tables.Column(verbose_name=gettext_lazy("Queue"))
    wait = SecondsColumn(verbose_name=gettext_lazy("Wait"))
    talk = SecondsColumn(verbose_name=gettext_lazy("Talk"))
    hold = SecondsColumn(verbose_name=gettext_lazy("Hold"))
    after_call = SecondsColumn(verbose_name=gettext_lazy("After-call work"))
    handle = SecondsColumn(verbose_name=gettext_lazy("Handle time"))
    answered = YesNoColumn(verbose_name=gettext_lazy("Answered"))
    resolved = YesNoColumn(verbose_name=gettext_lazy("Resolved"))
    transferred = YesNoColumn(verbose_name=gettext_lazy("Transferred"))
    rating = DecimalColumn(verbose_name=gettext_lazy("Rating"))
    abandoned = YesNoColumn(verbose_name=gettext_lazy("Abandoned"))
    charge = DecimalColumn(verbose_name=gettext_lazy("Charge"))
    wrap_up = tables.Column(verbose_name=gettext_lazy("Wrap-up"))
    is_above = YesNoColumn(verbose_name=gettext_lazy("Counts"))
    ask = AskColumn(verbose_name=gettext_lazy("Thanks"))

    class Meta(LaurelTable.Meta):
        orderable = False
        empty_text = gettext_lazy("No interactions in this period. They appear here as soon as they come in.")


class EvaluationsTable(LaurelTable):
    workday = DayColumn(verbose_name=gettext_lazy("Workday"))
    form = tables.Column(verbose_name=gettext_lazy("Form"))
    score = DecimalColumn(verbose_name=gettext_lazy("Score"))
    maximum = DecimalColumn(verbose_name=gettext_lazy("Out of"))
    evaluator = tables.Column(verbose_name=gettext_lazy("Evaluator"))
    is_above = YesNoColumn(verbose_name=gettext_lazy("Counts"))

    class Meta(LaurelTable.Meta):
        orderable = False
        empty_text = gettext_lazy("No quality evaluations in this period. Released ones appear here.")


class ReadingsTable(LaurelTable):
    at = MomentColumn(verbose_name=gettext_lazy("Received"))
    workday = DayColumn(verbose_name=gettext_lazy("Workday"))
    kind = tables.Column(verbose_name=gettext_lazy("Kind"))
    value = DecimalColumn(verbose_name=gettext_lazy("Value"))
    count = DecimalColumn(verbose_name=gettext_lazy("Count"))
    source = tables.Column(verbose_name=gettext_lazy("Source"))

    class Meta(LaurelTable.Meta):
        orderable = False
        empty_text = gettext_lazy("No readings in this period. They appear here when the source sends them.")


FACTS_TABLES = {"legs": LegsTable, "evaluations": EvaluationsTable, "readings": ReadingsTable}

ALWAYS = {"started_at", "queue", "media_type", "direction", "workday", "form", "evaluator", "score", "maximum", "ask"}
COLUMNS_OF = {
    Measure.HANDLE: {"talk", "hold", "after_call", "handle"},
    ConditionField.HANDLE: {"talk", "hold", "after_call", "handle"},
}


def hidden_columns(table: type[LaurelTable], definition: Definition | None, *, is_own: bool) -> list[str]:
    """The columns that say nothing about a metric: it neither measures nor asks for them. Nobody asks for thanks of
    their own.
    """
    own = ["ask"] if is_own and table is LegsTable else []
    if definition is None:
        return own
    asked = [definition.dividend, *([definition.divisor] if definition.divisor else [])]
    asked += [condition.field for condition in definition.conditions]
    shown = ALWAYS | set().union(*(COLUMNS_OF.get(name, {str(name.value)}) for name in asked))
    if definition.conditions_for(AppliesTo.DIVIDEND) != definition.conditions_for(AppliesTo.DIVISOR):
        shown.add("is_above")
    return [*own, *(name for name in table.base_columns if name not in shown)]
