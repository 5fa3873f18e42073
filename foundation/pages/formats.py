"""Numbers, durations and changes as people read them, in the reader's locale. Exact values in, text out.

Units are the words `seconds`, `percent`, `number` and `currency`. Rounding is half up, like the scores.
"""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.utils.formats import date_format, get_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

MINUS = "\u2212"
NARROW_SPACE = "\u202f"
DASH = "–"
DATES = {
    "l j F Y": pgettext_lazy("date format", "l j F Y"),
    "l j F": pgettext_lazy("date format", "l j F"),
    "D j M Y": pgettext_lazy("date format", "D j M Y"),
    "D j M": pgettext_lazy("date format", "D j M"),
    "D j M, H:i:s": pgettext_lazy("date format", "D j M, H:i:s"),
    "j F Y": pgettext_lazy("date format", "j F Y"),
    "F Y": pgettext_lazy("date format", "F Y"),
    "j M Y": pgettext_lazy("date format", "j M Y"),
    "j M": pgettext_lazy("date format", "j M"),
    "j M Y, H:i": pgettext_lazy("date format", "j M Y, H:i"),
    "j M, H:i": pgettext_lazy("date format", "j M, H:i"),
    "j M, H:i:s": pgettext_lazy("date format", "j M, H:i:s"),
}
"""How a language writes a form, by its letters in English; German puts a point after the day."""


def rounded(value, places: int) -> Decimal:
    return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def format_number(value, places: int = 0) -> str:
    """A number with the locale's separators; a true minus sign; no "-0"."""
    number = rounded(value, places)
    text = number_format(abs(number), decimal_pos=places, use_l10n=True, force_grouping=True)
    return f"{MINUS}{text}" if number < 0 else text


def format_duration(seconds, places: int = 0) -> str:
    """`0:07`, `5:12`, `1:02:03`; with places a fraction of the seconds: `5:12.4`."""
    total = rounded(seconds, places)
    sign, total = (MINUS, -total) if total < 0 else ("", total)
    minutes, rest = divmod(total, 60)
    hours, minutes = divmod(int(minutes), 60)
    whole, _dot, part = f"{rest:.{places}f}".partition(".")
    tail = f"{int(whole):02d}" + (f"{get_format('DECIMAL_SEPARATOR')}{part}" if part else "")
    return f"{sign}{hours}:{minutes:02d}:{tail}" if hours else f"{sign}{minutes}:{tail}"


def format_date(value, form: str) -> str:
    """A day or a local moment: `28 Nov`, in German `28. Nov`. `form` is one of DATES; nothing is empty."""
    return date_format(value, str(DATES[form])) if value else ""


def format_value(value, *, unit: str, precision: int = 0, currency: str = "", more: int = 0) -> str:
    """A value with its unit. `more` shows that many digits beyond the precision. None is a dash."""
    if value is None:
        return DASH
    places = precision + more
    match unit:
        case "seconds":
            return format_duration(value, places)
        case "percent":
            return _("%(number)s%%") % {"number": format_number(value, places)}
        case "currency":
            return f"{format_number(value, places)}\u00a0{currency}".rstrip("\u00a0")
        case _:
            return format_number(value, places)


def format_change(change, *, unit: str, precision: int = 0, currency: str = "") -> str:
    """A difference with its sign: `+1.8`, `−0:12`. A percent's change is in points of percent, without the sign."""
    size = format_number(abs(change), precision) if unit == "percent" else ""
    size = size or format_value(abs(change), unit=unit, precision=precision, currency=currency)
    return f"{'+' if change > 0 else MINUS if change < 0 else ''}{size}"


def exact(value) -> str:
    """An exact number for files: no exponent, no trailing zeros, a point, no grouping. None is empty."""
    if value is None:
        return ""
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact_quotient(total, count, *, significant: int = 10) -> str:
    """total ÷ count with up to ten decimals, trimmed; for files."""
    if total is None or not count:
        return ""
    return exact((Decimal(total) / Decimal(count)).quantize(Decimal(1).scaleb(-significant), ROUND_HALF_UP))


def parse_number(text: str) -> Decimal:
    """A number or a duration (`5:12`, `1:02:03`) as someone typed it, in the locale or with a point.

    ValueError when it is neither.
    """
    cleaned = text.strip().replace(MINUS, "-").replace("%", "").replace("\u00a0", "").replace(NARROW_SPACE, "").strip()
    decimal, thousand = get_format("DECIMAL_SEPARATOR"), get_format("THOUSAND_SEPARATOR")
    if decimal in cleaned and decimal != ".":
        cleaned = cleaned.replace(thousand, "").replace(decimal, ".")
    elif thousand == ",":
        cleaned = cleaned.replace(",", "")
    seconds = Decimal(0)
    try:
        for part in cleaned.split(":"):
            seconds = seconds * 60 + Decimal(part)
    except InvalidOperation as error:
        raise ValueError(f"“{text}” is not a number") from error
    if not seconds.is_finite():
        raise ValueError(f"“{text}” is not a number")
    return seconds
