"""Dates and times as text. A format is written as people write it (`dd.mm.yyyy hh:mm`) or with `%` as in strptime;
it is read once into a `Pattern`, whose parts remember what they have seen.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cached_property

from .values import Memo, Unreadable, as_text

MICRO = 1_000_000
DAY = 86_400 * MICRO
"""Moments are whole microseconds since 1970; local ones as if the clock on the wall were UTC."""

STATED = 1 << 60
"""Added to microseconds of UTC whose offset the text states, to tell them from local ones: far above any date."""

_EPOCH = dt.date(1970, 1, 1).toordinal()
_EXCEL = dt.date(1899, 12, 30).toordinal() - _EPOCH

MONTHS = {}
for _names in (
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "january february march april may june july august september october november december",
    "ene feb mar abr may jun jul ago sep oct nov dic",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "jan feb mär apr mai jun jul aug sep okt nov dez",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janv févr mars avr mai juin juil août sept oct nov déc",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "jan fev mar abr mai jun jul ago set out nov dez",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "gen feb mar apr mag giu lug ago set ott nov dic",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
):
    MONTHS |= {name: number for number, name in enumerate(_names.split(), 1)}

_PERCENT = {
    "Y": "yyyy", "y": "yy", "m": "month", "d": "day", "e": "day", "b": "name", "B": "name", "h": "name", "H": "hour",
    "I": "hour", "k": "hour", "l": "hour", "M": "minute", "S": "second", "f": "fraction", "p": "half", "z": "offset",
    "Z": "offset", "a": "weekday", "A": "weekday",
}  # fmt: skip
_WHOLE = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "D": "%m/%d/%y", "R": "%H:%M"}
_REGEX = {
    "yyyy": r"(?P<yyyy>\d{4})", "yy": r"(?P<yy>\d{2})", "month": r"(?P<month>\d{1,2})", "day": r"(?P<day>\d{1,2})",
    "name": r"(?P<name>[^\W\d_]+)\.?", "hour": r"(?P<hour>\d{1,2})", "minute": r"(?P<minute>\d{1,2})",
    "second": r"(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?", "fraction": r"(?P<fraction>\d{1,9})",
    "half": r"(?P<half>[AaPp])\.?\s?[Mm]?\.?", "weekday": r"[^\W\d_]+\.?",
    "offset": r"(?:UTC|GMT)?\s?(?P<offset>Z|z|[+-]\d{1,2}(?::?\d{2})?(?::?\d{2})?)?",
}  # fmt: skip
_WIDTHS = {"month": 2, "day": 2, "hour": 2, "minute": 2, "second": 2}
_TOKENS = re.compile(
    r"AM/PM|am/pm|tt|[AaPp][Mm]|[yY]+|[mM]+|[dD]+|[hH]+|[sS]+|[fF]+|0+(?=$|\D)|[zZ]+|[Tt]|.", re.DOTALL
)

DATE_PARTS = {"yyyy", "yy", "month", "day", "name", "weekday"}
WORDS = ("iso", "unix", "unix_ms", "excel")


class BadFormat(ValueError):
    """A format that cannot be understood."""


@dataclass(frozen=True)
class Moment:
    """A parsed cell: `local` microseconds on the wall, and microseconds east of UTC where the text says so."""

    local: int
    offset: int | None = None


def tokens(text: str) -> list[tuple[str, str]]:
    """(kind, literal) of a format; kind is empty for literal text."""
    return _percent_tokens(text) if "%" in text else _letter_tokens(text)


def _percent_tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    for directive in re.finditer(r"%-?(.)", text):
        found += [("", text[at : directive.start()])] if directive.start() > at else []
        at, letter = directive.end(), directive[1]
        if letter in _WHOLE:
            found += _percent_tokens(_WHOLE[letter])
        elif letter == "%":
            found.append(("", "%"))
        elif letter in _PERCENT:
            found.append((_PERCENT[letter], directive[0]))
        else:
            raise BadFormat(f"“%{letter}” in the format “{text}” is not known")
    return found + ([("", text[at:])] if at < len(text) else [])


def _letter_tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for run in _TOKENS.findall(text):
        kind = _letter_kind(run, [kind for kind, _ in found if kind])
        if not kind and run.isalpha() and run not in "Tt":
            raise BadFormat(f"“{run}” means nothing in the format “{text}”; other letters may stand in one with %")
        found.append((kind, run))
    for at, (kind, run) in enumerate(found):
        following = next((later for later, _ in found[at + 1 :] if later), "")
        if kind == "month" and following == "second" and len(run) <= 2:
            found[at] = ("minute", run)
    return found


def _letter_kind(run: str, before: list[str]) -> str:
    last, letter = (before[-1] if before else ""), run[0].lower()
    if run.lower() in ("am/pm", "tt", "am", "pm", "a"):
        return "half"
    if letter == "y":
        return "yyyy" if len(run) >= 4 else "yy"
    if letter == "m" and len(run) <= 2:
        return "minute" if last == "hour" else "month"
    if letter == "d":
        return "day" if len(run) <= 2 else "weekday"
    if letter in "0f":
        return "fraction" if last in ("second", "fraction") and before else ""
    return {"m": "name", "h": "hour", "s": "second", "z": "offset"}.get(letter, "")


def _regex(found: list[tuple[str, str]]) -> str:
    """A regular expression; where digits stand side by side, their number is fixed."""
    out = []
    for at, (kind, literal) in enumerate(found):
        if not kind:
            drop = literal in ".," and at + 1 < len(found) and found[at + 1][0] == "fraction"
            out.append("" if drop else re.escape(literal).replace(r"\ ", r"\s+"))
            continue
        if kind == "fraction" and any(earlier == "second" for earlier, _ in found[:at]):
            touching = found[at - 1][0] == "second"
            out.append(_REGEX["fraction"] if touching else "")
            continue
        beside = (found[at - 1][0] if at else "", found[at + 1][0] if at + 1 < len(found) else "")
        touches = any(other in (*_WIDTHS, "yyyy", "yy", "fraction") for other in beside)
        if kind in _WIDTHS and touches:
            out.append(rf"(?P<{kind}>\d{{2}})")
        else:
            out.append(_REGEX[kind])
    return "".join(out)


class Pattern:
    """One format, ready to parse. `parse` answers a `Moment`; `parse_day` and `parse_time` its halves."""

    def __init__(self, text: str):
        self.text = text.strip()
        self.word = self.text.lower() if self.text.lower() in WORDS else ""
        if not self.word:
            self.tokens = tokens(self.text)
            self.kinds = {kind for kind, _ in self.tokens if kind}
            if not self.kinds:
                raise BadFormat(f"“{text}” is not a format for dates or times")
            try:
                self.regex = re.compile(rf"^\s*{_regex(self.tokens)}\s*$")
            except re.error:
                raise BadFormat(f"the format “{text}” names a part twice") from None

    @cached_property
    def has_day(self) -> bool:
        return bool(self.word) or bool(self.kinds & {"yyyy", "yy"} and {"day"} <= self.kinds)

    @cached_property
    def has_time(self) -> bool:
        return bool(self.word) or "hour" in self.kinds

    @cached_property
    def splits_at(self) -> str:
        """The one character between day and time, when halves can be parsed apart; else empty."""
        if self.word or "offset" in self.kinds or "half" in self.kinds:
            return ""
        for at, (kind, literal) in enumerate(self.tokens):
            if not kind and literal in (" ", "T"):
                before = {kind for kind, _ in self.tokens[:at] if kind}
                after = {kind for kind, _ in self.tokens[at + 1 :] if kind}
                spaces = [1 for kind, other in self.tokens if not kind and literal in other]
                if before and after and before <= DATE_PARTS and not after & DATE_PARTS and len(spaces) == 1:
                    return literal
        return ""

    @cached_property
    def halves(self) -> tuple["Pattern", "Pattern"]:
        at = next(i for i, (kind, literal) in enumerate(self.tokens) if not kind and literal == self.splits_at)
        join = lambda part: "".join(literal for _, literal in part)  # noqa: E731 - one line, used twice
        return Pattern(join(self.tokens[:at])), _time_pattern(self.tokens[at + 1 :])

    def parse(self, cell) -> Moment:
        if self.word:
            return _WORD_PARSERS[self.word](cell)
        found = self.regex.match(self._text(cell))
        if not found:
            raise Unreadable(f"is not of the form “{self.text}”")
        return Moment(
            _day_of(found.groupdict()) * DAY + _time_of(found.groupdict()), _offset_of(found.groupdict().get("offset"))
        )

    def parse_day(self, cell) -> int:
        return self.parse(cell).local // DAY

    @cached_property
    def _digits(self) -> int:
        """How many digits a cell has, where the format is nothing but digits; else 0."""
        widths = {"yyyy": 4, "yy": 2, **_WIDTHS}
        whole = len(self.tokens) > 1 and all(kind in widths for kind, _ in self.tokens)
        return sum(widths[kind] for kind, _ in self.tokens) if whole else 0

    def _text(self, cell) -> str:
        """The cell as text, with the zeros in front that programs take from numbers: `930` is 0930."""
        text = as_text(cell)
        return text.zfill(self._digits) if len(text) < self._digits and text.isdigit() else text

    def parse_time(self, cell) -> int:
        found = self.regex.match(self._text(cell))
        if not found:
            raise Unreadable(f"is not of the form “{self.text}”")
        return _time_of(found.groupdict())


def _time_pattern(found: list[tuple[str, str]]) -> Pattern:
    """A pattern from tokens, so that `mm` after its hour stays minutes."""
    pattern = Pattern.__new__(Pattern)
    pattern.text = "".join(literal for _, literal in found)
    pattern.word, pattern.tokens = "", found
    pattern.kinds = {kind for kind, _ in found if kind}
    pattern.regex = re.compile(rf"^\s*{_regex(found)}\s*$")
    return pattern


def _day_of(part: dict) -> int:
    year = part.get("yyyy")
    if year is None and part.get("yy") is not None:
        two = int(part["yy"])
        year = two + (2000 if two <= 68 else 1900)
    month = part.get("month")
    if month is None and part.get("name") is not None:
        month = MONTHS.get(part["name"].casefold())
        if month is None:
            raise Unreadable(f"has an unknown month “{part['name']}”")
    if year is None or month is None or part.get("day") is None:
        return 0
    return day_number(int(year), int(month), int(part["day"]))


def day_number(year: int, month: int, day: int) -> int:
    try:
        date = dt.date(year, month, day)
    except ValueError:
        raise Unreadable("is no date of the calendar; see whether day and month are the right way round") from None
    if not 1970 <= year < 2200:
        raise Unreadable("has a year before 1970 or after 2199")
    return date.toordinal() - _EPOCH


def _time_of(part: dict) -> int:
    if part.get("hour") is None:
        return 0
    hour, minute, second = int(part["hour"]), int(part.get("minute") or 0), int(part.get("second") or 0)
    if half := part.get("half"):
        if not 1 <= hour <= 12:
            raise Unreadable("is no time of the day: with AM or PM the hour goes from 1 to 12")
        hour = hour % 12 + (12 if half in "Pp" else 0)
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and (minute or second)):
        raise Unreadable("is no time of the day")
    fraction = int((part.get("fraction") or "0").ljust(6, "0")[:6])
    return ((hour * 60 + minute) * 60 + second) * MICRO + fraction


def _offset_of(text: str | None) -> int | None:
    if not text:
        return None
    if text in "Zz":
        return 0
    digits = text[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    size = (int(hours) * 60 + int(minutes)) * 60 * MICRO
    if size > DAY:
        raise Unreadable("has an offset of more than a day")
    return -size if text[0] == "-" else size


_ISO = re.compile(
    r"^(?P<yyyy>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})"
    r"(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?:UTC|GMT)?(?P<offset>Z|z|[+-]\d{2}(?::?\d{2})?)?)?(?P<utc>\s?UTC|\s?GMT)?$"
)
_TIME = re.compile(
    r"^(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?:(?P<half>[AaPp])\.?\s?[Mm]\.?)?$"
)


def _iso(cell) -> Moment:
    if isinstance(cell, dt.datetime):
        offset = cell.utcoffset()
        local = (cell.toordinal() - _EPOCH) * DAY + _typed_time(cell.time())
        return Moment(local, None if offset is None else offset // dt.timedelta(microseconds=1))
    if isinstance(cell, dt.date):
        return Moment((cell.toordinal() - _EPOCH) * DAY)
    text = as_text(cell)
    found = _ISO.match(text)
    if not found:
        raise Unreadable("is not a date like 2024-09-30 or 2024-09-30 14:05:00; say its `format:`")
    part = found.groupdict()
    offset = 0 if part["utc"] or text.endswith(("UTC", "GMT")) else _offset_of(part["offset"])
    return Moment(_day_of(part) * DAY + _time_of(part), offset)


def _typed_time(time: dt.time) -> int:
    return ((time.hour * 60 + time.minute) * 60 + time.second) * MICRO + time.microsecond


def _unix(scale: int):
    def parse(cell) -> Moment:
        try:
            value = float(as_text(cell))
        except ValueError:
            raise Unreadable("is not a number of seconds since 1970") from None
        if not abs(value) * scale < 10**17:
            raise Unreadable("is not a moment since 1970; see whether it is in seconds or milliseconds")
        return Moment(round(value * scale), 0)

    return parse


def _excel(cell) -> Moment:
    if isinstance(cell, (dt.date, dt.time)):
        return _iso(cell)
    try:
        value = float(as_text(cell))
    except ValueError:
        raise Unreadable("is not a number of days as Excel stores dates") from None
    if not 0 <= value < 3_000_000:
        raise Unreadable("is not a date as Excel stores it")
    return Moment(_EXCEL * DAY + round(value * 86_400_000) * 1000)


_WORD_PARSERS = {"iso": _iso, "unix": _unix(MICRO), "unix_ms": _unix(1000), "excel": _excel}


def moment_parser(formats: tuple[str, ...]):
    """cell → `Moment`, by the first format that fits. Typed dates of a workbook need no format."""
    patterns = [Pattern(text) for text in formats] or [Pattern("iso")]
    for pattern in patterns:
        if not pattern.has_day:
            raise BadFormat(f"the format “{pattern.text}” lacks a day, a month or a year")

    def parse(cell) -> Moment:
        if isinstance(cell, dt.date):
            return _iso(cell)
        return _first(patterns, "parse", cell)

    return parse


def day_parser(formats: tuple[str, ...]):
    """cell → day number since 1970."""
    parse = moment_parser(formats)
    return lambda cell: parse(cell).local // DAY


def time_parser(formats: tuple[str, ...]):
    """cell → microseconds since midnight on the wall."""
    patterns = [Pattern(text) for text in formats]

    def parse(cell) -> int:
        if isinstance(cell, dt.datetime):
            return _typed_time(cell.time())
        if isinstance(cell, dt.time):
            return _typed_time(cell)
        if isinstance(cell, dt.timedelta):
            return cell // dt.timedelta(microseconds=1) % DAY
        if isinstance(cell, float) and 0 <= cell < 1:
            return round(cell * 86_400_000) * 1000
        if patterns:
            return _first(patterns, "parse_time", cell)
        found = _TIME.match(as_text(cell))
        if not found:
            raise Unreadable("is not a time like 14:05, 14:05:09 or 2:05 PM; say its `format:`")
        return _time_of(found.groupdict())

    return parse


def _first(patterns: list[Pattern], method: str, cell):
    for pattern in patterns[:-1]:
        try:
            return getattr(pattern, method)(cell)
        except Unreadable:
            continue
    return getattr(patterns[-1], method)(cell)


def halves_memo(formats: tuple[str, ...]) -> tuple[str, Memo, Memo] | None:
    """(separator, days, times) where day and time of one column can be remembered apart, which is much quicker."""
    if not formats:
        return "", Memo(_iso_day), Memo(_iso_time)
    pattern = Pattern(formats[0])
    if len(formats) > 1 or pattern.word or not pattern.splits_at:
        return None
    day, time = pattern.halves
    return pattern.splits_at, Memo(lambda text: day.parse_day(text) * DAY), Memo(time.parse_time)


def _iso_day(text: str) -> int:
    if len(text) != 10:
        raise Unreadable("")
    return _iso(text).local


def _iso_time(text: str) -> int:
    """What stands after the day of an ISO moment, in microseconds; with an offset less it and more `STATED`."""
    if text[:1] not in ("T", " "):
        raise Unreadable("")
    found = _TIME_AND_OFFSET.match(text[1:])
    if not found:
        raise Unreadable("")
    time, offset = _time_of(found.groupdict()), _offset_of(found["offset"])
    return time if offset is None else time - offset + STATED


_TIME_AND_OFFSET = re.compile(
    r"^(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?P<offset>Z|z|[+-]\d{2}(?::?\d{2})?)?$"
)
