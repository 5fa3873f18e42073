"""Scored days follow what their agent belonged to: a changed division, team or queue of past days scores them anew."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from interactions.actions import touch_rows
from interactions.enums import TouchReason
from people.changes import Change
from people.enums import Belonging

from ..models import ScoreDay

REASONS = {
    Belonging.DIVISION: TouchReason.DIVISION,
    Belonging.TEAM: TouchReason.TEAM,
    Belonging.QUEUE: TouchReason.QUEUE,
}


@transaction.atomic
def touch_changed_belongings(changes: Iterable[Change], at: dt.datetime) -> int:
    """Touches every day with data that a change covers; a listener of `people.changes`. How many touches."""
    return sum(
        touch_rows(_days_within(change), reason=REASONS[change.belonging], at=at) for change in dict.fromkeys(changes)
    )


def _days_within(change: Change):
    days = ScoreDay.objects.filter(agent_id=change.person_id, workday__gte=change.from_on)
    return days.filter(workday__lt=change.until_on) if change.until_on else days
