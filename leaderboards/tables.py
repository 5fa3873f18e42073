"""The board as a table and as rows of a file. Both accept masked rows and nothing else."""

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from foundation.pages.formats import format_value
from foundation.pages.tables import LaurelTable, NumberColumn, RowHeader
from people.rules.privacy import MaskedRow, Value

from .queries.checks import Audit
from .rules.ranking import PERCENT, Ranking, as_decimal

EXPORT_COLUMNS = ("rank", "agent", "value", "unit", "percent_of_goal", "ranks_risen")
PLACES = Decimal("1e-10")


class NotMasked(TypeError):
    """A row that did not go through `people.rules.privacy`."""


def only_masked(rows: Iterable) -> list[MaskedRow]:
    """The rows; NotMasked when one of them is anything else."""
    rows = list(rows)
    for row in rows:
        if type(row) is not MaskedRow:
            raise NotMasked(f"a board shows masked rows, not {type(row).__name__}")
    return rows


def shown_value(value: Value | None, ranking: Ranking) -> str:
    """A value with its unit as people read it; a dash where it is hidden."""
    number = None if value is None else as_decimal(value)
    return format_value(number, unit=ranking.unit, precision=ranking.precision, currency=ranking.currency)


class BoardTable(LaurelTable):
    """Rows of a board in order of rank. It is never sorted otherwise: an order by name would tell names."""

    rank = tables.Column(verbose_name=_("Rank"), orderable=False)
    who = RowHeader(verbose_name=_("Agent"), empty_values=(), orderable=False)
    percent = NumberColumn(verbose_name=_("Percent of goal"), empty_values=(), orderable=False)
    value = NumberColumn(empty_values=(), orderable=False)

    caption = _("Ranking")
    caption_hidden = True

    class Meta(LaurelTable.Meta):
        template_name = "leaderboards/table.html"
        attrs = {"class": "table board"}

    def __init__(self, rows: Iterable[MaskedRow], *, ranking: Ranking, are_teams: bool = False, **kwargs):
        self.ranking, self.are_teams = ranking, are_teams
        rows = only_masked(rows)
        if ranking.key == PERCENT or not any(row.percent is not None and not row.is_you for row in rows):
            kwargs["exclude"] = ("percent",)
        super().__init__(rows, **kwargs)
        self.columns["value"].column.verbose_name = ranking.name
        if are_teams:
            self.columns["who"].column.verbose_name = _("Team")

    @cached_property
    def longest(self) -> Decimal | None:
        """The value that fills a bar; None where a longer bar would not be a better one."""
        values = [row.value for row in self.data if row.value is not None]
        return None if self.ranking.lower_is_better or not values else as_decimal(max(values))

    @property
    def shows_percent(self) -> bool:
        return "percent" in self.columns.names()

    def render_who(self, record):
        return record.person.name if record.person else ""

    def render_percent(self, record):
        return format_value(_percent(record), unit="percent", precision=0)

    def render_value(self, record):
        return shown_value(record.value, self.ranking)


def _percent(row: MaskedRow) -> Decimal | None:
    return None if row.percent is None else as_decimal(row.percent)


def export_rows(rows: Iterable[MaskedRow], ranking: Ranking) -> Iterator[tuple]:
    """What the page shows, as cells: a hidden name, value or rank is empty."""
    for row in only_masked(rows):
        if not row.is_gap:
            yield (
                row.rank,
                row.person.name if row.person else "",
                _number(None if row.value is None else as_decimal(row.value)),
                ranking.unit or ranking.key,
                _number(_percent(row)),
                row.movement,
            )


def _number(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(PLACES, ROUND_HALF_UP).normalize()


class AuditTable(LaurelTable):
    """Boards as an auditor reads them."""

    board = RowHeader(accessor="board__name", verbose_name=_("Board"), orderable=False)
    place = tables.Column(empty_values=(), verbose_name=_("Whom it ranks"), orderable=False)
    names = tables.Column(accessor="board__names", verbose_name=_("Names"), orderable=False)
    people = NumberColumn(verbose_name=_("People"), orderable=False)
    readers = tables.Column(verbose_name=_("Teams that see it"), orderable=False)
    problems = tables.Column(verbose_name=_("Worth a look"), orderable=False)

    caption = _("Boards and the teams that see them")
    caption_hidden = True

    class Meta(LaurelTable.Meta):
        empty_text = _("No board yet. Boards appear once people are scored, or are made in the admin.")

    def render_place(self, record):
        board = record.board
        parts = [board.profile, board.division, board.team, board.queue]
        return " · ".join(str(part) for part in parts if part)

    def render_names(self, record):
        return record.board.get_names_display()

    def render_readers(self, record):
        return ", ".join(record.readers) or _("none")

    def render_problems(self, record):
        return " ".join(record.problems)


def audit_rows(audits: Iterable[Audit]) -> Iterator[tuple]:
    """One row for each board and team that sees it; a board that no team sees has one row."""
    for audit in audits:
        board = audit.board
        place = (board.profile, board.division, board.team or "", board.queue or "")
        for team in audit.readers or ("",):
            yield (board.name, *map(str, place), board.names, audit.people, team, " ".join(audit.problems))
