"""A board as one viewer may see it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.conf import settings
from django.db.models import Max
from django.http import Http404

from foundation.periods import Kind
from foundation.periods.spans import Span
from people.access import may, visible_people
from people.enums import Permission
from people.models import Team, TeamMembership, User
from people.queries import is_out_of_boards, out_of_boards_on
from people.rules import privacy
from people.rules.privacy import MaskedBoard, MaskedRow, Person, Rules, Value, Viewer, Why, minimum_group
from people.rules.publishing import is_whole
from scorecards.models import ScoreDay

from ..enums import Names, Refresh, RowsShown, Verdict
from ..models import Board, Publication, Round
from ..rules.ranking import POINTS, Ranking
from .boards import OpenBoard, rankings_of
from .figures import days_of, live_figures, population_of
from .populations import day_of, teams_of
from .standings import compared_with, leaves_few, parts_of, publication_of, stored_extract

RANKED_BY_POINTS = Ranking(POINTS, "")


@dataclass(frozen=True)
class BoardPage:
    """A board as one viewer sees it."""

    place: OpenBoard
    span: Span
    ranking: Ranking
    rankings: list[Ranking]
    masked: MaskedBoard
    minimum: int
    made_at: dt.datetime | None = None
    """When the standing was taken; None where the figures are live."""
    own_now: Value | None = None
    """The viewer's own value by now, which a published standing does not hold yet."""
    is_frozen: bool = False
    verdict: str = ""
    """Why the board is not shown in this round; empty where it is."""
    hidden_teams: int = 0
    """How many teams are too small, or would give a small one away, to have a row."""
    names: str = Names.NONE
    """Whom the board names to everybody, in this round."""

    @property
    def board(self) -> Board:
        return self.place.board


def has_figures(person, *, from_on: dt.date) -> bool:
    """Whether a person has a scored day since then."""
    return ScoreDay.objects.filter(agent_id=person.pk, workday__gte=from_on).exists()


def minimum_of(board: Board) -> int:
    """*k* of a board: its own, or the one that is set, never under 3."""
    return minimum_group(max(board.minimum or 0, settings.LAUREL_MINIMUM_GROUP))


def rules_of(board: Board, ranking: Ranking, round_: Round | None) -> Rules:
    """How a board is masked. Names are those that its round was opened with: a change waits for the next one."""
    names = privacy.Names(round_.names) if round_ else privacy.Names.NONE
    names = privacy.Names.ALL if board.has_team_rows else names
    return Rules(
        minimum=minimum_of(board),
        limit=board.limit,
        names=names,
        top=round_.top if round_ else 0,
        rows=privacy.RowsShown(board.rows),
        lower_is_better=ranking.lower_is_better,
        ties=privacy.TieRule(board.ties),
        places=ranking.precision,
        are_teams=board.has_team_rows,
    )


def round_of(board: Board, day: dt.date) -> Round | None:
    """The round of a board that a day lies in."""
    return Round.objects.filter(board=board, starts_on__lte=day, ends_on__gt=day).first()


def board_for(viewer, *, place: OpenBoard, span: Span, by: str, on: dt.date, only_rows: bool = False) -> BoardPage:
    """The board as the viewer may see it; `by` is the key of a ranking, or empty for the first. Ranks are over everyone
    on the board. Http404 for a ranking that it does not have. `only_rows` leaves out what the page says around the
    rows: what else it ranks by, movement, and the viewer's own value by now.
    """
    board, kind = place.board, span.whole.kind if span.whole else Kind.CUSTOM
    by_points = only_rows and board.by_points and by in ("", POINTS)
    rankings = [RANKED_BY_POINTS] if by_points else rankings_of(board, on=(span.now.last, on), kind=kind)
    ranking = next((each for each in rankings if by in ("", each.key)), None)
    if ranking is None:
        raise Http404
    round_ = round_of(board, span.now.start) if span.whole else None
    rules = replace(rules_of(board, ranking, round_), moves=_moves(board, span, round_))
    looking = _Looking(viewer, board, span, ranking, rules, on, _people(viewer, on=on), round_, only_rows)
    shown = _teams_page(looking) if board.has_team_rows else _people_page(looking)
    return replace(shown, place=place, rankings=rankings)


def _moves(board: Board, span: Span, round_: Round | None) -> bool:
    """Whether rows that only the board names may say how they moved: what they are compared with names everyone too.
    (Else it would tell the place that somebody had when rows bore no names.)"""
    if board.has_team_rows:
        return True
    if round_ is None or not round_.names_everyone:
        return False
    before = span.before.start
    if round_.starts_on <= before or (span.is_open and board.refresh != Refresh.LIVE):
        return True
    earlier = round_of(board, before)
    return bool(earlier and earlier.names_everyone)


