"""Notifications in the reader's language, from their plain values."""

from collections.abc import Mapping

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from foundation.pages.formats import format_date, format_number
from foundation.periods import Kind as PeriodKind
from foundation.periods import parse_period

from .enums import Kind

FALLBACK = "en"


def sentence_of(kind: str, params: Mapping, *, by: str = "") -> str:
    """One sentence. `by` is the name of who did it, where that is a person."""
    return _SENTENCES[Kind(kind)]({name: said(value) for name, value in params.items()}, by)


def said(value):
    """A value as it is; of words in several languages those of the reader."""
    if not isinstance(value, Mapping):
        return value
    language = (get_language() or FALLBACK).split("-")[0]
    return value.get(language) or value.get(FALLBACK) or next(iter(value.values()), "")


def _points(params: Mapping) -> str:
    count = int(params.get("points") or 0)
    text = ngettext("%(points)s point", "%(points)s points", count)
    return text % {"points": format_number(count)}


def _period(params: Mapping) -> str:
    """`November 2026`, or its first and last day."""
    period = parse_period(params["period"])
    if period.kind is PeriodKind.MONTHLY:
        return format_date(period.start, "F Y")
    if period.start == period.last:
        return format_date(period.start, "j M Y")
    return _("%(first)s to %(last)s") % {
        "first": format_date(period.start, "j M"),
        "last": format_date(period.last, "j M Y"),
    }


def _thanks(params: Mapping, by: str) -> str:
    if by:
        text = _("%(name)s thanked you: %(points)s") if params.get("points") else _("%(name)s thanked you")
        return text % {"name": by, "points": _points(params)}
    values = {"gift": params.get("gift", ""), "points": _points(params)}
    if not params.get("points"):
        return _("A customer thanked you: %(gift)s") % values
    return _("A customer thanked you: %(gift)s, %(points)s") % values


def _goal_closed(params: Mapping, by: str) -> str:
    values = {"goal": params["goal"], "period": _period(params), "points": _points(params)}
    if not params.get("points"):
        return _("“%(goal)s” has closed for %(period)s") % values
    return _("“%(goal)s” has closed for %(period)s: %(points)s, provisional for now") % values


def _reward_posted(params: Mapping, by: str) -> str:
    values = {"goal": params["goal"], "period": _period(params), "points": _points(params)}
    return _("%(points)s were posted for “%(goal)s”, %(period)s") % values


def _reward_reversed(params: Mapping, by: str) -> str:
    """Of a goal and its period, or of something that a person had given."""
    if "goal" not in params:
        text = _("%(name)s took back what you were given: %(points)s") if by else _("%(points)s were taken back")
        return text % {"name": by, "points": _points(params)}
    values = {"goal": params["goal"], "period": _period(params), "points": _points(params)}
    return _("%(points)s were taken back for “%(goal)s”, %(period)s") % values


def _request_decided(params: Mapping, by: str) -> str:
    """`decision` is approved, declined, delivered or cancelled."""
    texts = {
        "approved": _("Your request was approved: %(item)s"),
        "declined": _("Your request was declined: %(item)s"),
        "delivered": _("Delivered to you: %(item)s"),
        "cancelled": _("Your request was cancelled: %(item)s"),
    }
    return texts[params["decision"]] % {"item": params["item"]}


def _request_made(params: Mapping, by: str) -> str:
    values = {"name": by or _("Somebody"), "item": params["item"], "points": _points(params)}
    return _("%(name)s asks for %(item)s: %(points)s") % values


def _badge_earned(params: Mapping, by: str) -> str:
    """`level` is a number, or None for a badge with one level."""
    text = (
        _("You earned a badge: %(badge)s, level %(level)s")
        if params.get("level")
        else _("You earned a badge: %(badge)s")
    )
    return text % {"badge": params["badge"], "level": params.get("level")}


def _recognition(params: Mapping, by: str) -> str:
    values = {"name": by or _("Somebody"), "points": _points(params)}
    if not params.get("points"):
        return _("%(name)s recognised your work") % values
    return _("%(name)s recognised your work: %(points)s") % values


def _low_stock(params: Mapping, by: str) -> str:
    values = {"item": params["item"], "left": format_number(params["left"])}
    return _("Only %(left)s left in the catalogue: %(item)s") % values


def _unmatched(params: Mapping, by: str) -> str:
    """Of scores under `names` that no goal has, the first of all; or of rows that name people who are not here."""
    number = int(params["number"])
    if "names" not in params:
        text = ngettext(
            "%(number)s row that a program sent names somebody whom Laurel does not know",
            "%(number)s rows that programs sent name people whom Laurel does not know",
            number,
        )
        return text % {"number": format_number(number)}
    text = ngettext(
        "%(number)s score waits for a goal that Laurel does not know: %(names)s",
        "%(number)s scores wait for goals that Laurel does not know: %(names)s",
        number,
    )
    return text % {"number": format_number(number), "names": ", ".join(params["names"])}


_SENTENCES = {
    Kind.THANKS: _thanks,
    Kind.GOAL_CLOSED: _goal_closed,
    Kind.REWARD_POSTED: _reward_posted,
    Kind.REWARD_REVERSED: _reward_reversed,
    Kind.REQUEST_DECIDED: _request_decided,
    Kind.REQUEST_MADE: _request_made,
    Kind.BADGE_EARNED: _badge_earned,
    Kind.RECOGNITION: _recognition,
    Kind.LOW_STOCK: _low_stock,
    Kind.UNMATCHED: _unmatched,
}
