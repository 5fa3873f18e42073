"""What follows from what was read: unknowns are the points of each person on each day, readings are constraints, and a
solver (CP-SAT, exact on whole numbers) tells which of them have one value only, and who may stand behind a row.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

from ortools.sat.python import cp_model

LIMIT = 20
"""The solver's own measure of work, some seconds, which a busy machine does not shorten."""
Read = int | tuple
"""What was read: one number, or the least and the largest that fit what was rounded."""


@dataclass
class Knowledge:
    """All that attackers know together. `people` are named by any key; `days` are numbers; points go up to `most`."""

    people: Sequence
    days: int
    most: int
    known: dict[tuple, int] = field(default_factory=dict)
    """(person, day) → points: their own figures."""
    rows: list[tuple[frozenset, tuple[int, ...], tuple[tuple, ...]]] = field(default_factory=list)
    """People on a board, the days it adds up, and the values of its rows without names, each from least to largest."""
    sums: list[tuple[frozenset, tuple[int, ...], int, int]] = field(default_factory=list)
    """People, days, and the least and the largest total that fits what was read (a rounded mean leaves a span)."""

    def knows(self, person, points: Mapping[int, int]) -> None:
        self.known |= {(person, day): value for day, value in points.items()}

    def reads_rows(self, people: Iterable, days: Iterable[int], values: Iterable[Read]) -> None:
        """Rows of a board, in any number up to that of its people."""
        read = (frozenset(people), tuple(days), tuple(sorted(map(_span, values))))
        if read not in self.rows:
            self.rows.append(read)

    def reads_sum(self, people: Iterable, days: Iterable[int], least: int, largest: int | None = None) -> None:
        self.sums.append((frozenset(people), tuple(days), least, least if largest is None else largest))

    def reads(self, people: Iterable, days: Iterable[int], value: Read) -> None:
        self.reads_sum(people, days, *_span(value))

    _found: list[dict] = field(default_factory=list)
    _seats: set[tuple] = field(default_factory=set)
    """(row of `rows`, value, person) of every explanation found."""

    # Answers -------------------------------------------------------------------------------------------------------

    def tied_to(self, row: int, value: tuple, *, enough: int) -> int:
        """How many people the rows with a value on one of the boards read may belong to; counts up to `enough`."""
        found = {who for who in self.rows[row][0] if (row, value, who) in self._explained()}
        for who in self.rows[row][0] - found:
            if len(found) >= enough:
                break
            if self._explain(lambda model, points, behind, who=who: self._stands(model, behind, row, value, who)):
                found.add(who)
        return len(found)

    def is_told(self, people: Iterable, days: Iterable[int], *, within: int = 0) -> bool:
        """Whether the sum of these people's days has only one value, or only values that differ by so much at most."""
        place = (tuple(people), tuple(days))
        values = {sum(each[who, day] for who in place[0] for day in place[1]) for each in self._explanations()}
        if max(values) - min(values) > within:
            return False
        ends = (max(values) - within - 1, min(values) + within + 1)
        return not any(
            self._explain(partial(self._beyond, place, end, sign)) for end, sign in zip(ends, (-1, 1), strict=True)
        )

    def _beyond(self, place, end: int, sign: int, model, points, behind) -> None:
        """The sum is at an end or beyond it: above (1) or below (-1)."""
        total = sum(points[who, day] for who in place[0] for day in place[1])
        model.add(total >= end if sign > 0 else total <= end)

    def strangers(self) -> list:
        """Whose figures none of the attackers knows."""
        return [who for who in self.people if (who, 0) not in self.known]

    def rows_of_others(self) -> list[tuple[int, tuple]]:
        """(row of `rows`, value) of rows that are somebody else's: of no value that an attacker has."""
        people = {who for who, _ in self.known}
        return [
            (at, value)
            for at, (_, days, values) in enumerate(self.rows)
            for value in sorted(set(values))
            if not any(self._may_be(who, days, value) for who in people)
        ]

    def _may_be(self, attacker, days, value: tuple) -> bool:
        return value[0] <= sum(self.known[attacker, day] for day in days) <= value[1]

    def told(self) -> set[tuple]:
        """(person, days) of every day and every whole span that has one value only, one's own aside."""
        spans = [(day,) for day in range(self.days)] + [tuple(range(self.days))]
        return {
            (person, span)
            for person in self.people
            for span in spans
            if any((person, day) not in self.known for day in span) and self.is_told([person], span)
        }

    # Explanations ---------------------------------------------------------------------------------------------------

    def _explanations(self) -> list[dict]:
        """Points of everybody that explain what was read: all that were found so far, at least one."""
        if not self._found:
            assert self._explain(lambda *_: None), "what was read contradicts itself"
        return self._found

    def _explained(self) -> set[tuple]:
        self._explanations()
        return self._seats

    def _explain(self, also) -> bool:
        """Looks for an explanation under one more condition, and keeps it: each tells of every row and every sum."""
        model, points, behind = self._model()
        also(model, points, behind)
        solver = _solve(model)
        if solver is None:
            return False
        self._found.append({place: solver.value(each) for place, each in points.items()})
        self._seats |= {
            (row, self.rows[row][2][at], who)
            for row, seats in enumerate(behind)
            for (who, at), each in seats.items()
            if solver.value(each)
        }
        return True

    def _stands(self, model, behind, row: int, value: tuple, who) -> None:
        model.add_bool_or([behind[row][who, at] for at, each in enumerate(self.rows[row][2]) if each == value])

    def _model(self):
        model = cp_model.CpModel()
        points = self._unknowns(model)
        for place, value in self.known.items():
            model.add(points[place] == value)
        for people, days, least, largest in dict.fromkeys(self.sums):
            for each in self._fits(points, people, days, (least, largest)):
                model.add(each)
        return model, points, [self._behind(model, points, *each) for each in self.rows]

    def _unknowns(self, model) -> dict:
        return {
            (who, day): model.new_int_var(0, self.most, f"p{number}.{day}")
            for number, who in enumerate(self.people)
            for day in range(self.days)
        }

    def _fits(self, points, people, days, value: tuple) -> list:
        """That the days of people add up to what was read."""
        total = sum(points[who, day] for who in people for day in days)
        return [total >= value[0], total <= value[1]]

    def _whole(self, points, people, days, values) -> list:
        """What follows from the rows of everybody together, and spares the solver most of its search."""
        return self._fits(points, people, days, (sum(each[0] for each in values), sum(each[1] for each in values)))

    def _behind(self, model, points, people, days, values):
        """Who stands behind which row: each row is one person's, each person has at most one row."""
        behind = {(who, at): model.new_bool_var("") for who in people for at in range(len(values))}
        for at, value in enumerate(values):
            model.add_exactly_one(behind[who, at] for who in people)
            for who in people:
                for each in self._fits(points, [who], days, value):
                    model.add(each).only_enforce_if(behind[who, at])
        if len(values) == len(people):
            for each in self._whole(points, people, days, values):
                model.add(each)
        for who in people:
            model.add_at_most_one(behind[who, at] for at in range(len(values)))
        return behind