@dataclass(frozen=True)
class _Looking:
    """Somebody looks at a board."""

    viewer: User
    board: Board
    span: Span
    ranking: Ranking
    rules: Rules
    on: dt.date
    named: Mapping[int, Person]
    """Everyone whose figures the viewer may see."""
    round: Round | None
    only_rows: bool = False

    @property
    def seer(self) -> Viewer:
        return Viewer(self.viewer.pk, frozenset(self.named))

    def page(self, masked: MaskedBoard, **more) -> BoardPage:
        return BoardPage(
            None, self.span, self.ranking, [], masked, self.rules.minimum, names=self.rules.names.value, **more
        )


def _people(viewer, *, on: dt.date) -> dict[int, Person]:
    """Everyone whose figures the viewer may see, and so their name on a board. Oneself alone costs no query."""
    if not (may(viewer, Permission.VIEW_LED) or may(viewer, Permission.VIEW_DIVISION)):
        return {viewer.pk: Person(viewer.name, viewer.public_id)} if may(viewer, Permission.VIEW_OWN) else {}
    rows = visible_people(viewer, on=on).order_by().values_list("pk", "name", "public_id")
    return {pk: Person(name, public_id) for pk, name, public_id in rows}


def _people_page(looking: _Looking) -> BoardPage:
    """Live figures where the viewer may see those of everybody, or where the board is live and names everyone; else a
    published standing; else, live, those of the people whose figures they may see.
    """
    board, span, ranking = looking.board, looking.span, looking.ranking
    is_out = is_out_of_boards(looking.viewer, on=looking.on)
    people = population_of(board, span.now)
    if _sees_everyone(looking, people):
        return looking.page(_live(looking, people))
    if _is_live(looking) and not is_out:
        return looking.page(_live(looking, _standing_there(looking)))
    publication = None if is_out else publication_of(board, span.whole)
    if publication is None or ranking.key not in publication.counts:
        return _unpublished(looking, Why.OPTED_OUT if is_out else Why.NOT_PUBLISHED)
    masked = _published(looking, publication)
    if masked.why == Why.TOO_FEW:
        return _unpublished(looking, Why.TOO_FEW)
    own = {} if looking.only_rows else live_figures(board, span.now, ranking, of={looking.viewer.pk}).values
    own_now = own.get(looking.viewer.pk)
    return looking.page(masked, made_at=publication.made_at, is_frozen=publication.is_frozen, own_now=own_now)


def _sees_everyone(looking: _Looking, people) -> bool:
    seen = looking.named.keys() | {looking.viewer.pk}
    if not looking.named.keys() - {looking.viewer.pk}:
        return False
    if people is not None:
        return people <= seen
    return not days_of(looking.board, looking.span.now).exclude(agent_id__in=seen).exists()


def _is_live(looking: _Looking) -> bool:
    """Whether everybody may see live rows: the board is set so, and its round names everyone."""
    board, round_ = looking.board, looking.round
    is_set = board.refresh == Refresh.LIVE and board.names == Names.ALL
    if looking.ranking.compares_periods and not looking.rules.moves:
        return False
    return bool(
        is_set and looking.span.is_open and round_ and round_.names_everyone and round_.verdict == Verdict.SHOWN
    )


def _standing_there(looking: _Looking) -> set[int]:
    """Whom a live board ranks: the people of its round, without those who stay off boards by now."""
    return set(looking.round.members.values_list("person_id", flat=True)) - out_of_boards_on(looking.on)


def _live(looking: _Looking, people) -> MaskedBoard:
    now = live_figures(looking.board, looking.span.now, looking.ranking, of=people)
    before = live_figures(looking.board, looking.span.before, looking.ranking, of=people)
    seer = _with_mates(looking, looking.seer)
    extract = privacy.extract_of(now.standings, rules=looking.rules, viewer=seer, previous=before.values)
    return _with_names(looking, privacy.mask(extract, rules=looking.rules, viewer=seer))


def _published(looking: _Looking, publication: Publication) -> MaskedBoard:
    seer, rules, span = _with_mates(looking, looking.seer), looking.rules, looking.span
    led = seer.named - {seer.person_id}
    if led and not seer.leaves_few and rules.names == privacy.Names.NONE:
        seer = replace(seer, leaves_few=leaves_few(publication, led, minimum=rules.minimum))
    extract = stored_extract(publication, looking.ranking.key, rules=rules, viewer=seer)
    if not (span.is_open or looking.only_rows):
        before = publication_of(looking.board, span.whole.previous)
        extract = compared_with(extract, before, looking.ranking.key, minimum=rules.minimum)
    return _with_names(looking, privacy.mask(extract, rules=rules, viewer=seer))


