import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from people import queries
from people.models import Division, DivisionAssignment
from people.tests.factories import make_division, make_person

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 22)


def test_division_of_takes_the_newest_assignment_not_after_the_day():
    first, second = make_division(), make_division()
    person = make_person(division=first)
    DivisionAssignment.objects.create(person=person, division=second, from_on=TODAY)
    assert queries.division_of(person, on=TODAY - dt.timedelta(days=1)) == first
    assert queries.division_of(person, on=TODAY) == second


def test_division_of_person_without_one_is_the_default(settings):
    settings.LAUREL_DEFAULT_DIVISION = "Centre"
    assert queries.division_of(make_person(), on=TODAY) == Division.objects.get(name="Centre")
    assert queries.default_division() == Division.objects.get(name="Centre")


def test_zone_and_today_follow_the_division():
    person = make_person(division=make_division(time_zone="Pacific/Auckland"))
    assert queries.zone_of(person, on=TODAY) == ZoneInfo("Pacific/Auckland")
    assert queries.today_of(person, at=dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)) == dt.date(2026, 11, 23)
