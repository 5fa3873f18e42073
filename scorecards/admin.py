"""Profiles, their objectives and members, and the switches of scoring, in the admin. Writes are actions."""

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_protect

from foundation.pages.admin_preview import PREVIEW, PreviewAdmin
from metrics.models import Metric
from people import access
from people.enums import Permission
from people.models import Queue, Team, TeamMembership, User
from people.scoped_admin import ScopedAdmin, scoped_rows, today

from . import actions
from .badge_wording import takes_text
from .forms.badges import BadgeForm
from .forms.objectives import ObjectiveForm, ObjectiveFormSet, draft_of
from .forms.profiles import MembersForm, ProfileForm, SwitchForm
from .forms.watches import WatchForm
from .models import Badge, DivisionDay, Objective, Profile, Reopening, ScoreDay, ScoringSwitch, Watch
from .queries import (
    Draft,
    first_open_day,
    members_of,
    profiles_within,
    standing_assignments,
    tomorrow_everywhere,
    what_would_pay,
)

PAY = "pay"
"""Value of the Preview button that also asks what the last days would have paid."""
SHOWN_MEMBERS = 200


def dated(form, request):
    """Tells a form from which day a change may hold for the viewer."""
    form.earliest = first_open_day()
    form.tomorrow = tomorrow_everywhere(at=timezone.now())
    form.may_reopen = access.may(request.user, Permission.REOPEN)
    return form


def assignable_people(request):
    return access.configurable_people(request.user, on=today(request))


class ObjectiveInline(admin.StackedInline):
    """Objectives with the terms that were published last, as flat fields."""

    model = Objective
    form = ObjectiveForm
    formset = ObjectiveFormSet
    template = "scorecards/admin/objective_inline.html"
    extra = 0
    can_delete = False
    fieldsets = [
        (None, {"fields": [("metric", "kind", "position", "is_active")]}),
        (
            _("Values and points"),
            {
                "fields": [
                    ("near_from", "near_to", "edge_points", "near_points"),
                    ("target_from", "target_to", "target_points", "best_at", "best_points"),
                    ("upper_near_points", "upper_edge_points"),
                ]
            },
        ),
        (_("Only these interactions"), {"fields": [("media_type", "direction", "queue")], "classes": ["collapse"]}),
        (
            _("Guard: counts only while another metric is good enough"),
            {"fields": [("guard_metric", "guard_operator", "guard_bound", "guard_scope")], "classes": ["collapse"]},
        ),
        (_("Multipliers by home queue or team"), {"fields": ["multipliers"], "classes": ["collapse"]}),
    ]

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .select_related("metric")
            .prefetch_related(
                "terms__multipliers__queue",
                "terms__multipliers__team",
                "terms__queue",
                "terms__guard_metric",
                "terms__by",
            )
        )

    def get_extra(self, request, obj=None, **kwargs):
        return 1 if "more" in request.GET else self.extra

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.today = today(request)
        formset.offered = {
            "metrics": list(Metric.objects.filter(narrowed_from=None)),
            "queues": self._choices(Queue, request),
            "teams": self._choices(Team, request),
        }
        return formset

    def _choices(self, model, request) -> list:
        """Rows that the viewer may choose, by name."""
        rows = scoped_rows(model, request, self.admin_site, for_label="scorecards.objectiveterms")
        return list(rows.order_by("name", "pk"))


