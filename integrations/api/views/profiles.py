"""Profiles: who is scored by which metrics, and how."""

import datetime as dt
from typing import Annotated

from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Query

from metrics.enums import Better, Source
from metrics.models import Metric
from metrics.queries import catalogue
from people.access import may, nameable_divisions, nameable_people, reach
from people.enums import Permission
from people.models import Division, Queue
from scorecards.enums import ObjectiveKind
from scorecards.models import Objective, Profile
from scorecards.queries import members_of, profile_id_on
from scorecards.rules.scoring import zones_from_json
from scorecards.rules.terms import TermsDraft

from .. import shapes
from ..actions import profiles as actions
from ..asking import Workday, days_of, subject_of, today_of, user_ref, viewer_of
from ..problems import Problem
from ..queries import (
    assignable,
    external_metrics,
    given_profiles,
    may_change_profile,
    member_counts,
    profiles_for,
    terms_of,
)
from ..rules.zones import TEMPLATES, TO_BEGIN_WITH, Unreadable, WireZone, from_wire, kind_of
from ..schemas import profiles as schemas
from ..wire import Asked, CommaList, Ref, Resource, key_of, keys_of, uuids_of

resource = Resource("gamification", tag="Profiles")


# Profiles ---------------------------------------------------------------------------------------------------------


@resource.get("/profiles", response=schemas.GetProfilesResponse)
def list_profiles(request):
    today = today_of(request)
    counts = member_counts(on=today)
    profiles = profiles_for(viewer_of(request), on=today)
    found = [shapes.profile_shape(profile, member_count=counts.get(profile.pk, 0)) for profile in profiles]
    return schemas.GetProfilesResponse(total=len(found), entities=found, self_uri=request.get_full_path())


@resource.post("/profiles", response=schemas.PerformanceProfile)
def create_profile(
    request, body: schemas.CreatePerformanceProfile, copy_metrics: Annotated[bool, Query(alias="copyMetrics")] = True
):
    """With the metrics of the default profile, unless `copyMetrics` is false. Nobody has it yet."""
    if not reach(viewer_of(request), Permission.CONFIGURE_SCORING).everywhere:
        raise Problem(403)
    profile = _answering_refusals(
        actions.create_profile,
        name=body.name,
        copies_metrics=copy_metrics,
        detail=_detail(request, body),
        by=viewer_of(request),
        on=today_of(request),
        at=request.call.at,
    )
    return _shown(request, profile.pk)


@resource.get("/profiles/{profile_id}", response=schemas.PerformanceProfile)
def get_profile(request, profile_id: str):
    return _shown(request, _profile(request, profile_id).pk)


@resource.put("/profiles/{profile_id}", response=schemas.PerformanceProfile)
def put_profile(request, profile_id: str, body: schemas.CreatePerformanceProfile):
    """Name, description and the order of its metrics. It is switched on and off by `activate` and `deactivate`."""
    profile = _changeable(request, profile_id)
    detail, order = _detail(request, body), keys_of(body.metric_orders)
    _answering_refusals(actions.change_profile, profile, name=body.name, order=order, detail=detail, at=request.call.at)
    return _shown(request, profile.pk)


@resource.post("/profiles/{profile_id}/activate", response=schemas.PerformanceProfile)
def activate_profile(request, profile_id: str):
    return _switched(request, profile_id, is_active=True)


@resource.post("/profiles/{profile_id}/deactivate", response=schemas.PerformanceProfile)
def deactivate_profile(request, profile_id: str):
    """It is offered no more. Whoever has it keeps it."""
    return _switched(request, profile_id, is_active=False)


def _switched(request, profile_id: str, *, is_active: bool) -> schemas.PerformanceProfile:
    profile = _changeable(request, profile_id)
    _answering_refusals(actions.switch_profile, profile, is_active=is_active)
    return _shown(request, profile.pk)


def _profile(request, profile_id: str) -> Profile:
    return get_object_or_404(profiles_for(viewer_of(request), on=today_of(request)), pk=key_of(profile_id))


def _changeable(request, profile_id: str) -> Profile:
    profile = _profile(request, profile_id)
    if not may_change_profile(viewer_of(request), profile, on=today_of(request)):
        raise Problem(403)
    return profile


