"""Times on every page are in the zone of the reader's division."""

import zoneinfo

from django.core.cache import cache
from django.utils import timezone

from .queries import zone_of

REMEMBERED_SECONDS = 300
"""How long a reader's zone is remembered; only the display of times rests on it."""


def viewer_zone(get_response):
    """Activates the zone of the signed-in reader for the request."""

    def middleware(request):
        with timezone.override(_zone_of(request)):
            return get_response(request)

    return middleware


def _zone_of(request):
    if not request.user.is_authenticated:
        return timezone.get_default_timezone()
    key = f"zone:{request.user.pk}"
    name = cache.get(key)
    if name is None:
        name = zone_of(request.user, on=timezone.now().date()).key
        cache.set(key, name, REMEMBERED_SECONDS)
    return zoneinfo.ZoneInfo(name)
