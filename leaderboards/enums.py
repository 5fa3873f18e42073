"""How a board may be set."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.periods import Kind


class Rounds(models.TextChoices):
    """The largest kind of period a board publishes: within it, its people are those of the first day."""

    WEEKLY = Kind.WEEKLY.value, _("weeks")
    MONTHLY = Kind.MONTHLY.value, _("months")


class Refresh(models.TextChoices):
    LIVE = "live", _("live")
    HOURLY = "hourly", _("every hour")
    DAILY = "daily", _("every day")
    WEEKLY = "weekly", _("every Monday")


REFRESH_OF_NAMED = (Refresh.LIVE, Refresh.HOURLY)
"""Rows without a name that moved within the day would tell who has just taken a call."""


class Ties(models.TextChoices):
    COMPETITION = "competition", _("the next rank is skipped (1, 2, 2, 4)")
    DENSE = "dense", _("no rank is skipped (1, 2, 2, 3)")


class Names(models.TextChoices):
    NONE = "none", _("nobody but oneself")
    TOP = "top", _("the first few")
    ALL = "all", _("everyone")


class RowsShown(models.TextChoices):
    LIMIT = "limit", _("the first rows, and oneself with neighbours")
    NEIGHBOURS = "neighbours", _("oneself with neighbours only")
    OWN_TEAM = "own_team", _("the people of one's own team only")


class RowsAre(models.TextChoices):
    PEOPLE = "people", _("people")
    TEAMS = "teams", _("teams")


class Verdict(models.TextChoices):
    """Why a board is shown in a round, or is not."""

    SHOWN = "shown", _("shown")
    NOBODY = "nobody", _("nobody is on it")
    TOO_FEW = "too_few", _("too few people are on it")
    SINGLES_OUT = "singles_out", _("compared with what else is shown, it would single out a few people")
    OTHER_ROUNDS = "other_rounds", _("another board of these people publishes periods that overlap its own")
    NAMED = "named", _("some of its people stand by name on another board")