def _shown(request, pk: int) -> schemas.PerformanceProfile:
    today = today_of(request)
    profile = get_object_or_404(profiles_for(viewer_of(request), on=today), pk=pk)
    return shapes.profile_shape(profile, member_count=member_counts(on=today).get(pk, 0))


def _detail(request, body: schemas.CreatePerformanceProfile) -> dict:
    return {
        "description": body.description or "",
        "division": _division(request, body.division),
        "reporting_intervals": [interval.model_dump(by_alias=True) for interval in body.reporting_intervals],
        "most_ranks": body.max_leaderboard_rank_size,
    }


def _division(request, given: schemas.WritableDivision | None) -> Division | None:
    if given is None:
        return None
    known = nameable_divisions(viewer_of(request), on=today_of(request)).filter(pk__in=keys_of([given.id])).first()
    if known is None:
        raise Problem(400, "division.id: there is no such division")
    return known


def _answering_refusals(action, *args, **given):
    try:
        return action(*args, **given)
    except actions.Taken as error:
        raise Problem(409, str(error)) from error
    except actions.Refusal as error:
        raise Problem(400, str(error)) from error


# Members ----------------------------------------------------------------------------------------------------------


@resource.get("/profiles/{profile_id}/members", response=schemas.MemberListing)
def list_members(request, profile_id: str):
    """Who is scored by it today, as far as the caller may read their names. The default profile has everyone else."""
    today = today_of(request)
    known = nameable_people(viewer_of(request), on=today)
    people = (
        members_of(_profile(request, profile_id), on=today).filter(pk__in=known.values("pk")).order_by("name", "pk")
    )
    return schemas.MemberListing(entities=[schemas.Member(**user_ref(person).model_dump()) for person in people])


@resource.post("/profiles/{profile_id}/members", response=schemas.Assignment)
def assign_members(request, profile_id: str, body: schemas.AssignUsers):
    """From each one's today on. Who is removed has the default profile then. Each by itself; errors say why not."""
    viewer, at, today = viewer_of(request), request.call.at, today_of(request)
    profile = _members_profile(request, profile_id)
    known = assignable(viewer, uuids_of([*body.members_to_assign, *body.members_to_remove]), on=today)
    given = given_profiles(known.values(), on=today)
    errors = [_unknown(text) for text in (*body.members_to_assign, *body.members_to_remove) if _same(text) not in known]
    assigned = [known[_same(text)] for text in body.members_to_assign if _same(text) in known]
    removed = []
    for person in (known[_same(text)] for text in body.members_to_remove if _same(text) in known):
        if given.get(person.pk) == profile:
            removed.append(person)
        else:
            errors.append(
                schemas.AssignmentError(user=user_ref(person), message="This person was not given the profile.")
            )
    _answering_refusals(actions.assign_members, profile, assigned, by=viewer, at=at)
    _answering_refusals(actions.remove_members, removed, by=viewer, at=at)
    return schemas.Assignment(
        assigned_members=[user_ref(person) for person in assigned],
        removed_members=[user_ref(person) for person in removed],
        assignment_errors=errors,
    )


@resource.post("/profiles/{profile_id}/members/validate", response=schemas.AssignmentValidation)
def validate_members(request, profile_id: str, body: schemas.ValidateAssignUsers):
    """What assigning these people would mean. Nothing is changed."""
    today = today_of(request)
    profile = _members_profile(request, profile_id)
    known = assignable(viewer_of(request), uuids_of(body.members_to_assign), on=today)
    given = given_profiles(known.values(), on=today)
    people = [known[_same(text)] for text in body.members_to_assign if _same(text) in known]
    return schemas.AssignmentValidation(
        members_not_assigned=[user_ref(person) for person in people if person.pk not in given],
        members_already_assigned=[user_ref(person) for person in people if given.get(person.pk) == profile],
        members_already_assigned_to_other=[
            _other(person, given[person.pk]) for person in people if given.get(person.pk, profile) != profile
        ],
        invalid_member_assignments=[_unknown(text) for text in body.members_to_assign if _same(text) not in known],
    )


def _members_profile(request, profile_id: str) -> Profile:
    """Whoever configures any people's scoring gives profiles to those people."""
    viewer = viewer_of(request)
    profile = _profile(request, profile_id)
    if not (may(viewer, Permission.CONFIGURE_SCORING) or may_change_profile(viewer, profile, on=today_of(request))):
        raise Problem(403)
    return profile


