"""Scorecards: points and values of a workday, their trends and averages, attendance and bests.

Of oneself, of a person whose figures the caller may see, or of a group of them. What a member is told of their peers
is what was published with the board of all of them, as on the page: never live, and of more than the minimum of people.
"""

import datetime as dt
from typing import Annotated

from django.db.models import Avg
from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Query

from foundation.periods import Kind, period_of
from interactions.models import Evaluation
from people.access import may, nameable_divisions
from people.actions import note_looks
from people.enums import Page, Permission
from people.models import Division
from scorecards.models import ObjectiveTerms, Profile, ScoreDay
from scorecards.page_queries import Card, Subject, cards_for, counted_days, profile_average, workdays_of
from scorecards.rules import history

from .. import shapes
from ..asking import Group, Workday, days_of, subject_of, today_of, user_ref, viewer_of
from ..problems import Problem
from ..queries import Summed, Sums, own_days, profiles_for, seen_days, sums_of, sums_of_peers, terms_of
from ..schemas import scorecards as schemas
from ..wire import Asked, Resource, key_of, number

resource = Resource("gamification", tag="Scorecards")

StartWorkday = Annotated[Workday, Query(alias="startWorkday")]
EndWorkday = Annotated[Workday, Query(alias="endWorkday")]
Reference = Annotated[Workday | None, Query(alias="referenceWorkday")]
FilterType = Annotated[Group, Query(alias="filterType")]
MaybeFilterType = Annotated[Group | None, Query(alias="filterType")]
FilterId = Annotated[str, Query(alias="filterId")]
TimeZone = Annotated[str, Query(alias="timeZone")]
DayOfWeek = Annotated[schemas.Weekday | None, Query(alias="dayOfWeek")]
BEST_WORDS = {Kind.DAILY: "Daily", Kind.WEEKLY: "Weekly", Kind.MONTHLY: "Monthly"}
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def _looked_at(request, user_id: str | None) -> Subject:
    """The person asked for, and a row that says who looked."""
    subject = subject_of(request, user_id)
    note_looks(viewer_of(request), [subject.person.pk], Page.API, at=request.call.at)
    return subject


# A workday --------------------------------------------------------------------------------------------------------


@resource.get("/scorecards", response=schemas.WorkdayMetricListing)
def my_scorecard(request, workday: Workday, expand: Asked = ()):
    return _scorecard(request, None, workday, expand)


@resource.get("/scorecards/users/{user_id}", response=schemas.WorkdayMetricListing)
def scorecard_of_user(request, user_id: str, workday: Workday, expand: Asked = ()):
    """Each metric of the profile. Without data on that day it has no value and no points, which is not zero."""
    return _scorecard(request, user_id, workday, expand)


def _scorecard(request, user_id: str | None, workday: dt.date, expand) -> schemas.WorkdayMetricListing:
    subject = _looked_at(request, user_id)
    cards = cards_for(subject, period=period_of(Kind.DAILY, workday), at=request.call.at)
    return schemas.WorkdayMetricListing(entities=[_card(card, "objective" in expand) for card in cards])


def _card(card: Card, with_objective: bool) -> schemas.WorkdayMetric:
    return schemas.WorkdayMetric(
        metric=shapes.metric_shape(card.terms, with_objective=False),
        objective=shapes.objective_shape(card.terms) if with_objective else None,
        points=card.points if card.days else None,
        max_points=card.maximum,
        value=number(card.measured.value) if card.measured else None,
    )


# Points -----------------------------------------------------------------------------------------------------------


@resource.get("/scorecards/points/alltime", response=schemas.AllTimePoints)
def my_all_time_points(request, end_workday: EndWorkday):
    return _all_time(request, None, end_workday)


@resource.get("/scorecards/users/{user_id}/points/alltime", response=schemas.AllTimePoints)
def all_time_points_of_user(request, user_id: str, end_workday: EndWorkday):
    """All points up to a workday, since totals last started anew."""
    return _all_time(request, user_id, end_workday)


