"""Goals, the frozen results of their periods, what was paid, and the reviews of it."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation.records.appendonly import AppendOnlyModel
from foundation.records.dated import DatedSetting
from foundation.records.fields import UnitField
from ledger.models import Account, Debt, Transfer
from metrics.enums import Aggregation
from metrics.models import COUNT_PLACES, TOTAL_PLACES, Metric
from people.models import Queue, Team
from scorecards.enums import GuardOperator

from .enums import (
    Counted,
    Decision,
    DecisionReason,
    EventType,
    Expiry,
    Frequency,
    GoalStatus,
    GuardScope,
    Operator,
    PayForm,
    PayMode,
    ReconcileStage,
    ReviewCause,
    Scope,
    Sharing,
    Unpaid,
    Verdict,
)

PERSON = settings.AUTH_USER_MODEL


def _bound(name, **kwargs):
    return UnitField(name, places=TOTAL_PLACES, **kwargs)


class Goal(models.Model):
    """A target over periods, for each agent of a team or for the team together. How it is settled stands in its terms.

    Members are the people with a membership of `team` in the period; with `with_teams_below` those of the teams below
    it too (individual goals only). `starts_on` is inclusive, `ends_on` exclusive; only whole periods are closed.
    """

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    scope = models.CharField(_("for"), max_length=10, choices=Scope, default=Scope.TEAM)
    team = models.ForeignKey(Team, models.PROTECT, related_name="goals", verbose_name=_("team"))
    with_teams_below = models.BooleanField(_("with the teams below"), default=False)
    counted = models.CharField(_("what is counted"), max_length=8, choices=Counted, default=Counted.METRIC)
    metric = models.ForeignKey(
        Metric, models.PROTECT, null=True, blank=True, related_name="goals", verbose_name=_("metric")
    )
    frequency = models.CharField(_("period"), max_length=9, choices=Frequency, default=Frequency.MONTHLY)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends before"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_by = models.ForeignKey(
        PERSON, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("set by")
    )
    created_at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="goals_goal_metric_if_counted",
                condition=Q(counted="metric", metric__isnull=False)
                | Q(counted__in=["points", "reported"], metric__isnull=True),
            ),
            models.CheckConstraint(
                name="goals_goal_ends_after_start", condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on"))
            ),
            models.CheckConstraint(
                name="goals_goal_teams_below_if_individual",
                condition=Q(with_teams_below=False) | Q(scope=Scope.INDIVIDUAL),
            ),
        ]

    def __str__(self):
        return self.name


class GoalTerms(DatedSetting):
    """How a goal is settled in periods that start on or after `from_on`. Written once; a change is a new row.

    Thresholds in the metric's unit. `points` at 100 percent: for each member, or the fixed number that is shared.
    Without a pool, points come from *issued*.
    """

    goal = models.ForeignKey(Goal, models.CASCADE, related_name="terms", verbose_name=_("goal"))
    aggregation = models.CharField(_("over members"), max_length=8, choices=Aggregation, default=Aggregation.SUM)
    operator = models.CharField(_("must be"), max_length=3, choices=Operator, default=Operator.GTE)
    achieved = _bound(_("achieved"))
    on_track = _bound(_("on track"), null=True, blank=True)
    at_risk = _bound(_("at risk"), null=True, blank=True)
    minimum_volume = UnitField(_("minimum volume"), places=COUNT_PLACES, default=0, blank=True)
    pay_form = models.CharField(_("pays"), max_length=6, choices=PayForm, default=PayForm.BINARY)
    pay_mode = models.CharField(_("as"), max_length=10, choices=PayMode, default=PayMode.PER_MEMBER)
    points = models.PositiveIntegerField(_("points at 100 percent"), default=0)
    floor_percent = UnitField(_("floor in percent"), places=2, default=100)
    floor_points = models.PositiveIntegerField(_("points at the floor"), default=0)
    cap_points = models.PositiveIntegerField(_("most points"), null=True, blank=True)
    sharing = models.CharField(_("shared"), max_length=12, choices=Sharing, default=Sharing.EQUITY)
    pool = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reward pool")
    )
    expiry = models.CharField(_("points expire"), max_length=10, choices=Expiry, default=Expiry.NEVER)
    expires_after_days = models.PositiveIntegerField(_("days until points expire"), null=True, blank=True)
    guard_metric = models.ForeignKey(
        Metric, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("guard: metric")
    )
    guard_operator = models.CharField(
        _("guard: must be"), max_length=8, choices=GuardOperator, default=GuardOperator.AT_LEAST
    )
    guard_bound = _bound(_("guard: bound"), null=True, blank=True)
    guard_scope = models.CharField(_("guard: whose value"), max_length=10, choices=GuardScope, default=GuardScope.OWN)
    guard_goal = models.ForeignKey(
        Goal, models.PROTECT, null=True, blank=True, related_name="guards", verbose_name=_("guard: goal")
    )
    guard_goal_status = models.CharField(
        _("guard: goal is at least"), max_length=8, choices=GoalStatus, default=GoalStatus.ACHIEVED
    )
    lag_minutes = models.PositiveIntegerField(_("lag in minutes"), default=120)
    stabilisation_hours = models.PositiveIntegerField(_("stabilisation in hours"), default=72)
    tolerance_percent = UnitField(_("tolerance in percent"), places=2, default=2)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = models.ForeignKey(PERSON, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("set by"))
    at = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name = _("terms of a goal")
        verbose_name_plural = _("terms of goals")
        ordering = ["from_on"]
        constraints = [
            models.UniqueConstraint(fields=["goal", "from_on"], name="goals_goalterms_once_a_day"),
            models.CheckConstraint(
                name="goals_goalterms_thresholds_ordered",
                condition=(
                    Q(operator="gte")
                    & (Q(on_track__isnull=True) | Q(on_track__lt=F("achieved")))
                    & (Q(at_risk__isnull=True) | Q(at_risk__lt=F("achieved")))
                    & (Q(at_risk__isnull=True) | Q(on_track__isnull=True) | Q(at_risk__lt=F("on_track")))
                )
                | (
                    Q(operator="lte")
                    & (Q(on_track__isnull=True) | Q(on_track__gt=F("achieved")))
                    & (Q(at_risk__isnull=True) | Q(at_risk__gt=F("achieved")))
                    & (Q(at_risk__isnull=True) | Q(on_track__isnull=True) | Q(at_risk__gt=F("on_track")))
                ),
            ),
            models.CheckConstraint(
                name="goals_goalterms_guard_complete",
                condition=Q(guard_metric__isnull=True) | Q(guard_bound__isnull=False),
            ),
            models.CheckConstraint(
                name="goals_goalterms_one_guard", condition=Q(guard_metric__isnull=True) | Q(guard_goal__isnull=True)
            ),
            models.CheckConstraint(
                name="goals_goalterms_expiry_days",
                condition=~Q(expiry="after_days") | Q(expires_after_days__gt=0),
            ),
            models.CheckConstraint(
                name="goals_goalterms_scaled_in_order",
                condition=Q(pay_form="binary")
                | (Q(floor_percent__gt=0) & Q(floor_percent__lte=100_00) & Q(floor_points__lte=F("points"))),
            ),
            models.CheckConstraint(
                name="goals_goalterms_cap_not_below",
                condition=Q(cap_points__isnull=True) | Q(cap_points__gte=F("points")),
            ),
        ]

    def __str__(self):
        return f"{self.goal} ({self.from_on})"


class GoalMultiplier(models.Model):
    """Scales the points of members of a home queue or of a team, or weighs their shares. In percent."""

    terms = models.ForeignKey(GoalTerms, models.CASCADE, related_name="multipliers", verbose_name=_("terms"))
    queue = models.ForeignKey(
        Queue, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("home queue")
    )
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team"))
    percent = models.PositiveIntegerField(_("percent"), default=100, validators=[MaxValueValidator(10000)])

    class Meta:
        verbose_name = _("multiplier of a goal")
        verbose_name_plural = _("multipliers of goals")
        constraints = [
            models.CheckConstraint(
                name="goals_goalmultiplier_queue_or_team",
                condition=Q(queue__isnull=False, team__isnull=True) | Q(queue__isnull=True, team__isnull=False),
            ),
            models.CheckConstraint(
                name="goals_goalmultiplier_positive", condition=Q(percent__gte=1, percent__lte=10000)
            ),
            models.UniqueConstraint(fields=["terms", "queue"], name="goals_goalmultiplier_queue_once"),
            models.UniqueConstraint(fields=["terms", "team"], name="goals_goalmultiplier_team_once"),
        ]


class ReportedResult(AppendOnlyModel):
    """The status of a goal's period as another system reported and confirmed it. It comes once; another status for the
    same period is for people to look at.

    `period` is the period's key, `value` what was reported beside the status, in no unit of ours.
    """

    goal = models.ForeignKey(Goal, models.PROTECT, related_name="reported", verbose_name=_("goal"))
    period = models.CharField(_("period"), max_length=10)
    status = models.CharField(_("status"), max_length=8, choices=GoalStatus)
    value = _bound(_("value"), null=True)
    source = models.CharField(_("source"), max_length=200)
    at = models.DateTimeField(_("reported at"))

    class Meta:
        verbose_name = _("reported result")
        verbose_name_plural = _("reported results")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["goal", "period"], name="goals_reportedresult_once")]

    def __str__(self):
        return f"{self.goal} {self.period}: {self.status}"


class Snapshot(AppendOnlyModel):
    """The frozen result of a goal for one period. The unique row is the claim by which a period closes once; a
    correction is a new row that points to the one it corrects.

    For an individual goal value, status and share are empty here and stand with each member.
    """

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    goal = models.ForeignKey(Goal, models.PROTECT, related_name="snapshots", verbose_name=_("goal"))
    period = models.CharField(_("period"), max_length=10)
    starts_on = models.DateField(_("first workday"))
    ends_on = models.DateField(_("ends before"))
    terms = models.ForeignKey(GoalTerms, models.PROTECT, related_name="+", verbose_name=_("terms"))
    total = _bound(_("total"), null=True)
    count = UnitField(_("count"), places=COUNT_PLACES, null=True)
    value = UnitField(_("value"), places=TOTAL_PLACES, null=True)
    status = models.CharField(_("status"), max_length=8, choices=GoalStatus, blank=True)
    points = models.PositiveIntegerField(_("points"), default=0)
    unpaid = models.CharField(_("why nothing is paid"), max_length=13, choices=Unpaid, blank=True)
    workdays = models.PositiveIntegerField(_("workdays with data"), default=0)
    as_they_were = models.JSONField(_("terms as they were"), default=dict)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by", verbose_name=_("corrects")
    )
    at = models.DateTimeField(_("frozen at"))

    class Meta:
        verbose_name = _("result of a period")
        verbose_name_plural = _("results of periods")
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["goal", "period"], condition=Q(corrects__isnull=True), name="goals_snapshot_closes_once"
            ),
            models.CheckConstraint(
                name="goals_snapshot_status_known", condition=Q(status__in=["", *GoalStatus.values])
            ),
        ]

    def __str__(self):
        return f"{self.goal} {self.period}"


class SnapshotMember(AppendOnlyModel):
    """A member's part of a frozen result: what they contributed and what their share is, or why there is none."""

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="members", verbose_name=_("result"))
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="goal_results", verbose_name=_("person"))
    total = _bound(_("total"), default=0)
    count = UnitField(_("count"), places=COUNT_PLACES, default=0)
    days = models.PositiveIntegerField(_("days with data"), default=0)
    percent = models.PositiveIntegerField(_("multiplier in percent"), default=100)
    value = UnitField(_("value"), places=TOTAL_PLACES, null=True)
    status = models.CharField(_("status"), max_length=8, choices=GoalStatus, blank=True)
    points = models.PositiveIntegerField(_("points"), default=0)
    unpaid = models.CharField(_("why nothing is paid"), max_length=13, choices=Unpaid, blank=True)
    kept_by = models.ForeignKey(
        Goal, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("paid by the pool of")
    )

    class Meta:
        verbose_name = _("member of a result")
        verbose_name_plural = _("members of results")
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "person"], name="goals_snapshotmember_once"),
            models.CheckConstraint(
                name="goals_snapshotmember_excluded_unpaid", condition=Q(kept_by__isnull=True) | Q(points=0)
            ),
        ]


