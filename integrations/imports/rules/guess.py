"""A mapping guessed from the names of columns and some rows, for a person to complete."""

import json
import re
import unicodedata
from collections.abc import Callable, Sequence

from .patterns import Pattern, time_parser
from .values import WORDS, Unreadable, as_text, duration_parser

NAMES: dict[str, tuple[str, ...]] = {
    "id": ("call id", "interaction id", "conversation id", "contact id", "unique id", "uniqueid", "id llamada", "id"),
    "agent": (
        "agent", "agente", "employee", "mitarbeiter", "asesor", "operator", "operador", "user", "teilnehmer",
        "advisor", "conseiller",
    ),
    "started_at": (
        "call start", "start time", "started at", "start", "call timestamp", "calltimestamp", "timestamp", "date time",
        "datetime", "fecha hora", "fecha y hora", "inicio", "beginn", "created at", "date", "fecha", "datum",
        "call date", "day",
    ),
    "time": ("time", "hora", "uhrzeit", "heure", "start time"),
    "ended_at": ("call end", "end time", "ended at", "end", "fin", "ende"),
    "wait": (
        "wait", "wait time", "waittime", "speed of answer", "asa", "ring time", "time in queue", "queue time",
        "tiempo de espera", "espera", "wartezeit",
    ),
    "talk": (
        "talk", "talk time", "talktime", "talk duration", "call duration", "callduration", "avgtalkduration",
        "duration", "handle time", "duracion", "tiempo de conversacion", "gesprachsdauer", "dauer", "duree",
    ),
    "hold": ("hold", "hold time", "holdtime", "haltezeit", "tiempo en espera"),
    "after_call": ("after call work", "acw", "wrap time", "wrap up time", "nacharbeit", "nachbearbeitung"),
    "queue": ("queue", "queue name", "skill", "cola", "warteschlange", "call type", "department"),
    "media_type": ("media type", "media", "channel", "canal", "kanal"),
    "direction": ("direction", "call direction", "direccion", "richtung"),
    "answered": ("answered", "atendida", "contestada", "beantwortet", "angenommen"),
    "abandoned": ("abandoned", "call abandoned", "callabandoned", "abandonada", "abgebrochen", "aufgelegt"),
    "transferred": ("transferred", "transfer", "transferida", "weitergeleitet"),
    "resolved": ("resolved", "first call resolution", "fcr", "resuelta", "gelost"),
    "wrap_up": ("wrap up", "wrap up code", "disposition", "topic", "reason", "motivo", "tema", "grund", "thema"),
    "rating": ("satisfaction rating", "satisfaction", "csat", "rating", "satisfaccion", "bewertung"),
    "charge": ("charge", "cost", "price", "coste", "kosten"),
    "customer": ("customer id", "customer", "caller", "phone number", "ani", "cliente", "kunde"),
}  # fmt: skip
"""What columns are called, the surest names first."""

DATE_FORMATS = (
    "dd/mm/yyyy", "mm/dd/yyyy", "dd.mm.yyyy", "dd-mm-yyyy", "mm-dd-yyyy", "dd/mm/yy", "mm/dd/yy", "dd.mm.yy",
    "dd-mm-yy", "yyyy/mm/dd", "yyyymmdd", "yymmdd", "d mmm yyyy", "d-mmm-yy",
)  # fmt: skip
TIME_ENDINGS = ("", " hh:mm", " hh:mm:ss", " hh:mm AM", " hh:mm:ss AM")


def guess_mapping(header: Sequence[str], sample: Sequence[Sequence[str]], *, source: str = "file") -> str:
    """A mapping as YAML. What could not be guessed stands in it as a comment that says what is missing."""
    columns = {name: [as_text(row[at]) for row in sample if at < len(row)] for at, name in enumerate(header)}
    found = _assigned(columns)
    lines = [
        "kind: interactions",
        f"source: {_quoted(_slug(source))}",
        "time_zone: division",
        "",
        *_agent(found, columns),
    ]
    lines += ["", "fields:", *_identity(found, columns), *_moment(found, columns)]
    lines += ["  direction: {value: inbound}"] if "direction" not in found else []
    for field in ("direction", "media_type", "queue", "wrap_up", "charge", "rating", "customer"):
        lines += [f"  {field}: {_quoted(found[field])}"] if field in found else []
    for field in ("wait", "talk", "hold", "after_call"):
        lines += [_duration(field, found[field], columns[found[field]])] if field in found else []
    lines += _truths(found, columns)
    return "\n".join(lines) + "\n"


def _plain(name: str) -> str:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^0-9a-z]+", " ", bare.replace("_", " ")).split())


def _assigned(columns: dict[str, list[str]]) -> dict[str, str]:
    """A column for each field, the surest pairs first, each column once."""
    pairs = []
    for column in columns:
        name = _plain(column)
        for field, known in NAMES.items():
            for rank, word in enumerate(known):
                if name == word:
                    pairs.append((rank, field, column))
                elif re.search(rf"\b{re.escape(word)}\b", name):
                    pairs.append((100 + rank, field, column))
    found: dict[str, str] = {}
    for _, field, column in sorted(pairs, key=lambda pair: pair[0]):
        if field not in found and column not in found.values() and _fits(field, columns[column]):
            found[field] = column
    return found


