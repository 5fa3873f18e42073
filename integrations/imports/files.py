"""Files into rows. CSV and JSON lines are read by physical line with bounded memory; a workbook by sheet, after a look
at its size.

`open_file` answers a `CsvFile`, a `JsonLines` or a `Workbook`, or raises `FileRefused` with what to do, before a row is
given out. All hand out `Rows`: cells, the physical line of each row, what could not be read, and where to go on.
"""

import codecs
import csv
import io
import json
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from operator import itemgetter, methodcaller
from pathlib import Path
from typing import BinaryIO

import python_calamine

from .rules.mapping import FileOptions, did_you_mean
from .rules.values import as_text

CHUNK_ROWS = 20_000
BLOCK = 1 << 20
LONGEST_LINE = 1 << 20
LONGEST_RECORD_LINES = 500
"""A quoted cell may span this many lines; beyond, its quote was never closed."""
UNPACKED_MAX = 400 << 20
"""Bytes that the parts of a workbook may unpack to. Larger tables come as CSV."""
CELLS_MAX = 20_000_000
HEADER_SEARCH = 100
SNIFFED = ",;\t|"
KINDS_BY_SUFFIX = {
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip

csv.field_size_limit(LONGEST_LINE)


class FileRefused(ValueError):
    """A file that cannot be read at all. Its text says what to do."""


@dataclass
class Rows:
    """Some rows of a file, by columns. `problems` are (line, column, value, reason) of rows not handed out."""

    columns: list[Sequence]
    lines: Sequence[int]
    end: dict
    """Where the next rows begin, to be handed to `rows(start=…)`."""
    problems: list[tuple[int, str, str, str]] = field(default_factory=list)
    last_line: int = 0

    @property
    def cells(self) -> list[tuple]:
        """The same by rows."""
        return list(zip(*self.columns, strict=True))


def open_file(path: str | Path, *, name: str, options: FileOptions, wanted=(), max_mb: int) -> "Reader":
    """The file, checked as a whole: size, kind, encoding, header. `wanted` are columns that must be there."""
    path = Path(path)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FileRefused(f"{name}: cannot be opened ({error.strerror}).") from None
    if path.is_dir():
        raise FileRefused(f"{name}: is a folder; give the files in it one by one.")
    if size == 0:
        raise FileRefused(f"{name}: the file is empty. Export it again.")
    if size > max_mb << 20:
        raise FileRefused(
            f"{name}: the file has {size >> 20} MB, more than the {max_mb} MB that may be imported. Split it, or "
            "let the administrator raise LAUREL_IMPORT_MAX_MB."
        )
    with path.open("rb") as file:
        head = file.read(8192)
    suffix = Path(name).suffix.lower()
    said = options.format or KINDS_BY_SUFFIX.get(suffix)
    kind = _kind_of(head, name)
    if said == "jsonl" and kind == "csv":
        kind = "jsonl"  # lines that are none are refused one by one
    if said and said != kind:
        if kind == "jsonl":
            raise FileRefused(f"{name}: is JSON lines, not what its name or the mapping says. Rename it to .jsonl.")
        what = "an Excel workbook (or another zip file)" if kind == "xlsx" else "plain text"
        advice = "Rename it to .xlsx" if kind == "xlsx" else "Rename it to .csv"
        raise FileRefused(f"{name}: is {what}, not what its name or the mapping says. {advice}, or export it again.")
    if kind == "csv":
        reader = CsvFile(path, name, options, suffix)
    else:
        reader = (Workbook if kind == "xlsx" else JsonLines)(path, name, options)
    reader.find_header(wanted)
    return reader


def _kind_of(head: bytes, name: str) -> str:
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.startswith(b"PK\x05\x06"):
        raise FileRefused(f"{name}: is an empty zip file. Export it again.")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused(
            f"{name}: is an old Excel file (.xls) or is protected by a password. Open it in Excel and save it as "
            ".xlsx without a password, or as CSV."
        )
    strange = {
        b"%PDF": "a PDF",
        b"\x1f\x8b": "packed with gzip; unpack it first",
        b"BZh": "packed with bzip2; unpack it first",
        b"\xfd7zXZ": "packed with xz; unpack it first",
        b"7z\xbc\xaf": "packed with 7-Zip; unpack it first",
        b"Rar!": "packed with RAR; unpack it first",
        b"\x89PNG": "a picture",
        b"\xff\xd8\xff": "a picture",
        b"SQLite format 3": "a database",
        b"PAR1": "a Parquet file",
        b"\x7fELF": "a program",
    }
    for magic, what in strange.items():
        if head.startswith(magic):
            raise FileRefused(f"{name}: is {what}. Export the table as CSV, TSV or XLSX.")
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise FileRefused(
            f"{name}: is a web page or XML, whatever its name says. Open it in Excel and save it as .xlsx or CSV."
        )
    if start.startswith((b"{", b"[")) and b'":' in head:
        first, newline, _ = head.removeprefix(codecs.BOM_UTF8).lstrip().partition(b"\n")
        if not newline or isinstance(_object(first), dict):
            return "jsonl"
        raise FileRefused(f"{name}: is one JSON text. Write each row as an object on a line of its own (JSON lines).")
    return "csv"


def tidy_names(cells) -> list[str]:
    """Names of columns as the mapping writes them: trimmed, one space between words, repeated ones numbered."""
    seen: dict[str, int] = {}
    names = []
    for at, cell in enumerate(cells, 1):
        name = " ".join(unicodedata.normalize("NFC", as_text(cell).replace("\ufeff", "")).split()) or f"#{at}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _fitted(names: list, rows: list) -> list:
    """Names that fit rows that are all one cell longer, as where the first column has no name, or that are all shorter
    by what is empty at the end of the names.
    """
    widths = {len(row) for row in rows}
    if widths == {len(names) + 1} and any(as_text(row[-1]) for row in rows):
        return ["", *names]
    while widths and max(widths) < len(names) and not as_text(names[-1]):
        names = names[:-1]
    return names


class Tabular:
    """What a text file and a workbook share: where the names of the columns stand, and that they are all there."""

    name: str
    options: FileOptions
    columns: list[str]
    header_line: int

    def find_header(self, wanted) -> None:
        first = list(islice(self._first_rows(), HEADER_SEARCH))
        if not first:
            raise FileRefused(f"{self.name}: holds no rows. Export it again.")
        wanted = [name for name in wanted if not name.startswith("#")]
        if self.options.header == "none":
            self.header_line = 0
            width = max(len(cells) for _, cells, _ in first)
            self.columns = tidy_names([*self.options.columns, *[""] * width][: max(width, len(self.options.columns))])
            if len(self.options.columns) > width:
                raise FileRefused(
                    f"{self.name}: `columns:` names {len(self.options.columns)} columns, the file has {width}."
                )
        else:
            self._read_header(first, wanted)
        self._check(wanted)

    def _read_header(self, first, wanted) -> None:
        if self.options.header == "find":
            known = [(len(set(wanted) & set(tidy_names(cells))), -at) for at, (_, cells, _) in enumerate(first)]
            found = first[-max(known)[1]]
        elif "header" not in self.options.model_fields_set:
            found = first[0]
        else:
            line = int(self.options.header)
            found = next((row for row in first if row[0] >= line), None)
            if found is None or found[0] != line:
                seen = f"the first line with text is {first[0][0]}" if found else f"the file ends at {first[-1][0]}"
                raise FileRefused(f"{self.name}: `header: {line}` is an empty line or is not there; {seen}.")
        self.header_line, cells, self.start = found
        names = list(self.options.columns) + list(cells)[len(self.options.columns) :]
        self.columns = tidy_names(_fitted(names, [cells for line, cells, _ in first if line > self.header_line]))

    def _check(self, wanted) -> None:
        for name in wanted:
            if name not in self.columns:
                hint = did_you_mean(name, self.columns)
                place = f"line {self.header_line}" if self.header_line else "the file"
                if name.isdigit():
                    hint = f"; for the column at that place say “#{name}”"
                absent = f"{self.name}: there is no column “{name}”{hint}"
                if hint.endswith("?"):
                    raise FileRefused(f"{absent} The names of the columns are taken from {place}.")
                raise FileRefused(
                    f"{absent}. The names are taken from {place}; say `header:` or `delimiter:` where that is wrong, "
                    f"and {{value: {name}}} for the text itself."
                )

    def _first_rows(self) -> Iterator[tuple[int, list, dict]]:
        raise NotImplementedError

    def _shaped(self, row, width: int):
        """The row with exactly `width` cells, or the reason why it has not."""
        if len(row) == width:
            return row
        if len(row) > width and not any(as_text(cell) for cell in row[width:]):
            return row[:width]
        if len(row) < width and self.options.ragged == "fill":
            return [*row, *[""] * (width - len(row))]
        return f"the row has {len(row)} columns where the header has {width}"


class CsvFile(Tabular):
    """A text file, by line. `start` and `end` of rows are byte offsets with the number of the last line before."""

    def __init__(self, path: Path, name: str, options: FileOptions, suffix: str = ""):
        self.name, self.options = name, options
        self.quote = "" if options.quote == "none" else options.quote
        self.file: BinaryIO = path.open("rb")
        self.encoding, skip = self._settle_encoding()
        self.size = self.file.seek(0, io.SEEK_END)
        self.start = {"offset": skip, "line": 0}
        self.end_offset = self._before_footer()
        said = self._said_by_first_line()
        self.delimiter = options.delimiter or said or ("\t" if suffix == ".tsv" else self._sniff())

    # encoding -----------------------------------------------------------------------------------------------------

    def _settle_encoding(self) -> tuple[str, int]:
        """(encoding, length of the byte order mark). Decodes the whole file once, so that nothing fails half-way."""
        head = self.file.read(4)
        said = self.options.encoding
        for mark, encoding in (
            (codecs.BOM_UTF32_LE, "utf-32"),
            (codecs.BOM_UTF32_BE, "utf-32"),
            (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
            (codecs.BOM_UTF8, "utf-8"),
        ):
            if head.startswith(mark):
                if encoding == "utf-8":
                    self._check_decodes("utf-8")
                    return "utf-8", 3
                return self._transcode(encoding)
        try:
            codec = codecs.lookup(said or "utf-8")
            codec.name.encode() if codec._is_text_encoding else int("no text")
        except (LookupError, ValueError):
            raise FileRefused(
                f"{self.name}: “{said}” is no encoding that is known; use utf-8, cp1252, latin-1 or utf-16."
            ) from None
        if codec.name.startswith(("utf-16", "utf-32")):
            return self._transcode(codec.name)
        self._check_decodes(codec.name, said=bool(said))
        if self._has_only_carriage_returns():
            return self._transcode(codec.name)
        return codec.name, 0

    def _check_decodes(self, encoding: str, *, said: bool = False) -> None:
        decoder = codecs.getincrementaldecoder(encoding)()
        utf8 = codecs.getincrementaldecoder("utf-8")() if encoding not in ("utf-8", "ascii") else None
        self.line_count, beyond_ascii, unbroken = 0, False, 0
        self.file.seek(0)
        while block := self.file.read(BLOCK):
            beyond_ascii = beyond_ascii or not block.isascii()
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                self._say_not_decodable(encoding, block, error, said)
            try:
                utf8 = utf8 and (utf8.decode(block) or True) and utf8
            except UnicodeDecodeError:
                utf8 = None
            newlines = block.count(b"\n") or block.count(b"\r")
            self.line_count += newlines
            unbroken = 0 if newlines else unbroken + len(block)
            if unbroken > LONGEST_LINE:
                raise FileRefused(f"{self.name}: has a line of more than 1 MB; this is not a table as text.")
            if b"\x00" in block:
                raise FileRefused(
                    f"{self.name}: holds NUL bytes, as UTF-16 without a mark or a binary file does. If it is UTF-16, "
                    "say `encoding: utf-16-le` (or utf-16-be) under `file:`; else export it again as CSV."
                )
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            self._say_not_decodable(encoding, error.object, error, said)
        if utf8 is not None and beyond_ascii and encoding != "utf-8":
            raise FileRefused(f"{self.name}: is UTF-8, not {encoding}. Take `encoding:` out of the mapping.")

    def _say_not_decodable(self, encoding: str, block: bytes, error: UnicodeDecodeError, said: bool):
        at = min(error.start, len(block) - 1)
        line = self.line_count + block[:at].count(b"\n") + 1
        guess = "cp1252" if not said or encoding == "utf-8" else "utf-8 or latin-1"
        raise FileRefused(
            f"{self.name}: line {line} is not {encoding} (byte 0x{block[at]:02X}). If umlauts and accents come from "
            f"Windows, say `encoding: {guess}` under `file:` in the mapping; else export the file as UTF-8."
        ) from None

    def _has_only_carriage_returns(self) -> bool:
        self.file.seek(0)
        head = self.file.read(65536)
        return b"\n" not in head and b"\r" in head

    def _transcode(self, encoding: str) -> tuple[str, int]:
        """A copy in UTF-8 with plain line ends, so that lines can be cut by their bytes."""
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the reader
        self.file.seek(0)
        self.line_count = 0
        text = io.TextIOWrapper(self.file, encoding=encoding, newline=None)
        try:
            while block := text.read(BLOCK):
                self.line_count += block.count("\n")
                copy.write(block.encode("utf-8"))
        except (UnicodeError, UnicodeDecodeError):
            raise FileRefused(
                f"{self.name}: is not {encoding} (after line {self.line_count}). Say the right `encoding:`, or export "
                "the file as UTF-8."
            ) from None
        self.file = copy
        copy.seek(0)
        return "utf-8", 3 if copy.read(3) == codecs.BOM_UTF8 else 0

    # shape --------------------------------------------------------------------------------------------------------

    def _before_footer(self) -> int:
        """The offset at which the footer begins."""
        if not self.options.footer:
            return self.size
        tail_at = max(0, self.size - (BLOCK // 4))
        self.file.seek(tail_at)
        lines = self.file.read().splitlines(keepends=True)
        while lines and not lines[-1].strip(b"\r\n ,;\t"):
            lines.pop()
        return tail_at + sum(map(len, lines[: -self.options.footer]))

    def _said_by_first_line(self) -> str | None:
        """The delimiter of a first line `sep=;`, as Excel writes and reads it; it is then no row."""
        self.file.seek(self.start["offset"])
        line = self.file.readline(64)
        if found := re.fullmatch(rb'"?sep=(.)"?\s*', line):
            self.start = {"offset": self.start["offset"] + len(line), "line": 1}
            return found[1].decode(self.encoding)
        return None

    def _sniff(self) -> str:
        """The delimiter that cuts the most lines of the beginning alike."""
        self.file.seek(self.start["offset"])
        lines = [line.decode(self.encoding, "replace") for line in islice(self.file, 50)]
        lines = [line.rstrip("\r\n") for line in lines if line.strip()]
        if self.options.header.isdigit():
            lines = lines[max(0, int(self.options.header) - 1) :] or lines

        def votes(delimiter: str) -> tuple[int, int]:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter, quotechar=self.quote or None)] or [1]
            usual = max(set(widths), key=widths.count)
            return (widths.count(usual) if usual > 1 else 0, usual)

        try:
            best = max(SNIFFED, key=votes)
        except csv.Error:
            return ","
        return best if votes(best)[0] else ","

    def _first_rows(self):
        position = self.start
        while True:
            rows, position = self._read(position, HEADER_SEARCH, width=None)
            yield from ((line, cells, end) for line, cells, end in rows)
            if not rows:
                return

    @property
    def expected_rows(self) -> int:
        """About how many rows there are, from the number of lines."""
        return max(0, self.line_count - self.header_line)

    def rows(self, start: dict | None = None, size: int = CHUNK_ROWS) -> Iterator[Rows]:
        """All rows after the header, or from `start` on, `size` lines at a time."""
        position, width = start or self.start, len(self.columns)
        while True:
            taken, position = self._take(position, size)
            if taken is None:
                return
            columns, lines, problems = self._columns(taken, width)
            yield Rows(columns, lines, position, problems, last_line=position["line"])

    # lines --------------------------------------------------------------------------------------------------------

    def _take(self, position: dict, size: int) -> tuple["_Lines | None", dict]:
        """The next lines as text, and the position after them; a quoted cell is not cut in two."""
        offset, line = position["offset"], position["line"]
        self.file.seek(offset)
        raw = list(islice(self.file, size))
        if raw and offset + sum(map(len, raw)) > self.end_offset:
            raw = self._cut(raw, self.end_offset - offset)
        if not raw:
            return None, position
        text = self._decode(raw)
        if self.quote and text.count(self.quote) & 1:
            extra = 0
            while extra < LONGEST_RECORD_LINES and (more := self.file.readline()):
                if offset + sum(map(len, raw)) + len(more) > self.end_offset:
                    break
                raw.append(more)
                extra += 1
                if self._decode([more]).count(self.quote) & 1:
                    break
            text = self._decode(raw)
        end = {"offset": offset + sum(map(len, raw)), "line": line + len(raw)}
        lines = text.split("\n")
        if len(lines) > len(raw):
            lines.pop()
        return _Lines(text, lines, line + 1), end

    @staticmethod
    def _cut(raw: list[bytes], room: int) -> list[bytes]:
        kept = []
        for line in raw:
            room -= len(line)
            if room < 0:
                break
            kept.append(line)
        return kept

    def _decode(self, raw: list[bytes]) -> str:
        text = b"".join(raw).decode(self.encoding)
        return text.replace("\r\n", "\n").rstrip("\r") if "\r" in text else text

    def _columns(self, taken: "_Lines", width: int) -> tuple[list[Sequence], Sequence[int], list]:
        """The cells by columns, the line of each row, and problems. Most pieces of most files are cut in one go."""
        lines, problems, delimiter, first = taken.lines, [], self.delimiter, taken.first
        numbers = range(first, first + len(lines))
        if not self.quote or self.quote not in taken.text:
            if width > 1 and set(map(methodcaller("count", delimiter), lines)) == {width - 1}:
                flat = taken.text.removesuffix("\n").replace("\n", delimiter).split(delimiter)
                columns = [flat[at::width] for at in range(width)]
                if "" not in columns[0]:
                    return columns, numbers, problems
            rows = [line.split(delimiter) for line in lines]
        else:
            rows, numbers = self._quoted(lines, first, width, problems)
        if set(map(len, rows)) != {width} or width == 1 or "" in map(itemgetter(0), rows):
            rows, numbers = self._sorted_out(rows, numbers, width, problems)
        return _by_columns(rows, width), numbers, problems

    def _sorted_out(self, rows, numbers, width: int, problems: list) -> tuple[list, list[int]]:
        kept, lines = [], []
        for row, line in zip(rows, numbers, strict=True):
            if not any(map(str.strip, row)):
                continue
            shaped = self._shaped(row, width)
            if isinstance(shaped, str):
                problems.append((line, "", self.delimiter.join(row), shaped))
            else:
                kept.append(shaped)
                lines.append(line)
        return kept, lines

    def _reader(self, lines):
        loose = not self.delimiter.isspace()
        return csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote, strict=True, skipinitialspace=loose)

    def _quoted(self, lines: list[str], first: int, width: int | None, problems: list) -> tuple[list, list[int]]:
        """Rows of lines with quotes. Most lines stand for themselves; a cell with a line break joins some."""
        quote = self.quote
        if not any(line.count(quote) & 1 for line in lines):
            try:
                return list(self._reader(lines)), list(range(first, first + len(lines)))
            except csv.Error:
                pass
        rows, numbers, at = [], [], 0
        while at < len(lines):
            row, used = self._record(lines, at, width)
            if isinstance(row, str):
                problems.append((first + at, "", lines[at], row))
            else:
                rows.append(row)
                numbers.append(first + at)
            at += used
        return rows, numbers

    def _record(self, lines: list[str], at: int, width: int | None) -> tuple[list[str] | str, int]:
        """(the row, or why it cannot be read; how many lines it took). A broken row takes one line."""
        if not lines[at].count(self.quote) & 1:
            try:
                return next(self._reader([lines[at]]), []), 1
            except csv.Error:
                return "a quoted cell is followed by more text; quotes inside a cell must be doubled", 1
        try:
            return next(self._reader([lines[at]])), 1
        except csv.Error:
            pass
        for last in range(at + 1, min(len(lines), at + LONGEST_RECORD_LINES)):
            if lines[last].count(self.quote) & 1:
                try:
                    row = next(self._reader(["\n".join(lines[at : last + 1])]))
                except csv.Error:
                    break
                if width is None or not isinstance(self._shaped(row, width), str):
                    return row, last + 1 - at
                break
        return "a quote is opened and not closed", 1

    def _read(self, position: dict, size: int, width: int | None):
        """Rows with the position after each, one by one; for the search of the header."""
        taken, end = self._take(position, size)
        if taken is None:
            return [], end
        sizes = self._line_sizes(position, len(taken.lines))
        rows, at = [], 0
        while at < len(taken.lines):
            row, used = self._record(taken.lines, at, None) if self.quote else ([], 1)
            if not self.quote:
                row = taken.lines[at].split(self.delimiter)
            at += used
            if not isinstance(row, str) and any(map(str.strip, row)):
                after = {"offset": position["offset"] + sum(sizes[:at]), "line": position["line"] + at}
                rows.append((position["line"] + at - used + 1, row, after))
        return rows, end

    def _line_sizes(self, position: dict, count: int) -> list[int]:
        self.file.seek(position["offset"])
        return [len(line) for line in islice(self.file, count)]


def _by_columns(rows: list, width: int) -> list[Sequence]:
    return list(zip(*rows, strict=True)) or [()] * width


@dataclass
class _Lines:
    text: str
    lines: list[str]
    first: int


# JSON lines ---------------------------------------------------------------------------------------------------------


class JsonLines(Tabular):
    """A file with an object on each line. Its columns are the keys that the mapping reads and those of the first rows;
    a key that a row has not is an empty cell. `start` and `end` of rows are as those of a `CsvFile`.
    """

    def __init__(self, path: Path, name: str, options: FileOptions):
        self.name, self.options, self.header_line = name, options, 0
        self.file: BinaryIO = path.open("rb")
        marked = self.file.read(3) == codecs.BOM_UTF8
        self.start = {"offset": 3 if marked else 0, "line": 0}
        self.expected_rows = self._count_lines()

    def _count_lines(self) -> int:
        self.file.seek(0)
        lines = unbroken = 0
        while block := self.file.read(BLOCK):
            newlines = block.count(b"\n")
            lines += newlines
            unbroken = 0 if newlines else unbroken + len(block)
            if unbroken > LONGEST_LINE:
                raise FileRefused(f"{self.name}: has a line of more than 1 MB; these are no JSON lines.")
        return lines + 1

    def find_header(self, wanted) -> None:
        keys = dict.fromkeys(wanted)
        if self.options.other_keys == "leave":
            for _, row in self._objects(self.start, HEADER_SEARCH)[0]:
                keys |= dict.fromkeys(row if isinstance(row, dict) else ())
        self.columns = list(keys)
        if not self.columns:
            raise FileRefused(f"{self.name}: none of the first rows is a JSON object with keys. Export it again.")

    def rows(self, start: dict | None = None, size: int = CHUNK_ROWS) -> Iterator[Rows]:
        position = start or self.start
        while True:
            objects, end = self._objects(position, size)
            if end == position:
                return
            cells, lines, problems = [], [], []
            for line, row in objects:
                if isinstance(row, dict) and (why := self._strange(row)):
                    problems.append((line, *why))
                elif isinstance(row, dict):
                    cells.append([_cell(row.get(key)) for key in self.columns])
                    lines.append(line)
                else:
                    problems.append((line, "", "", row))
            position = end
            yield Rows(_by_columns(cells, len(self.columns)), lines, end, problems, last_line=end["line"])

    def _strange(self, row: dict) -> tuple[str, str, str] | None:
        """(column, value, reason) of a row that holds what a table cannot, or a key that it must not."""
        if self.options.other_keys == "refuse":
            for key in row:
                if key not in self.columns:
                    return key, "", f"there is no such field{did_you_mean(key, self.columns)}"
        for key in self.columns:
            if isinstance(row.get(key), (dict, list)):
                return key, "", "is neither a text nor a number nor true or false"
        return None

    def _objects(self, position: dict, size: int) -> tuple[list[tuple[int, dict | str]], dict]:
        """(line, object) of the next lines, or the reason in place of what is none; and the position after them."""
        self.file.seek(position["offset"])
        raw = list(islice(self.file, size))
        first = position["line"] + 1
        found = [(line, _object(text)) for line, text in enumerate(raw, first) if not text.isspace()]
        return found, {"offset": position["offset"] + sum(map(len, raw)), "line": position["line"] + len(raw)}


def keys_among(names: Sequence[str], path: Path) -> list[str]:
    """Which of some names any row of JSON lines may have as a key; a text that is such a name counts too."""
    found, end = set(), b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found |= {name for name in names if name not in found and f'"{name}"'.encode() in end + block}
            end = block[-64:]
    return [name for name in names if name in found]


def _object(raw: bytes) -> dict | str:
    """The object of a line, or why it is none."""
    try:
        found = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return "the line is not UTF-8"
    except json.JSONDecodeError as error:
        return f"the line is no JSON object ({error.msg}, at character {error.colno})"
    except (ValueError, RecursionError):
        return "the line is no JSON object that can be read"
    return found if isinstance(found, dict) else "the line is no JSON object, as {…} is"


def _cell(value):
    return "" if value is None else value


# workbooks ----------------------------------------------------------------------------------------------------------

_CELL = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,4})(\d{1,8})"')


