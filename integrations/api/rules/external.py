"""How the field names what Laurel calls otherwise, in both directions. Total, and a test says so."""

from metrics.enums import Better, ReadingKind, Unit
from scorecards.enums import ObjectiveKind

UNITS = {
    "Seconds": Unit.SECONDS,
    "Percent": Unit.PERCENT,
    "Number": Unit.NUMBER,
    "Currency": Unit.CURRENCY,
}
OBJECTIVE_TYPES = {
    "HigherIsBetter": ObjectiveKind.HIGHER,
    "LowerIsBetter": ObjectiveKind.LOWER,
    "TargetArea": ObjectiveKind.AREA,
}
READING_KINDS = {"Total": ReadingKind.TOTAL, "Cumulative": ReadingKind.CUMULATIVE}


def named(names: dict, value) -> str:
    """The field's word for one of ours."""
    return next(word for word, ours in names.items() if ours == value)


def better_of(kind: ObjectiveKind) -> Better:
    """Which way a value is better; a target area has no way, and is drawn as if higher were."""
    return Better.LOWER if kind == ObjectiveKind.LOWER else Better.HIGHER
