"""Surveys of customers, what they answered, and the thanks that came of it."""

import uuid

from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.records.appendonly import AppendOnlyModel, AppendOnlyQuerySet
from foundation.records.dated import DatedSetting
from interactions.models import Leg
from ledger.models import Transfer
from people.models import Division
from rewards.catalogue.models import Picture

from .enums import Cap, Ending, Way
from .rules.survey import Definition, definition_from_json

PERSON = settings.AUTH_USER_MODEL


class Survey(models.Model):
    """What customers are asked after a contact with agents of a division, or of all others. Versions hold its words."""

    name = models.CharField(_("name"), max_length=120)
    division = models.OneToOneField(
        Division,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="survey",
        verbose_name=_("division"),
        help_text=_("Whose customers are asked. Leave empty for every division without a survey of its own."),
    )
    is_on = models.BooleanField(_("on"), default=True, help_text=_("Switched off, no new survey begins."))

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_on"], condition=Q(division__isnull=True, is_on=True), name="thanks_survey_one_for_all"
            )
        ]

    def __str__(self):
        return self.name


class SurveyVersion(DatedSetting):
    """A survey's definition from a day on. Written once: a correction is a new row, and the newest of a day holds."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="versions", verbose_name=_("survey"))
    content = models.JSONField(_("definition"))
    by = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("version of a survey")
        verbose_name_plural = _("versions of surveys")
        ordering = ["-from_on", "-pk"]

    def __str__(self):
        return f"{self.survey} {self.from_on}"

    @property
    def definition(self) -> Definition:
        return definition_from_json(self.content)


class ShownPicture(models.Model):
    """A version shows a picture of the catalogue: it stays, whatever the item shows by now."""

    version = models.ForeignKey(SurveyVersion, models.CASCADE, related_name="pictures", verbose_name=_("version"))
    picture = models.ForeignKey(Picture, models.PROTECT, related_name="+", verbose_name=_("picture"))

    class Meta:
        verbose_name = _("shown picture")
        verbose_name_plural = _("shown pictures")
        constraints = [models.UniqueConstraint(fields=["version", "picture"], name="thanks_shownpicture_once")]

    def __str__(self):
        return f"{self.version_id}: {self.picture_id}"


class AccessKey(models.Model):
    """What a telephone or chat system shows to ask for thanks. `source` names the interactions that it speaks of.

    Only the SHA-256 of the key is kept: the key is long and random, and shown once.
    """

    name = models.CharField(_("name"), max_length=120, help_text=_("Such as the name of the telephone system."))
    source = models.CharField(
        _("source of its interactions"),
        max_length=60,
        help_text=_("As in the import of its call log, so that a thanks finds its interaction."),
    )
    digest = models.CharField(max_length=64, unique=True, editable=False, validators=[MinLengthValidator(64)])
    is_on = models.BooleanField(_("on"), default=True)

    class Meta:
        verbose_name = _("access key")
        verbose_name_plural = _("access keys")
        ordering = ["name", "pk"]

    def __str__(self):
        return self.name


class Response(models.Model):
    """One customer's way through a survey, for one interaction: asked, and perhaps answered.

    `named` is the agent as the other system calls them. `agent` and `workday` are found from it or from the
    interaction's legs; empty while nobody is found. `leg` is empty while the interaction is not known: the import
    completes it. What was answered follows from the answers, and is kept beside them for lists.
    """

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(SurveyVersion, models.PROTECT, related_name="responses", verbose_name=_("version"))
    way = models.CharField(_("way"), max_length=5, choices=Way)
    language = models.CharField(_("language"), max_length=10)
    source = models.CharField(_("source"), max_length=60)
    external_id = models.CharField(_("id in the source"), max_length=160)
    started_at = models.DateTimeField(_("interaction started"))
    named = models.CharField(_("agent as named"), max_length=254, blank=True)
    customer_key = models.CharField(max_length=64, blank=True, editable=False)
    leg = models.ForeignKey(
        Leg, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("interaction")
    )
    agent = models.ForeignKey(
        PERSON,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="responses",
        verbose_name=_("agent"),
        db_index=False,
    )
    workday = models.DateField(_("workday"), null=True, blank=True)
    recommend = models.PositiveSmallIntegerField(_("how likely to recommend"), null=True, blank=True)
    wants_reward = models.BooleanField(_("reward the agent"), null=True, blank=True)
    gift = models.CharField(_("reward"), max_length=1, blank=True)
    ending = models.CharField(_("ended"), max_length=8, choices=Ending, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("survey response")
        verbose_name_plural = _("survey responses")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="thanks_response_one_an_interaction"),
            models.CheckConstraint(
                name="thanks_response_agent_with_workday",
                condition=Q(agent__isnull=True, workday__isnull=True) | Q(agent__isnull=False, workday__isnull=False),
            ),
            models.CheckConstraint(
                name="thanks_response_ended_with_ending",
                condition=Q(ending="", ended_at__isnull=True) | (~Q(ending="") & Q(ended_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "workday"], name="thanks_response_agent_day"),
            models.Index(fields=["asked_at"], condition=Q(leg__isnull=True), name="thanks_response_without_leg"),
            models.Index(
                fields=["customer_key", "asked_at"], condition=~Q(customer_key=""), name="thanks_response_customer"
            ),
        ]

    def __str__(self):
        return f"{self.source} {self.external_id}"

    @property
    def is_over(self) -> bool:
        return bool(self.ending)


class Answer(AppendOnlyModel):
    """A key as it came, at a turn; empty is silence. A turn is answered once."""

    response = models.ForeignKey(Response, models.PROTECT, related_name="answers", verbose_name=_("response"))
    turn = models.PositiveSmallIntegerField(_("turn"))
    key = models.CharField(_("key"), max_length=20, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["response", "turn"]
        constraints = [models.UniqueConstraint(fields=["response", "turn"], name="thanks_answer_once_a_turn")]

    def __str__(self):
        return f"{self.turn}: {self.key}"


class ThanksQuerySet(AppendOnlyQuerySet):
    def standing(self):
        """Without those that were moved to another agent."""
        return self.filter(replaced_by=None)


class Thanks(AppendOnlyModel):
    """What a response brought an agent. Without points when a cap was reached: `capped` says which.

    One stands for a response: a person may move it to the agent whom the call log names, by a row that `replaces` it.
    """

    response = models.ForeignKey(Response, models.PROTECT, related_name="every_thanks", verbose_name=_("response"))
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaced_by", verbose_name=_("moved from")
    )
    agent = models.ForeignKey(PERSON, models.PROTECT, related_name="thanks", verbose_name=_("agent"), db_index=False)
    workday = models.DateField(_("workday"))
    points = models.PositiveIntegerField(_("points"))
    capped = models.CharField(_("without points, because"), max_length=8, choices=Cap, blank=True)
    transfer = models.OneToOneField(Transfer, models.PROTECT, null=True, related_name="+", verbose_name=_("transfer"))
    at = models.DateTimeField(_("at"))

    objects = ThanksQuerySet.as_manager()

    class Meta:
        verbose_name = _("thanks")
        verbose_name_plural = _("thanks")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["response"], condition=Q(replaces__isnull=True), name="thanks_thanks_once_a_response"
            ),
            models.CheckConstraint(
                name="thanks_thanks_points_by_transfer",
                condition=Q(points=0, transfer__isnull=True) | Q(points__gt=0, transfer__isnull=False, capped=""),
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "workday"], name="thanks_thanks_agent_day"),
        ]

    def __str__(self):
        return f"{self.agent_id} {self.workday}: {self.points}"


class Resolution(AppendOnlyModel):
    """A person said whom a thanks without an agent belongs to, or that nobody can be found."""

    erasable_texts = ("reason",)

    response = models.OneToOneField(Response, models.PROTECT, related_name="resolution", verbose_name=_("response"))
    agent = models.ForeignKey(PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("agent"))
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")
        ordering = ["-pk"]

    def __str__(self):
        return self.reason
