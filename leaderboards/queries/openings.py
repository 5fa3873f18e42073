"""Whether a board may be shown in a round, beside what else is shown of the same people."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count

from foundation.periods import Kind, Period, period_of
from goals.queries.shown import shown_totals
from people.rules.privacy import minimum_group
from people.rules.publishing import Alike, admitted, may_link

from ..enums import Names, RowsShown, Verdict
from ..models import Board, Round, RoundMember
from .pages import minimum_of
from .populations import Day, day_of


@dataclass(frozen=True)
class Opened:
    """What becomes of a board in a round: its people, and which of their teams may stand as groups of their own."""

    board: Board
    people: frozenset[int]
    verdict: Verdict
    teams: tuple[int, ...] = ()
    hidden_teams: int = 0

    @property
    def is_shown(self) -> bool:
        return self.verdict == Verdict.SHOWN


class Opening:
    """What is shown of the people of one profile in one division in a period, while further boards are opened.

    Shown already are the boards that an earlier opening admitted (`shown`), the totals of team goals, and all people of
    the profile in the division with figures as a whole.
    """

    def __init__(
        self,
        boards: Sequence[Board],
        period: Period,
        day: Day,
        shown: Sequence[Round] = (),
        *,
        has_others: bool = False,
    ):
        board = boards[0]
        self.period, self.day, self.shown, self.has_others = period, day, list(shown), has_others
        self.everyone = day.with_figures((board.profile_id, board.division_id))
        self.smallest = max(minimum_of(each) for each in [*boards, *(round_.board for round_ in self.shown)])
        self.people: dict[int, frozenset[int]] = {}
        self.named: set[int] = set()
        self.unnamed: set[int] = set()
        self.alike = Alike([self.everyone, *self._taken_up()], minimum=self.smallest)
        self.totals = [goal & self.everyone for goal in shown_totals(day.on).values()]
        for total in self.totals:
            self.alike.split(total)

    def _taken_up(self) -> list[set[int]]:
        """The parts into which an earlier opening divided people."""
        parts: dict[int, set[int]] = defaultdict(set)
        for round_ in self.shown:
            members = dict(round_.members.values_list("person_id", "part"))
            for person, part in members.items():
                parts[part].add(person)
            self.people[round_.board_id] = frozenset(members)
            (self.named if round_.has_names else self.unnamed).update(members)
        return list(parts.values())

    def open(self, boards: Iterable[Board]) -> list[Opened]:
        """Boards with names come first, then the largest; each is shown if nobody can be singled out by it."""
        self.day.goals()  # read once, whether or not a board is shown
        found = [(board, self.day.people_of(board)) for board in boards]
        found.sort(key=lambda pair: (pair[0].names == Names.NONE, -len(pair[1]), pair[0].pk or 0))
        return [self._open(board, people) for board, people in found]

    def _open(self, board: Board, people: frozenset[int]) -> Opened:
        verdict = self._verdict(board, people)
        if verdict != Verdict.SHOWN:
            return Opened(board, people, verdict)
        self.people[board.pk] = people
        (self.named if board.has_names else self.unnamed).update(people)
        for members in self.day.of_goals(board):
            self.alike.admit(members & people)
        if not (board.has_team_rows or board.rows == RowsShown.OWN_TEAM):
            return Opened(board, people, verdict)
        teams = self.day.by_team(people)
        shown = admitted(self.alike, teams)
        return Opened(board, people, verdict, tuple(sorted(shown)), len(teams) - len(shown))

    def _verdict(self, board: Board, people: frozenset[int]) -> Verdict:
        """Where people stand by name, a nameless board of them is shown no more: both together tell too much."""
        if not people:
            return Verdict.NOBODY
        if self.has_others:
            return Verdict.OTHER_ROUNDS
        if len(people) < minimum_of(board):
            return Verdict.TOO_FEW
        if people & (self.unnamed if board.has_names else self.named):
            return Verdict.NAMED
        if board.has_names:
            tells = self._tells_rest(people)
        else:
            tells = people != self.everyone and not self.alike.admit(people)
        return Verdict.SINGLES_OUT if tells else Verdict.SHOWN

    def _tells_rest(self, people: frozenset[int]) -> bool:
        """Whether the total of a goal less what is known by name would be that of a few."""
        named = self.named | people
        rests = [total - named for total in self.totals if total & people]
        return any(0 < len(rest) <= minimum_group(self.smallest) for rest in rests)

    def parts(self, before: dict[int, int] | None) -> tuple[dict[int, int], bool]:
        """Person → part, which alike people share; and whether figures may be compared with those of the round before,
        given its parts. They may if that leaves enough of all who are alike in both."""
        everyone = frozenset().union(*self.people.values())
        parts = {person: self.alike.part_of(person) for person in everyone}
        if not before or not may_link(before, parts, minimum=self.smallest):
            return parts, False
        numbers = count(1)
        number = cache(lambda _alike: next(numbers))
        return {person: number((before.get(person), part)) for person, part in parts.items()}, True


def rounds_beside(board: Board):
    """Rounds of the boards of the same profile in the same division."""
    return Round.objects.filter(board__profile=board.profile_id, board__division=board.division_id)


def opening_of(boards: Sequence[Board], period: Period, day: Day) -> Opening:
    """What is shown in a period of the people whom the profile of boards scores in their division."""
    there = rounds_beside(boards[0]).filter(verdict=Verdict.SHOWN)
    others = there.filter(starts_on__lt=period.end, ends_on__gt=period.start).exclude(period=period.key)
    shown = list(there.filter(period=period.key).select_related("board"))
    return Opening(boards, period, day, shown, has_others=others.exists())


def parts_before(board: Board, period: Period) -> dict[int, int]:
    """Person id → part, of the people shown in the period before."""
    rounds = rounds_beside(board).filter(period=period.previous.key, verdict=Verdict.SHOWN)
    return dict(RoundMember.objects.filter(round__in=rounds).values_list("person_id", "part"))


def forecast(boards: Iterable[Board], *, on: dt.date) -> dict[int, Opened]:
    """Board key → what would become of each if a round of all of them began on a day."""
    found: dict[int, Opened] = {}
    day = day_of(on)
    by_place: dict[tuple, list[Board]] = defaultdict(list)
    for board in boards:
        by_place[board.profile_id, board.division_id].append(board)
    for group in by_place.values():
        kinds = {board.rounds for board in group}
        first = min(kinds, key=[each.rounds for each in sorted(group, key=lambda each: each.pk or 0)].index)
        opening = Opening(group, period_of(Kind(first), on), day)
        for opened in opening.open([board for board in group if board.rounds == first]):
            found[opened.board.pk] = opened
        for board in group:
            if board.rounds != first:
                found[board.pk] = Opened(board, day.people_of(board), Verdict.OTHER_ROUNDS)
    return found