def _same(text: str) -> str:
    return str(found[0]) if (found := uuids_of([text])) else text


def _unknown(text: str) -> schemas.AssignmentError:
    ref = Ref(id=text, self_uri=f"/api/v2/users/{text}")
    return schemas.AssignmentError(user=ref, message="There is no such person that this client may assign.")


def _other(person, profile: Profile) -> schemas.OtherProfileAssignment:
    current = {**shapes.profile_ref(profile.pk).model_dump(), "name": profile.name}
    return schemas.OtherProfileAssignment(
        id=str(person.public_id), current_profile=current, self_uri=user_ref(person).self_uri
    )


# Metric definitions and templates ---------------------------------------------------------------------------------


@resource.get("/metricdefinitions", response=schemas.GetMetricDefinitionsResponse)
def list_metric_definitions(request):
    """The metrics over interactions that a profile may have. External ones have a list of their own."""
    found = [_definition(metric) for metric in _definitions()]
    return schemas.GetMetricDefinitionsResponse(total=len(found), entities=found, self_uri=request.get_full_path())


@resource.get("/metricdefinitions/{metric_definition_id}", response=schemas.MetricDefinition)
def get_metric_definition(request, metric_definition_id: str):
    return _definition(get_object_or_404(_definitions(), pk=key_of(metric_definition_id)))


def _definitions():
    return catalogue().filter(source=Source.INTERACTIONS)


def _definition(metric: Metric) -> schemas.MetricDefinition:
    kind = ObjectiveKind.LOWER if metric.better == Better.LOWER else ObjectiveKind.HIGHER
    objective = schemas.DefaultObjective(
        template_id=next(word for word, (_name, ours) in TEMPLATES.items() if ours == kind),
        zones=shapes.zone_shapes(TO_BEGIN_WITH[kind]),
        enabled=True,
    )
    return schemas.MetricDefinition(
        id=str(metric.pk),
        name=metric.label,
        unit_type=shapes.UNIT_TYPES[metric.unit],
        short_name=metric.key,
        dividend_metrics=[metric.dividend],
        divisor_metrics=[metric.divisor] if metric.divisor else [],
        default_objective=objective,
        media_type_filtering_allowed=True,
        initial_direction_filtering_allowed=True,
        queue_filtering_allowed=True,
        self_uri=shapes.definition_ref(metric).self_uri,
    )


@resource.get("/templates", response=schemas.GetTemplatesResponse)
def list_templates(request):
    """The types of objectives, with zones to start from."""
    found = [shapes.template_shape(word) for word in TEMPLATES]
    return schemas.GetTemplatesResponse(total=len(found), entities=found, self_uri=request.get_full_path())


@resource.get("/templates/{template_id}", response=schemas.ObjectiveTemplate)
def get_template(request, template_id: str):
    if template_id not in TEMPLATES:
        raise Http404
    return shapes.template_shape(template_id)


# Metrics of a profile ---------------------------------------------------------------------------------------------


@resource.get("/profiles/{profile_id}/metrics", response=schemas.GetMetricResponse)
def list_metrics(
    request,
    profile_id: str,
    workday: Workday | None = None,
    metric_ids: Annotated[CommaList, Query((), alias="metricIds")] = (),
    expand: Asked = (),
):
    """In the profile's order. The objective of a metric is the one of the workday, with `expand=objective`."""
    wanted = set(metric_ids)
    terms = terms_of(_profile(request, profile_id), on=workday or today_of(request))
    found = [
        shapes.metric_shape(each, with_objective="objective" in expand)
        for each in terms
        if not wanted or str(each.objective_id) in wanted
    ]
    return schemas.GetMetricResponse(total=len(found), entities=found, self_uri=request.get_full_path())


@resource.get("/profiles/{profile_id}/metrics/objectivedetails", response=schemas.GetMetricsResponse)
def objective_details(request, profile_id: str, workday: Workday | None = None):
    terms = terms_of(_profile(request, profile_id), on=workday or today_of(request))
    found = [shapes.metrics_shape(each, order=place) for place, each in enumerate(terms, start=1)]
    return schemas.GetMetricsResponse(total=len(found), entities=found, self_uri=request.get_full_path())


