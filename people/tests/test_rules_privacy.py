"""What a board may show: ranks against brute force, and that nothing of another person reaches the masked rows."""

import uuid
from dataclasses import asdict
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.rules.privacy import (
    MaskedBoard,
    MaskedRow,
    Person,
    Standing,
    TieRule,
    Why,
    mask_board,
    rank_key,
    ranks,
    rounded,
)

K = 5
YOU = 1


def standings(*values: int, first: int = YOU) -> list[Standing]:
    """One standing a value, for people `first`, `first` + 1, …"""
    return [Standing(first + n, value, points=value, maximum=1000) for n, value in enumerate(values)]


def board(rows, *, viewer_id=YOU, **options) -> MaskedBoard:
    return mask_board(rows, viewer_id=viewer_id, **{"minimum": K, **options})


def told(masked: MaskedBoard) -> list:
    """Rank and value of each shown row, a gap as dots."""
    return ["…" if row.is_gap else (row.rank, row.value) for row in masked.rows]


values = st.integers(0, 40) | st.fractions(0, 10, max_denominator=50)
people = st.lists(values, min_size=1, max_size=40).map(lambda found: [Standing(n, v) for n, v in enumerate(found, 1)])


# Ranks ----------------------------------------------------------------------------------------------------------


def test_ranks_competition_skips_after_a_tie():
    assert ranks({1: 30, 2: 20, 3: 20, 4: 10}) == {1: 1, 2: 2, 3: 2, 4: 4}


def test_ranks_dense_skips_nothing():
    assert ranks({1: 30, 2: 20, 3: 20, 4: 10}, ties=TieRule.DENSE) == {1: 1, 2: 2, 3: 2, 4: 3}


def test_ranks_lower_is_better_puts_the_lowest_first():
    assert ranks({1: 30, 2: 20}, lower_is_better=True) == {2: 1, 1: 2}


def test_ranks_equal_fractions_share_a_rank():
    assert ranks({1: Fraction(1, 3), 2: Fraction(2, 6), 3: Fraction(1, 4)}) == {1: 1, 2: 1, 3: 3}


@given(st.dictionaries(st.integers(), values), st.booleans())
def test_ranks_agree_with_brute_force(found, lower):
    better = {p: [v for v in found.values() if (v < own if lower else v > own)] for p, own in found.items()}
    assert ranks(found, lower_is_better=lower) == {p: 1 + len(others) for p, others in better.items()}
    dense = {p: 1 + len(set(others)) for p, others in better.items()}
    assert ranks(found, lower_is_better=lower, ties=TieRule.DENSE) == dense


def test_rank_key_sorts_the_best_first():
    assert sorted([1, 3, 2], key=rank_key) == [3, 2, 1]
    assert sorted([1, 3, 2], key=lambda value: rank_key(value, lower_is_better=True)) == [1, 2, 3]


# Small groups ---------------------------------------------------------------------------------------------------


def test_mask_nobody_with_data_says_no_data():
    assert board([]) == MaskedBoard(why=Why.NO_DATA)


def test_mask_four_people_shows_ones_own_figures_and_no_rank():
    masked = board(standings(70, 80, 90, 60), previous={YOU: 50, 2: 10, 3: 20, 4: 30, 5: 40})
    own = MaskedRow(value=70, is_you=True, person_id=YOU, points=70, maximum=1000, before=50)
    assert masked == MaskedBoard(rows=(own,), why=Why.TOO_FEW)
    assert (own.percent, own.trend) == (7, 20)


def test_mask_four_people_without_the_viewer_shows_nothing():
    assert board(standings(70, 80, 90, 60, first=2)) == MaskedBoard(why=Why.TOO_FEW)


def test_mask_five_people_shows_ranks_and_no_other_values():
    masked = board(standings(70, 80, 90, 60, 60))
    assert told(masked) == [(1, None), (2, None), (3, 70), (4, None), (4, None)]
    assert (masked.why, masked.of) == (Why.RANKS_ONLY, 5)


def test_mask_six_people_shows_values():
    masked = board(standings(70, 80, 90, 60, 60, 50))
    assert told(masked) == [(1, 90), (2, 80), (3, 70), (4, 60), (4, 60), (6, 50)]
    assert (masked.why, masked.of, masked.has_ties) == (Why.NOTHING_HIDDEN, 6, True)


def test_mask_minimum_under_three_is_taken_for_three():
    assert board(standings(70, 80), minimum=1).why is Why.TOO_FEW
    assert board(standings(70, 80, 90), minimum=1).why is Why.RANKS_ONLY


