"""Scores of a set of workdays in temporary tables: the rule in SQL, and the rule itself where SQL would not be exact.

`DUE` holds the agent workdays with their profile. `scores_select` is what they score; `score_due` leaves it in `FRESH`,
exact for any number. Nothing else is written.
"""

from collections.abc import Sequence

from django.db import connection

from foundation.records.sets import in_this_order, insert_rows, make_temporary, tell_planner
from metrics.models import DayValue
from people.models import QueueMembership, Team, TeamMembership

from .rules.guards import guard_of
from .rules.scoring import WHOLE, Measured, maximum_of, points_for
from .rules.scoring_sql import (
    CODES,
    GUARD_COLUMNS,
    ZONE_CODES,
    code_sql,
    guard_row,
    paused_sql,
    points_of_code,
    zone_of_code,
)
from .rules.terms import TermsInForce

DUE = "rescore_due"
RULES = "rescore_rules"
PERCENTS = "rescore_percents"
FRESH = "fresh_score"
SAMPLE = 50
BY_METRIC = "rescore_rules_by_metric"
TEMPORARY = (DUE, RULES, PERCENTS, FRESH, BY_METRIC)

RULE_COLUMNS = [
    "profile_id bigint",
    "objective_id bigint",
    "from_on date",
    "percent integer",
    "until_on date",
    "terms_id bigint",
    "metric_id bigint",
    "number integer",
    "maximum integer",
    *GUARD_COLUMNS,
]

POINTS = f"CASE f.paused WHEN 1 THEN 0 WHEN 0 THEN {points_of_code('f.code')} END"
ZONE = zone_of_code("f.code")
REASON = "CASE f.paused WHEN 1 THEN 'guarded' ELSE '' END"
"""Points, zone and reason of a row (alias f) of `FRESH` or `scores_select`; null where it is not safe to multiply."""

UNSAFE = "(f.code IS NULL OR f.paused IS NULL)"


def make_due(cursor) -> None:
    """An empty `DUE`."""
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
            "next_revision integer",
            "old_division_id bigint",
            "old_profile_id bigint",
        ],
        key=["agent_id", "workday"],
    )


def scores_select(cursor, terms: Sequence[TermsInForce]) -> str:
    """Loads the terms into `RULES` and gives the select of the due workdays' scores, in the order of their key."""
    rules = _load_rules(cursor, terms)
    by_queue = any(one.queue_percents for one in terms)
    by_team = any(one.team_percents for one in terms)
    if by_queue:
        _find_home_queues(cursor)
    guarded = any(one.guard_metric_id for one in terms)
    code = code_sql(rules, number="r.number")
    source = _by_metric(cursor, terms) if _reads_most_values(cursor, terms) else _by_objective(cursor, terms)
    return _score_sql(code, source, guarded=guarded, by_queue=by_queue, by_team=by_team)


def within_due(cursor, alias: str) -> str:
    """The test that a row's agent lies between the first and the last that are due. PostgreSQL then reads that stretch
    of an index rather than everything before it, or the whole table; SQLite looks each pair up anyway.
    """
    if connection.vendor != "postgresql":
        return ""
    cursor.execute(f"SELECT MIN(agent_id), MAX(agent_id) FROM {DUE}")
    first, last = cursor.fetchone()
    return "" if first is None else f" AND {alias}.agent_id BETWEEN {first} AND {last}"


def score_due(cursor, terms: Sequence[TermsInForce]) -> None:
    """Fills `FRESH` with the scores of the due workdays under the terms."""
    fill_fresh(cursor, terms, scores_select(cursor, terms))


def fill_fresh(cursor, terms: Sequence[TermsInForce], select: str) -> None:
    """Fills `FRESH` from `scores_select`; what it leaves out, the rule itself scores."""
    make_temporary(
        cursor,
        FRESH,
        [
            "agent_id bigint",
            "workday date",
            "objective_id bigint",
            "terms_id bigint",
            "percent integer",
            "code bigint",
            "maximum integer",
            "paused integer",
            "revision integer",
        ],
        key=["agent_id", "workday", "objective_id"],
    )
    cursor.execute(f"INSERT INTO {FRESH} {select}")
    _score_by_the_rule(cursor, terms)
    tell_planner(cursor, FRESH)


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


def _load_rules(cursor, terms: Sequence[TermsInForce]) -> list[tuple]:
    """Fills `RULES` with each terms and multiplier, `PERCENTS` with the multipliers. The different rules, by the number
    that their row has.
    """
    rows = [(one, percent) for one in terms for percent in one.percents]
    numbers = {rule: number for number, rule in enumerate(dict.fromkeys((one.zones, p) for one, p in rows))}
    make_temporary(cursor, RULES, RULE_COLUMNS, key=["profile_id", "objective_id", "from_on", "percent"])
    insert_rows(
        cursor,
        RULES,
        [name.split()[0] for name in RULE_COLUMNS],
        [_rule_cells(one, percent, numbers[one.zones, percent]) for one, percent in rows],
    )
    tell_planner(cursor, RULES)
    make_temporary(cursor, PERCENTS, ["terms_id bigint", "queue_id bigint", "team_id bigint", "percent integer"])
    percents = [(one.terms_id, queue, None, percent) for one in terms for queue, percent in one.queue_percents]
    percents += [(one.terms_id, None, team, percent) for one in terms for team, percent in one.team_percents]
    insert_rows(cursor, PERCENTS, ["terms_id", "queue_id", "team_id", "percent"], percents)
    return list(numbers)