def _all_time(request, user_id: str | None, end: dt.date) -> schemas.AllTimePoints:
    subject = _looked_at(request, user_id)
    points = sum(day.points for day in counted_days(subject) if day.workday <= end)
    return schemas.AllTimePoints(user=user_ref(subject.person), date_end_workday=end, all_time_points=points)


@resource.get("/scorecards/points/trends", response=schemas.WorkdayPointsTrend)
def my_points_trend(request, start_workday: StartWorkday, end_workday: EndWorkday, day_of_week: DayOfWeek = None):
    return _points_trend(request, None, start_workday, end_workday, day_of_week)


@resource.get("/scorecards/users/{user_id}/points/trends", response=schemas.WorkdayPointsTrend)
def points_trend_of_user(
    request, user_id: str, start_workday: StartWorkday, end_workday: EndWorkday, day_of_week: DayOfWeek = None
):
    """Points of each scored workday, perhaps of one day of the week, and their mean."""
    return _points_trend(request, user_id, start_workday, end_workday, day_of_week)


def _points_trend(request, user_id: str | None, start, end, day_of_week) -> schemas.WorkdayPointsTrend:
    subject = _looked_at(request, user_id)
    days_of(start, end)
    days = [row for row in workdays_of(subject.person) if row.profile_id and start <= row.workday <= end]
    shown = [row for row in days if day_of_week in (None, WEEKDAYS[row.workday.weekday()])]
    return schemas.WorkdayPointsTrend(
        date_start_workday=start,
        date_end_workday=end,
        user=user_ref(subject.person),
        day_of_week=day_of_week,
        average_points=sum(row.points for row in shown) / len(shown) if shown else None,
        trend=[schemas.WorkdayPointsTrendItem(date_workday=row.workday, points=row.points) for row in shown],
    )


@resource.get("/scorecards/points/average", response=schemas.SingleWorkdayAveragePoints)
def my_profiles_average_points(request, workday: Workday):
    """The mean of the profile in one's division on a day, as it was published with its board."""
    subject = _looked_at(request, None)
    period = period_of(Kind.DAILY, workday)
    average = profile_average(subject, period)
    points = average.points if average and average.on is None else None
    return schemas.SingleWorkdayAveragePoints(date_workday=workday, average_points=number(points), **_place_of(subject))


@resource.get("/scorecards/users/points/average", response=schemas.SingleWorkdayAveragePoints)
def average_points_of_group(request, filter_type: FilterType, filter_id: FilterId, workday: Workday):
    """The mean of those in the profile or division whose figures the caller may see."""
    place = _group(request, filter_type, filter_id)
    days = _days_in(request, place, workday, workday)
    average = days.aggregate(mean=Avg("points"))["mean"]
    return schemas.SingleWorkdayAveragePoints(date_workday=workday, average_points=number(average), **_shown(place))


# Values -----------------------------------------------------------------------------------------------------------


@resource.get("/scorecards/values/trends", response=schemas.WorkdayValuesTrend)
def my_values_trends(
    request,
    start_workday: StartWorkday,
    end_workday: EndWorkday,
    filter_type: MaybeFilterType = None,
    reference_workday: Reference = None,
    time_zone: TimeZone = "UTC",
):
    """One's own values; with a `filterType`, the means of one's profile in one's division."""
    return _trends(request, None, (start_workday, end_workday), reference_workday, time_zone, peers=bool(filter_type))


@resource.get("/scorecards/users/{user_id}/values/trends", response=schemas.WorkdayValuesTrend)
def values_trends_of_user(
    request, user_id: str, start_workday: StartWorkday, end_workday: EndWorkday, time_zone: TimeZone = "UTC"
):
    return _trends(request, user_id, (start_workday, end_workday), None, time_zone)


