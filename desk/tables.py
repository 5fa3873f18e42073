"""The team as a table and as rows of a file, from rows that the viewer may see."""

from collections.abc import Collection, Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tables2.data import TableListData

from foundation.pages.formats import DASH, format_change, format_date, format_number, format_value, rounded
from foundation.pages.tables import LaurelTable, NumberColumn, RowHeader
from foundation.pages.templatetags.laurel import icon
from leaderboards.rules.ranking import as_decimal
from leaderboards.templatetags.leaderboards import scorecard_url
from metrics.models import Metric
from rewards.recognition.enums import Kind as Recognised
from scorecards.wording import digits_more, value_text, zone_word

from .queries import TeamRow, TeamView

PLACES = Decimal("1e-10")
METRIC_COLUMN = "metric_"
HIDDEN_WORD = '<span class="vh">{}</span>'


class TeamRows(TableListData):
    """Rows that sort by what stands in a column; who has no data comes last in either direction."""

    def order_by(self, aliases):
        for alias in reversed(list(aliases)):
            name = alias.lstrip("-")
            keyed = [(self.table.sort_value(name, row), row) for row in self.data]
            known = [pair for pair in keyed if pair[0] is not None]
            known.sort(key=lambda pair: pair[0], reverse=alias.startswith("-"))
            self.data = [row for _, row in known] + [row for value, row in keyed if value is None]


class MarkColumn(tables.Column):
    """Value of a metric with its zone as an icon and a word."""

    def __init__(self, metric: Metric):
        self.metric = metric
        classes = {"class": "mark"}
        super().__init__(verbose_name=metric.label, empty_values=(), attrs={"th": classes, "td": classes})

    def render(self, record: TeamRow):
        mark = record.marks.get(self.metric.pk)
        if mark is None:
            return _no_data()
        word = zone_word(mark.zone)
        more = digits_more(self.metric, mark.value, mark.zones) if mark.zones else 0
        return format_html(
            '<span class="zone-mark {}">{}<span>{}</span></span> <span class="sub">{}</span>',
            word.tone,
            icon(word.icon, "s"),
            value_text(self.metric, mark.value, more=more),
            word.text,
        )


class TeamTable(LaurelTable):
    """Agents with their points and where each metric stands. `chosen` names those that were chosen, in the
    page's order; the name always stands, and all do where none of the chosen is there. `scorecard_period` is the span
    that a scorecard opens with.
    """

    caption = gettext_lazy("Agents")
    caption_hidden = True

    name = RowHeader(verbose_name=gettext_lazy("Agent"), empty_values=())
    points = NumberColumn(verbose_name=gettext_lazy("Points"), empty_values=())
    percent = NumberColumn(verbose_name=gettext_lazy("Of goal"), empty_values=())
    change = NumberColumn(verbose_name=gettext_lazy("Change"), empty_values=())
    group = NumberColumn(verbose_name=gettext_lazy("Against group"), empty_values=())
    weakest = tables.Column(verbose_name=gettext_lazy("Weakest"), empty_values=(), attrs={"td": {"class": "weakest"}})
    paused = NumberColumn(verbose_name=gettext_lazy("Paused"), empty_values=())
    last_on = tables.Column(verbose_name=gettext_lazy("Last data"), empty_values=())

    class Meta(LaurelTable.Meta):
        attrs = {"class": "table team"}
        order_by = "name"
        empty_text = gettext_lazy("Nobody fits. Clear the search, or choose another team or zone.")

    def __init__(self, view: TeamView, *, chosen: Collection[str] = (), scorecard_period: str = "", **kwargs):
        self.names_teams = len(view.teams) > 1
        self.scorecard_period = scorecard_period
        self.metrics = {metric.pk: metric for metric in view.metrics}
        columns = [(column_of(metric), MarkColumn(metric)) for metric in view.metrics]
        sequence = [name for name, _label in column_choices(view)]
        chosen = [name for name in sequence if name in chosen]
        hidden = [name for name in sequence if chosen and name not in chosen]
        super().__init__(
            TeamRows(view.rows), extra_columns=columns, sequence=["name", *sequence], exclude=hidden, **kwargs
        )

    @property
    def shown(self) -> list[TeamRow]:
        """The rows of this page."""
        return [row.record for row in self.paginated_rows]

    def sort_value(self, name: str, row: TeamRow):
        """What a row is sorted by in a column; None without data."""
        match name:
            case "name":
                return row.name.casefold()
            case "group":
                return row.against_group
            case "weakest":
                return row.weakest.share if row.weakest else None
            case "points" | "percent" | "change" | "paused" | "last_on":
                return getattr(row, name)
        mark = row.marks.get(int(name.removeprefix(METRIC_COLUMN)))
        return mark.value if mark else None

    def render_name(self, record: TeamRow):
        return format_html(
            '<span class="named"><span><a href="{}{}">{}</a>{}</span>{}</span>',
            scorecard_url(record.public_id),
            f"?period={self.scorecard_period}" if self.scorecard_period else "",
            record.name,
            format_html('<span class="sub">{}</span>', ", ".join(record.teams)) if self.names_teams else "",
            _recognise(record) if record.is_led else "",
        )

    def render_points(self, record: TeamRow):
        if record.points is None:
            return _no_data()
        return format_html("<strong>{}</strong>", format_number(record.points))

    def render_percent(self, record: TeamRow):
        if record.percent is None:
            return _no_data()
        return format_value(as_decimal(record.percent), unit="percent")

    def render_change(self, record: TeamRow):
        return _difference(record.change, unit="number")

    def render_group(self, record: TeamRow):
        return _difference(record.against_group, unit="percent")

    def render_weakest(self, record: TeamRow):
        if record.weakest is None:
            return _no_data() if record.paused is None else format_html('<span class="muted">{}</span>', _("none"))
        names = ", ".join(self.metrics[pk].label for pk in record.weakest.metrics)
        share = format_value(as_decimal(record.weakest.share * 100), unit="percent")
        return format_html('{}<span class="sub">{}</span>', names, _("%(share)s of its points") % {"share": share})

    def render_paused(self, record: TeamRow):
        return _no_data() if record.paused is None else format_number(record.paused)

    def render_last_on(self, record: TeamRow):
        if record.last_on is None:
            return format_html('<span class="muted">{}</span>', _("never"))
        return format_html(
            '<time class="nowrap" datetime="{}">{}</time>',
            record.last_on.isoformat(),
            format_date(record.last_on, "j M"),
        )


