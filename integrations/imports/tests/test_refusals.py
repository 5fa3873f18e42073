"""Bad input is refused before anything is written, with what to do; and rules that only mistakes show."""

# ruff: noqa: E501 - what people read is quoted whole

import zipfile

import pytest
from django.utils import timezone

from integrations.imports import actions
from integrations.imports.models import Import
from integrations.imports.rules.mapping import MappingError, load_mapping
from interactions.models import Leg
from people.models import User

from .factories import MAPPING, begun

pytestmark = pytest.mark.django_db

ROWS = "Id,Agent,Start,Talk\n1,Ada,2024-09-30 10:00,10\n"


def refusal(file, mapping: str = MAPPING) -> str:
    with pytest.raises(actions.ImportRefused) as refused:
        begun(mapping, file)
    assert (Leg.objects.count(), User.objects.count()) == (0, 0)
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "a.csv: the file is empty. Export it again."),
        ("a.csv", b"\n\n", "a.csv: holds no rows. Export it again."),
        ("a.csv", b"Id,Agent,Start,Talk\n", "a.csv: holds no rows below the names of the columns."),
        ("a.csv", b"PK\x03\x04junk", "a.csv: is an Excel workbook (or another zip file), not what its name or the mapping"
         " says. Rename it to .xlsx, or export it again."),
        ("a.xlsx", ROWS.encode(), "a.xlsx: is plain text, not what its name or the mapping says. Rename it to .csv, or"
         " export it again."),
        ("a.xlsx", b"PK\x03\x04junk", "a.xlsx: the workbook is damaged (File is not a zip file). Export it again."),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "a.xls: is an old Excel file (.xls) or is protected by a password. Open it"
         " in Excel and save it as .xlsx without a password, or as CSV."),
        ("a.xls", b"<html><table>", "a.xls: is a web page or XML, whatever its name says. Open it in Excel and save it as"
         " .xlsx or CSV."),
        ("a.csv", b"%PDF-1.7", "a.csv: is a PDF. Export the table as CSV, TSV or XLSX."),
        ("a.csv", b"\x1f\x8b\x08", "a.csv: is packed with gzip; unpack it first. Export the table as CSV, TSV or XLSX."),
        ("a.csv", ROWS.replace("Ada", "Zoë").encode("cp1252"),
         "a.csv: line 2 is not utf-8 (byte 0xEB). If umlauts and accents come from Windows, say `encoding: cp1252` under"
         " `file:` in the mapping; else export the file as UTF-8."),
        ("a.csv", ROWS.encode("utf-16-le"), "a.csv: holds NUL bytes, as UTF-16 without a mark or a binary file does. If it"
         " is UTF-16, say `encoding: utf-16-le` (or utf-16-be) under `file:`; else export it again as CSV."),
        ("a.csv", b"x" * (3 << 20), "a.csv: has a line of more than 1 MB; this is not a table as text."),
        ("a.csv", ROWS.replace("Agent", "Agnt").encode(), "a.csv: there is no column “Agent”; did you mean “Agnt”? The"
         " names of the columns are taken from line 1."),
        ("a.csv", ROWS.replace("2024-09-30", "30.9.24").encode(), "a.csv: none of the first 1 rows can be read (Start: is"
         " not a date like 2024-09-30 or 2024-09-30 14:05:00; say its `format:`). For example line 2: “30.9.24 10:00”."
         " Correct the mapping."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_says_what_to_do(tmp_path, name, content, says):
    file = tmp_path / name
    file.write_bytes(content)
    assert refusal(file) == says


def test_a_declared_encoding_that_is_not_the_files(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(ROWS.replace("Ada", "Zoë"), encoding="utf-8")
    said = refusal(file, MAPPING + "file: {encoding: cp1252}\n")
    assert said == "a.csv: is UTF-8, not cp1252. Take `encoding:` out of the mapping."
    assert refusal(file, MAPPING + "file: {encoding: klingon}\n") == (
        "a.csv: “klingon” is no encoding that is known; use utf-8, cp1252, latin-1 or utf-16."
    )


def test_a_file_larger_than_allowed(tmp_path, settings):
    settings.LAUREL_IMPORT_MAX_MB = 1
    file = tmp_path / "a.csv"
    file.write_bytes(ROWS.encode() + b"2,Ada,2024-09-30 10:00,10\n" * 50_000)
    assert refusal(file).startswith(
        "a.csv: the file has 1 MB, more than the 1 MB that may be imported. Split it, or let"
    )


def bomb(path, sheet: bytes, more: dict | None = None):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return path


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    file = bomb(tmp_path / "a.xlsx", b"0" * (401 << 20))
    assert refusal(file).startswith("a.xlsx: unpacks to 401 MB, more than the 400 MB that a workbook may have.")


def test_a_sheet_that_claims_too_many_cells_is_refused(tmp_path):
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    file = bomb(tmp_path / "a.xlsx", b"<worksheet><sheetData>" + cells + b"</sheetData></worksheet>")
    assert refusal(file) == (
        "a.xlsx: a sheet spans 1048576 rows by 16384 columns, too many to read. Delete what stands far out, or save the "
        "sheet as CSV."
    )


def test_a_zip_that_is_no_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("calls.csv", ROWS)
    assert refusal(tmp_path / "a.xlsx") == (
        "a.xlsx: is a zip file, not an Excel workbook. Unpack it and import what is in it."
    )


def test_a_missing_table_and_a_table_with_a_key_twice(tmp_path):
    file, staff = tmp_path / "a.csv", tmp_path / "staff.csv"
    file.write_text(ROWS)
    mapping = MAPPING + "tables: {staff: {file: staff.csv, key: Nr, match: Agent}}\n"
    assert refusal(file, mapping) == "tables.staff: the file “staff.csv” is not there; give it along with the data."
    staff.write_text("Nr,Site\nAda,X\nAda,Y\n")
    run = actions.create_import(
        files=[actions.NewFile("a.csv", str(file)), actions.NewFile("staff.csv", str(staff), "staff")],
        at=timezone.now(),
    )
    with pytest.raises(
        actions.ImportRefused, match=r"“Ada” stands twice in staff.csv \(again on line 3\); say `repeated"
    ):
        actions.start(run, mapping_text=mapping, at=timezone.now())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("talk: Talk", "talc: Talk"), "fields.talc: there is no such field for interactions; did you mean “talk”?"),
        (("talk: Talk", "acw: Talk"), "fields.acw: there is no such field for interactions; did you mean “after_call”?"),
        (("talk: Talk", "talk: {colum: Talk}"), "line 9: fields.talk.colum: there is no key “colum” here; did you mean"
         " “column”?"),
        (("talk: Talk", "talk: {column: Talk, unit: sec}"), "line 9: fields.talk.unit: “sec” is not one of 'ms', 's', 'min',"
         " 'h' or 'days'"),
        (("talk: Talk", "talk: {column: Talk, value: 3}"), "line 9: fields.talk: has more than one source (column, value);"
         " keep one"),
        (("started_at: Start", "started_at: {column: Start, time: Talk}"), "line 8: fields.started_at: has more than one source (column, time); keep one; a date and a time are `date:` and `time:`"),
        (("agent: {name: Agent, unknown: create}", "agent: Agent"), "line 5: agent: say how agents are known, as in `agent: {name: Agent}` (or `id:`, or `email:`)"),
        (("talk: Talk", "talk: {unit: s}"), "line 9: fields.talk: says no source: give `column:`, `value:`, `columns:` or"
         " another source"),
        (("talk: Talk", "talk: {column: Talk, extract: '('}"), "line 9: fields.talk: “(” is not a regular expression:"
         " missing ), unterminated subpattern at position 0"),
        (("talk: Talk", "id: Talk"), "line 9: “id” stands twice here (first on line 7); keep one"),
        (("  id: Id\n", ""), "fields: `id:` must be given"),
        (("agent: {name: Agent, unknown: create}\n", ""), "agent: must be given"),
        (("kind: interactions", "kind: calls"), "line 2: kind: “calls” is not one of 'interactions', 'readings' or"
         " 'evaluations'"),
        (("source: test", "file: {hedder: 2}"), "source: must be given\nline 3: file.hedder: there is no key “hedder” here;"
         " did you mean “header”?"),
    ],
)  # fmt: skip
def test_a_mapping_with_a_mistake_names_key_and_line(change, says):
    with pytest.raises(MappingError) as mistake:
        load_mapping(MAPPING.replace(*change))
    assert str(mistake.value) == says


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("time_zone: UTC", "time_zone: Europe/Berln"), "time_zone: “Europe/Berln” is no time zone; write a name such as"
         " Europe/Berlin, or `division`"),
        (("talk: Talk", "talk: {product: [Tlk, {value: 2}]}"), "a.csv: there is no column “Tlk”; did you mean “Talk”? The"
         " names of the columns are taken from line 1."),
        (("talk: Talk", "talk: {field: hold}"), "`field: hold` is not among `fields:` (there are: id, started_at, talk)"),
        (("talk: Talk", "talk: {field: talk}"), "fields.talk: is made from itself"),
        (("started_at: Start", "started_at: {column: Start, format: hh:mm}"), "fields.started_at.format: the format “hh:mm”"
         " lacks a day, a month or a year"),
        (("started_at: Start", "started_at: {column: Start, format: '%Q'}"), "fields.started_at.format: “%Q” in the format"
         " “%Q” is not known"),
        (("talk: Talk", "talk: {date: Start, time: Talk}"), "fields.talk: `date:` and `time:` make a moment, not a"
         " duration"),
        (("talk: Talk", "talk: {position: 9}"), "fields.talk: there is no column 9; the file has 4"),
        (("talk: Talk", "talk: 4"), "a.csv: there is no column “4”; for the column at that place say “#4”. The names are taken from line 1; say `header:` or `delimiter:` where that is wrong, and {value: 4} for the text itself."),
        (("talk: Talk", "charge: stf.Zyx"), "a.csv: there is no column “stf.Zyx” (there are: Id, Agent, Start, Talk)."
         " The names are taken from line 1; say `header:` or `delimiter:` where that is wrong, and {value: stf.Zyx} for the text itself."),
    ],
)  # fmt: skip
def test_a_mapping_that_does_not_fit_the_file_says_so(tmp_path, change, says):
    file = tmp_path / "a.csv"
    file.write_text(ROWS)
    assert refusal(file, MAPPING.replace(*change)) == says


def test_an_import_is_started_once(tmp_path):
    (tmp_path / "a.csv").write_text(ROWS)
    run = begun(MAPPING, tmp_path / "a.csv")
    with pytest.raises(actions.AlreadyStarted):
        actions.start(run, mapping_text=MAPPING, at=timezone.now())
    assert Import.objects.get().lease_holder == "test"


def test_customer_keys_are_not_in_reports(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("Id,Agent,Start,Phone\n1,Ada,2024-09-30 10:00,555\x01\n1,Ada,2024-09-30 10:00,777\n")
    run = begun(MAPPING.replace("talk: Talk", "customer: Phone"), file)
    actions.work(run, holder="test", now=timezone.now)
    text = " ".join(str(value) for row in run.issues.values_list() for value in row)
    assert Leg.objects.get().customer_key not in (None, "", "555\x01")
    assert "777" not in text
