"""What is wrong with boards before an agent meets it, and which teams see which board."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from people.enums import Permission
from people.models import Grant, Team, TeamLead, TeamMembership

from ..enums import Verdict
from ..models import Board
from .openings import Opened, forecast

FIGURES = (Permission.VIEW_OWN, Permission.VIEW_LED, Permission.VIEW_DIVISION)
PROBLEMS = {
    Verdict.NOBODY: gettext_lazy("Nobody is on it today."),
    Verdict.TOO_FEW: gettext_lazy("Too few people are on it: they see their own figures only."),
    Verdict.SINGLES_OUT: gettext_lazy("Beside what else is shown, it would single out a few people; it is not shown."),
    Verdict.OTHER_ROUNDS: gettext_lazy(
        "Another board of these people has other periods: weeks and months overlap, so it is not shown."
    ),
    Verdict.NAMED: gettext_lazy("Some of its people stand by name on another board; it is not shown."),
}


@dataclass(frozen=True)
class Audit:
    """A board as an auditor reads it: whom it ranks, which teams see it, and what is wrong."""

    board: Board
    people: int
    teams: tuple[Team, ...]
    """Teams whose members or leads may open it."""
    problems: tuple[str, ...]

    @property
    def readers(self) -> tuple[str, ...]:
        """The names of those teams, with their division."""
        return tuple(f"{team.name} ({team.division.name})" for team in self.teams)


def audit_boards(*, on: dt.date, only: Q | None = None) -> list[Audit]:
    """Active boards, those of which something is wrong first."""
    boards = Board.objects.filter(only or Q(), is_active=True).select_related("profile", "division", "team", "queue")
    boards = list(boards.prefetch_related("roles", "teams"))
    coming, readers = forecast(boards, on=on), _Readers(on)
    found = [_audit(board, coming[board.pk], readers.of(board, coming[board.pk].people)) for board in boards]
    return sorted(found, key=lambda each: (not each.problems, each.board.name, each.board.pk))


def _audit(board: Board, opened: Opened, readers: "Readers") -> Audit:
    problems = [str(PROBLEMS[opened.verdict])] if opened.verdict in PROBLEMS else []
    if not readers.people:
        problems.append(_("Nobody may open it."))
    if opened.hidden_teams and not opened.teams:
        problems.append(_("None of its teams is large enough for a row of its own."))
    if not board.profile.is_active:
        problems.append(_("Its profile is not active."))
    return Audit(board, len(opened.people), readers.teams, tuple(problems))


@dataclass(frozen=True)
class Readers:
    people: frozenset[int]
    teams: tuple[Team, ...]


class _Readers:
    """Who may open which board on a day. Read once for all boards."""

    def __init__(self, on: dt.date):
        self.on = on
        self.teams = {team.pk: team for team in Team.objects.select_related("division")}
        self.members = _by_team(TeamMembership.objects.on(on))
        self.leads = _by_team(TeamLead.objects.on(on))
        self.holders: dict[int, set[tuple[int, int | None]]] = defaultdict(set)
        self.seers: set[int] = set()
        self.everywhere: dict[int | None, set[int]] = defaultdict(set)
        grants = Grant.objects.filter(person__is_active=True).select_related("role")
        for grant in grants:
            self.holders[grant.role_id].add((grant.person_id, grant.division_id))
            if set(grant.role.permissions) & set(FIGURES):
                self.seers.add(grant.person_id)
            if Permission.VIEW_DIVISION in grant.role.permissions:
                self.everywhere[grant.division_id].add(grant.person_id)

    def of(self, board: Board, people: frozenset[int]) -> Readers:
        who = (
            self._named(board) if board.roles.all() or board.teams.all() else self._usual(board, people)
        ) & self.seers
        teams = {team for team, members in self.members.items() if members & who}
        teams |= {team for team, leads in self.leads.items() if leads & who}
        ordered = sorted((self.teams[pk] for pk in teams), key=lambda team: (team.name, team.division.name, team.pk))
        return Readers(frozenset(who), tuple(ordered))

    def _named(self, board: Board) -> set[int]:
        """Whoever holds one of the board's roles in its division, or belongs to or leads one of its teams."""
        who = {
            person
            for role in board.roles.all()
            for person, division in self.holders[role.pk]
            if division in (None, board.division_id)
        }
        for team in board.teams.all():
            who |= self._under(team.pk, self.members) | self._over(team.pk)
        return who

    def _usual(self, board: Board, people: frozenset[int]) -> set[int]:
        """The people on it, whoever leads some of them, and whoever sees their whole division."""
        if not people:
            return set()
        who = set(people) | self.everywhere[None] | self.everywhere[board.division_id]
        for team, members in self.members.items():
            if members & people:
                who |= self._over(team)
        return who

    def _under(self, team: int, rows: Mapping[int, set[int]]) -> set[int]:
        below = f"/{team}/"
        return set().union(*(people for pk, people in rows.items() if below in self.teams[pk].path))

    def _over(self, team: int) -> set[int]:
        above = {int(pk) for pk in self.teams[team].path.split("/") if pk}
        return set().union(*(self.leads.get(pk, set()) for pk in above))


def _by_team(rows) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for team, person in rows.values_list("team_id", "person_id"):
        found[team].add(person)
    return found
