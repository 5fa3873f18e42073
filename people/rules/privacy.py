"""What a viewer may be shown of a board. Pure functions over plain rows, applied once, before any table, template
or file sees a row.

The rules, with `minimum` people as the smallest group (*k*, never under 3):

- Ranks are computed over the whole population, the same for every viewer.
- People whose figures the viewer may see anyway (those they lead) stand by name, and the viewer as themselves.
  Everyone else is *unnamed*: such a row holds its rank and the ranked value, no id, no name, no movement, nothing
  that would tie it to a row of another board or period.
- Unnamed people show their values from *k* + 1 unnamed people on; with exactly *k* their ranks only; with fewer nothing
  of them is shown and ranks are hidden altogether, since a rank would place the hidden. (The viewer counts among the
  unnamed: to colleagues they are.)
- A board may name everyone, or the first few, to everybody who opens it. Where it names the first few, the other rows
  are hidden: who is first one day is a nameless row of another.
- Rows stop at the limit; after it come the viewer with a neighbour above, and one below only while at least *k* stand
  below that one; and whoever stands by name to the viewer for leading them. The bottom is never shown to peers.
- How many there are is said only where all are shown, or where at least *k* stand beyond the limit.
- Within a rank the order follows from what is shown, never from who it is.
"""

import math
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from itertools import groupby

SMALLEST_MINIMUM = 3
Value = int | Fraction


class TieRule(StrEnum):
    COMPETITION = "competition"
    """Equal values share a rank and the next rank is skipped: 1, 2, 2, 4."""
    DENSE = "dense"
    """Equal values share a rank and no rank is skipped: 1, 2, 2, 3."""


class Why(StrEnum):
    """Why a board shows less than it knows."""

    NOTHING_HIDDEN = ""
    NO_DATA = "no_data"
    TOO_FEW = "too_few"
    """Fewer than *k* people stand there unnamed: their rows and all ranks are hidden."""
    RANKS_ONLY = "ranks_only"
    """Exactly *k* people stand there unnamed: their values are hidden."""
    OPTED_OUT = "opted_out"
    """The viewer stays off boards: they stand on none, and see nobody's row."""
    NOT_PUBLISHED = "not_published"
    """No standing was published for these days: others' figures are not shown live."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one person reached in a period. `value` is what the board ranks by, exact."""

    person_id: int
    value: Value
    points: int = 0
    maximum: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """What a row shows of a person whose name the viewer may see. Without `public_id` the name is all they may see."""

    name: str
    public_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class MaskedRow:
    """One row as the viewer may see it; what they may not see is not in it.

    `movement` is how many ranks the person rose (negative: fell) since the previous equal period; None where that is
    unknown or would tell too much. `before` is the ranked value of the previous equal period.
    """

    rank: int | None = None
    value: Value | None = None
    is_you: bool = False
    is_gap: bool = False
    person_id: int | None = None
    person: Person | None = None
    points: int | None = None
    maximum: int | None = None
    movement: int | None = None
    before: Value | None = None

    @property
    def is_unnamed(self) -> bool:
        return self.person_id is None and not self.is_gap

    @property
    def percent(self) -> Fraction | None:
        """Percent of goal; None where hidden or where nothing could be reached."""
        return Fraction(100 * self.points, self.maximum) if self.points is not None and self.maximum else None

    @property
    def trend(self) -> Value | None:
        """Change of the ranked value against the previous equal period."""
        return None if self.before is None or self.value is None else self.value - self.before


GAP = MaskedRow(is_gap=True)


