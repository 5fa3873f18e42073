"""Badges are set up, looked at once workdays are final, and earned, once each."""

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse

from foundation.jobs.actions import claim
from foundation.periods import DAY, Period, workday_of
from inbox.actions import Notice, notify_many
from inbox.enums import Kind
from people.models import Division, User

from ..badge_queries import badges_at_hand, is_over, newly_reached, ready_at, reset_in, watched
from ..models import Badge, BadgeAward, BadgeLevel, BadgeTouch, DivisionDay
from ..rules.scoring import BOUND_UNITS

JOB = "award_badges"
NEWS = 14 * DAY
SLICE = 1
"""Workdays of divisions that one transaction looks at. On SQLite nobody else writes meanwhile."""


class LevelEarned(Exception):
    """Raised when a level that somebody has would change or go."""


@transaction.atomic
def publish_badge(*, badge: Badge, thresholds: Sequence[Decimal], at: dt.datetime) -> None:
    """Gives a saved badge its levels, the easiest first, and has the final workdays that count looked at.

    A level that somebody has stays as it is; LevelEarned otherwise. It holds the job, so that no workday that closes
    meanwhile is looked at without this badge and not found here either.
    """
    claim(JOB)
    held = {level.number: level for level in badge.levels.all()}
    earned = set(BadgeLevel.objects.filter(badge=badge, awards__isnull=False).values_list("number", flat=True))
    wanted = dict(enumerate(thresholds, start=1))
    changed = [number for number in held if wanted.get(number) != held[number].threshold]
    if earned & set(changed):
        raise LevelEarned
    for number in changed:
        held.pop(number).delete()
    for number, threshold in wanted.items():
        if number not in held:  # row by row, so that the log of changes has them
            BadgeLevel.objects.create(badge=badge, number=number, threshold=threshold)
    if badge.is_active:
        touch_for_badge(badge, at=at)


def touch_for_badge(badge: Badge, *, at: dt.datetime) -> None:
    """Has every final workday that may count looked at for one badge; of those taken together the last one."""
    days = DivisionDay.objects.filter(workday__gte=badge.starts_on or dt.date.min)
    divisions = list(badge.divisions.values_list("pk", flat=True))
    if divisions:
        days = days.filter(division__in=divisions)
    rule, last = badge.rule, {}
    for division, day in days.order_by("workday", "division_id").values_list("division_id", "workday"):
        last[division, rule.span_of(day).start if rule.takes_days_together else day] = day
    BadgeTouch.objects.bulk_create(
        (BadgeTouch(division_id=key[0], workday=day, badge=badge, ready_at=at) for key, day in last.items()),
        batch_size=1000,
    )


def touch_workdays(pairs: Iterable[tuple[int, dt.date]], *, at: dt.datetime) -> None:
    """Has workdays, as (division id, workday), looked at for every badge: they became final, or changed since."""
    BadgeTouch.objects.bulk_create(
        BadgeTouch(division_id=division, workday=day, ready_at=at) for division, day in pairs
    )


# Earning -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Awarded:
    """What a look for badges did: workdays of divisions looked at, levels earned."""

    workdays: int = 0
    levels: int = 0

    def __add__(self, other: "Awarded") -> "Awarded":
        return Awarded(self.workdays + other.workdays, self.levels + other.levels)


def award_badges(*, at: dt.datetime, limit: int | None = None) -> Awarded:
    """Looks at the workdays that wait, slice by slice, until none is ready or `limit` were taken.

    Safe twice, at once and late: a slice takes its touches away and writes what was earned in one transaction.
    """
    done = Awarded()
    while limit is None or done.workdays < limit:
        took = _slice(at=at)
        done += took
        if took.workdays < SLICE:
            break
    return done