@dataclass
class Means(Knowledge):
    """The same where rows and sums are means: `scale` times points over counts, of which both are unknown. `most` are
    the points for each that is counted, `counts` (person, day) → the least and the largest count, both 0 for whoever
    has no data. What is read are fractions.
    """

    counts: Mapping[tuple, tuple[int, int]] = field(default_factory=dict)
    scale: int = 1

    def told(self) -> set[tuple]:
        asked = [(day,) for day in range(self.days)] + [tuple(range(self.days))]
        return {
            (person, days)
            for person in self.people
            for days in asked
            if (person, days[0]) not in self.known and any(self.counts[person, day][1] for day in days)
            if self.is_told([person], days)
        }

    def is_told(self, people: Iterable, days: Iterable[int]) -> bool:
        """Whether the mean of these people's days, rounded half up, has only one value."""
        place = (tuple(people), tuple(days))
        values = {_half_up(self._mean(each, *place)) for each in self._explanations()}
        if len(values) > 1:
            return False
        (only,) = values
        return not any(self._explain(partial(self._differs, place, only, sign)) for sign in (1, -1))

    def _differs(self, place, value: int, sign: int, model, points, behind) -> None:
        """The mean is rounded to more (1) or to less (-1) than a value."""
        total, count = self._sums(points, *place)
        model.add(2 * total >= (2 * value + 1) * count if sign > 0 else 2 * total < (2 * value - 1) * count)

    def _may_be(self, attacker, days, value: tuple) -> bool:
        known = self.known | {(*place, COUNT): number for place, (number, _) in self.counts.items()}
        return value[0] <= self._mean(known, [attacker], days) <= value[1]

    def _mean(self, points, people, days) -> Fraction:
        return Fraction(*self._sums(points, people, days))

    def _sums(self, points, people, days) -> tuple:
        places = [(who, day) for who in people for day in days]
        return self.scale * sum(points[place] for place in places), sum(points[*place, COUNT] for place in places)

    def _unknowns(self, model) -> dict:
        found = {}
        for place, (least, largest) in self.counts.items():
            found[*place, COUNT] = model.new_int_var(least, largest, "")
            found[place] = model.new_int_var(0, self.most * largest, "")
            model.add(found[place] <= self.most * found[*place, COUNT])
        return found

    def _fits(self, points, people, days, value: tuple) -> list:
        total, count = self._sums(points, people, days)
        least, largest = map(Fraction, value)
        return [
            count >= 1,
            total * least.denominator >= count * least.numerator,
            total * largest.denominator <= count * largest.numerator,
        ]

    def _whole(self, points, people, days, values) -> list:
        return []


COUNT = "count"


def _half_up(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))


def _span(read: Read) -> tuple:
    return read if isinstance(read, tuple) else (read, read)


def _solve(model) -> cp_model.CpSolver | None:
    """A solver with an answer, None where there is none. Without certainty by then it raises: silence is no proof."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = LIMIT
    status = solver.solve(model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return solver
    assert status == cp_model.INFEASIBLE, solver.status_name(status)
    return None
