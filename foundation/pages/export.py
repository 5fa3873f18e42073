"""CSV and XLSX of rows that are already masked. Streams; text that a spreadsheet would run as a formula is defused."""

import csv
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

import xlsxwriter
from django.core.serializers.json import DjangoJSONEncoder
from django.http import FileResponse, StreamingHttpResponse

from .formats import exact

WORKBOOK = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "remove_timezone": True,
    "default_date_format": "yyyy-mm-dd",
}
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_text(text: str) -> str:
    """Text that starts like a formula gets an apostrophe in front, which spreadsheets hide."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def cell_text(value) -> str:
    """A cell of a CSV: exact numbers without grouping, dates as ISO, None empty."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return exact(value)
    if isinstance(value, int | float):
        return str(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return safe_text(str(value))


class _Echo:
    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([cell_text(value) for value in row])


def csv_response(filename: str, columns: Sequence[str], rows: Iterable[Sequence]) -> StreamingHttpResponse:
    """A download, UTF-8, streamed row by row."""
    response = StreamingHttpResponse(csv_lines(columns, rows), content_type="text/csv; charset=utf-8")
    return _as_download(response, filename)


def csv_zip_response(filename: str, tables: Mapping[str, Sequence[Mapping]]) -> FileResponse:
    """A download of one CSV for each table that has rows; what is nested in a cell stands there as JSON."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            if rows:
                cells = ([_cell(value) for value in row.values()] for row in rows)
                archive.writestr(f"{name}.csv", "".join(csv_lines(list(rows[0]), cells)))
    file.seek(0)
    return _as_download(FileResponse(file, content_type="application/zip"), filename)


def _cell(value):
    nested = isinstance(value, dict | list)
    return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder) if nested else value


def xlsx_response(
    filename: str, columns: Sequence[str], rows: Iterable[Sequence], *, sheet: str = "Laurel"
) -> FileResponse:
    """A download with numbers as numbers and dates as dates, written with constant memory."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with xlsxwriter.Workbook(file, WORKBOOK) as book:
        page = book.add_worksheet(sheet)
        page.freeze_panes(1, 0)
        page.set_column(0, len(columns) - 1, 16)
        page.write_row(0, 0, columns, book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            for position, value in enumerate(row):
                if value is not None and value != "":
                    page.write(number, position, value)
    file.seek(0)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _as_download(FileResponse(file, content_type=kind), filename)


def _as_download(response, filename: str):
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "private, no-store"
    return response
