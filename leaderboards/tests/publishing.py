"""Standings for tests: taken from the figures as they are now, whatever the time of day."""

import datetime as dt

from foundation.periods import DAY, Period
from leaderboards.actions import publish
from leaderboards.models import Publication
from leaderboards.queries import places_of_people_on
from people.models import Division
from scorecards.models import Profile, ScoreDay


def publish_now(*periods: Period, at: dt.datetime | None = None) -> None:
    """Publishes every board for these periods, with everyone who stands on it on the last of the days."""
    at = at or dt.datetime.combine(max(period.end for period in periods), dt.time(5), dt.UTC)
    profiles, divisions = Profile.objects.in_bulk(), Division.objects.in_bulk()
    for period in periods:
        people = places_of_people_on(period.last)
        for profile, division in set(ScoreDay.objects.order_by().values_list("profile", "division").distinct()):
            shown = frozenset(person for person, place in people.items() if place == (profile, division))
            if profile:
                publish(profiles[profile], divisions[division], period, people=shown, before=period.end + DAY, at=at)


def published_people(period: Period) -> list[int]:
    return sorted(Publication.objects.get(period=period.key).rows.values_list("person", flat=True))
