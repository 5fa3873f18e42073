"""What several kinds of operations show: profiles, their metrics and objectives."""

from collections.abc import Iterable

from metrics.enums import Source, Unit
from metrics.models import Metric
from people.models import Division, Queue, Team
from scorecards.models import Objective, ObjectiveTerms, Profile
from scorecards.rules.scoring import Zone, maximum_of, zones_from_json

from .rules.zones import TEMPLATES, TO_BEGIN_WITH, template_of, to_wire
from .schemas import profiles as schemas
from .wire import Named, Ref

HERE = "/api/v2/gamification"
UNIT_TYPES = {
    Unit.SECONDS: "Seconds",
    Unit.PERCENT: "Percent",
    Unit.NUMBER: "Number",
    Unit.CURRENCY: "Currency",
}


def division_ref(division: Division) -> Named:
    uri = f"/api/v2/authorization/divisions/{division.pk}"
    return Named(id=str(division.pk), name=division.name, self_uri=uri)


def team_ref(team: Team) -> Named:
    return Named(id=str(team.pk), name=team.name, self_uri=f"/api/v2/teams/{team.pk}")


def queue_ref(queue: Queue) -> Named:
    return Named(id=str(queue.pk), name=queue.name, self_uri=f"/api/v2/routing/queues/{queue.pk}")


def profile_ref(profile_id: int) -> Ref:
    return Ref(id=str(profile_id), self_uri=f"{HERE}/profiles/{profile_id}")


def metric_ref(objective: Objective) -> Ref:
    return Ref(id=str(objective.pk), self_uri=_metric_uri(objective))


def definition_ref(metric: Metric) -> Named:
    """The definition of a metric; one with a filter is known by the one that it was narrowed from."""
    pk = metric.narrowed_from_id or metric.pk
    return Named(id=str(pk), name=metric.label, self_uri=f"{HERE}/metricdefinitions/{pk}")


def _metric_uri(objective: Objective) -> str:
    return f"{HERE}/profiles/{objective.profile_id}/metrics/{objective.pk}"


def profile_shape(profile: Profile, *, member_count: int) -> schemas.PerformanceProfile:
    detail = getattr(profile, "detail", None)
    return schemas.PerformanceProfile(
        id=str(profile.pk),
        name=profile.name,
        division=division_ref(detail.division) if detail and detail.division else None,
        description=detail.description or None if detail else None,
        metric_orders=[str(objective.pk) for objective in profile.objectives.all()],
        date_created=detail.made_at if detail else None,
        reporting_intervals=detail.reporting_intervals if detail else [],
        active=profile.is_active,
        member_count=member_count,
        max_leaderboard_rank_size=detail.most_ranks if detail else None,
        self_uri=f"{HERE}/profiles/{profile.pk}",
    )


# Metrics ----------------------------------------------------------------------------------------------------------


def zone_shapes(zones: Iterable[Zone]) -> list[schemas.ObjectiveZone]:
    return [
        schemas.ObjectiveZone(
            label=zone.kind,
            direction_type=zone.direction,
            zone_type=zone.kind,
            upper_limit_points=zone.upper_points,
            lower_limit_points=zone.lower_points,
            upper_limit_value=zone.upper,
            lower_limit_value=zone.lower,
        )
        for zone in to_wire(list(zones))
    ]


def template_shape(word: str) -> schemas.ObjectiveTemplate:
    name, kind = TEMPLATES[word]
    zones = zone_shapes(TO_BEGIN_WITH[kind])
    return schemas.ObjectiveTemplate(id=word, name=name, zones=zones, self_uri=f"{HERE}/templates/{word}")


def objective_shape(terms: ObjectiveTerms) -> schemas.Objective:
    queue = terms.queue
    return schemas.Objective(
        id=str(terms.pk),
        template_id=template_of(terms.kind),
        zones=zone_shapes(zones_from_json(terms.zones)),
        enabled=terms.is_active,
        media_types=[terms.media_type] if terms.media_type else [],
        queues=[Ref(id=str(queue.pk), self_uri=f"/api/v2/routing/queues/{queue.pk}")] if queue else [],
        initial_direction=terms.direction if terms.direction in ("inbound", "outbound") else None,
        date_start=terms.from_on if terms.from_on.year > 1 else None,
    )


def metric_shape(terms: ObjectiveTerms, *, with_objective: bool) -> schemas.Metric:
    return schemas.Metric(
        **_metric(terms), objective=objective_shape(terms) if with_objective else None,
        performance_profile_id=str(terms.objective.profile_id),
    )  # fmt: skip


def metrics_shape(terms: ObjectiveTerms, *, order: int) -> schemas.Metrics:
    metric = terms.objective.metric
    return schemas.Metrics(
        **_metric(terms),
        order=order,
        metric_definition_name=metric.label,
        unit_type=UNIT_TYPES[metric.unit],
        unit_definition=metric.currency or None,
        enabled=terms.is_active,
        template_name=TEMPLATES[template_of(terms.kind)][0],
        max_points=maximum_of(zones_from_json(terms.zones)),
        performance_profile_id=str(terms.objective.profile_id),
    )


def _metric(terms: ObjectiveTerms) -> dict:
    metric = terms.objective.metric
    is_external = metric.source == Source.EXTERNAL
    return {
        "id": str(terms.objective_id),
        "name": metric.label,
        "metric_definition_id": None if is_external else str(metric.pk),
        "external_metric_definition_id": str(metric.pk) if is_external else None,
        "date_created": terms.at,
        "precision": metric.precision,
        "time_display_unit": "Seconds" if metric.unit == Unit.SECONDS else "None",
        "self_uri": _metric_uri(terms.objective),
    }
