"""Goals in the admin: what is asked, what it pays, and what that would have paid. Terms are written by actions."""

from django.conf import settings
from django.contrib import admin, messages
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_protect

from foundation.pages.admin_preview import PREVIEW, PreviewAdmin
from ledger.enums import AccountKind
from ledger.models import Account
from people import access
from people.enums import Permission
from people.models import Queue, Team
from people.rules.privacy import minimum_group
from people.scoped_admin import ScopedAdmin, scoped_rows, today

from . import actions
from .forms import GoalForm
from .models import Goal
from .queries.trial import Kept, kept_by_other_pools, what_would_be_paid

LABEL = "goals.goal"
TAKING_EFFECT = (_("When it holds"), {"fields": ["hold_now", "reason"]})


@admin.register(Goal)
class GoalAdmin(PreviewAdmin, ScopedAdmin):
    form = GoalForm
    team_path = "team"
    change_form_template = "goals/admin/goal_change_form.html"
    preview_template = "goals/admin/goal_preview.html"
    list_display = ["name", "scope", "team", "metric", "frequency", "starts_on", "ends_on", "is_active"]
    list_filter = ["scope", "frequency", "is_active", "team"]
    list_select_related = ["team", "metric"]
    search_fields = ["name"]
    ordering = ["name", "pk"]
    actions = None
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    "description",
                    ("scope", "team", "with_teams_below"),
                    ("counted", "metric"),
                    ("frequency", "starts_on", "ends_on"),
                    "is_active",
                ],
                "classes": ["laurel-fields"],
            },
        ),
        (
            _("Target"),
            {
                "fields": [("aggregation", "operator", "achieved"), ("on_track", "at_risk", "minimum_volume")],
                "classes": ["laurel-fields"],
            },
        ),
        (
            _("Pay"),
            {
                "fields": [
                    ("pay_form", "pay_mode", "points"),
                    ("floor_percent", "floor_points", "cap_points"),
                    ("pool", "sharing"),
                    ("expiry", "expires_after_days"),
                ],
                "classes": ["laurel-fields"],
            },
        ),
        (_("Multipliers by home queue or team"), {"fields": ["multipliers"], "classes": ["collapse", "laurel-fields"]}),
        (
            _("Guard: pays only while another metric or goal is good enough"),
            {
                "fields": [
                    ("guard_metric", "guard_operator", "guard_bound", "guard_scope"),
                    ("guard_goal", "guard_goal_status"),
                ],
                "classes": ["collapse", "laurel-fields"],
            },
        ),
        (
            _("Closing"),
            {
                "fields": [("lag_minutes", "stabilisation_hours", "tolerance_percent")],
                "classes": ["collapse", "laurel-fields"],
            },
        ),
    ]

    # Who may --------------------------------------------------------------------------------------------------------

    def has_delete_permission(self, request, obj=None):
        """A goal that closed once, or that guards another, stays."""
        used = obj and (obj.snapshots.exists() or obj.guards.exists())
        return super().has_delete_permission(request, obj) and not used

    # The form -------------------------------------------------------------------------------------------------------

    def get_fieldsets(self, request, obj=None):
        administers = access.may(request.user, Permission.CONFIGURE_SCORING)
        return [*self.fieldsets, TAKING_EFFECT] if administers else self.fieldsets

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.viewer, form.at = request.user, timezone.now()
        if not access.may(request.user, Permission.CONFIGURE_SCORING):
            del form.base_fields["hold_now"], form.base_fields["reason"]
        form.offered = {
            "pools": Account.objects.filter(kind=AccountKind.POOL).order_by("key"),
            "goals": self.get_queryset(request).order_by("name", "pk"),
            "queues": self._offered(Queue, request),
            "teams": self._offered(Team, request),
        }
        return form

    def _offered(self, model, request) -> list:
        return list(scoped_rows(model, request, self.admin_site, for_label=LABEL).order_by("name", "pk"))

    @method_decorator(csrf_protect)
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except actions.TermsRefused as refused:  # nothing was saved; the page comes back as it was typed
            messages.error(request, str(refused))
            request.POST = request.POST.copy()
            request.POST[PREVIEW] = "1"
            return self._changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.created_by, obj.created_at = request.user, timezone.now()
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        """Once the goal is seen to be in reach: new terms, where they were changed."""
        super().save_related(request, form, formsets, change)
        if not form.is_changed_rule:
            return
        reason = form.cleaned_data["reason"] if form.holds_now else None
        actions.publish_goal_terms(
            goal=form.instance, draft=form.draft, by=request.user, at=form.at, now_with_reason=reason
        )
        day = date_format(form.period.start, "SHORT_DATE_FORMAT")
        self.message_user(request, _("These terms hold from %(day)s on.") % {"day": day})
        kept = kept_by_other_pools(form.instance, form.draft, form.period, viewer=request.user, on=today(request))
        if kept.number:
            self.message_user(request, kept_in_words(kept), messages.WARNING)

    def preview_context(self, request, form, formsets):
        draft = form.draft if form.is_bound and not form.errors else None
        return {
            "problems": problems_in(form),
            "first": form.period if draft else None,
            "terms": form.instance.terms.select_related("by", "pool").order_by("-from_on") if form.instance.pk else (),
            "trial": self._trial(request, form, draft) if draft else None,
            "minimum": minimum_group(settings.LAUREL_MINIMUM_GROUP),
        }

    def _trial(self, request, form, draft):
        return what_would_be_paid(
            form.instance, draft, viewer=request.user, on=today(request), at=form.at, holds_from=form.period
        )


def problems_in(form) -> list[str]:
    """The sentences that stand at the fields of the form, with their field."""
    if not form.is_bound:
        return []
    return [
        f"{form.fields[field].label}: {error}" if field in form.fields else str(error)
        for field, errors in form.errors.items()
        for error in errors
    ]


def kept_in_words(kept: Kept) -> str:
    """“Other pools pay 3 members: Ann (Sales week), and 2 more.”"""
    text = ngettext(
        "Another goal's pool pays %(number)s member, who takes no share here: %(who)s.",
        "Other goals' pools pay %(number)s members, who take no share here: %(who)s.",
        kept.number,
    )
    who = [f"{name} ({goal})" for name, goal in kept.named]
    if kept.others:
        who.append(str(_("%(number)s whom you do not see") % {"number": kept.others}))
    return text % {"number": kept.number, "who": ", ".join(who)}
