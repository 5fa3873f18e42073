"""The words of the scorecard: finished texts and chart figures from exact numbers. No reads, no clock."""

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import formats as django_formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from foundation.pages import charts
from foundation.pages.formats import format_change, format_date, format_duration, format_number, format_value, rounded
from foundation.periods import Kind, Period
from interactions.enums import TouchReason
from metrics.enums import Aggregation, Better, Measure, Unit
from metrics.models import Metric

from .enums import GuardOperator, GuardScope, ObjectiveKind, ZoneKind
from .page_queries import Before, Card, CardDay, PlainFigure, Scorecard, WorkdayRow
from .rules import history
from .rules.guards import guard_of
from .rules.scoring import BOUND_UNITS, SCALE, WHOLE, Measured, Scored, Zone, zone_at

MOST_TREND_POINTS = 40
MOST_DAYS_LISTED = 7
MOST_DIGITS_MORE = 5
DURATIONS = {Measure.WAIT, Measure.TALK, Measure.HOLD, Measure.AFTER_CALL, Measure.HANDLE}


# Periods and times -----------------------------------------------------------------------------------------------


def day_text(day: dt.date, *, weekday=True, year=True) -> str:
    if weekday and year:
        return format_date(day, "l j F Y")
    if weekday:
        return format_date(day, "D j M")
    if year:
        return format_date(day, "j M Y")
    return format_date(day, "j M")


def period_text(period: Period) -> str:
    match period.kind:
        case Kind.DAILY:
            return day_text(period.start)
        case Kind.WEEKLY:
            return _("Week %(week)d, %(first)s to %(last)s") % {
                "week": period.start.isocalendar().week,
                "first": day_text(period.start, weekday=False, year=False),
                "last": day_text(period.last, weekday=False),
            }
        case Kind.MONTHLY:
            return format_date(period.start, "F Y")
        case _:
            return _("%(first)s to %(last)s") % {
                "first": day_text(period.start, weekday=False),
                "last": day_text(period.last, weekday=False),
            }


def short_period_text(period: Period) -> str:
    if period.kind is Kind.DAILY:
        return day_text(period.start, year=False)
    if period.kind is Kind.WEEKLY:
        return _("week %(week)d") % {"week": period.start.isocalendar().week}
    return period_text(period)


def moment_text(at: dt.datetime, zone: ZoneInfo, today: dt.date) -> str:
    """The time today; date and time on another day."""
    local = at.astimezone(zone)
    time = django_formats.time_format(local.time(), pgettext("time format: hours and minutes", "H:i"))
    return time if local.date() == today else f"{day_text(local.date(), year=False)}, {time}"


def updates_since(changed_at: dt.datetime | None, at: dt.datetime) -> int | None:
    """How many times data was to come since it last changed; the expected gap is `LAUREL_UPDATE_MINUTES`."""
    if changed_at is None:
        return None
    return max(int((at - changed_at) / dt.timedelta(minutes=settings.LAUREL_UPDATE_MINUTES)), 0)


def next_update(changed_at: dt.datetime, at: dt.datetime) -> dt.datetime:
    """About when the next data comes, always ahead of `at`."""
    return changed_at + (updates_since(changed_at, at) + 1) * dt.timedelta(minutes=settings.LAUREL_UPDATE_MINUTES)


# Values ----------------------------------------------------------------------------------------------------------