@resource.post("/profiles/{profile_id}/metrics", response=schemas.Metric)
def create_metric(request, profile_id: str, body: schemas.CreateMetric):
    """A metric with its objective, last in the order; scored from `dateStart` on."""
    profile = _changeable(request, profile_id)
    metric = _metric_named(body)
    objective = _answering_refusals(
        actions.create_objective,
        profile,
        metric,
        _change(request, body.objective, before=()),
        by=viewer_of(request),
        at=request.call.at,
    )
    return _metric_shown(request, profile, objective.pk)


@resource.get("/profiles/{profile_id}/metrics/{metric_id}", response=schemas.Metric)
def get_metric(request, profile_id: str, metric_id: str, workday: Workday | None = None):
    return _metric_shown(request, _profile(request, profile_id), key_of(metric_id), on=workday)


@resource.put("/profiles/{profile_id}/metrics/{metric_id}", response=schemas.Metric)
def put_metric(request, profile_id: str, metric_id: str, body: schemas.CreateMetric):
    """Another objective from `dateStart` on. Workdays before are scored as they were."""
    profile = _changeable(request, profile_id)
    objective = get_object_or_404(Objective, profile=profile, pk=key_of(metric_id))
    if (body.metric_definition_id or body.external_metric_definition_id) and _metric_named(
        body
    ).pk != objective.metric_id:
        raise Problem(400, "The metric of an objective cannot change. Make another metric in the profile.")
    last = objective.terms.order_by("-from_on").first()
    change = _change(request, body.objective, before=zones_from_json(last.zones) if last else ())
    _answering_refusals(actions.change_objective, objective, change, by=viewer_of(request), at=request.call.at)
    return _metric_shown(request, profile, objective.pk, on=change.from_on)


def _metric_shown(request, profile: Profile, objective_id: int, *, on: dt.date | None = None) -> schemas.Metric:
    for terms in terms_of(profile, on=on or today_of(request)):
        if terms.objective_id == objective_id:
            return shapes.metric_shape(terms, with_objective=True)
    raise Http404


def _metric_named(body: schemas.CreateMetric) -> Metric:
    if bool(body.metric_definition_id) == bool(body.external_metric_definition_id):
        raise Problem(400, "Name the metric by metricDefinitionId or by externalMetricDefinitionId, by one of them.")
    if body.metric_definition_id:
        found = _definitions().filter(pk__in=keys_of([body.metric_definition_id])).first()
    else:
        found = external_metrics().filter(is_active=True, pk__in=keys_of([body.external_metric_definition_id])).first()
    if found is None:
        raise Problem(400, "There is no such metric, or it is disabled.")
    return found


def _change(request, given: schemas.CreateObjective, *, before) -> actions.Change:
    wired = [
        WireZone(
            zone.zone_type,
            "",
            zone.lower_limit_value,
            zone.upper_limit_value,
            zone.lower_limit_points,
            zone.upper_limit_points,
        )
        for zone in given.zones
    ]
    try:
        zones = from_wire(wired, before=before)
        kind = kind_of(given.template_id, zones)
    except Unreadable as error:
        raise Problem(400, f"objective: {error}") from error
    draft = TermsDraft(
        kind=kind,
        zones=zones,
        is_active=given.enabled,
        media_type=given.media_types[0] if given.media_types else "",
        direction=given.initial_direction or "",
        queue_id=_queue_id(given.queue_ids),
    )
    return actions.Change(draft, given.date_start or today_of(request))


def _queue_id(ids: list[str]) -> int | None:
    if not ids:
        return None
    found = Queue.objects.filter(pk__in=keys_of(ids)).values_list("pk", flat=True).first()
    if found is None:
        raise Problem(400, "objective.queueIds: there is no such queue")
    return found


# The profile of a person ------------------------------------------------------------------------------------------


@resource.get("/profiles/users/me", response=schemas.PerformanceProfile)
def my_profile(request, workday: Workday | None = None):
    return _profile_of(request, None, workday)


@resource.get("/profiles/users/{user_id}", response=schemas.PerformanceProfile)
def profile_of_user(request, user_id: str, workday: Workday | None = None):
    """The profile by which a person is scored on a workday."""
    return _profile_of(request, user_id, workday)


