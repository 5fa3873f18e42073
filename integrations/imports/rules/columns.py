"""A mapping turned into functions over columns. A chunk of rows is converted column by column, each distinct cell
once; a cell that cannot be read is a `Bad` in its column until its row is refused.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import compress

from . import mapping as m
from .patterns import DAY, STATED, BadFormat, day_parser, halves_memo, moment_parser, time_parser
from .values import (
    SECOND,
    UNIT_SECONDS,
    Bad,
    Memo,
    Unreadable,
    as_text,
    at_most_long,
    choice_parser,
    duration_parser,
    number_parser,
    plain,
    truth_parser,
    whole_number,
)
from .zones import Zone, Zones

Column = Callable[["Chunk"], Sequence]

LONGEST = {
    "id": 160, "interaction": 160, "queue": 120, "wrap_up": 120, "form": 120, "agent.id": 120, "agent.email": 254,
    "agent.name": 200, "agent.division": 120, "agent.team": 120, "agent.lead": 200,
}  # fmt: skip
CHOICES = {
    "media_type": ("voice", "chat", "message", "email", "callback", "social", "video", "other"),
    "direction": ("inbound", "outbound", "internal"),
}


class Occurrences:
    """How often a text has been seen in a file: the n-th time it is n. Keeps eight bytes of each, not the text."""

    def __init__(self):
        self._once: set[int] = set()
        self._more: dict[int, int] = {}

    def number(self, text: str) -> int:
        short = hash(text)
        if short not in self._once:
            self._once.add(short)
            return 1
        times = self._more[short] = self._more.get(short, 1) + 1
        return times

    def are_new(self, texts: Sequence[str]) -> bool:
        """Whether all of these are seen for the first time; then they are counted."""
        short = set(map(hash, texts))
        if len(short) < len(texts) or not self._once.isdisjoint(short):
            return False
        self._once |= short
        return True


class Counters(dict):
    """The `Occurrences` of a file, by what is counted."""

    def __missing__(self, key) -> Occurrences:
        value = self[key] = Occurrences()
        return value


class Chunk:
    """Some rows of one file, seen by columns. `zones` is set once the agents are known."""

    def __init__(self, columns: list[Sequence], lines: Sequence[int], counters: Counters):
        self.columns, self.lines, self.counters = columns, lines, counters
        self.size = len(lines)
        self.zones: Zone | Sequence[Zone] | None = None
        self.cache: dict = {}

    def kept(self, mask: Sequence[bool]) -> "Chunk":
        columns = [list(compress(column, mask)) for column in self.columns]
        return Chunk(columns, list(compress(self.lines, mask)), self.counters)


class JoinedTable:
    """A small file joined in, by its key."""

    def __init__(self, name: str, spec: m.Table, columns: list[str], rows: list[tuple[int, Sequence]]):
        self.name, self.spec = name, spec
        if spec.unfold:
            columns, rows = _unfolded(name, spec.unfold, columns, rows)
        self.columns = columns
        self.rows: dict[tuple, Sequence] = {}
        at = [self.index(column) for column in spec.key]
        for line, row in rows:
            self._add(tuple(self.normal(row[i]) for i in at), line, row)

    def index(self, column: str) -> int:
        if column not in self.columns:
            hint = m.did_you_mean(column, self.columns)
            raise m.MappingError(f"tables.{self.name}: {self.spec.file} has no column “{column}”{hint}")
        return self.columns.index(column)

    def normal(self, cell) -> str:
        text = as_text(cell)
        return plain(text) if self.spec.any_case else text

    def _add(self, key: tuple, line: int, row: Sequence) -> None:
        known = self.rows.get(key)
        if not any(key) or (known is not None and self.spec.repeated == "first"):
            return
        if known is not None and self.spec.repeated == "refuse" and list(known) != list(row):
            raise m.MappingError(
                f"tables.{self.name}: “{' / '.join(key)}” stands twice in {self.spec.file} (again on line {line}); "
                "say `repeated: first` or `repeated: last` to take one of them"
            )
        self.rows[key] = row


def _unfolded(name: str, unfold: m.Unfold, columns: list[str], rows: list) -> tuple[list[str], list]:
    regex = re.compile(unfold.columns)
    wide = {at: found for at, column in enumerate(columns) if (found := regex.fullmatch(column))}
    if not wide:
        raise m.MappingError(f"tables.{name}: no column matches `unfold: columns: {unfold.columns}`")
    kept = [at for at in range(len(columns)) if at not in wide]
    long = [
        (line, [*(row[i] for i in kept), found[1] if regex.groups else found[0], row[at]])
        for line, row in rows
        for at, found in wide.items()
    ]
    return [*(columns[i] for i in kept), unfold.name, unfold.value], long


def wanted_columns(spec: m.Spec) -> list[str]:
    """The names of the main file's columns that a mapping reads, in order, each once."""
    found: dict[str, None] = {}

    def walk(part) -> None:
        if isinstance(part, (m.Expression, m.Condition)) and part.column is not None:
            found[part.column] = None
        if isinstance(part, m.Strict):
            for name in type(part).model_fields:
                walk(getattr(part, name))
        elif isinstance(part, (tuple, dict)):
            for item in part.values() if isinstance(part, dict) else part:
                walk(item)

    walk(spec)
    return [name for name in map(tidy, found) if name.partition(".")[0] not in spec.tables or "." not in name]


