"""Choices of customer thanks."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Way(models.TextChoices):
    PHONE = "phone", _("telephone")
    LINK = "link", _("link")


class Question(models.TextChoices):
    RECOMMEND = "recommend", _("How likely to recommend")
    REWARD = "reward", _("Reward the agent")
    GIFT = "gift", _("Which reward")


class Ending(models.TextChoices):
    CHOSEN = "chosen", _("a reward was chosen")
    DECLINED = "declined", _("no reward")
    UNHAPPY = "unhappy", _("not asked for a reward")
    GAVE_UP = "gave_up", _("no answer")


class Text(models.TextChoices):
    """What a survey says, each in every language of its definition."""

    RECOMMEND = "recommend", _("How likely to recommend?")
    SCALE_1 = "scale_1", _("Answer 1, extremely likely")
    SCALE_2 = "scale_2", _("Answer 2")
    SCALE_3 = "scale_3", _("Answer 3")
    SCALE_4 = "scale_4", _("Answer 4")
    SCALE_5 = "scale_5", _("Answer 5, not at all likely")
    REWARD = "reward", _("Reward the agent?")
    YES = "yes", _("Yes")
    NO = "no", _("No")
    GIFT = "gift", _("Which reward?")
    PRESS = "press", _("On the telephone, for each choice ({key}, {choice})")
    AGAIN = "again", _("After wrong or missing input")
    GIVEN = "given", _("After a reward was given ({gift})")
    GOODBYE = "goodbye", _("At the end")
    GAVE_UP = "gave_up", _("At the end, without an answer")


class Cap(models.TextChoices):
    """Why a thanks came without points."""

    DAY = "day", _("the agent's points of the day were full")
    CUSTOMER = "customer", _("the customer had thanked before")
