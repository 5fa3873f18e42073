"""States of a request, what one may do with it, and the icons of categories."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestStatus(models.TextChoices):
    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    DECLINED = "declined", _("declined")
    DELIVERED = "delivered", _("delivered")
    CANCELLED = "cancelled", _("cancelled")


RequestStatus.live = (RequestStatus.REQUESTED, RequestStatus.APPROVED, RequestStatus.DELIVERED)
"""Statuses that count for the limit per person and keep their piece out of stock."""
RequestStatus.open = (RequestStatus.REQUESTED, RequestStatus.APPROVED)
"""Statuses whose points are held."""


class Step(models.TextChoices):
    """What somebody does with a request."""

    APPROVE = "approve", _("Approve")
    DECLINE = "decline", _("Decline")
    DELIVER = "deliver", _("Delivered")
    CANCEL = "cancel", _("Cancel the request")


class Icon(models.TextChoices):
    """Drawn for an item without a picture, by its category."""

    GIFT = "gift", _("gift")
    COFFEE = "coffee", _("coffee")
    DRINK = "cup-soda", _("soft drink")
    SNACK = "sandwich", _("snack")
    MEAL = "utensils", _("meal")
    CLOTHES = "shirt", _("clothes")
    TICKET = "ticket", _("ticket")
    BOOK = "book-open", _("book")
    HEADPHONES = "headphones", _("headphones")
    HEART = "heart", _("heart")
    PLANT = "sprout", _("plant")
    BAG = "shopping-bag", _("shopping bag")
    CLOCK = "clock", _("free time")
