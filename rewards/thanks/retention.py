"""How long is kept what tells customers apart, and how other systems named an agent."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.records.retention import Kept

from .models import Resolution, Response

LEAST_DAYS = 7
"""Within these days the interaction of a response may still come, and with it the agent."""

RESPONSES = Kept(
    setting="thanks",
    label=_("Which customer answered a survey, and the agent's name as another system sent it"),
    aged=lambda before: Response.objects.filter(asked_at__lt=before, agent__isnull=False).exclude(
        Q(named="") & Q(customer_key="")
    ),
    clear=lambda keys, at: Response.objects.filter(pk__in=keys).update(named="", customer_key=""),
    least_days=LEAST_DAYS,
)


def erase(person, *, at) -> None:
    """Takes away how other systems named a person, and why somebody decided whose a thanks is. Their thanks stay."""
    Response.objects.filter(agent=person).update(named="")
    theirs = Response.objects.filter(Q(agent=person) | Q(every_thanks__agent=person))
    Resolution.objects.filter(Q(agent=person) | Q(response__in=theirs)).empty_texts()
