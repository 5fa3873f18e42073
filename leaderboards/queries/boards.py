"""Which boards somebody may open, and by what a board ranks."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from django.db.models import Exists, FilteredRelation, OuterRef, Q, Subquery, prefetch_related_objects
from django.http import Http404
from django.utils.translation import gettext as _

from foundation.periods import Kind
from goals.enums import Counted, Operator
from goals.models import Goal
from goals.queries.terms import terms_in_force
from metrics.enums import Aggregation, Better
from people.access import may, visible_people
from people.enums import Permission
from people.models import Grant, QueueMembership, TeamMembership
from people.queries import division_id_on, teams_led_by
from scorecards.models import ObjectiveTerms
from scorecards.queries import profile_id_on

from ..models import Board
from ..rules.ranking import GOAL, IMPROVED, PERCENT, POINTS, TOTAL_UNITS, Ranking
from .populations import goals_to_rank


@dataclass(frozen=True)
class OpenBoard:
    """A board that the viewer may open. `is_own`: they stand on it themself today."""

    board: Board
    is_own: bool


@dataclass(frozen=True)
class _Spot:
    """Where people stand: profile, division, the path of a team, home queue."""

    profile: int | None
    division: int | None
    path: str | None
    queue: int | None

    def is_on(self, board: Board) -> bool:
        return (
            (self.profile, self.division) == (board.profile_id, board.division_id)
            and (board.team_id is None or f"/{board.team_id}/" in (self.path or ""))
            and board.queue_id in (None, self.queue)
        )


def may_open_boards(viewer) -> bool:
    """Whether there is any board for the viewer: someone's figures must be theirs to see."""
    return any(may(viewer, each) for each in (Permission.VIEW_OWN, Permission.VIEW_LED, Permission.VIEW_DIVISION))


def may_choose_days(viewer) -> bool:
    """Own ranges of days are for those who see others' figures anyway."""
    return may(viewer, Permission.VIEW_LED) or may(viewer, Permission.VIEW_DIVISION)


def boards_for(viewer, *, on: dt.date) -> list[OpenBoard]:
    """The boards the viewer may open, those they stand on first, the widest of these before the others.

    A board that names roles or teams is for those, in its division; any other for the people on it, and for whoever
    may see the figures of some of them.
    """
    seen, own = _spots(viewer, on=on)
    boards = _boards()
    roles = cache(lambda: set(Grant.objects.filter(person=viewer).values_list("role_id", "division_id")))
    teams = cache(lambda: _teams_of(viewer, on=on))
    found = [board for board in boards if _is_open(board, seen, roles, teams)]
    return sorted((OpenBoard(board, any(spot.is_on(board) for spot in own)) for board in found), key=_order)


def _boards() -> list[Board]:
    """Active boards, with the roles and teams they are for, and whether they rank by goals at all."""
    by_goals = Board.goals.through.objects.filter(board=OuterRef("pk"))
    for_roles = Board.roles.through.objects.filter(board=OuterRef("pk"))
    for_teams = Board.teams.through.objects.filter(board=OuterRef("pk"))
    boards = Board.objects.filter(is_active=True).select_related("profile", "division", "team", "queue")
    boards = list(boards.annotate(by_goals=Exists(by_goals), is_limited=Exists(for_roles) | Exists(for_teams)))
    prefetch_related_objects([board for board in boards if board.is_limited], "roles", "teams")
    return boards


def _order(each: OpenBoard) -> tuple:
    board = each.board
    return (not each.is_own, bool(board.team_id) + bool(board.queue_id), board.name, board.division.name, board.pk)


def _is_open(board: Board, seen: set[_Spot], roles: Callable[[], set], teams: Callable[[], set]) -> bool:
    if not board.is_limited:
        return any(spot.is_on(board) for spot in seen)
    wanted_roles, wanted_teams = list(board.roles.all()), list(board.teams.all())
    holds = any((role.pk, division) in roles() for role in wanted_roles for division in (None, board.division_id))
    return holds or any(team.pk in teams() for team in wanted_teams)


def _spots(viewer, *, on: dt.date) -> tuple[set[_Spot], set[_Spot]]:
    """Where the people stand whose figures the viewer may see, and the viewer themself. One query."""
    day = Q(team_memberships__from_on__lte=on) & (
        Q(team_memberships__until_on__isnull=True) | Q(team_memberships__until_on__gt=on)
    )
    home = QueueMembership.objects.on(on).filter(person=OuterRef("pk")).order_by("-weight", "queue_id")
    people = visible_people(viewer, on=on).annotate(
        profile_id=profile_id_on(on),
        division_id=division_id_on(on),
        held=FilteredRelation("team_memberships", condition=day),
        home=Subquery(home.values("queue")[:1]),
    )
    rows = people.order_by().annotate(is_viewer=Q(pk=viewer.pk))
    columns = ("is_viewer", "profile_id", "division_id", "held__team__path", "home")
    found = [(mine, _Spot(*spot)) for mine, *spot in rows.values_list(*columns).distinct()]
    return {spot for _, spot in found}, {spot for mine, spot in found if mine}


