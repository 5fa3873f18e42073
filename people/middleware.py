"""Times on every page are in the zone of the reader's division."""

from django.utils import timezone

from .queries import zone_of_reader


def viewer_zone(get_response):
    """Activates the zone of the signed-in reader for the request."""

    def middleware(request):
        with timezone.override(_zone_of(request)):
            return get_response(request)

    return middleware


def _zone_of(request):
    if not request.user.is_authenticated:
        return timezone.get_default_timezone()
    return zone_of_reader(request.user, at=timezone.now())
