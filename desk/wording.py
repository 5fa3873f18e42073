"""The words of the team page, from exact numbers."""

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from foundation.periods import Kind
from metrics.enums import Aggregation
from scorecards.enums import ZoneKind
from scorecards.rules.scoring import BOUND_UNITS
from scorecards.wording import Word, range_text, short_period_text, value_text, zone_word

from .queries import BELOW, TeamTrend


@dataclass(frozen=True)
class ShownTrend:
    name: str
    value: str
    word: Word
    target: str
    values: list[Fraction | None]
    targets: list[Fraction]
    label: str
    """The chart in words."""


def shown_trend(trend: TeamTrend) -> ShownTrend:
    zone = trend.target
    bounds = [] if zone is None else [bound for bound in (zone.lower, zone.upper) if bound is not None]
    return ShownTrend(
        name=trend.metric.label,
        value=value_text(trend.metric, trend.value),
        word=zone_word(trend.zone) if trend.zone or trend.value is None else Word(_("Several targets"), "minus"),
        target=_target(trend),
        values=[value for _period, value in trend.points],
        targets=[Fraction(bound, BOUND_UNITS) for bound in bounds],
        label=_label(trend),
    )


def _target(trend: TeamTrend) -> str:
    if trend.target is None:
        return ""
    text = _("Target %(range)s") % {"range": range_text(trend.metric, trend.target)}
    if trend.metric.aggregation == Aggregation.SUM:
        return _("%(target)s, by agent and workday") % {"target": text}
    return text


def _label(trend: TeamTrend) -> str:
    known = [(period, value) for period, value in trend.points if value is not None]
    if not known:
        return _("%(metric)s: no data") % {"metric": trend.metric.label}
    by_week = known[0][0].kind is Kind.WEEKLY
    steps = "; ".join(f"{short_period_text(period)} {value_text(trend.metric, value)}" for period, value in known)
    name = _("%(metric)s of the team by week") if by_week else _("%(metric)s of the team by day")
    parts = [f"{name % {'metric': trend.metric.label}}: {steps}", _target(trend)]
    return ". ".join(part for part in parts if part)


def zone_choices() -> list[tuple[str, str]]:
    """What a metric can be filtered by."""
    words = [(str(kind.value), zone_word(kind).text) for kind in (ZoneKind.OUT, ZoneKind.GOOD, ZoneKind.TARGET)]
    return [(BELOW, _("Below target")), *words]
