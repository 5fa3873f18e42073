"""Profiles with their objectives, the scores they gave, and the workdays that are final."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.records.appendonly import AppendOnlyModel
from foundation.records.dated import DatedSetting
from foundation.records.fields import UnitField
from interactions.enums import Direction, MediaType
from metrics.models import COUNT_PLACES, TOTAL_PLACES, Metric
from people.models import Division, Queue, Team

from .enums import GuardOperator, GuardScope, ObjectiveKind, ScoreReason, ZoneKind

PERSON = settings.AUTH_USER_MODEL


class Profile(models.Model):
    """A set of objectives that a group of agents is scored by. Who has no other profile has the default one."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    is_default = models.BooleanField(_("default"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        ordering = ["-is_default", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="scorecards_profile_one_default"
            )
        ]

    def __str__(self):
        return self.name


class ProfileAssignment(DatedSetting):
    """The profile of a person from a day on; one at a time."""

    person = models.ForeignKey(PERSON, models.CASCADE, related_name="profile_assignments", verbose_name=_("person"))
    profile = models.ForeignKey(Profile, models.PROTECT, related_name="assignments", verbose_name=_("profile"))

    class Meta:
        verbose_name = _("profile of a person")
        verbose_name_plural = _("profiles of people")
        constraints = [
            models.UniqueConstraint(fields=["person", "from_on"], name="scorecards_profileassignment_once_a_day")
        ]

    def __str__(self):
        return f"{self.person} · {self.profile}"


class Objective(models.Model):
    """A metric in a profile. How it is scored stands in its terms."""

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="objectives", verbose_name=_("profile"))
    metric = models.ForeignKey(Metric, models.PROTECT, related_name="objectives", verbose_name=_("metric"))
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        ordering = ["position", "pk"]

    def __str__(self):
        return f"{self.profile} · {self.metric}"


class ObjectiveTerms(DatedSetting):
    """How an objective is scored from a day on. Written once; a change is a new row.

    `zones` is a list of `{kind, lower, upper, lower_points, upper_points}` in rising order of value; bounds are whole
    numbers of 1e-5 of the metric's unit, null where open. `metric` is the metric that is read: the objective's, or
    its narrowed form when a filter is set.
    """

    objective = models.ForeignKey(Objective, models.CASCADE, related_name="terms", verbose_name=_("objective"))
    is_active = models.BooleanField(_("active"), default=True)
    kind = models.CharField(_("type"), max_length=6, choices=ObjectiveKind)
    zones = models.JSONField(_("zones"))
    metric = models.ForeignKey(Metric, models.PROTECT, related_name="+", verbose_name=_("metric that is read"))
    media_type = models.CharField(_("only media type"), max_length=10, choices=MediaType, blank=True)
    direction = models.CharField(_("only direction"), max_length=10, choices=Direction, blank=True)
    queue = models.ForeignKey(
        Queue, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("only queue")
    )
    guard_metric = models.ForeignKey(
        Metric, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("guard: metric")
    )
    guard_operator = models.CharField(
        _("guard: must be"), max_length=8, choices=GuardOperator, default=GuardOperator.AT_LEAST, blank=True
    )
    guard_bound = UnitField(_("guard: bound"), places=TOTAL_PLACES, null=True, blank=True)
    guard_scope = models.CharField(
        _("guard: whose value"), max_length=10, choices=GuardScope, default=GuardScope.AGENT, blank=True
    )
    by = models.ForeignKey(PERSON, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("set by"))
    at = models.DateTimeField(_("set at"), null=True, blank=True)

    class Meta:
        verbose_name = _("terms of an objective")
        verbose_name_plural = _("terms of objectives")
        ordering = ["from_on"]
        constraints = [
            models.UniqueConstraint(fields=["objective", "from_on"], name="scorecards_objectiveterms_once_a_day"),
            models.CheckConstraint(
                name="scorecards_objectiveterms_guard_complete",
                condition=Q(guard_metric__isnull=True) | (Q(guard_bound__isnull=False) & ~Q(guard_operator="")),
            ),
        ]

    def __str__(self):
        return f"{self.objective} ({self.from_on})"