def tidy(name: str) -> str:
    """A column's name as `files.tidy_names` makes them."""
    return " ".join(name.split())


class Compiler:
    """Turns expressions into functions over chunks, for one file with these columns. `key_of` makes a customer's number
    or address the key that is kept of it; empty for one who is not known.
    """

    def __init__(self, spec: m.Spec, columns: list[str], tables: dict[str, JoinedTable], key_of: Callable[[str], str]):
        self.spec, self.names, self.tables, self.key_of = spec, columns, tables, key_of
        self.zones = Zones()
        self.fields: dict[str, Column] = {}
        for name in spec.fields:
            self.field(name)

    # fields -------------------------------------------------------------------------------------------------------

    def field(self, name: str) -> Column:
        """The function of a field, remembered within a chunk so that others may refer to it."""
        if name not in self.fields:
            if name not in self.spec.fields:
                raise m.MappingError(f"`field: {name}` is not among `fields:`{m.did_you_mean(name, self.spec.fields)}")
            self.fields[name] = _circle(name)
            kind = m.FIELDS[self.spec.kind][name]
            column = self.column(self.spec.fields[name], kind, name, f"fields.{name}")
            self.fields[name] = _once(("field", name), column)
        return self.fields[name]

    def column(self, expr: m.Expression, kind: str, field: str = "", path: str = "") -> Column:
        """The function that gives one value a row: parsed, None where empty, `Bad` where not readable."""
        try:
            column = self._source(expr, kind, field, path)
        except BadFormat as error:
            raise m.MappingError(f"{path}.format: {error}") from None
        return self._when(expr, column, path)

    def _when(self, expr: m.Expression, column: Column, path: str) -> Column:
        if expr.when is None:
            return column
        test = self.test(expr.when, f"{path}.when")
        return lambda chunk: [value if on else None for value, on in zip(column(chunk), test(chunk), strict=True)]

    def _source(self, expr: m.Expression, kind: str, field: str, path: str) -> Column:
        source = expr.source
        if source in ("column", "position", "value", "columns", "row", "occurrence"):
            return self._leaf(expr, kind, field, path)
        if source == "first_of":
            return _first_of([self.column(part, kind, field, path) for part in expr.first_of])
        if source == "field":
            return self._reference(expr, kind, path)
        if source in ("date", "time"):
            return self._date_and_time(expr, kind, path)
        builder = {
            "not_": self._not, "condition": self._condition, "from_": self._between,
        }.get(source, self._arithmetic)  # fmt: skip
        return builder(expr, kind, path)

    def _reference(self, expr: m.Expression, kind: str, path: str) -> Column:
        column = self.field(expr.field)
        held = m.FIELDS[self.spec.kind][expr.field]
        if held == kind or {held, kind} <= {m.TEXT, m.CHOICE}:
            return column
        if (held, kind) == (m.DURATION, m.NUMBER):
            size = UNIT_SECONDS[expr.in_ or "s"] * SECOND
            return _combined([column], lambda milliseconds: milliseconds / size)
        raise m.MappingError(f"{path}: `field: {expr.field}` is a {held}, not a {kind}")

    # cells --------------------------------------------------------------------------------------------------------

    def cells(self, expr: m.Expression, path: str) -> Column:
        """The raw cells of a source, before any step."""
        source = expr.source
        if source == "column":
            return self.named(expr.column, path)
        if source == "position":
            return self._position(expr.position, path)
        if source == "value":
            return lambda chunk: [expr.value] * chunk.size
        if source == "columns":
            return self._joined([self.column(part, m.TEXT, "", path) for part in expr.columns], expr.join)
        if source == "row":
            return row_ids
        if source == "occurrence":
            return self._occurrence(self.column(expr.occurrence, m.TEXT, "", path), path)
        raise m.MappingError(f"{path}: `{source.rstrip('_')}:` gives no text; use it for times, durations or numbers")

    def named(self, name: str, path: str = "") -> Column:
        name = tidy(name)
        if name in self.names:
            return _at(self.names.index(name))
        if name.startswith("#") and name[1:].isdigit():
            return self._position(int(name[1:]), path)
        table, dot, column = name.partition(".")
        if dot and table in self.tables:
            return self._from_table(self.tables[table], column.strip())
        known = [*self.names, *(f"{table.name}.{column}" for table in self.tables.values() for column in table.columns)]
        raise m.MappingError(f"{path}: there is no column “{name}”{m.did_you_mean(name, known)}")

    def _position(self, position: int, path: str) -> Column:
        if not 1 <= position <= len(self.names):
            raise m.MappingError(f"{path}: there is no column {position}; the file has {len(self.names)}")
        return _at(position - 1)

    def _from_table(self, table: JoinedTable, column: str) -> Column:
        at, found = table.index(column), self._table_rows(table)
        refuse = table.spec.missing == "refuse"
        absent = Bad("", f"has no row in {table.spec.file}", f"{table.name}.{column}") if refuse else ""
        return lambda chunk: [absent if row is None else row[at] for row in found(chunk)]

    def _table_rows(self, table: JoinedTable) -> Column:
        keys = [self.column(part, m.TEXT, "", f"tables.{table.name}.match") for part in table.spec.match]

        def find(chunk: Chunk) -> list:
            parts = zip(*(key(chunk) for key in keys), strict=True)
            memo = Memo(lambda key: table.rows.get(tuple("" if p is None else table.normal(p) for p in key)))
            return [memo[part] for part in parts]

        return _once(("table", table.name), find)

    @staticmethod
    def _joined(columns: list[Column], join: str) -> Column:
        loose = not join.strip()

        def text(*parts) -> str:
            whole = join.join(part or "" for part in parts)
            if not any(parts):
                return ""
            return " ".join(whole.split()) if loose else whole

        return _combined(columns, text, skip_empty=False)

    @staticmethod
    def _occurrence(column: Column, path: str) -> Column:
        def numbers(chunk: Chunk) -> list[str]:
            number = chunk.counters[path].number
            return [str(number(text or "")) for text in column(chunk)]

        return _once(("occurrence", path), numbers)

    def _leaf(self, expr: m.Expression, kind: str, field: str, path: str) -> Column:
        cells, label = self.cells(expr, path), self._label(expr)
        if kind == m.MOMENT:
            return self._moments(expr, cells, label, path)
        memo = Memo(self._cell_parser(expr, self._parser(expr, kind, field)), label)
        if kind == m.TEXT and not _steps(expr):
            return self._texts(expr, cells, memo, LONGEST.get(field, 500))
        return lambda chunk: list(map(memo.__getitem__, cells(chunk)))

    def _texts(self, expr: m.Expression, cells: Column, memo: Memo, limit: int) -> Column:
        """Text that is mostly different in each row, such as ids, is not remembered but taken as it is."""
        has_words = bool(expr.empty if expr.empty is not None else self.spec.file.empty)

        def texts(chunk: Chunk) -> list:
            raw = cells(chunk)
            if has_words or len(set(raw)) * 2 < len(raw):
                return list(map(memo.__getitem__, raw))
            try:
                bare = list(map(str.strip, raw))
            except TypeError:  # a typed cell
                return list(map(memo.__getitem__, raw))
            plain_texts = "" not in bare and max(map(len, bare), default=0) <= limit and "\x00" not in "".join(bare)
            return bare if plain_texts else list(map(memo.__getitem__, raw))

        return texts

    def _label(self, expr: m.Expression) -> str:
        for part in (expr, *(expr.columns or ())):
            if part.column is not None:
                return part.column
        return "" if expr.position is None else self.names[expr.position - 1]

    def _cell_parser(self, expr: m.Expression, parse: Callable) -> Callable:
        """Steps on the text of a cell, in order: empty words, extract, replace, case, map, default; then the parser."""
        empty = {word.casefold() for word in (expr.empty if expr.empty is not None else self.spec.file.empty)}
        steps = _steps(expr)

        def whole(cell):
            if cell.__class__ is Bad:
                return cell
            if cell.__class__ is str:
                cell = cell.strip()
                if cell.casefold() in empty:
                    cell = ""
            for step in steps:
                cell = step(as_text(cell))
            return None if cell is None or cell == "" else parse(cell)

        return whole

    def _number(self, expr: m.Expression) -> Callable:
        options = self.spec.file
        decimal = expr.decimal or options.decimal
        thousands = expr.thousands if expr.thousands is not None else options.thousands
        return number_parser(decimal, "" if thousands == decimal else thousands)

    def _parser(self, expr: m.Expression, kind: str, field: str) -> Callable:
        number = self._number(expr)
        duration = lambda: duration_parser(expr.unit or "s", number, expr.format[0] if expr.format else "")  # noqa: E731
        if kind == m.NUMBER and expr.as_ == "duration":
            parse, size = duration(), UNIT_SECONDS[expr.in_ or "s"] * SECOND
            return lambda cell: parse(cell) / size
        makers = {
            m.TEXT: lambda: _text_parser(LONGEST.get(field, 500)),
            m.NUMBER: lambda: number,
            m.DURATION: duration,
            m.TRUTH: lambda: truth_parser(expr.yes, expr.no),
            m.CHOICE: lambda: choice_parser(CHOICES[field]),
            m.WHOLE: lambda: whole_number,
            m.DAY: lambda: day_parser(expr.format),
            m.SECRET: lambda: lambda cell: self.key_of(as_text(cell)) or None,
        }
        return makers[kind]()

    # moments ------------------------------------------------------------------------------------------------------

    def _zone(self, expr: m.Expression, path: str) -> Zone | None:
        """The zone that an expression names; None for that of the row."""
        if expr.zone in (None, "division"):
            return None
        try:
            return self.zones[expr.zone]
        except KeyError:
            raise m.MappingError(f"{path}.zone: “{expr.zone}” is no time zone; write Europe/Berlin, say") from None

    def _moments(self, expr: m.Expression, cells: Column, label: str, path: str) -> Column:
        memo = Memo(self._cell_parser(expr, moment_parser(expr.format)), label)
        plain_text = not _steps(expr) and expr.empty is None and not self.spec.file.empty
        halves = halves_memo(expr.format) if plain_text else None
        zone = self._zone(expr, path)

        def local(chunk: Chunk) -> list:
            raw = cells(chunk)
            if halves:
                try:
                    return _by_halves(raw, *halves)
                except TypeError:  # an empty cell, one that is typed, or one of another form
                    return [_half_by_half(cell, memo, *halves) for cell in raw]
            return [memo[cell] for cell in raw]

        return self._anchored(local, zone, expr)

    def _anchored(self, local: Column, zone: Zone | None, expr: m.Expression) -> Column:
        """Local times into UTC, by the zone of the expression or of the row; a stated offset goes before."""

        def utc(chunk: Chunk) -> list:
            values = to_utc(local(chunk), zone or chunk.zones)
            return self._overnight(chunk, values) if expr.overnight else values

        return utc

    def _overnight(self, chunk: Chunk, values: list) -> list:
        return [
            value + DAY if value.__class__ is int and begun.__class__ is int and value < begun else value
            for value, begun in zip(values, self.field("started_at")(chunk), strict=True)
        ]

    def _date_and_time(self, expr: m.Expression, kind: str, path: str) -> Column:
        if expr.format:
            raise m.MappingError(f"{path}: say the `format:` inside `date:` and inside `time:`, where each is read")
        if kind == m.DAY and expr.time is None:
            return self.column(expr.date, kind, "", f"{path}.date")
        if kind != m.MOMENT:
            raise m.MappingError(f"{path}: `date:` and `time:` make a moment, not a {kind}")
        zone = self._zone(expr, path)
        if expr.time is None:
            return self.column(expr.date, kind, "", f"{path}.date")
        clock = self._times(expr.time, f"{path}.time")
        if expr.date is None:
            return self._time_of_start(clock, zone)
        days = self.column(expr.date, m.DAY, "", f"{path}.date")
        return self._anchored(_combined([days, clock], lambda day, time: day * DAY + time), zone, expr)

    def _times(self, expr: m.Expression, path: str) -> Column:
        cells = self.cells(expr, path)
        memo = Memo(self._cell_parser(expr, time_parser(expr.format)), self._label(expr))
        return self._when(expr, lambda chunk: list(map(memo.__getitem__, cells(chunk))), path)

    def _time_of_start(self, clock: Column, zone: Zone | None) -> Column:
        """A time without a date is on the day of `started_at`, or on the next where it would be earlier."""
        started = self.field("started_at")

        def utc(chunk: Chunk) -> list:
            zones = _per_row(zone or chunk.zones, chunk.size)
            out = []
            for begun, time, own in zip(started(chunk), clock(chunk), zones, strict=True):
                if begun.__class__ is not int or time.__class__ is not int:
                    out.append(time if time.__class__ is Bad else None)
                    continue
                wall = own.to_local(begun)
                local = wall // DAY * DAY + time
                out.append(own.to_utc(local if local >= wall - wall % 60_000_000 else local + DAY))
            return [
                max(at, begun) if at.__class__ is int else at for at, begun in zip(out, started(chunk), strict=True)
            ]

        return utc

    # arithmetic ---------------------------------------------------------------------------------------------------

    def _between(self, expr: m.Expression, kind: str, path: str) -> Column:
        """The time from one moment to another, as a duration, or as a number `in:` a unit."""
        if kind not in (m.DURATION, m.NUMBER):
            raise m.MappingError(f"{path}: `from:` and `to:` make a duration, not a {kind}")
        ends = [self.column(part, m.MOMENT, "", path) for part in (expr.from_, expr.to)]

        def length(begun: int, ended: int) -> int:
            if ended < begun:
                raise Unreadable("ends before it begins")
            return (ended - begun + 500) // 1000

        milliseconds = _combined(ends, length, label=self._label(expr.to))
        if kind == m.DURATION:
            return milliseconds
        size = UNIT_SECONDS[expr.in_ or "s"] * SECOND
        return _combined([milliseconds], lambda value: value / size)

    def _arithmetic(self, expr: m.Expression, kind: str, path: str) -> Column:
        source = expr.source
        if kind == m.MOMENT and source in ("plus", "minus"):
            return self._moved(expr, path)
        if kind not in (m.NUMBER, m.DURATION) or source == "plus":
            raise m.MappingError(f"{path}: `{source}:` cannot make a {kind}")
        inner = kind if source in ("sum", "minus") and not (kind == m.NUMBER and expr.as_) else m.NUMBER
        parts = [self.column(part, inner, "", f"{path}.{source}") for part in getattr(expr, source)]
        work = {"sum": _sum, "minus": _minus, "product": _product, "divide": _divide}[source]
        if kind == m.DURATION and inner == m.NUMBER:
            size = UNIT_SECONDS[expr.unit or "s"] * SECOND
            return _combined(parts, lambda *values: _as_milliseconds(work(*values) * size), label=self._label_of(expr))
        if kind == m.DURATION:
            return _combined(parts, lambda *values: _as_milliseconds(work(*values)), label=self._label_of(expr))
        return _combined(parts, lambda *values: _not_too_large(work(*values)), label=self._label_of(expr))

    def _label_of(self, expr: m.Expression) -> str:
        parts = expr.sum or expr.minus or expr.product or expr.divide or ()
        return next((self._label(part) for part in parts if self._label(part)), "")

    def _moved(self, expr: m.Expression, path: str) -> Column:
        sign = 1 if expr.source == "plus" else -1
        first, *rest = getattr(expr, expr.source)
        columns = [self.column(first, m.MOMENT, "", path), *(self.column(p, m.DURATION, "", path) for p in rest)]
        return _combined(columns, lambda moment, *lengths: moment + sign * 1000 * sum(lengths))

    # truth --------------------------------------------------------------------------------------------------------

    def _not(self, expr: m.Expression, kind: str, path: str) -> Column:
        if kind != m.TRUTH:
            raise m.MappingError(f"{path}: `not:` makes yes or no, not a {kind}")
        return _combined([self.column(expr.not_, kind, "", f"{path}.not")], lambda truth: not truth)

    def _condition(self, expr: m.Expression, kind: str, path: str) -> Column:
        if kind != m.TRUTH:
            raise m.MappingError(f"{path}: `condition:` makes yes or no, not a {kind}")
        return self.test(expr.condition, f"{path}.condition")

    def test(self, condition: m.Condition, path: str) -> Column:
        """A column of True and False. An empty or unreadable cell meets no test of size or date."""
        if condition.all is not None or condition.any is not None:
            parts = [self.test(part, path) for part in condition.all or condition.any or ()]
            whole = all if condition.all is not None else any
            return lambda chunk: [whole(row) for row in zip(*(part(chunk) for part in parts), strict=True)]
        if condition.not_ is not None:
            inner = self.test(condition.not_, path)
            return lambda chunk: [not holds for holds in inner(chunk)]
        subject, holds = condition.subject, self._holds(condition, path)
        if subject.column is not None or subject.position is not None:
            cells, parse = self.cells(subject, path), self._cell_parser(subject, lambda cell: cell)
            memo = Memo(lambda cell: holds(parse(cell)))
            return lambda chunk: [memo[cell] for cell in cells(chunk)]
        column = self.column(subject, m.TEXT, "", path)
        return lambda chunk: [holds(value) for value in column(chunk)]

    def _holds(self, c: m.Condition, path: str) -> Callable:
        number = number_parser(self.spec.file.decimal, self.spec.file.thousands)
        size = duration_parser(c.unit or "s", number) if c.as_ == "duration" else number
        scale = SECOND if c.as_ == "duration" else 1
        tests = _text_tests(c)
        for bound, compare in (
            (c.at_least, lambda a, b: a >= b), (c.at_most, lambda a, b: a <= b),
            (c.over, lambda a, b: a > b), (c.under, lambda a, b: a < b),
        ):  # fmt: skip
            if bound is not None:
                tests.append(_sized(size, _bound(bound, number_parser(), path) * scale, compare))
        try:
            day = day_parser(c.format)
            if c.since is not None:
                tests.append(_sized(day, day_parser(())(c.since), lambda a, b: a >= b))
            if c.before is not None:
                tests.append(_sized(day, day_parser(())(c.before), lambda a, b: a < b))
        except (BadFormat, Unreadable) as error:
            raise m.MappingError(f"{path}: {error}; write days as 2024-09-30") from None
        return lambda cell: all(test(cell) for test in tests)


