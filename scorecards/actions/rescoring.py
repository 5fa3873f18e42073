"""Touched workdays are measured and scored anew, by the set.

A slice is one transaction: it takes away the touches of its (agent, workday) pairs and only then reads the facts, so a
fact that arrives meanwhile leaves its touch for the next slice. A worker killed inside a slice leaves all as it was.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import connection, transaction

from foundation.jobs.actions import claim
from foundation.records.sets import drop_temporary, in_this_order, make_temporary, tell_planner
from interactions.models import Touch
from metrics import actions as metrics
from metrics.models import DayValue
from people.queries import default_division

from ..models import DayRevision, DivisionDay, ProfileAssignment, Score, ScoreDay, ScoringSwitch
from ..queries import default_profile, late_since, may_come_in_sql, setting_sql, terms_in_force, touched_pairs_sql
from ..rules.terms import TermsInForce
from ..sets import DUE, FRESH, POINTS, TEMPORARY, make_due, score_due

JOB = "rescore"
SLICE = 20_000
"""Agent workdays of one transaction."""

DUE_FACTS = "rescore_due_facts"
CHANGED_DAYS = "changed_score_day"
ALL_TEMPORARY = (*TEMPORARY, DUE_FACTS, CHANGED_DAYS, metrics.FRESH, metrics.CHANGED)


@dataclass(frozen=True)
class Rescored:
    """What a rescore did. `pairs` are agent workdays taken in, `values` and `days` those that changed."""

    pairs: int = 0
    values: int = 0
    days: int = 0
    slices: int = 0

    def __add__(self, other: "Rescored") -> "Rescored":
        return Rescored(
            self.pairs + other.pairs, self.values + other.values, self.days + other.days, self.slices + other.slices
        )


def rescore(*, at: dt.datetime, limit: int | None = None, wait: bool = True) -> Rescored:
    """Takes in touched workdays, slice by slice, until none is due or `limit` pairs were taken.

    Touches on workdays that closed more than `LAUREL_LATE_DATA_DAYS` before `at` stay until a reopening covers them.
    Without `wait` it stops where another worker is at it.
    """
    done = Rescored()
    while (limit is None or done.pairs < limit) and Touch.objects.exists():
        size = SLICE if limit is None else min(SLICE, limit - done.pairs)
        took = _slice(at=at, size=size, wait=wait)
        done += took
        if took.pairs < size:
            break
    return done


@transaction.atomic
def _slice(*, at: dt.datetime, size: int, wait: bool) -> Rescored:
    """1. Take due pairs and their touches. 2. Measure. 3. Score. 4. Write what changed, with a trace on final days."""
    if not claim(JOB, wait=wait):
        return Rescored()
    with connection.cursor() as cursor:
        pairs = _take_due(cursor, at=at, size=size)
        if not pairs:
            return Rescored()
        values = _measure(cursor, at=at)
        _score(cursor)
        days = _write(cursor, at=at, values_changed=bool(values))
        drop_temporary(cursor, *ALL_TEMPORARY)
    return Rescored(pairs, values, days, 1)


# 1. What is due ----------------------------------------------------------------------------------------------------


def _take_due(cursor, *, at: dt.datetime, size: int) -> int:
    """Fills `DUE` and takes away the touches. A pair has its division, profile and home queue of that day."""
    make_due(cursor)
    cursor.execute(
        f"INSERT INTO {DUE} (agent_id, workday, division_id, is_final, facts, reason)"
        f" SELECT p.agent_id, p.workday, p.division_id, CASE WHEN d.closed_at IS NULL THEN 0 ELSE 1 END,"
        f" CASE WHEN p.reason IS NULL THEN 0 ELSE 1 END, p.reason"
        f" FROM ({touched_pairs_sql()}) p"
        f" LEFT JOIN {DivisionDay._meta.db_table} d ON d.division_id = p.division_id AND d.workday = p.workday"
        f" WHERE {may_come_in_sql('p', 'd')}"
        f" ORDER BY p.agent_id, p.workday LIMIT %s",
        [default_division().pk, late_since(at), size],
    )
    pairs = cursor.rowcount
    if pairs:
        tell_planner(cursor, DUE)
        cursor.execute(_delete_touches_sql())
    return pairs


def _delete_touches_sql() -> str:
    """The touches of `DUE`. PostgreSQL believes the table to be as empty as when it was last analysed, and must
    not be able to choose a plan that is only good for that; SQLite goes through `DUE` and looks them up.
    """
    touches, same = Touch._meta.db_table, "t.agent_id = d.agent_id AND t.workday = d.workday"
    if connection.vendor == "postgresql":
        return f"DELETE FROM {touches} t USING {DUE} d WHERE {same}"
    return f"DELETE FROM {touches} WHERE id IN (SELECT t.id FROM {DUE} d {in_this_order()} {touches} t ON {same})"


# 2. Day values -----------------------------------------------------------------------------------------------------


def _measure(cursor, *, at: dt.datetime) -> int:
    """Recomputes the day values of pairs with new facts. A change on a final day leaves a revision."""
    make_temporary(cursor, DUE_FACTS, ["agent_id bigint", "workday date"], key=["agent_id", "workday"])
    cursor.execute(f"INSERT INTO {DUE_FACTS} SELECT agent_id, workday FROM {DUE} WHERE facts = 1")
    if not cursor.rowcount:
        return 0
    tell_planner(cursor, DUE_FACTS)
    values = metrics.recompute_day_values(DUE_FACTS)
    if values:
        cursor.execute(
            f"INSERT INTO {DayRevision._meta.db_table} (agent_id, workday, metric_id, total_before, count_before,"
            f" total_after, count_after, reason, at)"
            f" SELECT c.agent_id, c.workday, c.metric_id, c.total_before, c.count_before, c.total_after,"
            f" c.count_after, COALESCE(d.reason, ''), %s"
            f" FROM {metrics.CHANGED} c JOIN {DUE} d ON d.agent_id = c.agent_id AND d.workday = c.workday"
            f" WHERE d.is_final = 1",
            [connection.ops.adapt_datetimefield_value(at)],
        )
    return values


# 3. Scores ---------------------------------------------------------------------------------------------------------


def _score(cursor) -> None:
    """Fills `FRESH` with the scores that the due pairs have now."""
    _find_profiles(cursor)
    score_due(cursor, _terms_of_due(cursor))


def _find_profiles(cursor) -> None:
    """The profile in force on the day: the agent's own, or the default one; none where scoring is off."""
    switched_on = setting_sql(ScoringSwitch, "is_on", "s.division_id = due.division_id", "due")
    profile = setting_sql(ProfileAssignment, "profile_id", "s.person_id = due.agent_id", "due")
    default = default_profile()
    cursor.execute(
        f"UPDATE {DUE} AS due SET profile_id = CASE WHEN COALESCE({switched_on}, TRUE) THEN"
        f" COALESCE({profile}, %s) END",
        [default.pk if default else None],
    )


