"""Goals, teams and scores as callers read them."""

from decimal import Decimal

from foundation.periods import DAY, Period
from goals.enums import Counted, GoalStatus, PayMode, Sharing
from goals.models import Goal, GoalTerms
from goals.queries.drafts import newest_terms
from goals.queries.due import first_period
from metrics.enums import Source
from metrics.models import Metric
from people.models import Team

from .goal_queries import awarded_at, is_member, open_review, period_of_day
from .models import GoalScore
from .rules.goals import DISTRIBUTIONS, frequency_word
from .schemas import goals as schemas
from .shapes import division_ref
from .wire import number

HERE = "/api/v2/wem/goals"
NO_PERIOD = "The goal has no period on that day. The score is kept as a value of its metric, and no result has it."
NO_MEMBER = "The user is no member of the goal’s team on that day. The score counts for the goal once they are."
ORPHANED = (
    "No goal has this name. The score is kept, and counts once a goal is made under it, or an administrator says which"
    " goal is meant."
)


def goal_shape(goal: Goal, *, sets_it: bool, attached: int | None = None) -> schemas.Goal:
    """`sets_it`: whether the caller may change it, and so read what callers keep with it."""
    terms, detail = newest_terms(goal), getattr(goal, "detail", None)
    aggregation = terms.aggregation.upper()
    return schemas.Goal(
        id=str(goal.public_id),
        key=goal.keys.exclude(key=str(goal.public_id)).values_list("key", flat=True).first(),
        name=goal.name,
        description=goal.description,
        type=_type(goal),
        goal_scope=goal.scope.upper(),
        team_id=str(goal.team_id),
        metric_definitions=[metric_shape(goal.metric, aggregation)] if goal.metric_id else [],
        aggregation_type=aggregation,
        thresholds=_thresholds(terms),
        minimum_volume=number(terms.minimum_volume),
        evaluation_frequency=frequency_word(detail.evaluation_frequency if detail else "", goal.frequency),
        snapshot_evaluation=detail.snapshot_evaluation if detail else True,
        custom_fields=_custom(terms, detail) if sets_it else None,
        start_date=goal.starts_on,
        end_date=goal.ends_on - DAY if goal.ends_on else None,
        effective_from=terms.from_on,
        first_period=first_period(goal).key,
        enabled=goal.is_active,
        scores_attached=attached,
        self_uri=f"{HERE}/{goal.public_id}",
    )


def _type(goal: Goal) -> str:
    if goal.counted == Counted.METRIC:
        return "EXTERNAL" if goal.metric.source == Source.EXTERNAL else "METRIC"
    return goal.counted.upper()


def metric_shape(metric: Metric, aggregation: str) -> schemas.GoalMetric:
    origin = metric.narrowed_from or metric
    queue = metric.narrow_queue.name if metric.narrow_queue_id else ""
    limits = {"mediaType": metric.narrow_media_type, "direction": metric.narrow_direction, "queueName": queue}
    return schemas.GoalMetric(
        metric_id=str(origin.pk),
        metric=origin.key,
        name=origin.label,
        aggregation=aggregation,
        filters={name: limit for name, limit in limits.items() if limit},
    )


def _thresholds(terms: GoalTerms) -> list[schemas.GoalThreshold]:
    levels = [
        (GoalStatus.ACHIEVED, terms.achieved),
        (GoalStatus.ON_TRACK, terms.on_track),
        (GoalStatus.AT_RISK, terms.at_risk),
    ]
    return [
        schemas.GoalThreshold(status=status, operator=terms.operator.upper(), value=number(value))
        for status, value in levels
        if value is not None
    ]


def _custom(terms: GoalTerms, detail) -> dict:
    mode, sharing = PayMode(terms.pay_mode), Sharing(terms.sharing)
    shared = {word: pair for word, pair in DISTRIBUTIONS.items() if pair[0] == mode}
    word = next((word for word, pair in shared.items() if pair[1] == sharing), next(iter(shared)))
    reward = {"rewardPoints": terms.points, "distributionType": word}
    pool = {"rewardPoolId": terms.pool.key} if terms.pool else {}
    return {**(detail.custom_fields if detail else {}), **reward, **pool}


def score_shape(score: GoalScore) -> schemas.Score:
    """A score with what became of it. Of an orphan nothing is known but that it is kept."""
    goal = score.goal
    period = period_of_day(goal, score.workday) if goal else None
    review = open_review(goal, score.person, period) if period else None
    return schemas.Score(
        id=str(score.public_id),
        goal_id=str(goal.public_id) if goal else score.named,
        user_id=str(score.person.public_id),
        timestamp=score.occurred_at,
        score=number(Decimal(score.score)),
        metadata={**score.metadata, "source": score.source, "session_id": score.session_id},
        date_workday=score.workday,
        status="IN_REVIEW" if review else "ACCEPTED" if goal else "ORPHANED",
        message=_remark(score, period),
        evaluation_period=period.key if period else None,
        review_id=str(review.public_id) if review else None,
        points_awarded_at=awarded_at(goal, score.person, period) if period else None,
    )


def _remark(score: GoalScore, period: Period | None) -> str | None:
    """Why a score moves no result yet; nothing where it does."""
    if score.goal is None:
        return ORPHANED
    if period is None:
        return NO_PERIOD
    return None if is_member(score.goal, score.person, on=score.workday) else NO_MEMBER


def team_shape(team: Team) -> schemas.ScopedTeam:
    """A team with the people it begins with."""
    members = team.memberships.order_by("person__public_id").values_list("person__public_id", flat=True)
    ids = [str(public_id) for public_id in members]
    return schemas.ScopedTeam(
        id=str(team.pk),
        name=team.name,
        division=division_ref(team.division),
        team_scope="EXPLICIT",
        member_ids=ids,
        member_count=len(ids),
        aggregation_type=team.detail.aggregation.upper(),
        metric_definitions=[schemas.TeamMetric(**definition) for definition in team.detail.metric_definitions],
        self_uri=f"/api/v2/teams/{team.pk}",
    )
