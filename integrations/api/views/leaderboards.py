"""Leaderboards: the board of the page, under the same masking, and the best points of those the caller may see."""

import datetime as dt
from typing import Annotated

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Query

from foundation.periods import Kind, period_of
from foundation.periods.spans import Span, custom_span, parse_span
from leaderboards.queries.boards import OpenBoard, boards_for, may_choose_days, may_open_boards
from leaderboards.queries.checks import Audit, audit_boards
from leaderboards.queries.pages import BoardPage, board_for
from people.access import nameable_divisions, reach, require
from people.actions import note_looks
from people.enums import Page, Permission
from people.models import Division
from people.rules.privacy import MaskedRow
from scorecards.models import Objective
from scorecards.rules.scoring import round_half_up

from .. import shapes
from ..asking import person_of, subject_of, today_of, user_ref, viewer_of
from ..gate import Token
from ..problems import Problem
from ..queries import best_points, profiles_for
from ..schemas import leaderboards as schemas
from ..wire import Ref, Resource, key_of
from .scorecards import BEST_WORDS, EndWorkday, FilterId, FilterType, StartWorkday

resource = Resource("gamification", tag="Leaderboards")
MetricId = Annotated[str | None, Query(alias="metricId")]


@resource.get("/leaderboard", response=schemas.Leaderboard)
def my_leaderboard(request, start_workday: StartWorkday, end_workday: EndWorkday, metric_id: MetricId = None):
    """The widest board that one stands on today. A whole day, week or month is what the page shows of it; other days
    are for who may see figures of others.
    """
    person_of(request)
    places = [place for place in _places(request) if place.is_own]
    return _board(request, next(iter(places), None), (start_workday, end_workday), metric_id)


@resource.get("/leaderboard/all", response=schemas.Leaderboard)
def leaderboard_of_group(
    request,
    filter_type: FilterType,
    filter_id: FilterId,
    start_workday: StartWorkday,
    end_workday: EndWorkday,
    metric_id: MetricId = None,
):
    """The widest board of a profile, or of a division, that the caller may open."""
    wanted = key_of(filter_id)
    for place in sorted(_places(request), key=lambda place: bool(place.board.team_id) + bool(place.board.queue_id)):
        board = place.board
        if wanted == (board.division_id if filter_type == "Division" else board.profile_id):
            return _board(request, place, (start_workday, end_workday), metric_id)
    raise Http404


def _places(request) -> list[OpenBoard]:
    viewer = viewer_of(request)
    if not may_open_boards(viewer):
        raise Problem(403)
    return [place for place in boards_for(viewer, on=today_of(request)) if not place.board.has_team_rows]


def _board(request, place: OpenBoard | None, days: tuple[dt.date, dt.date], metric_id: str | None):
    told = {"date_start_workday": days[0], "date_end_workday": days[1]}
    if place is None:
        return schemas.Leaderboard(leaders=[], **told)
    viewer, board = viewer_of(request), place.board
    objective = _objective(board.profile_id, metric_id)
    span = _span(viewer, *days, today=request.call.at.astimezone(board.division.zone).date())
    by = objective.terms.order_by("-from_on").first().metric.key if objective else ""
    shown = board_for(viewer, place=place, span=span, by=by, on=today_of(request), only_rows=True)
    note_looks(viewer, shown.masked.revealed, Page.API, at=request.call.at)
    return schemas.Leaderboard(
        division=shapes.division_ref(board.division),
        performance_profile=shapes.profile_ref(board.profile_id),
        metric=shapes.metric_ref(objective) if objective else None,
        leaders=[_row(row, viewer) for row in shown.masked.rows if not row.is_gap],
        user_rank=_own(shown, viewer),
        **told,
    )


def _objective(profile_id: int, metric_id: str | None) -> Objective | None:
    """The metric of the profile that ranks, where one is asked for."""
    if metric_id is None:
        return None
    return get_object_or_404(
        Objective.objects.filter(profile=profile_id, terms__isnull=False).distinct(), pk=key_of(metric_id)
    )


def _span(viewer, start: dt.date, end: dt.date, *, today: dt.date) -> Span:
    """A whole day, week or month, the running one up to today; else days of one's own choice, for who may choose."""
    for kind in (Kind.DAILY, Kind.WEEKLY, Kind.MONTHLY):
        whole = period_of(kind, start)
        if whole.start == start <= today and (end == whole.last or (today in whole and end == today)):
            return parse_span(whole.key, today)
    if end < start or end > today:
        raise Problem(400, "Ask for days up to today, the first one first.")
    if not may_choose_days(viewer):
        raise Problem(403, "Ask for a whole day, week or month.")
    try:
        return custom_span(start, end, today)
    except ValueError as error:
        raise Problem(400, f"{str(error).capitalize()}.") from error