def _bound(text: str, parse: Callable, path: str) -> Decimal:
    try:
        return parse(text)
    except Unreadable as error:
        raise m.MappingError(f"{path}: “{text}” {error}") from None


def _text_tests(c: m.Condition) -> list[Callable]:
    tests: list[Callable] = []
    if c.is_ is not None:
        tests.append(lambda cell: _said(cell) == c.is_)
    if c.is_not is not None:
        tests.append(lambda cell: _said(cell) != c.is_not)
    if c.one_of is not None:
        tests.append(lambda cell: _said(cell) in c.one_of)
    if c.none_of is not None:
        tests.append(lambda cell: _said(cell) not in c.none_of)
    if c.is_empty is not None:
        tests.append(lambda cell: (_said(cell) == "") == c.is_empty)
    if c.matches is not None:
        regex = re.compile(c.matches)
        tests.append(lambda cell: regex.search(_said(cell)) is not None)
    if c.contains is not None:
        tests.append(lambda cell: c.contains in _said(cell))
    if c.begins_with is not None:
        tests.append(lambda cell: _said(cell).startswith(c.begins_with))
    return tests


def _said(cell) -> str:
    return "" if cell is None or cell.__class__ is Bad else as_text(cell)


def _sized(parse: Callable, bound, compare: Callable) -> Callable:
    def test(cell) -> bool:
        if cell is None or cell == "":
            return False
        try:
            return compare(parse(cell), bound)
        except Unreadable:
            return False

    return test