@dataclass(frozen=True, slots=True)
class MaskedBoard:
    """The rows a viewer may see, `of` how many people where that may be said, and `why` anything is hidden.

    `gap` is how far the viewer is from the next better rank, and that rank: only where its row stands by name.
    """

    rows: tuple[MaskedRow, ...] = ()
    why: Why = Why.NOTHING_HIDDEN
    of: int | None = None
    gap: tuple[Value, int] | None = None

    @property
    def you(self) -> MaskedRow | None:
        return next((row for row in self.rows if row.is_you), None)

    @property
    def hides_everyone(self) -> bool:
        """Whether nobody is shown but the viewer and people they may see anyway."""
        return self.why in (Why.TOO_FEW, Why.NOT_PUBLISHED, Why.OPTED_OUT)

    @property
    def has_ties(self) -> bool:
        """Whether two of the shown rows share a rank."""
        ranks = [row.rank for row in self.rows if row.rank is not None]
        return len(set(ranks)) < len(ranks)

    @property
    def shows_names(self) -> bool:
        """Whether anyone but the viewer stands by name."""
        return any(row.person_id is not None and not row.is_you for row in self.rows)

    @property
    def person_ids(self) -> list[int]:
        """The people whose names may be looked up for this viewer."""
        return [row.person_id for row in self.rows if row.person_id is not None]

    @property
    def revealed(self) -> list[int]:
        """The people shown by name because the viewer may see their figures, not because the board names them."""
        return [row.person_id for row in self.rows if row.person and row.person.public_id]

    def with_people(self, people: Mapping[int, Person]) -> "MaskedBoard":
        """The board with names filled in, named rows of a rank in order of name, before the unnamed of that rank."""
        return replace(self, rows=tuple(_by_name([_named(row, people) for row in self.rows])))

    def found(self, search: str) -> "MaskedBoard":
        """The rows whose name holds a text: a search finds names that are shown, and nobody else."""
        text = search.casefold()
        return replace(self, rows=tuple(row for row in self.rows if row.person and text in row.person.name.casefold()))

    def excerpt(self, top: int) -> "MaskedBoard":
        """The first rows, and the viewer with the rows beside them: a part of what is shown, never more."""
        own = next((place for place, row in enumerate(self.rows) if row.is_you), -2)
        shown = [
            place for place, row in enumerate(self.rows) if not row.is_gap and (place < top or abs(place - own) <= 1)
        ]
        return replace(self, rows=tuple(_with_gaps([self.rows[place] for place in shown], shown)))


def _named(row: MaskedRow, people: Mapping[int, Person]) -> MaskedRow:
    return replace(row, person=people[row.person_id]) if row.person_id in people else row


def _by_name(rows: list[MaskedRow]) -> list[MaskedRow]:
    """Rows of one rank that stand side by side: the viewer, then by name, then the unnamed."""
    runs = groupby(enumerate(rows), key=lambda numbered: numbered[1].rank or -numbered[0])
    return [row for _, run in runs for row in sorted((row for _, row in run), key=_shown_order)]


def _shown_order(row: MaskedRow) -> tuple:
    return (not row.is_you, row.is_unnamed, row.person.name.casefold() if row.person else "", row.person_id or 0)


def rank_key(value: Value, *, lower_is_better: bool = False) -> Value:
    """Sorts the best value first."""
    return value if lower_is_better else -value


def ranks(
    values: Mapping[int, Value], *, lower_is_better: bool = False, ties: TieRule = TieRule.COMPETITION
) -> dict[int, int]:
    """The rank of each person. Equal values share one. (A float never sorts against the exact value, and compares
    faster; where two agree, the exact values decide.)
    """
    keys = ((rank_key(value, lower_is_better=lower_is_better), person) for person, value in values.items())
    ordered = sorted((float(key), key, person) for key, person in keys)
    found: dict[int, int] = {}
    rank, last = 0, None
    for place, (_, key, person) in enumerate(ordered, start=1):
        if key != last:
            rank, last = (rank + 1 if ties is TieRule.DENSE else place), key
        found[person] = rank
    return found


def group_is_open(population: Iterable[int], *, viewer_id: int, named: frozenset[int], minimum: int) -> bool:
    """Whether ranks over a population may be shown to a viewer: at least *k* stand there unnamed, or nobody but the
    viewer and people they may see by name."""
    others = set(population) - named - {viewer_id}
    unnamed = len(set(population) - (named - {viewer_id}))
    return unnamed >= minimum_group(minimum) or (not others and _sees_others(population, viewer_id, named))


def _sees_others(population: Iterable[int], viewer_id: int, named: frozenset[int]) -> bool:
    return any(person in named and person != viewer_id for person in population)


