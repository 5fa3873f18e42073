"""Where other systems report how goals stand."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, JsonResponse
from django.utils import timezone
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from foundation.pages.limits import is_over_limit

from .actions.incoming import ContentDiffers, keep
from .models import ReportState, Source
from .rules.reports import BadReport, BadSignature, check_signature, read_report

LARGEST = 64 * 1024
MOST_A_MINUTE = 600

WHAT_HAPPENS = {
    ReportState.WAITING: "The status address is asked; the linked goal takes the status once it is locked there.",
    ReportState.TAKEN: "The linked goal has taken the status.",
    ReportState.MANUAL: "An administrator looks at it.",
    ReportState.DISCARDED: "An administrator discarded it.",
}


@csrf_exempt  # signed by the source; no session is read
@login_not_required
@require_POST
def receive(request, source):
    """Keeps a signed event once, and says what will happen. Answers before anything else is asked or written."""
    found = Source.objects.filter(public_id=source, is_on=True).first()
    if found is None:
        raise Http404
    if is_over_limit(f"webhooks-in:{found.pk}", most=MOST_A_MINUTE):
        return _refused(429, f"More than {MOST_A_MINUTE} events in a minute. Try again later.", {"Retry-After": "60"})
    if int(request.headers.get("content-length") or 0) > LARGEST:
        return _refused(413, f"An event has at most {LARGEST // 1024} kB.")
    body, at = request.body, timezone.now()
    try:
        event_id = check_signature(
            {name.lower(): value for name, value in request.headers.items()},
            body,
            secrets=found.secrets_at(at),
            now=int(at.timestamp()),
            window=found.window_seconds,
        )
        with override("en"):
            report = keep(found, event_id=event_id, body=body, reported=read_report(body), at=at)
    except BadSignature as error:
        return _refused(401, str(error))
    except BadReport as error:
        return _refused(422, str(error))
    except ContentDiffers:
        return _refused(409, "This webhook-id came before with other content. Use a new id for another event.")
    return JsonResponse({"state": report.state, "message": WHAT_HAPPENS[ReportState(report.state)]}, status=202)


def _refused(status: int, message: str, headers: dict | None = None) -> JsonResponse:
    return JsonResponse({"message": message, "status": status}, status=status, headers=headers)
