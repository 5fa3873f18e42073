"""Reads of scorecards: the settings in force, scores of workdays, and late data that waits."""

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import connection
from django.db.models import BigIntegerField, Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from foundation.records.dated import EVER
from foundation.records.fields import UnitField
from foundation.records.sets import drop_temporary, in_this_order, tell_planner
from interactions.enums import TouchReason
from interactions.models import Touch
from metrics.models import Metric
from people.models import Division, DivisionAssignment, User
from people.queries import default_division, division_id_on

from .enums import GuardScope
from .models import DivisionDay, ObjectiveTerms, Profile, ProfileAssignment, Reopening, Score, ScoreDay
from .rules.scoring import zones_from_json
from .rules.terms import TermsDraft, TermsInForce
from .sets import DUE, FRESH, POINTS, TEMPORARY, make_due, score_due

FACT_REASONS = (TouchReason.INTERACTION, TouchReason.EVALUATION, TouchReason.READING, TouchReason.METRIC)
"""Reasons that change day values; all others change only how they are scored."""


def default_profile() -> Profile | None:
    """The profile of everyone who has no other."""
    return Profile.objects.filter(is_default=True).first()


# Who is scored by which profile --------------------------------------------------------------------------------------


def profile_id_on(day: dt.date, *, person: str = "pk") -> Coalesce:
    """An expression over people: the id of each one's profile on a day. `person` names the outer key."""
    assigned = ProfileAssignment.objects.by(day).filter(person=OuterRef(person)).values("profile")[:1]
    default = Profile.objects.filter(is_default=True).values("pk")[:1]
    return Coalesce(Subquery(assigned), Subquery(default), output_field=BigIntegerField())


def scored_places_on(day: dt.date) -> dict[int, tuple[int | None, int]]:
    """Person id → the profile and the division by which each active person is scored on a day. One query."""
    rows = User.objects.filter(is_active=True, is_service=False).order_by()
    rows = rows.annotate(on_profile=profile_id_on(day), on_division=division_id_on(day))
    return {pk: (profile, division) for pk, profile, division in rows.values_list("pk", "on_profile", "on_division")}


def members_of(profile: Profile, *, on: dt.date) -> QuerySet[User]:
    """Active people who are scored by a profile on a day; for the default one everyone without another."""
    people = User.objects.filter(is_active=True, is_service=False)
    return people.alias(profile_today=profile_id_on(on)).filter(profile_today=profile.pk)


def standing_assignments(*, on: dt.date) -> QuerySet[ProfileAssignment]:
    """Assignments of active people in force on a day, and those to come."""
    newer = ProfileAssignment.objects.filter(
        person=OuterRef("person"), from_on__gt=OuterRef("from_on"), from_on__lte=on
    )
    return ProfileAssignment.objects.filter(Q(from_on__gt=on) | ~Exists(newer), person__is_active=True)


def profiles_within(people: QuerySet[User], *, on: dt.date) -> QuerySet[Profile]:
    """Profiles that have members now or to come, all of them among `people`; never the default one."""
    standing = standing_assignments(on=on).filter(profile=OuterRef("pk"))
    outside = standing.exclude(person__in=people.values("pk"))
    return Profile.objects.filter(Exists(standing), ~Exists(outside), is_default=False)


# From which day a change may hold ------------------------------------------------------------------------------------


def tomorrow_everywhere(*, at: dt.datetime) -> dt.date:
    """The first day that has begun in no division yet."""
    days = [at.astimezone(division.zone).date() for division in Division.objects.all()] or [at.date()]
    return max(days) + dt.timedelta(days=1)


def first_open_day() -> dt.date | None:
    """The first workday from which on none is final, in any division; None where none is final yet."""
    last = DivisionDay.objects.aggregate(Max("workday"))["workday__max"]
    return last and last + dt.timedelta(days=1)


# Terms -------------------------------------------------------------------------------------------------------------


