"""Whose figures are worth a look by the pairs that an administrator set, and what guards paused."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, Q, QuerySet, Sum

from foundation.periods import DAY, Period
from metrics.enums import Aggregation
from metrics.models import DayValue, Metric
from people.models import User

from .enums import ScoreReason
from .models import Score, Watch
from .rules.scoring import Measured
from .rules.watching import Spans, improvement, is_worth_a_look

ONE = 1000
"""A count of 1, as it is stored."""
LONGEST_LOOK_BACK_DAYS = 60
SPANS, FIGURES = ("now", "before"), ("total", "count", "days")


@dataclass(frozen=True)
class Watched:
    """A pair that is worth a look: both figures of both spans, and since when it shows."""

    watch: Watch
    person_id: int
    first: Spans
    second: Spans
    now: Period
    before: Period
    since_on: dt.date
    is_older: bool = False
    """It shows for longer than was looked back."""

    @property
    def improved(self) -> Fraction:
        return improvement(self.watch.improving_side, self.first)

    @property
    def worsened(self) -> Fraction:
        return -improvement(self.watch.worsening_side, self.second)


@dataclass(frozen=True)
class PausedShare:
    """What guards paused of an agent's points from one metric."""

    person_id: int
    metric: Metric
    paused: int
    maximum: int

    @property
    def percent(self) -> Fraction:
        return Fraction(100 * self.paused, self.maximum)


def active_watches() -> list[Watch]:
    """The definitions in force."""
    return list(Watch.objects.filter(is_active=True).select_related("improving", "worsening"))


def spans_before(on: dt.date, *, days: int) -> tuple[Period, Period]:
    """The last whole days before a day, and as many before those."""
    return Period(on - days * DAY, on), Period(on - 2 * days * DAY, on - days * DAY)


def worth_a_look(people: QuerySet[User], *, on: dt.date) -> list[Watched]:
    """What shows on a day among people whom the viewer may see. Three queries, however many pairs and people."""
    watches = active_watches()
    sums = _sums(people, watches, on=on)
    agents = sorted({agent for agent, _metric in sums})
    found = []
    for watch in watches:
        for agent in agents:
            first = _spans(sums.get((agent, watch.improving_id)), watch.improving, watch.days)
            second = _spans(sums.get((agent, watch.worsening_id)), watch.worsening, watch.days)
            if is_worth_a_look(watch.improving_side, watch.worsening_side, first, second):
                found.append(Watched(watch, agent, first, second, *spans_before(on, days=watch.days), since_on=on))
    return _with_since(found, on=on)


def _sums(people: QuerySet[User], watches: Iterable[Watch], *, on: dt.date) -> dict[tuple[int, int], dict]:
    """(person, metric) → total, count and workdays of each length of span, now and before. One query."""
    lengths = sorted({watch.days for watch in watches})
    metrics = {pk for watch in watches for pk in (watch.improving_id, watch.worsening_id)}
    start = on - 2 * max(lengths, default=0) * DAY
    days = DayValue.objects.filter(
        agent_id__in=people.values("pk"), metric_id__in=metrics, workday__gte=start, workday__lt=on
    ).order_by()
    columns = {}
    for length in lengths:
        for name, period in zip(("now", "before"), spans_before(on, days=length), strict=True):
            within = Q(workday__gte=period.start, workday__lt=period.end)
            columns[f"{name}_{length}_total"] = Sum(F("total"), filter=within, output_field=BigIntegerField())
            columns[f"{name}_{length}_count"] = Sum(F("count"), filter=within, output_field=BigIntegerField())
            columns[f"{name}_{length}_days"] = Count("workday", filter=within)
    return {
        (row["agent_id"], row["metric_id"]): row for row in days.values("agent_id", "metric_id").annotate(**columns)
    }


def _spans(row: dict | None, metric: Metric, days: int) -> Spans:
    if row is None:
        return Spans(None, None)
    return Spans(*(_measured(metric, *(row[f"{span}_{days}_{of}"] for of in FIGURES)) for span in SPANS))


def _measured(metric: Metric, total: int | None, count: int | None, days: int) -> Measured | None:
    """A sum stands as its mean of a workday: a span of more work is no improvement."""
    if not days:
        return None
    return Measured(int(total), days * ONE if metric.aggregation == Aggregation.SUM else int(count))


def _with_since(found: list[Watched], *, on: dt.date) -> list[Watched]:
    """Each with the first day from which on it showed without a break. One query."""
    if not found:
        return []
    longest = max(each.watch.days for each in found)
    start = on - (2 * longest + LONGEST_LOOK_BACK_DAYS) * DAY
    metrics = {pk for each in found for pk in (each.watch.improving_id, each.watch.worsening_id)}
    rows = DayValue.objects.filter(
        agent_id__in={each.person_id for each in found}, metric_id__in=metrics, workday__gte=start, workday__lt=on
    ).order_by()
    figures = defaultdict(list)
    stored = [ExpressionWrapper(F(name), output_field=BigIntegerField()) for name in ("total", "count")]
    for agent, metric, workday, total, count in rows.values_list("agent_id", "metric_id", "workday", *stored):
        figures[agent, metric].append((workday, int(total), int(count)))
    return [_since(each, figures, on=on) for each in found]


def _since(each: Watched, figures: dict, *, on: dt.date) -> Watched:
    watch, since = each.watch, on
    for back in range(1, LONGEST_LOOK_BACK_DAYS + 1):
        day = on - back * DAY
        spans = spans_before(day, days=watch.days)
        first, second = (
            Spans(*(_of_days(metric, figures[each.person_id, metric.pk], span) for span in spans))
            for metric in (watch.improving, watch.worsening)
        )
        if not is_worth_a_look(watch.improving_side, watch.worsening_side, first, second):
            break
        since = day
    is_older = since == on - LONGEST_LOOK_BACK_DAYS * DAY
    return Watched(watch, each.person_id, each.first, each.second, each.now, each.before, since, is_older)


def _of_days(metric: Metric, figures: list, span: Period) -> Measured | None:
    within = [(total, count) for day, total, count in figures if day in span]
    return _measured(metric, sum(t for t, _ in within), sum(c for _, c in within), len(within))


def paused_shares(people: QuerySet[User], *, period: Period) -> list[PausedShare]:
    """What guards paused of each agent's points by metric, the largest share first; nothing where none was. Two
    queries.
    """
    scores = Score.objects.filter(
        agent_id__in=people.values("pk"), workday__gte=period.start, workday__lt=period.end
    ).order_by()
    sums = scores.values_list("agent_id", "terms__metric_id").annotate(
        paused=Sum("maximum", filter=Q(reason=ScoreReason.GUARDED), default=0), most=Sum("maximum")
    )
    rows = list(sums.filter(paused__gt=0))
    metrics = Metric.objects.in_bulk({metric for _agent, metric, *_figures in rows})
    shares = [PausedShare(agent, metrics[metric], paused, most) for agent, metric, paused, most in rows]
    return sorted(shares, key=lambda share: (-share.percent, share.person_id, share.metric.pk))
