"""What people were told, what they want to be told, and the mails that said so."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .enums import Kind

PERSON = settings.AUTH_USER_MODEL


class Digest(models.Model):
    """The mail of one person and one of their days: claimed before it is sent, so that no second one goes out.

    `sent_at` is empty while it is being sent, and stays empty where that was broken off: then nobody knows whether it
    arrived, and what it told of stands in the next day's.
    """

    person = models.ForeignKey(PERSON, models.CASCADE, related_name="digests", verbose_name=_("person"))
    day = models.DateField(_("day"))
    claimed_at = models.DateTimeField(_("begun"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        ordering = ["-day", "-pk"]
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="inbox_digest_once_a_day")]

    def __str__(self):
        return f"{self.person_id} {self.day}"


class Notification(models.Model):
    """One thing that a person is told. No sentence is kept: `params` are plain values, and the reader's language words
    them. `in_app` and `in_digest` are the person's switches of that moment.
    """

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(
        PERSON, models.CASCADE, related_name="notifications", verbose_name=_("person"), db_index=False
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    params = models.JSONField(_("values"), default=dict)
    by = models.ForeignKey(PERSON, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by"))
    url = models.CharField(_("address"), max_length=300, blank=True)
    key = models.CharField(_("key"), max_length=200, unique=True)
    at = models.DateTimeField(_("at"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    in_app = models.BooleanField(_("in the inbox"), default=True)
    in_digest = models.BooleanField(_("in the digest"), default=True)
    digest = models.ForeignKey(
        Digest, models.SET_NULL, null=True, blank=True, related_name="notifications", verbose_name=_("digest")
    )

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="inbox_notification_own_address",
                condition=Q(url="") | Q(url__regex="^/([^/]|$)"),
            ),
            models.CheckConstraint(
                name="inbox_notification_told_somewhere", condition=Q(in_app=True) | Q(in_digest=True)
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-at"], name="inbox_notification_person"),
            models.Index(
                fields=["person"], condition=Q(read_at__isnull=True, in_app=True), name="inbox_notification_unread"
            ),
            models.Index(
                fields=["person"],
                condition=Q(read_at__isnull=True, in_digest=True),
                name="inbox_notification_to_mail",
            ),
        ]

    def __str__(self):
        return f"{self.person_id}: {self.kind}"


class Switch(models.Model):
    """What a person wants to be told of a kind, and where. Without a row: both."""

    person = models.ForeignKey(PERSON, models.CASCADE, related_name="inbox_switches", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    in_app = models.BooleanField(_("in the inbox"), default=True)
    in_digest = models.BooleanField(_("in the digest"), default=True)

    class Meta:
        verbose_name = _("switch")
        verbose_name_plural = _("switches")
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="inbox_switch_once_a_kind")]

    def __str__(self):
        return f"{self.person_id}: {self.kind}"


class Mailing(models.Model):
    """Whether a person wants the daily mail, and in which language. Without a row: yes, in the site's."""

    person = models.OneToOneField(PERSON, models.CASCADE, related_name="inbox_mailing", verbose_name=_("person"))
    is_on = models.BooleanField(_("daily mail"), default=True)
    language = models.CharField(_("language"), max_length=10, default="en")

    class Meta:
        verbose_name = _("daily mail")
        verbose_name_plural = _("daily mails")

    def __str__(self):
        return f"{self.person_id}: {self.is_on}"
