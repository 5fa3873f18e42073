"""Touched workdays are measured and scored anew, by the set.

A slice is one transaction: it takes away the touches of its (agent, workday) pairs and only then reads the facts, so a
fact that arrives meanwhile leaves its touch for the next slice. A worker killed inside a slice leaves all as it was.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from foundation.jobs.actions import claim
from foundation.records.sets import drop_temporary, in_this_order, insert_rows, make_temporary, tell_planner
from interactions.enums import TouchReason
from interactions.models import Touch
from metrics import actions as metrics
from metrics.models import DayValue
from people.models import DivisionAssignment, QueueMembership, Team, TeamMembership
from people.queries import default_division

from ..models import DayRevision, DivisionDay, ProfileAssignment, Reopening, Score, ScoreDay, ScoringSwitch
from ..queries import TermsInForce, default_profile, terms_in_force
from ..rules.guards import guard_of
from ..rules.scoring import WHOLE, Measured, points_for
from ..rules.scoring_sql import (
    GUARD_COLUMNS,
    columns_of,
    guard_row,
    paused_sql,
    points_sql,
    scoring_row,
    zone_sql,
)

JOB = "rescore"
SLICE = 20_000
"""Agent workdays of one transaction."""

DUE = "rescore_due"
DUE_FACTS = "rescore_due_facts"
RULES = "rescore_rules"
PERCENTS = "rescore_percents"
FRESH = "fresh_score"
CHANGED_DAYS = "changed_score_day"
ALL_TEMPORARY = (DUE, DUE_FACTS, RULES, PERCENTS, FRESH, CHANGED_DAYS, metrics.FRESH, metrics.CHANGED)

FACTS = (TouchReason.INTERACTION, TouchReason.EVALUATION, TouchReason.READING, TouchReason.METRIC)
"""Reasons that change day values; all others change only how they are scored."""


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
    while limit is None or done.pairs < limit:
        size = SLICE if limit is None else min(SLICE, limit - done.pairs)
        took = _slice(at=at, size=size, wait=wait)
        done += took
        if took.pairs < size:
            break
    return done


@transaction.atomic
def _slice(*, at: dt.datetime, size: int, wait: bool) -> Rescored:
    """1. Take due pairs and their touches. 2. Measure. 3. Score. 4. Write what changed, with a trace on final days."""
    if not Touch.objects.exists() or not claim(JOB, wait=wait):
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
    make_temporary(
        cursor,
        DUE,
        [
            "agent_id bigint",
            "workday date",
            "division_id bigint",
            "profile_id bigint",
            "home_queue_id bigint",
            "is_final integer",
            "facts integer",
            "reason varchar(12)",
        ],
        key=["agent_id", "workday"],
    )
    facts = ", ".join(f"'{reason.value}'" for reason in FACTS)
    cursor.execute(
        f"INSERT INTO {DUE} (agent_id, workday, division_id, is_final, facts, reason)"
        f" SELECT p.agent_id, p.workday, p.division_id, CASE WHEN d.closed_at IS NULL THEN 0 ELSE 1 END,"
        f" CASE WHEN p.reason IS NULL THEN 0 ELSE 1 END, p.reason"
        f" FROM (SELECT t.agent_id, t.workday, MIN(t.at) AS first_at,"
        f" MIN(CASE WHEN t.reason IN ({facts}) THEN t.reason END) AS reason,"
        f" {division_sql('t')} AS division_id"
        f" FROM {Touch._meta.db_table} t GROUP BY t.agent_id, t.workday) p"
        f" LEFT JOIN {DivisionDay._meta.db_table} d ON d.division_id = p.division_id AND d.workday = p.workday"
        f" WHERE {eligible_sql('p', 'd')}"
        f" ORDER BY p.agent_id, p.workday LIMIT %s",
        [default_division().pk, late_since(at), size],
    )
    pairs = cursor.rowcount
    if pairs:
        tell_planner(cursor, DUE)
        cursor.execute(
            f"DELETE FROM {Touch._meta.db_table} WHERE id IN (SELECT t.id FROM {DUE} d"
            f" {in_this_order()} {Touch._meta.db_table} t ON t.agent_id = d.agent_id AND t.workday = d.workday)"
        )
    return pairs


def division_sql(alias: str) -> str:
    """The division of an agent's workday; takes the default division's id as parameter."""
    newest = _newest_sql(DivisionAssignment, "division_id", f"s.person_id = {alias}.agent_id", alias)
    return f"COALESCE({newest}, %s)"


def _newest_sql(model, column: str, owner: str, alias: str) -> str:
    """The column of the dated setting in force on the alias's workday."""
    return (
        f"(SELECT s.{column} FROM {model._meta.db_table} s WHERE {owner} AND s.from_on <= {alias}.workday"
        f" ORDER BY s.from_on DESC LIMIT 1)"
    )


