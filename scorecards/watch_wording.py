"""The words of pairs to watch: what was set, and what shows. Never a verdict."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from foundation.pages.formats import format_number, format_value
from metrics.enums import Aggregation, Unit
from metrics.models import Metric

from .enums import ChangeIn
from .models import Watch
from .rules.scoring import Measured
from .rules.watching import Spans
from .watch_queries import Watched
from .wording import decimal_of, value_text


@dataclass(frozen=True)
class ShownSide:
    name: str
    before: str
    now: str
    change: str
    volume_before: str
    volume_now: str


def definition_text(watch: Watch) -> str:
    """What makes a pair show, in one sentence."""
    return _(
        "%(first)s improves by at least %(better)s while %(second)s worsens by at least %(worse)s, over %(days)d days"
        " against the %(days)d before, in both on at least %(volume)s and %(other_volume)s."
    ) % {
        "first": watch.improving.label,
        "better": _amount(watch.improving, watch.improves_by, watch.improves_in),
        "second": watch.worsening.label,
        "worse": _amount(watch.worsening, watch.worsens_by, watch.worsens_in),
        "days": watch.days,
        "volume": _volume(watch.improving, watch.improving_minimum),
        "other_volume": _volume(watch.worsening, watch.worsening_minimum),
    }


def sides_of(watched: Watched) -> list[ShownSide]:
    """Both metrics with their figures of both spans; the change says whether it is for the better."""
    watch = watched.watch
    better = _("better by %(amount)s") % {"amount": _amount(watch.improving, watched.improved, watch.improves_in)}
    worse = _("worse by %(amount)s") % {"amount": _amount(watch.worsening, watched.worsened, watch.worsens_in)}
    return [_side(watch.improving, watched.first, better), _side(watch.worsening, watched.second, worse)]


def _side(metric: Metric, spans: Spans, change: str) -> ShownSide:
    return ShownSide(
        name=metric.label,
        before=value_text(metric, spans.before.value),
        now=value_text(metric, spans.now.value),
        change=change,
        volume_before=_volume(metric, _count(spans.before)),
        volume_now=_volume(metric, _count(spans.now)),
    )


def _count(measured: Measured) -> Decimal:
    return Decimal(measured.count) / 1000


def _amount(metric: Metric, amount: Fraction | Decimal, change_in: str) -> str:
    """A change: in percent of the value before, in points of percent, or in the metric's unit."""
    number = decimal_of(Fraction(amount))
    if change_in == ChangeIn.PERCENT:
        return format_value(number, unit="percent")
    if metric.unit == Unit.PERCENT:
        return _("%(number)s points of percent") % {"number": format_number(number, metric.precision)}
    return value_text(metric, Fraction(amount))


def _volume(metric: Metric, count: Decimal) -> str:
    """How much an average divides by; for a sum, workdays."""
    text = format_number(count)
    return _("%(number)s workdays") % {"number": text} if metric.aggregation == Aggregation.SUM else text
