"""Numbers as people read them, and as files carry them."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import translation

from foundation.pages.formats import (
    exact,
    exact_quotient,
    format_change,
    format_date,
    format_duration,
    format_number,
    format_value,
    parse_number,
)


@pytest.mark.parametrize(
    ("seconds", "places", "text"),
    [
        (7, 0, "0:07"),
        (312, 0, "5:12"),
        (59.5, 0, "1:00"),
        (3723, 0, "1:02:03"),
        (-12, 0, "−0:12"),
        (312.44, 1, "5:12.4"),
    ],
)
def test_duration(seconds, places, text):
    assert format_duration(Decimal(str(seconds)), places) == text


def test_numbers_round_half_up_and_group():
    assert format_number(Decimal("12345.5")) == "12,346"
    assert format_number(Decimal("-0.004"), 2) == "0.00"
    assert format_number(Decimal("-4"), 1) == "−4.0"


def test_numbers_follow_the_locale():
    with translation.override("de"):
        assert format_number(Decimal("12345.5"), 1) == "12.345,5"
        assert parse_number("1.234,5") == Decimal("1234.5")


@pytest.mark.parametrize(
    ("unit", "text"), [("percent", "82.4%"), ("currency", "82.4\u00a0EUR"), ("number", "82.4"), ("seconds", "1:22.4")]
)
def test_value_has_its_unit(unit, text):
    assert format_value(Decimal("82.4"), unit=unit, precision=1, currency="EUR" if unit == "currency" else "") == text


def test_no_data_is_a_dash_and_not_zero():
    assert format_value(None, unit="number") == "–"


def test_change_has_a_sign():
    assert format_change(Decimal("1.8"), unit="percent", precision=1) == "+1.8"
    assert format_change(Decimal(-12), unit="seconds") == "−0:12"


def test_files_carry_exact_numbers():
    assert exact(Decimal("1200.500")) == "1200.5"
    assert exact(Decimal("1E+3")) == "1000"
    assert exact(None) == ""
    assert exact_quotient(Decimal(2), Decimal(3)) == "0.6666666667"


@pytest.mark.parametrize(("text", "value"), [("5:12", 312), ("1:02:03", 3723), ("95.5 %", "95.5"), ("1,234", 1234)])
def test_typed_numbers_are_read(text, value):
    assert parse_number(text) == Decimal(str(value))


@pytest.mark.parametrize("text", ["", "abc", "1:x", "NaN", "Infinity"])
def test_typed_nonsense_is_refused(text):
    with pytest.raises(ValueError, match="not a number"):
        parse_number(text)


def test_date_is_written_as_the_language_does():
    day = dt.date(2026, 11, 8)
    assert format_date(day, "D j M Y") == "Sun 8 Nov 2026"
    with translation.override("de"):
        assert format_date(day, "D j M Y") == "So 8. Nov 2026"
        assert format_date(day, "l j F") == "Sonntag, 8. November"
    assert format_date(None, "j M") == ""
