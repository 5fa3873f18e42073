"""The team as a table and as rows of a file, from rows that the viewer may see."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import django_tables2 as tables
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.pages.formats import DASH, format_change, format_number, format_value
from foundation.pages.tables import LaurelTable, NumberColumn, RowHeader
from foundation.pages.templatetags.laurel import icon
from leaderboards.rules.ranking import as_decimal
from leaderboards.templatetags.leaderboards import scorecard_url
from metrics.models import Metric
from scorecards.wording import digits_more, value_text, zone_word

from .queries import Mark, TeamRow, TeamView

PLACES = Decimal("1e-10")
HIDDEN_WORD = '<span class="vh">{}</span>'


class MarkColumn(tables.Column):
    """Value of a metric with its zone as an icon and a word."""

    def __init__(self, metric: Metric):
        self.metric = metric
        classes = {"class": "mark"}
        super().__init__(
            verbose_name=metric.label, empty_values=(), orderable=False, attrs={"th": classes, "td": classes}
        )

    def render(self, record: TeamRow, table: "TeamTable"):
        mark = table.marks.get((record.person_id, self.metric.pk))
        if mark is None:
            return format_html('<span class="muted" aria-hidden="true">{}</span>' + HIDDEN_WORD, DASH, _("No data"))
        word = zone_word(mark.zone)
        more = digits_more(self.metric, mark.value, mark.zones) if mark.zones else 0
        return format_html(
            '<span class="zone-mark {}">{}<span>{}</span>' + HIDDEN_WORD + "</span>",
            word.tone,
            icon(word.icon, "s"),
            value_text(self.metric, mark.value, more=more),
            f", {word.text}",
        )


class TeamTable(LaurelTable):
    """Agents with their points and where each metric stands. `marks` is filled for the rows of the page."""

    caption = gettext_lazy("Agents")
    caption_hidden = True

    name = RowHeader(verbose_name=gettext_lazy("Agent"), empty_values=())
    points = NumberColumn(verbose_name=gettext_lazy("Points"), empty_values=())
    percent = NumberColumn(verbose_name=gettext_lazy("Of goal"), empty_values=())
    change = NumberColumn(verbose_name=gettext_lazy("Change"), empty_values=())
    last_on = tables.Column(verbose_name=gettext_lazy("Last data"), empty_values=())

    class Meta(LaurelTable.Meta):
        attrs = {"class": "table team"}
        order_by = "name"
        empty_text = gettext_lazy("Nobody fits. Clear the search, or choose another team.")

    def __init__(self, view: TeamView, **kwargs):
        self.marks: Mapping[tuple[int, int], Mark] = {}
        self.names_teams = len(view.teams) > 1
        columns = [(f"metric_{metric.pk}", MarkColumn(metric)) for metric in view.metrics]
        last = ("name", "points", "percent", "change", *(name for name, _column in columns), "last_on")
        super().__init__(view.rows, extra_columns=columns, sequence=last, **kwargs)

    @property
    def shown(self) -> list[TeamRow]:
        """The rows of this page."""
        return [row.record for row in self.paginated_rows]

    def render_name(self, record: TeamRow):
        return format_html(
            '<a href="{}">{}</a>{}',
            scorecard_url(record.public_id),
            record.name,
            format_html('<span class="sub">{}</span>', ", ".join(record.teams)) if self.names_teams else "",
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
        if record.change is None:
            return _no_data()
        if record.change == 0:
            return format_html('<span class="muted">{}</span>', _("same"))
        better = record.change > 0
        return format_html(
            '<span class="{}">{}{}</span>',
            "better" if better else "worse",
            icon("trending-up" if better else "trending-down", "s"),
            format_change(record.change, unit="number"),
        )

    def render_last_on(self, record: TeamRow):
        if record.last_on is None:
            return format_html('<span class="muted">{}</span>', _("never"))
        return format_html(
            '<time class="nowrap" datetime="{}">{}</time>',
            record.last_on.isoformat(),
            date_format(record.last_on, "j M"),
        )


def _no_data() -> SafeString:
    return format_html('<span class="muted" aria-hidden="true">{}</span>' + HIDDEN_WORD, DASH, _("No data"))


def export_columns(view: TeamView) -> list[str]:
    """The columns of a file: figures first, then value and zone of each metric by its key."""
    named = ["agent", "teams", "points", "maximum", "percent_of_goal", "points_before", "last_workday"]
    return named + [name for metric in view.metrics for name in (metric.key, f"{metric.key}_zone")]


def export_rows(rows: Iterable[TeamRow], view: TeamView, marks: Mapping[tuple[int, int], Mark]) -> Iterator[list]:
    """What the page shows, all pages of it, as cells in natural units."""
    for row in rows:
        cells = [row.name, ", ".join(row.teams), row.points, row.maximum, _exact(row.percent), row.points_before]
        cells.append(row.last_on)
        for metric in view.metrics:
            mark = marks.get((row.person_id, metric.pk))
            cells += [_exact(mark.value), mark.zone] if mark else [None, None]
        yield cells


def _exact(value: Fraction | None) -> Decimal | None:
    return None if value is None else as_decimal(value).quantize(PLACES, ROUND_HALF_UP).normalize()
