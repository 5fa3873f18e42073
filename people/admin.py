"""People, divisions, teams, queues and roles in the admin."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from auditlog.admin import LogEntryAdmin
from axes.models import AccessFailureLog, AccessLog
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from . import access, actions, changes
from .enums import Belonging, Permission
from .forms import EraseForm, PersonCreationForm, RoleForm, SinceEverForm
from .models import (
    Division,
    DivisionAssignment,
    Grant,
    Objection,
    Queue,
    QueueMembership,
    Role,
    Team,
    TeamLead,
    TeamMembership,
    User,
)
from .queries import division_id_on
from .scoped_admin import ScopedAdmin, ScopedTabularInline, today

admin.site.unregister([Group, EmailAddress])  # roles and the one e-mail address of a person take their place
admin.site.unregister([AccessLog, AccessFailureLog])  # nothing is written there
admin.site.unregister(Authenticator)  # its own page shows the secret
LogEntryAdmin.search_fields = ["object_repr", "changes", "actor__name", "actor__email"]  # a person has one name

BELONGINGS = {
    DivisionAssignment: Belonging.DIVISION,
    TeamMembership: Belonging.TEAM,
    QueueMembership: Belonging.QUEUE,
}


def changes_of(formset) -> list[changes.Change]:
    """What the valid formset of a dated belonging changes, before and after; nothing for other formsets."""
    belonging = BELONGINGS.get(formset.model)
    forms = [form for form in formset.forms if form.has_changed() or form in formset.deleted_forms] if belonging else []
    rows = [_before(form) for form in forms if form.instance.pk] + [form.instance for form in forms]
    return [
        changes.Change(row.person_id, belonging, row.from_on, getattr(row, "until_on", None))
        for row in rows
        if row.person_id
    ]


def _before(form):
    return type(form.instance)._default_manager.get(pk=form.instance.pk)


class AnnouncingAdmin(ScopedAdmin):
    """Saves inlines of dated belongings and tells those who keep figures of the days."""

    def save_formset(self, request, form, formset, change):
        told = changes_of(formset)
        super().save_formset(request, form, formset, change)
        changes.announce(told, at=timezone.now())


class DatedInline(ScopedTabularInline):
    form = SinceEverForm
    show_change_link = False


class DivisionAssignmentInline(DatedInline):
    model = DivisionAssignment
    fields = ["division", "from_on"]
    verbose_name_plural = _("Divisions, each from a day until the next")
    autocomplete_fields = ["division"]


class BelongingInline(DatedInline):
    """Who belongs where, from when until when. `other` is the field of what is chosen: the page itself is one end."""

    other: str
    more: tuple[str, ...] = ()

    def __init_subclass__(cls):
        cls.fields = [cls.other, *cls.more, "from_on", "until_on"]
        cls.autocomplete_fields = [cls.other]


class TeamsOfPersonInline(BelongingInline):
    model, other = TeamMembership, "team"
    verbose_name_plural = _("Member of teams")


class LedTeamsInline(BelongingInline):
    model, other = TeamLead, "team"
    verbose_name_plural = _("Leads teams (and all teams below them)")


class QueuesOfPersonInline(BelongingInline):
    model, other, more = QueueMembership, "queue", ("weight",)
    verbose_name_plural = _("Serves queues")


class GrantInline(ScopedTabularInline):
    """Roles of a person. Whoever configures one division sees and gives roles of that division only."""

    model = Grant
    fields = ["role", "division"]
    verbose_name_plural = _("Roles")

    def get_queryset(self, request):
        where = access.reach(request.user, Permission.CONFIGURE_PEOPLE)
        rows = super().get_queryset(request)
        return rows if where.everywhere else rows.filter(division__in=where.divisions)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "division":
            where = access.reach(request.user, Permission.CONFIGURE_PEOPLE)
            if where.everywhere:
                kwargs["empty_label"] = _("all divisions")
            else:
                kwargs |= {"queryset": Division.objects.filter(pk__in=where.divisions), "required": True}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class MembersInline(BelongingInline):
    model, other = TeamMembership, "person"
    verbose_name_plural = _("Members")


class LeadsInline(BelongingInline):
    model, other = TeamLead, "person"
    verbose_name_plural = _("Leads")


class QueueMembersInline(BelongingInline):
    model, other, more = QueueMembership, "person", ("weight",)
    verbose_name_plural = _("Who serves it")


@admin.register(User)
class PersonAdmin(AnnouncingAdmin, UserAdmin):
    person_path = "pk"
    form = forms.ModelForm
    add_form = PersonCreationForm
    add_fieldsets = [(None, {"fields": ["name", "short_name", "email", "external_id", "password1"]})]
    readonly_fields = ["sign_in", "public_id", "is_staff", "last_login", "joined_at", "left_at", "erasing"]
    list_display = ["name", "email", "external_id", "division_today", "is_active", "is_staff"]
    list_filter = ["is_active", "is_staff", "grants__role"]
    search_fields = ["name", "email", "external_id"]
    ordering = ["name", "pk"]
    filter_horizontal = []
    inlines = [GrantInline, DivisionAssignmentInline, TeamsOfPersonInline, LedTeamsInline, QueuesOfPersonInline]

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return self.add_fieldsets
        sign_in = ["sign_in"] if self.has_change_permission(request, obj) else []
        erasing = ["erasing"] if sign_in else []
        rights = ["is_active", "is_staff"] + (["is_superuser"] if request.user.is_superuser else [])
        return [
            (None, {"fields": ["name", "short_name", "email", "external_id", *sign_in]}),
            (_("Rights"), {"fields": rights}),
            (_("For reference"), {"fields": ["public_id", "joined_at", "left_at", "last_login", *erasing]}),
        ]

    def get_queryset(self, request):
        named = Division.objects.filter(pk=OuterRef("division_today_id")).values("name")[:1]
        rows = super().get_queryset(request).filter(is_service=False)
        rows = rows.annotate(division_today_id=division_id_on(today(request)))
        return rows.annotate(division_today_name=Subquery(named))

    def get_urls(self):
        erase = self.admin_site.admin_view(self.erase_view)
        return [path("<int:pk>/erase/", erase, name="people_user_erase"), *super().get_urls()]

    def erase_view(self, request, pk):
        """What goes when the person is erased; a post with the box ticked erases."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        person = self.get_object(request, str(pk))
        if person is None:
            raise Http404
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        form = EraseForm(request.POST or None)
        if not person.is_active and request.method == "POST" and form.is_valid():
            actions.erase_person(person=person, by=request.user, at=timezone.now())
            messages.success(request, _("Erased. Figures and payments stay under “%(name)s”.") % {"name": person})
            return redirect(reverse("admin:people_user_change", args=[person.pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Erase"),
            "subtitle": person.name,
            "person": person,
            "taken": None if person.is_active else actions.what_erasing_takes(person, at=timezone.now()),
            "form": form,
            "media": self.media + form.media,
        }
        return TemplateResponse(request, "people/admin/erase.html", context)

    @admin.display(description=_("division today"), ordering="division_today_name")
    def division_today(self, person):
        return person.division_today_name

    @admin.display(description=_("erasing"))
    def erasing(self, person):
        """Whether the person is erased, and the way to it for someone who left."""
        if person.is_erased:
            return _("Erased: who this was is gone.")
        if person.is_active:
            return _("Possible once the person is switched off.")
        return format_html('<a href="{}">{}</a>', reverse("admin:people_user_erase", args=[person.pk]), _("Erase …"))

    @admin.display(description=_("sign-in"))
    def sign_in(self, person):
        """Whether there is a password, and the way to set one."""
        if not person.email:
            return _("Cannot sign in: there is no e-mail address.")
        state = _("Has a password.") if person.has_usable_password() else _("Has no password yet.")
        address = reverse("admin:auth_user_password_change", args=[person.pk])
        return format_html('{} <a href="{}">{}</a>', state, address, _("Set a new one"))

    def has_change_permission(self, request, obj=None):
        """Nobody gives a name to someone who was erased."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not (obj.is_erased or self._is_above(request.user, obj)))

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        actions.align_staff(people=User.objects.filter(pk=form.instance.pk))

    @staticmethod
    def _is_above(viewer, person) -> bool:
        """Whether a person has rights that the viewer may not give: then their e-mail and password are out of reach."""
        if viewer.is_superuser:
            return False
        where = access.reach(viewer, Permission.CONFIGURE_PEOPLE)
        held = () if where.everywhere else person.grants.exclude(division__in=where.divisions).select_related("role")
        return person.is_superuser or any(set(grant.role.permissions) - {Permission.VIEW_OWN} for grant in held)


@admin.register(Objection)
class ObjectionAdmin(ScopedAdmin):
    """The queue of objections: open ones first. An answer is given once, and never to oneself."""

    person_path = "person"
    list_display = ["at", "person", "answered_at"]
    list_filter = [("answered_at", admin.EmptyFieldListFilter)]
    list_select_related = ["person"]
    ordering = [F("answered_at").desc(nulls_first=True), "at"]
    fields = ["person", "at", "text", "answer", "answered_at", "answered_by"]

    def get_readonly_fields(self, request, obj=None):
        return self.fields if obj is None or obj.answered_at else [name for name in self.fields if name != "answer"]

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        if "answer" in form.base_fields:
            form.base_fields["answer"].required = True
        return form

    def has_change_permission(self, request, obj=None):
        may_answer = obj is None or (obj.answered_at is None and obj.person_id != request.user.pk)
        return may_answer and super().has_change_permission(request, obj)

    def save_model(self, request, obj, form, change):
        actions.answer_objection(obj, answer=obj.answer, by=request.user, at=timezone.now())


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):
    """Second factors, to take one away from someone who lost their phone. The secret is not shown."""

    list_display = ["user", "type", "created_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__email"]
    fields = readonly_fields = ["user", "type", "created_at", "last_used_at"]


@admin.register(Division)
class DivisionAdmin(ScopedAdmin):
    division_path = "pk"
    list_display = ["name", "time_zone"]
    search_fields = ["name"]

    def has_add_permission(self, request):
        """A new division lies in nobody's reach but of those who configure all."""
        where = access.reach(request.user, Permission.CONFIGURE_PEOPLE)
        return super().has_add_permission(request) and where.everywhere


@admin.register(Team)
class TeamAdmin(AnnouncingAdmin):
    division_path = "division"
    team_path = "pk"
    list_display = ["name", "division", "parent", "members_today"]
    ordering = ["name", "pk"]  # said again: a count makes Django drop the model's ordering
    list_filter = ["division"]
    list_select_related = ["division", "parent"]
    search_fields = ["name"]
    autocomplete_fields = ["parent", "primary_queue"]
    inlines = [LeadsInline, MembersInline]

    def get_queryset(self, request):
        day = today(request)
        now = Q(memberships__from_on__lte=day) & (
            Q(memberships__until_on__isnull=True) | Q(memberships__until_on__gt=day)
        )
        members = Count("memberships__person", filter=now, distinct=True)
        return super().get_queryset(request).annotate(members_today_count=members)

    @admin.display(description=_("members today"), ordering="members_today_count")
    def members_today(self, team):
        return team.members_today_count

    def has_delete_permission(self, request, obj=None):
        """A team that ever had members stays, for its history; end its memberships instead."""
        return super().has_delete_permission(request, obj) and not (obj and obj.memberships.exists())


@admin.register(Queue)
class QueueAdmin(AnnouncingAdmin):
    division_path = "division"
    list_display = ["name", "division", "external_id"]
    list_filter = ["division"]
    list_select_related = ["division"]
    search_fields = ["name", "external_id"]
    inlines = [QueueMembersInline]

    def has_delete_permission(self, request, obj=None):
        """A queue that anyone ever served stays, for its history."""
        return super().has_delete_permission(request, obj) and not (obj and obj.memberships.exists())


@admin.register(Role)
class RoleAdmin(ScopedAdmin):
    form = RoleForm
    list_display = ["name", "slug", "holders"]
    ordering = ["name"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(holder_count=Count("grants__person", distinct=True))

    @admin.display(description=_("people"), ordering="holder_count")
    def holders(self, role):
        return role.holder_count

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        actions.align_staff(people=User.objects.filter(pk__in=obj.grants.values("person")))