def eligible_sql(pair: str, day: str) -> str:
    """Whether data on a workday may come in: it is open, closed lately (takes `late_since` as parameter), or reopened
    after the pair's first touch.
    """
    return (
        f"({day}.closed_at IS NULL OR {day}.closed_at >= %s OR EXISTS (SELECT 1 FROM {Reopening._meta.db_table} o"
        f" WHERE o.division_id = {pair}.division_id AND o.from_on <= {pair}.workday AND o.to_on >= {pair}.workday"
        f" AND o.at >= {pair}.first_at))"
    )


def late_since(at: dt.datetime):
    """Workdays that closed before this moment take in no more data by themselves; as the database stores it."""
    return connection.ops.adapt_datetimefield_value(at - dt.timedelta(days=settings.LAUREL_LATE_DATA_DAYS))


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
    make_temporary(
        cursor,
        FRESH,
        [
            "agent_id bigint",
            "workday date",
            "objective_id bigint",
            "terms_id bigint",
            "percent integer",
            "points bigint",
            "maximum integer",
            "zone varchar(6)",
            "paused integer",
        ],
        key=["agent_id", "workday", "objective_id"],
    )
    _find_profiles(cursor)
    terms = _terms_of_due(cursor)
    if not terms:
        return
    segment_count = _load_rules(cursor, terms)
    by_queue = any(one.queue_percents for one in terms)
    by_team = any(one.team_percents for one in terms)
    if by_queue:
        _find_home_queues(cursor)
    guarded = any(one.guard_metric_id for one in terms)
    cursor.execute(_score_sql(segment_count, guarded=guarded, by_queue=by_queue, by_team=by_team))
    _score_by_the_rule(cursor, terms)
    tell_planner(cursor, FRESH)


def _find_profiles(cursor) -> None:
    """The profile in force on the day: the agent's own, or the default one; none where scoring is off."""
    switched_on = _newest_sql(ScoringSwitch, "is_on", "s.division_id = due.division_id", "due")
    profile = _newest_sql(ProfileAssignment, "profile_id", "s.person_id = due.agent_id", "due")
    default = default_profile()
    cursor.execute(
        f"UPDATE {DUE} AS due SET profile_id = CASE WHEN COALESCE({switched_on}, TRUE) THEN"
        f" COALESCE({profile}, %s) END",
        [default.pk if default else None],
    )


def _find_home_queues(cursor) -> None:
    cursor.execute(
        f"UPDATE {DUE} AS due SET home_queue_id = (SELECT s.queue_id FROM {QueueMembership._meta.db_table} s"
        f" WHERE s.person_id = due.agent_id AND {_holds_on('s', 'due')} ORDER BY s.weight DESC, s.queue_id LIMIT 1)"
    )