@resource.get("/scorecards/users/values/trends", response=schemas.WorkdayValuesTrend)
def values_trends_of_group(
    request,
    filter_type: FilterType,
    filter_id: FilterId,
    start_workday: StartWorkday,
    end_workday: EndWorkday,
    time_zone: TimeZone = "UTC",
):
    """The means of those in the profile or division whose figures the caller may see. A division is shown by its
    people's metrics under the default profile.
    """
    place = _group(request, filter_type, filter_id)
    days_of(start_workday, end_workday)
    terms = terms_of(place["profile"], on=end_workday)
    sums = sums_of(_days_in(request, place, start_workday, end_workday), [each.metric_id for each in terms])
    return schemas.WorkdayValuesTrend(
        date_start_workday=start_workday,
        date_end_workday=end_workday,
        timezone=time_zone,
        results=_items(terms, sums),
        **_shown(place),
    )


def _trends(request, user_id, span, reference, time_zone, *, peers=False) -> schemas.WorkdayValuesTrend:
    subject = _looked_at(request, user_id)
    days_of(*span)
    terms, sums = _valued(request, subject, span, reference, peers=peers)
    return schemas.WorkdayValuesTrend(
        date_start_workday=span[0],
        date_end_workday=span[1],
        date_reference_workday=reference,
        timezone=time_zone,
        results=_items(terms, sums),
        **_of_whom(subject, peers),
    )


@resource.get("/scorecards/values/average", response=schemas.SingleWorkdayAverageValues)
def my_average_values(request, workday: Workday, time_zone: TimeZone = "UTC"):
    """The means of one's profile in one's division on a day, as they were published with its board."""
    subject = _looked_at(request, None)
    terms, sums = _valued(request, subject, (workday, workday), workday, peers=True)
    return schemas.SingleWorkdayAverageValues(
        date_workday=workday, timezone=time_zone, results=_items(terms, sums), **_of_whom(subject, True)
    )


@resource.get("/scorecards/users/values/average", response=schemas.SingleWorkdayAverageValues)
def average_values_of_group(
    request, filter_type: FilterType, filter_id: FilterId, workday: Workday, time_zone: TimeZone = "UTC"
):
    place = _group(request, filter_type, filter_id)
    terms = terms_of(place["profile"], on=workday)
    sums = sums_of(_days_in(request, place, workday, workday), [each.metric_id for each in terms])
    return schemas.SingleWorkdayAverageValues(
        date_workday=workday, timezone=time_zone, results=_items(terms, sums), **_shown(place)
    )


METRIC = "/scorecards/profiles/{profile_id}/metrics/{metric_id}"


@resource.get(METRIC + "/values/trends", response=schemas.MetricValueTrendAverage)
def my_metric_trend(
    request,
    profile_id: str,
    metric_id: str,
    start_workday: StartWorkday,
    end_workday: EndWorkday,
    filter_type: MaybeFilterType = None,
    reference_workday: Reference = None,
    time_zone: TimeZone = "UTC",
):
    span = (start_workday, end_workday)
    return _metric_trend(
        request, None, (profile_id, metric_id), span, reference_workday, time_zone, peers=bool(filter_type)
    )


@resource.get(METRIC + "/users/{user_id}/values/trends", response=schemas.MetricValueTrendAverage)
def metric_trend_of_user(
    request,
    profile_id: str,
    metric_id: str,
    user_id: str,
    start_workday: StartWorkday,
    end_workday: EndWorkday,
    reference_workday: Reference = None,
    time_zone: TimeZone = "UTC",
):
    span = (start_workday, end_workday)
    return _metric_trend(request, user_id, (profile_id, metric_id), span, reference_workday, time_zone)


