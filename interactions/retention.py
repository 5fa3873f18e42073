"""How long interactions tell customers apart. The interactions themselves stay: they explain what was paid."""

from django.utils.translation import gettext_lazy as _

from foundation.records.retention import Kept

from .models import Leg

CUSTOMERS = Kept(
    setting="customers",
    label=_("Which interactions were with the same customer"),
    aged=lambda before: Leg.objects.filter(started_at__lt=before, customer_key__isnull=False),
    clear=lambda keys, at: Leg.objects.filter(pk__in=keys).update(customer_key=None),
)
