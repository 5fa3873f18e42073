"""Legs by the set: new, changed and unchanged ones in every mixture, on either engine."""

import datetime as dt

import pytest
from django.utils import timezone

from foundation.records.upsert import Upserted
from interactions.actions import LEG_COLUMNS, upsert_legs
from interactions.models import Leg, Touch
from people.models import User

pytestmark = pytest.mark.django_db
DAY = 20_000
WORKDAY = dt.date(1970, 1, 1) + dt.timedelta(days=DAY)


def columns(talks: dict[str, int | None], *, agent: int, day: int = DAY, code: str = "x") -> dict[str, list]:
    size = len(talks)
    given = {
        "source": ["s"] * size,
        "external_id": list(talks),
        "leg_number": [1] * size,
        "agent_id": [agent] * size,
        "workday": [day] * size,
        "started_at": [day * 86_400_000_000 + 1_500_000] * size,
        "media_type": ["voice"] * size,
        "talk_seconds": list(talks.values()),
        "answered": [True] * size,
        "wrap_up": [code] * size,
    }
    return {name: given.get(name, [None] * size) for name in LEG_COLUMNS}


@pytest.fixture
def put_in():
    agent = User.objects.create_user(name="Ada")

    def put(
        talks, *, updated=("talk_seconds", "wrap_up", "workday", "started_at"), dry_run=False, **options
    ) -> Upserted:
        return upsert_legs(
            columns(talks, agent=agent.pk, **options), updated=updated, at=timezone.now(), dry_run=dry_run
        )

    return put


@pytest.mark.parametrize("order", [("a", "b", "c", "d", "e"), ("d", "a", "b", "c", "e"), ("e", "d", "c", "b", "a")])
def test_new_changed_and_unchanged_rows_are_told_apart(put_in, order):
    assert put_in({"a": 1, "b": 2, "c": None}) == Upserted(3, 0, 0)
    again = {"a": 1, "b": 3, "c": None, "d": 4, "e": 5}
    mixed = {name: again[name] for name in order}
    assert put_in(mixed, dry_run=True) == Upserted(2, 1, 2)
    assert put_in(mixed) == Upserted(2, 1, 2)
    assert put_in(mixed) == Upserted(0, 0, 5)
    stored = dict(Leg.objects.values_list("external_id", "talk_seconds"))
    assert {name: None if talk is None else int(talk * 1000) for name, talk in stored.items()} == again


def test_a_row_that_only_its_middle_knows_is_not_taken_for_new(put_in):
    put_in({"b": 2})
    assert put_in({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}) == Upserted(4, 0, 1)
    assert put_in({"f": 1, "b": 9, "g": 3, "h": 4, "i": 5}) == Upserted(4, 1, 0)


def test_moments_truths_and_odd_texts_are_stored_as_django_reads_them(put_in):
    odd = "tab\t back\\slash \n line ü \\N"
    put_in({odd: 1}, code=odd)
    leg = Leg.objects.get()
    assert (leg.external_id, leg.wrap_up, leg.answered, leg.resolved, leg.workday) == (odd, odd, True, None, WORKDAY)
    assert leg.started_at == dt.datetime(WORKDAY.year, WORKDAY.month, WORKDAY.day, 0, 0, 1, 500_000, tzinfo=dt.UTC)
    assert put_in({odd: 1}, code=odd) == Upserted(0, 0, 1)


def test_only_what_is_named_is_updated(put_in):
    put_in({"a": 1}, code="x")
    assert put_in({"a": 2}, code="y", updated=("wrap_up",)) == Upserted(0, 1, 0)
    assert Leg.objects.values_list("talk_seconds", "wrap_up").get()[1] == "y"
    assert Leg.objects.get().talk_seconds * 1000 == 1
    assert put_in({"a": 2}, code="y", updated=("wrap_up",)) == Upserted(0, 0, 1)


def test_the_old_and_the_new_workday_of_changed_rows_are_touched_and_no_others(put_in):
    put_in({"a": 1, "b": 2})
    put_in({"c": 1}, day=DAY + 3)
    Touch.objects.all().delete()
    put_in({"a": 1, "b": 2})
    assert not Touch.objects.exists()
    assert put_in({"a": 1}, day=DAY + 1) == Upserted(0, 1, 0)
    assert {touch.workday for touch in Touch.objects.all()} == {WORKDAY, WORKDAY + dt.timedelta(days=1)}
    put_in({"a": 1}, day=DAY + 2, dry_run=True)
    assert Touch.objects.count() == 2