def _row(row: MaskedRow, viewer) -> schemas.LeaderboardItem:
    """A row as the page shows it: a hidden name, rank or value is left out."""
    return schemas.LeaderboardItem(
        user=_user(row, viewer),
        rank=row.rank,
        points=None if row.value is None else round_half_up(row.value),
    )


def _user(row: MaskedRow, viewer) -> Ref | None:
    """A person by id: oneself, and those whose figures the viewer may see. Whom a board only names has no id here."""
    if row.is_you:
        return user_ref(viewer)
    public_id = row.person.public_id if row.person else None
    return Ref(id=str(public_id), self_uri=f"/api/v2/users/{public_id}") if public_id else None


def _own(shown: BoardPage, viewer) -> schemas.LeaderboardItem | None:
    you = shown.masked.you
    return _row(you, viewer) if you else None


# Audit ------------------------------------------------------------------------------------------------------------


@resource.get("/leaderboards", response=schemas.LeaderboardAudit, auth=Token("gamification:readonly", "reports:view"))
def audit_of_leaderboards(request):
    """Which teams see which boards, and what is wrong with a board: for who configures boards, of their divisions."""
    viewer = viewer_of(request)
    where = reach(viewer, Permission.CONFIGURE_SCORING)
    if not where:
        raise Problem(403)
    only = None if where.everywhere else Q(division__in=where.divisions)
    found = [_audited(audit) for audit in audit_boards(on=today_of(request), only=only)]
    return schemas.LeaderboardAudit(entities=found, total=len(found), self_uri=request.get_full_path())


def _audited(audit: Audit) -> schemas.AuditedLeaderboard:
    board = audit.board
    return schemas.AuditedLeaderboard(
        id=str(board.pk),
        name=board.name,
        division=shapes.division_ref(board.division),
        performance_profile=shapes.profile_ref(board.profile_id),
        team=shapes.team_ref(board.team) if board.team_id else None,
        queue=shapes.queue_ref(board.queue) if board.queue_id else None,
        member_count=audit.people,
        teams=[
            schemas.AuditedTeam(**shapes.team_ref(team).model_dump(), division=shapes.division_ref(team.division))
            for team in audit.teams
        ],
        problems=list(audit.problems),
    )


# Best points ------------------------------------------------------------------------------------------------------


@resource.get("/leaderboard/bestpoints", response=schemas.OverallBestPoints)
def my_best_points_overall(request):
    """The best final day, week and month in one's profile and division, among those whose figures one may see. Bests
    of others are not told to peers: a best is one person's.
    """
    subject = subject_of(request)
    by = {"profile": subject.profile_id, "division": subject.division_id}
    return _overall(request, by)


@resource.get("/leaderboard/all/bestpoints", response=schemas.OverallBestPoints)
def best_points_of_group(request, filter_type: FilterType, filter_id: FilterId):
    viewer, today = viewer_of(request), today_of(request)
    if not may_choose_days(viewer):
        require(viewer, Permission.VIEW_LED)
    if filter_type == "Division":
        division = get_object_or_404(nameable_divisions(viewer, on=today), pk=key_of(filter_id))
        return _overall(request, {"division": division.pk})
    profile = get_object_or_404(profiles_for(viewer, on=today), pk=key_of(filter_id))
    return _overall(request, {"profile": profile.pk})


def _overall(request, by: dict) -> schemas.OverallBestPoints:
    viewer = viewer_of(request)
    found = best_points(viewer, by, on=today_of(request))
    note_looks(viewer, [person.pk for best in found for person in best.people], Page.API, at=request.call.at)
    division = Division.objects.filter(pk=by.get("division")).first()
    return schemas.OverallBestPoints(
        division=shapes.division_ref(division) if division else None,
        performance_profile=shapes.profile_ref(by["profile"]) if by.get("profile") else None,
        best_points=[
            schemas.OverallBestPointsItem(
                granularity_type=BEST_WORDS[best.period.kind],
                users=[user_ref(person) for person in best.people],
                count=len(best.people),
                points=best.points,
                date_start_workday=best.period.start,
                date_end_workday=best.period.last,
            )
            for best in found
        ],
    )
