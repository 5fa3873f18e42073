"""What machines ask: is Laurel well, and how busy is it."""

import asyncio
import ipaddress

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET
from django_prometheus.exports import ExportToDjangoView
from health_check.views import HealthCheckView

from people.access import may
from people.enums import Permission
from people.signin import client_address


class Health(HealthCheckView):
    """200 or 503, and one word. Which part is unwell stands in the log, and here for whoever may see jobs."""

    checks = ["health_check.checks.Database", "health_check.checks.Cache", "health_check.checks.Storage"]

    async def get(self, request, *args, **kwargs):
        self.results = await asyncio.gather(*(check.get_result(None) for check in self.get_checks()))
        status = 503 if any(result.error for result in self.results) else 200
        if await sync_to_async(may)(await request.auser(), Permission.OPERATE):
            return self.render_to_response_text(status)
        return HttpResponse("ok\n" if status == 200 else "unavailable\n", status=status, content_type="text/plain")


class JobsHealth(Health):
    """Besides, whether jobs are done. Apart, so that nobody restarts the web server because a worker is away."""

    checks = [*Health.checks, "rewards_site.health.Jobs"]


health = login_not_required(Health.as_view())
jobs_health = login_not_required(JobsHealth.as_view())


@login_not_required
@require_GET
def metrics(request):
    """Prometheus metrics for the listed addresses; for everyone else the page does not exist."""
    address = ipaddress.ip_address(client_address(request))
    if not any(address in ipaddress.ip_network(network, strict=False) for network in settings.LAUREL_METRICS_ALLOW):
        raise Http404
    return ExportToDjangoView(request)