def terms_in_force(profile_ids: Iterable[int], *, from_on: dt.date, to_on: dt.date) -> list[TermsInForce]:
    """Active terms of the profiles that hold on some day from `from_on` to `to_on`, both inclusive."""
    rows = (
        ObjectiveTerms.objects.filter(objective__profile__in=list(profile_ids))
        .select_related("objective")
        .prefetch_related("multipliers")
        .order_by("objective__position", "objective_id", "from_on")
    )
    spans = []
    for _, group in itertools.groupby(rows, key=lambda row: row.objective_id):
        history = list(group)
        ends = [row.from_on for row in history[1:]] + [dt.date.max]
        moved = len({row.metric_id for row in history}) > 1
        spans += [
            replace(
                as_in_force(row, until_on=end),
                reads_another_metric=moved,
                holds_throughout=row.from_on <= from_on and end > to_on,
            )
            for row, end in zip(history, ends, strict=True)
            if row.is_active and row.from_on <= to_on and end > from_on
        ]
    return spans


def as_in_force(row: ObjectiveTerms, *, until_on: dt.date = dt.date.max) -> TermsInForce:
    """Plain values of terms with their multipliers. A guard on a home queue has no data yet and never pauses."""
    guarded = row.guard_metric_id if row.guard_scope != GuardScope.HOME_QUEUE else None
    multipliers = list(row.multipliers.all())
    return TermsInForce(
        terms_id=row.pk,
        objective_id=row.objective_id,
        profile_id=row.objective.profile_id,
        metric_id=row.metric_id,
        kind=row.kind,
        zones=zones_from_json(row.zones),
        from_on=row.from_on,
        until_on=until_on,
        guard_metric_id=guarded,
        guard_operator=row.guard_operator if guarded else "",
        guard_bound=_units(row, "guard_bound") if guarded else None,
        queue_percents=tuple((one.queue_id, one.percent) for one in multipliers if one.queue_id),
        team_percents=tuple((one.team_id, one.percent) for one in multipliers if one.team_id),
    )


def _units(row, name: str) -> int:
    unit_field: UnitField = row._meta.get_field(name)
    return unit_field.to_units(getattr(row, name))


# Final workdays ----------------------------------------------------------------------------------------------------

DEFAULT_LAG_MINUTES = 120


def closing_lag() -> dt.timedelta:
    """How long after its end a workday stays open: the longest lag of active metrics that objectives read."""
    used = Q(pk__in=ObjectiveTerms.objects.values("metric")) | Q(pk__in=ObjectiveTerms.objects.values("guard_metric"))
    longest = Metric.objects.filter(used, is_active=True).aggregate(Max("lag_minutes"))["lag_minutes__max"]
    return dt.timedelta(minutes=DEFAULT_LAG_MINUTES if longest is None else longest)


def open_workdays(division: Division, *, before: dt.date) -> list[dt.date]:
    """Workdays of a division with data, before a day, that are not final, oldest first."""
    closed = set(DivisionDay.objects.filter(division=division, workday__lt=before).values_list("workday", flat=True))
    return [day for day in workdays_with_data(division, before=before) if day not in closed]


def workdays_with_data(division: Division, *, before: dt.date) -> list[dt.date]:
    """Each workday of a division with a scored day. It hops over the index from day to day, so that a year of ten
    thousand agents costs hundreds of look-ups and not millions of rows.
    """
    table = connection.ops.quote_name(ScoreDay._meta.db_table)
    next_day = f"SELECT MIN(workday) FROM {table} WHERE division_id = %s AND workday"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE hop(workday) AS (SELECT ({next_day} < %s) UNION ALL"
            f" SELECT ({next_day} > hop.workday) FROM hop WHERE hop.workday IS NOT NULL)"
            f" SELECT workday FROM hop WHERE workday IS NOT NULL AND workday < %s ORDER BY workday",
            [division.pk, before, division.pk, before],
        )
        return [_as_day(row[0]) for row in cursor.fetchall()]


# Late data ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """Data that came too late for a final workday and waits for a reopening."""

    division: Division
    workday: dt.date
    agents: int
    since: dt.datetime


