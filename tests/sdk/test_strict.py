"""The walker finds what the SDK swallows."""

import pytest

from .strict import mistakes, nulls

pytestmark = pytest.mark.sdk
GOOD = {"id": "1", "unit": "Percent", "precision": 0, "enabled": True, "dateLastRefreshed": "2026-03-04T05:06:07Z"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, []),
        ({"colour": "red"}, ["$.colour: ExternalMetricDefinition has no such key"]),
        ({"unit": None}, ["$.unit: null"]),
        ({"unit": "Apples"}, ["$.unit: 'Apples' is none of ['Currency', 'Number', 'Percent', 'Seconds']"]),
        ({"precision": 1.0}, ["$.precision: 1.0 is no int"]),
        ({"precision": True}, ["$.precision: True is no int"]),
        ({"id": 1}, ["$.id: 1 is no str"]),
        ({"enabled": "yes"}, ["$.enabled: 'yes' is no bool"]),
        ({"dateLastRefreshed": "2026-03-04"}, ["$.dateLastRefreshed: '2026-03-04' is no datetime"]),
    ],
)
def test_walker_finds_what_is_wrong(sdk, change, said):
    assert mistakes(sdk, GOOD | change, "ExternalMetricDefinition") == said


def test_walker_goes_into_lists_and_models(sdk):
    told = {"entities": [GOOD, GOOD | {"precision": "2"}], "total": 2}
    assert mistakes(sdk, told, "ExternalMetricDefinitionListing") == ["$.entities[1].precision: '2' is no int"]


def test_walker_reads_dates_and_decimals(sdk):
    good = {"dateWorkday": "2026-03-04", "value": 1}
    assert mistakes(sdk, good, "WorkdayValuesTrendItem") == []
    assert mistakes(sdk, good | {"dateWorkday": "2026-03-04T00:00:00Z"}, "WorkdayValuesTrendItem") != []
    assert mistakes(sdk, good | {"value": "1.5"}, "WorkdayValuesTrendItem") == ["$.value: '1.5' is no float"]


def test_nulls_are_found_wherever_they_stand():
    assert nulls({"a": [1, {"b": None}], "c": "", "d": 0}) == ["$.a[1].b"]