def _steps(expr: m.Expression) -> list[Callable[[str], str]]:
    steps: list[Callable] = []
    if expr.extract is not None:
        regex = re.compile(expr.extract)
        group = 1 if regex.groups else 0
        steps.append(lambda text: (found[group] or "") if (found := regex.search(text)) else "")
    if expr.replace is not None:
        pairs = list(expr.replace.items())
        steps.append(lambda text: _replaced(text, pairs))
    if expr.case is not None:
        steps.append(getattr(str, expr.case))
    if expr.map is not None:
        steps.append(_mapped(expr))
    if expr.default is not None:
        steps.append(lambda text: text or expr.default)
    return steps


def _replaced(text: str, pairs) -> str:
    for old, new in pairs:
        text = text.replace(old, new or "")
    return text.strip()


def _mapped(expr: m.Expression) -> Callable[[str], str]:
    """A value that stands in the map; else `otherwise`, where it is said; else the value itself."""
    words = {key.strip(): value or "" for key, value in expr.map.items()}
    other = "otherwise" in expr.model_fields_set
    return lambda text: words.get(text, (expr.otherwise or "") if other and text else text)


def _text_parser(limit: int) -> Callable:
    check = at_most_long(limit)
    return lambda cell: check(as_text(cell))


def _at(index: int) -> Column:
    return lambda chunk: chunk.columns[index]


