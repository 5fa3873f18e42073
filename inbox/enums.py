"""What people are told of."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from people.enums import Permission


class Kind(models.TextChoices):
    THANKS = "thanks", _("Thanks received")
    GOAL_CLOSED = "goal_closed", _("Goal closed")
    REWARD_POSTED = "reward_posted", _("Reward posted")
    REWARD_REVERSED = "reward_reversed", _("Reward reversed")
    REQUEST_DECIDED = "request_decided", _("Request decided")
    BADGE_EARNED = "badge_earned", _("Badge earned")
    REQUEST_MADE = "request_made", _("Request to decide")
    RECOGNITION = "recognition", _("Recognition received")
    LOW_STOCK = "low_stock", _("Low stock")
    UNMATCHED = "unmatched", _("Data without a match")


ICONS = {
    Kind.THANKS: "message-square",
    Kind.GOAL_CLOSED: "flame",
    Kind.REWARD_POSTED: "gift",
    Kind.REWARD_REVERSED: "history",
    Kind.REQUEST_DECIDED: "circle-check",
    Kind.BADGE_EARNED: "award",
    Kind.REQUEST_MADE: "shopping-bag",
    Kind.RECOGNITION: "star",
    Kind.LOW_STOCK: "triangle-alert",
    Kind.UNMATCHED: "circle-question-mark",
}

OWN = (Permission.VIEW_OWN,)
TOLD_TO = {
    Kind.THANKS: OWN,
    Kind.GOAL_CLOSED: OWN,
    Kind.REWARD_POSTED: OWN,
    Kind.REWARD_REVERSED: OWN,
    Kind.REQUEST_DECIDED: OWN,
    Kind.BADGE_EARNED: OWN,
    Kind.REQUEST_MADE: (Permission.VIEW_LED, Permission.CATALOGUE),
    Kind.RECOGNITION: OWN,
    Kind.LOW_STOCK: (Permission.CATALOGUE, Permission.CONFIGURE_SCORING),
    Kind.UNMATCHED: (Permission.CONFIGURE_SCORING, Permission.IMPORT),
}
"""Who can ever be told of a kind: whoever holds one of these permissions, in any division."""
