"""Boards are published: each morning, the standings of every period that is not frozen yet."""

import datetime as dt
from functools import cache

from django.conf import settings
from django.db import transaction

from foundation.jobs.actions import claim
from foundation.periods import DAY, Period
from people.models import Division
from people.queries import out_of_boards_on
from scorecards.models import Profile

from .models import Publication, PublishedSums
from .queries import BoardPlace, all_measured_by_agent, closings_of, places_of_people_on, points_by_agent, scored_days
from .rules import rounds

JOB = "publish_boards"
BATCH = 2000


def publish_boards(*, at: dt.datetime) -> int:
    """Publishes what is due in every division, once a morning. How many standings were taken."""
    people_on = cache(places_of_people_on)
    return sum(_publish_division(division, people_on, at=at) for division in Division.objects.order_by("pk"))


@transaction.atomic
def _publish_division(division: Division, people_on, *, at: dt.datetime) -> int:
    """A period is due from the morning on, once all its workdays so far are final, until it is frozen."""
    claim(JOB)
    day = rounds.as_of(at.astimezone(division.zone))
    morning = dt.datetime.combine(day, rounds.HOUR, division.zone)
    periods = rounds.periods_before(day)
    first = min(period.start for period in periods)
    scored, closed_at = scored_days(division, from_on=first, until_on=day), closings_of(division, from_on=first)
    done_with = {
        (made.profile_id, made.period)
        for made in Publication.objects.filter(division=division, starts_on__gte=first)
        if made.is_frozen or made.made_at >= morning
    }
    profiles, off = Profile.objects.in_bulk(), out_of_boards_on(day)
    done = 0
    for period in periods:
        for profile_id in sorted({profile for profile, workday in scored if workday in period}):
            days = [workday for profile, workday in scored if profile == profile_id and workday in period]
            if (profile_id, period.key) in done_with or any(workday not in closed_at for workday in days):
                continue
            began = _people(people_on, rounds.round_start(period), profile_id, division)
            began &= _people(people_on, period.start, profile_id, division)
            stayed = _people(people_on, rounds.last_day(period, before=day), profile_id, division)
            shown = rounds.publishable(began, stayed, minimum=settings.LAUREL_MINIMUM_GROUP)
            if shown is None and (began - stayed) & off:
                Publication.objects.filter(profile=profile_id, division=division, period=period.key).delete()
            elif shown is not None:
                is_frozen = rounds.is_frozen(period, on=day) and all(
                    closed_at[workday] + rounds.LATE_DAYS * DAY <= at for workday in days
                )
                done += publish(
                    profiles[profile_id], division, period, people=shown, before=day, at=at, is_frozen=is_frozen
                )
    return done


def _people(people_on, day: dt.date, profile_id: int, division: Division) -> set[int]:
    return {person for person, place in people_on(day).items() if place == (profile_id, division.pk)}


@transaction.atomic
def publish(
    profile: Profile,
    division: Division,
    period: Period,
    *,
    people: frozenset[int],
    before: dt.date,
    at: dt.datetime,
    is_frozen: bool = False,
) -> int:
    """Takes the standing of a period anew, of these people and the workdays before a day. 1, or 0 where none of them
    has figures.
    """
    days = Period(period.start, min(period.end, before), period.kind)
    place = BoardPlace(profile, division, is_own=False)
    points, measured = points_by_agent(place, days), all_measured_by_agent(place, days)
    rows = sorted(people & points.keys())
    if not rows:
        return 0
    publication, _ = Publication.objects.update_or_create(
        profile=profile,
        division=division,
        period=period.key,
        defaults={
            "starts_on": period.start,
            "ends_on": period.end,
            "made_at": at,
            "is_frozen": is_frozen,
        },
    )
    before = {row.person_id: [row.points, row.maximum, row.measured] for row in publication.rows.all()}
    publication.rows.all().delete()
    PublishedSums.objects.bulk_create(
        [
            PublishedSums(
                publication=publication,
                person_id=person,
                points=points[person].first,
                maximum=points[person].second,
                measured={str(metric): list(sums) for metric, sums in measured.get(person, {}).items()},
                before=before.get(person),
            )
            for person in rows
        ],
        batch_size=BATCH,
    )
    return 1
