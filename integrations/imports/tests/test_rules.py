"""The parsers of cells, and local times in every zone."""

# ruff: noqa: E501 - one case of a table stands on one line

import datetime as dt
import zoneinfo
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.imports.rules.columns import Chunk, Compiler, Counters, Occurrences
from integrations.imports.rules.guess import guess_mapping
from integrations.imports.rules.mapping import load_mapping
from integrations.imports.rules.patterns import DAY, BadFormat, Pattern, moment_parser, time_parser
from integrations.imports.rules.values import (
    Unreadable,
    choice_parser,
    clock,
    duration_parser,
    number_parser,
    truth_parser,
    units,
)
from integrations.imports.rules.zones import Zone, Zones

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("cell", "milliseconds"),
    [
        ("0:02:23", 143_000), (" 00:14:33.768", 873_768), ("26:10:05", 94_205_000), ("2:23", 143_000), ("90", 90_000),
        ("109.0", 109_000), (109.0, 109_000), ("1 day, 2:03:04", 93_784_000), ("1d 2h 3m 4s", 93_784_000),
        ("1.02:03:04", 93_784_000), ("1:02:03:04", 93_784_000), ("2 min 3 s", 123_000), ("PT2M23S", 143_000),
        ("P1DT1H", 90_000_000), ("0.0005", 1), ("0.0004", 0), ("1,5 min", 90_000), (dt.time(0, 2, 23), 143_000),
        (dt.timedelta(hours=26, seconds=1), 93_601_000), (dt.datetime(1900, 1, 1, 2, 0), 93_600_000),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_durations(cell, milliseconds):
    assert duration_parser()(cell) == milliseconds


@pytest.mark.parametrize(
    "cell", ["-3", "1:60:00", "0:75", "ten", "3 weeks", "1:2:3:4:5", "P", "", "::", "12:", "inf", "1e9"]
)
def test_what_is_no_duration(cell):
    with pytest.raises(Unreadable):
        duration_parser("days" if cell == "1e9" else "s")(cell)


def test_durations_in_other_units_and_of_two_parts():
    assert [duration_parser(unit)("1.5") for unit in ("ms", "s", "min", "h", "days")] == [
        2,
        1500,
        90_000,
        5_400_000,
        129_600_000,
    ]
    assert duration_parser("s", None, "h:mm")("2:23") == 8_580_000


@given(st.integers(0, 10**9))
def test_a_duration_written_as_a_clock_reads_the_same(milliseconds):
    assert duration_parser()(clock(milliseconds)) == milliseconds


@pytest.mark.parametrize(
    ("decimal", "thousands", "text", "value"),
    [
        (".", "", "1234.5", "1234.5"), (".", "", "-3", "-3"), (".", "", "92.5 %", "92.5"), (".", "", "$1,002.25", "1002.25"),
        (",", "", "1234,5", "1234.5"), (",", "", "1.234,5", "1234.5"), (",", ".", "1.234", "1234"), (",", ".", "1.002,25 €", "1002.25"),
        (",", " ", "1 234,5", "1234.5"), (",", " ", "1\u00a0234\u00a0567,5", "1234567.5"), (".", "'", "1'234.50", "1234.50"),
        (".", ",", "1,234", "1234"), (".", "", "1e3", "1000"), (".", "", "+.5", "0.5"),
    ],
)  # fmt: skip
def test_numbers(decimal, thousands, text, value):
    assert number_parser(decimal, thousands)(text) == Decimal(value)


@pytest.mark.parametrize(
    ("decimal", "text"),
    [
        (".", "1,234"),
        (",", "1.234"),
        (".", "1.2.3"),
        (".", "12,34.5"),
        (".", "nan"),
        (".", "1.52 / min"),
        (".", "1e30"),
    ],
)
def test_numbers_that_could_be_mistaken_are_not_read(decimal, text):
    with pytest.raises(Unreadable):
        number_parser(decimal)(text)


def test_truths_and_choices():
    assert [truth_parser()(word) for word in ("Y", "sí", " NO ", 1.0, True, "0", "FALSE")] == [
        True,
        True,
        False,
        True,
        True,
        False,
        False,
    ]
    assert [truth_parser(("solved",), ("open",))(word) for word in ("Solved", "OPEN")] == [True, False]
    with pytest.raises(Unreadable):
        truth_parser(("solved",))("yes")
    assert choice_parser(("inbound", "outbound"))("Incoming") == "inbound"
    with pytest.raises(Unreadable, match="none of inbound, outbound"):
        choice_parser(("inbound", "outbound"))("sideways")


def test_units_are_rounded_half_up():
    assert [units(Decimal(text), 3) for text in ("0.0005", "0.00049", "-0.0005")] == [1, 0, -1]


@pytest.mark.parametrize(
    ("formats", "text", "local", "offset_hours"),
    [
        ((), "2024-09-30", "2024-09-30 00:00:00", None), ((), "2024-09-30T14:05:09.25Z", "2024-09-30 14:05:09.250000", 0),
        ((), "2024-09-30 14:05 +0530", "2024-09-30 14:05:00", 5.5), ((), "2024-09-30 14:05:09 UTC", "2024-09-30 14:05:09", 0),
        (("m/d/yyyy h:mm",), "5/4/2018 16:33", "2018-05-04 16:33:00", None), (("yymmdd",), "690101", None, None),
        (("dd/mm/yy hh:mm:ss AM",), "03/04/21 12:00:01 a.m.", "2021-04-03 00:00:01", None),
        (("dd-mmm-yy",), "30-Jul-22", "2022-07-30 00:00:00", None), (("d mmmm yyyy",), "3 März 2024", "2024-03-03 00:00:00", None),
        (("dd/mm/yyyy", "yyyy.mm.dd"), "2024.03.01", "2024-03-01 00:00:00", None),
        (("unix_ms",), "1700000000123", "2023-11-14 22:13:20.123000", 0), (("excel",), 45565.75, "2024-09-30 18:00:00", None),
        (("%Y%m%d%H%M%S",), "20240930140509", "2024-09-30 14:05:09", None), (("dd.mm.yyyy",), dt.date(2024, 1, 2), "2024-01-02 00:00:00", None),
        (("yymmdd",), 50103.0, "2005-01-03 00:00:00", None), (("ddd mmm d hh:mm:ss yyyy",), "Mon Sep 30 14:05:09 2024", "2024-09-30 14:05:09", None),
    ],
)  # fmt: skip
def test_moments(formats, text, local, offset_hours):
    if local is None:
        with pytest.raises(Unreadable, match="before 1970"):
            moment_parser(formats)(text)
        return
    found = moment_parser(formats)(text)
    assert str(EPOCH + dt.timedelta(microseconds=found.local))[:-6] == local
    assert found.offset == (None if offset_hours is None else int(offset_hours * 3600 * 1_000_000))


@pytest.mark.parametrize("text", ["", "hello", "%Q", "yyyy-mm-dd yyyy"])
def test_formats_that_cannot_be_understood(text):
    with pytest.raises(BadFormat):
        Pattern(text)


@pytest.mark.parametrize("text", ["13:00 PM", "25:00", "12:60", "noon", "24:01"])
def test_what_is_no_time_of_the_day(text):
    with pytest.raises(Unreadable):
        time_parser(())(text)


@given(
    st.datetimes(dt.datetime(1971, 1, 1), dt.datetime(2100, 1, 1)),  # noqa: DTZ001 - local times
    st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC"]
    ),
)
def test_local_times_and_utc_as_zoneinfo_says(wall, name):
    zone, local = Zones()[name], (wall - dt.datetime(1970, 1, 1)) // dt.timedelta(microseconds=1)  # noqa: DTZ001
    utc = (wall.replace(tzinfo=zoneinfo.ZoneInfo(name)) - EPOCH) // dt.timedelta(microseconds=1)
    assert zone.to_utc(local) == utc
    back = (EPOCH + dt.timedelta(microseconds=utc)).astimezone(zoneinfo.ZoneInfo(name)).replace(tzinfo=None)
    assert zone.to_local(utc) == (back - dt.datetime(1970, 1, 1)) // dt.timedelta(microseconds=1)  # noqa: DTZ001