class Payout(AppendOnlyModel):
    """The pending transfer by which a person is paid for a goal's period; one for ever, whatever becomes of it."""

    goal = models.ForeignKey(Goal, models.PROTECT, related_name="payouts", verbose_name=_("goal"))
    period = models.CharField(_("period"), max_length=10)
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="payouts", verbose_name=_("person"))
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="payouts", verbose_name=_("result"))
    transfer = models.OneToOneField(Transfer, models.PROTECT, related_name="payout", verbose_name=_("transfer"))

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [models.UniqueConstraint(fields=["goal", "period", "person"], name="goals_payout_once")]


class Reconciliation(AppendOnlyModel):
    """One comparison of a frozen result with today's facts. The unique row is the claim."""

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="reconciliations", verbose_name=_("result"))
    stage = models.CharField(_("stage"), max_length=11, choices=ReconcileStage)
    trigger = models.CharField(max_length=40, blank=True)
    verdict = models.CharField(_("verdict"), max_length=6, choices=Verdict)
    value = UnitField(_("value then"), places=TOTAL_PLACES, null=True)
    status = models.CharField(_("status then"), max_length=8, choices=GoalStatus, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "stage", "trigger"], name="goals_reconciliation_once")
        ]


class Review(AppendOnlyModel):
    """A result that a person must decide: what was frozen, what it was when the job looked, and why the job did not
    decide. Of an individual goal each member is reviewed alone.
    """

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="reviews", verbose_name=_("result"))
    reconciliation = models.OneToOneField(
        Reconciliation, models.PROTECT, null=True, blank=True, related_name="review", verbose_name=_("reconciliation")
    )
    person = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("only this member")
    )
    cause = models.CharField(_("cause"), max_length=10, choices=ReviewCause)
    at = models.DateTimeField(_("opened at"))

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return str(self.snapshot)