def decimal_of(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def value_text(metric: Metric, value: Fraction | None, *, more: int = 0) -> str:
    if value is None:
        return format_value(None, unit=metric.unit)
    return format_value(
        decimal_of(value), unit=metric.unit, precision=metric.precision, currency=metric.currency, more=more
    )


def bound_text(metric: Metric, bound: int) -> str:
    """A bound with as many digits as it has, at least the metric's."""
    value = Fraction(bound, BOUND_UNITS)
    more = next((n for n in range(MOST_DIGITS_MORE + 1) if (value * 10 ** (metric.precision + n)).denominator == 1), 5)
    return value_text(metric, value, more=more)


def digits_more(metric: Metric, value: Fraction, zones: Sequence[Zone]) -> int:
    """How many digits more the value needs, so that the shown one lies in the zone of the exact one."""
    kind = zone_at(value * BOUND_UNITS, zones).kind
    for more in range(MOST_DIGITS_MORE):
        scale = 10 ** (metric.precision + more)
        shown = Fraction(int(abs(value) * scale + Fraction(1, 2)), scale) * (-1 if value < 0 else 1)
        if zone_at(shown * BOUND_UNITS, zones).kind == kind:
            return more
    return MOST_DIGITS_MORE


def basis_text(metric: Metric, measured: Measured) -> str:
    """What was divided by what: `103 of 125`, `10:55:12 ÷ 126`, `22 in 1:56:27`. Empty for a sum."""
    if metric.aggregation == Aggregation.SUM:
        return ""
    part = Fraction(measured.total, BOUND_UNITS * (100 if metric.unit == Unit.PERCENT else metric.factor))
    words = {
        "part": _amount(part, metric.dividend in DURATIONS or metric.unit == Unit.SECONDS),
        "whole": _amount(Fraction(measured.count, 1000), metric.divisor in DURATIONS),
    }
    if metric.unit == Unit.PERCENT:
        return _("%(part)s of %(whole)s") % words
    if metric.divisor in DURATIONS:
        return _("%(part)s in %(whole)s") % words
    return "{part} ÷ {whole}".format(**words)


def _amount(value: Fraction, is_duration: bool) -> str:
    """A duration, or a number with at most two digits after the point, none where it is whole."""
    if is_duration:
        return format_duration(decimal_of(value))
    return format_number(decimal_of(value), 0 if value.denominator == 1 else 2)


# Small shown things ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Word:
    """A state as a word and an icon; the tone only colours it."""

    text: str
    icon: str
    tone: str = ""


def no_data_word(*, is_open: bool = True) -> Word:
    return Word(_("No data yet") if is_open else _("No data"), "circle-dashed")


def zone_word(kind: str | None) -> Word:
    match kind:
        case ZoneKind.TARGET:
            return Word(_("On target"), "check", "good")
        case ZoneKind.GREAT:
            return Word(_("Above target"), "star", "good")
        case ZoneKind.GOOD:
            return Word(_("Near target"), "circle-dot", "near")
        case ZoneKind.OUT:
            return Word(_("Off target"), "triangle-alert", "bad")
        case _:
            return no_data_word()


def state_word(state: str | None) -> Word:
    match state:
        case "so_far":
            return Word(_("So far"), "clock", "accent")
        case "revised":
            return Word(_("Revised"), "history", "near")
        case "final":
            return Word(_("Final"), "lock")
        case _:
            return no_data_word()


@dataclass(frozen=True)
class Change:
    word: Word
    against: str
    """The period compared with, as `against Fri 20 Nov`."""


def change_of(
    metric: Metric, now: Measured | None, before: Before | None, *, is_open: bool, judged=True
) -> Change | None:
    """How the value moved. None where there is nothing to compare with, and for a sum that still grows."""
    if now is None or before is None or (is_open and metric.aggregation == Aggregation.SUM):
        return None
    change = now.value - before.measured.value
    text = format_change(decimal_of(change), unit=metric.unit, precision=metric.precision, currency=metric.currency)
    against = _("against %(period)s") % {"period": short_period_text(before.period)}
    if not any(character in "123456789" for character in text):
        return Change(Word(_("no change"), "equal"), against)
    better = (change > 0) == (metric.better == Better.HIGHER)
    tone = ("good" if better else "bad") if judged else ""
    return Change(Word(text, "trending-up" if change > 0 else "trending-down", tone), against)


@dataclass(frozen=True)
class Trend:
    values: tuple[float, ...]
    mean: float
    label: str


def trend_of(metric: Metric, points: Sequence[tuple[dt.date, Fraction]]) -> Trend | None:
    """A line of workdays with data; long ones are thinned to means of neighbours. None under two points."""
    if len(points) < 2:
        return None
    groups = history.buckets([float(value) for _day, value in points], MOST_TREND_POINTS)
    values = tuple(sum(group) / len(group) for group in groups)
    mean = sum((value for _day, value in points), Fraction(0)) / len(points)
    label = _("%(count)d workdays, from %(first)s to %(last)s, mean %(mean)s") % {
        "count": len(points),
        "first": value_text(metric, points[0][1]),
        "last": value_text(metric, points[-1][1]),
        "mean": value_text(metric, mean),
    }
    return Trend(values, float(mean), label)


# Cards -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ZoneLine:
    word: Word
    range: str
    points: str
    is_current: bool


@dataclass(frozen=True)
class DayLine:
    day: str
    value: str
    word: Word
    points: str


@dataclass(frozen=True)
class BarFigures:
    value: float
    maximum: float
    targets: tuple[float, ...]
    label: str


@dataclass(frozen=True)
class Tried:
    """The answer to "what if"."""

    given: str
    sentence: str = ""
    error: str = ""


@dataclass(frozen=True)
class ShownCard:
    card: Card
    id: str
    value: str
    value_note: str
    zone: Word
    target: str
    change: Change | None
    trend: Trend | None
    bar: BarFigures | None
    curve: charts.Curve
    curve_label: str
    rule: str
    zone_lines: tuple[ZoneLine, ...]
    sentences: tuple[str, ...]
    day_lines: tuple[DayLine, ...]
    tried: Tried | None
    notes: tuple[str, ...] = ()

    @property
    def metric(self) -> Metric:
        return self.card.metric


def shown_card(
    card: Card, scorecard: Scorecard, *, as_of: str, tried: Tried | None, notes: tuple[str, ...] = ()
) -> ShownCard:
    metric = card.metric
    more = digits_more(metric, card.by_day.value, card.zones) if card.by_day else 0
    judged = card.terms.kind != ObjectiveKind.AREA
    return ShownCard(
        card=card,
        id=f"objective-{card.terms.objective_id}",
        value=value_text(metric, card.measured.value if card.measured else None, more=more),
        value_note=_value_note(card, more),
        zone=_card_word(card, scorecard),
        target=target_text(card),
        change=change_of(metric, card.measured, card.before, is_open=scorecard.is_open, judged=judged),
        trend=trend_of(metric, card.trend),
        bar=_bar(card),
        curve=_curve(card),
        curve_label=_("Points over values: ") + "; ".join(f"{line.range}: {line.points}" for line in zone_lines(card)),
        rule=rule_text(card.terms.kind),
        zone_lines=tuple(zone_lines(card)),
        sentences=tuple(sentence for sentence in _sentences(card, scorecard, more, as_of) if sentence),
        day_lines=_day_lines(card) if scorecard.period.kind is not Kind.DAILY else (),
        tried=tried,
        notes=notes,
    )


def _card_word(card: Card, scorecard: Scorecard) -> Word:
    if card.is_paused:
        return Word(_("Paused"), "circle-pause", "near")
    return zone_word(card.zone.kind) if card.zone else no_data_word(is_open=scorecard.is_open)


def _value_note(card: Card, more: int) -> str:
    """What stands beside the value: what it was divided from, or the mean of a workday for a sum."""
    if card.measured is None:
        return ""
    if card.metric.aggregation == Aggregation.SUM:
        if len(card.days) < 2:
            return ""
        return _("%(value)s a workday") % {"value": value_text(card.metric, card.by_day.value, more=max(more, 1))}
    return basis_text(card.metric, card.measured)


def rule_text(kind: str) -> str:
    match kind:
        case ObjectiveKind.HIGHER:
            return _("Higher is better.")
        case ObjectiveKind.LOWER:
            return _("Lower is better.")
        case _:
            return _("A value inside the target area is best.")


def _target_zone(zones: Sequence[Zone]) -> Zone:
    return max(zones, key=lambda zone: (zone.kind == ZoneKind.TARGET, zone.best))


def target_text(card: Card) -> str:
    zone = _target_zone(card.zones)
    if card.terms.kind == ObjectiveKind.HIGHER and zone.lower is not None:
        text = _("Target %(bound)s or more") % {"bound": bound_text(card.metric, zone.lower)}
    elif card.terms.kind == ObjectiveKind.LOWER and zone.upper is not None:
        text = _("Target %(bound)s or less") % {"bound": bound_text(card.metric, zone.upper)}
    else:
        text = _("Target %(range)s") % {"range": range_text(card.metric, zone)}
    if card.metric.aggregation == Aggregation.SUM and len(card.days) > 1:
        return _("%(target)s a workday") % {"target": text}
    return text


def range_text(metric: Metric, zone: Zone) -> str:
    if zone.lower is None and zone.upper is None:
        return _("any value")
    if zone.lower is None:
        return _("up to %(upper)s") % {"upper": bound_text(metric, zone.upper)}
    if zone.upper is None:
        return _("from %(lower)s") % {"lower": bound_text(metric, zone.lower)}
    return _("%(lower)s to %(upper)s") % {
        "lower": bound_text(metric, zone.lower),
        "upper": bound_text(metric, zone.upper),
    }


def zone_lines(card: Card):
    """The rule, zone by zone, the best first where less is better."""
    for zone in card.zones:
        low, high = zone.lower_points, zone.upper_points
        points = _("%(points)s points") % {"points": format_number(low)}
        if low != high:
            points = _("%(low)s to %(high)s points") % {"low": format_number(low), "high": format_number(high)}
        yield ZoneLine(zone_word(zone.kind), range_text(card.metric, zone), points, zone == card.zone)


def _bar(card: Card) -> BarFigures | None:
    """Value against target, from zero (or the lowest bound below it) to a little beyond the last bound."""
    if card.by_day is None:
        return None
    zone, value = _target_zone(card.zones), float(card.by_day.value)
    bounds = [float(Fraction(b, BOUND_UNITS)) for z in card.zones for b in (z.lower, z.upper) if b is not None]
    low = min(0.0, value, *bounds)
    high = max([value, *[bound * 1.1 for bound in bounds]]) or 1.0
    if card.metric.unit == Unit.PERCENT:
        high = max(100.0, value)
    ends = [end for end in (zone.lower, zone.upper) if end is not None]
    if card.terms.kind == ObjectiveKind.HIGHER:
        ends = ends[:1]
    elif card.terms.kind == ObjectiveKind.LOWER:
        ends = ends[-1:]
    label = _("%(value)s; %(target)s") % {
        "value": value_text(card.metric, card.by_day.value),
        "target": target_text(card),
    }
    marks = tuple(float(Fraction(end, BOUND_UNITS)) - low for end in ends)
    return BarFigures(value - low, high - low, marks, label)


def _curve(card: Card) -> charts.Curve:
    def natural(bound):
        return None if bound is None else float(Fraction(bound, BOUND_UNITS))

    zones = [(str(z.kind), natural(z.lower), natural(z.upper), z.lower_points, z.upper_points) for z in card.zones]
    here = None
    if card.by_day:
        scored = card.scored_at(card.by_day)
        here = (float(card.by_day.value), float(scored.exact * WHOLE / scored.percent))
    labels = {natural(b): bound_text(card.metric, b) for z in card.zones for b in (z.lower, z.upper) if b is not None}
    return charts.curve(zones, here=here, label=lambda bound: labels.get(bound, ""))


def _sentences(card: Card, scorecard: Scorecard, more: int, as_of: str):
    """Why the points are what they are, in the person's own numbers."""
    metric = card.metric
    if card.measured is None:
        yield _("There is no data for it in this period. No data is not zero: it neither earns nor costs points.")
    elif len(card.days) == 1:
        yield _line_sentence(card, card.days[0], more)
    elif card.days:
        yield _(
            "Each workday is scored by itself, and the points are added up: %(days)s brought %(points)s of %(maximum)s "
            "points."
        ) % {
            "days": ngettext("%(count)d workday", "%(count)d workdays", len(card.days)) % {"count": len(card.days)},
            "points": format_number(card.points),
            "maximum": format_number(card.maximum),
        }  # fmt: skip
    else:
        yield _("There is a value, but no points: scoring was not on, or the objective was not in force.")
    if card.measured and (basis := basis_text(metric, card.measured)):
        yield _("The value %(value)s is %(basis)s.") % {
            "value": value_text(metric, card.measured.value, more=more),
            "basis": basis,
        }
    if card.percent != WHOLE:
        yield _("A multiplier of %(percent)s%% applies to points and maximum.") % {
            "percent": format_number(card.percent)
        }
    if card.guard:
        yield _guard_sentence(card)
    if as_of and card.measured:
        yield _("Data as of %(time)s.") % {"time": as_of}


def _line_sentence(card: Card, day: CardDay, more: int) -> str:
    scored = card.scored_at(day.measured)
    words = {
        "value": value_text(card.metric, day.measured.value, more=more),
        "zone": zone_word(scored.zone.kind).text,
        "points": format_number(scored.points),
        "maximum": format_number(day.maximum),
    }
    if scored.points != day.points and not day.is_paused:
        return _("%(value)s brought %(points)s of %(maximum)s points, under the terms of that day.") % {
            **words,
            "points": format_number(day.points),
        }
    zone = scored.zone
    if zone.lower is None or zone.upper is None or zone.lower_points == zone.upper_points:
        return _("%(value)s is in the zone “%(zone)s”, which gives %(points)s of %(maximum)s points.") % words
    words |= {
        "lower": bound_text(card.metric, zone.lower),
        "upper": bound_text(card.metric, zone.upper),
        "lower_points": format_number(zone.lower_points),
        "upper_points": format_number(zone.upper_points),
    }
    line = (
        _(
            "%(value)s is in the zone “%(zone)s”. There the points follow a straight line, from %(lower_points)s at "
            "%(lower)s to %(upper_points)s at %(upper)s."
        )
        % words
    )
    return f"{line} {_exact_sentence(scored, words)}"


def _exact_sentence(scored: Scored, words: dict) -> str:
    if scored.exact.denominator == 1:
        return _("That makes %(points)s of %(maximum)s points.") % words
    return _("That makes %(exact)s, rounded to %(points)s of %(maximum)s points.") % {
        **words,
        "exact": format_number(decimal_of(scored.exact), 2),
    }


def _guard_sentence(card: Card) -> str:
    """A guard is asked for each workday by itself: over several days no one value of it decides."""
    terms, guard = card.terms, card.guard
    words = {
        "metric": terms.guard_metric.label,
        "operator": GuardOperator(terms.guard_operator).label,
        "bound": bound_text(terms.guard_metric, guard.bound),
        "value": _guard_value(card),
    }
    if len(card.days) > 1 and terms.guard_scope != GuardScope.HOME_QUEUE:
        condition = _("It counts only on workdays on which %(metric)s is %(operator)s %(bound)s.") % words
        return f"{condition} {_paused_sentence(card)}"
    condition = _("It counts only while %(metric)s is %(operator)s %(bound)s.") % words
    if terms.guard_scope == GuardScope.HOME_QUEUE:
        return f"{condition} " + _("The value of the home queue decides.")
    if guard.because is None:
        return f"{condition} " + _("There is no data for that, so nothing is paused.")
    if guard.paused:
        return f"{condition} " + _("It was %(value)s, so these points are paused.") % words
    return f"{condition} " + _("It is %(value)s, so the points count.") % words


def _paused_sentence(card: Card) -> str:
    if not card.paused_days:
        return _("It was paused on none of these.")
    return ngettext(
        "It was paused on %(count)d workday.", "It was paused on %(count)d workdays.", card.paused_days
    ) % {"count": card.paused_days}  # fmt: skip


def _guard_value(card: Card) -> str:
    """The value that the guard read, with so many digits that the shown one decides as the exact one did."""
    metric, guard = card.terms.guard_metric, card.guard
    if guard.because is None:
        return ""
    for more in range(MOST_DIGITS_MORE):
        shown = rounded(decimal_of(guard.because.value), metric.precision + more)
        measured = Measured(int(shown * BOUND_UNITS), SCALE)
        if guard_of(measured, card.terms.guard_operator, guard.bound).paused == guard.paused:
            return value_text(metric, guard.because.value, more=more)
    return value_text(metric, guard.because.value, more=MOST_DIGITS_MORE)


def _day_lines(card: Card) -> tuple[DayLine, ...]:
    if len(card.days) > MOST_DAYS_LISTED or len(card.days) < 2:
        return ()
    return tuple(
        DayLine(
            day_text(day.workday, year=False),
            value_text(card.metric, day.measured.value, more=digits_more(card.metric, day.measured.value, card.zones)),
            Word(_("Paused"), "circle-pause", "near") if day.is_paused else zone_word(day.zone),
            _("%(points)s of %(maximum)s")
            % {"points": format_number(day.points), "maximum": format_number(day.maximum)},
        )
        for day in card.days
    )


def tried_sentence(card: Card, value: Decimal) -> str:
    """Points of one workday at another value."""
    measured = Measured(int((value * BOUND_UNITS).to_integral_value()), 1000)
    scored = card.scored_at(measured)
    return _("%(value)s would give %(points)s of %(maximum)s points on a workday: %(zone)s.") % {
        "value": value_text(card.metric, measured.value, more=digits_more(card.metric, measured.value, card.zones)),
        "points": format_number(scored.points),
        "maximum": format_number(scored.maximum),
        "zone": zone_word(scored.zone.kind).text,
    }


# The rest of the page --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownFigure:
    metric: Metric
    value: str
    note: str
    change: Change | None
    trend: Trend | None
    notes: tuple[str, ...] = ()


def shown_figure(figure: PlainFigure, scorecard: Scorecard, *, notes: tuple[str, ...] = ()) -> ShownFigure:
    return ShownFigure(
        figure.metric,
        value_text(figure.metric, figure.measured.value),
        basis_text(figure.metric, figure.measured),
        change_of(figure.metric, figure.measured, figure.before, is_open=scorecard.is_open),
        trend_of(figure.metric, figure.trend),
        notes,
    )


@dataclass(frozen=True)
class CalendarDay:
    day: dt.date
    in_month: bool
    has_data: bool
    points: str
    is_shown: bool
    is_today: bool
    label: str


def month_of(scorecard: Scorecard) -> list[list[CalendarDay]]:
    """The weeks, from Monday, of the month of the period's last day."""
    first = scorecard.period.last.replace(day=1)
    rows = {row.workday: row for row in scorecard.days}
    weeks = calendar.Calendar(firstweekday=0).monthdatescalendar(first.year, first.month)
    return [[_calendar_day(day, day.month == first.month, rows.get(day), scorecard) for day in week] for week in weeks]


def _calendar_day(day: dt.date, in_month: bool, row: WorkdayRow | None, scorecard: Scorecard) -> CalendarDay:
    points = format_number(row.points) if row and row.profile_id else ""
    if row is None:
        label = _("%(day)s: no data") % {"day": day_text(day)}
    elif points:
        label = _("%(day)s: %(points)s points") % {"day": day_text(day), "points": points}
    else:
        label = _("%(day)s: data, no points") % {"day": day_text(day)}
    shown = scorecard.period.kind is not Kind.MONTHLY and day in scorecard.period
    return CalendarDay(day, in_month, row is not None, points, shown, day == scorecard.today, label)


def weekday_names() -> list[tuple[str, str]]:
    """(short, long) from Monday."""
    days = [dt.date(2024, 1, number) for number in range(1, 8)]
    return [(django_formats.date_format(day, "D"), django_formats.date_format(day, "l")) for day in days]


def best_label(best: history.Best) -> str:
    match best.period.kind:
        case Kind.DAILY:
            return _("Best day")
        case Kind.WEEKLY:
            return _("Best week")
        case _:
            return _("Best month")


def usual_label(period: Period) -> str:
    match period.kind:
        case Kind.DAILY:
            weekday = django_formats.date_format(period.start, "l")
            return _("Usual for a %(weekday)s") % {"weekday": weekday}
        case Kind.WEEKLY:
            return _("Usual for a week")
        case _:
            return _("Usual for a month")


def revision_sentence(row: WorkdayRow, zone: ZoneInfo, today: dt.date) -> str:
    """By what a final day was revised, and when."""
    labels = dict(TouchReason.choices)
    words = {
        "day": day_text(row.workday, year=False),
        "time": moment_text(row.revised_at, zone, today),
        "reason": labels.get(row.revised_reason, ""),
    }
    if not words["reason"]:
        return _("%(day)s was revised (%(time)s).") % words
    return capfirst(_("%(day)s was revised: %(reason)s (%(time)s).") % words)


def greeting(hour: int, name: str) -> str:
    if hour < 5 or hour >= 18:
        return _("Good evening, %(name)s") % {"name": name}
    if hour < 12:
        return _("Good morning, %(name)s") % {"name": name}
    return _("Good afternoon, %(name)s") % {"name": name}
