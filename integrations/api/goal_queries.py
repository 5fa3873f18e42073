"""Reads that callers ask of goals: by their names, by whose they are, and what became of scores."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from foundation.periods import Period, ends_at, period_of
from goals.enums import Frequency
from goals.models import Goal, GoalTerms, Payout, Review, Snapshot
from goals.queries.due import first_period, member_teams
from goals.queries.seen import goals_seen_by
from goals.queries.terms import terms_in_force
from ledger.enums import TransferKind
from metrics.models import Metric
from people.access import configurable_teams, may, people_within, reach
from people.enums import Permission
from people.models import TeamMembership, User
from people.queries import today_of

from .enums import FilterField
from .models import FieldAlias, GoalKey, GoalScore, MetricAlias


def goal_named(name: str) -> Goal | None:
    """The goal with a public id or a key of its own, whoever asks."""
    rows = Goal.objects.select_related("team__division", "metric__narrowed_from", "detail")
    by_key = rows.filter(pk__in=GoalKey.objects.filter(key=same_name(name)).values("goal"))
    try:
        return rows.filter(public_id=uuid.UUID(name)).first() or by_key.first()
    except ValueError:
        return by_key.first()


def same_name(name: str) -> str:
    """A name as it is kept: a public id may be written in several ways."""
    try:
        return str(uuid.UUID(name))
    except ValueError:
        return name


def goals_known_to(viewer: User, *, on: dt.date) -> QuerySet[Goal]:
    """Goals that the viewer sees, sets, or may send scores for; of those without terms there is nothing to tell."""
    set_by = Q(team__in=configurable_teams(viewer, on=on).values("pk"))
    seen = Q(pk__in=goals_seen_by(viewer, on=on).order_by().values("pk"))
    sent = Q(pk__isnull=False) if reach(viewer, Permission.IMPORT).everywhere else Q(pk__in=())
    sent |= Q(team__division__in=reach(viewer, Permission.IMPORT).divisions)
    return Goal.objects.filter(seen | set_by | sent, Exists(GoalTerms.objects.filter(goal=OuterRef("pk"))))


def may_set_goal(viewer: User, goal: Goal, *, on: dt.date) -> bool:
    return configurable_teams(viewer, on=on).filter(pk=goal.team_id).exists()


def may_send_for(viewer: User, goal: Goal) -> bool:
    return may(viewer, Permission.IMPORT, division=goal.team.division)


# Names of metrics and fields --------------------------------------------------------------------------------------


def metric_named(name: str) -> tuple[Metric | None, str]:
    """The active metric of an alias, an id or a key, and how an alias adds members up (empty: it does not say)."""
    metrics = Metric.objects.filter(is_active=True, narrowed_from=None)
    alias = MetricAlias.objects.filter(name__iexact=name, metric__in=metrics).select_related("metric").first()
    if alias:
        return alias.metric, alias.aggregation
    if name.isascii() and name.isdigit() and len(name) < 19:
        return metrics.filter(pk=int(name)).first(), ""
    return metrics.filter(key=name).first(), ""


def fields_by_alias() -> dict[str, FilterField]:
    """Alias in lower case → field."""
    return {alias.name.lower(): FilterField(alias.field) for alias in FieldAlias.objects.all()}


# Scores -----------------------------------------------------------------------------------------------------------


def period_of_day(goal: Goal, day: dt.date) -> Period | None:
    """The period of a goal in which a day lies; None where the goal has none there."""
    period = period_of(Frequency(goal.frequency).kind, day)
    if period.start < first_period(goal).start or (goal.ends_on and period.end > goal.ends_on):
        return None
    return period


def is_member(goal: Goal, person: User, *, on: dt.date) -> bool:
    return TeamMembership.objects.on(on).filter(person=person, team__in=member_teams(goal)).exists()


def awarded_at(goal: Goal, person: User, period: Period) -> dt.datetime | None:
    """When the points of a period are a person's: when they were posted, else the earliest that they can be. None
    where the closed period pays them nothing, or nothing says how the period is settled.
    """
    frozen = Snapshot.objects.filter(goal=goal, period=period.key, corrects=None).select_related("terms").first()
    if frozen:
        return _paid_at(frozen, person)
    terms = terms_in_force([goal], on=period.start).get(goal.pk)
    if terms is None:
        return None
    wait = dt.timedelta(minutes=terms.lag_minutes, hours=terms.stabilisation_hours)
    return (ends_at(period.last, goal.team.division.zone) + wait).astimezone(dt.UTC)


def _paid_at(frozen: Snapshot, person: User) -> dt.datetime | None:
    payouts = Payout.objects.filter(goal=frozen.goal_id, period=frozen.period, person=person)
    payout = payouts.exclude(transfer__resolution__kind=TransferKind.VOID).select_related("transfer__resolution").last()
    if payout is None:
        return None
    posted = getattr(payout.transfer, "resolution", None)
    return posted.at if posted else frozen.at + dt.timedelta(hours=frozen.terms.stabilisation_hours)


def open_review(goal: Goal, person: User, period: Period) -> Review | None:
    """The review of a period that waits for somebody, and is about the whole result or this person."""
    waiting = Review.objects.filter(snapshot__goal=goal, snapshot__period=period.key, decision=None)
    return waiting.filter(Q(person=None) | Q(person=person)).first()


@dataclass(frozen=True)
class WaitingScores:
    """How many scores wait for a goal, when the newest came, and the names of most of them, at most `NAMED`."""

    number: int
    newest_at: dt.datetime
    names: list[str]


NAMED = 3


def waiting_scores(viewer: User, *, at: dt.datetime) -> WaitingScores | None:
    """The orphans that the viewer may give to goals, of people of their divisions; None where there are none. What came
    under a name that has a goal since waits for nobody: its sender may not send for the goal.
    """
    people = people_within(viewer, Permission.CONFIGURE_SCORING, on=today_of(viewer, at=at))
    nameless = GoalKey.objects.filter(goal=None)
    rows = orphans().order_by().filter(person__in=people.values("pk"), named__in=nameless.values("key"))
    all_of_them = rows.aggregate(number=Count("pk"), newest_at=Max("at"))
    if not all_of_them["number"]:
        return None
    by_name = rows.values("named").annotate(number=Count("pk")).order_by("-number", "named")
    return WaitingScores(**all_of_them, names=list(by_name.values_list("named", flat=True)[:NAMED]))


def orphans() -> QuerySet[GoalScore]:
    """Scores of goals that are not known, oldest first."""
    return GoalScore.objects.filter(goal=None).order_by("pk")
