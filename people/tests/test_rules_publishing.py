"""Which groups may be shown side by side: whoever is alike in all of them is one of many, whatever is added up."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.rules.publishing import Alike, admitted, is_whole, may_link, may_lose

K = 5
PEOPLE = range(24)
GROUPS = st.lists(st.frozensets(st.sampled_from(PEOPLE)), max_size=5)


def classes(groups) -> dict[tuple, set[int]]:
    """Brute force: people by the groups that they stand in."""
    found: dict[tuple, set[int]] = {}
    for person in PEOPLE:
        found.setdefault(tuple(person in group for group in groups), set()).add(person)
    return {key: people for key, people in found.items() if any(key)}


def people(first, last):
    return frozenset(range(first, last))


def test_the_six_go_as_well():
    """Teams of 4, 6 and 20 in a division of 30: beside the division and the 20, the 6 would leave the 4."""
    teams = {"four": people(0, 4), "six": people(4, 10), "twenty": people(10, 30)}
    assert admitted(Alike([people(0, 30)], minimum=K), teams) == {"twenty"}


def test_alone_a_group_needs_one_more_than_k():
    assert not Alike(minimum=K).admits(people(0, 5))
    assert Alike(minimum=K).admits(people(0, 6))
    assert not Alike(minimum=1).admits(people(0, 3))


def test_groups_that_cross_need_enough_in_each_part():
    alike = Alike([people(0, 12)], minimum=K)
    assert not alike.admits(people(4, 20))
    assert alike.admits(people(6, 20))


def test_a_refused_group_changes_nothing():
    alike = Alike([people(0, 12)], minimum=K)
    assert not alike.admit(people(3, 12))
    assert alike.part_of(0) == alike.part_of(11)
    assert alike.admit(people(0, 6))
    assert alike.part_of(0) != alike.part_of(11)
    assert alike.part_of(20) == 0
    assert alike.parts([0, 5, 6, 20]) == {alike.part_of(0): {0, 5}, alike.part_of(6): {6}, 0: {20}}


@given(GROUPS)
def test_what_is_admitted_leaves_nobody_or_enough_alike(groups):
    alike = Alike(minimum=K)
    shown = [group for group in groups if alike.admit(group)]
    assert all(len(alike_ones) >= K + 1 for alike_ones in classes(shown).values())
    parts = alike.parts(person for group in shown for person in group)
    assert sorted(map(sorted, parts.values())) == sorted(map(sorted, classes(shown).values()))


@given(GROUPS)
def test_admitting_is_refused_only_where_it_would_leave_a_few(groups):
    alike, shown = Alike(minimum=K), []
    for group in groups:
        enough = all(len(each) >= K + 1 for each in classes([*shown, group]).values())
        assert alike.admits(group) == enough
        if enough:
            alike.split(group)
            shown.append(group)


@given(GROUPS, st.permutations(PEOPLE))
def test_admission_does_not_depend_on_who_people_are(groups, other):
    """Only how many stand where counts: another numbering gives the same answer."""
    first, second = Alike(minimum=K), Alike(minimum=K)
    for group in groups:
        assert first.admit(group) == second.admit(frozenset(other[person] for person in group))


def test_values_of_alike_people_may_be_swapped_in_everything_that_is_shown():
    """Why it holds: sums and rows of every shown group stay the same if two alike people swap their figures."""
    groups = [people(0, 12), people(6, 20), people(0, 20)]
    alike, value = Alike(groups, minimum=K), {person: person * person + 1 for person in range(20)}
    for one, other in product(range(20), repeat=2):
        if alike.part_of(one) == alike.part_of(other):
            swapped = value | {one: value[other], other: value[one]}
            for group in groups:
                assert sorted(swapped[each] for each in group) == sorted(value[each] for each in group)


@pytest.mark.parametrize(
    ("left", "may"), [(0, True), (1, False), (5, False), (6, True), (7, False), (11, False), (12, True)]
)
def test_may_lose_nobody_or_enough_of_a_part_and_keeps_nobody_or_enough(left, may):
    assert may_lose({1: set(range(12))}, set(range(left, 12)), minimum=K) is may


def test_may_lose_looks_at_each_part():
    parts = {1: set(range(12)), 2: set(range(12, 24))}
    gone = {0, 1, 2, 12, 13, 14}
    assert not may_lose(parts, set(range(24)) - gone, minimum=K)
    assert may_lose(parts, set(range(12, 24)), minimum=K)


def test_may_link_rounds_of_which_few_came_or_left_only_if_nobody_did():
    before = dict.fromkeys(range(12), 1)
    assert may_link(before, before, minimum=K)
    assert not may_link(before, before | {30: 1}, minimum=K)
    assert not may_link(before, dict.fromkeys(range(1, 12), 1), minimum=K)
    assert may_link(before, dict.fromkeys(range(6, 18), 1), minimum=K)


@pytest.mark.parametrize(
    ("group", "whole"), [([], True), ([1, 2], True), ([1, 2, 3, 4, 9], True), ([1], False), ([1, 2, 3], False)]
)
def test_a_group_is_whole_that_holds_of_each_part_everybody_or_nobody(group, whole):
    assert is_whole(group, {1: {1, 2}, 2: {3, 4}}) is whole
