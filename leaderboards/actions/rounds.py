"""Rounds are opened: whom a board ranks in one, and whether it is shown."""

import datetime as dt
from collections.abc import Sequence

from foundation.periods import Period
from people.models import Division
from scorecards.models import Profile

from ..enums import Names, Verdict
from ..models import Board, Round, RoundMember
from ..queries.openings import Opened, Opening, opening_of, parts_before, rounds_beside
from ..queries.populations import Day

BATCH = 2000


def make_standard_boards(division: Division, profiles: dict[int, Profile], scored: set[int]) -> None:
    """A board for each profile that scored somebody in the division and has none there, so that nothing needs setting
    up. Whoever makes another one may switch it off."""
    have = set(Board.objects.filter(division=division).values_list("profile_id", flat=True))
    for profile in sorted(scored - have):
        Board.objects.create(
            name=profiles[profile].name, profile=profiles[profile], division=division, is_standard=True
        )


def open_rounds(boards: Sequence[Board], period: Period, day: Day, *, at: dt.datetime) -> None:
    """Opens a round of each board of one profile in one division that has none yet. `day` is the period's first.

    A round is made once, since a later answer would tell who came and went. The first time that boards of a period are
    opened they may be joined to the period before, where one of them says who improved.
    """
    known = set(rounds_beside(boards[0]).filter(period=period.key).values_list("board_id", flat=True))
    new = [board for board in boards if board.pk not in known]
    if not new:
        return
    opening = opening_of(boards, period, day)
    rounds = [_round(opened, period, at=at) for opened in opening.open(new)]
    if any(each.verdict == Verdict.SHOWN for each in rounds):
        _divide(opening, new, rounds)


def _round(opened: Opened, period: Period, *, at: dt.datetime) -> Round:
    return Round.objects.create(
        board=opened.board,
        period=period.key,
        starts_on=period.start,
        ends_on=period.end,
        verdict=opened.verdict,
        names=opened.board.names,
        top=opened.board.top if opened.board.names == Names.TOP else 0,
        teams=list(opened.teams),
        hidden_teams=opened.hidden_teams,
        made_at=at,
    )


def _divide(opening: Opening, new: list[Board], made: list[Round]) -> None:
    """Writes the people of all rounds that are shown, with the part that alike ones share."""
    rounds = [*opening.shown, *(each for each in made if each.board_id in opening.people)]
    links = not opening.shown and any(board.by_improvement for board in new)
    parts, is_linked = opening.parts(parts_before(new[0], opening.period) if links else None)
    Round.objects.filter(pk__in=[each.pk for each in made]).update(is_linked=is_linked)
    RoundMember.objects.filter(round__in=rounds).delete()
    RoundMember.objects.bulk_create(
        [
            RoundMember(round=each, person_id=person, part=parts[person])
            for each in rounds
            for person in sorted(opening.people[each.board_id])
        ],
        batch_size=BATCH,
    )
