"""What apps above say beneath a metric's value: each adds its source in `AppConfig.ready`."""

from collections.abc import Callable

from foundation.periods import Period
from people.models import User

Source = Callable[..., list[str]]
sources: dict[str, Source] = {}
"""By the key of the metric: `source(person, period=…, is_own=…)` gives sentences in the reader's language."""


def notes_on(key: str, person: User, *, period: Period, is_own: bool) -> tuple[str, ...]:
    """The sentences beneath a metric of a person's scorecard; mostly none."""
    source = sources.get(key)
    return tuple(source(person, period=period, is_own=is_own)) if source else ()
