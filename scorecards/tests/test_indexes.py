"""How the indexes of scored days lie on the disk of either engine."""

import pytest
from django.db import connection

from foundation.records.storage import CoversOnSQLite
from scorecards.models import ScoreDay

NAME = "scorecards_scoreday_profile"
FIELDS = ["profile", "workday"]


def columns() -> list[str]:
    with connection.cursor() as cursor:
        return connection.introspection.get_constraints(cursor, ScoreDay._meta.db_table)[NAME]["columns"]


def expected() -> list[str]:
    covered = ["division_id", "agent_id", "points", "maximum"] if connection.vendor == "sqlite" else []
    return ["profile_id", "workday", *covered]


@pytest.mark.django_db
def test_covering_index_holds_the_covered_columns_on_sqlite_only():
    assert columns() == expected()


def test_covering_index_is_the_same_when_it_is_cloned():
    index = CoversOnSQLite(fields=FIELDS, covers=["points"], name=NAME)
    assert index.clone() == index


def test_covering_index_is_another_one_when_it_covers_other_columns():
    index = CoversOnSQLite(fields=FIELDS, covers=["points"], name=NAME)
    assert index != CoversOnSQLite(fields=FIELDS, covers=["points", "maximum"], name=NAME)