@given(people.filter(lambda rows: len(rows) < K), people.filter(lambda rows: len(rows) < K), values)
def test_mask_small_board_is_the_same_whoever_the_others_are(ours, theirs, own):
    """Nothing about the others, not even how many they are, reaches the board of an agent."""
    mine = Standing(YOU, own, points=7, maximum=9)
    assert board([mine, *ours[1:]]) == board([mine, *theirs[1:]])


@given(people, st.dictionaries(st.integers(1, 60), values))
def test_mask_shows_an_agent_no_other_person(rows, previous):
    for row in board(rows, previous=previous).rows:
        if not row.is_you:
            assert asdict(row) == asdict(MaskedRow(rank=row.rank, value=row.value, is_gap=row.is_gap))


@given(people, st.randoms(use_true_random=False))
def test_mask_order_says_nothing_about_who_it_is(rows, random):
    """The same figures on other unnamed people give the same board."""
    ids = [row.person_id for row in rows if row.person_id != YOU]
    swapped = dict(zip(ids, random.sample(range(100, 200), len(ids)), strict=True)) | {YOU: YOU}
    other = [Standing(swapped[row.person_id], row.value) for row in rows]
    random.shuffle(other)
    assert board(other) == board(rows)


@given(people)
def test_mask_shown_ranks_are_those_of_the_population(rows):
    rank_of = ranks({row.person_id: row.value for row in rows})
    by_rank = {rank_of[row.person_id]: row.value for row in rows}
    shown = [row for row in board(rows).rows if row.rank is not None and row.value is not None]
    assert all(by_rank[row.rank] == row.value for row in shown)
    assert [row.rank for row in shown] == sorted(row.rank for row in shown)


# Never the bottom -----------------------------------------------------------------------------------------------


def test_mask_stops_at_the_limit_and_shows_the_viewer_with_neighbours():
    rows = [Standing(100 - n, n) for n in range(1, 21)]
    masked = board(rows, viewer_id=93, limit=3)  # value 7, rank 14, six below
    assert told(masked) == [(1, 20), (2, 19), (3, 18), "…", (13, 8), (14, 7), (15, 6)]
    assert (masked.you.rank, masked.of) == (14, 20)


def test_mask_with_fewer_than_five_below_the_neighbour_shows_none_below():
    rows = [Standing(100 - n, n) for n in range(1, 21)]
    below = board(rows, viewer_id=94, limit=3)  # value 6, rank 15: the one below has four below it
    assert told(below)[-2:] == [(14, 7), (15, 6)]


def test_mask_viewer_within_the_limit_adds_nothing():
    rows = [Standing(100 - n, n) for n in range(1, 21)]
    assert told(board(rows, viewer_id=81, limit=3)) == [(1, 20), (2, 19), (3, 18)]


def test_mask_of_how_many_is_not_said_when_few_stand_beyond_the_limit():
    rows = [Standing(100 - n, n) for n in range(1, 15)]
    assert board(rows, viewer_id=90, limit=10).of is None
    assert board(rows, viewer_id=86, limit=10).of is None
    assert board(rows, viewer_id=90, limit=9).of == 14
    assert board(rows, viewer_id=90, limit=14).of == 14


@given(people, st.integers(1, 12))
def test_mask_never_shows_the_last_five_beyond_the_limit(rows, limit):
    if len(rows) <= limit:
        return
    rank_of = ranks({row.person_id: row.value for row in rows})
    shown = [row for row in board(rows, limit=limit).rows if not row.is_gap]
    for row in shown[limit:]:
        worse = sum(rank > row.rank for rank in rank_of.values())
        assert row.is_you or row.rank <= rank_of[YOU] or worse >= K


def test_excerpt_keeps_the_top_and_the_viewer_with_the_rows_beside_them():
    rows = [Standing(100 - n, n) for n in range(1, 21)]
    masked = board(rows, viewer_id=93, limit=10)
    part = masked.excerpt(3)
    assert told(part) == [(1, 20), (2, 19), (3, 18), "…", (13, 8), (14, 7), (15, 6)]
    assert (part.of, part.why, part.you) == (masked.of, masked.why, masked.you)


@given(people, st.integers(0, 5))
def test_excerpt_shows_nothing_that_the_board_does_not(rows, top):
    masked = board(rows)
    shown = [row for row in masked.excerpt(top).rows if not row.is_gap]
    assert [row for row in masked.rows if row in shown and not row.is_gap] or not shown
    assert all(row in masked.rows for row in shown)


