"""What follows from what was read: unknowns are the points of each person on each day, readings are constraints, and a
solver (CP-SAT, exact on whole numbers) tells which of them have one value only, and who may stand behind a row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ortools.sat.python import cp_model

LIMIT_SECONDS = 20


@dataclass
class Knowledge:
    """All that attackers know together. `people` are named by any key; `days` are numbers; points go up to `most`."""

    people: Sequence
    days: int
    most: int
    known: dict[tuple, int] = field(default_factory=dict)
    """(person, day) → points: their own figures."""
    rows: list[tuple[frozenset, tuple[int, ...], tuple[int, ...]]] = field(default_factory=list)
    """People on a board, the days it adds up, and the values of its rows without names."""
    sums: list[tuple[frozenset, tuple[int, ...], int, int]] = field(default_factory=list)
    """People, days, and the least and the largest total that fits what was read (a rounded mean leaves a span)."""

    def knows(self, person, points: Mapping[int, int]) -> None:
        self.known |= {(person, day): value for day, value in points.items()}

    def reads_rows(self, people: Iterable, days: Iterable[int], values: Iterable[int]) -> None:
        """Rows of a board, in any number up to that of its people."""
        read = (frozenset(people), tuple(days), tuple(sorted(values)))
        if read not in self.rows:
            self.rows.append(read)

    def reads_sum(self, people: Iterable, days: Iterable[int], least: int, largest: int | None = None) -> None:
        self.sums.append((frozenset(people), tuple(days), least, least if largest is None else largest))

    _found: list[dict] = field(default_factory=list)
    _seats: set[tuple] = field(default_factory=set)
    """(row of `rows`, value, person) of every explanation found."""

    # Answers -------------------------------------------------------------------------------------------------------

    def tied_to(self, row: int, value: int, *, enough: int) -> int:
        """How many people the rows with a value on one of the boards read may belong to; counts up to `enough`."""
        found = {who for who in self.rows[row][0] if (row, value, who) in self._explained()}
        for who in self.rows[row][0] - found:
            if len(found) >= enough:
                break
            if self._explain(lambda model, points, behind, who=who: self._stands(model, behind, row, value, who)):
                found.add(who)
        return len(found)

    def is_told(self, people: Iterable, days: Iterable[int]) -> bool:
        """Whether the sum of these people's days has only one value."""
        place = (tuple(people), tuple(days))
        values = {sum(each[who, day] for who in place[0] for day in place[1]) for each in self._explanations()}
        if len(values) > 1:
            return False
        (only,) = values
        return not self._explain(
            lambda model, points, behind: model.add(
                sum(points[who, day] for who in place[0] for day in place[1]) != only
            )
        )

    def rows_of_others(self) -> list[tuple[int, int]]:
        """(row of `rows`, value) of rows that are somebody else's: of no value that an attacker has."""
        people = {who for who, _ in self.known}
        return [
            (at, value)
            for at, (_, days, values) in enumerate(self.rows)
            for value in sorted(set(values) - {sum(self.known[who, day] for day in days) for who in people})
        ]

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

    def _stands(self, model, behind, row: int, value: int, who) -> None:
        model.add_bool_or([behind[row][who, at] for at, each in enumerate(self.rows[row][2]) if each == value])

    def _model(self):
        model = cp_model.CpModel()
        points = {
            (who, day): model.new_int_var(0, self.most, f"p{number}.{day}")
            for number, who in enumerate(self.people)
            for day in range(self.days)
        }
        for place, value in self.known.items():
            model.add(points[place] == value)
        for people, days, least, largest in dict.fromkeys(self.sums):
            total = sum(points[who, day] for who in people for day in days)
            model.add(total >= least)
            model.add(total <= largest)
        return model, points, [self._behind(model, points, *each) for each in self.rows]

    def _behind(self, model, points, people, days, values):
        """Who stands behind which row: each row is one person's, each person has at most one row."""
        behind = {(who, at): model.new_bool_var("") for who in people for at in range(len(values))}
        for at, value in enumerate(values):
            model.add_exactly_one(behind[who, at] for who in people)
            for who in people:
                model.add(sum(points[who, day] for day in days) == value).only_enforce_if(behind[who, at])
        if len(values) == len(people):  # follows from the rest, and spares the solver most of its search
            model.add(sum(points[who, day] for who in people for day in days) == sum(values))
        for who in people:
            model.add_at_most_one(behind[who, at] for at in range(len(values)))
        return behind


def _solve(model) -> cp_model.CpSolver | None:
    """A solver with an answer, None where there is none. Without certainty in time it raises: silence is no proof."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = LIMIT_SECONDS
    status = solver.solve(model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return solver
    assert status == cp_model.INFEASIBLE, solver.status_name(status)
    return None