class Multiplier(models.Model):
    """Scales points and maximum of an objective for agents of a home queue, or of a team. In percent."""

    terms = models.ForeignKey(ObjectiveTerms, models.CASCADE, related_name="multipliers", verbose_name=_("terms"))
    queue = models.ForeignKey(
        Queue, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("home queue")
    )
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("team"))
    percent = models.PositiveIntegerField(_("percent"), default=100, validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = _("multiplier")
        verbose_name_plural = _("multipliers")
        constraints = [
            models.CheckConstraint(
                name="scorecards_multiplier_queue_or_team",
                condition=Q(queue__isnull=False, team__isnull=True) | Q(queue__isnull=True, team__isnull=False),
            ),
            models.CheckConstraint(
                name="scorecards_multiplier_positive", condition=Q(percent__gte=1, percent__lte=10000)
            ),
            models.UniqueConstraint(fields=["terms", "queue"], name="scorecards_multiplier_queue_once"),
            models.UniqueConstraint(fields=["terms", "team"], name="scorecards_multiplier_team_once"),
        ]


class ScoringSwitch(DatedSetting):
    """Scoring in a division from a day on: on or off, or a reset, which starts totals anew. Without a row it is on."""

    division = models.ForeignKey(Division, models.CASCADE, related_name="scoring_switches", verbose_name=_("division"))
    is_on = models.BooleanField(_("on"), default=True)
    is_reset = models.BooleanField(_("totals start anew"), default=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = models.ForeignKey(PERSON, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("set by"))
    at = models.DateTimeField(_("set at"), null=True, blank=True)

    class Meta:
        verbose_name = _("scoring switch")
        verbose_name_plural = _("scoring switches")
        constraints = [
            models.UniqueConstraint(fields=["division", "from_on"], name="scorecards_scoringswitch_once_a_day"),
            models.CheckConstraint(
                name="scorecards_scoringswitch_reset_has_reason", condition=Q(is_reset=False) | ~Q(reason="")
            ),
        ]

    def __str__(self):
        return f"{self.division} {self.from_on}"


class Score(models.Model):
    """Points of an agent for an objective on a workday. Derived; replaced by each rescore, with its day value.
    `revision` is the one of the scored day in which the score last changed.
    """

    pk = models.CompositePrimaryKey("agent_id", "workday", "objective_id")
    agent = models.ForeignKey(PERSON, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    workday = models.DateField()
    objective = models.ForeignKey(Objective, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    terms = models.ForeignKey(ObjectiveTerms, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    points = models.IntegerField()
    maximum = models.IntegerField()
    zone = models.CharField(max_length=6, choices=ZoneKind)
    reason = models.CharField(max_length=10, choices=ScoreReason, default=ScoreReason.SCORED, blank=True)
    revision = models.IntegerField(default=1)

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        constraints = [
            models.CheckConstraint(
                name="scorecards_score_points_in_range", condition=Q(points__gte=0, points__lte=models.F("maximum"))
            )
        ]


class ScoreDay(models.Model):
    """An agent's workday with data: its division, the profile in force, points and maximum. `revision` rises whenever
    anything about the day changed. Without a profile the day was not scored. Derived.
    """

    pk = models.CompositePrimaryKey("agent_id", "workday")
    agent = models.ForeignKey(PERSON, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    workday = models.DateField()
    division = models.ForeignKey(Division, models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    profile = models.ForeignKey(
        Profile, models.CASCADE, null=True, related_name="+", db_constraint=False, db_index=False
    )
    points = models.IntegerField(default=0)
    maximum = models.IntegerField(default=0)
    revision = models.IntegerField(default=1)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("scored day")
        verbose_name_plural = _("scored days")
        indexes = [
            models.Index(fields=["profile", "workday"], name="scorecards_scoreday_profile"),
            models.Index(fields=["division", "workday"], name="scorecards_scoreday_division"),
        ]


class DivisionDay(models.Model):
    """A workday of a division that is final. Its rows are not touched; it closes when no touch is left."""

    division = models.ForeignKey(Division, models.PROTECT, related_name="closed_days", verbose_name=_("division"))
    workday = models.DateField(_("workday"))
    closed_at = models.DateTimeField(_("closed"))

    class Meta:
        verbose_name = _("closed workday")
        verbose_name_plural = _("closed workdays")
        constraints = [
            models.UniqueConstraint(fields=["division", "workday"], name="scorecards_divisionday_closes_once")
        ]
        ordering = ["-workday", "division_id"]

    def __str__(self):
        return f"{self.division} {self.workday}"


class Reopening(AppendOnlyModel):
    """Leave to take late data into a closed workday: what waited when it was given is taken in."""

    division = models.ForeignKey(Division, models.PROTECT, related_name="reopenings", verbose_name=_("division"))
    from_on = models.DateField(_("from"))
    to_on = models.DateField(_("to (inclusive)"))
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+", verbose_name=_("given by"))
    at = models.DateTimeField(_("given at"))

    class Meta:
        verbose_name = _("reopening")
        verbose_name_plural = _("reopenings")
        constraints = [
            models.CheckConstraint(name="scorecards_reopening_in_order", condition=Q(to_on__gte=models.F("from_on"))),
            models.CheckConstraint(name="scorecards_reopening_has_reason", condition=~Q(reason="")),
        ]


class DayRevision(AppendOnlyModel):
    """A day value that changed after its workday was final: what it was and what it became. Null means no data."""

    agent = models.ForeignKey(PERSON, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    workday = models.DateField()
    metric = models.ForeignKey(Metric, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    total_before = UnitField(places=TOTAL_PLACES, null=True)
    count_before = UnitField(places=COUNT_PLACES, null=True)
    total_after = UnitField(places=TOTAL_PLACES, null=True)
    count_after = UnitField(places=COUNT_PLACES, null=True)
    reason = models.CharField(max_length=12, blank=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("revision of a day")
        verbose_name_plural = _("revisions of days")
        indexes = [models.Index(fields=["agent", "workday"], name="scorecards_revision_agent_day")]
