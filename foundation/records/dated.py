"""Dated rows. A *setting* is owner × `from_on`, unique, without an end: the newest row not after a day is in
force. A *membership* is a half-open interval [`from_on`, `until_on`): many may hold at once.
"""

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

EVER = dt.date(1, 1, 1)
"""`from_on` of a row without a start date."""


class IntervalQuerySet(models.QuerySet):
    def on(self, day: dt.date):
        """The memberships that hold on `day`."""
        return self.filter(Q(until_on__isnull=True) | Q(until_on__gt=day), from_on__lte=day)


class Interval(models.Model):
    """A membership from `from_on` (inclusive) until `until_on` (exclusive, open when empty)."""

    from_on = models.DateField(_("from"), default=EVER, help_text=_("The first day."))
    until_on = models.DateField(
        _("until (exclusive)"), null=True, blank=True, help_text=_("The first day on which it no longer holds.")
    )

    objects = IntervalQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_ends_after_start",
                condition=Q(until_on__isnull=True) | Q(until_on__gt=F("from_on")),
            )
        ]


class SettingQuerySet(models.QuerySet):
    def by(self, day: dt.date):
        """Rows that started not after `day`, newest first; the first of an owner is in force."""
        return self.filter(from_on__lte=day).order_by("-from_on")


class DatedSetting(models.Model):
    """A setting of an owner, in force from `from_on` until its owner's next row."""

    from_on = models.DateField(_("from"), default=EVER)

    objects = SettingQuerySet.as_manager()

    class Meta:
        abstract = True
