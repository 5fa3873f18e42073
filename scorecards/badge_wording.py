"""Badges in words: what a level takes, what was reached, and how far the next one is."""

from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.pages.formats import format_number
from metrics.enums import Better

from .enums import BadgeKind, BadgePeriod
from .models import Badge
from .rules.scoring import BOUND_UNITS
from .wording import bound_text, decimal_of, value_text

ONE = 1000


def takes_text(badge: Badge, threshold: int) -> str:
    """“1,000 points in a week”, “Average handle time at most 5:00 in a month, from a volume of 100 on”."""
    if badge.kind == BadgeKind.METRIC:
        text = over_text(badge.period) % {"amount": _metric_bound(badge, threshold)}
        if badge.minimum_count:
            text = _("%(what)s, from a volume of %(volume)s on") % {"what": text, "volume": volume_text(badge)}
        return text
    amount = amount_text(badge, Fraction(threshold, BOUND_UNITS))
    if badge.kind == BadgeKind.STREAK:
        return _("%(amount)s on target in a row") % {"amount": amount}
    return over_text(badge.period) % {"amount": amount}


def _metric_bound(badge: Badge, threshold: int) -> str:
    words = {"metric": badge.metric.label, "value": bound_text(badge.metric, threshold)}
    if badge.metric.better == Better.LOWER:
        return _("%(metric)s at most %(value)s") % words
    return _("%(metric)s at least %(value)s") % words


def over_text(period: str) -> str:
    return {
        BadgePeriod.DAILY: _("%(amount)s on one workday"),
        BadgePeriod.WEEKLY: _("%(amount)s in a week"),
        BadgePeriod.MONTHLY: _("%(amount)s in a month"),
        BadgePeriod.EVER: _("%(amount)s in all"),
    }[BadgePeriod(period)]


def volume_text(badge: Badge) -> str:
    return format_number(badge.minimum_count)


def amount_text(badge: Badge, value: Fraction | None) -> str:
    """A value with its unit."""
    if badge.kind == BadgeKind.METRIC:
        return value_text(badge.metric, value)
    number = format_number(decimal_of(value))
    if badge.kind == BadgeKind.STREAK:
        return ngettext("%(number)s workday", "%(number)s workdays", int(value)) % {"number": number}
    return ngettext("%(number)s point", "%(number)s points", int(value)) % {"number": number}


def progress_text(badge: Badge, threshold: int, value: Fraction | None, volume: int) -> str:
    """“640 of 1,000 points this week”, “3 of 5 workdays”, “5:12, at most 5:00 is asked, from 12 of 100”."""
    if badge.kind == BadgeKind.METRIC:
        return _metric_progress(badge, threshold, value, volume)
    threshold = Fraction(threshold, BOUND_UNITS)
    words = {"done": format_number(decimal_of(value)), "all": format_number(decimal_of(threshold))}
    if badge.kind == BadgeKind.STREAK:
        return ngettext("%(done)s of %(all)s workday", "%(done)s of %(all)s workdays", int(threshold)) % words
    text = ngettext("%(done)s of %(all)s point", "%(done)s of %(all)s points", int(threshold)) % words
    return _so_far(badge.period) % {"what": text}


def _so_far(period: str) -> str:
    return {
        BadgePeriod.DAILY: _("Best workday so far: %(what)s"),
        BadgePeriod.WEEKLY: _("This week: %(what)s"),
        BadgePeriod.MONTHLY: _("This month: %(what)s"),
        BadgePeriod.EVER: _("So far: %(what)s"),
    }[BadgePeriod(period)]


def _metric_progress(badge: Badge, threshold: int, value: Fraction | None, volume: int) -> str:
    if value is None:
        return _so_far(badge.period) % {"what": _("no data yet")}
    words = {"value": value_text(badge.metric, value), "bound": bound_text(badge.metric, threshold)}
    text = (
        _("%(value)s, at most %(bound)s is asked")
        if badge.metric.better == Better.LOWER
        else _("%(value)s of %(bound)s")
    ) % words
    if volume < badge.rule.minimum_count:
        words = {"what": text, "done": format_number(volume // ONE), "volume": volume_text(badge)}
        text = _("%(what)s, volume %(done)s of %(volume)s") % words
    return _so_far(badge.period) % {"what": text}
