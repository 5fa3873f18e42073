"""What an objective's drafted terms pay: the curve, the zones in words, and worked examples."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from foundation.pages.formats import format_value
from foundation.records.dated import EVER
from metrics.enums import Unit
from metrics.models import TOTAL_PLACES, Metric

from ..enums import ZoneKind
from ..models import ObjectiveTerms
from ..rules.curve import Curve, curve_of, examples_of
from ..rules.scoring import Zone, zones_from_json
from ..rules.words import ZoneInWords, words_of

WHOLE_PERCENT = 100 * 10**TOTAL_PLACES


@dataclass(frozen=True)
class ShownExample:
    value: str
    points: int
    kind: str
    zone: str


@dataclass(frozen=True)
class Label:
    text: str
    at: float


@dataclass(frozen=True)
class RulePreview:
    """A drafted rule, ready to be shown. `title` is the text equivalent of the drawing."""

    metric: str
    maximum: int
    curve: Curve
    bounds: tuple[Label, ...]
    words: tuple[ZoneInWords, ...]
    examples: tuple[ShownExample, ...]


def show_value(units: int, metric: Metric) -> str:
    """A value in 1e-5 of the metric's unit, as people read it; a bound finer than the precision is shown in full."""
    value = Decimal(units).scaleb(-TOTAL_PLACES)
    places = max(metric.precision, -value.normalize().as_tuple().exponent)
    return format_value(value, unit=metric.unit, precision=places, currency=metric.currency)


def preview_of(metric: Metric, zones: tuple[Zone, ...]) -> RulePreview:
    show = partial(show_value, metric=metric)
    curve = curve_of(zones, largest=WHOLE_PERCENT if metric.unit == Unit.PERCENT else None)
    step = 10 ** (TOTAL_PLACES - min(metric.precision, TOTAL_PLACES))
    return RulePreview(
        metric=metric.name,
        maximum=max(zone.best for zone in zones),
        curve=curve,
        bounds=tuple(Label(show(mark.value), mark.at) for mark in curve.bounds),
        words=tuple(words_of(zones, show)),
        examples=tuple(
            ShownExample(show(one.value), one.scored.points, str(one.scored.zone.kind.value), _word(one.scored.zone))
            for one in examples_of(zones, step=step)
        ),
    )


def _word(zone: Zone) -> str:
    return str(ZoneKind(zone.kind).label)


@dataclass(frozen=True)
class ShownTerms:
    """Published terms in words."""

    from_on: str
    pays: str
    limits: str
    published: str


def in_words(terms: ObjectiveTerms, metric: Metric) -> str:
    """“up to 3:00: 300 points; above 3:00 up to 10:00: 200 falling to 100 points”; without what pays nothing."""
    lines = words_of(zones_from_json(terms.zones), partial(show_value, metric=metric))
    paying = [f"{line.values}: {line.points}" for line in lines if line.kind != ZoneKind.OUT]
    return "; ".join(paying)


def shown_terms(terms: ObjectiveTerms, metric: Metric) -> ShownTerms:
    return ShownTerms(
        from_on=_("without a start date") if terms.from_on == EVER else date_format(terms.from_on, "SHORT_DATE_FORMAT"),
        pays=in_words(terms, metric) if terms.is_active else _("not active"),
        limits="; ".join(_limits(terms)) or _("none"),
        published=_published(terms),
    )


def _limits(terms):
    if terms.media_type:
        yield str(terms.get_media_type_display())
    if terms.direction:
        yield str(terms.get_direction_display())
    if terms.queue:
        yield terms.queue.name
    if terms.guard_metric:
        yield _("only while %(metric)s is %(operator)s %(value)s") % {
            "metric": terms.guard_metric.name,
            "operator": terms.get_guard_operator_display(),
            "value": _natural(terms.guard_bound, terms.guard_metric),
        }
    for one in terms.multipliers.all():
        yield _("%(name)s × %(percent)s %%") % {"name": one.queue or one.team, "percent": one.percent}


def _natural(value, metric):
    return show_value(int(value.scaleb(TOTAL_PLACES)), metric)


def _published(terms):
    if terms.at is None:
        return _("with Laurel")
    day = date_format(localtime(terms.at), "SHORT_DATETIME_FORMAT")
    return _("%(day)s by %(name)s") % {"day": day, "name": terms.by} if terms.by else day
