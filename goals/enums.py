"""Choices of goals, their results and what becomes of a payout."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.periods import Kind


class Scope(models.TextChoices):
    INDIVIDUAL = "individual", _("each agent for themselves")
    TEAM = "team", _("the team together")


class Counted(models.TextChoices):
    METRIC = "metric", _("a metric")
    POINTS = "points", _("scored points")
    REPORTED = "reported", _("a status that another system reports")


class Frequency(models.TextChoices):
    DAILY = "daily", _("daily")
    WEEKLY = "weekly", _("weekly")
    MONTHLY = "monthly", _("monthly")
    QUARTERLY = "quarterly", _("quarterly")

    @property
    def kind(self) -> Kind:
        return Kind(self.value)


class Operator(models.TextChoices):
    GTE = "gte", _("at least")
    LTE = "lte", _("at most")


class GoalStatus(models.TextChoices):
    """From worst to best."""

    BEHIND = "BEHIND", _("behind")
    AT_RISK = "AT_RISK", _("at risk")
    ON_TRACK = "ON_TRACK", _("on track")
    ACHIEVED = "ACHIEVED", _("achieved")


GoalStatus.paid_statuses = (GoalStatus.ACHIEVED,)
"""Statuses at which a binary goal pays."""


class PayForm(models.TextChoices):
    BINARY = "binary", _("all or nothing")
    SCALED = "scaled", _("scaled by how far it was reached")


class PayMode(models.TextChoices):
    PER_MEMBER = "per_member", _("points for each member")
    FIXED_POOL = "fixed_pool", _("a fixed number of points that members share")


class Sharing(models.TextChoices):
    EQUITY = "equity", _("equally")
    CONTRIBUTION = "contribution", _("in proportion to contribution")


class Expiry(models.TextChoices):
    NEVER = "never", _("never")
    AFTER_DAYS = "after_days", _("after a number of days")
    WITH_MONTH = "with_month", _("at the end of the month in which they are paid")


class GuardScope(models.TextChoices):
    OWN = "own", _("the agent's own value, or the team's")
    HOME_QUEUE = "home_queue", _("the value of the home queue, or of the team's primary queue")


class Unpaid(models.TextChoices):
    """Why a member, or a whole goal, is paid nothing though there may be a result."""

    NO_DATA = "no_data", _("no data")
    TOO_LITTLE = "too_little", _("less than the minimum volume")
    NOT_REACHED = "not_reached", _("not reached")
    GUARD = "guard", _("the guard was not met")
    GUARD_NO_DATA = "guard_no_data", _("the guard has no data")
    NOT_ELIGIBLE = "not_eligible", _("data on less than half of the workdays")
    OTHER_POOL = "other_pool", _("paid from another pool in this period")
    POOL_SHORT = "pool_short", _("the pool could not pay in full")


class ReviewCause(models.TextChoices):
    VALUE = "value", _("the value moved beyond the tolerance")
    STATUS = "status", _("the status changed")
    SHARES = "shares", _("the shares changed")
    POOL_SHORT = "pool_short", _("the pool could not pay in full")
    LATE_SCORE = "late_score", _("a score came in after the close")


class ReconcileStage(models.TextChoices):
    STABILISED = "stabilised", _("after stabilisation")
    WINDOW_OVER = "window_over", _("when late data ended")
    REOPENED = "reopened", _("after a reopening")


class Verdict(models.TextChoices):
    SAME = "same", _("posted as frozen")
    REVIEW = "review", _("to be reviewed")


class Decision(models.TextChoices):
    POST = "post", _("post as frozen")
    ADJUST = "adjust", _("adjust to today's figures")
    VOID = "void", _("void")


class DecisionReason(models.TextChoices):
    """What members are told."""

    LATE_DATA = "late_data", _("Late data changed the result.")
    WRONG_DATA = "wrong_data", _("The data was wrong and has been corrected.")
    WRONG_TERMS = "wrong_terms", _("The goal was set up wrongly.")
    GOODWILL = "goodwill", _("The result stands as it was announced.")
    POOL = "pool", _("The reward pool was short.")


class EventType(models.TextChoices):
    STATUS_CHANGED = "goal.status_changed", _("status changed")
    CLOSED = "goal.closed", _("goal closed")
    REWARD_POSTED = "reward.posted", _("reward posted")
    REWARD_VOIDED = "reward.voided", _("reward voided")