class ReviewDecision(AppendOnlyModel):
    """How a review ended. Members are told `reason`; `note` is for supervisors."""

    review = models.OneToOneField(Review, models.PROTECT, related_name="decision", verbose_name=_("review"))
    decision = models.CharField(_("decision"), max_length=6, choices=Decision)
    reason = models.CharField(_("reason for members"), max_length=12, choices=DecisionReason)
    note = models.CharField(_("note for supervisors"), max_length=300, blank=True)
    corrected = models.OneToOneField(
        Snapshot, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("corrected result")
    )
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")


class Adjustment(AppendOnlyModel):
    """What a decision moved for one person: more points by a transfer, or fewer by a take-back (and a debt)."""

    decision = models.ForeignKey(ReviewDecision, models.PROTECT, related_name="adjustments", verbose_name=_("decision"))
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name=_("person"))
    points_before = models.PositiveIntegerField(_("points before"))
    points_after = models.PositiveIntegerField(_("points after"))
    transfer = models.ForeignKey(
        Transfer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("transfer")
    )
    debt = models.ForeignKey(Debt, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("debt"))

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        constraints = [models.UniqueConstraint(fields=["decision", "person"], name="goals_adjustment_once")]


class Event(AppendOnlyModel):
    """Something that happened to a goal's result, written in the transaction of its effect. Deliveries to
    subscribers are rows for events that have none yet.
    """

    public_id = models.UUIDField(_("event id"), default=uuid.uuid4, unique=True, editable=False)
    type = models.CharField(_("event"), max_length=22, choices=EventType)
    key = models.CharField(_("key"), max_length=200, unique=True)
    goal = models.ForeignKey(Goal, models.PROTECT, related_name="events", verbose_name=_("goal"))
    snapshot = models.ForeignKey(
        Snapshot, models.PROTECT, null=True, blank=True, related_name="events", verbose_name=_("result")
    )
    payload = models.JSONField(_("payload"), default=dict)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.type} {self.key}"
