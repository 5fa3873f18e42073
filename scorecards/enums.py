"""Choices of profiles, objectives and scores."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ObjectiveKind(models.TextChoices):
    HIGHER = "higher", _("higher is better")
    LOWER = "lower", _("lower is better")
    AREA = "area", _("target area")


class ZoneKind(models.TextChoices):
    OUT = "out", _("below target")
    GOOD = "good", _("near target")
    TARGET = "target", _("on target")
    GREAT = "great", _("above target")


class GuardOperator(models.TextChoices):
    AT_LEAST = "at_least", _("at least")
    AT_MOST = "at_most", _("at most")


class GuardScope(models.TextChoices):
    AGENT = "agent", _("the agent's own value")
    HOME_QUEUE = "home_queue", _("the value of the agent's home queue")


class ScoreReason(models.TextChoices):
    """Why a score has the points it has, where the zone alone does not say it."""

    SCORED = "", _("scored")
    GUARDED = "guarded", _("paused by its guard")
