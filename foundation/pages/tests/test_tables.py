"""The table base: headers, sorting, paging, emptiness."""

import django_tables2 as tables
from django.template import Context, Template
from django.test import RequestFactory

from foundation.pages.tables import LaurelTable, NumberColumn, PagedRows, RowHeader


class Points(LaurelTable):
    name = RowHeader()
    points = NumberColumn()
    note = tables.Column(orderable=False)

    class Meta(LaurelTable.Meta):
        caption = "Points"
        empty_text = "Points appear here."


ROWS = [{"name": f"Agent {n}", "points": n, "note": None} for n in range(60)]


def render(rows, query="", **kwargs):
    request = RequestFactory().get(f"/{query}")
    table = Points.for_request(request, rows, caption="Points of today", **kwargs)
    template = Template("{% load django_tables2 %}{% render_table table %}")
    return table, template.render(Context({"table": table, "request": request}))


def test_table_has_caption_scopes_and_row_headers():
    _table, html = render(ROWS[:2])
    assert "Points of today</caption>" in html
    assert html.count('scope="col"') == 3
    assert html.count('<th scope="row"') == 2


def test_table_sorts_by_the_address_and_says_so():
    table, html = render(ROWS, "?sort=-points")
    assert next(iter(table.paginated_rows)).get_cell("points") == 59
    assert html.count("aria-sort") == 1
    assert 'aria-sort="descending"' in html
    assert "?sort=points&amp;page=1" in html


def test_table_pages_by_the_address():
    table, html = render(ROWS, "?page=2", per_page=50)
    assert len(table.paginated_rows) == 10
    assert 'aria-current="page">2<' in html
    assert "51 to 60 of 60" in html


def test_empty_table_says_what_will_fill_it():
    assert "Points appear here." in render([])[1]


def test_missing_value_is_a_dash():
    assert "<td >–</td>" in render(ROWS[:1])[1]


def test_paged_rows_make_only_what_is_shown():
    class Counted(list):
        def count(self):
            return len(self)

    made = []
    rows = PagedRows(Counted(ROWS), lambda row: made.append(row) or row)
    render(rows, per_page=25)
    assert len(made) == 25
