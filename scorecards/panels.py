"""The scorecard's card on the home page."""

import datetime as dt

from django.utils.translation import gettext as _

from foundation.pages.formats import format_number
from foundation.pages.panels import Panel
from foundation.periods import Kind, period_of
from people.access import may
from people.enums import Permission
from people.models import User

from . import wording
from .page_queries import SHOWN_AWARDS, newest_awards, subject_for, workdays_of
from .pages import Stat, award_rows, badges_url
from .rules import history


def panel(viewer: User, *, at: dt.datetime) -> Panel | None:
    """Today's points, the usual ones, the streak and this week's badges. None for people without figures."""
    if not may(viewer, Permission.VIEW_OWN):
        return None
    subject = subject_for(viewer, viewer.public_id, at=at)
    if not subject.has_figures:
        return None
    period = period_of(Kind.DAILY, subject.today(at))
    days = workdays_of(viewer)
    today = next((day for day in days if day.workday in period), None)
    week = period_of(Kind.WEEKLY, period.start)
    earned = award_rows(newest_awards(subject, most=SHOWN_AWARDS, since=week.start))
    context = _context(subject, period, days, today) | {"awards": earned, "badges_url": badges_url(viewer)}
    return Panel("scorecards/summary_card.html", context, is_own=True)


def _context(subject, period, days, today) -> dict:
    counted = [day.day for day in days if day.workday >= (subject.reset_on or dt.date.min)]
    usual = history.usual(counted, period)
    stats = []
    if usual is not None:
        stats.append(Stat(wording.usual_label(period), format_number(wording.decimal_of(usual)), _("points")))
    streak = history.streak(counted, until=period.start)
    stats.append(Stat(_("On-target streak"), format_number(streak), _("workdays")))
    moment = wording.moment_text(subject.changed_at, subject.zone, period.start)
    return {
        "has_points": bool(today and today.maximum),
        "ring_value": today.points if today else 0,
        "ring_maximum": today.maximum if today else 0,
        "points": format_number(today.points) if today else "",
        "maximum": format_number(today.maximum) if today else "",
        "state": wording.state_word(today.state if today else None),
        "stats": stats,
        "as_of_text": _("As of %(time)s.") % {"time": moment},
    }
