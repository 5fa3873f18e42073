"""Programs that call the API, what they wrote, and answers that a repeated call gets again."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from foundation.records.appendonly import AppendOnlyModel
from foundation.records.fields import UnitField
from goals.models import Goal
from metrics.enums import Aggregation
from metrics.models import TOTAL_PLACES, Metric, Reading
from people.models import Team
from scorecards.enums import ObjectiveKind
from scorecards.models import Profile

from .enums import SCOPES, Acting, FilterField

PERSON = settings.AUTH_USER_MODEL


def every_scope() -> list[str]:
    return list(SCOPES)


class Client(AbstractApplication):
    """A program that may call. `person` is who it is in every check of rights; what it may do are that person's grants.

    The secret is kept as a hash. After a rotation the one before holds until `previous_until`.
    """

    person = models.OneToOneField(PERSON, models.PROTECT, related_name="calling_client", verbose_name=_("acts as"))
    scopes = models.JSONField(
        _("scopes"),
        default=every_scope,
        blank=True,
        help_text=_("What its tokens may be used for; its role decides too."),
    )
    is_on = models.BooleanField(
        _("on"), default=True, help_text=_("Switched off, its secret and all its tokens stop working at once.")
    )
    calls_a_minute = models.PositiveIntegerField(
        _("calls a minute"), default=3000, help_text=_("Beyond, its calls are refused until the minute is over.")
    )
    replays_same_body = models.BooleanField(
        _("a repeated body is answered with the first answer"),
        default=True,
        help_text=_(
            "Programs repeat a call when a connection breaks. The same body within 60 seconds then changes nothing."
            " Switch it off for a program that sends the same body twice on purpose and no Idempotency-Key."
        ),
    )
    previous_secret = models.CharField(max_length=255, blank=True, editable=False)
    previous_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="api_client_name_once")]

    def is_usable(self, request):
        return self.is_on

    @property
    def acting(self) -> Acting:
        kinds = {(each.grant_type, each.client_type): each for each in Acting}
        return kinds[self.authorization_grant_type, self.client_type]

    @acting.setter
    def acting(self, acting: Acting) -> None:
        self.authorization_grant_type, self.client_type = acting.grant_type, acting.client_type


class ExternalMetric(models.Model):
    """What the API keeps of a metric that it made, besides the metric: the type that new objectives get, and whether it
    was deleted there. Readings are never deleted, so a metric that has some stays, inactive.
    """

    metric = models.OneToOneField(
        "metrics.Metric", models.CASCADE, related_name="external", verbose_name=_("metric"), primary_key=True
    )
    objective_kind = models.CharField(max_length=6, choices=ObjectiveKind)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("external metric of the API")
        verbose_name_plural = _("external metrics of the API")


class ProfileDetail(models.Model):
    """What the API's callers give a profile besides its name, kept for them and read by nothing else in Laurel."""

    profile = models.OneToOneField(
        Profile, models.CASCADE, related_name="detail", verbose_name=_("profile"), primary_key=True
    )
    made_at = models.DateTimeField()
    description = models.CharField(max_length=300, blank=True)
    division = models.ForeignKey("people.Division", models.SET_NULL, null=True, related_name="+")
    reporting_intervals = models.JSONField(default=list)
    most_ranks = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("detail of a profile")
        verbose_name_plural = _("details of profiles")


# Goals -------------------------------------------------------------------------------------------------------------


class GoalKey(models.Model):
    """A name by which callers know a goal, beside its public id; without a goal one that nobody knows yet, under which
    scores wait. Whoever keeps a score under a name, or gives it a goal, holds its row: the two never miss each other.
    """

    key = models.CharField(_("key"), max_length=120, unique=True, help_text=_("As callers write it in the address."))
    goal = models.ForeignKey(Goal, models.CASCADE, null=True, blank=True, related_name="keys", verbose_name=_("goal"))

    class Meta:
        verbose_name = _("key of a goal")
        verbose_name_plural = _("keys of goals")
        ordering = ["key"]

    def __str__(self):
        return self.key


class GoalDetail(models.Model):
    """What callers say of a goal besides what Laurel settles it by, kept to tell it again."""

    goal = models.OneToOneField(Goal, models.CASCADE, related_name="detail", verbose_name=_("goal"), primary_key=True)
    evaluation_frequency = models.CharField(max_length=20)
    snapshot_evaluation = models.BooleanField(default=True)
    custom_fields = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("detail of a goal")
        verbose_name_plural = _("details of goals")


