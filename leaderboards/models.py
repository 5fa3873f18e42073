"""Standings as they were published: the figures behind a board for one period, taken once a day and then frozen."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from people.models import Division
from scorecards.models import Profile


class Publication(models.Model):
    """The standing of a board in one period, as it was taken at `made_at`. Frozen once late data has ended.

    A board is a profile within a division. `starts_on` is the first workday, `ends_on` the day after the last.
    """

    profile = models.ForeignKey(Profile, models.CASCADE, related_name="publications", verbose_name=_("profile"))
    division = models.ForeignKey(Division, models.CASCADE, related_name="publications", verbose_name=_("division"))
    period = models.CharField(_("period"), max_length=10)
    starts_on = models.DateField(_("first workday"))
    ends_on = models.DateField(_("ends before"))
    made_at = models.DateTimeField(_("taken at"))
    is_frozen = models.BooleanField(_("frozen"), default=False)

    class Meta:
        verbose_name = _("published standing")
        verbose_name_plural = _("published standings")
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "division", "period"], name="leaderboards_publication_once")
        ]
        indexes = [models.Index(fields=["division", "made_at"], name="leaderboards_made")]

    def __str__(self):
        return f"{self.profile} · {self.division} · {self.period}"


class PublishedSums(models.Model):
    """What one person's days of a published period add up to: points, maximum, and total and count of each metric.

    It holds a person's id, never a name. `measured` maps a metric's id to its total and count in stored units.
    `before` are the same figures (points, maximum, measured) as of the standing before this one, where there was one.
    """

    publication = models.ForeignKey(
        Publication, models.CASCADE, related_name="rows", verbose_name=_("published standing")
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    points = models.BigIntegerField(_("points"))
    maximum = models.BigIntegerField(_("maximum"))
    measured = models.JSONField(_("measured"), default=dict)
    before = models.JSONField(_("as of the standing before"), null=True)

    class Meta:
        verbose_name = _("row of a published standing")
        verbose_name_plural = _("rows of published standings")
        constraints = [
            models.UniqueConstraint(fields=["publication", "person"], name="leaderboards_publishedsums_once")
        ]
