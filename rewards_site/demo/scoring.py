"""Profiles, objectives and the sales metric of the demo centre."""

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from metrics.enums import Aggregation, Better, Source, Unit
from metrics.models import Metric
from scorecards.enums import GuardOperator, GuardScope, ObjectiveKind
from scorecards.models import Multiplier, Objective, ObjectiveTerms, Profile, ProfileAssignment
from scorecards.rules.scoring import BOUND_UNITS, zones_from_json

from .people import Written
from .plan import BERLIN_SUPPORT, CHAT, SALES
from .staff import Staff

SALES_METRIC = "sales_value"
Bound = int | float


def _zone(kind: str, lower: Bound | None, upper: Bound | None, points: tuple[int, int]) -> dict:
    """`lower` and `upper` in the metric's unit, None where open."""
    units = [None if bound is None else int(Decimal(str(bound)) * BOUND_UNITS) for bound in (lower, upper)]
    return {"kind": kind, "lower": units[0], "upper": units[1], "lower_points": points[0], "upper_points": points[1]}


def _higher(good: Bound, target: Bound, points: int) -> list[dict]:
    """On target from `target`: full points; near it from `good`: from a third of them upwards."""
    return [
        _zone("out", None, good, (0, 0)),
        _zone("good", good, target, (points // 3, points - points // 5)),
        _zone("target", target, None, (points, points)),
    ]


def _lower(target: Bound, good: Bound, points: int) -> list[dict]:
    return [
        _zone("target", None, target, (points, points)),
        _zone("good", target, good, (points - points // 5, points // 3)),
        _zone("out", good, None, (0, 0)),
    ]


def _area(out: Bound, low: Bound, high: Bound, over: Bound, points: int) -> list[dict]:
    """On target between `low` and `high`, near it down to `out` and up to `over`."""
    return [
        _zone("out", None, out, (0, 0)),
        _zone("good", out, low, (points // 3, points - points // 5)),
        _zone("target", low, high, (points, points)),
        _zone("good", high, over, (points - points // 5, points // 3)),
        _zone("out", over, None, (0, 0)),
    ]


class Guard(NamedTuple):
    metric: str
    operator: GuardOperator
    bound: int
    scope: GuardScope = GuardScope.AGENT


class Terms(NamedTuple):
    metric: str
    kind: ObjectiveKind
    zones: list[dict]
    guard: Guard | None = None
    multipliers: tuple[tuple[str, int], ...] = ()
    """Home queue and percent."""


HIGHER, LOWER, AREA = ObjectiveKind.HIGHER, ObjectiveKind.LOWER, ObjectiveKind.AREA
NO_SHORT_CALLS = Guard("short_call_share", GuardOperator.AT_MOST, 20)
"""Who gets rid of callers earns nothing for a low handle time."""
IN_TIME = Guard("service_level_20s", GuardOperator.AT_LEAST, 60)

STANDARD_TERMS = (
    Terms("first_contact_resolution", HIGHER, _higher(65, 80, 60), IN_TIME, (("Technical support", 120),)),
    Terms("average_handle_time", LOWER, _lower(330, 480, 60), NO_SHORT_CALLS, (("Technical support", 150),)),
    Terms("satisfaction", HIGHER, _higher(3.8, 4.4, 50)),
    Terms("transfer_rate", LOWER, _lower(8, 16, 30)),
    Terms("average_after_call_work", AREA, _area(8, 20, 45, 80, 20)),
    Terms("quality_score", HIGHER, _higher(72, 85, 50)),
)
BERLIN_TERMS = (*STANDARD_TERMS, Terms("customer_thanks", HIGHER, _higher(10, 30, 20)))
SALES_TERMS = (
    Terms(SALES_METRIC, HIGHER, _higher(150, 350, 100), Guard("satisfaction", GuardOperator.AT_LEAST, 3)),
    Terms("interactions_answered", HIGHER, _higher(16, 26, 40)),
    Terms("first_contact_resolution", HIGHER, _higher(68, 84, 40)),
    Terms("satisfaction", HIGHER, _higher(3.9, 4.5, 40)),
    Terms("quality_score", HIGHER, _higher(72, 85, 30)),
)
CHAT_TERMS = (
    Terms("interactions_per_handled_hour", HIGHER, _higher(5.5, 7.5, 70)),
    Terms("first_contact_resolution", HIGHER, _higher(64, 80, 60)),
    Terms("satisfaction", HIGHER, _higher(3.8, 4.4, 60)),
    Terms("average_speed_of_answer", LOWER, _lower(20, 45, 30)),
    Terms("quality_score", HIGHER, _higher(72, 85, 30)),
)


def write_sales_metric() -> Metric:
    return Metric.objects.create(
        key=SALES_METRIC,
        name="Sales value",
        description="Value of the orders that the agent sold, from the shop.",
        unit=Unit.CURRENCY,
        currency="EUR",
        precision=0,
        better=Better.HIGHER,
        aggregation=Aggregation.SUM,
        source=Source.EXTERNAL,
        position=500,
    )


OTHER_PROFILES = {SALES: SALES_TERMS, CHAT: CHAT_TERMS, BERLIN_SUPPORT: BERLIN_TERMS}


def write_profiles(staff: Staff, written: Written, *, from_on: dt.date, at: dt.datetime) -> None:
    """The standard profile gets the centre's own terms from the first day of the records on; three more are added."""
    profiles = {"": Profile.objects.get(is_default=True)}
    profiles |= {name: Profile.objects.create(name=name) for name in OTHER_PROFILES}
    for name, profile in profiles.items():
        _write_terms(profile, OTHER_PROFILES.get(name, STANDARD_TERMS), written, from_on=from_on, at=at)
    ProfileAssignment.objects.bulk_create(_assignments(profiles, staff, written))


def _assignments(profiles: dict[str, Profile], staff: Staff, written: Written):
    """The profile of each agent's team; someone who moved between teams takes the new one's from then on."""
    for agent in staff.agents:
        person = written.people[agent.key]
        before = agent.moved[0].profile if agent.moved else agent.team.profile
        if before:
            yield ProfileAssignment(person=person, profile=profiles[before], from_on=agent.from_on)
        if agent.moved and agent.team.profile != before:
            yield ProfileAssignment(person=person, profile=profiles[agent.team.profile], from_on=agent.moved[1])


def _write_terms(profile: Profile, rows, written: Written, *, from_on: dt.date, at: dt.datetime) -> None:
    metrics = Metric.objects.in_bulk(field_name="key")
    objectives = {objective.metric_id: objective for objective in profile.objectives.all()}
    for position, row in enumerate(rows, start=1):
        metric = metrics[row.metric]
        objective = objectives.pop(metric.pk, None) or Objective(profile=profile, metric=metric)
        objective.position = position * 10
        objective.save()
        terms = _terms(objective, row, metrics, from_on=from_on, at=at)
        Multiplier.objects.bulk_create(
            Multiplier(terms=terms, queue=written.queues[queue], percent=percent) for queue, percent in row.multipliers
        )
    for objective in objectives.values():
        _retire(objective, from_on=from_on, at=at)


def _terms(objective: Objective, row: Terms, metrics: dict, *, from_on: dt.date, at: dt.datetime) -> ObjectiveTerms:
    zones_from_json(row.zones)
    guard = row.guard
    return ObjectiveTerms.objects.create(
        objective=objective,
        from_on=from_on,
        kind=row.kind,
        zones=row.zones,
        metric=objective.metric,
        guard_metric=metrics[guard.metric] if guard else None,
        guard_operator=guard.operator if guard else "",
        guard_bound=guard.bound if guard else None,
        guard_scope=guard.scope if guard else "",
        at=at,
    )


def _retire(objective: Objective, *, from_on: dt.date, at: dt.datetime) -> None:
    last = objective.terms.latest("from_on")
    ObjectiveTerms.objects.create(
        objective=objective,
        from_on=from_on,
        is_active=False,
        kind=last.kind,
        zones=last.zones,
        metric=last.metric,
        at=at,
    )
