"""Touched workdays are measured and scored anew, by the set.

A slice is one transaction: it takes away the touches of its (agent, workday) pairs and only then reads the facts, so a
fact that arrives meanwhile leaves its touch for the next slice. A worker killed inside a slice leaves all as it was.
"""

import datetime as dt
from dataclasses import dataclass
from functools import partial

from django.db import IntegrityError, connection, transaction

from foundation.jobs.actions import claim
from foundation.records.sets import (
    computed_once,
    drop_temporary,
    in_this_order,
    make_temporary,
    plan_for_sets,
    read_in_index_order,
    tell_planner,
)
from interactions.models import Touch
from metrics import actions as metrics
from metrics.models import DayValue
from people.queries import default_division

from ..models import BadgeTouch, DayRevision, DivisionDay, ProfileAssignment, Score, ScoreDay, ScoringSwitch
from ..queries import default_profile, late_since, may_come_in_sql, setting_sql, terms_in_force, touched_pairs_sql
from ..rules.scoring import WHOLE
from ..rules.terms import TermsInForce
from ..sets import (
    DUE,
    FRESH,
    POINTS,
    REASON,
    RULES,
    TEMPORARY,
    ZONE,
    fill_fresh,
    in_force_sql,
    make_due,
    scores_select,
    within_due,
)

JOB = "rescore"
SLICE = 50_000
"""Agent workdays of one transaction: a second or two. On SQLite nobody else writes meanwhile."""

DUE_FACTS = "rescore_due_facts"
CHANGED_DAYS = "changed_score_day"
VANISHED = "vanished_score"
ALL_TEMPORARY = (*TEMPORARY, DUE_FACTS, CHANGED_DAYS, VANISHED, metrics.FRESH, metrics.CHANGED)


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
    """1. Take due pairs and their touches. 2. Measure, with a trace on final days. 3. Score. 4. Sum up by day. 5. Have
    final days that were scored anew looked at for badges.
    """
    if not claim(JOB, wait=wait):
        return Rescored()
    with connection.cursor() as cursor:
        plan_for_sets(cursor)
        pairs = _take_due(cursor, at=at, size=size)
        if not pairs:
            return Rescored()
        values = _measure(cursor, at=at)
        _score(cursor, _terms_of_due(cursor), values_changed=bool(values))
        days = _write_days(cursor, at=at, values_changed=bool(values))
        _touch_for_badges(cursor, at=at)
        drop_temporary(cursor, *ALL_TEMPORARY)
    return Rescored(pairs, values, days, 1)


# 1. What is due ----------------------------------------------------------------------------------------------------


def _take_due(cursor, *, at: dt.datetime, size: int) -> int:
    """Fills `DUE` and takes away the touches. A pair has its division and profile of that day."""
    make_due(cursor)
    default = default_profile()
    with read_in_index_order(cursor):
        cursor.execute(
            f"INSERT INTO {DUE} (agent_id, workday, division_id, is_final, facts, reason, next_revision,"
            f" old_division_id, old_profile_id, profile_id)"
            f" SELECT p.agent_id, p.workday, p.division_id, CASE WHEN d.closed_at IS NULL THEN 0 ELSE 1 END,"
            f" CASE WHEN p.reason IS NULL THEN 0 ELSE 1 END, p.reason, COALESCE(o.revision, 0) + 1, o.division_id,"
            f" o.profile_id, {_profile_sql()}"
            f" FROM ({touched_pairs_sql()}) p"
            f" LEFT JOIN {DivisionDay._meta.db_table} d ON d.division_id = p.division_id AND d.workday = p.workday"
            f" LEFT JOIN {ScoreDay._meta.db_table} o ON o.agent_id = p.agent_id AND o.workday = p.workday"
            f" WHERE {may_come_in_sql('p', 'd')}"
            f"{_in_key_order()} LIMIT %s",
            [default.pk if default else None, default_division().pk, late_since(at), size],
        )
        pairs = cursor.rowcount
    if pairs:
        tell_planner(cursor, DUE)
        cursor.execute(_delete_touches_sql())
    return pairs


def _in_key_order() -> str:
    """PostgreSQL reads the touches in the order of their index, and stops at the limit, when asked for that order;
    SQLite does so of itself, and would sort all of them when asked.
    """
    return " ORDER BY p.agent_id, p.workday" if connection.vendor == "postgresql" else ""


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


def _profile_sql() -> str:
    """The profile in force for the pair p: the agent's own, or the default one, whose id it takes as parameter; none
    where scoring is off in the division.
    """
    switched_on = setting_sql(ScoringSwitch, "is_on", "s.division_id = p.division_id", "p")
    profile = setting_sql(ProfileAssignment, "profile_id", "s.person_id = p.agent_id", "p")
    return f"CASE WHEN COALESCE({switched_on}, TRUE) THEN COALESCE({profile}, %s) END"


