"""The base of every table. It takes finished rows (dicts or small objects that the viewer may see, masked where they
must be) and knows nothing of querysets that could reach further.
"""

from functools import cached_property

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _
from django_tables2.data import TableData

PAGE_SIZE = 50


class RowHeader(tables.Column):
    """The column whose cell names the row: it becomes `<th scope="row">`."""

    is_row_header = True


class NumberColumn(tables.Column):
    """Right-aligned, tabular numerals."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("attrs", {"th": {"class": "r"}, "td": {"class": "r"}})
        super().__init__(*args, **kwargs)


class LaurelTable(tables.Table):
    """Set `caption` (and `caption_hidden` where a heading already says it) and `empty_text` (what will fill it, when).

    `LaurelTable.for_request(request, rows)` sorts and pages by the URL (`?sort=`, `?page=`).
    """

    caption = ""
    caption_hidden = False

    class Meta:
        template_name = "components/table.html"
        attrs = {"class": "table"}
        empty_text = _("Nothing here yet.")
        default = "–"

    def __init__(self, rows, *, caption=None, **kwargs):
        if caption is not None:
            self.caption = caption
        super().__init__(rows if isinstance(rows, TableData) else list(rows), **kwargs)
        for column in self.columns:
            column.is_row_header = getattr(column.column, "is_row_header", False)

    @classmethod
    def for_request(cls, request, rows, *, per_page: int = PAGE_SIZE, **kwargs):
        table = cls(rows, request=request, **kwargs)
        tables.RequestConfig(request, paginate={"per_page": per_page, "silent": True}).configure(table)
        return table


class PagedRows(TableData):
    """Finished rows, a page at a time: the page's part of an ordered, narrowed queryset, each through `make`."""

    def __init__(self, queryset, make):
        super().__init__(queryset)
        self.make = make
        self._pages = {}

    @cached_property
    def _count(self) -> int:
        return self.data.count()

    def __len__(self):
        return self._count

    def __iter__(self):
        return map(self.make, self.data)

    def __getitem__(self, key):
        """A page is read once, however often it is asked for."""
        if not isinstance(key, slice):
            return self.make(self.data[key])
        span = (key.start, key.stop)
        if span not in self._pages:
            self._pages[span] = [self.make(row) for row in self.data[key]]
        return self._pages[span]

    def order_by(self, aliases):
        """The queryset has its order already: such tables do not sort."""