@admin.register(Profile)
class ProfileAdmin(PreviewAdmin, ScopedAdmin):
    form = ProfileForm
    inlines = [ObjectiveInline]
    preview_template = "scorecards/admin/profile_preview.html"
    change_form_template = "scorecards/admin/profile_change_form.html"
    list_display = ["name", "is_default", "is_active"]
    search_fields = ["name"]
    ordering = ["-is_default", "name"]
    actions = ["copy"]
    fields = ["name", "is_active", "from_on"]

    # Who may --------------------------------------------------------------------------------------------------------

    def _rows_within(self, where, permission, request, action):
        """Whoever configures what they lead finds the profiles all of whose members, now and to come, they lead."""
        if permission != Permission.CONFIGURE_LED:
            return super()._rows_within(where, permission, request, action)
        led = access.led_people(request.user, on=today(request), permission=permission)
        return Q(pk__in=profiles_within(led, on=today(request)).values("pk"))

    def has_add_permission(self, request, *args):
        """Whoever configures only what they lead changes profiles that they were given, and makes none."""
        everywhere = access.reach(request.user, Permission.CONFIGURE_SCORING).everywhere
        return super().has_add_permission(request, *args) and everywhere

    def has_delete_permission(self, request, obj=None):
        """The default profile stays, and so does one that ever scored anyone."""
        used = obj and (obj.is_default or obj.assignments.exists() or ScoreDay.objects.filter(profile=obj).exists())
        return super().has_delete_permission(request, obj) and not used

    # The form -------------------------------------------------------------------------------------------------------

    def get_fields(self, request, obj=None):
        may_write = obj is None or self.has_change_permission(request, obj)
        return self.fields if may_write else ["name", "is_active"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        return dated(super().get_form(request, obj, change=change, **kwargs), request)

    @method_decorator(csrf_protect)
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except actions.TermsRefused as refused:  # nothing was saved; the page comes back as it was typed
            messages.error(request, str(refused))
            request.POST = request.POST.copy()
            request.POST[PREVIEW] = "1"
            return self._changeform_view(request, object_id, form_url, extra_context)

    def save_formset(self, request, form, formset, change):
        """Objectives are saved; where how one is scored was changed, new terms are published."""
        super().save_formset(request, form, formset, change)
        changed = [row for row in formset.forms if row.instance.pk and row.has_changed() and row.is_changed_rule]
        refuse_before_published(changed, form.cleaned_data["from_on"])
        for row in changed:
            actions.publish_terms(
                objective=row.instance,
                draft=row.draft(),
                from_on=form.cleaned_data["from_on"],
                by=request.user,
                at=timezone.now(),
            )

    def preview_context(self, request, form, formsets):
        objectives = [row for formset in formsets for row in formset.forms if row.rule]
        problems = [error for formset in formsets for row in formset.forms for error in problems_in(row)]
        active = [row for row in objectives if row.is_active_rule]
        asked = request.POST.get(PREVIEW) == PAY
        return {
            "objectives": objectives,
            "problems": problems,
            "maximum": sum(row.rule.maximum for row in active),
            "shares": [(row.rule.metric, row.rule.maximum) for row in active],
            "asked": asked,
            "trial": trial_of(form.instance, objectives, until_on=today(request)) if asked and not problems else None,
            "minimum": settings.LAUREL_MINIMUM_GROUP,
        }

    def get_preview_template(self, request):
        return "scorecards/admin/trial.html" if request.POST.get(PREVIEW) == PAY else self.preview_template

    # Copies and members ---------------------------------------------------------------------------------------------

    @admin.action(description=_("Copy the selected profiles with their objectives"), permissions=["add"])
    def copy(self, request, queryset):
        for profile in queryset:
            name = free_name(profile.name)
            actions.copy_profile(profile=profile, name=name, on=today(request), by=request.user, at=timezone.now())
            self.message_user(request, _("“%(name)s” was made. Nobody has it yet.") % {"name": name})

    def get_urls(self):
        members = self.admin_site.admin_view(self.members_view)
        return [path("<int:pk>/members/", members, name="scorecards_profile_members"), *super().get_urls()]

    def members_view(self, request, pk):
        """Who of those in reach has a profile, and the form that gives it to people from a day on."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        profile = self.get_object(request, str(pk))
        if profile is None:
            raise Http404
        form = self._members_form(request)
        if request.method == "POST" and form.is_valid():
            return self._assign(request, profile, form)
        return TemplateResponse(request, "scorecards/admin/members.html", self._members_context(request, profile, form))

    def _members_form(self, request):
        teams = scoped_rows(Team, request, self.admin_site, for_label="scorecards.profileassignment")
        form_class = dated(type("ViewersMembersForm", (MembersForm,), {}), request)
        return form_class(request.POST or None, teams=teams.order_by("name"), among=assignable_people(request))

    def _members_context(self, request, profile, form):
        day, within = today(request), assignable_people(request).values("pk")
        people = members_of(profile, on=day).filter(pk__in=within)
        coming = standing_assignments(on=day).filter(profile=profile, from_on__gt=day, person__in=within)
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Members"),
            "subtitle": profile.name,
            "profile": profile,
            "form": form,
            "media": self.media + form.media,
            "number": people.count(),
            "people": people.order_by("name")[:SHOWN_MEMBERS],
            "shown": SHOWN_MEMBERS,
            "coming": coming.select_related("person").order_by("from_on", "person__name")[:SHOWN_MEMBERS],
        }

    def _assign(self, request, profile, form):
        day = form.cleaned_data["from_on"]
        people = chosen_people(form.cleaned_data, among=assignable_people(request), on=day)
        number = actions.assign_profile(people=people, profile=profile, from_on=day, by=request.user, at=timezone.now())
        text = _("%(number)s people have the profile “%(name)s” from %(day)s on.")
        self.message_user(request, text % {"number": number, "name": profile.name, "day": day})
        return redirect(reverse("admin:scorecards_profile_members", args=[profile.pk]))


def problems_in(form) -> list[str]:
    """The sentences that stand at the fields of an objective's form, with their field."""
    if not form.is_bound:
        return []
    name = form.scored_metric or _("New objective")
    return [
        f"{name}: {form.fields[field].label}: {error}" if field in form.fields else f"{name}: {error}"
        for field, errors in form.errors.items()
        for error in errors
    ]


def refuse_before_published(rows, from_on) -> None:
    """TermsRefused where newer terms are published already: the form shows those, and they would win."""
    for row in rows:
        if row.current and row.current.from_on > from_on:
            words = {"metric": row.scored_metric, "day": date_format(row.current.from_on, "SHORT_DATE_FORMAT")}
            raise actions.TermsRefused(
                _("“%(metric)s” has terms from %(day)s on. Let your change hold from that day or a later one.") % words
            )


def trial_of(profile, objectives, *, until_on):
    """What the last days would have paid with the rules in the forms; None for a profile that is not there yet."""
    if profile.pk is None:
        return None
    drafts = [
        Draft(row.scored_metric, row.draft() if row.has_changed() else draft_of(row.current), row.instance.pk)
        for row in objectives
    ]
    return what_would_pay(profile, drafts, until_on=until_on, minimum=settings.LAUREL_MINIMUM_GROUP)


def chosen_people(chosen, *, among, on) -> list[User]:
    """The people of the form: those named, and the members on that day of the teams and of the teams below them."""
    below = Q(pk__in=())
    for team in chosen["teams"]:
        below |= Q(team__path__startswith=team.path)
    members = TeamMembership.objects.on(on).filter(below)
    named = Q(pk__in=[person.pk for person in chosen["people"]])
    return list(among.filter(named | Q(pk__in=members.values("person"))))


def free_name(name: str) -> str:
    """“Sales (copy)”, or “Sales (copy 2)” where that is taken."""
    taken = set(Profile.objects.values_list("name", flat=True))
    number, found = 1, f"{name} (copy)"
    while found in taken:
        number += 1
        found = f"{name} (copy {number})"
    return found


class WrittenOnceAdmin(ScopedAdmin):
    """Rows that are added by an action and never changed."""

    division_path = "division"

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_related(self, request, form, formsets, change):
        """The action wrote the row; there is nothing beside it."""


@admin.register(ScoringSwitch)
class ScoringSwitchAdmin(WrittenOnceAdmin):
    form = SwitchForm
    fields = ["division", "what", "from_on", "reason"]
    list_display = ["division", "from_on", "is_on", "is_reset", "reason", "by", "at"]
    list_filter = ["division", "is_on", "is_reset"]
    list_select_related = ["division", "by"]
    ordering = ["-from_on", "division__name"]

    def get_fields(self, request, obj=None):
        return self.list_display if obj else self.fields

    def get_form(self, request, obj=None, change=False, **kwargs):
        return dated(super().get_form(request, obj, change=change, **kwargs), request)

    def save_model(self, request, obj, form, change):
        data, common = form.cleaned_data, {"by": request.user, "at": timezone.now(), "reason": obj.reason}
        if data["what"] == SwitchForm.RESET:
            row = actions.reset_scoring(division=obj.division, from_on=obj.from_on, **common)
        else:
            is_on = data["what"] == SwitchForm.ON
            row = actions.switch_scoring(division=obj.division, is_on=is_on, from_on=obj.from_on, **common)
        obj.pk = row.pk


@admin.register(Reopening)
class ReopeningAdmin(WrittenOnceAdmin):
    """To read; they are given on the page of workdays."""

    list_display = ["division", "from_on", "to_on", "reason", "by", "at"]
    list_filter = ["division"]
    list_select_related = ["division", "by"]
    ordering = ["-at", "-pk"]

    def has_add_permission(self, request, *args):
        return False


@admin.register(Badge)
class BadgeAdmin(PreviewAdmin, ScopedAdmin):
    """Badges and their levels. Who earned them stands on people's own pages, not here."""

    form = BadgeForm
    change_form_template = "scorecards/admin/badge_change_form.html"
    preview_template = "scorecards/admin/badge_preview.html"
    list_display = ["name", "kind", "period", "metric", "starts_on", "is_active"]
    list_filter = ["kind", "is_active"]
    list_select_related = ["metric"]
    search_fields = ["name"]
    ordering = ["name"]
    actions = None
    fieldsets = [
        (None, {"fields": ["name", "description", "icon", "is_active"]}),
        (_("What it takes"), {"fields": ["kind", "period", "metric", "minimum_count", "thresholds"]}),
        (_("Which workdays count"), {"fields": ["starts_on", "profiles", "divisions"]}),
    ]

    def has_delete_permission(self, request, obj=None):
        """A badge that somebody has stays; it can be switched off."""
        earned = obj and obj.levels.filter(awards__isnull=False).exists()
        return super().has_delete_permission(request, obj) and not earned

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        thresholds = form.cleaned_data["thresholds"]
        actions.publish_badge(badge=form.instance, thresholds=thresholds, at=timezone.now())

    def preview_context(self, request, form, formsets):
        badge, thresholds = form.instance, form.shown_levels()
        problems = problems_at(form)
        if problems or not thresholds:
            return {"problems": problems}
        several = len(thresholds) > 1
        levels = [
            {
                "number": number,
                "chip": number if several else "",
                "kind": "top" if number == len(thresholds) else "",
                "takes": takes_text(badge, threshold),
            }
            for number, threshold in enumerate(thresholds, start=1)
        ]
        return {"levels": levels, "icon": badge.icon, "sentences": badge_sentences(form)}


def problems_at(form) -> list[str]:
    """The sentences that stand at the fields of a form, with their field."""
    if not form.is_bound:
        return []
    return [
        f"{form.fields[field].label}: {error}" if field in form.fields else str(error)
        for field, errors in form.errors.items()
        for error in errors
    ]


def badge_sentences(form) -> list[str]:
    """What else whoever sets up a badge should know."""
    badge = form.instance
    found = [_("Only final workdays count, and nothing that was earned is taken back.")]
    if not badge.is_active:
        found.append(_("The badge is switched off: nobody earns it."))
    elif badge.starts_on is None:
        found.append(_("It looks at all workdays there are."))
    else:
        day = date_format(badge.starts_on, "SHORT_DATE_FORMAT")
        found.append(_("It looks at workdays from %(day)s on.") % {"day": day})
    if form.is_earned:
        found.append(_("Somebody has it: what it takes stays, and harder levels may be added."))
    return found


@admin.register(Watch)
class WatchAdmin(ScopedAdmin):
    """Pairs of metrics that supervisors are asked to look at."""

    form = WatchForm
    list_display = ["name", "improving", "worsening", "days", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["improving", "worsening"]
    search_fields = ["name"]
    ordering = ["name"]
    actions = None
    fieldsets = [
        (None, {"fields": ["name", "is_active", "days"]}),
        (_("What improves"), {"fields": ["improving", "improves_by", "improves_in", "improving_minimum"]}),
        (_("While this worsens"), {"fields": ["worsening", "worsens_by", "worsens_in", "worsening_minimum"]}),
    ]


@admin.register(DivisionDay)
class DivisionDayAdmin(WrittenOnceAdmin):
    list_display = ["workday", "division", "closed_at"]
    list_filter = ["division"]
    list_select_related = ["division"]
    ordering = ["-workday", "division__name"]
    date_hierarchy = "workday"

    def has_add_permission(self, request, *args):
        return False