def _terms_of_due(cursor) -> list[TermsInForce]:
    cursor.execute(f"SELECT MIN(workday), MAX(workday) FROM {DUE} WHERE profile_id IS NOT NULL")
    first, last = (_day(value) for value in cursor.fetchone())
    if first is None:
        return []
    cursor.execute(f"SELECT DISTINCT profile_id FROM {DUE} WHERE profile_id IS NOT NULL")
    return terms_in_force([row[0] for row in cursor.fetchall()], from_on=first, to_on=last)


def _day(value) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


_SAME_SCORE = "{0}.agent_id = {1}.agent_id AND {0}.workday = {1}.workday AND {0}.objective_id = {1}.objective_id"
_SAME_DAY = "{0}.agent_id = {1}.agent_id AND {0}.workday = {1}.workday"


def _score(cursor, terms: list[TermsInForce], *, values_changed: bool) -> None:
    """Writes the due pairs' scores where they changed, with the revision that their day will have. What is scored no
    more goes into `VANISHED`, and away.

    A product that leaves 64 bits makes the one statement fail on its null points; then the rule scores those rows.
    """
    select = scores_select(cursor, terms)
    is_first = _is_first(cursor)
    _make_vanished(cursor)
    if not is_first:
        _take_away_vanished(cursor, terms, values_changed=values_changed)
    write = partial(_write_sql, is_first=is_first, within=within_due(cursor, "s"))
    try:
        with transaction.atomic():
            cursor.execute(write(computed_once(select)))
    except IntegrityError:
        fill_fresh(cursor, terms, select)
        cursor.execute(write(FRESH))


def _is_first(cursor) -> bool:
    """Whether no due pair was scored before: then its scores need not be compared."""
    cursor.execute(f"SELECT 1 FROM {DUE} WHERE old_division_id IS NOT NULL LIMIT 1")
    return cursor.fetchone() is None


def _make_vanished(cursor) -> None:
    keys = ["agent_id", "workday", "objective_id"]
    make_temporary(cursor, VANISHED, ["agent_id bigint", "workday date", "objective_id bigint"], key=keys)


def _take_away_vanished(cursor, terms: list[TermsInForce], *, values_changed: bool) -> None:
    """Takes away scores whose objective is not in force for the pair any more, or reads a metric that has no data."""
    stored, join = Score._meta.db_table, in_this_order()
    has_data = f"SELECT 1 FROM {DayValue._meta.db_table} v WHERE {_SAME_DAY.format('v', 'd')} AND v.metric_id"
    data_may_vanish = values_changed or any(one.reads_another_metric for one in terms)
    cursor.execute(
        f"INSERT INTO {VANISHED} SELECT s.agent_id, s.workday, s.objective_id FROM {DUE} d"
        f" {join} {stored} s ON {_SAME_DAY.format('s', 'd')}{within_due(cursor, 's')}"
        f" LEFT JOIN {RULES} r ON r.profile_id = d.profile_id AND r.objective_id = s.objective_id"
        f" {in_force_sql(terms)} AND r.percent = {WHOLE} WHERE r.terms_id IS NULL"
        + (f" OR NOT EXISTS ({has_data} = r.metric_id)" if data_may_vanish else "")
    )
    if cursor.rowcount:
        cursor.execute(
            f"DELETE FROM {stored} WHERE (agent_id, workday, objective_id) IN"
            f" (SELECT agent_id, workday, objective_id FROM {VANISHED})"
        )


def _write_sql(source: str, *, is_first: bool, within: str) -> str:
    """Writes the rows of a source that are not stored like that. Where none is stored yet, none is compared; else
    PostgreSQL merges, which joins once, where an insert would look up and lock each row that is there.
    """
    key, columns = ["agent_id", "workday", "objective_id"], ["terms_id", "points", "maximum", "zone", "reason"]
    written = [*columns, "revision"]
    fresh = (
        f"SELECT f.agent_id, f.workday, f.objective_id, f.terms_id, {POINTS} AS points, f.maximum, {ZONE} AS zone,"
        f" {REASON} AS reason, f.revision FROM {source} f WHERE TRUE"
    )
    into = f"{Score._meta.db_table} AS s"
    if not is_first and connection.vendor == "postgresql":
        return (
            f"MERGE INTO {into} USING ({fresh}) n ON {_SAME_SCORE.format('s', 'n')}{within}"
            f" WHEN MATCHED AND ({_differ('n', columns)}) THEN UPDATE SET {_set_from('n', written)}"
            f" WHEN NOT MATCHED THEN INSERT ({', '.join(key + written)})"
            f" VALUES ({', '.join(f'n.{name}' for name in key + written)})"
        )
    insert = f"INSERT INTO {into} ({', '.join(key + written)}) {fresh}"
    if is_first:
        return insert
    return (
        f"{insert} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {_set_from('excluded', written)}"
        f" WHERE {_differ('excluded', columns)}"
    )


