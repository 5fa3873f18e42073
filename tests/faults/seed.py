"""Facts for an installation: one division, a few agents, one call each a day. The same at each call."""

import datetime as dt

from django.db import transaction

from interactions.actions import touch
from interactions.enums import TouchReason
from interactions.models import Leg
from people.models import Division, DivisionAssignment, User

LAST_DAY = dt.date(2026, 3, 1)
AT = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
"""When every seeded workday is over."""


@transaction.atomic
def seed(*, agents: int, days: int) -> None:
    division = Division.objects.create(name="Seeded", time_zone="UTC")
    for number in range(agents):
        person = User(name=f"Agent {number}", external_id=f"agent-{number}")
        person.set_unusable_password()
        person.save()
        DivisionAssignment.objects.create(person=person, division=division)
        workdays = [LAST_DAY - dt.timedelta(days=back) for back in range(days)]
        Leg.objects.bulk_create(call_of(person, day) for day in workdays)
        touch([(person.pk, day) for day in workdays], reason=TouchReason.INTERACTION, at=AT)


def call_of(person: User, day: dt.date) -> Leg:
    return Leg(
        source="seed",
        external_id=f"{person.external_id} {day}",
        agent=person,
        workday=day,
        started_at=dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC),
        talk_seconds=120 + day.day,
        wait_seconds=day.day,
        answered=True,
        resolved=day.day % 3 != 0,
    )
