"""The admin of rows that belong to divisions, teams or people. A viewer finds only what they may configure.

Say where a row's owner stands: `division_path`, `person_path`, `team_path` (lookups from the row; "pk" for the row
itself). Without any, rows are shared: everyone with the right sees them, and only a grant everywhere changes them.
An empty division is shared in the same way.

Use `ScopedAdmin` for models and `ScopedTabularInline` or `ScopedStackedInline` inside them. Choices, autocomplete,
filters, search and history follow from the rows.
"""

import datetime as dt
from collections.abc import Container

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from . import access, rights
from .models import User
from .queries import division_id_on, teams_led_by, today_of

NOTHING = Q(pk__in=())
EVERYTHING = ~NOTHING


def today(request) -> dt.date:
    """The viewer's today, found once in a request."""
    if not hasattr(request, "_laurel_today"):
        request._laurel_today = today_of(request.user, at=timezone.now())
    return request._laurel_today


class ScopedRelatedFilter(admin.RelatedFieldListFilter):
    """Offers only what the viewer may see of the related rows."""

    def field_choices(self, field, request, model_admin):
        allowed = scoped_rows(field.remote_field.model, request, model_admin.admin_site)
        return (
            [(row.pk, str(row)) for row in allowed]
            if allowed is not None
            else super().field_choices(field, request, model_admin)
        )


def scoped_rows(model, request, site, *, for_label: str = "") -> QuerySet | None:
    """The rows of a model that the viewer may see, or may choose in a row of `for_label`; None: no limit is set.

    Who configures scoring everywhere, and people in one division, chooses teams of that division for a membership.
    """
    registered = site._registry.get(model)
    if not isinstance(registered, ScopedAdmin):
        return None
    through = configuring(for_label) if for_label else None
    return model._default_manager.filter(registered.rows_for(request, "view", through=through))


def configuring(label: str) -> set[str]:
    """The permissions by which rows of a model are written."""
    return {*rights.permissions_for(label, "add"), *rights.permissions_for(label, "change")}


def _asking_label(request) -> str:
    """The model whose autocomplete field asks, as `app.model`; empty for other pages."""
    if not (request.resolver_match and request.resolver_match.url_name == "autocomplete"):
        return ""
    return f"{request.GET.get('app_label', '')}.{request.GET.get('model_name', '')}".lower()