@resource.post("/profiles/users/me/query", response=schemas.UserProfilesInDateRange)
def my_profiles(request, body: schemas.UserProfilesInDateRangeRequest):
    return _profiles_between(request, None, body)


@resource.post("/profiles/users/{user_id}/query", response=schemas.UserProfilesInDateRange)
def profiles_of_user(request, user_id: str, body: schemas.UserProfilesInDateRangeRequest):
    """The profiles by which a person is scored between two workdays, each with its days."""
    return _profiles_between(request, user_id, body)


def _profile_of(request, user_id: str | None, workday: dt.date | None) -> schemas.PerformanceProfile:
    subject = subject_of(request, user_id)
    on = workday or subject.today(request.call.at)
    people = type(subject.person).objects.filter(pk=subject.person.pk).annotate(on_profile=profile_id_on(on))
    profile_id = people.values_list("on_profile", flat=True).get()
    profile = get_object_or_404(Profile.objects.select_related("detail__division"), pk=profile_id)
    return shapes.profile_shape(profile, member_count=member_counts(on=on).get(profile.pk, 0))


def _profiles_between(request, user_id: str | None, body) -> schemas.UserProfilesInDateRange:
    subject = subject_of(request, user_id)
    days = days_of(body.start_workday, body.end_workday)
    by_day = _profile_by_day(subject, days)
    profiles = Profile.objects.select_related("detail__division").in_bulk({pk for pk in by_day if pk})
    runs: list[list] = []
    for day, pk in zip(days, by_day, strict=True):
        if runs and runs[-1][0] == pk:
            runs[-1][2] = day
        else:
            runs.append([pk, day, day])
    return schemas.UserProfilesInDateRange(
        user=user_ref(subject.person),
        date_start_workday=days[0],
        date_end_workday=days[-1],
        profiles=[_run(profiles[pk], first, last) for pk, first, last in runs if pk],
    )


def _profile_by_day(subject, days: list[dt.date]) -> list[int | None]:
    rows = list(subject.person.profile_assignments.order_by("from_on").values_list("from_on", "profile"))
    default = Profile.objects.filter(is_default=True).values_list("pk", flat=True).first()
    return [next((profile for since, profile in reversed(rows) if since <= day), default) for day in days]


def _run(profile: Profile, first: dt.date, last: dt.date) -> schemas.ProfileWithDateRange:
    detail = getattr(profile, "detail", None)
    return schemas.ProfileWithDateRange(
        id=str(profile.pk),
        name=profile.name,
        division=shapes.division_ref(detail.division) if detail and detail.division else None,
        date_start_workday=first,
        date_end_workday=last,
        self_uri=shapes.profile_ref(profile.pk).self_uri,
    )


# Status -----------------------------------------------------------------------------------------------------------


@resource.get("/status", response=schemas.GamificationStatus)
def get_status(request):
    """Whether scoring is on in any division that the caller knows, or in any at all for who knows none."""
    return _status(request)


@resource.put("/status", response=schemas.GamificationStatus)
def put_status(request, body: schemas.GamificationStatus):
    """Switches scoring on or off from `dateStart` on, today without it, in every division that the caller configures.
    The rest is read and changes nothing: who has no profile always has the default one.
    """
    viewer = viewer_of(request)
    where = reach(viewer, Permission.CONFIGURE_SCORING)
    if not where:
        raise Problem(403)
    divisions = Division.objects.all() if where.everywhere else Division.objects.filter(pk__in=where.divisions)
    _answering_refusals(
        actions.switch_divisions,
        divisions,
        is_on=body.is_active,
        from_on=body.date_start or today_of(request),
        by=viewer,
        at=request.call.at,
    )
    return _status(request, body.date_start)


def _status(request, on: dt.date | None = None) -> schemas.GamificationStatus:
    on = on or today_of(request)
    known = nameable_divisions(viewer_of(request), on=today_of(request))
    switches = [division.scoring_switches.by(on).first() for division in known or Division.objects.all()]
    running = [switch for switch in switches if switch is None or switch.is_on]
    starts = [switch.from_on for switch in running if switch is not None]
    return schemas.GamificationStatus(
        is_active=bool(running) or not switches,
        date_start=max(starts, default=None),
        automatic_user_assignment=True,
    )