@resource.get(METRIC + "/users/values/trends", response=schemas.MetricValueTrendAverage)
def metric_trend_of_group(
    request,
    profile_id: str,
    metric_id: str,
    filter_type: FilterType,
    start_workday: StartWorkday,
    end_workday: EndWorkday,
    filter_id: Annotated[str | None, Query(alias="filterId")] = None,
    reference_workday: Reference = None,
    time_zone: TimeZone = "UTC",
):
    """Of the profile's people, or with a division those of them who are in it."""
    place = _group(request, filter_type, filter_id or profile_id)
    days_of(start_workday, end_workday)
    terms = _terms_named(request, (profile_id, metric_id), reference_workday or end_workday)
    days = _days_in(request, place, start_workday, end_workday).filter(profile=terms.objective.profile_id)
    [item] = _items([terms], sums_of(days, [terms.metric_id]))
    return schemas.MetricValueTrendAverage(
        date_start_workday=start_workday,
        date_end_workday=end_workday,
        date_reference_workday=reference_workday,
        timezone=time_zone,
        metric=item.metric,
        result=item,
        division=_shown(place)["division"],
        performance_profile=shapes.profile_ref(terms.objective.profile_id),
    )


def _metric_trend(request, user_id, named, span, reference, time_zone, *, peers=False):
    subject = _looked_at(request, user_id)
    days_of(*span)
    terms = _terms_named(request, named, reference or span[1])
    [item] = _items([terms], _sums_of_whom(subject, [terms.metric_id], span, peers))
    return schemas.MetricValueTrendAverage(
        date_start_workday=span[0],
        date_end_workday=span[1],
        date_reference_workday=reference,
        timezone=time_zone,
        metric=item.metric,
        result=item,
        **_of_whom(subject, peers),
    )


def _terms_named(request, named: tuple[str, str], on: dt.date) -> ObjectiveTerms:
    profiles = profiles_for(viewer_of(request), on=today_of(request))
    profile, objective_id = get_object_or_404(profiles, pk=key_of(named[0])), key_of(named[1])
    for terms in terms_of(profile, on=on):
        if terms.objective_id == objective_id:
            return terms
    raise Http404


def _valued(request, subject: Subject, span, reference, *, peers: bool) -> tuple[list[ObjectiveTerms], Sums]:
    """The metrics of a person's profile, and their values or those of their peers."""
    if subject.profile_id is None:
        return [], {}
    profile_id = subject.profile_id if reference is None else _profile_on(subject, reference)
    terms = [each for each in terms_of(Profile(pk=profile_id), on=reference or span[1]) if each.is_active]
    return terms, _sums_of_whom(subject, [each.metric_id for each in terms], span, peers)


def _profile_on(subject: Subject, day: dt.date) -> int:
    given = subject.person.profile_assignments.by(day).values_list("profile", flat=True).first()
    return given or Profile.objects.filter(is_default=True).values_list("pk", flat=True).first() or subject.profile_id


def _sums_of_whom(subject: Subject, metric_ids: list[int], span, peers: bool) -> Sums:
    first, last = span
    if peers:
        return sums_of_peers(subject, metric_ids, first=first, last=last)
    return sums_of(own_days(subject, first=first, last=last), metric_ids)


def _items(terms: list[ObjectiveTerms], sums: Sums) -> list[schemas.WorkdayValuesMetricItem]:
    return [_item(each, sums.get(each.metric_id, {})) for each in terms]


def _item(terms: ObjectiveTerms, days: dict[dt.date, Summed]) -> schemas.WorkdayValuesMetricItem:
    metric = terms.objective.metric
    trend = [
        schemas.WorkdayValuesTrendItem(date_workday=day, value=number(summed.mean(metric.aggregation)))
        for day, summed in sorted(days.items())
    ]
    return schemas.WorkdayValuesMetricItem(
        metric=shapes.metric_ref(terms.objective),
        metric_definition=shapes.definition_ref(metric),
        average=number(sum(days.values(), Summed()).mean(metric.aggregation)),
        unit_type=shapes.UNIT_TYPES[metric.unit],
        trend=trend,
    )


# Groups -----------------------------------------------------------------------------------------------------------


