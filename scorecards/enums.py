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


class ChangeIn(models.TextChoices):
    """How the change of a watched metric is measured."""

    PERCENT = "percent", _("percent of the value before")
    UNITS = "units", _("the metric's own unit")


class BadgeKind(models.TextChoices):
    """What a badge is given for."""

    POINTS = "points", _("points")
    METRIC = "metric", _("a metric's value")
    STREAK = "streak", _("workdays on target in a row")


class BadgePeriod(models.TextChoices):
    """Over which workdays points or values are taken together. A streak has none."""

    DAILY = "daily", _("one workday")
    WEEKLY = "weekly", _("a week")
    MONTHLY = "monthly", _("a month")
    EVER = "ever", _("all workdays there are")

    @classmethod
    def whole(cls) -> tuple["BadgePeriod", ...]:
        """Those over which a metric has a value."""
        return (cls.DAILY, cls.WEEKLY, cls.MONTHLY)


class BadgeIcon(models.TextChoices):
    """Icons of the vendored set that suit a badge."""

    AWARD = "award", _("rosette")
    MEDAL = "medal", _("medal")
    TROPHY = "trophy", _("trophy")
    CROWN = "crown", _("crown")
    STAR = "star", _("star")
    LAUREL = "laurel", _("laurel")
    FLAME = "flame", _("flame")
    TARGET = "target", _("target")
    ZAP = "zap", _("lightning")
    SPARKLES = "sparkles", _("sparkles")
    CLOCK = "clock", _("clock")
    PHONE = "phone", _("telephone")
    MESSAGE = "message-square", _("message")
    SHIELD = "shield-check", _("shield")
    TRENDING = "trending-up", _("rising line")
    GRADUATION = "graduation-cap", _("mortarboard")
    GIFT = "gift", _("gift")
    USERS = "users", _("people")