class ScopedChoices:
    """Limits the choices of foreign keys to what the viewer may see."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        self._limit(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        self._limit(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _limit(self, db_field, request, kwargs):
        allowed = self._choices(db_field, request)
        if allowed is not None and "queryset" not in kwargs:
            kwargs["queryset"] = allowed

    def _choices(self, db_field, request) -> QuerySet | None:
        label = self.opts.label_lower
        return scoped_rows(db_field.remote_field.model, request, self.admin_site, for_label=label)


class ScopedRows(ScopedChoices):
    """Inline rows, without those that name something out of reach: they could not be saved again."""

    extra = 0

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        for field in self.opts.fields:
            allowed = self._choices(field, request) if field.is_relation and field.name in (self.fields or ()) else None
            if allowed is not None:
                rows = rows.filter(Q(**{f"{field.name}__in": allowed}) | Q(**{f"{field.name}__isnull": True}))
        return rows


class ScopedTabularInline(ScopedRows, admin.TabularInline):
    pass


class ScopedStackedInline(ScopedRows, admin.StackedInline):
    pass


class ReadOnlyInline(admin.TabularInline):
    """What was done, a row a step, to read; whoever sees the page sees them. Name `model` and `fields`."""

    extra = 0
    can_delete = False

    def get_readonly_fields(self, request, obj=None):
        return self.fields

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return True


class ScopedAdmin(ScopedChoices, admin.ModelAdmin):
    division_path: str | None = None
    person_path: str | None = None
    team_path: str | None = None

    def get_queryset(self, request):
        """The rows that the viewer may see; asked by an autocomplete field, those that it may take."""
        through = configuring(_asking_label(request)) if _asking_label(request) else None
        return super().get_queryset(request).filter(self.rows_for(request, "view", through=through))

    def _choices(self, db_field, request):
        """What may be taken, and what the row has now, so that it can be saved again."""
        allowed = super()._choices(db_field, request)
        object_id = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
        if allowed is None or object_id is None or db_field.many_to_many:
            return allowed
        held = self.get_queryset(request).order_by().filter(pk=object_id).values(db_field.name)
        return db_field.remote_field.model._default_manager.filter(Q(pk__in=allowed.values("pk")) | Q(pk__in=held))

    def get_changelist_instance(self, request):
        """A filter in the address that no row can have, such as the year 99999, is told as any other wrong filter."""
        try:
            return super().get_changelist_instance(request)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters from error

    def get_list_filter(self, request):
        return [self._scoped_filter(entry) for entry in super().get_list_filter(request)]

    def has_add_permission(self, request, *args):
        """Rows that belong to nobody in particular are added only by who has the right everywhere."""
        allowed = super().has_add_permission(request, *args)
        if self.division_path or self.person_path or self.team_path or request.user.is_superuser:
            return allowed
        permissions = rights.permissions_for(self.opts.label_lower, "add")
        return allowed and any(access.reach(request.user, permission).everywhere for permission in permissions)

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and self._within(request, "view", obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._within(request, "change", obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._within(request, "delete", obj)

    def _get_obj_does_not_exist_redirect(self, request, opts, object_id):
        """A row that is out of reach and a row that is not there look the same, and are no reason to go elsewhere."""
        raise Http404

    def save_related(self, request, form, formsets, change):
        """The last line: what was saved, with all its inlines, must lie where the viewer may change it."""
        super().save_related(request, form, formsets, change)
        if not self._within(request, "change", form.instance):
            raise PermissionDenied(_("This would belong to a division or team that you may not configure."))

    def rows_for(self, request, action: str, *, through: Container[str] | None = None) -> Q:
        """The rows on which the viewer may do something (`view`, `change`, `delete`), perhaps only by some rights."""
        if request.user.is_superuser:
            return EVERYTHING
        found = NOTHING
        for permission in rights.permissions_for(self.opts.label_lower, action):
            where = access.reach(request.user, permission)
            if where and (through is None or permission in through):
                found |= self._rows_within(where, permission, request, action)
        return found

    def _rows_within(self, where: access.Reach, permission, request, action: str) -> Q:
        if where.everywhere and permission not in rights.LED:
            return EVERYTHING
        shared = self._shared_rows() if action == "view" else NOTHING
        if permission in rights.LED:
            return shared | self._led_rows(where, permission, request)
        return shared | self._division_rows(where.divisions, today(request))

    def _division_rows(self, divisions, on: dt.date) -> Q:
        found = NOTHING
        if self.division_path:
            found |= Q(**{f"{self.division_path}__in": divisions})
        if self.person_path:
            people = User.objects.alias(division_today=division_id_on(on)).filter(division_today__in=divisions)
            found |= Q(**{f"{self.person_path}__in": people.values("pk")})
        if self.team_path and not self.division_path:
            found |= Q(**{f"{self.team_path}__division__in": divisions})
        return found

    def _led_rows(self, where: access.Reach, permission, request) -> Q:
        found, on = NOTHING, today(request)
        if self.person_path:
            led = access.led_people(request.user, on=on, permission=permission)
            found |= Q(**{f"{self.person_path}__in": led.values("pk")})
        if self.team_path:
            teams = teams_led_by(request.user, on=on)
            if not where.everywhere:
                teams = teams.filter(division__in=where.divisions)
            found |= Q(**{f"{self.team_path}__in": teams.values("pk")})
        return found

    def _shared_rows(self) -> Q:
        if self.division_path and self.division_path != "pk":
            return Q(**{f"{self.division_path}__isnull": True})
        return NOTHING if self.division_path or self.person_path or self.team_path else EVERYTHING

    def _within(self, request, action: str, obj) -> bool:
        return obj is None or self.model._default_manager.filter(self.rows_for(request, action), pk=obj.pk).exists()

    def _scoped_filter(self, entry):
        relations = {field.name for field in self.opts.get_fields() if field.is_relation}
        return (entry, ScopedRelatedFilter) if isinstance(entry, str) and entry in relations else entry
