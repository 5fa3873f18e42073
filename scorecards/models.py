"""Profiles with their objectives, the scores they gave, and the workdays that are final."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.records.appendonly import AppendOnlyModel
from foundation.records.dated import DatedSetting
from foundation.records.fields import UnitField
from foundation.records.storage import CoversOnSQLite
from interactions.enums import Direction, MediaType
from metrics.enums import Aggregation, Better
from metrics.models import COUNT_PLACES, TOTAL_PLACES, Metric
from people.models import Division, Queue, Team

from .enums import (
    BadgeIcon,
    BadgeKind,
    BadgePeriod,
    ChangeIn,
    GuardOperator,
    GuardScope,
    ObjectiveKind,
    ScoreReason,
    ZoneKind,
)
from .rules.badges import BadgeRule
from .rules.watching import WatchedSide

PERSON = settings.AUTH_USER_MODEL
MOST_WATCHED_DAYS = 92


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
            CoversOnSQLite(
                fields=["profile", "workday"],
                covers=["division", "agent", "points", "maximum"],
                name="scorecards_scoreday_profile",
            ),
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


# Badges ------------------------------------------------------------------------------------------------------------


class Badge(models.Model):
    """Something to earn, once a level, by points, by a metric's value or by a streak. Its levels say how much it takes.

    Only final, scored workdays from `starts_on` on count, of the profiles and divisions named; none named means all.
    Once somebody has it, what it takes stays and it is not deleted.
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    description = models.CharField(_("description"), max_length=160, blank=True)
    icon = models.CharField(_("icon"), max_length=20, choices=BadgeIcon, default=BadgeIcon.AWARD)
    kind = models.CharField(_("earned by"), max_length=6, choices=BadgeKind, default=BadgeKind.POINTS)
    metric = models.ForeignKey(
        Metric, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("metric")
    )
    period = models.CharField(_("over"), max_length=7, choices=BadgePeriod, blank=True, default=BadgePeriod.WEEKLY)
    minimum_count = UnitField(_("minimum volume"), places=COUNT_PLACES, default=0)
    starts_on = models.DateField(_("counts from"), null=True, blank=True)
    profiles = models.ManyToManyField(Profile, blank=True, related_name="+", verbose_name=_("profiles"))
    divisions = models.ManyToManyField(Division, blank=True, related_name="+", verbose_name=_("divisions"))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("badge")
        verbose_name_plural = _("badges")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="scorecards_badge_metric_where_it_counts",
                condition=Q(kind=BadgeKind.METRIC, metric__isnull=False)
                | (~Q(kind=BadgeKind.METRIC) & Q(metric__isnull=True)),
            ),
            models.CheckConstraint(
                name="scorecards_badge_period_fits",
                condition=Q(kind=BadgeKind.STREAK, period="")
                | Q(kind=BadgeKind.METRIC, period__in=BadgePeriod.whole())
                | Q(kind=BadgeKind.POINTS, period__in=BadgePeriod.values),
            ),
            models.CheckConstraint(name="scorecards_badge_minimum_not_below_zero", condition=Q(minimum_count__gte=0)),
        ]

    def __str__(self):
        return self.name

    @property
    def rule(self) -> BadgeRule:
        """What it takes, as plain values."""
        minimum: UnitField = self._meta.get_field("minimum_count")
        threshold: UnitField = BadgeLevel._meta.get_field("threshold")
        return BadgeRule(
            kind=self.kind,
            period=self.period,
            thresholds=tuple(threshold.to_units(level.threshold) for level in self.levels.all()),
            better=self.metric.better if self.metric else Better.HIGHER,
            aggregation=self.metric.aggregation if self.metric else Aggregation.SUM,
            minimum_count=minimum.to_units(self.minimum_count),
        )


class BadgeLevel(models.Model):
    """How much a level of a badge takes: points, a value in the metric's unit, or workdays. Level 1 is the easiest."""

    badge = models.ForeignKey(Badge, models.CASCADE, related_name="levels", verbose_name=_("badge"))
    number = models.PositiveSmallIntegerField(_("level"))
    threshold = UnitField(_("threshold"), places=TOTAL_PLACES)

    class Meta:
        verbose_name = _("level of a badge")
        verbose_name_plural = _("levels of badges")
        ordering = ["badge_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["badge", "number"], name="scorecards_badgelevel_number_once"),
            models.UniqueConstraint(fields=["badge", "threshold"], name="scorecards_badgelevel_threshold_once"),
            models.CheckConstraint(name="scorecards_badgelevel_number_from_one", condition=Q(number__gte=1)),
            models.CheckConstraint(name="scorecards_badgelevel_threshold_above_zero", condition=Q(threshold__gt=0)),
        ]

    def __str__(self):
        return f"{self.badge} {self.number}"


