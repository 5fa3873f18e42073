"""How long the app's data about people is kept."""

from django.utils.translation import gettext_lazy as _

from foundation.records.retention import Kept

from .actions import erase_person
from .models import Look, User

LEAST_DAYS = 62
"""So long a goal of the last month may still close, be reviewed and pay by name."""

LOOKS = Kept(
    setting="looks",
    label=_("Who looked at figures"),
    aged=lambda before: Look.objects.filter(hour__lt=before),
    clear=lambda keys, at: Look.objects.filter(pk__in=keys).delete(),
)
PEOPLE = Kept(
    setting="people",
    label=_("Name, e-mail and ids, after somebody left"),
    aged=lambda before: User.objects.filter(left_at__lt=before, is_active=False, is_erased=False),
    clear=lambda keys, at: [erase_person(person=person, by=None, at=at) for person in User.objects.filter(pk__in=keys)],
    least_days=LEAST_DAYS,
    batch=1,
)
