"""Endpoints with their queue. The secret is shown once."""

from django.contrib import admin, messages
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from . import actions
from .forms import EndpointForm
from .models import Delivery, DeliveryState, Endpoint


@admin.register(Endpoint)
class EndpointAdmin(admin.ModelAdmin):
    form = EndpointForm
    list_display = ["name", "url", "is_on", "circuit_state", "waiting"]
    actions = ["send_sample", "retry", "new_secret"]

    def get_queryset(self, request):
        waits = Count("deliveries", filter=Q(deliveries__state=DeliveryState.WAITING))
        return super().get_queryset(request).annotate(waits=waits)

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
        else:
            actions.start_endpoint(obj)
            self._show_secret(request, obj)

    def _show_secret(self, request, endpoint):
        messages.warning(
            request,
            _("The secret of “%(name)s” is %(secret)s. Copy it now; it is not shown again.")
            % {"name": endpoint.name, "secret": endpoint.secret},
        )

    @admin.display(description=_("circuit"))
    def circuit_state(self, endpoint):
        if not endpoint.circuit.is_open:
            return _("closed")
        return _("open after %(count)d failures, next probe %(time)s") % {
            "count": endpoint.failures,
            "time": timezone.localtime(endpoint.next_at).strftime("%d %b, %H:%M") if endpoint.next_at else _("now"),
        }

    @admin.display(description=_("waits"))
    def waiting(self, endpoint):
        return endpoint.waits

    @admin.action(description=_("Send a sample"), permissions=["change"])
    def send_sample(self, request, queryset):
        for endpoint in queryset:
            answer = actions.send_sample(endpoint, at=timezone.now())
            level = messages.SUCCESS if answer.is_taken else messages.ERROR
            what = _("answered %(status)s in %(ms)s ms") % {"status": answer.status, "ms": answer.duration_ms}
            self.message_user(request, f"{endpoint}: {answer.error or what}", level)

    @admin.action(description=_("Try again now"), permissions=["change"])
    def retry(self, request, queryset):
        for endpoint in queryset:
            actions.retry_now(endpoint)
        self.message_user(request, _("The next try goes out within seconds."))

    @admin.action(description=_("Make a new secret"), permissions=["change"])
    def new_secret(self, request, queryset):
        for endpoint in queryset:
            endpoint.secret = actions.new_secret()
            endpoint.save(update_fields=["secret"])
            self._show_secret(request, endpoint)


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin):
    list_display = ["event", "endpoint", "state", "tries", "last_answer"]
    list_filter = ["state", "endpoint"]
    list_select_related = ["endpoint", "event"]
    actions = ["discard"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("attempts")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description=_("tries"))
    def tries(self, delivery):
        return len(delivery.attempts.all())

    @admin.display(description=_("last answer"))
    def last_answer(self, delivery):
        last = next(iter(delivery.attempts.all()), None)
        return "–" if last is None else last.error or f"{last.status} · {last.duration_ms} ms · {last.answer[:80]}"

    @admin.action(description=_("Discard what waits"), permissions=["view"])
    def discard(self, request, queryset):
        count = actions.discard(Delivery.objects.filter(pk__in=queryset.values("pk")))
        self.message_user(
            request, ngettext("%(n)d delivery discarded", "%(n)d deliveries discarded", count) % {"n": count}
        )