def _with_mates(looking: _Looking, seer: Viewer) -> Viewer:
    """The viewer with the people of their own teams, where the board shows no others; of teams that are too small for
    it, nobody."""
    if looking.board.rows != RowsShown.OWN_TEAM:
        return seer
    round_ = looking.round
    teams = teams_of(looking.viewer.pk, on=round_.starts_on) & set(round_.teams) if round_ else frozenset()
    if not teams:
        return replace(seer, leaves_few=True)
    there = TeamMembership.objects.on(round_.starts_on).filter(team__in=teams).values_list("person_id", flat=True)
    parts = parts_of(round_)
    mates = frozenset(there) & frozenset().union(*parts.values())
    if round_.has_names or is_whole(mates, parts):
        return replace(seer, mates=mates)
    return replace(seer, leaves_few=True)


def _unpublished(looking: _Looking, why: Why) -> BoardPage:
    """The viewer and those they lead, live, without ranks, and why nothing more is shown."""
    seen = looking.named.keys() | {looking.viewer.pk}
    now, before = (
        live_figures(looking.board, days, looking.ranking, of=seen) for days in (looking.span.now, looking.span.before)
    )
    masked = privacy.unpublished_board(
        now.standings,
        viewer_id=looking.viewer.pk,
        named=frozenset(looking.named),
        previous=before.values,
        lower_is_better=looking.ranking.lower_is_better,
        why=why,
    )
    verdict = _verdict(looking) if why == Why.NOT_PUBLISHED else ""
    if verdict == Verdict.TOO_FEW and (masked.rows or days_of(looking.board, looking.span.now).exists()):
        masked = replace(masked, why=Why.TOO_FEW)
    return looking.page(_with_names(looking, masked), verdict=verdict)


def _verdict(looking: _Looking) -> str:
    """Why the board is not shown in its round; empty where it is, or where there is no round yet."""
    return looking.round.verdict if looking.round and looking.round.verdict != Verdict.SHOWN else ""


def _with_names(looking: _Looking, masked: MaskedBoard) -> MaskedBoard:
    """Names of those the viewer may see anyway, with a way to their scorecards; of those the board names, the name."""
    others = [pk for pk in masked.person_ids if pk not in looking.named]
    names = User.objects.filter(pk__in=others).values_list("pk", "name") if others else ()
    return masked.with_people({**dict(looking.named), **{pk: Person(name) for pk, name in names}})


# Teams as rows ----------------------------------------------------------------------------------------------------


def _teams_page(looking: _Looking) -> BoardPage:
    """Rows of teams, of a published standing only: sums of few people would show who has just taken a call."""
    publication = publication_of(looking.board, looking.span.whole)
    round_, is_out = looking.round, is_out_of_boards(looking.viewer, on=looking.on)
    if is_out or publication is None or looking.ranking.key not in publication.counts:
        masked = MaskedBoard(why=Why.OPTED_OUT if is_out else Why.NOT_PUBLISHED)
        return looking.page(masked, verdict="" if is_out else _verdict(looking))
    own = sorted(teams_of(looking.viewer.pk, on=publication.starts_on) & set(round_.teams if round_ else ()))
    seer = Viewer(own[0] if own else 0)
    extract = stored_extract(publication, looking.ranking.key, rules=looking.rules, viewer=seer)
    if not looking.span.is_open:
        before = publication_of(looking.board, looking.span.whole.previous)
        extract = compared_with(extract, before, looking.ranking.key, minimum=looking.rules.minimum)
    masked = privacy.mask(extract, rules=looking.rules, viewer=seer)
    names = Team.objects.filter(pk__in=masked.person_ids).values_list("pk", "name")
    masked = masked.with_people({pk: Person(name) for pk, name in names})
    hidden = round_.hidden_teams if round_ else 0
    return looking.page(masked, made_at=publication.made_at, is_frozen=publication.is_frozen, hidden_teams=hidden)


# What else a page says --------------------------------------------------------------------------------------------


def led_without_figures(viewer, board: Board, *, on: dt.date, but: set[int]) -> list[MaskedRow]:
    """People of the board whose figures the viewer may see and who have none, by name and without a rank."""
    people = day_of(on).people_of(board)
    rows = visible_people(viewer, on=on).filter(pk__in=people - but).exclude(pk=viewer.pk).order_by("name", "pk")
    return [
        MaskedRow(person_id=pk, person=Person(name, public_id))
        for pk, name, public_id in rows.values_list("pk", "name", "public_id")
    ]


def last_day_of(viewer, board: Board, *, on: dt.date) -> dt.date | None:
    """The last workday on which anyone whose figures the viewer may see stands on a board."""
    days = ScoreDay.objects.filter(profile_id=board.profile_id, division_id=board.division_id)
    seen = visible_people(viewer, on=on).order_by().values("pk")
    return days.filter(agent_id__in=seen).aggregate(last=Max("workday"))["last"]
