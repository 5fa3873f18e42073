"""Scores of other systems for goals: each a reading of the goal's external metric, and never points.

A score comes once for its goal, person, moment, source and session. For a goal that nobody knows it is kept, until a
goal is made under that name or somebody attaches it.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction

from goals.actions import review_late_score
from goals.enums import Counted
from goals.models import Goal
from metrics.actions import NewReading, ReadingRefused, record_readings
from metrics.enums import Aggregation, ReadingKind, Source
from metrics.models import Reading
from people.models import User

from ..goal_queries import may_send_for, orphans
from ..models import Client, GoalKey, GoalScore
from .unmatched import tell_waiting_scores


class ScoreRefused(Exception):
    """A score that its goal cannot take; the message is a sentence for people."""


class AlreadyThere(ScoreRefused):
    """The goal has a score of that person, moment, source and session."""


@dataclass(frozen=True)
class NewScore:
    """What was posted. `named` is how the goal was named."""

    named: str
    person: User
    occurred_at: dt.datetime
    workday: dt.date
    score: Decimal
    source: str = ""
    session_id: str = ""
    metadata: dict | None = None

    @property
    def once(self) -> dict:
        """What makes it the same score, beside its goal."""
        return {
            "person": self.person,
            "occurred_at": self.occurred_at,
            "source": self.source,
            "session_id": self.session_id,
        }


def hold_name(name: str) -> GoalKey:
    """The row of a name, with its goal if it has one. Until the end of the transaction nobody gives it another."""
    GoalKey.objects.get_or_create(key=name)
    return GoalKey.objects.select_for_update(of=("self",)).get(key=name)


@transaction.atomic
def take_score(
    new: NewScore, *, goal: Goal | None, client: Client, by: User, at: dt.datetime
) -> tuple[GoalScore, bool]:
    """Keeps a score, and reads it where its goal is known. The score, and whether it is new: one that comes again is
    the first, whatever it says. ScoreRefused where the goal counts nothing from outside.

    One that lies in a closed period opens a review. Without a goal the caller holds the name.
    """
    if goal is not None:
        _require_external(goal)
    rows = GoalScore.objects.filter(**new.once, goal=goal, **({} if goal else {"named": new.named}))
    if first := rows.first():
        return first, False
    row = GoalScore(
        **new.once,
        named=new.named,
        workday=new.workday,
        score=new.score,
        metadata=new.metadata or {},
        client=client,
        by=by,
        at=at,
    )
    try:
        with transaction.atomic():
            _save(row, goal, at=at)
    except IntegrityError:  # another call brought the same meanwhile; its own reading went with the savepoint
        return rows.get(), False
    return row, True


@transaction.atomic
def attach(score: GoalScore, *, goal: Goal, at: dt.datetime) -> None:
    """Gives an orphan its goal. AlreadyThere where the goal has it; ScoreRefused where it cannot take it."""
    row = GoalScore.objects.select_for_update().get(pk=score.pk)
    same = {name: getattr(row, name) for name in ("person", "occurred_at", "source", "session_id")}
    if row.goal_id or GoalScore.objects.filter(goal=goal, **same).exists():
        raise AlreadyThere("The goal has this score.")
    _require_external(goal)
    _save(row, goal, at=at)


class NameTaken(Exception):
    """Another goal has the name."""


@transaction.atomic
def name_goal(goal: Goal, key: str, *, at: dt.datetime) -> int:
    """Lets a goal be known by a key, and gives it the scores that came under it before, as far as whoever sent them may
    send for it. How many. NameTaken.
    """
    row = hold_name(key)
    if row.goal_id not in (None, goal.pk):
        raise NameTaken
    GoalKey.objects.filter(pk=row.pk).update(goal=goal)
    if not takes_scores(goal):
        return 0
    waiting = orphans().filter(named=key).select_related("by")
    attached = sum(_attached([score for score in waiting if may_send_for(score.by, goal)], goal, at=at))
    if attached:
        tell_waiting_scores(at=at)
    return attached


def _attached(scores: Iterable[GoalScore], goal: Goal, *, at: dt.datetime) -> Iterable[bool]:
    for score in scores:
        try:
            attach(score, goal=goal, at=at)
        except ScoreRefused:
            yield False
        else:
            yield True


def takes_scores(goal: Goal) -> bool:
    return goal.counted == Counted.METRIC and goal.metric.source == Source.EXTERNAL and goal.metric.is_active


def _require_external(goal: Goal) -> None:
    if not takes_scores(goal):
        raise ScoreRefused("This goal counts no external metric; it takes no scores.")


def _save(row: GoalScore, goal: Goal | None, *, at: dt.datetime) -> None:
    """Saves the score, with its reading and perhaps a review where it has a goal."""
    if goal is not None:
        row.goal, row.reading = goal, _read(row, goal, at=at)
    row.save()
    if goal is not None:
        review_late_score(goal, person=row.person, workday=row.workday, at=at)


def _read(row: GoalScore, goal: Goal, *, at: dt.datetime) -> Reading:
    """The score as a reading: it is added to what the day has. An averaged metric counts each score once."""
    is_average = goal.metric.aggregation == Aggregation.AVERAGE
    reading = NewReading(
        metric=goal.metric,
        agent_id=row.person_id,
        workday=row.workday,
        value=row.score,
        key=f"score:{row.public_id}",
        count=Decimal(1) if is_average else None,
        kind=ReadingKind.CUMULATIVE,
    )
    source = f"api:{row.client_id}"
    try:
        record_readings([reading], source=source, at=at, keys_are_new=True)
    except ReadingRefused as error:
        raise ScoreRefused(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    return Reading.objects.get(source=source, key=reading.key)
