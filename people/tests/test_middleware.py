import datetime as dt

import pytest
from django.core.cache import cache
from django.test import RequestFactory
from django.utils import timezone

from people.middleware import viewer_zone
from people.tests.factories import make_division, make_person

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2024, 9, 1, 12, tzinfo=dt.UTC)


def shown_to(user) -> str:
    request = RequestFactory().get("/")
    request.user = user
    return viewer_zone(lambda _: timezone.localtime(NOON).isoformat())(request)


def test_times_are_shown_in_the_zone_of_the_reader(django_assert_num_queries):
    cache.clear()
    reader = make_person("Ana", division=make_division("Bogotá", time_zone="America/Bogota"))
    assert shown_to(reader) == "2024-09-01T07:00:00-05:00"
    with django_assert_num_queries(0):
        assert shown_to(reader) == "2024-09-01T07:00:00-05:00"
    assert timezone.get_current_timezone_name() == "UTC"
