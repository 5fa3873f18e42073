"""A text that may go is emptied in an append-only row, on both engines, and nothing else of the row changes."""

import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from foundation.records.triggers import drop_guards, make_guards, missing_guards
from people.tests.factories import make_person
from rewards.recognition.models import Gift


@pytest.fixture
def gift():
    given = {"token": uuid.uuid4(), "month_on": "2024-09-01", "at": "2024-09-09T00:00Z"}
    return Gift.objects.create(giver=make_person(), recipient=make_person(), note="Well done", **given)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "is_taken"),
    [
        ("note = ''", True),
        ("note = 'other'", False),
        ("note = NULL", False),
        ("points = 9", False),
        ("note = '', points = 9", False),
    ],
)
def test_text_of_a_row_may_be_emptied_and_nothing_else(gift, change, is_taken):
    with connection.cursor() as cursor:
        if is_taken:
            cursor.execute(f"UPDATE recognition_gift SET {change}")
        else:
            with pytest.raises(DatabaseError), transaction.atomic():
                cursor.execute(f"UPDATE recognition_gift SET {change}")
    gift.refresh_from_db()
    assert (gift.note, gift.points) == ("" if is_taken else "Well done", 0)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM recognition_gift")


@pytest.mark.django_db
def test_trigger_of_before_that_knew_of_no_texts_is_replaced(gift):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER recognition_gift_append_only_but_note ON recognition_gift")
            cursor.execute(
                "CREATE TRIGGER recognition_gift_append_only BEFORE UPDATE OR DELETE ON recognition_gift "
                "FOR EACH ROW EXECUTE FUNCTION laurel_append_only()"
            )
        else:
            drop_guards(connection)
            cursor.execute(
                "CREATE TRIGGER recognition_gift_no_update BEFORE UPDATE ON recognition_gift "
                "BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
    make_guards(connection)
    assert missing_guards(connection) == []
    assert Gift.objects.all().empty_texts() == 1
