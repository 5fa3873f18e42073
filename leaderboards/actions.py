"""Boards are published: each morning, the standings of every period that is not frozen yet."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.db import transaction

from foundation.jobs.actions import claim
from foundation.periods import Period
from people.models import Division
from people.queries import out_of_boards_on
from scorecards.models import Profile

from .models import Publication, PublishedSums
from .queries import BoardPlace, all_measured_by_agent, places_of_people_on, points_by_agent
from .rules import rounds

JOB = "publish_boards"
BATCH = 2000


def publish_boards(*, at: dt.datetime) -> int:
    """Publishes what is due in every division, once a morning. How many standings were taken."""
    people_on = cache(places_of_people_on)
    return sum(_publish_division(division, people_on, at=at) for division in Division.objects.order_by("pk"))


@transaction.atomic
def _publish_division(division: Division, people_on, *, at: dt.datetime) -> int:
    claim(JOB)
    day = rounds.as_of(at.astimezone(division.zone))
    morning = dt.datetime.combine(day, rounds.HOUR, division.zone)
    if Publication.objects.filter(division=division, made_at__gte=morning).exists():
        return 0
    profiles = Profile.objects.in_bulk()
    frozen = set(Publication.objects.filter(division=division, is_frozen=True).values_list("profile_id", "period"))
    done = 0
    for period in rounds.periods_before(day):
        members = _by_profile(people_on(rounds.round_start(period)), division)
        there = _by_profile(people_on(period.start), division)
        stayed = _by_profile(people_on(rounds.last_day(period, before=day)), division)
        for profile, people in members.items():
            if (profile, period.key) in frozen:
                continue
            began = people & there[profile]
            shown = rounds.publishable(began, stayed[profile], minimum=settings.LAUREL_MINIMUM_GROUP)
            if shown is None and (began - stayed[profile]) & out_of_boards_on(day):
                Publication.objects.filter(profile=profile, division=division, period=period.key).delete()
            elif shown is not None:
                done += publish(profiles[profile], division, period, people=shown, before=day, at=at)
    return done


def _by_profile(people: Mapping[int, tuple[int, int]], division: Division) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for person, (profile, place) in people.items():
        if profile and place == division.pk:
            found[profile].add(person)
    return found


@transaction.atomic
def publish(
    profile: Profile, division: Division, period: Period, *, people: frozenset[int], before: dt.date, at: dt.datetime
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
            "is_frozen": rounds.is_frozen(period, on=before),
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
