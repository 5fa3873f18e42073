"""Webhooks: whether a subscriber hears."""

from django.shortcuts import get_object_or_404

from integrations.webhooks.actions import SAMPLE_TYPE, send_sample
from integrations.webhooks.models import Endpoint
from people.access import reach
from people.enums import Permission

from ..asking import viewer_of
from ..gate import Token
from ..once import note
from ..problems import Problem
from ..schemas.webhooks import WebhookTest
from ..wire import Resource, key_of

resource = Resource("integration:webhooks", tag="Webhooks")


@resource.post("/webhooks/{webhook_id}/test", response=WebhookTest, auth=Token("integration:webhooks:read"))
def try_webhook(request, webhook_id: str):
    """Sends one signed test event at once, outside the queue of the webhook, and tells what came back. It changes
    nothing here, and each call sends one.
    """
    if not reach(viewer_of(request), Permission.CONFIGURE_SCORING).everywhere:
        raise Problem(403)
    endpoint = get_object_or_404(Endpoint, pk=key_of(webhook_id))
    at = request.call.at
    answer = send_sample(endpoint, at=at)
    note(request, 200)
    return WebhookTest(
        webhook_id=str(endpoint.pk),
        name=endpoint.name,
        event_type=SAMPLE_TYPE,
        delivered=answer.is_taken,
        status=answer.status,
        error=answer.error or None,
        duration_ms=answer.duration_ms,
        tested_at=at,
    )
