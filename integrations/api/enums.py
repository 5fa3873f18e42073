"""What a client may be allowed to do, in the words that the field's clients ask for."""

from django.db import models
from django.utils.translation import gettext_lazy as _

SCOPES = {
    "gamification": _("profiles, metrics, scorecards and leaderboards: read and write"),
    "gamification:readonly": _("profiles, metrics, scorecards and leaderboards: read"),
    "employee-performance": _("external metrics and their data: read and write"),
    "employee-performance:readonly": _("external metrics: read"),
    "users": _("people: read and write"),
    "users:readonly": _("people: read"),
    "groups": _("teams: read and write"),
    "groups:readonly": _("teams: read"),
    "authorization": _("divisions: read and write"),
    "authorization:readonly": _("divisions: read"),
    "wem:goals:read": _("goals: read"),
    "wem:goals:edit": _("goals: write"),
    "gamification_goals.write": _("points of goals: write"),
    "gamification_goals.readwrite": _("points of goals: read and write"),
    "analytics.read": _("analytics: read"),
    "analytics:details:query": _("analytics: query"),
    "reports:view": _("reports: read"),
    "integration:webhooks:read": _("webhooks: test"),
    "interactions": _("interactions: load in bulk"),
    "thanks": _("links for customers: make"),
}
"""A token with `users` may all that one with `users:readonly` may. What it sees is decided by the role besides."""


class Acting(models.TextChoices):
    """For whom a client calls: for itself, with its own role, or for people who sign in and agree."""

    ITSELF = "itself", _("for itself, with its own role")
    PEOPLE = "people", _("for people who sign in; it runs on a server and keeps a secret")
    DEVICE = "device", _("for people who sign in; it runs on their device and has no secret")

    @property
    def grant_type(self) -> str:
        return "client-credentials" if self is Acting.ITSELF else "authorization-code"

    @property
    def client_type(self) -> str:
        return "public" if self is Acting.DEVICE else "confidential"


class FilterField(models.TextChoices):
    """What interactions can be told apart by."""

    MEDIA_TYPE = "media_type", _("media type")
    DIRECTION = "direction", _("direction")
    QUEUE = "queue", _("queue")
    PERSON = "person", _("agent")
    TEAM = "team", _("team")
    DIVISION = "division", _("division")

    @property
    def narrows(self) -> bool:
        """Whether it is of interactions, and not of whose they are."""
        return self in (FilterField.MEDIA_TYPE, FilterField.DIRECTION, FilterField.QUEUE)
