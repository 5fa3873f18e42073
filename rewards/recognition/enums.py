"""What people give each other."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    RECOGNITION = "recognition", _("recognition by a lead")
    THANKS = "thanks", _("thanks of a colleague")