def _differ(source: str, columns: list[str]) -> str:
    return " OR ".join(f"s.{name} <> {source}.{name}" for name in columns)


def _set_from(source: str, columns: list[str]) -> str:
    return ", ".join(f"{name} = {source}.{name}" for name in columns)


# 4. Days -----------------------------------------------------------------------------------------------------------


def _write_days(cursor, *, at: dt.datetime, values_changed: bool) -> int:
    """Every due pair with any day value has a scored day; its revision rises when anything about it changed. How many
    days did, or vanished.
    """
    make_temporary(cursor, CHANGED_DAYS, ["agent_id bigint", "workday date"], key=["agent_id", "workday"])
    sources = [VANISHED, metrics.CHANGED] if values_changed else [VANISHED]
    union = " UNION ".join(f"SELECT agent_id, workday FROM {source}" for source in sources)
    cursor.execute(f"INSERT INTO {CHANGED_DAYS} SELECT DISTINCT agent_id, workday FROM ({union}) changed")
    is_changed, join_changed = "FALSE", ""
    if cursor.rowcount:
        is_changed = "MAX(c.agent_id) IS NOT NULL"
        join_changed = f"LEFT JOIN {CHANGED_DAYS} c ON {_SAME_DAY.format('c', 'd')}"
    vanished = _take_away_days(cursor) if values_changed else 0
    _take_away_moved(cursor)
    values = DayValue._meta.db_table
    cursor.execute(
        f"INSERT INTO {ScoreDay._meta.db_table}"
        f" (agent_id, workday, division_id, profile_id, points, maximum, revision, changed_at)"
        f" SELECT d.agent_id, d.workday, d.division_id, d.profile_id, COALESCE(SUM(s.points), 0),"
        f" COALESCE(SUM(s.maximum), 0), d.next_revision, %s"
        f" FROM {DUE} d LEFT JOIN {Score._meta.db_table} s ON {_SAME_DAY.format('s', 'd')}"
        f"{within_due(cursor, 's')} {join_changed}"
        f" WHERE COALESCE(s.agent_id, (SELECT v.agent_id FROM {values} v WHERE {_SAME_DAY.format('v', 'd')} LIMIT 1))"
        f" IS NOT NULL"
        f" GROUP BY d.agent_id, d.workday"
        f" HAVING {is_changed} OR MAX(s.revision) = d.next_revision OR d.old_division_id IS NULL"
        f" OR d.old_division_id <> d.division_id OR COALESCE(d.old_profile_id, 0) <> COALESCE(d.profile_id, 0)"
        f" ON CONFLICT (agent_id, workday) DO UPDATE SET points = excluded.points, maximum = excluded.maximum,"
        f" revision = excluded.revision, changed_at = excluded.changed_at",
        [connection.ops.adapt_datetimefield_value(at)],
    )
    return cursor.rowcount + vanished


def _take_away_days(cursor) -> int:
    """Takes away scored days of due pairs that have no day value left."""
    cursor.execute(
        f"DELETE FROM {ScoreDay._meta.db_table} WHERE (agent_id, workday) IN"
        f" (SELECT d.agent_id, d.workday FROM {DUE} d WHERE d.old_division_id IS NOT NULL AND NOT EXISTS"
        f" (SELECT 1 FROM {DayValue._meta.db_table} v WHERE {_SAME_DAY.format('v', 'd')}))"
    )
    return cursor.rowcount


def _take_away_moved(cursor) -> None:
    """Takes away scored days that have another division or profile now, to be written anew: days that stay where they
    are need not touch the indexes over both.
    """
    cursor.execute(
        f"DELETE FROM {ScoreDay._meta.db_table} WHERE (agent_id, workday) IN"
        f" (SELECT d.agent_id, d.workday FROM {DUE} d WHERE d.old_division_id <> d.division_id"
        f" OR d.old_division_id IS NOT NULL AND COALESCE(d.old_profile_id, 0) <> COALESCE(d.profile_id, 0))"
    )


# 5. Badges ---------------------------------------------------------------------------------------------------------


def _touch_for_badges(cursor, *, at: dt.datetime) -> None:
    cursor.execute(
        f"INSERT INTO {BadgeTouch._meta.db_table} (division_id, workday, period, ready_at)"
        f" SELECT DISTINCT division_id, workday, '', %s FROM {DUE} WHERE is_final = 1",
        [connection.ops.adapt_datetimefield_value(at)],
    )