def waiting_late_data(*, at: dt.datetime, divisions: Iterable[Division] | None = None) -> list[Waiting]:
    """Final workdays with changes that came more than `LAUREL_LATE_DATA_DAYS` after they closed, oldest first."""
    known = {division.pk: division for division in (Division.objects.all() if divisions is None else divisions)}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.division_id, p.workday, COUNT(*), MIN(p.first_at)"
            f" FROM ({touched_pairs_sql()}) p"
            f" JOIN {DivisionDay._meta.db_table} d ON d.division_id = p.division_id AND d.workday = p.workday"
            f" WHERE NOT {may_come_in_sql('p', 'd')} GROUP BY p.division_id, p.workday"
            f" ORDER BY p.workday, p.division_id",
            [default_division().pk, late_since(at)],
        )
        rows = cursor.fetchall()
    return [
        Waiting(known[division], _as_day(day), agents, _as_moment(since))
        for division, day, agents, since in rows
        if division in known
    ]


def touched_pairs_sql() -> str:
    """Each touched agent workday with its division of that day, its first touch, and why its facts changed, if they
    did. Takes the default division's id as parameter.
    """
    facts = ", ".join(f"'{reason.value}'" for reason in FACT_REASONS)
    return (
        f"SELECT t.agent_id, t.workday, MIN(t.at) AS first_at,"
        f" MIN(CASE WHEN t.reason IN ({facts}) THEN t.reason END) AS reason, {division_sql('t')} AS division_id"
        f" FROM {Touch._meta.db_table} t GROUP BY t.agent_id, t.workday"
    )


def division_sql(alias: str) -> str:
    """The division of the alias's agent and workday. Takes the default division's id as parameter."""
    newest = setting_sql(DivisionAssignment, "division_id", f"s.person_id = {alias}.agent_id", alias)
    return f"COALESCE({newest}, %s)"


def setting_sql(model, column: str, owner: str, alias: str) -> str:
    """The column of the dated setting (alias s) of an owner that is in force on the alias's workday."""
    return (
        f"(SELECT s.{column} FROM {model._meta.db_table} s WHERE {owner} AND s.from_on <= {alias}.workday"
        f" ORDER BY s.from_on DESC LIMIT 1)"
    )


def may_come_in_sql(pair: str, day: str) -> str:
    """Whether data on a workday may come in: the day is open, closed lately (takes `late_since` as parameter), or was
    reopened after the pair's first touch.
    """
    return (
        f"({day}.closed_at IS NULL OR {day}.closed_at >= %s OR EXISTS (SELECT 1 FROM {Reopening._meta.db_table} o"
        f" WHERE o.division_id = {pair}.division_id AND o.from_on <= {pair}.workday AND o.to_on >= {pair}.workday"
        f" AND o.at >= {pair}.first_at))"
    )


def late_since(at: dt.datetime):
    """Workdays that closed before this moment take in no more data by themselves; as the database stores it."""
    return connection.ops.adapt_datetimefield_value(at - dt.timedelta(days=settings.LAUREL_LATE_DATA_DAYS))


def _as_day(value) -> dt.date:
    """A date of raw SQL: text on SQLite."""
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _as_moment(value) -> dt.datetime:
    """A moment of raw SQL, which on SQLite is text in UTC."""
    return dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC) if isinstance(value, str) else value


# What drafted terms would pay --------------------------------------------------------------------------------------

MOST_TRIED_DAYS = 40_000
"""Agent workdays that a trial reads at most; beyond, every n-th agent stands for all."""


@dataclass(frozen=True)
class Draft:
    """Drafted terms of an objective; `objective_id` is None for one that is new."""

    metric: Metric
    terms: TermsDraft
    objective_id: int | None = None


@dataclass(frozen=True)
class WouldPay:
    """Points and maximum of an objective over all its workdays with data: as scored, and under the draft. `draft` is
    None for a filter that is new: its part of the interactions is measured once the terms are published.
    """

    metric: Metric
    objective_id: int | None
    points: int
    maximum: int
    draft_points: int | None
    draft_maximum: int | None
    draft_days: int | None

    @property
    def change(self) -> int | None:
        return None if self.draft_points is None else self.draft_points - self.points