def _holds_on(membership: str, day: str) -> str:
    return (
        f"{membership}.from_on <= {day}.workday"
        f" AND ({membership}.until_on IS NULL OR {membership}.until_on > {day}.workday)"
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


def _load_rules(cursor, terms: list[TermsInForce]) -> int:
    """Fills `RULES` with the numbers of each terms and multiplier, `PERCENTS` with the multipliers. The most segments
    that a rule has.
    """
    rows = [(one, percent, scoring_row(one.zones, percent=percent)) for one in terms for percent in one.percents]
    segment_count = max(len(row.segments) for _, _, row in rows)
    names = ["profile_id bigint", "objective_id bigint", "from_on date", "until_on date", "terms_id bigint"]
    names += ["metric_id bigint", "percent integer", *GUARD_COLUMNS, *columns_of(segment_count)]
    make_temporary(cursor, RULES, names, key=["profile_id", "objective_id", "from_on", "percent"])
    insert_rows(
        cursor,
        RULES,
        [name.split()[0] for name in names],
        [[*_span_cells(one), percent, *_guard_cells(one), *row.values(segment_count)] for one, percent, row in rows],
    )
    tell_planner(cursor, RULES)
    make_temporary(cursor, PERCENTS, ["terms_id bigint", "queue_id bigint", "team_id bigint", "percent integer"])
    percents = [(one.terms_id, queue, None, percent) for one in terms for queue, percent in one.queue_percents]
    percents += [(one.terms_id, None, team, percent) for one in terms for team, percent in one.team_percents]
    insert_rows(cursor, PERCENTS, ["terms_id", "queue_id", "team_id", "percent"], percents)
    return segment_count


def _span_cells(one: TermsInForce) -> list:
    return [one.profile_id, one.objective_id, one.from_on, one.until_on, one.terms_id, one.metric_id]


def _guard_cells(one: TermsInForce) -> list:
    if one.guard_metric_id is None:
        return [None] * len(GUARD_COLUMNS)
    return [one.guard_metric_id, *guard_row(one.guard_operator, one.guard_bound)]


def _score_sql(segment_count: int, *, guarded: bool, by_queue: bool, by_team: bool) -> str:
    values = DayValue._meta.db_table
    guard = (
        f" LEFT JOIN {values} g ON g.agent_id = d.agent_id AND g.workday = d.workday"
        f" AND g.metric_id = r.guard_metric_id"
        if guarded
        else ""
    )
    multiplied = f" AND r.percent = {_percent_sql(by_queue, by_team)}" if by_queue or by_team else ""
    return (
        f"INSERT INTO {FRESH} (agent_id, workday, objective_id, terms_id, percent, points, maximum, zone, paused)"
        f" SELECT d.agent_id, d.workday, r.objective_id, r.terms_id, r.percent, {points_sql(segment_count)},"
        f" r.maximum, {zone_sql(segment_count)}, {paused_sql() if guarded else '0'}"
        f" FROM {DUE} d {in_this_order()} {RULES} r ON r.profile_id = d.profile_id AND r.from_on <= d.workday"
        f" AND r.until_on > d.workday"
        f" {in_this_order()} {values} v ON v.agent_id = d.agent_id AND v.workday = d.workday"
        f" AND v.metric_id = r.metric_id{guard} WHERE TRUE{multiplied}"
    )


def _percent_sql(by_queue: bool, by_team: bool) -> str:
    """The multiplier of a pair under the terms: by home queue, else the highest of its teams and those above."""
    sources = []
    if by_queue:
        sources.append(
            f"(SELECT p.percent FROM {PERCENTS} p WHERE p.terms_id = r.terms_id AND p.queue_id = d.home_queue_id)"
        )
    if by_team:
        sources.append(
            f"(SELECT MAX(p.percent) FROM {PERCENTS} p JOIN {Team._meta.db_table} above ON above.id = p.team_id"
            f" JOIN {Team._meta.db_table} own ON own.path LIKE above.path || '%%'"
            f" JOIN {TeamMembership._meta.db_table} s ON s.team_id = own.id AND s.person_id = d.agent_id"
            f" AND {_holds_on('s', 'd')} WHERE p.terms_id = r.terms_id)"
        )
    return f"COALESCE({', '.join(sources)}, {WHOLE})"


def _score_by_the_rule(cursor, terms: list[TermsInForce]) -> None:
    """Scores, by the rule itself, the rows whose products do not fit 64 bits."""
    by_id = {one.terms_id: one for one in terms}
    values = DayValue._meta.db_table
    cursor.execute(
        f"SELECT f.agent_id, f.workday, f.objective_id, f.terms_id, f.percent, v.total, v.count, g.total, g.count"
        f" FROM {FRESH} f JOIN {RULES} r ON r.terms_id = f.terms_id AND r.percent = f.percent"
        f" JOIN {values} v ON v.agent_id = f.agent_id AND v.workday = f.workday AND v.metric_id = r.metric_id"
        f" LEFT JOIN {values} g ON g.agent_id = f.agent_id AND g.workday = f.workday"
        f" AND g.metric_id = r.guard_metric_id"
        f" WHERE f.points IS NULL OR f.paused IS NULL"
    )
    updates = []
    for *key, terms_id, percent, total, count, guard_total, guard_count in cursor.fetchall():
        one = by_id[terms_id]
        scored = points_for(Measured(total, count), one.zones, percent=percent)
        guard = Measured(guard_total, guard_count) if guard_total is not None else None
        paused = one.guard_metric_id and guard_of(guard, one.guard_operator, one.guard_bound).paused
        updates.append([scored.points, str(scored.zone.kind.value), int(bool(paused)), *key])
    if updates:
        cursor.executemany(
            f"UPDATE {FRESH} SET points = %s, zone = %s, paused = %s"
            f" WHERE agent_id = %s AND workday = %s AND objective_id = %s",
            updates,
        )


# 4. Writing --------------------------------------------------------------------------------------------------------

_SAME_SCORE = "{0}.agent_id = {1}.agent_id AND {0}.workday = {1}.workday AND {0}.objective_id = {1}.objective_id"
_SAME_DAY = "{0}.agent_id = {1}.agent_id AND {0}.workday = {1}.workday"
_POINTS = "CASE WHEN f.paused = 1 THEN 0 ELSE f.points END"
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
        f" WHERE s.agent_id IS NULL OR s.points <> {_POINTS} OR s.maximum <> f.maximum OR s.terms_id <> f.terms_id"
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
        f" SELECT f.agent_id, f.workday, f.objective_id, f.terms_id, {_POINTS}, f.maximum, f.zone, {_REASON}"
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
        f" FROM {DUE} d LEFT JOIN (SELECT f.agent_id, f.workday, SUM({_POINTS}) AS points, SUM(f.maximum) AS maximum"
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
