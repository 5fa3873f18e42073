"""A mapping and files into batches that can be written. Reads the database for people; writes nothing."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from interactions.queries import customer_key_of

from .files import CHUNK_ROWS, FileRefused, Reader, Rows, open_file
from .people import Directory, Person
from .rules import mapping as m
from .rules.columns import Chunk, Column, Compiler, Counters, JoinedTable, row_ids, wanted_columns
from .rules.patterns import DAY
from .rules.values import Bad, units
from .rules.zones import Zone

HEADLESS_SAMPLE = 500
TABLE_ROWS_MAX = 1_000_000

Issue = tuple[int, str, str, str]
"""(line, column, value, reason)"""


@dataclass
class Batch:
    """One piece of a file, converted. `columns` holds a list for each column to be written; `people` the person of
    each row, who may still have to be made.
    """

    end: dict
    last_line: int
    taken: int = 0
    left_out: int = 0
    issues: list[Issue] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    columns: dict[str, list] = field(default_factory=dict)
    people: list[Person | None] = field(default_factory=list)

    def first_days(self) -> dict[Person, int]:
        """Each person of the batch, in order of appearance, with their first workday in it."""
        first: dict[Person, int] = {}
        for person, day in dict.fromkeys(zip(self.people, self.columns["workday"], strict=True)):
            if person is not None and day < first.get(person, day + 1):
                first[person] = day
        return first


class Source:
    """A data file, open and compiled against the mapping."""

    def __init__(self, spec: m.Spec, name: str, reader: Reader, tables: dict[str, JoinedTable]):
        self.spec, self.name, self.reader = spec, name, reader
        self.compiler = Compiler(spec, reader.columns, tables, customer_key_of)
        self.fields = self.compiler.fields
        self.keep = self.compiler.test(spec.keep, "keep") if spec.keep else None
        self.leave_out = self.compiler.test(spec.leave_out, "leave_out") if spec.leave_out else None
        self.who = [self._agent_part(part) for part in ("id", "email", "name", "division", "team", "lead")]
        self.metrics = [
            (
                reading,
                self.compiler.column(reading.total, m.NUMBER, "", f"metrics.{reading.metric}.value"),
                self.compiler.column(reading.count, m.NUMBER, "", f"metrics.{reading.metric}.count")
                if reading.count
                else None,
            )
            for reading in spec.metrics
        ]
        self.counters = Counters()
        self.zone_names = self._zone_names()

    def _agent_part(self, part: str) -> Column | None:
        expr = getattr(self.spec.agent, part)
        if expr is None:
            return None
        return self.compiler.column(expr, m.TEXT, f"agent.{part}", f"agent.{part}")

    def _zone_names(self) -> Column | Zone | None:
        """The zone of all rows, or the column that names it, or None where it is the division's."""
        expr = self.spec.time_zone
        if expr.value == "division":
            return None
        if expr.source != "value":
            return self.compiler.column(expr, m.TEXT, "", "time_zone")
        try:
            return self.compiler.zones[expr.value]
        except KeyError:
            raise m.MappingError(
                f"time_zone: “{expr.value}” is no time zone; write a name such as Europe/Berlin, or `division`"
            ) from None

    def mask(self, chunk: Chunk) -> list[bool]:
        """Which rows the mapping keeps."""
        keep = self.keep(chunk) if self.keep else [True] * chunk.size
        if self.leave_out is None:
            return keep
        return [kept and not left for kept, left in zip(keep, self.leave_out(chunk), strict=True)]


