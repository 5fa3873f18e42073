"""The average of a profile's people, from whoever publishes it.

An average shown to a colleague is a publication: of the people who stand on a board, as it was taken, never live.
Boards lie above scorecards, so the app that publishes them adds itself in `AppConfig.ready`.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from foundation.periods import Period


@dataclass(frozen=True)
class Average:
    """Points by person and day. `on` is the workday it is of, where it is not of the period asked for."""

    points: Fraction
    on: dt.date | None = None


Publisher = Callable[[int, int, Period], Average | None]
publishers: list[Publisher] = []


def published_average(profile_id: int, division_id: int, period: Period) -> Average | None:
    """Of a whole period, or of the newest workday up to its end; None where none was published."""
    found = (publisher(profile_id, division_id, period) for publisher in publishers)
    return next((average for average in found if average), None)
