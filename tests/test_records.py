"""Append-only rows and dated rows."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from foundation.records.appendonly import AppendOnly
from metrics.tests.factories import AT, make_agent
from people.models import Division, DivisionAssignment, Queue, QueueMembership
from scorecards.models import Reopening

pytestmark = pytest.mark.django_db
DAY = dt.date(2024, 9, 1)
NEXT = dt.date(2024, 9, 2)


@pytest.fixture
def row():
    division = Division.objects.create(name="Here")
    return Reopening.objects.create(division=division, from_on=DAY, to_on=DAY, reason="audit", at=AT)


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.save(),
        lambda row: row.delete(),
        lambda row: Reopening.objects.update(reason="other"),
        lambda row: Reopening.objects.all().delete(),
        lambda row: Reopening.objects.bulk_update([row], ["reason"]),
        lambda row: Reopening.objects.update_or_create(pk=row.pk, defaults={"reason": "other"}),
    ],
    ids=["save", "delete", "update", "delete all", "bulk_update", "update_or_create"],
)
def test_append_only_row_refuses_every_change(row, change):
    with pytest.raises(AppendOnly):
        change(row)
    assert Reopening.objects.get().reason == "audit"


def test_setting_in_force_is_the_newest_not_after_the_day():
    person, divisions = make_agent(), [Division.objects.create(name=name) for name in "AB"]
    for division, day in zip(divisions, (DAY, NEXT), strict=True):
        DivisionAssignment.objects.create(person=person, division=division, from_on=day)
    in_force = [
        getattr(person.division_assignments.by(day).first(), "division", None)
        for day in (dt.date(2024, 8, 31), DAY, NEXT, dt.date(2030, 1, 1))
    ]
    assert in_force == [None, divisions[0], divisions[1], divisions[1]]


def test_setting_starts_once_a_day():
    person, division = make_agent(), Division.objects.create(name="A")
    DivisionAssignment.objects.create(person=person, division=division, from_on=DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        DivisionAssignment.objects.create(person=person, division=division, from_on=DAY)


def test_membership_holds_from_its_first_day_to_before_its_last():
    queue = Queue.objects.create(name="Gold")
    QueueMembership.objects.create(queue=queue, person=make_agent(), from_on=DAY, until_on=NEXT)
    days = (dt.date(2024, 8, 31), DAY, NEXT)
    assert [QueueMembership.objects.on(day).count() for day in days] == [0, 1, 0]


def test_membership_ends_after_it_starts():
    queue = Queue.objects.create(name="Gold")
    with pytest.raises(IntegrityError), transaction.atomic():
        QueueMembership.objects.create(queue=queue, person=make_agent(), from_on=DAY, until_on=DAY)
