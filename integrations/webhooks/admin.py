"""Endpoints with their queue, sources with what they reported. A secret is shown once."""

from django.contrib import admin, messages
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from people.scoped_admin import ReadOnlyInline

from . import actions
from .actions import incoming
from .forms import DecisionForm, EndpointForm, GoalLinkForm, GoalLinkFormSet, SourceForm
from .models import Attempt, Delivery, DeliveryState, Endpoint, GoalLink, Handling, Report, ReportState, Source
from .queries import is_paid_by


class SecretAdmin(admin.ModelAdmin):
    """Rows with a secret that is shown when it is made, and never again."""

    def _show_secret(self, request, row):
        messages.warning(
            request,
            _("The secret of “%(name)s” is %(secret)s. Copy it now; it is not shown again.")
            % {"name": row.name, "secret": row.secret},
        )


@admin.register(Endpoint)
class EndpointAdmin(SecretAdmin):
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


class AttemptInline(ReadOnlyInline):
    model = Attempt
    fields = ["at", "status", "duration_ms", "answer", "error"]


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin):
    inlines = [AttemptInline]
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


class LinkInline(admin.TabularInline):
    model = GoalLink
    form = GoalLinkForm
    formset = GoalLinkFormSet
    fields = ["external_id", "goal", "by", "at"]
    readonly_fields = ["by", "at"]
    extra = 1
    verbose_name_plural = _("Goals that it may report")


@admin.register(Source)
class SourceAdmin(SecretAdmin):
    form = SourceForm
    inlines = [LinkInline]
    list_display = ["name", "is_on", "waiting", "manual"]
    fields = ["name", "address", "status_url", "status_token", "window_seconds", "patience_hours", "is_on"]
    readonly_fields = ["address"]
    actions = ["new_secret"]

    def get_queryset(self, request):
        waits = Count("reports", filter=Q(reports__state=ReportState.WAITING))
        for_people = Count("reports", filter=Q(reports__state=ReportState.MANUAL))
        return super().get_queryset(request).annotate(waits=waits, for_people=for_people)

    @admin.display(description=_("It sends to"))
    def address(self, source):
        return reverse("webhooks:receive", args=[source.public_id]) if source.pk else _("shown once it is saved")

    @admin.display(description=_("waits"))
    def waiting(self, source):
        return source.waits

    @admin.display(description=_("for a person"))
    def manual(self, source):
        return source.for_people

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
        else:
            incoming.start_source(obj)
            self._show_secret(request, obj)

    def save_formset(self, request, form, formset, change):
        for link in formset.save(commit=False):
            link.by, link.at = request.user, timezone.now()
            link.save()
        for gone in formset.deleted_objects:
            gone.delete()

    @admin.action(description=_("Make a new secret; the old one holds for a week"), permissions=["change"])
    def new_secret(self, request, queryset):
        for source in queryset:
            self._show_secret(request, incoming.renew_secret(source, at=timezone.now()))


class HandlingInline(ReadOnlyInline):
    model = Handling
    fields = ["at", "state", "what", "answer", "by"]


@admin.register(Report)
class ReportAdmin(admin.ModelAdmin):
    """What sources reported, and the queue of what waits for a person."""

    action_form = DecisionForm
    inlines = [HandlingInline]
    list_display = ["received_at", "source", "external_goal", "period", "status", "state", "why", "tries"]
    list_display_links = ["external_goal"]
    list_filter = ["state", "source"]
    list_select_related = ["source"]
    actions = ["ask_again", "accept", "discard"]
    fields = ["source", "event_id", "external_goal", "period", "status", "value", "state", "why", "received_at", "body"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def _for_people(self, request, queryset):
        """The chosen reports that wait for a person; the others are left, and that is said."""
        found = list(
            Report.objects.filter(pk__in=queryset.values("pk"), state=ReportState.MANUAL).select_related("source")
        )
        if len(found) < queryset.count():
            self.message_user(request, _("Only reports that wait for a person were changed."), messages.WARNING)
        return found

    def _reason(self, request) -> str:
        reason = request.POST.get("reason", "").strip()[:250]
        if not reason:
            self.message_user(request, _("Give a reason, beside the action."), messages.ERROR)
        return reason

    @admin.action(description=_("Ask the source again"), permissions=["view"])
    def ask_again(self, request, queryset):
        for report in self._for_people(request, queryset):
            incoming.ask_again(report, by=request.user, at=timezone.now())

    @admin.action(description=_("Take it without the source's answer (with a reason)"), permissions=["view"])
    def accept(self, request, queryset):
        if not (reason := self._reason(request)):
            return
        for report in self._for_people(request, queryset):
            if is_paid_by(report, request.user):
                self.message_user(
                    request,
                    _("%(report)s would pay you: somebody else decides it.") % {"report": report},
                    messages.ERROR,
                )
                continue
            state = incoming.take(report, what=reason, by=request.user, at=timezone.now())
            if state != ReportState.TAKEN:
                report.refresh_from_db()
                self.message_user(request, f"{report}: {report.why}", messages.ERROR)

    @admin.action(description=_("Discard (with a reason)"), permissions=["view"])
    def discard(self, request, queryset):
        if reason := self._reason(request):
            for report in self._for_people(request, queryset):
                incoming.discard_report(report, reason=reason, by=request.user, at=timezone.now())
