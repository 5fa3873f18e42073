"""What a test that commits leaves to the next."""

import pytest
from django.core.management import call_command

from conftest import read_rows
from people.tests.factories import make_person


@pytest.mark.django_db(transaction=True)
def test_flush_leaves_the_database_as_the_migrations_made_it():
    migrated = contents()
    make_person(role="agent")
    assert contents() != migrated
    call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
    assert contents() == migrated
    assert {"people_role", "metrics_metric", "thanks_surveyversion"} <= set(migrated)


def contents() -> dict[str, list[str]]:
    return {table: sorted(map(repr, rows)) for table, rows in read_rows().items()}
