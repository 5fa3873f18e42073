"""How long notifications are kept, and what goes with a person."""

from django.utils.translation import gettext_lazy as _

from foundation.records.retention import Kept

from .models import Digest, Mailing, Notification, Switch

NOTIFICATIONS = Kept(
    setting="inbox",
    label=_("Notifications in the inbox"),
    aged=lambda before: Notification.objects.filter(at__lt=before),
    clear=lambda keys, at: Notification.objects.filter(pk__in=keys).delete(),
)
DIGESTS = Kept(
    setting="inbox",
    label=_("On which days a daily mail went out"),
    aged=lambda before: Digest.objects.filter(claimed_at__lt=before),
    clear=lambda keys, at: Digest.objects.filter(pk__in=keys).delete(),
)


def erase(person, *, at) -> None:
    """Takes away what a person was told and had chosen, and the notes that others read from them."""
    for model in (Notification, Digest, Switch, Mailing):
        model.objects.filter(person=person).delete()
    Notification.objects.filter(by=person).delete()