class Workbook(Tabular):
    """One sheet of an XLSX file. Cells keep their types; `start` and `end` of rows are row numbers."""

    def __init__(self, path: Path, name: str, options: FileOptions):
        self.name, self.options = name, options
        _check_archive(path, name)
        try:
            book = python_calamine.CalamineWorkbook.from_path(str(path))
            self.sheet = book.get_sheet_by_name(self._sheet_name(book.sheet_names))
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise FileRefused(f"{name}: cannot be read as an Excel workbook ({error}). Save it again.") from None
        self.start = {"row": 0}

    def _sheet_name(self, names: list[str]) -> str:
        wanted = self.options.sheet
        if wanted is None:
            return names[0]
        if wanted in names:
            return wanted
        if wanted.isdigit() and 1 <= int(wanted) <= len(names):
            return names[int(wanted) - 1]
        raise FileRefused(f"{self.name}: there is no sheet “{wanted}”{did_you_mean(wanted, names)}")

    @cached_property
    def _height(self) -> int:
        """Rows of the sheet, with the empty ones above the first."""
        return (self.sheet.start or (0, 0))[0] + self.sheet.height

    def _first_rows(self):
        for at, cells in enumerate(self.sheet.iter_rows()):
            if any(cell != "" for cell in cells):
                yield at + 1, cells, {"row": at + 1}

    @property
    def expected_rows(self) -> int:
        return max(0, self._height - self.header_line)

    def rows(self, start: dict | None = None, size: int = CHUNK_ROWS) -> Iterator[Rows]:
        at, width = (start or self.start)["row"], len(self.columns)
        last = self._height - self.options.footer
        source = islice(self.sheet.iter_rows(), at, max(at, last))
        while chunk := list(islice(source, size)):
            cells, lines, problems = [], [], []
            for number, row in enumerate(chunk, at + 1):
                if not any(cell != "" for cell in row):
                    continue
                shaped = self._shaped(row, width)
                if isinstance(shaped, str):
                    problems.append((number, "", "", shaped))
                else:
                    cells.append(shaped)
                    lines.append(number)
            at += len(chunk)
            yield Rows(_by_columns(cells, width), lines, {"row": at}, problems, last_line=at)