def _recognise(row: TeamRow) -> SafeString:
    return format_html(
        '<a class="mini" href="{}?to={}" title="{}">{}<span class="vh">{}</span></a>',
        reverse("recognition:new", args=[Recognised.RECOGNITION]),
        row.public_id,
        _("Recognise"),
        icon("star", "s"),
        _("Recognise %(name)s") % {"name": row.name},
    )


def _difference(value, *, unit: str) -> SafeString:
    """More or less than something, with its sign and an arrow."""
    if value is None:
        return _no_data()
    value = as_decimal(value)
    if rounded(value, 0) == 0:
        return format_html('<span class="muted">{}</span>', _("same"))
    better = value > 0
    return format_html(
        '<span class="{}">{}{}</span>',
        "better" if better else "worse",
        icon("trending-up" if better else "trending-down", "s"),
        format_change(value, unit=unit),
    )


def column_of(metric: Metric) -> str:
    return f"{METRIC_COLUMN}{metric.pk}"


def column_choices(view: TeamView) -> list[tuple[str, str]]:
    """Each column beside the name, by its name in an address, in the page's order."""
    labels = {name: str(column.verbose_name) for name, column in TeamTable.base_columns.items()}
    first = ("points", "percent", "change", "group", "weakest")
    named = [(name, labels[name]) for name in first]
    marks = [(column_of(metric), metric.label) for metric in view.metrics]
    return [*named, *marks, *((name, labels[name]) for name in ("paused", "last_on"))]


def _no_data() -> SafeString:
    return format_html('<span class="muted" aria-hidden="true">{}</span>' + HIDDEN_WORD, DASH, _("No data"))


FILE_COLUMNS = {
    "name": ("agent", "teams"),
    "points": ("points", "maximum"),
    "percent": ("percent_of_goal",),
    "change": ("points_before", "change"),
    "group": ("group_percent_of_goal", "against_group"),
    "weakest": ("weakest_metric", "weakest_percent"),
    "paused": ("paused_points",),
    "last_on": ("last_workday",),
}


def export_columns(table: TeamTable) -> list[str]:
    """The columns of a file: those of the page, the value and the zone of a metric by its key."""
    found = []
    for name in table.columns.names():
        key = None if name in FILE_COLUMNS else table.metrics[int(name.removeprefix(METRIC_COLUMN))].key
        found += FILE_COLUMNS.get(name) or (key, f"{key}_zone")
    return found


def export_rows(table: TeamTable) -> Iterator[list]:
    """What the page shows, all pages of it, as cells in natural units."""
    names = table.columns.names()
    for row in table.shown:
        yield [cell for name in names for cell in _cells(table, name, row)]


def _cells(table: TeamTable, name: str, row: TeamRow) -> tuple:
    if name not in FILE_COLUMNS:
        mark = row.marks.get(int(name.removeprefix(METRIC_COLUMN)))
        return (_exact(mark.value), mark.zone) if mark else (None, None)
    weak = row.weakest
    return {
        "name": (row.name, ", ".join(row.teams)),
        "points": (row.points, row.maximum),
        "percent": (_exact(row.percent),),
        "change": (row.points_before, row.change),
        "group": (_exact(row.group_percent), _exact(row.against_group)),
        "weakest": (
            ", ".join(table.metrics[pk].key for pk in weak.metrics) if weak else None,
            _exact(weak.share * 100) if weak else None,
        ),
        "paused": (row.paused,),
        "last_on": (row.last_on,),
    }[name]


def _exact(value: Fraction | None) -> Decimal | None:
    return None if value is None else as_decimal(value).quantize(PLACES, ROUND_HALF_UP).normalize()
