"""Files for spreadsheets."""

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest

from foundation.pages.export import cell_text, csv_response, xlsx_response


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_starts_like_a_formula_is_defused(start):
    assert cell_text(f"{start}1+1") == f"'{start}1+1"


def test_numbers_and_dates_stay_as_they_are():
    assert [cell_text(v) for v in (Decimal("-1.50"), -3, dt.date(2024, 9, 1), None, "plain")] == [
        "-1.5", "-3", "2024-09-01", "", "plain",
    ]  # fmt: skip


def test_csv_streams_rows():
    response = csv_response("a.csv", ["day", "value"], iter([(dt.date(2024, 9, 1), Decimal("1.25"))]))
    assert response.streaming
    assert b"".join(response.streaming_content) == b"day,value\r\n2024-09-01,1.25\r\n"


def test_xlsx_has_numbers_dates_and_no_formulas():
    response = xlsx_response("a.xlsx", ["day", "value", "text"], [(dt.date(2024, 9, 1), 1.25, "=1+1")])
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    assert [cell.value for cell in sheet[1]] == ["day", "value", "text"]
    assert (sheet["A2"].value.date(), sheet["B2"].value, sheet["C2"].value) == (dt.date(2024, 9, 1), 1.25, "=1+1")
    assert sheet["C2"].data_type == "s"