def _fits(field: str, cells: list[str]) -> bool:
    given = [cell for cell in cells if cell]
    tests: dict[str, Callable[[str], bool]] = {
        "started_at": lambda cell: date_format([cell]) is not None,
        "ended_at": lambda cell: date_format([cell]) is not None,
        "time": _is_time,
        **dict.fromkeys(("answered", "abandoned", "transferred", "resolved"), lambda cell: cell.casefold() in WORDS),
        **dict.fromkeys(("wait", "talk", "hold", "after_call"), _is_duration),
    }
    test = tests.get(field)
    if field == "id":
        return len(set(given)) == len(cells)
    return test is None or all(map(test, given))


def _is_time(cell: str) -> bool:
    try:
        time_parser(())(cell)
    except Unreadable:
        return False
    return True


def _is_duration(cell: str) -> bool:
    try:
        duration_parser()(cell)
    except Unreadable:
        return False
    return True


def date_format(cells: Sequence[str]) -> str | None:
    """The format that all cells have: empty for ISO, None where there is none. Day first where both would do."""
    given = [cell for cell in cells if cell]
    for text in ("iso", *(day + time for day in DATE_FORMATS for time in TIME_ENDINGS)):
        pattern = Pattern(text)
        try:
            for cell in given:
                pattern.parse(cell)
        except Unreadable:
            continue
        return "" if text == "iso" else text
    return None


def _agent(found: dict, columns: dict) -> list[str]:
    column = found.get("agent")
    if column is None:
        return ["agent:", "  name: # say which column names the agent"]
    cells = columns[column]
    way = "email" if any("@" in cell for cell in cells) else "name"
    if way == "name" and (re.search(r"\bid\b|id$", _plain(column)) or any(map(str.isdigit, cells))):
        way = "id"
    lines = ["agent:", f"  {way}: {_quoted(column)}"]
    names = [name for name in columns if re.search(r"\b(agent|employee) ?name\b", _plain(name)) and name != column]
    return [*lines, *([f"  name: {_quoted(names[0])}"] if names and way != "name" else []), "  unknown: create"]


def _identity(found: dict, columns: dict) -> list[str]:
    if "id" in found:
        return [f"  id: {_quoted(found['id'])}"]
    return ["  id: {row: yes}  # the file has no id of its own: the row's content and its occurrence"]


def _moment(found: dict, columns: dict) -> list[str]:
    column = found.get("started_at")
    if column is None:
        return ["  started_at: # say which column holds date and time, and its format"]
    form = date_format(columns[column])
    said = f", format: {_quoted(form)}" if form else ""
    has_time = any(":" in cell for cell in columns[column])
    if "time" in found and not has_time:
        return [
            "  started_at:",
            f"    date: {{column: {_quoted(column)}{said}}}",
            f"    time: {_quoted(found['time'])}",
        ]
    lines = [f"  started_at: {{column: {_quoted(column)}{said}}}"]
    if "ended_at" in found:
        end = date_format(columns[found["ended_at"]])
        said = f", format: {_quoted(end)}" if end else ""
        lines.append(f"  ended_at: {{column: {_quoted(found['ended_at'])}{said}}}")
    return lines


def _duration(field: str, column: str, cells: list[str]) -> str:
    numbers = [float(cell) for cell in cells if re.fullmatch(r"\d+(\.\d+)?", cell)]
    name = _plain(column)
    unit = "ms" if re.search(r"\b(ms|millis\w*)\b", name) or (numbers and min(numbers) > 20_000) else ""
    unit = "min" if not unit and re.search(r"\b(min|minutes)\b", name) and numbers else unit
    return f"  {field}: {{column: {_quoted(column)}, unit: {unit}}}" if unit else f"  {field}: {_quoted(column)}"


def _truths(found: dict, columns: dict) -> list[str]:
    lines = [
        f"  {field}: {_quoted(found[field])}" for field in ("abandoned", "transferred", "resolved") if field in found
    ]
    if "answered" in found:
        return [*lines, f"  answered: {_quoted(found['answered'])}"]
    if "abandoned" in found:
        return [*lines, f"  answered: {{not: {_quoted(found['abandoned'])}}}"]
    return [*lines, "  answered: {value: yes}  # say which column tells it, if not all were answered"]


def _slug(text: str) -> str:
    stem = re.sub(r"\.\w{1,4}$", "", text)
    return (re.sub(r"[^a-z]+", "-", _plain(stem)).strip("-") or "file")[:60]


def _quoted(text: str) -> str:
    """A text as YAML, in quotes where it could be taken for something else."""
    if re.fullmatch(r"[^\W\d_][\w ()/.äöüÄÖÜß-]*", text) and text.strip() == text and text.lower() not in ("null",):
        return text
    return json.dumps(text, ensure_ascii=False)
