"""A guard pays an objective only while another metric meets its condition."""

from dataclasses import dataclass

from ..enums import GuardOperator
from .scoring import Measured


@dataclass(frozen=True)
class Guarded:
    """Whether an objective is paused, and because of which value: None when the guard has no data."""

    paused: bool
    because: Measured | None
    operator: GuardOperator
    bound: int


def guard_of(measured: Measured | None, operator: GuardOperator | str, bound: int) -> Guarded:
    """`bound` in 1e-5 of the guard metric's unit. Without data an objective is not paused."""
    operator = GuardOperator(operator)
    if measured is None:
        return Guarded(False, None, operator, bound)
    value = measured.in_bound_units
    met = value >= bound if operator is GuardOperator.AT_LEAST else value <= bound
    return Guarded(not met, measured, operator, bound)