def test_the_second_time_of_a_repeated_hour():
    zone = Zone("Europe/Berlin")
    local = (dt.datetime(2024, 10, 27, 2, 30) - dt.datetime(1970, 1, 1)) // dt.timedelta(microseconds=1)  # noqa: DTZ001
    assert zone.to_utc(local, second=True) - zone.to_utc(local) == 3_600_000_000


def test_occurrences_are_counted():
    seen = Occurrences()
    assert [seen.number(text) for text in "abaab"] == [1, 1, 2, 3, 2]
    assert (seen.are_new(["c", "d"]), seen.are_new(["e", "c"]), seen.are_new(["f", "f"])) == (True, False, False)
    assert seen.number("e") == 1


@given(
    st.lists(
        st.sampled_from(
            [
                "2024-03-31T02:30:00",
                "2024-03-31 03:30",
                "2024-10-27T02:30:00Z",
                "2024-10-27 02:30:00+02:00",
                "",
                "x",
                " 2024-01-01 ",
            ]
        )
    )
)
def test_moments_of_a_column_are_those_of_its_cells(cells):
    """The quick way by columns gives what each cell gives alone, however kinds are mixed."""
    spec = load_mapping("source: s\nagent: {name: A}\nfields: {id: A, started_at: At}")
    compiler = Compiler(spec, ["A", "At"], {}, str)

    def column(cells):
        chunk = Chunk([["a"] * len(cells), cells], range(len(cells)), Counters())
        chunk.zones = Zone("Europe/Berlin")
        return compiler.fields["started_at"](chunk)

    alone = [column([cell])[0] for cell in cells]
    together = column(cells)
    assert [value if value.__class__ is int else str(type(value)) for value in together] == [
        value if value.__class__ is int else str(type(value)) for value in alone
    ]
    assert all(value // DAY in (19813, 20022, 20023, 19722) for value in together if value.__class__ is int)


def test_a_guess_is_a_mapping_that_can_be_used():
    header = ["Call ID", "EmployeeID", "Fecha", "Hora", "CallDuration", "Tiempo de espera", "Abandoned", "Cola"]
    rows = [
        ["1", "E7", "30/09/2024", "14:05", "0:02:03", "7", "N", "Ventas"],
        ["2", "E8", "01/10/2024", "14:06", "61", "9", "Y", "Ventas"],
    ]
    spec = load_mapping(guess_mapping(header, rows, source="Llamadas 2024.csv"))
    assert spec.source == "llamadas"
    assert {name: expr.column for name, expr in spec.fields.items() if expr.column} == {
        "id": "Call ID", "queue": "Cola", "wait": "Tiempo de espera", "talk": "CallDuration", "abandoned": "Abandoned",
    }  # fmt: skip
    assert (spec.fields["started_at"].date.format, spec.fields["started_at"].time.column) == (("dd/mm/yyyy",), "Hora")
    assert (spec.agent.id.column, spec.fields["answered"].not_.column) == ("EmployeeID", "Abandoned")