# Names ----------------------------------------------------------------------------------------------------------


def test_mask_supervisor_sees_those_they_lead_by_name_and_no_one_else():
    rows = standings(*range(100, 80, -1), first=10)
    masked = board(rows, viewer_id=YOU, limit=2, named=frozenset({11, 25}))
    assert [(row.rank, row.person_id) for row in masked.rows] == [(1, None), (2, 11), (None, None), (16, 25)]
    assert masked.person_ids == [11, 25]


def test_mask_supervisor_of_all_but_three_sees_no_ranks():
    rows = standings(*range(100, 80, -1), first=10)
    masked = board(rows, viewer_id=YOU, named=frozenset(range(10, 27)))
    assert masked.why is Why.TOO_FEW
    assert {row.rank for row in masked.rows} == {None}
    assert masked.person_ids == list(range(10, 27))


def test_mask_supervisor_of_everyone_sees_a_small_team_with_ranks():
    masked = board(standings(3, 2, 1, first=10), named=frozenset({10, 11, 12}))
    assert [(row.rank, row.person_id) for row in masked.rows] == [(1, 10), (2, 11), (3, 12)]
    assert (masked.why, masked.of) == (Why.NOTHING_HIDDEN, 3)


def test_mask_supervisor_of_everyone_beyond_the_limit_sees_everyone():
    masked = board(standings(*range(30, 0, -1), first=10), named=frozenset(range(10, 40)))
    assert (len(masked.rows), masked.of) == (30, 30)


@given(people, st.frozensets(st.integers(2, 30)))
def test_mask_shows_by_name_only_the_viewer_and_the_named(rows, named):
    masked = board(rows, named=named)
    assert set(masked.person_ids) <= named | {YOU}
    for row in masked.rows:
        if row.is_unnamed:
            assert (row.points, row.maximum, row.movement, row.before) == (None, None, None, None)


def test_with_people_orders_a_shared_rank_by_name_with_the_unnamed_last():
    rows = standings(5, 5, 5, 5, 4, 4, 3, first=10)
    masked = board(rows, viewer_id=13, named=frozenset({10, 11}))
    names = {10: "Zoe", 11: "Ada", 13: "Mia"}
    filled = masked.with_people({key: Person(name, uuid.UUID(int=key)) for key, name in names.items()})
    assert [row.person.name if row.person else None for row in filled.rows[:4]] == ["Mia", "Ada", "Zoe", None]
    assert told(filled) == told(masked)


def test_mask_rounds_unnamed_values_and_leaves_named_ones_exact():
    rows = [Standing(number, Fraction(500 + number, 7)) for number in range(1, 8)]
    masked = board(rows, viewer_id=1, named=frozenset({2}), places=1)
    exact = {row.person_id: row.value for row in masked.rows if row.person_id}
    assert exact == {1: Fraction(501, 7), 2: Fraction(502, 7)}
    assert [float(row.value) for row in masked.rows if row.is_unnamed] == [72.4, 72.3, 72.1, 72.0, 71.9]


@pytest.mark.parametrize(("value", "shown"), [(Fraction(5, 100), Fraction(1, 10)), (Fraction(-5, 100), 0), (7, 7)])
def test_rounded_is_half_up(value, shown):
    assert rounded(value, 1) == shown


# Movement -------------------------------------------------------------------------------------------------------


def test_mask_movement_is_said_of_the_viewer_and_of_no_unnamed_row():
    masked = board(standings(9, 8, 7, 6, 5, 4), previous={1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6})
    assert [row.movement for row in masked.rows] == [5, None, None, None, None, None]


def test_mask_movement_is_hidden_when_the_previous_period_had_four():
    masked = board(standings(9, 8, 7, 6, 5, 4), previous={1: 1, 2: 2, 3: 3, 4: 4})
    assert (masked.you.movement, masked.you.before) == (None, 1)


def test_mask_movement_of_a_newcomer_is_unknown():
    masked = board(standings(9, 8, 7, 6, 5, 4), previous={2: 1, 3: 2, 4: 3, 5: 4, 6: 5})
    assert (masked.you.movement, masked.you.trend) == (None, None)


@pytest.mark.parametrize(("points", "maximum", "percent"), [(1, 3, Fraction(100, 3)), (0, 5, 0), (0, 0, None)])
def test_row_percent_is_points_of_maximum(points, maximum, percent):
    assert MaskedRow(points=points, maximum=maximum).percent == percent