def _group(request, filter_type: str, filter_id: str) -> dict:
    """The profile or division asked for, for a caller who may see figures of others."""
    viewer, today = viewer_of(request), today_of(request)
    if not (may(viewer, Permission.VIEW_LED) or may(viewer, Permission.VIEW_DIVISION)):
        raise Problem(403)
    if filter_type == "Division":
        division = get_object_or_404(nameable_divisions(viewer, on=today), pk=key_of(filter_id))
        default = Profile.objects.filter(is_default=True).first() or Profile(pk=0)
        return {"division": division, "profile": default, "by": {"division": division.pk}}
    profile = get_object_or_404(profiles_for(viewer, on=today), pk=key_of(filter_id))
    return {"division": None, "profile": profile, "by": {"profile": profile.pk}}


def _days_in(request, place: dict, first: dt.date, last: dt.date):
    """The scored days of a group, each of someone whom the caller may see."""
    days = seen_days(viewer_of(request), on=today_of(request), first=first, last=last)
    return days.filter(**place["by"])


def _shown(place: dict) -> dict:
    if place["division"]:
        return {"division": shapes.division_ref(place["division"]), "performance_profile": None}
    return {"division": None, "performance_profile": shapes.profile_ref(place["profile"].pk)}


def _place_of(subject: Subject) -> dict:
    division = Division.objects.filter(pk=subject.division_id).first()
    return {
        "division": shapes.division_ref(division) if division else None,
        "performance_profile": shapes.profile_ref(subject.profile_id) if subject.profile_id else None,
    }


def _of_whom(subject: Subject, peers: bool) -> dict:
    return _place_of(subject) if peers else {"user": user_ref(subject.person), **_place_of(subject)}


# Attendance and bests ---------------------------------------------------------------------------------------------


@resource.get("/scorecards/attendance", response=schemas.AttendanceStatusListing)
def my_attendance(request, start_workday: StartWorkday, end_workday: EndWorkday):
    return _attendance(request, None, start_workday, end_workday)


@resource.get("/scorecards/users/{user_id}/attendance", response=schemas.AttendanceStatusListing)
def attendance_of_user(request, user_id: str, start_workday: StartWorkday, end_workday: EndWorkday):
    """Each day: whether it has data, and a released quality evaluation. Schedules are not known here."""
    return _attendance(request, user_id, start_workday, end_workday)


def _attendance(request, user_id: str | None, start: dt.date, end: dt.date) -> schemas.AttendanceStatusListing:
    person, days = _looked_at(request, user_id).person, days_of(start, end)
    within = {"agent": person, "workday__gte": start, "workday__lte": end}
    worked = set(ScoreDay.objects.filter(**within).values_list("workday", flat=True))
    evaluated = set(Evaluation.objects.filter(**within, released=True).values_list("workday", flat=True))
    return schemas.AttendanceStatusListing(
        entities=[
            schemas.AttendanceStatus(
                date_workday=day,
                attendance_status_type="HasData" if day in worked else "NoSchedule",
                has_evaluation="HasQualityEvaluation" if day in evaluated else "NoQualityEvaluation",
            )
            for day in days
        ]
    )


@resource.get("/scorecards/bestpoints", response=schemas.UserBestPoints)
def my_best_points(request):
    return _bests(request, None)


@resource.get("/scorecards/users/{user_id}/bestpoints", response=schemas.UserBestPoints)
def best_points_of_user(request, user_id: str):
    """The best final day, week and month since totals last started anew; none where nothing was earned."""
    return _bests(request, user_id)


def _bests(request, user_id: str | None) -> schemas.UserBestPoints:
    subject = _looked_at(request, user_id)
    found = history.bests(counted_days(subject))
    return schemas.UserBestPoints(
        user=user_ref(subject.person),
        best_points=[
            schemas.UserBestPointsItem(
                granularity_type=BEST_WORDS[best.period.kind],
                points=best.points,
                date_start_workday=best.period.start,
                date_end_workday=best.period.last,
            )
            for best in found
        ],
    )