def _circle(name: str) -> Column:
    def refuse(chunk):
        raise m.MappingError(f"fields.{name}: is made from itself")

    return refuse


def _once(key, column: Column) -> Column:
    def remembered(chunk: Chunk):
        if key not in chunk.cache:
            chunk.cache[key] = column(chunk)
        return chunk.cache[key]

    return remembered


def _first_of(columns: list[Column]) -> Column:
    def first(chunk: Chunk) -> list:
        return [
            next((value for value in row if value is not None), None)
            for row in zip(*(column(chunk) for column in columns), strict=True)
        ]

    return first


def _combined(columns: list[Column], work: Callable, *, skip_empty=True, label="") -> Column:
    """`work` over the values of a row. A bad value spoils it; with `skip_empty` an empty one empties it."""

    def combine(values: tuple):
        for value in values:
            if value.__class__ is Bad:
                return value
            if value is None and skip_empty:
                return None
        return work(*values)

    memo = Memo(combine, label)

    def column(chunk: Chunk) -> list:
        out = [memo[values] for values in zip(*(part(chunk) for part in columns), strict=True)]
        if memo.spoiled:
            out = [_worded(value, label) if value.__class__ is Bad else value for value in out]
        return out

    return column


def _worded(bad: Bad, label: str) -> Bad:
    if bad.value.__class__ is tuple:
        bad.value, bad.column = "", bad.column or label
    return bad


