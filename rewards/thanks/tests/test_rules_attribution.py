import datetime as dt
from dataclasses import replace

import pytest

from rewards.thanks.enums import Cap
from rewards.thanks.rules.attribution import Served, capped, first_name, thanked
from rewards.thanks.tests.test_rules_survey import SURVEY

NINE = dt.datetime(2024, 9, 10, 9, tzinfo=dt.UTC)
FIRST = Served(1, 10, NINE, 1)
SECOND = Served(2, 20, NINE + dt.timedelta(minutes=4), 2)
LATER = Served(3, 30, NINE + dt.timedelta(hours=1), 3)
ASKED = NINE + dt.timedelta(minutes=9)


@pytest.mark.parametrize(
    ("legs", "named", "found"),
    [
        ([FIRST, SECOND], None, SECOND),
        ([SECOND, FIRST], 10, SECOND),
        ([FIRST, SECOND, LATER], None, SECOND),
        ([FIRST], 20, 20),
        ([], 20, 20),
        ([], None, None),
        ([LATER], None, None),
    ],
)
def test_thanked_is_who_served_last_before_the_survey(legs, named, found):
    assert thanked(legs, named=named, before=ASKED) == found


@pytest.mark.parametrize(
    ("day_points", "customer_thanks", "why"),
    [(0, 0, None), (60, 0, None), (61, 0, Cap.DAY), (0, 1, Cap.CUSTOMER), (61, 1, Cap.DAY)],
)
def test_capped_says_why(day_points, customer_thanks, why):
    survey = replace(SURVEY, day_points=100, customer_thanks=1)
    assert capped(survey, 40, day_points=day_points, customer_thanks=customer_thanks) == why


def test_capped_without_caps_is_never():
    assert capped(SURVEY, 40, day_points=10**6, customer_thanks=10**6) is None


@pytest.mark.parametrize(("name", "first"), [("Ada Okafor", "Ada"), ("Okafor, Ada", "Ada"), ("Ada", "Ada"), ("", "")])
def test_first_name_is_found_either_way_round(name, first):
    assert first_name(name) == first
