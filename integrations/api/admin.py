"""Clients of the API. A secret is shown once; tokens are not shown at all."""

from django.contrib import admin, messages
from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from oauth2_provider.models import AccessToken, Grant, IDToken, RefreshToken

from goals.enums import Counted
from metrics.enums import Source
from people.models import User
from people.queries import division_id_on
from people.scoped_admin import ScopedAdmin

from . import actions
from .actions.scores import name_goal
from .enums import Acting
from .forms import ClientForm
from .goal_queries import orphans
from .models import Client, FieldAlias, GoalKey, GoalScore, MetricAlias, WrittenCall

admin.site.unregister([Client, AccessToken, RefreshToken, Grant, IDToken])  # the library's own pages show tokens


@admin.register(Client)
class ClientAdmin(admin.ModelAdmin):
    form = ClientForm
    view_on_site = False
    list_display = ["name", "is_on", "roles", "last_write"]
    list_filter = ["is_on"]
    search_fields = ["name", "client_id"]
    readonly_fields = ["client_id"]
    actions = ["new_secret", "revoke"]
    fields = [
        "name",
        "client_id",
        "acting",
        "role",
        "divisions",
        "scopes",
        "redirect_uris",
        "calls_a_minute",
        "replays_same_body",
        "is_on",
    ]

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("person")
        rows = rows.annotate(last_written_at=Max("written_calls__at"))
        return rows.prefetch_related("person__grants__role", "person__grants__division")

    @admin.display(description=_("role"))
    def roles(self, client):
        grants = client.person.grants.all()
        return ", ".join(f"{grant.role} ({grant.division or _('all divisions')})" for grant in grants) or "–"

    @admin.display(description=_("last write"))
    def last_write(self, client):
        return client.last_written_at or "–"

    def save_model(self, request, obj, form, change):
        at, given = timezone.now(), form.cleaned_data
        rights = {"role": given["role"], "divisions": given["divisions"], "by": request.user, "at": at}
        if not change:
            secret = actions.start_client(obj, **rights)
            self._show_secret(request, obj, secret)
            return
        super().save_model(request, obj, form, change)
        actions.set_rights(client=obj, **rights)
        actions.rename(client=obj, name=obj.name)
        if not obj.is_on:
            actions.revoke(client=obj)

    def has_delete_permission(self, request, obj=None):
        """What it wrote stays, with its name; switch it off instead."""
        return False

    def _show_secret(self, request, client, secret):
        if client.acting is Acting.DEVICE:
            return
        messages.warning(
            request,
            _("The secret of “%(name)s” is %(secret)s. Copy it now; it is not shown again.")
            % {"name": client.name, "secret": secret},
        )

    @admin.action(description=_("Make a new secret; the old one holds for a week"), permissions=["change"])
    def new_secret(self, request, queryset):
        for client in queryset:
            self._show_secret(request, client, actions.renew_secret(client=client, at=timezone.now()))

    @admin.action(description=_("End all tokens and old secrets"), permissions=["change"])
    def revoke(self, request, queryset):
        for client in queryset:
            actions.revoke(client=client)
        self.message_user(request, _("Its tokens have ended; with its secret it gets new ones."))


@admin.register(WrittenCall)
class WrittenCallAdmin(admin.ModelAdmin):
    list_display = ["at", "client", "person", "method", "path", "status", "request_id"]
    list_filter = ["client", "status"]
    list_select_related = ["client", "person"]
    search_fields = ["request_id__exact", "path"]
    date_hierarchy = "at"

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


# Names ------------------------------------------------------------------------------------------------------------


@admin.register(MetricAlias)
class MetricAliasAdmin(ScopedAdmin):
    list_display = ["name", "metric", "aggregation"]
    list_filter = ["metric"]
    list_select_related = ["metric"]
    search_fields = ["name"]
    ordering = ["name"]
    actions = None


@admin.register(FieldAlias)
class FieldAliasAdmin(ScopedAdmin):
    list_display = ["name", "field"]
    list_filter = ["field"]
    search_fields = ["name"]
    ordering = ["name"]
    actions = None


class WaitingFilter(admin.SimpleListFilter):
    title = _("goal")
    parameter_name = "goal"

    def lookups(self, request, model_admin):
        return [("none", _("none: scores wait")), ("known", _("known"))]

    def queryset(self, request, queryset):
        return queryset if self.value() is None else queryset.filter(goal__isnull=self.value() == "none")


@admin.register(GoalKey)
class GoalKeyAdmin(ScopedAdmin):
    """The names by which callers know goals, and those that no goal has: whoever says which goal is meant gives it the
    scores that wait. A name that has a goal keeps it.
    """

    team_path = "goal__team"
    list_display = ["key", "goal", "waiting"]
    list_filter = [WaitingFilter]
    list_select_related = ["goal"]
    search_fields = ["key"]
    ordering = ["key"]
    actions = None
    fields = ["key", "goal"]

    def _division_rows(self, divisions, on):
        """Names without a goal are of those for whose people scores wait."""
        people = User.objects.alias(division_today=division_id_on(on)).filter(division_today__in=divisions)
        waits = orphans().order_by().filter(named=OuterRef("key"), person__in=people.values("pk"))
        return super()._division_rows(divisions, on) | (Q(goal=None) & Exists(waits))

    def get_queryset(self, request):
        waits = orphans().order_by().filter(named=OuterRef("key")).values("named").annotate(number=Count("pk"))
        return super().get_queryset(request).annotate(waits=Subquery(waits.values("number")))

    @admin.display(description=_("scores that wait"))
    def waiting(self, key):
        return key.waits or "–"

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if "goal" in form.base_fields:
            field = form.base_fields["goal"]
            field.required, field.widget.can_add_related = True, False
            field.queryset = field.queryset.filter(counted=Counted.METRIC, metric__source=Source.EXTERNAL)
        return form

    def get_readonly_fields(self, request, obj=None):
        return ["key"] if obj else []

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or obj.goal_id is None)

    def save_model(self, request, obj, form, change):
        number = name_goal(obj.goal, obj.key, at=timezone.now())
        obj.pk = GoalKey.objects.get(key=obj.key).pk
        text = ngettext("%(number)d score that waited counts now.", "%(number)d scores that waited count now.", number)
        self.message_user(request, text % {"number": number})


@admin.register(GoalScore)
class GoalScoreAdmin(ScopedAdmin):
    """Scores as they came, without what they say: who configures sees nobody's figures."""

    person_path = "person"
    list_display = ["at", "person", "named", "goal", "occurred_at", "source", "session_id"]
    list_display_links = ["named"]
    list_filter = [WaitingFilter]
    list_select_related = ["person", "goal"]
    search_fields = ["named__exact", "session_id__exact"]
    ordering = ["-pk"]
    actions = None
    fields = ["named", "goal", "person", "occurred_at", "workday", "source", "session_id", "client", "at"]

    def has_add_permission(self, request, *args):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