def row_ids(chunk: Chunk) -> list[str]:
    """An id for each row from its content and how often that content came before in the file."""
    if "row ids" not in chunk.cache:
        number = chunk.counters["row"].number
        ids = []
        for row in zip(*chunk.columns, strict=True):
            content = "\x1f".join(map(as_text, row)).encode()
            digest = hashlib.blake2b(content, digest_size=16).hexdigest()
            ids.append(f"{digest}-{number(digest)}")
        chunk.cache["row ids"] = ids
    return chunk.cache["row ids"]


def _by_halves(raw: Sequence, separator: str, days: Memo, times: Memo) -> list[int]:
    """Local moments of text whose day and time are remembered apart; TypeError where one does not fit."""
    if separator:
        pairs = [str.partition(text, separator) for text in raw]
        return [days[day] + times[time] for day, _, time in pairs]
    return [days[text[:10]] + times[text[10:]] for text in raw]


def _half_by_half(cell, memo: Memo, separator: str, days: Memo, times: Memo):
    if not cell:
        return None
    try:
        return _by_halves((cell,), separator, days, times)[0]
    except TypeError:
        return memo[cell]


def _per_row(zones, size: int) -> Sequence[Zone]:
    return [zones] * size if isinstance(zones, Zone) else zones


def to_utc(values: Sequence, zones: Zone | Sequence[Zone]) -> list:
    """UTC of local microseconds (ints) and of `Moment`s; None and `Bad` pass."""
    if values and values[0].__class__ is int and values[0] >= STATED:
        try:
            if min(values) >= STATED:
                return [value - STATED for value in values]
        except TypeError:  # an empty or unreadable one among them
            pass
    if isinstance(zones, Zone):
        known = zones.by_local_day
        return [
            value - offset
            if value.__class__ is int and (offset := known.get(value // DAY)) is not None
            else _one_to_utc(value, zones)
            for value in values
        ]
    return [_one_to_utc(value, zone) for value, zone in zip(values, zones, strict=True)]


def _one_to_utc(value, zone: Zone):
    if value is None or value.__class__ is Bad:
        return value
    if value.__class__ is int:
        return value - STATED if value >= STATED else zone.to_utc(value)
    return zone.to_utc(value.local) if value.offset is None else value.local - value.offset


def _not_too_large(value):
    if value is not None and abs(value) >= 10**10:
        raise Unreadable("comes out too large")
    return value


def _sum(*values):
    return sum(values)


def _minus(first, *rest):
    return first - sum(rest)


def _product(*values):
    out = Decimal(1)
    for value in values:
        out *= value
    return out


def _divide(first, *rest):
    for value in rest:
        if value == 0:
            return None
        first = first / value
    return first


def _as_milliseconds(value) -> int | None:
    if value is None:
        return None
    if value < 0:
        raise Unreadable("comes out below zero")
    return int(Decimal(value).to_integral_value("ROUND_HALF_UP"))