def _rule_cells(one: TermsInForce, percent: int, number: int) -> list:
    span = [one.profile_id, one.objective_id, one.from_on, percent, one.until_on, one.terms_id, one.metric_id]
    return [*span, number, maximum_of(one.zones, percent=percent), *_guard_cells(one)]


def _guard_cells(one: TermsInForce) -> list:
    if one.guard_metric_id is None:
        return [None] * len(GUARD_COLUMNS)
    return [one.guard_metric_id, *guard_row(one.guard_operator, one.guard_bound)]


def in_force_sql(terms: Sequence[TermsInForce]) -> str:
    """The test that terms (r) hold on the workday (d); nothing where all of them hold on all days that are due."""
    return "" if all(one.holds_throughout for one in terms) else "AND r.from_on <= d.workday AND r.until_on > d.workday"


def _by_objective(cursor, terms: Sequence[TermsInForce]) -> str:
    """Each due workday, each objective in force, its day value."""
    return (
        f"{DUE} d {in_this_order()} {RULES} r ON r.profile_id = d.profile_id {in_force_sql(terms)}"
        f" {in_this_order()} {DayValue._meta.db_table} v ON v.agent_id = d.agent_id AND v.workday = d.workday"
        f" AND v.metric_id = r.metric_id{within_due(cursor, 'v')}"
    )


def _reads_most_values(cursor, terms: Sequence[TermsInForce]) -> bool:
    """Whether, on SQLite, it is quicker to go through a day's values and look up the objective of each: when most of
    them have one, and exactly one. A few due days tell.
    """
    if connection.vendor != "sqlite" or not all(one.holds_throughout and one.percents == [WHOLE] for one in terms):
        return False
    if len({(one.profile_id, one.metric_id) for one in terms}) < len(terms):
        return False
    sample = f"(SELECT agent_id, workday, profile_id FROM {DUE} WHERE profile_id IS NOT NULL LIMIT {SAMPLE})"
    cursor.execute(
        f"SELECT COUNT(*), COUNT(r.terms_id) FROM {sample} d JOIN {DayValue._meta.db_table} v"
        f" ON v.agent_id = d.agent_id AND v.workday = d.workday"
        f" LEFT JOIN {RULES} r ON r.profile_id = d.profile_id AND r.metric_id = v.metric_id"
    )
    values, read = cursor.fetchone()
    return read * 4 > values * 3


def _by_metric(cursor, terms: Sequence[TermsInForce]) -> str:
    """Each due workday, each day value, the objective that reads it: found by one whole number."""
    width = 1 + max(one.metric_id for one in terms)
    make_temporary(cursor, BY_METRIC, ["id integer primary key", *RULE_COLUMNS])
    cursor.execute(f"INSERT INTO {BY_METRIC} SELECT profile_id * {width} + metric_id, r.* FROM {RULES} r")
    return (
        f"{DUE} d {in_this_order()} {DayValue._meta.db_table} v ON v.agent_id = d.agent_id AND v.workday = d.workday"
        f" AND v.metric_id < {width} {in_this_order()} {BY_METRIC} r ON r.id = d.profile_id * {width} + v.metric_id"
    )


def _score_sql(code: str, source: str, *, guarded: bool, by_queue: bool, by_team: bool) -> str:
    values = DayValue._meta.db_table
    guard = (
        f" LEFT JOIN {values} g ON g.agent_id = d.agent_id AND g.workday = d.workday"
        f" AND g.metric_id = r.guard_metric_id"
        if guarded
        else ""
    )
    multiplied = f" AND r.percent = {_percent_sql(by_queue, by_team)}" if by_queue or by_team else ""
    return (
        f"SELECT d.agent_id, d.workday, r.objective_id, r.terms_id, r.percent, {code} AS code,"
        f" r.maximum, {paused_sql() if guarded else '0'} AS paused, d.next_revision AS revision"
        f" FROM {source}{guard} WHERE TRUE{multiplied}"
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


def _score_by_the_rule(cursor, terms: Sequence[TermsInForce]) -> None:
    """Scores, by the rule itself, the rows whose products do not fit 64 bits."""
    by_id = {one.terms_id: one for one in terms}
    cursor.execute(f"SELECT 1 FROM {FRESH} f WHERE {UNSAFE} LIMIT 1")
    if not cursor.fetchone():
        return
    values, join = DayValue._meta.db_table, in_this_order()
    cursor.execute(
        f"SELECT f.agent_id, f.workday, f.objective_id, f.terms_id, f.percent, v.total, v.count, g.total, g.count"
        f" FROM {FRESH} f {join} {RULES} r ON r.terms_id = f.terms_id AND r.percent = f.percent"
        f" {join} {values} v ON v.agent_id = f.agent_id AND v.workday = f.workday AND v.metric_id = r.metric_id"
        f" LEFT JOIN {values} g ON g.agent_id = f.agent_id AND g.workday = f.workday"
        f" AND g.metric_id = r.guard_metric_id"
        f" WHERE {UNSAFE}"
    )
    updates = []
    for *key, terms_id, percent, total, count, guard_total, guard_count in cursor.fetchall():
        one = by_id[terms_id]
        scored = points_for(Measured(total, count), one.zones, percent=percent)
        guard = Measured(guard_total, guard_count) if guard_total is not None else None
        paused = one.guard_metric_id and guard_of(guard, one.guard_operator, one.guard_bound).paused
        updates.append([scored.points * CODES + ZONE_CODES[scored.zone.kind], int(bool(paused)), *key])
    if updates:
        cursor.executemany(
            f"UPDATE {FRESH} SET code = %s, paused = %s WHERE agent_id = %s AND workday = %s AND objective_id = %s",
            updates,
        )