def _terms_of_due(cursor) -> list[TermsInForce]:
    cursor.execute(f"SELECT MIN(workday), MAX(workday) FROM {DUE} WHERE profile_id IS NOT NULL")
    first, last = (_day(value) for value in cursor.fetchone())
    if first is None:
        return []
    cursor.execute(f"SELECT DISTINCT profile_id FROM {DUE} WHERE profile_id IS NOT NULL")
    return terms_in_force([row[0] for row in cursor.fetchall()], from_on=first, to_on=last)


def _day(value) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


# 4. Writing --------------------------------------------------------------------------------------------------------

_SAME_SCORE = "{0}.agent_id = {1}.agent_id AND {0}.workday = {1}.workday AND {0}.objective_id = {1}.objective_id"
_SAME_DAY = "{0}.agent_id = {1}.agent_id AND {0}.workday = {1}.workday"
_REASON = "CASE WHEN f.paused = 1 THEN 'guarded' ELSE '' END"


def _write(cursor, *, at: dt.datetime, values_changed: bool) -> int:
    """Writes scores and scored days that changed, takes away those that vanished. How many days changed."""
    _note_changed_days(cursor, values_changed=values_changed)
    _write_scores(cursor)
    return _write_days(cursor, at=connection.ops.adapt_datetimefield_value(at))