def minimum_group(setting: int) -> int:
    """*k*: what is set, never under 3."""
    return max(setting, SMALLEST_MINIMUM)


class Names(StrEnum):
    """Whom a board names to everybody who opens it. (The values that `leaderboards` stores.)"""

    NONE = "none"
    TOP = "top"
    ALL = "all"


class RowsShown(StrEnum):
    LIMIT = "limit"
    NEIGHBOURS = "neighbours"
    OWN_TEAM = "own_team"


@dataclass(frozen=True, slots=True)
class Rules:
    """How one board is masked: its smallest group, how many rows, whose names, which rows, and how ties are ranked.

    Values of unnamed rows are rounded to `places` decimals: the exact quotient would tell how many contacts stand
    behind it, and so who it may be.
    """

    minimum: int
    limit: int = 10
    names: Names = Names.NONE
    top: int = 0
    rows: RowsShown = RowsShown.LIMIT
    lower_is_better: bool = False
    ties: TieRule = TieRule.COMPETITION
    places: int | None = None
    moves: bool = True
    """Whether rows that only the board names say how they moved, since they stood by name before too."""
    are_teams: bool = False
    """Rows are teams that may be shown: they stand by name, and `person_id` is a team's."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. `named` are the people whose figures they may see anyway; `mates` those of their own teams.

    `leaves_few`: the people whom the viewer does not lead are, of some who are alike in all that is published, only a
    few; their rows could be told apart by what the viewer knows.
    """

    person_id: int
    named: frozenset[int] = frozenset()
    mates: frozenset[int] = frozenset()
    leaves_few: bool = False


@dataclass(frozen=True, slots=True)
class Ranked:
    """A standing at its place (from 0, without gaps) and rank. `before`: the value it is compared with; `risen`: ranks
    risen since then."""

    place: int
    rank: int
    standing: Standing
    before: Value | None = None
    risen: int | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """As much of a ranking as masking for one viewer needs, out of `count` rows, `led` of them people (other than the
    viewer) whom they may see by name. `rows` hold at least the first of the limit, the viewer with the rows beside
    them, and everyone `named`; `below` is how many stand at a worse rank than the row below the viewer's.
    """

    rows: Sequence[Ranked]
    count: int
    led: int = 0
    below: int = 0


def mask_board(
    standings: Sequence[Standing],
    *,
    viewer_id: int,
    minimum: int,
    limit: int = 10,
    named: frozenset[int] = frozenset(),
    previous: Mapping[int, Value] | None = None,
    lower_is_better: bool = False,
    ties: TieRule = TieRule.COMPETITION,
    places: int | None = None,
) -> MaskedBoard:
    """The board as `viewer_id` may see it, of all its standings; `previous`: values to compare with, by person."""
    rules = Rules(minimum, limit=limit, lower_is_better=lower_is_better, ties=ties, places=places)
    viewer = Viewer(viewer_id, named)
    return mask(extract_of(standings, rules=rules, viewer=viewer, previous=previous), rules=rules, viewer=viewer)


def extract_of(
    standings: Sequence[Standing], *, rules: Rules, viewer: Viewer, previous: Mapping[int, Value] | None = None
) -> Extract:
    """Every standing at its place; within a rank the viewer, then people by name, then the others, whose rows are all
    alike. Movement stands only where ranks over the previous population may be shown to this viewer too.
    """
    previous, options = previous or {}, {"lower_is_better": rules.lower_is_better, "ties": rules.ties}
    rank_of = ranks({each.person_id: each.value for each in standings}, **options)
    before = ranks(previous, **options) if _ranks_are_open(previous, rules=rules, viewer=viewer) else {}
    ordered = sorted(standings, key=lambda each: _place(each, rank_of, viewer.person_id, viewer.named))
    rows = [
        Ranked(place, rank_of[who], each, previous.get(who), before[who] - rank_of[who] if who in before else None)
        for place, each in enumerate(ordered)
        for who in (each.person_id,)
    ]
    own = next((row.place for row in rows if row.standing.person_id == viewer.person_id), None)
    below = _below(own + 1, rows) if own is not None and own + 1 < len(rows) else 0
    led = sum(row.standing.person_id in viewer.named - {viewer.person_id} for row in rows)
    return Extract(rows, len(rows), led, below)