class Pipeline:
    """All files of an import under one mapping. Opening checks everything that can be checked before a row is read."""

    def __init__(
        self,
        spec: m.Spec,
        files: Sequence[tuple[str, str]],
        tables: dict[str, str],
        within: Collection[int] | None = None,
    ):
        """`files` are (name, path) of the data; `tables` the path of each joined table's file, by the table's name.
        `within` are the only people whom rows may be about, None where they may be about anyone.
        """
        self.spec = spec
        joined = {name: self._table(name, table, tables) for name, table in spec.tables.items()}
        wanted = wanted_columns(spec)
        self.sources = []
        for name, path in files:
            reader = open_file(path, name=name, options=spec.file, wanted=wanted, max_mb=settings.LAUREL_IMPORT_MAX_MB)
            self.sources.append(Source(spec, name, reader, joined))
        if not self.sources:
            raise FileRefused("No file was given.")
        self.directory = Directory(spec, within)

    @property
    def expected_rows(self) -> int:
        return sum(source.reader.expected_rows for source in self.sources)

    @staticmethod
    def _table(name: str, table: m.Table, paths: dict[str, str]) -> JoinedTable:
        path = paths.get(name)
        if path is None:
            raise FileRefused(f"tables.{name}: the file “{table.file}” is not there; give it along with the data.")
        reader = open_file(path, name=Path(path).name, options=table, max_mb=settings.LAUREL_IMPORT_MAX_MB)
        rows: list[tuple[int, Sequence]] = []
        empty = {word.casefold() for word in table.empty}
        for piece in reader.rows():
            rows += [
                (line, [_emptied(cell, empty) for cell in row])
                for line, row in zip(piece.lines, piece.cells, strict=True)
            ]
            if len(rows) > TABLE_ROWS_MAX:
                raise FileRefused(f"tables.{name}: “{table.file}” has more than {TABLE_ROWS_MAX:,} rows.")
        return JoinedTable(name, table, reader.columns, rows)

    # reading ------------------------------------------------------------------------------------------------------

    def pieces(self, at: int, start: dict | None, size: int = CHUNK_ROWS) -> Iterator[tuple[Chunk, Batch]]:
        """The rows of source `at` that the mapping keeps, with what is known of them so far."""
        source = self.sources[at]
        for rows in source.reader.rows(start, size):
            yield self._piece(source, rows)

    @staticmethod
    def _piece(source: Source, rows: Rows) -> tuple[Chunk, Batch]:
        chunk = Chunk(rows.columns, rows.lines, source.counters)
        batch = Batch(rows.end, rows.last_line, taken=chunk.size + len(rows.problems), issues=list(rows.problems))
        if chunk.size and (source.keep or source.leave_out):
            mask = source.mask(chunk)
            kept = sum(mask)
            if kept < chunk.size:
                batch.left_out = chunk.size - kept
                chunk = chunk.kept(mask)
        return chunk, batch

    def batches(self, at: int, start: dict | None, size: int = CHUNK_ROWS) -> Iterator[Batch]:
        """Converted batches of source `at`, from `start` on."""
        for chunk, batch in self.pieces(at, start, size):
            yield self.converted(self.sources[at], chunk, batch)

    def first_day(self, *, beat: Callable[[], object]) -> int | None:
        """The first day that any row kept begins on, in the clock of the file; None where none can be read. `beat` is
        called for each piece.
        """
        days = []
        for at, source in enumerate(self.sources):
            name = "started_at" if "started_at" in source.fields else "workday"
            if name not in source.fields:
                continue
            for chunk, _ in self.pieces(at, None):
                beat()
                chunk.zones = source.compiler.zones["UTC"]
                values = [value for value in source.fields[name](chunk) if value.__class__ is int]
                if values:
                    days.append(min(values) // DAY if name == "started_at" else min(values))
            source.counters.clear()
        return min(days, default=None)

    def count_up_to(self, at: int, end: dict, size: int, *, since: dict | None, beat: Callable[[], object]) -> None:
        """Counts what repeats in a file up to a position, or from `since`, up to where it was counted already; so that
        ids go on as they were.
        """
        if since is None:
            self.sources[at].counters.clear()
        for batch in self.batches(at, since, size):
            beat()
            if batch.end == end:
                return

    # converting ---------------------------------------------------------------------------------------------------

    def converted(self, source: Source, chunk: Chunk, batch: Batch) -> Batch:
        if not chunk.size:
            batch.columns = {"workday": []}
            return batch
        people = self._people(source, chunk)
        bad: dict[int, Issue] = {}
        self._spot(people, chunk, bad)
        chunk.zones = self._zones(source, chunk, people, bad)
        convert = {"interactions": self._legs, "readings": self._readings, "evaluations": self._evaluations}
        convert[self.spec.kind](source, chunk, people, bad, batch)
        return batch

    def _people(self, source: Source, chunk: Chunk) -> list:
        return self.directory.find([part and part(chunk) for part in source.who])

    def _zones(self, source: Source, chunk: Chunk, people: list, bad: dict) -> Zone | list:
        if isinstance(source.zone_names, Zone):
            return source.zone_names
        if source.zone_names is not None:
            return self._named_zones(source, chunk, bad)
        return self._division_zones(people)

    def _division_zones(self, people: list) -> Zone | list:
        default = self.directory.default_zone()
        kinds = {person.zone if person.__class__ is Person else default for person in set(people)}
        if len(kinds) == 1 and isinstance(only := kinds.pop(), Zone):
            return only
        return [person.zone if person.__class__ is Person else default for person in people]

    @staticmethod
    def _named_zones(source: Source, chunk: Chunk, bad: dict) -> list:
        zones, utc, out = source.compiler.zones, source.compiler.zones["UTC"], []
        for at, name in enumerate(source.zone_names(chunk)):
            try:
                out.append(zones[name])
            except KeyError:
                bad.setdefault(at, (chunk.lines[at], "", str(name or ""), "is no time zone"))
                out.append(utc)
        return out

    @staticmethod
    def _spot(values: Sequence, chunk: Chunk, bad: dict[int, Issue], secret: bool = False) -> None:
        """Takes note of the rows whose value could not be read."""
        if Bad not in set(map(type, values)):
            return
        for at, value in enumerate(values):
            if value.__class__ is Bad and at not in bad:
                shown = "" if secret else str(value.value)
                bad[at] = (chunk.lines[at], value.column, shown, value.reason)

    def _values(self, source: Source, chunk: Chunk, bad: dict) -> dict[str, Sequence]:
        values = {}
        for name, column in source.fields.items():
            values[name] = column(chunk)
            self._spot(values[name], chunk, bad, secret=name == "customer")
        for name in m.REQUIRED[self.spec.kind]:
            if None in values[name]:
                for at, value in enumerate(values[name]):
                    if value is None:
                        bad.setdefault(at, (chunk.lines[at], "", "", f"“{name}” comes out empty"))
        return values

    def _whoever(self, people: list, chunk: Chunk, batch: Batch, bad: dict) -> list[bool]:
        """Which rows stay although or because they name nobody."""
        rule = self.spec.agent.missing if self.directory.within is None else "refuse"
        if None not in people or (rule == "keep" and self.spec.kind == "interactions"):
            return [True] * chunk.size
        for at, person in enumerate(people):
            if person is None and rule == "refuse":
                bad.setdefault(at, (chunk.lines[at], "", "", "the row names no agent"))
        if rule != "refuse":
            batch.left_out += sum(1 for at, person in enumerate(people) if person is None and at not in bad)
        return [person is not None for person in people]

    def _legs(self, source: Source, chunk: Chunk, people: list, bad: dict, batch: Batch) -> None:
        values = self._values(source, chunk, bad)
        keep = self._whoever(people, chunk, batch, bad)
        values["ended_at"] = self._ends(values, chunk, bad)
        for at in bad:
            keep[at] = False
        self._repeats(source, chunk, keep, values, bad)
        workdays = self._workdays(values["started_at"], self._division_zones(people), keep)
        chosen = _chooser(keep)
        none = [None] * sum(keep)
        batch.issues += bad.values()
        batch.lines, batch.people = chosen(chunk.lines), chosen(people)
        given = {name: chosen(column) for name, column in values.items() if column is not None}
        batch.columns = {
            "source": [self.spec.source] * len(none),
            "external_id": given["id"],
            "leg_number": [1 if leg is None else leg for leg in given.get("leg", none)],
            "workday": chosen(workdays),
            "started_at": given["started_at"],
            "ended_at": given.get("ended_at", none),
            "media_type": [kind or "voice" for kind in given.get("media_type", none)],
            "direction": given.get("direction", none),
            "queue": given.get("queue", none),
            "rating": _scaled(given.get("rating", none), 3),
            "charge": _scaled(given.get("charge", none), 8),
            "customer_key": given.get("customer", none),
            **{f"{name}_seconds": given.get(name, none) for name in ("wait", "talk", "hold", "after_call")},
            **{name: given.get(name, none) for name in ("answered", "abandoned", "transferred", "resolved", "wrap_up")},
        }

    @staticmethod
    def _ends(values: dict, chunk: Chunk, bad: dict) -> Sequence | None:
        """Ends, none before its beginning: in the hour that a clock repeats, the second time is meant."""
        ends = values.get("ended_at")
        if ends is None:
            return None
        ends = list(ends)
        zones = chunk.zones
        for at, (begun, ended) in enumerate(zip(values["started_at"], ends, strict=True)):
            if ended is None or ended.__class__ is Bad or begun.__class__ is not int or ended >= begun:
                continue
            zone = zones if isinstance(zones, Zone) else zones[at]
            later = zone.to_utc(zone.to_local(ended), second=True)
            if later >= begun:
                ends[at] = later
            else:
                bad.setdefault(
                    at,
                    (
                        chunk.lines[at],
                        "",
                        "",
                        "ends before it begins; where it ends after midnight say `overnight: yes`",
                    ),
                )
        return ends

    @staticmethod
    def _repeats(source: Source, chunk: Chunk, keep: list[bool], values: dict, bad: dict) -> None:
        """A second row of an id and leg in a file is not taken, whichever its content: which of them is right?"""
        if source.spec.fields["id"].source == "row":
            return  # these ids count what repeats
        number, ids = source.counters["taken"].number, values["id"]
        if legs := values.get("leg"):
            ids = [f"{id_}\x1f{leg}" for id_, leg in zip(ids, legs, strict=True)]
        if False not in keep and source.counters["taken"].are_new(ids):
            return
        for at, (id_, kept) in enumerate(zip(ids, keep, strict=True)):
            if kept and number(id_) > 1:
                keep[at] = False
                hint = "an earlier row of this file has this id; where rows are legs of one contact, say `leg:`"
                bad[at] = (chunk.lines[at], "", str(values["id"][at]), hint)

    @staticmethod
    def _workdays(moments: Sequence, zones: Zone | list, keep: list[bool]) -> list:
        if isinstance(zones, Zone):
            known, ask = zones.by_utc_day, zones.to_local
            return [
                (at + offset if (offset := known.get(at // DAY)) is not None else ask(at)) // DAY if kept else None
                for at, kept in zip(moments, keep, strict=True)
            ]
        return [zone.to_local(at) // DAY if kept else None for at, zone, kept in zip(moments, zones, keep, strict=True)]

    def _readings(self, source: Source, chunk: Chunk, people: list, bad: dict, batch: Batch) -> None:
        """One row of the file may hold several readings; a metric without a value in it gives none."""
        values = self._values(source, chunk, bad)
        measured = []
        for reading, value, count in source.metrics:
            pair = value(chunk), count(chunk) if count else [None] * chunk.size
            for column in pair:
                self._spot(column, chunk, bad)
            measured.append((reading.metric, *pair))
        keep = self._whoever(people, chunk, batch, bad)
        for at in bad:
            keep[at] = False
        batch.issues += bad.values()
        ids = [""] * chunk.size
        if self.spec.reading == "cumulative":
            ids = values["id"] if "id" in values else row_ids(chunk)
        long = [
            (at, metric, value[at], count[at])
            for at in range(chunk.size)
            if keep[at]
            for metric, value, count in measured
            if value[at] is not None
        ]
        if self.spec.reading == "total":
            long = self._once_a_day(source, chunk, long, people, values["workday"], batch)
        batch.lines = [chunk.lines[at] for at, *_ in long]
        batch.people = [people[at] for at, *_ in long]
        batch.columns = {
            "workday": [values["workday"][at] for at, *_ in long],
            "metric": [metric for _, metric, _, _ in long],
            "value": [value for *_, value, _ in long],
            "count": [count for *_, count in long],
            "id": [ids[at] for at, *_ in long],
        }

    @staticmethod
    def _once_a_day(source: Source, chunk: Chunk, long: list, people: list, workdays: Sequence, batch: Batch) -> list:
        """A total of an agent's metric on a day stands once in a file: a second one would take the first away."""
        number, kept = source.counters["taken"].number, []
        for row in long:
            at, metric = row[0], row[1]
            who = people[at].external_id or people[at].email or people[at].name
            if number(f"{who}\x1f{workdays[at]}\x1f{metric}") == 1:
                kept.append(row)
            else:
                hint = (
                    f"an earlier row has {metric} of this agent and day; where rows add up, say `reading: cumulative`"
                )
                batch.issues.append((chunk.lines[at], "", people[at].name, hint))
        return kept

    def _evaluations(self, source: Source, chunk: Chunk, people: list, bad: dict, batch: Batch) -> None:
        values = self._values(source, chunk, bad)
        self._check_scores(values, chunk, bad)
        of_leg = "interaction" in values
        keep = [True] * chunk.size if of_leg else self._whoever(people, chunk, batch, bad)
        for at in bad:
            keep[at] = False
        self._repeats(source, chunk, keep, values, bad)
        chosen = _chooser(keep)
        none = [None] * sum(keep)
        batch.issues += bad.values()
        batch.lines, batch.people = chosen(chunk.lines), chosen(people)
        given = {name: chosen(column) for name, column in values.items()}
        batch.columns = {
            "source": [self.spec.source] * len(none),
            "external_id": given["id"],
            "interaction": given.get("interaction", none),
            "leg": given.get("leg", none),
            "workday": given.get("workday", none),
            "form": [form or "" for form in given.get("form", none)],
            "score": _scaled(given["score"], 3),
            "maximum": _scaled(given["maximum"], 3),
            "evaluator": given.get("evaluator", none),
            "released": [True if truth is None else truth for truth in given.get("released", none)],
        }

    @staticmethod
    def _check_scores(values: dict, chunk: Chunk, bad: dict) -> None:
        for at, (score, maximum) in enumerate(zip(values["score"], values["maximum"], strict=True)):
            if at in bad:
                continue
            if maximum <= 0 or not 0 <= score <= maximum:
                bad[at] = (chunk.lines[at], "", str(score), f"the score is not between 0 and the maximum ({maximum})")


def _chooser(keep: list[bool]):
    if all(keep):
        return list
    return lambda column: [value for value, kept in zip(column, keep, strict=True) if kept]


def _scaled(values: Sequence, places: int) -> list:
    memo = {value: units(value, places) for value in set(values)}
    return [memo[value] for value in values]


def _emptied(cell, empty: set[str]):
    return "" if cell.__class__ is str and cell.strip().casefold() in empty else cell


def reasons(issues: Sequence[Issue], at_most: int = 3) -> str:
    """The most frequent reasons in words."""
    counted = Counter((column, reason) for _, column, _, reason in issues)
    return "; ".join(
        f"{column + ': ' if column else ''}{reason}" for (column, reason), _ in counted.most_common(at_most)
    )
