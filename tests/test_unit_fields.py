"""Exact decimals as whole numbers of a small unit."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Sum

from foundation.records.fields import UnitField
from metrics.models import DayValue
from metrics.tests.factories import DAY, make_agent, metric

FIELD = UnitField(places=3)


@pytest.mark.parametrize(
    ("value", "units"),
    [("1.5", 1500), ("0.0005", 1), ("-0.0005", -1), ("0.00049", 0), (2, 2000), (None, None), ("", None)],
)
def test_units_are_rounded_half_up(value, units):
    assert FIELD.to_units(value) == units


@pytest.mark.parametrize("value", ["soon", "NaN", "Infinity", "1e30"])
def test_what_is_no_number_or_too_large_is_refused(value):
    with pytest.raises(ValidationError):
        FIELD.to_units(value)


@pytest.mark.django_db
def test_sums_are_exact_where_floats_are_not():
    agent = make_agent()
    for key in ("satisfaction", "charges", "average_talk"):
        DayValue.objects.create(agent=agent, workday=DAY, metric=metric(key), total=Decimal("0.1"), count=1)
    assert DayValue.objects.aggregate(all=Sum("total"))["all"] == Decimal("0.3")
    assert DayValue.objects.filter(total=Decimal("0.1")).count() == 3
