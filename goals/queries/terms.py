"""Stored terms as the rule takes them."""

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction

from metrics.enums import Aggregation

from ..enums import Counted
from ..models import Goal, GoalMultiplier, GoalTerms
from ..rules.settle import Pay, Terms, Thresholds


def terms_in_force(goals: Iterable[Goal], *, on: dt.date) -> dict[int, GoalTerms]:
    """The terms of each goal for a period that starts on a day. Goals without terms by then are left out."""
    rows = GoalTerms.objects.filter(goal__in=goals, from_on__lte=on).order_by("goal_id", "from_on")
    terms = {row.goal_id: row for row in rows.select_related("pool", "guard_metric", "guard_goal")}
    _fetch_multipliers(terms.values())
    return terms


def _fetch_multipliers(rows: Iterable[GoalTerms]) -> None:
    """What `prefetch_related` does, without a queryset for each of hundreds of goals."""
    by_pk = {row.pk: row for row in rows}
    for row in by_pk.values():
        row._prefetched_objects_cache = {"multipliers": []}
    for one in GoalMultiplier.objects.filter(terms__in=by_pk):
        by_pk[one.terms_id]._prefetched_objects_cache["multipliers"].append(one)


def rule_terms(goal: Goal, row: GoalTerms) -> Terms:
    """What `settle` needs of a goal's terms."""
    return Terms(
        scope=goal.scope,
        averages=row.aggregation == Aggregation.AVERAGE,
        thresholds=Thresholds(row.operator, _units(row, "achieved"), _units(row, "on_track"), _units(row, "at_risk")),
        pay=Pay(
            form=row.pay_form,
            points=row.points,
            mode=row.pay_mode,
            sharing=row.sharing,
            floor_percent=Fraction(row.floor_percent),
            floor_points=row.floor_points,
            cap_points=row.cap_points,
        ),
        minimum_volume=_units(row, "minimum_volume") or 0,
        is_reported=goal.counted == Counted.REPORTED,
    )


def _units(row: GoalTerms, name: str) -> int | None:
    return GoalTerms._meta.get_field(name).to_units(getattr(row, name))
