"""Reads about people: where someone belongs on a day."""

import datetime as dt
import zoneinfo

from django.conf import settings
from django.core.cache import cache
from django.db.models import BigIntegerField, CharField, Exists, ExpressionWrapper, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from .models import BoardChoice, Division, DivisionAssignment, Team, TeamLead, TeamMembership, User

REMEMBERED_SECONDS = 300


def default_division() -> Division:
    """The division of everyone without another. It is made on first use, in the server's time zone."""
    return Division.objects.get_or_create(
        name=settings.LAUREL_DEFAULT_DIVISION, defaults={"time_zone": settings.TIME_ZONE}
    )[0]


def division_of(person: User, *, on: dt.date) -> Division:
    """The division in force for a person on a day."""
    assignment = person.division_assignments.by(on).select_related("division").first()
    return assignment.division if assignment else default_division()


def zone_of(person: User, *, on: dt.date) -> zoneinfo.ZoneInfo:
    """The time zone of the person's division on a day."""
    return division_of(person, on=on).zone


def zone_of_reader(person: User, *, at: dt.datetime) -> zoneinfo.ZoneInfo:
    """The zone of whoever reads a page, remembered for `REMEMBERED_SECONDS` so that a poll does not ask each time."""
    key = f"zone:{person.pk}"
    name = cache.get(key)
    if name is None:
        name = zone_of(person, on=at.astimezone(dt.UTC).date()).key
        cache.set(key, name, REMEMBERED_SECONDS)
    return zoneinfo.ZoneInfo(name)


def today_of(person: User, *, at: dt.datetime) -> dt.date:
    """The calendar date that it is for a person at a moment, in the zone of their division of that day.

    Someone who moves to another zone at midnight has the date of the division that holds on the date in UTC.
    """
    return at.astimezone(zone_of(person, on=at.astimezone(dt.UTC).date())).date()


def division_id_on(day: dt.date, *, person="pk") -> Coalesce:
    """An expression over people: the id of each one's division on a day. `person` names the outer key."""
    assigned = DivisionAssignment.objects.by(day).filter(person=OuterRef(person)).values("division")[:1]
    default = Division.objects.filter(name=settings.LAUREL_DEFAULT_DIVISION).values("pk")[:1]
    return Coalesce(Subquery(assigned), Subquery(default), output_field=BigIntegerField())


def _lead_above(lead: User, *, path: str, on: dt.date) -> Exists:
    """Whether `lead` leads, on that day, the team of the outer `path` or one above it."""
    below = ExpressionWrapper(OuterRef(path), output_field=CharField())
    led = TeamLead.objects.on(on).filter(person=lead).annotate(below=below)
    return Exists(led.filter(below__startswith=F("team__path")))


def teams_led_by(lead: User, *, on: dt.date) -> QuerySet[Team]:
    """The teams that someone leads on a day, with all below them."""
    return Team.objects.filter(_lead_above(lead, path="path", on=on))


def is_led_by(lead: User, *, on: dt.date) -> Exists:
    """Whether the person of the outer query is, on that day, in a team that `lead` leads, or in one below."""
    memberships = TeamMembership.objects.on(on).filter(person=OuterRef("pk"))
    return Exists(memberships.filter(_lead_above(lead, path="team__path", on=on)))


def out_of_boards_on(day: dt.date) -> set[int]:
    """Ids of the people who stay off leaderboards on a day. One query."""
    rows = BoardChoice.objects.filter(from_on__lte=day).order_by("from_on").values_list("person_id", "is_out")
    return {person for person, is_out in dict(rows).items() if is_out}


def is_out_of_boards(person: User, *, on: dt.date) -> bool:
    choice = person.board_choices.by(on).values_list("is_out", flat=True).first()
    return bool(choice)
