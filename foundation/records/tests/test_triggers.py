"""Every append-only table refuses UPDATE and DELETE in the database itself."""

import pytest
from django.db import DatabaseError, connection, transaction

from foundation.records.triggers import drop_guards, guarded_models, make_guards, missing_guards


def test_guarded_models_are_all_append_only_tables():
    assert [model._meta.label for model in guarded_models()] == [
        "api.WrittenCall",
        "catalogue.Decision",
        "catalogue.StockChange",
        "goals.Adjustment",
        "goals.Event",
        "goals.Payout",
        "goals.Reconciliation",
        "goals.ReportedResult",
        "goals.Review",
        "goals.ReviewDecision",
        "goals.Snapshot",
        "goals.SnapshotMember",
        "ledger.Debt",
        "ledger.Transfer",
        "metrics.Reading",
        "recognition.Gift",
        "recognition.TakenBack",
        "scorecards.BadgeAward",
        "scorecards.DayRevision",
        "scorecards.Reopening",
        "thanks.Answer",
        "thanks.Resolution",
        "thanks.Thanks",
        "webhooks.Attempt",
        "webhooks.Handling",
    ]


@pytest.mark.django_db
def test_missing_guards_after_migrate_is_empty():
    assert missing_guards(connection) == []


@pytest.mark.django_db
def test_make_guards_restores_what_a_table_rebuild_dropped():
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER metrics_reading_append_only ON metrics_reading")
            expected = ["metrics_reading"]
        else:
            drop_guards(connection)
            expected = [model._meta.db_table for model in guarded_models()]
    assert missing_guards(connection) == expected
    make_guards(connection)
    assert missing_guards(connection) == []


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["UPDATE scorecards_reopening SET reason = 'b'", "DELETE FROM scorecards_reopening"])
def test_guarded_table_refuses_raw_sql(verb):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO people_division (name, time_zone) VALUES ('Here', 'UTC') RETURNING id")
        (division,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO scorecards_reopening (division_id, from_on, to_on, reason, at) "
            "VALUES (%s, '2024-09-01', '2024-09-02', 'a', '2024-09-09 00:00:00+00:00')",
            [division],
        )
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(verb)
        cursor.execute("SELECT reason FROM scorecards_reopening")
        assert cursor.fetchall() == [("a",)]


@pytest.mark.django_db
def test_texts_that_may_go_are_never_null():
    fields = [model._meta.get_field(name) for model in guarded_models() for name in model.erasable_texts]
    assert {field.model._meta.label for field in fields} == {
        "catalogue.Decision", "recognition.Gift", "recognition.TakenBack", "thanks.Resolution",
    }  # fmt: skip
    assert not any(field.null for field in fields)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", [1, 2])
def test_guards_survive_a_flush_between_tests(round_):
    assert missing_guards(connection) == []
