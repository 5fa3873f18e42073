"""How long published standings are kept."""

from django.utils.translation import gettext_lazy as _

from foundation.records.retention import Kept

from .models import Publication, Round, RoundMember
from .rules.rounds import HISTORY_DAYS

LEAST_DAYS = max(HISTORY_DAYS.values()) + 31
"""Within these days standings and rounds are still compared, and a missing one would be published again."""

STANDINGS = Kept(
    setting="standings",
    label=_("Published standings of leaderboards"),
    aged=lambda before: Publication.objects.filter(ends_on__lt=before.date()),
    clear=lambda keys, at: Publication.objects.filter(pk__in=keys).delete(),
    least_days=LEAST_DAYS,
    batch=1,
)
MEMBERS = Kept(
    setting="standings",
    label=_("Whom leaderboards ranked"),
    aged=lambda before: Round.objects.filter(
        pk__in=RoundMember.objects.filter(round__ends_on__lt=before.date()).values("round")
    ),
    clear=lambda keys, at: RoundMember.objects.filter(round__in=keys).delete(),
    least_days=LEAST_DAYS,
    batch=1,
)