class TeamDetail(models.Model):
    """What callers say of a team besides its members: how goals of it add up and what they count, where those do not
    say so themselves.
    """

    team = models.OneToOneField(Team, models.CASCADE, related_name="detail", verbose_name=_("team"), primary_key=True)
    aggregation = models.CharField(max_length=8, choices=Aggregation)
    metric_definitions = models.JSONField(default=list)

    class Meta:
        verbose_name = _("detail of a team")
        verbose_name_plural = _("details of teams")


class GoalScore(models.Model):
    """A score as it was posted for a goal: a reading of the goal's external metric, and never points of the ledger.

    Without a goal it is an orphan, and waits until a goal gets the name, or somebody says which goal is meant. Nothing
    but `goal` and `reading` ever changes, once.
    """

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    named = models.CharField(_("goal as it was named"), max_length=120)
    goal = models.ForeignKey(Goal, models.PROTECT, null=True, blank=True, related_name="scores", verbose_name=_("goal"))
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="goal_scores", verbose_name=_("person"))
    occurred_at = models.DateTimeField(_("occurred at"))
    workday = models.DateField(_("workday"))
    source = models.CharField(_("source"), max_length=120, blank=True)
    session_id = models.CharField(_("session"), max_length=120, blank=True)
    score = UnitField(_("score"), places=TOTAL_PLACES)
    metadata = models.JSONField(_("metadata"), default=dict)
    reading = models.OneToOneField(
        Reading, models.PROTECT, null=True, blank=True, related_name="score", verbose_name=_("reading")
    )
    client = models.ForeignKey(Client, models.PROTECT, related_name="scores", verbose_name=_("client"))
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+", db_index=False, verbose_name=_("sent by"))
    at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("score for a goal")
        verbose_name_plural = _("scores for goals")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["goal", "person", "occurred_at", "source", "session_id"], name="api_goalscore_once"
            ),
            models.UniqueConstraint(
                fields=["named", "person", "occurred_at", "source", "session_id"],
                condition=Q(goal__isnull=True),
                name="api_goalscore_orphan_once",
            ),
            models.CheckConstraint(name="api_goalscore_not_negative", condition=Q(score__gte=0)),
            models.CheckConstraint(
                name="api_goalscore_reading_with_goal",
                condition=Q(goal__isnull=True, reading__isnull=True) | Q(goal__isnull=False, reading__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.named} {self.occurred_at:%Y-%m-%d %H:%M}"


# Aliases -----------------------------------------------------------------------------------------------------------


class MetricAlias(models.Model):
    """A symbolic name that callers use for a metric, and how members are added up where they do not say so."""

    name = models.CharField(_("name"), max_length=120, help_text=_("Such as acd.handle.time.sum."))
    metric = models.ForeignKey(
        Metric,
        models.CASCADE,
        related_name="aliases",
        verbose_name=_("metric"),
        limit_choices_to={"narrowed_from": None},
    )
    aggregation = models.CharField(
        _("over members"),
        max_length=8,
        choices=Aggregation,
        blank=True,
        help_text=_("Empty: as the call says, else as the metric is."),
    )

    class Meta:
        verbose_name = _("alias of a metric")
        verbose_name_plural = _("aliases of metrics")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="api_metricalias_name_once")]

    def __str__(self):
        return self.name


class FieldAlias(models.Model):
    """A name that callers use for a field of interactions, in filters and to group by."""

    name = models.CharField(_("name"), max_length=120, help_text=_("Such as callType."))
    field = models.CharField(_("field"), max_length=12, choices=FilterField)

    class Meta:
        verbose_name = _("alias of a field")
        verbose_name_plural = _("aliases of fields")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("name"), name="api_fieldalias_name_once")]

    def __str__(self):
        return self.name


# Calls -------------------------------------------------------------------------------------------------------------


class WrittenCall(AppendOnlyModel):
    """A call that wrote, or was refused when it tried: who, what, with which result. The log has the request id too."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="written_calls", verbose_name=_("client"))
    person = models.ForeignKey(PERSON, models.PROTECT, related_name="+", db_index=False, verbose_name=_("for whom"))
    at = models.DateTimeField(_("at"), db_index=True)
    method = models.CharField(_("method"), max_length=8)
    path = models.CharField(_("address"), max_length=300)
    status = models.PositiveSmallIntegerField(_("status"))
    request_id = models.UUIDField(_("request id"), unique=True)

    class Meta:
        verbose_name = _("call that wrote")
        verbose_name_plural = _("calls that wrote")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.method} {self.path}"


class Answer(models.Model):
    """The answer to a call that is given again to a repetition of it. `status` null: the first is still at work.

    `key` is the client's Idempotency-Key, or stands for a body; `digest` is of method, address and body.
    """

    client = models.ForeignKey(Client, models.CASCADE, related_name="answers", verbose_name=_("client"))
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(default="")
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("remembered answer")
        verbose_name_plural = _("remembered answers")
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="api_answer_key_once")]