def _teams_of(viewer, *, on: dt.date) -> set[int]:
    """Teams that the viewer belongs to, with those above, and those they lead, with those below."""
    paths = TeamMembership.objects.on(on).filter(person=viewer).values_list("team__path", flat=True)
    led = teams_led_by(viewer, on=on).values_list("pk", flat=True) if may(viewer, Permission.VIEW_LED) else ()
    return {int(pk) for path in paths for pk in path.split("/") if pk} | set(led)


def open_board(boards: Iterable[OpenBoard], pk: int) -> OpenBoard:
    """One of the boards that the viewer may open. Http404 for any other."""
    for each in boards:
        if each.board.pk == pk:
            return each
    raise Http404


# By what a board ranks --------------------------------------------------------------------------------------------


def rankings_of(
    board: Board, *, on: Iterable[dt.date], kind: Kind | None = None, members_on: dt.date | None = None
) -> list[Ranking]:
    """By what a board may rank days of a kind: points, percent of goal, who improved most (in its longest periods),
    each chosen metric scored on one of these days, each chosen goal of that period, for its members on the last of
    these days or on `members_on`.
    """
    days = list(on)
    found = []
    if board.by_points:
        found.append(Ranking(POINTS, _("Points per person") if board.has_team_rows else _("Points")))
    if board.by_percent:
        found.append(Ranking(PERCENT, _("Percent of goal"), unit="percent", precision=1))
    if board.by_improvement and (kind is None or kind.value == board.rounds):
        found.append(Ranking(IMPROVED, _("Most improved"), unit="percent", precision=1))
    found += [_ranking_of(metric) for metric in _metrics_of(board, days)]
    if kind is not None and not board.has_team_rows and getattr(board, "by_goals", True):
        found += _goal_rankings(board, kind, on=max(days), members_on=members_on)
    return found


def _metrics_of(board: Board, days: list[dt.date]) -> list:
    """Metrics of the profile's objectives in force on one of these days, in its order."""
    terms = ObjectiveTerms.objects.filter(objective__profile=board.profile_id, from_on__lte=max(days))
    rows = list(terms.select_related("metric").order_by("objective__position", "objective_id", "from_on"))
    in_force = [row for day in days for row in _newest([row for row in rows if row.from_on <= day])]
    metrics = {each.metric_id: each.metric for each in in_force if each.is_active}
    if board.by_all_metrics:
        return list(metrics.values())
    chosen = set(board.metrics.values_list("pk", flat=True))
    return [metric for pk, metric in metrics.items() if pk in chosen]


def _newest(rows: Iterable[ObjectiveTerms]) -> Iterable[ObjectiveTerms]:
    """The last row of each objective, of rows in order of `from_on`."""
    return {row.objective_id: row for row in rows}.values()


def _ranking_of(metric) -> Ranking:
    return Ranking(
        metric.key,
        metric.label,
        unit=metric.unit,
        precision=metric.precision,
        currency=metric.currency,
        lower_is_better=metric.better == Better.LOWER,
        metric_id=metric.pk,
        adds_up=metric.aggregation == Aggregation.SUM,
    )


def _goal_rankings(board: Board, kind: Kind, *, on: dt.date, members_on: dt.date | None) -> list[Ranking]:
    """Percent of the target of each chosen goal whose period this is, by the terms in force at its start."""
    goals = list(board.goals.filter(goals_to_rank(), frequency=kind.value, starts_on__lte=on).select_related("metric"))
    terms = terms_in_force(goals, on=on) if goals else {}
    return [_goal_ranking(goal, terms[goal.pk], on=members_on or on) for goal in goals if goal.pk in terms]


def _members_of(goal: Goal, *, on: dt.date) -> frozenset[int]:
    path = "team__path__startswith" if goal.with_teams_below else "team__path"
    return frozenset(TeamMembership.objects.on(on).filter(**{path: goal.team.path}).values_list("person_id", flat=True))


def _goal_ranking(goal: Goal, terms, *, on: dt.date) -> Ranking:
    return Ranking(
        f"{GOAL}{goal.pk}",
        goal.name,
        unit="percent",
        precision=1,
        metric_id=goal.metric_id if goal.counted == Counted.METRIC else None,
        adds_up=terms.aggregation == Aggregation.SUM,
        target=Fraction(type(terms)._meta.get_field("achieved").to_units(terms.achieved), TOTAL_UNITS),
        is_at_most=terms.operator == Operator.LTE,
        members=_members_of(goal, on=on),
    )