def _ranks_are_open(population: Iterable[int], *, rules: Rules, viewer: Viewer) -> bool:
    if rules.names == Names.ALL:
        return len(set(population)) >= minimum_group(rules.minimum)
    return group_is_open(population, viewer_id=viewer.person_id, named=viewer.named, minimum=rules.minimum)


def mask(extract: Extract, *, rules: Rules, viewer: Viewer) -> MaskedBoard:
    """What the viewer may see of a ranking.

    1. Without anyone there is nothing to hide: no data.
    2. Too few unnamed people: rows of the viewer and of those they lead only, no ranks, not how many.
    3. Otherwise ranks over everyone, and the rows that the board shows.
    """
    if not extract.count:
        return MaskedBoard(why=Why.NO_DATA)
    rows = {row.place: row for row in extract.rows}
    own = next((row for row in extract.rows if row.standing.person_id == viewer.person_id), None)
    why = _why(extract, own, rules, viewer)
    if why == Why.TOO_FEW:
        return _hidden(
            [row.standing for row in extract.rows], viewer, {row.standing.person_id: row for row in extract.rows}, why
        )
    shown = [place for place in _shown_places(extract, own, rules, viewer) if place in rows]
    done = [_row(rows[place], rules, viewer, why) for place in shown]
    tells = rules.rows == RowsShown.LIMIT and rules.names != Names.TOP and _tells_count(extract, rules, viewer)
    return MaskedBoard(
        rows=tuple(_with_gaps(done, shown)),
        why=why,
        of=extract.count if tells else None,
        gap=_gap(own, rows, rules, viewer),
    )


def _why(extract: Extract, own: Ranked | None, rules: Rules, viewer: Viewer) -> Why:
    minimum = minimum_group(rules.minimum)
    unnamed, others = extract.count - extract.led, extract.count - extract.led - (own is not None)
    if rules.are_teams or (not others and extract.led):
        return Why.NOTHING_HIDDEN
    if rules.names == Names.ALL:
        return Why.NOTHING_HIDDEN if extract.count >= minimum else Why.TOO_FEW
    if unnamed < minimum or viewer.leaves_few:
        return Why.TOO_FEW
    return Why.RANKS_ONLY if unnamed == minimum and others else Why.NOTHING_HIDDEN


def _tells_count(extract: Extract, rules: Rules, viewer: Viewer) -> bool:
    """How many there are is said where all are shown, or where enough stand beyond the limit."""
    beyond = extract.count - rules.limit
    named = sum(row.place >= rules.limit and row.standing.person_id in viewer.named for row in extract.rows)
    return beyond >= minimum_group(rules.minimum) or beyond <= named


def _gap(own: Ranked | None, rows: Mapping[int, Ranked], rules: Rules, viewer: Viewer) -> tuple[Value, int] | None:
    if own is None:
        return None
    better = next((rows[place] for place in range(own.place - 1, -1, -1) if place in rows), None)
    if better is None or better.rank == own.rank or not _stands_by_name(better, rules, viewer):
        return None
    return abs(better.standing.value - own.standing.value), better.rank


def _stands_by_name(row: Ranked, rules: Rules, viewer: Viewer) -> bool:
    who = row.standing.person_id
    by_rule = rules.names == Names.ALL or (rules.names == Names.TOP and row.rank <= rules.top)
    return by_rule or who == viewer.person_id or who in viewer.named


def _place(each: Standing, rank_of: Mapping[int, int], viewer_id: int, named: frozenset[int]) -> tuple:
    """By rank; within a rank the viewer, then people by name, then the unnamed, whose rows are all alike."""
    person = each.person_id
    return (rank_of[person], person != viewer_id, person not in named, person)


