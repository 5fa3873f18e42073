"""Cells into plain values. A cell is text, or a typed value of a workbook. Every parser raises `Unreadable` with a
reason that a person can act on; none guesses.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

MEMO_LIMIT = 100_000
SECOND = 1_000
"""Durations are whole milliseconds."""

UNIT_SECONDS = {
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "min": Decimal(60),
    "h": Decimal(3600),
    "days": Decimal(86400),
}
"""`days` is what Excel stores for a time: a fraction of a day."""

YES = "y yes true t 1 x si sí s ja j wahr oui vrai sim sì vero tak да on"
NO = "n no false f 0 nein falsch non faux não nao falso nie нет off"
WORDS = {**dict.fromkeys(YES.split(), True), **dict.fromkeys(NO.split(), False)}


class Unreadable(ValueError):
    """A cell that cannot be read; its text is the reason."""


class Bad:
    """A cell that could not be read, carried along a column until its row is refused."""

    __slots__ = ("column", "reason", "value")

    def __init__(self, value, reason: str, column: str = ""):
        self.value, self.reason, self.column = value, reason, column


class Memo(dict):
    """Each distinct cell is parsed once. Keeps at most `MEMO_LIMIT` cells. `spoiled` says that some were bad."""

    def __init__(self, parse: Callable, column: str = ""):
        super().__init__()
        self.parse, self.column, self.spoiled = parse, column, False

    def __missing__(self, cell):
        try:
            value = self.parse(cell)
        except Unreadable as error:
            value, self.spoiled = Bad(cell, str(error), self.column), True
        if len(self) >= MEMO_LIMIT:
            self.clear()
        self[cell] = value
        return value


def as_text(cell) -> str:
    """A cell as text, without white space around it. Whole floats lose their `.0`; times are ISO."""
    if cell.__class__ is str:
        return cell.strip()
    if isinstance(cell, bool) or cell is None:
        return {None: "", True: "true", False: "false"}[cell]
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.timedelta):
        return clock(int(cell.total_seconds() * SECOND))
    return cell.isoformat(" ") if isinstance(cell, dt.datetime) else str(cell).strip()


def clock(milliseconds: int) -> str:
    """`26:10:05`, with milliseconds where there are some."""
    seconds, rest = divmod(milliseconds, SECOND)
    fraction = f".{rest:03d}" if rest else ""
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


def plain(name: str) -> str:
    """A name as people compare it: composed, one space between words, any case."""
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def without_nul(text: str) -> str:
    if "\x00" in text:
        raise Unreadable("holds a NUL character; the file may be UTF-16 or damaged")
    return text


def at_most_long(limit: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if len(text) > limit:
            raise Unreadable(f"is longer than {limit} characters")
        return without_nul(text)

    return check


_CURRENCY = re.compile(r"^[€$£¥\s\u00a0]+|[€$£¥%\s\u00a0]+$")


def number_parser(decimal: str = ".", thousands: str = "") -> Callable[[object], Decimal]:
    """Numbers with this decimal sign. Without a declared thousands sign only grouping that cannot be mistaken is
    read: `1.234,5` where the comma is the decimal sign, never `1.234`.
    """
    other = "," if decimal == "." else "."
    group = re.escape(thousands or other)
    spaces = "[\u00a0\u202f ]" if thousands == " " else group
    grouped = re.compile(rf"^[+-]?\d{{1,3}}(?:{spaces}\d{{3}})+(?:{re.escape(decimal)}\d+)?$")
    simple = re.compile(rf"^[+-]?(?:\d+(?:{re.escape(decimal)}\d*)?|{re.escape(decimal)}\d+)(?:[eE][+-]?\d+)?$")

    def parse(cell) -> Decimal:
        if isinstance(cell, bool):
            return Decimal(int(cell))
        if isinstance(cell, (int, float)):
            return _finite(repr(cell), cell)
        text = _CURRENCY.sub("", as_text(cell)).replace("\u2212", "-")
        if simple.match(text):
            return _finite(text.replace(decimal, "."), cell)
        if grouped.match(text) and (thousands or decimal in text):
            kept = re.sub(spaces, "", text).replace(decimal, ".")
            return _finite(kept, cell)
        hint = " (say `decimal:` or `thousands:` where the comma or point means that)" if other in text else ""
        raise Unreadable(f"is not a number{hint}")

    return parse


def _finite(text: str, cell) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Unreadable("is not a number") from None
    if not value.is_finite():
        raise Unreadable("is not a number")
    if abs(value) >= Decimal(10) ** 10:
        raise Unreadable("is too large")
    return value


def _split(words: str) -> list[str]:
    return words.split()


_WORD_UNITS = {
    **dict.fromkeys(_split("d day days tag tage día días dia dias"), 86400),
    **dict.fromkeys(_split("h hr hrs hour hours std stunde stunden hora horas"), 3600),
    **dict.fromkeys(_split("m min mins minute minutes minuten minuto minutos"), 60),
    **dict.fromkeys(_split("s sec secs second seconds sek sekunde sekunden seg segundo segundos"), 1),
    **dict.fromkeys(_split("ms millisecond milliseconds"), Decimal("0.001")),
}
_IN_WORDS = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+)\.?[\s,]*")
_ISO = re.compile(r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$", re.IGNORECASE)
_WITH_COLONS = re.compile(
    r"^(?:(\d+)(?:\s*(?:days?|d)[\s,]*|[.\s]\s*)(?=\d+:\d+:))?(\d+(?::\d+)*):(\d+(?:[.,]\d+)?)$", re.I
)
_EXCEL_DAY_0 = dt.datetime(1899, 12, 31)  # noqa: DTZ001 - Excel's times have no zone


def duration_parser(unit: str = "s", number: Callable | None = None, parts: str = "") -> Callable[[object], int]:
    """Durations in whole milliseconds. Bare numbers are in `unit`; `2:23` is minutes and seconds unless `parts` says
    `h:mm`. Also `0:02:23`, `26:10:05`, `00:14:33.768`, `1d 2h 3m 4s`, `PT2M23S`, and times of a workbook.
    """
    factor = UNIT_SECONDS[unit] * SECOND
    number = number or number_parser()
    two_are_hours = parts.lower().replace("hh", "h").startswith("h:m") and "s" not in parts.lower()

    def parse(cell) -> int:
        if isinstance(cell, dt.time):
            return ((cell.hour * 60 + cell.minute) * 60 + cell.second) * SECOND + cell.microsecond // 1000
        if isinstance(cell, dt.datetime):
            cell = cell.replace(tzinfo=None) - _EXCEL_DAY_0
        if isinstance(cell, dt.timedelta):
            return _not_negative(Decimal(str(cell / dt.timedelta(milliseconds=1))))
        text = as_text(cell)
        if text.__class__ is str and ":" in text:
            return _colons(text, two_are_hours)
        if text[:1] in ("P", "p") and (found := _ISO.match(text)) and found.lastindex:
            days, hours, minutes, seconds = (Decimal((part or "0").replace(",", ".")) for part in found.groups())
            return _not_negative((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * SECOND)
        if any(letter.isalpha() for letter in text) and not isinstance(cell, (int, float)):
            return _words(text)
        return _not_negative(number(cell) * factor)

    return parse


def _colons(text: str, two_are_hours: bool) -> int:
    found = _WITH_COLONS.match(text)
    if not found:
        raise Unreadable("is not a duration")
    days, rest, last = found.groups()
    parts = [Decimal(part) for part in rest.split(":")] + [Decimal(last.replace(",", "."))]
    if len(parts) == 2 and two_are_hours:
        parts.append(Decimal(0))
    if len(parts) == 4:
        days, parts = Decimal(days or 0) + parts[0], parts[1:]
    if len(parts) > 4 or any(part >= 60 for part in parts[1:]):
        raise Unreadable("is not a duration: minutes and seconds go up to 59")
    seconds = Decimal(0)
    for part in parts:
        seconds = seconds * 60 + part
    return _not_negative((Decimal(days or 0) * 86400 + seconds) * SECOND)


def _words(text: str) -> int:
    seconds, at = Decimal(0), 0
    for found in _IN_WORDS.finditer(text):
        size = _WORD_UNITS.get(found[2].lower())
        if found.start() != at or size is None:
            raise Unreadable("is not a duration")
        seconds, at = seconds + Decimal(found[1].replace(",", ".")) * size, found.end()
    if at != len(text) or not at:
        raise Unreadable("is not a duration")
    return _not_negative(seconds * SECOND)


def _not_negative(milliseconds: Decimal) -> int:
    if milliseconds < 0:
        raise Unreadable("is a duration below zero")
    if milliseconds > 10**13:
        raise Unreadable("is a duration of centuries")
    return int(milliseconds.to_integral_value("ROUND_HALF_UP"))


def truth_parser(yes: tuple[str, ...] = (), no: tuple[str, ...] = ()) -> Callable[[object], bool]:
    """Truth words. Words given for one side only leave the ordinary words of the other side in force."""
    words = dict(WORDS)
    if yes:
        words = {word: truth for word, truth in words.items() if not truth}
    if no:
        words = {word: truth for word, truth in words.items() if truth}
    words |= {word.casefold(): True for word in yes} | {word.casefold(): False for word in no}

    def parse(cell) -> bool:
        try:
            return words[as_text(cell).casefold()]
        except KeyError:
            raise Unreadable("is neither yes nor no; say `yes:` and `no:` with the words of this column") from None

    return parse


def whole_number(cell) -> int:
    text = as_text(cell)
    if not re.fullmatch(r"\d{1,9}", text):
        raise Unreadable("is not a whole number")
    return int(text)


SYNONYMS = {
    "inbound": "inbound in incoming entrante eingehend entrant",
    "outbound": "outbound out outgoing saliente ausgehend sortant",
    "internal": "internal intern interno interne",
    "voice": "voice phone call telephone telefon teléfono telefono",
    "email": "email e-mail mail correo",
    "chat": "chat webchat",
    "message": "message messaging sms whatsapp",
    "callback": "callback",
    "social": "social",
    "video": "video",
    "other": "other",
}


def choice_parser(choices: tuple[str, ...]) -> Callable[[object], str]:
    known = {word: choice for choice in choices for word in SYNONYMS.get(choice, choice).split()}

    def parse(cell) -> str:
        try:
            return known[as_text(cell).casefold()]
        except KeyError:
            allowed = ", ".join(choices)
            raise Unreadable(f"is none of {allowed}; say with `map:` what it means") from None

    return parse


def units(value: Decimal | None, places: int) -> int | None:
    """Whole number of the smallest unit, rounded half up."""
    return None if value is None else int(value.scaleb(places).to_integral_value("ROUND_HALF_UP"))
