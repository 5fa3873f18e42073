"""Choices of interactions."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MediaType(models.TextChoices):
    VOICE = "voice", _("voice")
    CHAT = "chat", _("chat")
    MESSAGE = "message", _("message")
    EMAIL = "email", _("e-mail")
    CALLBACK = "callback", _("callback")
    SOCIAL = "social", _("social")
    VIDEO = "video", _("video")
    OTHER = "other", _("other")


class Direction(models.TextChoices):
    INBOUND = "inbound", _("inbound")
    OUTBOUND = "outbound", _("outbound")
    INTERNAL = "internal", _("internal")


class TouchReason(models.TextChoices):
    INTERACTION = "interaction", _("interactions came in")
    EVALUATION = "evaluation", _("an evaluation came in")
    READING = "reading", _("an external reading came in")
    TERMS = "terms", _("objectives changed")
    PROFILE = "profile", _("the profile of the agent changed")
    DIVISION = "division", _("the division of the agent changed")
    QUEUE = "queue", _("the queues of the agent changed")
    TEAM = "team", _("the teams of the agent changed")
    SCORING = "scoring", _("scoring was switched")
    METRIC = "metric", _("a metric changed")