@dataclass(frozen=True)
class Trial:
    """What the workdays from `from_on` to `to_on` (inclusive) paid, and would have paid. `one_in` agents was read, of
    whom `gaining` would have had more points and `losing` fewer. `hidden` metrics are left out everywhere: a sum of
    theirs would have spoken of too few people.
    """

    from_on: dt.date
    to_on: dt.date
    agents: int
    workdays: int
    one_in: int
    objectives: tuple[WouldPay, ...]
    gaining: int = 0
    losing: int = 0
    hidden: tuple[Metric, ...] = ()

    @property
    def points(self) -> int:
        return sum(one.points for one in self.objectives)

    @property
    def draft_points(self) -> int:
        return sum(one.draft_points or 0 for one in self.objectives)

    @property
    def change(self) -> int:
        return self.draft_points - self.points

    @property
    def maximum(self) -> int:
        return sum(one.maximum for one in self.objectives)

    @property
    def draft_maximum(self) -> int:
        return sum(one.draft_maximum or 0 for one in self.objectives)


def what_would_pay(
    profile: Profile, drafts: Iterable[Draft], *, until_on: dt.date, days: int = 30, minimum: int = 0
) -> Trial:
    """What the `days` workdays before `until_on` would have paid the profile's agents under the drafts, against what
    they paid. Only temporary tables are written. Objectives that fewer than `minimum` people have data for, or treat
    differently by a multiplier, are left out.
    """
    from_on, to_on = until_on - dt.timedelta(days=days), until_on - dt.timedelta(days=1)
    scored = ScoreDay.objects.filter(profile=profile, workday__gte=from_on, workday__lte=to_on)
    one_in = max(1, -(-scored.count() // MOST_TRIED_DAYS))
    numbered = [(n, draft, _metric_read(draft)) for n, draft in enumerate(drafts)]
    with connection.cursor() as cursor:
        make_due(cursor)
        cursor.execute(
            f"INSERT INTO {DUE} (agent_id, workday, division_id, profile_id, is_final, facts)"
            f" SELECT agent_id, workday, division_id, profile_id, 0, 0 FROM {ScoreDay._meta.db_table}"
            f" WHERE profile_id = %s AND workday >= %s AND workday <= %s AND agent_id %% %s = 0",
            [profile.pk, from_on, to_on, one_in],
        )
        tell_planner(cursor, DUE)
        cursor.execute(f"SELECT COUNT(*), COUNT(DISTINCT agent_id) FROM {DUE}")
        workdays, agents = cursor.fetchone()
        before = _paid(cursor)
        tried = [(n, draft, metric) for n, draft, metric in numbered if metric and draft.terms.is_active]
        score_due(cursor, [_drafted(n, draft, profile, metric) for n, draft, metric in tried])
        after = _would_pay(cursor)
        small = _of_few_people(cursor, minimum)
        shown = [row for row in numbered if not {("old", row[1].objective_id), ("new", row[0])} & small]
        gaining, losing = _winners_and_losers(cursor, shown)
        drop_temporary(cursor, *TEMPORARY)
    outcomes = tuple(_outcome(n, draft, metric, before, after) for n, draft, metric in shown)
    hidden = tuple(row[1].metric for row in numbered if row not in shown)
    return Trial(from_on, to_on, agents, workdays, one_in, outcomes, gaining, losing, hidden)


def _metric_read(draft: Draft) -> Metric | None:
    """The metric whose day values the draft reads; None where its filter was never measured."""
    if not draft.terms.is_narrowed:
        return draft.metric
    return Metric.objects.filter(
        narrowed_from=draft.metric,
        narrow_media_type=draft.terms.media_type,
        narrow_direction=draft.terms.direction,
        narrow_queue=draft.terms.queue_id,
        is_active=True,
    ).first()


def _drafted(n: int, draft: Draft, profile: Profile, metric: Metric) -> TermsInForce:
    """A draft as if it had always been in force, under a number of its own."""
    terms = draft.terms
    guarded = terms.guard_metric_id if terms.guard_scope != GuardScope.HOME_QUEUE else None
    return TermsInForce(
        terms_id=n,
        objective_id=n,
        profile_id=profile.pk,
        metric_id=metric.pk,
        kind=terms.kind,
        zones=tuple(terms.zones),
        from_on=EVER,
        until_on=dt.date.max,
        holds_throughout=True,
        guard_metric_id=guarded,
        guard_operator=terms.guard_operator if guarded else "",
        guard_bound=ObjectiveTerms._meta.get_field("guard_bound").to_units(terms.guard_bound) if guarded else None,
        queue_percents=tuple((one.queue_id, one.percent) for one in terms.multipliers if one.queue_id),
        team_percents=tuple((one.team_id, one.percent) for one in terms.multipliers if one.team_id),
    )


def _paid(cursor) -> dict[int, tuple[int, int]]:
    cursor.execute(
        f"SELECT s.objective_id, SUM(s.points), SUM(s.maximum) FROM {DUE} d {in_this_order()}"
        f" {Score._meta.db_table} s ON s.agent_id = d.agent_id AND s.workday = d.workday GROUP BY s.objective_id"
    )
    return {objective: (int(points), int(maximum)) for objective, points, maximum in cursor.fetchall()}


def _would_pay(cursor) -> dict[int, tuple[int, int, int]]:
    cursor.execute(
        f"SELECT f.objective_id, SUM({POINTS}), SUM(f.maximum), COUNT(*) FROM {FRESH} f GROUP BY f.objective_id"
    )
    return {n: (int(points), int(maximum), days) for n, points, maximum, days in cursor.fetchall()}


def _of_few_people(cursor, minimum: int) -> set[tuple[str, int]]:
    """("old", objective id) and ("new", number of the draft) whose sums speak of fewer than `minimum` people, all
    together or in a group with a multiplier of its own.
    """
    cursor.execute(
        f"SELECT 'old', s.objective_id FROM {DUE} d {in_this_order()} {Score._meta.db_table} s"
        f" ON s.agent_id = d.agent_id AND s.workday = d.workday"
        f" GROUP BY s.objective_id HAVING COUNT(DISTINCT s.agent_id) < %s"
        f" UNION SELECT 'new', f.objective_id FROM {FRESH} f"
        f" GROUP BY f.objective_id, f.percent HAVING COUNT(DISTINCT f.agent_id) < %s",
        [minimum, minimum],
    )
    return {(side, number) for side, number in cursor.fetchall()}


def _winners_and_losers(cursor, shown) -> tuple[int, int]:
    """How many agents would have had more points over all their workdays, and how many fewer, by what is shown."""
    if not shown:
        return 0, 0
    numbers = [n for n, _, _ in shown]
    ids = [draft.objective_id for _, draft, _ in shown if draft.objective_id] or [0]
    marks, id_marks = (", ".join(["%s"] * len(values)) for values in (numbers, ids))
    cursor.execute(
        f"WITH old AS (SELECT s.agent_id, SUM(s.points) AS points FROM {DUE} d {in_this_order()}"
        f" {Score._meta.db_table} s ON s.agent_id = d.agent_id AND s.workday = d.workday"
        f" WHERE s.objective_id IN ({id_marks}) GROUP BY s.agent_id),"
        f" new AS (SELECT f.agent_id, SUM({POINTS}) AS points FROM {FRESH} f"
        f" WHERE f.objective_id IN ({marks}) GROUP BY f.agent_id),"
        f" change_of AS (SELECT p.agent_id, COALESCE(new.points, 0) - COALESCE(old.points, 0) AS change"
        f" FROM (SELECT DISTINCT agent_id FROM {DUE}) p"
        f" LEFT JOIN old ON old.agent_id = p.agent_id LEFT JOIN new ON new.agent_id = p.agent_id)"
        f" SELECT COALESCE(SUM(CASE WHEN change > 0 THEN 1 ELSE 0 END), 0),"
        f" COALESCE(SUM(CASE WHEN change < 0 THEN 1 ELSE 0 END), 0) FROM change_of",
        [*ids, *numbers],
    )
    gaining, losing = cursor.fetchone()
    return int(gaining), int(losing)


def _outcome(n: int, draft: Draft, metric: Metric | None, before: dict, after: dict) -> WouldPay:
    points, maximum = before.get(draft.objective_id, (0, 0))
    drafted = after.get(n, (0, 0, 0)) if metric else (None, None, None)
    return WouldPay(draft.metric, draft.objective_id, points, maximum, *drafted)