def unpublished_board(
    standings: Sequence[Standing],
    *,
    viewer_id: int,
    named: frozenset[int] = frozenset(),
    previous: Mapping[int, Value] | None = None,
    lower_is_better: bool = False,
    why: Why = Why.NOT_PUBLISHED,
) -> MaskedBoard:
    """The viewer and the people whose figures they may see, best first, without ranks: others are not published.
    Without any of them there is no data, whoever else has some.
    """
    if not standings:
        return MaskedBoard(why=Why.NO_DATA)
    ordered = sorted(
        standings, key=lambda each: (rank_key(each.value, lower_is_better=lower_is_better), each.person_id)
    )
    compared = {
        who: Ranked(0, 0, each, value)
        for each in ordered
        for who in (each.person_id,)
        if (value := (previous or {}).get(who)) is not None
    }
    return _hidden(ordered, Viewer(viewer_id, named), compared, why)


def _hidden(ordered: Iterable[Standing], viewer: Viewer, compared: Mapping[int, Ranked], why: Why) -> MaskedBoard:
    """The viewer and those they lead, without ranks; `compared` holds what their values are compared with."""
    seen = [each for each in ordered if each.person_id in viewer.named or each.person_id == viewer.person_id]
    return MaskedBoard(
        rows=tuple(
            _full_row(each, viewer, compared[each.person_id].before if each.person_id in compared else None)
            for each in seen
        ),
        why=why,
    )


def _shown_places(extract: Extract, own: Ranked | None, rules: Rules, viewer: Viewer) -> list[int]:
    """The places that are shown: the first of the limit, the viewer with neighbours, and whoever stands by name to the
    viewer; of one's own team only, where the board says so."""
    shown = {row.place for row in extract.rows if row.standing.person_id in viewer.named}
    if own is not None:
        shown |= {own.place}
    if rules.rows == RowsShown.OWN_TEAM:
        return sorted(shown | {row.place for row in extract.rows if row.standing.person_id in viewer.mates})
    if rules.names == Names.TOP:
        return sorted(shown | {row.place for row in extract.rows if row.rank <= rules.top and row.place < rules.limit})
    if own is not None:
        shown |= {max(own.place - 1, 0)}
        if own.place + 1 < extract.count and extract.below >= minimum_group(rules.minimum):
            shown.add(own.place + 1)
    if rules.rows == RowsShown.LIMIT:
        shown |= set(range(min(rules.limit, extract.count)))
    return sorted(shown)


def _below(place: int, rows: Sequence[Ranked]) -> int:
    """How many stand at a worse rank than the one at a place."""
    return sum(row.rank > rows[place].rank for row in rows[place + 1 :])


def _row(row: Ranked, rules: Rules, viewer: Viewer, why: Why) -> MaskedRow:
    """By name with everything, unnamed with rank and value. Whom only the board names shows no percent, and movement
    only since a standing that named everyone: more would tell what the board does not."""
    who = row.standing.person_id
    if who == viewer.person_id or who in viewer.named:
        return replace(_full_row(row.standing, viewer, row.before), rank=row.rank, movement=row.risen)
    value = None if why is Why.RANKS_ONLY else rounded(row.standing.value, rules.places)
    if _stands_by_name(row, rules, viewer):
        moves = rules.moves and rules.names == Names.ALL
        return MaskedRow(rank=row.rank, value=value, person_id=who, movement=row.risen if moves else None)
    return MaskedRow(rank=row.rank, value=value)


def rounded(value: Value, places: int | None) -> Value:
    """Half up to a number of decimals; unchanged where that is None."""
    if places is None or isinstance(value, int):
        return value
    scale = 10**places
    return Fraction(math.floor(value * scale + Fraction(1, 2)), scale)


def _full_row(each: Standing, viewer: Viewer, before: Value | None) -> MaskedRow:
    return MaskedRow(
        value=each.value,
        is_you=each.person_id == viewer.person_id,
        person_id=each.person_id,
        points=each.points,
        maximum=each.maximum,
        before=before,
    )


def _with_gaps(rows: list[MaskedRow], places: list[int]) -> list[MaskedRow]:
    """A gap row wherever places are left out between two shown ones. Nothing says whether more follow the last."""
    done: list[MaskedRow] = []
    for row, place, last in zip(rows, places, [-1, *places], strict=False):
        if place > last + 1:
            done.append(GAP)
        done.append(row)
    return done