def _check_archive(path: Path, name: str) -> None:
    """Refuses what would fill the memory: parts that unpack to too much, and sheets that claim too many cells."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if not any(part.filename == "[Content_Types].xml" for part in parts):
                raise FileRefused(f"{name}: is a zip file, not an Excel workbook. Unpack it and import what is in it.")
            unpacked = sum(part.file_size for part in parts)
            if unpacked > UNPACKED_MAX or len(parts) > 10_000:
                raise FileRefused(
                    f"{name}: unpacks to {unpacked >> 20} MB, more than the {UNPACKED_MAX >> 20} MB that a workbook "
                    "may have. Save the sheet as CSV and import that."
                )
            for part in parts:
                if part.filename.endswith(".xml"):
                    _check_part(archive, part, name)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, FileRefused):
            raise
        raise FileRefused(f"{name}: the workbook is damaged ({error}). Export it again.") from None


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
    """Unpacks a part once, so that a false size shows, and counts what its cells would take."""
    is_sheet = "worksheets/" in part.filename
    columns, last_row, kept = set(), 0, b""
    with archive.open(part) as stream:
        while block := stream.read(BLOCK):
            if not is_sheet:
                continue
            block = kept + block
            cut = block.rfind(b"<") + 1 or len(block)
            kept = block[cut - 1 :] if cut <= len(block) else b""
            cells = _CELL.findall(block[: cut - 1])
            columns.update(column for column, _ in cells)
            last_row = max(last_row, max((int(row) for _, row in cells), default=0))
    width = max((_column_number(column) for column in columns), default=1)
    if width * last_row > CELLS_MAX:
        raise FileRefused(
            f"{name}: a sheet spans {last_row} rows by {width} columns, too many to read. Delete what stands far "
            "out, or save the sheet as CSV."
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


Reader = CsvFile | JsonLines | Workbook
