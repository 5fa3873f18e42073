"""Contexts of the scorecard pages: finished texts, figures and addresses for the templates."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from foundation.pages.formats import format_number
from foundation.periods import DAY, Kind, Period, period_of
from metrics.models import Metric
from metrics.rules.describe import sentence_of
from people.models import User

from . import wording
from .models import BadgeAward
from .notes import notes_on
from .page_queries import Facts, Scorecard, Subject
from .rules import history


@dataclass(frozen=True)
class Stat:
    label: str
    value: str
    note: str = ""


TEAM_PAGE = "/team/"
"""The page of the people whom one leads; it stands above this app, so its address is given."""


def recognise_url(person: User) -> str:
    """Where whoever leads a person recognises their work; it stands above this app, so its address is given."""
    return f"/recognition/new/recognition/?to={person.public_id}"


def scorecard_page(shown: Scorecard, *, viewer: User, at: dt.datetime, tried=None, follows_today=False) -> dict:
    """What `scorecards/scorecard.html` shows. `tried` is (objective id, answer) of "what if".

    `follows_today` says that the address names no period: the panel then asks for today, whatever that is.
    """
    subject, period = shown.subject, shown.period
    zone, today = subject.zone, shown.today
    as_of = wording.moment_text(shown.as_of, zone, today) if shown.as_of else ""
    is_own = subject.person.pk == viewer.pk
    answers = dict([tried]) if tried else {}

    def notes(metric: Metric) -> tuple[str, ...]:
        return notes_on(metric.key, subject.person, period=period, is_own=is_own)

    cards = [
        wording.shown_card(
            card, shown, as_of=as_of, tried=answers.get(card.terms.objective_id), notes=notes(card.metric)
        )
        for card in shown.cards
    ]
    return {
        "subject": subject,
        "is_own": is_own,
        "heading": _heading(shown, at, is_own),
        "state": wording.state_word(shown.state) if shown.state else wording.no_data_word(is_open=shown.is_open),
        "period_text": wording.period_text(period),
        "as_of": as_of,
        "next_update": _next_update(shown, at),
        "revision": wording.revision_sentence(shown.last_revision, zone, today) if shown.last_revision else "",
        "shown": shown,
        "points": format_number(shown.points),
        "maximum": format_number(shown.maximum),
        "percent": format_number(100 * shown.points / shown.maximum) if shown.maximum else "",
        "stats": _stats(shown),
        "points_trend": _points_trend(shown),
        "cards": cards,
        "figures": [wording.shown_figure(figure, shown, notes=notes(figure.metric)) for figure in shown.figures],
        "weeks": wording.month_of(shown),
        "weekdays": wording.weekday_names(),
        "month_text": wording.period_text(period_of(Kind.MONTHLY, period.last)),
        "awards": award_rows(shown.awards),
        "badges_url": badges_url(subject.person),
        "best_rows": [_best_row(best, subject.person, viewer) for best in shown.bests],
        "late_days": settings.LAUREL_LATE_DATA_DAYS,
        "say": _say(shown, as_of),
        "team_url": TEAM_PAGE,
        "recognise_url": recognise_url(subject.person) if subject.is_led and subject.person.is_active else "",
        **addresses(subject, period, today, viewer=viewer, follows_today=follows_today),
    }


def _heading(shown: Scorecard, at: dt.datetime, is_own: bool) -> str:
    if not is_own:
        return shown.subject.person.name
    if shown.period == period_of(Kind.DAILY, shown.today):
        return wording.greeting(at.astimezone(shown.subject.zone).hour, shown.subject.person.get_short_name())
    return _("Your scorecard")


def _next_update(shown: Scorecard, at: dt.datetime) -> str:
    """About when the next data comes; only where the period can still change today."""
    if shown.as_of is None or shown.today not in shown.period:
        return ""
    return wording.moment_text(wording.next_update(shown.as_of, at), shown.subject.zone, shown.today)


def _stats(shown: Scorecard) -> list[Stat]:
    stats = []
    if shown.usual is not None:
        stats.append(
            Stat(wording.usual_label(shown.period), format_number(wording.decimal_of(shown.usual)), _("points"))
        )
    if shown.profile_average is not None:
        on = shown.profile_average.on
        note = _("points a day") if on is None else wording.day_text(on, year=False)
        stats.append(Stat(_("Profile average"), format_number(wording.decimal_of(shown.profile_average.points)), note))
    streak = shown.streak
    stats.append(Stat(_("On-target streak"), format_number(streak), _("workdays")))
    since = shown.subject.reset_on
    note = _("points since %(day)s") % {"day": wording.day_text(since, weekday=False)} if since else _("points")
    stats.append(Stat(_("All time"), format_number(shown.all_time_points), note))
    return stats


def _best_row(best: history.Best, person: User, viewer: User) -> dict:
    return {
        "label": wording.best_label(best),
        "points": format_number(best.points),
        "period_text": wording.period_text(best.period),
        "url": own_or_other(person, viewer) + query_of(best.period),
    }


def _points_trend(shown: Scorecard) -> wording.Trend | None:
    days = shown.trend
    if len(days) < 2:
        return None
    groups = history.buckets([day.points for day in days], wording.MOST_TREND_POINTS)
    mean = sum(day.points for day in days) / len(days)
    label = _("Points of %(count)d workdays, from %(first)s to %(last)s, mean %(mean)s") % {
        "count": len(days),
        "first": format_number(days[0].points),
        "last": format_number(days[-1].points),
        "mean": format_number(mean),
    }
    return wording.Trend(tuple(sum(group) / len(group) for group in groups), mean, label)


def _say(shown: Scorecard, as_of: str) -> str:
    """The sentence of the status line after an update."""
    if not shown.shown_days:
        return _("Updated: no data yet.")
    return _("Updated: %(points)s of %(maximum)s points, as of %(time)s.") % {
        "points": format_number(shown.points),
        "maximum": format_number(shown.maximum),
        "time": as_of,
    }


# Addresses -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    label: str
    url: str
    is_current: bool


def query_of(period: Period) -> str:
    """The query of a period, as the pages and files read it."""
    if period.kind is Kind.CUSTOM:
        return f"?from={period.start}&to={period.last}"
    return f"?period={period.key}"


def addresses(subject: Subject, period: Period, today: dt.date, *, viewer: User, follows_today: bool) -> dict:
    page, person = own_or_other(subject.person, viewer), subject.person.public_id
    query = query_of(period)
    anchor = today if today in period else period.last
    labels = {Kind.DAILY: _("Day"), Kind.WEEKLY: _("Week"), Kind.MONTHLY: _("Month")}
    return {
        "page_url": page,
        "poll_url": f"{page}?on={today}" if follows_today else f"{page}{query}",
        "query": query,
        "choices": [
            Choice(label, page + query_of(period_of(kind, anchor)), period.kind is kind)
            for kind, label in labels.items()
        ],
        "previous_url": page + query_of(period.previous),
        "next_url": page + query_of(period.next) if period.end <= today else "",
        "today_url": "" if today in period else page,
        "csv_url": reverse("scorecards:csv", args=[person]) + query,
        "xlsx_url": reverse("scorecards:xlsx", args=[person]) + query,
        "facts_url": reverse("scorecards:facts", args=[person, "KEY"]).removesuffix("KEY/"),
        "previous_month_url": page + query_of(period_of(Kind.MONTHLY, period.last.replace(day=1) - DAY)),
        "period": period,
    }


def own_or_other(person: User, viewer: User) -> str:
    if person.pk == viewer.pk:
        return reverse("scorecards:own")
    return reverse("scorecards:scorecard", args=[person.public_id])


def facts_page(subject: Subject, metric: Metric, facts: Facts, *, period: Period, viewer: User) -> dict:
    return {
        "subject": subject,
        "metric": metric,
        "computed": sentence_of(facts.definition) if facts.definition else "",
        "is_own": subject.person.pk == viewer.pk,
        "period_text": wording.period_text(period),
        "back_url": own_or_other(subject.person, viewer) + query_of(period),
    }


# Badges ---------------------------------------------------------------------------------------------------------------


def award_text(award: BadgeAward) -> str:
    """“Steady hand, level 2”, or the name alone of a badge with one level."""
    if award.level.number == 1:
        return award.level.badge.name
    words = {"badge": award.level.badge.name, "number": format_number(award.level.number)}
    return _("%(badge)s, level %(number)s") % words


def award_rows(awards: Iterable[BadgeAward]) -> list[dict]:
    """Small medals with a name and a day."""
    return [
        {
            "icon": award.level.badge.icon,
            "text": award_text(award),
            "day": wording.day_text(award.reached_on, weekday=False),
        }
        for award in awards
    ]


def badges_url(person: User) -> str:
    return reverse("scorecards:badges", args=[person.public_id])
