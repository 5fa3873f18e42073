"""Scores of a set of workdays in temporary tables: the rule in SQL, and the rule itself where SQL would not be exact.

`DUE` holds the agent workdays with their profile; `score_due` leaves their scores in `FRESH`. Nothing else is written.
"""

from collections.abc import Sequence

from foundation.records.sets import in_this_order, insert_rows, make_temporary, tell_planner
from metrics.models import DayValue
from people.models import QueueMembership, Team, TeamMembership

from .rules.guards import guard_of
from .rules.scoring import WHOLE, Measured, points_for
from .rules.scoring_sql import (
    GUARD_COLUMNS,
    columns_of,
    guard_row,
    paused_sql,
    points_sql,
    scoring_row,
    zone_sql,
)
from .rules.terms import TermsInForce

DUE = "rescore_due"
RULES = "rescore_rules"
PERCENTS = "rescore_percents"
FRESH = "fresh_score"
TEMPORARY = (DUE, RULES, PERCENTS, FRESH)

POINTS = "CASE WHEN f.paused = 1 THEN 0 ELSE f.points END"
"""Points of a row of `FRESH` with the alias f."""


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
        ],
        key=["agent_id", "workday"],
    )


def score_due(cursor, terms: Sequence[TermsInForce]) -> None:
    """Fills `FRESH` with the scores of the due workdays under the terms."""
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


def _load_rules(cursor, terms: Sequence[TermsInForce]) -> int:
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


def _score_by_the_rule(cursor, terms: Sequence[TermsInForce]) -> None:
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
