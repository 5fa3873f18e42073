"""Which groups of people may be shown side by side. Pure functions over ids: no Django, no clock.

Two people are *alike* to a reader when they stand in exactly the same published groups: whoever swaps all their figures
changes nothing that is published. So a figure can be tied to no fewer people than are alike, whatever a reader adds up,
subtracts or compares. The one rule: of people who are alike there are none, or at least *k* + 1 (the reader may be one
of them).

A group is a population whose rows, sums, averages or ranks are shown: a board, a team's row, the total of a goal.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping

from .privacy import minimum_group

OUTSIDE = 0
"""The class of those who stand in no group: nothing is shown of them."""


class Alike:
    """People by the groups they stand in, as groups are admitted one after another."""

    def __init__(self, groups: Iterable[Iterable[int]] = (), *, minimum: int):
        self.smallest = minimum_group(minimum) + 1
        self._class_of: dict[int, int] = {}
        self._sizes: Counter[int] = Counter()
        self._last = OUTSIDE
        for group in groups:
            self.split(group)

    def admits(self, group: Iterable[int]) -> bool:
        """Whether showing the group too leaves of all who are alike nobody, or enough. An empty group shows nothing."""
        inside = Counter(self._class_of.get(person, OUTSIDE) for person in set(group))
        return all(self._holds(kind, count) for kind, count in inside.items())

    def _holds(self, kind: int, inside: int) -> bool:
        rest = 0 if kind == OUTSIDE else self._sizes[kind] - inside
        return inside >= self.smallest and (rest == 0 or rest >= self.smallest)

    def split(self, group: Iterable[int]) -> None:
        """Counts the group among those shown, admitted or not: it was published before, or by another's decision."""
        made: dict[int, int] = {}
        for person in set(group):
            before = self._class_of.get(person, OUTSIDE)
            if before not in made:
                self._last += 1
                made[before] = self._last
            self._class_of[person] = made[before]
            self._sizes[made[before]] += 1
            if before != OUTSIDE:
                self._sizes[before] -= 1

    def admit(self, group: Iterable[int]) -> bool:
        """Shows the group too if that may be."""
        group = frozenset(group)
        if group and self.admits(group):
            self.split(group)
            return True
        return False

    def part_of(self, person: int) -> int:
        """A number that alike people share; 0 for whoever stands in no group."""
        return self._class_of.get(person, OUTSIDE)

    def parts(self, people: Iterable[int]) -> dict[int, set[int]]:
        """Part → those of these people who are in it."""
        found: dict[int, set[int]] = defaultdict(set)
        for person in people:
            found[self.part_of(person)].add(person)
        return dict(found)


def admitted(alike: Alike, candidates: Mapping[Hashable, frozenset[int]], *, order=lambda key: key) -> set[Hashable]:
    """Of several groups, the largest first, those that may be shown together. Ties go by `order`, never by figures."""
    ranked = sorted(candidates, key=lambda key: (-len(candidates[key]), order(key)))
    return {key for key in ranked if alike.admit(candidates[key])}


def is_whole(group: Iterable[int], parts: Mapping[int, Collection[int]]) -> bool:
    """Whether a group holds of all who are alike everybody or nobody, so that showing it tells none of them apart."""
    group = frozenset(group)
    return all(len(group.intersection(people)) in (0, len(people)) for people in parts.values())


def may_lose(parts: Mapping[int, set[int]], stayed: Iterable[int], *, minimum: int) -> bool:
    """Whether figures may be shown again without those who left: of each part nobody left, or enough left, and nobody
    or enough stay."""
    stayed, smallest = frozenset(stayed), minimum_group(minimum) + 1
    left = {part: people - stayed for part, people in parts.items()}
    return all(
        not gone or (len(gone) >= smallest and (gone == parts[part] or len(parts[part] - gone) >= smallest))
        for part, gone in left.items()
    )


def may_link(before: Mapping[int, int], now: Mapping[int, int], *, minimum: int) -> bool:
    """Whether figures of two rounds may be shown as differences (how much someone improved). `before` and `now` map the
    people of each round to their part; of those who are alike in both there are none, or enough.
    """
    sizes = Counter((before.get(person), now.get(person)) for person in {*before, *now})
    return all(size >= minimum_group(minimum) + 1 for size in sizes.values())