def _note_changed_days(cursor, *, values_changed: bool) -> None:
    make_temporary(cursor, CHANGED_DAYS, ["agent_id bigint", "workday date"], key=["agent_id", "workday"])
    stored = Score._meta.db_table
    changed_values = f" UNION SELECT agent_id, workday FROM {metrics.CHANGED}" if values_changed else ""
    cursor.execute(
        f"INSERT INTO {CHANGED_DAYS} (agent_id, workday)"
        f" SELECT f.agent_id, f.workday FROM {FRESH} f LEFT JOIN {stored} s ON {_SAME_SCORE.format('s', 'f')}"
        f" WHERE s.agent_id IS NULL OR s.points <> {POINTS} OR s.maximum <> f.maximum OR s.terms_id <> f.terms_id"
        f" OR s.zone <> f.zone OR s.reason <> {_REASON}"
        f" UNION SELECT s.agent_id, s.workday FROM {DUE} d"
        f" {in_this_order()} {stored} s ON {_SAME_DAY.format('s', 'd')}"
        f" LEFT JOIN {FRESH} f ON {_SAME_SCORE.format('f', 's')} WHERE f.agent_id IS NULL"
        f"{changed_values}"
    )
    tell_planner(cursor, CHANGED_DAYS)


def _write_scores(cursor) -> None:
    stored = Score._meta.db_table
    cursor.execute(
        f"DELETE FROM {stored} WHERE (agent_id, workday, objective_id) IN"
        f" (SELECT s.agent_id, s.workday, s.objective_id FROM {CHANGED_DAYS} c"
        f" {in_this_order()} {stored} s ON {_SAME_DAY.format('s', 'c')}"
        f" LEFT JOIN {FRESH} f ON {_SAME_SCORE.format('f', 's')} WHERE f.agent_id IS NULL)"
    )
    columns = ["terms_id", "points", "maximum", "zone", "reason"]
    cursor.execute(
        f"INSERT INTO {stored} AS s (agent_id, workday, objective_id, {', '.join(columns)})"
        f" SELECT f.agent_id, f.workday, f.objective_id, f.terms_id, {POINTS}, f.maximum, f.zone, {_REASON}"
        f" FROM {CHANGED_DAYS} c {in_this_order()} {FRESH} f ON {_SAME_DAY.format('f', 'c')} WHERE TRUE"
        f" ON CONFLICT (agent_id, workday, objective_id) DO UPDATE SET"
        f" {', '.join(f'{name} = excluded.{name}' for name in columns)}"
        f" WHERE {' OR '.join(f's.{name} <> excluded.{name}' for name in columns)}"
    )


def _write_days(cursor, *, at) -> int:
    """Every due pair with any day value has a scored day; the revision rises when anything about it changed."""
    stored, values = ScoreDay._meta.db_table, DayValue._meta.db_table
    has_data = f"EXISTS (SELECT 1 FROM {values} v WHERE {_SAME_DAY.format('v', 'd')})"
    cursor.execute(
        f"DELETE FROM {stored} WHERE (agent_id, workday) IN"
        f" (SELECT d.agent_id, d.workday FROM {DUE} d WHERE NOT {has_data})"
    )
    vanished = cursor.rowcount
    cursor.execute(
        f"INSERT INTO {stored} AS s (agent_id, workday, division_id, profile_id, points, maximum, revision, changed_at)"
        f" SELECT d.agent_id, d.workday, d.division_id, d.profile_id, COALESCE(f.points, 0),"
        f" COALESCE(f.maximum, 0), 1, %s"
        f" FROM {DUE} d LEFT JOIN (SELECT f.agent_id, f.workday, SUM({POINTS}) AS points, SUM(f.maximum) AS maximum"
        f" FROM {FRESH} f GROUP BY f.agent_id, f.workday) f ON {_SAME_DAY.format('f', 'd')} WHERE {has_data}"
        f" ON CONFLICT (agent_id, workday) DO UPDATE SET division_id = excluded.division_id,"
        f" profile_id = excluded.profile_id, points = excluded.points, maximum = excluded.maximum,"
        f" revision = s.revision + 1, changed_at = excluded.changed_at"
        f" WHERE s.division_id <> excluded.division_id"
        f" OR COALESCE(s.profile_id, 0) <> COALESCE(excluded.profile_id, 0)"
        f" OR EXISTS (SELECT 1 FROM {CHANGED_DAYS} c WHERE {_SAME_DAY.format('c', 'excluded')})",
        [at],
    )
    return cursor.rowcount + vanished