class BadgeAward(AppendOnlyModel):
    """A level that somebody earned: with which workday, and the value reached then. It stays, whatever comes later."""

    level = models.ForeignKey(BadgeLevel, models.PROTECT, related_name="awards", verbose_name=_("level"))
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="badge_awards", verbose_name=_("person"))
    reached_on = models.DateField(_("reached on"))
    value = UnitField(_("value"), places=TOTAL_PLACES)
    at = models.DateTimeField(_("earned"))

    class Meta:
        verbose_name = _("earned badge")
        verbose_name_plural = _("earned badges")
        ordering = ["-reached_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["level", "person"], name="scorecards_badgeaward_once"),
        ]

    def __str__(self):
        return f"{self.level} · {self.person}"


class BadgeTouch(models.Model):
    """An insert-only row "look at this workday of the division for badges", taken away before the facts are read.

    With `period` it asks for the whole week or month of the workday, from `ready_at` on. Without `badge` for each one.
    """

    division = models.ForeignKey(Division, models.CASCADE, related_name="+", db_index=False)
    workday = models.DateField()
    badge = models.ForeignKey(Badge, models.CASCADE, null=True, related_name="+")
    period = models.CharField(max_length=7, choices=BadgePeriod, blank=True)
    ready_at = models.DateTimeField()

    class Meta:
        verbose_name = _("workday to look at for badges")
        verbose_name_plural = _("workdays to look at for badges")
        indexes = [models.Index(fields=["ready_at"], name="scorecards_badgetouch_ready")]


# Worth a look --------------------------------------------------------------------------------------------------------


class Watch(models.Model):
    """A pair of metrics: supervisors are shown where the first improved while the second worsened, over the last
    `days` whole days against as many before. A hint to look; nothing else follows from it.

    Volumes are what an average divides by; for a metric that adds up, whose value is its mean of a workday, workdays.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    improving = models.ForeignKey(Metric, models.PROTECT, related_name="+", verbose_name=_("improves"))
    improves_by = UnitField(_("by at least"), places=TOTAL_PLACES)
    improves_in = models.CharField(_("in"), max_length=7, choices=ChangeIn, default=ChangeIn.PERCENT)
    improving_minimum = UnitField(_("minimum volume"), places=COUNT_PLACES)
    worsening = models.ForeignKey(Metric, models.PROTECT, related_name="+", verbose_name=_("worsens"))
    worsens_by = UnitField(_("by at least"), places=TOTAL_PLACES)
    worsens_in = models.CharField(_("in"), max_length=7, choices=ChangeIn, default=ChangeIn.UNITS)
    worsening_minimum = UnitField(_("minimum volume"), places=COUNT_PLACES)
    days = models.PositiveSmallIntegerField(
        _("days"), default=14, validators=[MinValueValidator(1), MaxValueValidator(MOST_WATCHED_DAYS)]
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("pair to watch")
        verbose_name_plural = _("pairs to watch")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="scorecards_watch_of_two_metrics", condition=~Q(improving=models.F("worsening"))
            ),
            models.CheckConstraint(
                name="scorecards_watch_changes_above_zero", condition=Q(improves_by__gt=0, worsens_by__gt=0)
            ),
            models.CheckConstraint(
                name="scorecards_watch_volumes_above_zero",
                condition=Q(improving_minimum__gt=0, worsening_minimum__gt=0),
            ),
            models.CheckConstraint(
                name="scorecards_watch_days_in_range", condition=Q(days__gte=1, days__lte=MOST_WATCHED_DAYS)
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def label(self) -> str:
        """The name in the reader's language, where it is one that ships."""
        return gettext(self.name)

    @property
    def improving_side(self) -> WatchedSide:
        return self._side(self.improving, "improves_by", self.improves_in, "improving_minimum")

    @property
    def worsening_side(self) -> WatchedSide:
        return self._side(self.worsening, "worsens_by", self.worsens_in, "worsening_minimum")

    def _side(self, metric: Metric, least: str, change_in: str, minimum: str) -> WatchedSide:
        units = {name: self._meta.get_field(name).to_units(getattr(self, name)) for name in (least, minimum)}
        return WatchedSide(metric.better, units[least], change_in, units[minimum])