@transaction.atomic
def _slice(*, at: dt.datetime) -> Awarded:
    """Takes touches, then reads the facts; without any badge takes all. Nothing where another worker is at it."""
    if not claim(JOB, wait=False):
        return Awarded()
    ready = BadgeTouch.objects.filter(ready_at__lte=at)
    badges = [badge for badge in badges_at_hand().filter(is_active=True) if badge.levels.all()]
    if not badges:
        return Awarded(ready.filter(badge=None).delete()[0])
    touches = list(ready.order_by("ready_at", "workday", "pk")[:SLICE])
    BadgeTouch.objects.filter(pk__in=[touch.pk for touch in touches]).delete()
    divisions = Division.objects.in_bulk([touch.division_id for touch in touches])
    asked = _questions(touches, badges, divisions, at=at)
    return Awarded(len(touches), sum(_award(one, at=at) for one in asked))


class Question(NamedTuple):
    """Who newly reached a level of a badge, of those with data in the division on the day; with `is_whole`, in the span
    of days that it belongs to.
    """

    badge: Badge
    division: Division
    day: dt.date
    is_whole: bool


def _questions(touches, badges, divisions, *, at) -> set[Question]:
    """What the touches ask, each once. A metric's week or month that is not over is asked again when it is."""
    asked = set()
    for touch, badge in itertools.product(touches, badges):
        if not _concerns(touch, badge):
            continue
        rule, division = badge.rule, divisions[touch.division_id]
        period = rule.span_of(touch.workday)
        if rule.waits_for_the_end and not is_over(period, division, at=at):
            _touch_again(touch, division, period)
        elif rule.waits_for_the_end or (touch.badge_id and rule.takes_days_together):
            asked.add(Question(badge, division, period.start, True))
        else:
            asked.add(Question(badge, division, touch.workday, False))
    return asked


def _concerns(touch: BadgeTouch, badge: Badge) -> bool:
    if touch.badge_id not in (None, badge.pk):
        return False
    return not touch.period or (badge.rule.waits_for_the_end and badge.period == touch.period)


def _touch_again(touch: BadgeTouch, division: Division, period: Period) -> None:
    """A touch for the end of a period, unless one waits. Only the worker that holds the job makes and takes them."""
    BadgeTouch.objects.get_or_create(
        division=division,
        workday=period.start,
        badge_id=touch.badge_id,
        period=period.kind,
        defaults={"ready_at": ready_at(period, division)},
    )


def _award(asked: Question, *, at: dt.datetime) -> int:
    badge, division, day, is_whole = asked
    one = watched(badge, reset_on=reset_in(division.pk, on=workday_of(at, division.zone)))
    levels = {level.number: level for level in badge.levels.all()}
    found = newly_reached(one, division, day, at=at, whole=is_whole)
    awards = [
        BadgeAward(level=levels[each.level], person_id=person, reached_on=each.on, value=_natural(each.value), at=at)
        for person, rows in found.items()
        for each in rows
    ]
    BadgeAward.objects.bulk_create(awards, batch_size=1000)
    _tell(badge, found, levels, at=at)
    return len(awards)


def _tell(badge: Badge, found: Mapping[int, Sequence], levels: Mapping[int, BadgeLevel], *, at: dt.datetime) -> None:
    """Tells each person of the highest level that they have reached lately: history that came today is no news."""
    newest = {person: max(rows, key=lambda each: each.level) for person, rows in found.items() if rows}
    newest = {person: each for person, each in newest.items() if each.on >= at.date() - NEWS}
    public_ids = dict(User.objects.filter(pk__in=newest).values_list("pk", "public_id"))
    notices = [
        Notice(
            person,
            key=f"badge:{levels[each.level].pk}",
            params={"badge": badge.name, "level": each.level if len(levels) > 1 else None},
            url=reverse("scorecards:badges", args=[public_ids[person]]),
        )
        for person, each in newest.items()
    ]
    notify_many(notices, Kind.BADGE_EARNED, at=at)


def _natural(value: Fraction) -> Decimal:
    """Rounded half up to the units that are kept."""
    return Decimal(int(value * BOUND_UNITS + Fraction(1, 2))).scaleb(-5)
