"""Contexts of the page of badges and bests, and of the lines elsewhere that speak of badges."""

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from foundation.pages.formats import format_number
from foundation.periods import Kind, Period, period_of
from people.models import User

from . import wording
from .badge_queries import BadgesAndBests, EarnedLevel, ShownBadge
from .badge_wording import amount_text, progress_text, takes_text
from .enums import BadgePeriod
from .models import Badge, BadgeAward, BadgeLevel
from .page_queries import Subject
from .pages import own_or_other, query_of


@dataclass(frozen=True)
class LevelLine:
    """An earned level in words. `note` says what a later correction did to its days."""

    title: str
    day: str
    url: str
    reached: str
    note: str


@dataclass(frozen=True)
class BadgeCard:
    badge: Badge
    kind: str
    """`locked`, `top` (the highest level is earned) or empty."""
    chip: str
    title: str
    lines: tuple[LevelLine, ...]
    next_title: str
    takes: str
    way: str
    part: float
    """Of the way to the next level, in percent."""


def badges_page(subject: Subject, found: BadgesAndBests, *, viewer: User) -> dict:
    page = own_or_other(subject.person, viewer)
    cards = [badge_card(shown, page) for shown in found.badges]
    return {
        "subject": subject,
        "is_own": subject.person.pk == viewer.pk,
        "back_url": page,
        "earned": [card for card in cards if card.lines],
        "locked": [card for card in cards if not card.lines],
        "bests": list(_best_rows(found, page)),
    }


def badge_card(shown: ShownBadge, page: str) -> BadgeCard:
    badge, levels = shown.badge, len(shown.badge.levels.all())
    have = shown.earned[-1].award.level.number if shown.earned else 0
    takes = way = next_title = ""
    if shown.next_level:
        threshold = _units(shown.next_level)
        takes, way = takes_text(badge, threshold), progress_text(badge, threshold, shown.way.value, shown.way.volume)
        next_title = level_text(shown.next_level.number, levels) if levels > 1 else _("What it takes")
    return BadgeCard(
        badge=badge,
        kind="locked" if not have else "top" if have == levels else "",
        chip=str(have) if have and levels > 1 else "",
        title=level_text(have, levels) if have and levels > 1 else "" if have else _("Not earned yet"),
        lines=tuple(_line(one, shown, page) for one in reversed(shown.earned)),
        next_title=next_title,
        takes=takes,
        way=way,
        part=float(100 * shown.way.part) if shown.way else 0,
    )


def level_text(number: int, levels: int) -> str:
    return _("Level %(number)s of %(levels)s") % {"number": format_number(number), "levels": format_number(levels)}


def _line(one: EarnedLevel, shown: ShownBadge, page: str) -> LevelLine:
    award, badge = one.award, shown.badge
    several = len(badge.levels.all()) > 1
    value = amount_text(badge, Fraction(award.value))
    return LevelLine(
        title=_("Level %(number)s") % {"number": format_number(award.level.number)} if several else _("Earned"),
        day=wording.day_text(award.reached_on),
        url=page + query_of(period_of(Kind.DAILY, award.reached_on)),
        reached=_reached_text(badge, award, value),
        note=_revised_text(badge, one) if one.is_revised else "",
    )


def _reached_text(badge: Badge, award: BadgeAward, value: str) -> str:
    """“1,120 points, 2 to 8 September 2024”, “5 workdays”."""
    if badge.period in (BadgePeriod.WEEKLY, BadgePeriod.MONTHLY):
        period = wording.period_text(period_of(Kind(badge.period), award.reached_on))
        return _("%(value)s, %(period)s") % {"value": value, "period": period}
    return value


def _revised_text(badge: Badge, one: EarnedLevel) -> str:
    if one.now is None:
        return _("A later correction took its data away. What was earned stays.")
    words = {"value": amount_text(badge, one.now)}
    return _("After a later correction, as of today: %(value)s. What was earned stays.") % words


def _best_rows(found: BadgesAndBests, page: str):
    for best in found.bests:
        yield _best_row(_("Points"), wording.best_label(best), format_number(best.points), best.period, page)
    for best in found.metric_bests:
        value = wording.value_text(best.metric, best.value)
        yield _best_row(best.metric.label, _("Best day"), value, period_of(Kind.DAILY, best.workday), page)


def _best_row(what: str, label: str, value: str, period: Period, page: str) -> dict:
    url = page + query_of(period)
    return {"what": what, "label": label, "value": value, "period_text": wording.period_text(period), "url": url}


def _units(level: BadgeLevel) -> int:
    return BadgeLevel._meta.get_field("threshold").to_units(level.threshold)
