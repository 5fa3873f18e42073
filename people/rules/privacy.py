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
- Rows stop at the limit; after it come the viewer with a neighbour above, and one below only while at least *k* stand
  below that one; and whoever stands by name. The bottom is never shown to peers.
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
    """What a row shows of a person whose name the viewer may see."""

    name: str
    public_id: uuid.UUID


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
    """The rows a viewer may see, `of` how many people where that may be said, and `why` anything is hidden."""

    rows: tuple[MaskedRow, ...] = ()
    why: Why = Why.NOTHING_HIDDEN
    of: int | None = None

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

    def with_people(self, people: Mapping[int, Person]) -> "MaskedBoard":
        """The board with names filled in, named rows of a rank in order of name, before the unnamed of that rank."""
        return replace(self, rows=tuple(_by_name([_named(row, people) for row in self.rows])))

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
    """The board as `viewer_id` may see it. `named` are the people whose figures they may see anyway; `previous` the
    ranked values of the previous equal period by person. Values of unnamed rows are rounded to `places` decimals: the
    exact quotient would tell how many contacts stand behind it, and so who it may be.

    1. Without anyone there is nothing to hide: no data.
    2. Too few unnamed people: rows of the viewer and of `named` only, no ranks, not how many.
    3. Otherwise ranks over everyone, rows to the limit, then the viewer, their neighbours and `named`.
    """
    if not standings:
        return MaskedBoard(why=Why.NO_DATA)
    minimum, previous, population = minimum_group(minimum), previous or {}, [each.person_id for each in standings]
    rank_of = ranks({each.person_id: each.value for each in standings}, lower_is_better=lower_is_better, ties=ties)
    ordered = sorted(standings, key=lambda each: _place(each, rank_of, viewer_id, named))
    if not group_is_open(population, viewer_id=viewer_id, named=named, minimum=minimum):
        return _hidden(ordered, viewer_id, named, previous, Why.TOO_FEW)
    moved = _movements(rank_of, previous, viewer_id, named, minimum, lower_is_better=lower_is_better, ties=ties)
    unnamed = len(set(population) - (named - {viewer_id}))
    why = Why.RANKS_ONLY if unnamed == minimum and len(set(population) - named - {viewer_id}) else Why.NOTHING_HIDDEN
    shown = _shown_places(ordered, rank_of, viewer_id, named, minimum, limit)
    rows = [_row(ordered[place], rank_of, viewer_id, named, previous, moved, why, places) for place in shown]
    count = len(ordered)
    tells = count - limit >= minimum or all(each.person_id in named for each in ordered[limit:])
    return MaskedBoard(rows=tuple(_with_gaps(rows, shown)), why=why, of=count if tells else None)


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
    return _hidden(ordered, viewer_id, named, previous or {}, why)


def _hidden(ordered: list[Standing], viewer_id: int, named: frozenset[int], previous: Mapping, why: Why) -> MaskedBoard:
    seen = [each for each in ordered if each.person_id in named or each.person_id == viewer_id]
    return MaskedBoard(rows=tuple(_full_row(each, viewer_id, previous) for each in seen), why=why)


def _movements(rank_of, previous, viewer_id, named, minimum, *, lower_is_better, ties) -> dict[int, int]:
    """Ranks risen since the previous period, where ranks over its population may be shown to this viewer too."""
    if not group_is_open(previous, viewer_id=viewer_id, named=named, minimum=minimum):
        return {}
    before = ranks(previous, lower_is_better=lower_is_better, ties=ties)
    return {person: before[person] - rank for person, rank in rank_of.items() if person in before}


def _shown_places(ordered, rank_of, viewer_id, named, minimum, limit) -> list[int]:
    """The places that are shown: the first `limit`, whoever stands by name, the viewer with neighbours."""
    shown = set(range(min(limit, len(ordered))))
    shown |= {place for place, each in enumerate(ordered) if each.person_id in named}
    own = next((place for place, each in enumerate(ordered) if each.person_id == viewer_id), None)
    if own is not None:
        shown |= {own, max(own - 1, 0)}
        if own + 1 < len(ordered) and _below(own + 1, ordered, rank_of) >= minimum:
            shown.add(own + 1)
    return sorted(shown)


def _below(place: int, ordered: list[Standing], rank_of: Mapping[int, int]) -> int:
    """How many stand at a worse rank than the one at a place."""
    rank = rank_of[ordered[place].person_id]
    return sum(rank_of[each.person_id] > rank for each in ordered[place + 1 :])


def _row(each: Standing, rank_of, viewer_id, named, previous, moved, why: Why, places: int | None) -> MaskedRow:
    rank = rank_of[each.person_id]
    if each.person_id == viewer_id or each.person_id in named:
        return replace(_full_row(each, viewer_id, previous), rank=rank, movement=moved.get(each.person_id))
    return MaskedRow(rank=rank, value=None if why is Why.RANKS_ONLY else rounded(each.value, places))


def rounded(value: Value, places: int | None) -> Value:
    """Half up to a number of decimals; unchanged where that is None."""
    if places is None or isinstance(value, int):
        return value
    scale = 10**places
    return Fraction(math.floor(value * scale + Fraction(1, 2)), scale)


def _full_row(each: Standing, viewer_id: int, previous: Mapping[int, Value]) -> MaskedRow:
    return MaskedRow(
        value=each.value,
        is_you=each.person_id == viewer_id,
        person_id=each.person_id,
        points=each.points,
        maximum=each.maximum,
        before=previous.get(each.person_id),
    )


def _with_gaps(rows: list[MaskedRow], places: list[int]) -> list[MaskedRow]:
    """A gap row wherever places are left out between two shown ones. Nothing says whether more follow the last."""
    done: list[MaskedRow] = []
    for row, place, last in zip(rows, places, [-1, *places], strict=False):
        if place > last + 1:
            done.append(GAP)
        done.append(row)
    return done
