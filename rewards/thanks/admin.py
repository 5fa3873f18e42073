"""Surveys with their versions, access keys, and what customers answered."""

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from foundation.pages.formats import DASH
from foundation.records.dated import EVER
from interactions.admin import FiguresAdmin
from people.scoped_admin import ReadOnlyInline, ScopedAdmin

from . import actions
from .enums import Text
from .forms import MOST_OPTIONS, SurveyForm
from .models import AccessKey, Answer, Response, Survey, SurveyVersion
from .queries import gift_of
from .rules.survey import FALLBACK, Option

OF_ITEMS = _(
    "An item of the catalogue may lend a reward its name and picture, as they are when a customer is asked; a name that"
    " you write goes before. Customers give points, not the item itself."
)


class VersionInline(ReadOnlyInline):
    """What was in force since when. What nobody saved came with Laurel, or followed the catalogue."""

    model = SurveyVersion
    fields = ["since", "rewards", "by_whom", "at"]

    @admin.display(description=_("by"))
    def by_whom(self, version):
        return version.by or "Laurel"

    @admin.display(description=_("from"))
    def since(self, version):
        return DASH if version.from_on == EVER else version.from_on

    @admin.display(description=_("rewards"))
    def rewards(self, version):
        """What customers could choose, as it was shown."""
        options = version.definition.options if version.pk else ()  # the empty row that Django keeps ready
        return format_html_join(mark_safe("<br>"), "{}{} {}: {}", (self._shown(option) for option in options))

    def _shown(self, option: Option):
        """(picture, key, name, points)"""
        src = reverse("catalogue:picture", args=[option.picture]) if option.picture else ""
        picture = format_html('<img src="{}" alt="" width="40" height="30"> ', src) if src else ""
        return picture, option.key, option.name(get_language() or FALLBACK), option.points


@admin.register(Survey)
class SurveyAdmin(ScopedAdmin):
    """Saving makes a new version where words or numbers changed. Nothing is deleted: responses speak of it."""

    form = SurveyForm
    division_path = "division"
    inlines = [VersionInline]
    list_display = ["name", "division", "is_on"]
    list_select_related = ["division"]

    def get_fieldsets(self, request, obj=None):
        codes = dict(settings.LANGUAGES)
        options = [
            (f"points_{number}", f"item_{number}", *[f"name_{number}_{code}" for code in codes])
            for number in range(1, MOST_OPTIONS + 1)
        ]
        limits = ["day_points", ("customer_thanks", "customer_days"), "link_days"]
        return [
            (None, {"fields": ["name", "division", "is_on", "from_on", "leads_on_to", "repeats"]}),
            (_("Rewards"), {"fields": options, "description": OF_ITEMS}),
            (_("Limits"), {"fields": limits}),
            *[
                (language, {"fields": [f"text_{text.value}_{code}" for text in Text]})
                for code, language in codes.items()
            ],
        ]

    def get_form(self, request, obj=None, change=False, **kwargs):
        """The fields of a version are not those of a model."""
        return super().get_form(request, obj, change=change, **kwargs | {"fields": SurveyForm.Meta.fields})

    def save_model(self, request, obj, form, change):
        has_new_version = form.has_new_version
        super().save_model(request, obj, form, change)
        if has_new_version:
            from_on = form.cleaned_data["from_on"]
            actions.save_version(obj, form.definition, from_on=from_on, by=request.user, at=timezone.now())
            self.message_user(request, _("A new version holds from %(day)s on.") % {"day": from_on})

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(AccessKey)
class AccessKeyAdmin(ScopedAdmin):
    """Keys of telephone and chat systems. The key itself is shown when it is made, and never again."""

    list_display = ["name", "source", "is_on"]
    fields = ["name", "source", "is_on"]
    actions = ["renew"]

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
        else:
            self._show(request, obj)

    def _show(self, request, key):
        messages.warning(
            request,
            _("The key of “%(name)s” is %(key)s. Copy it now; it is not shown again.")
            % {"name": key.name, "key": actions.renew_key(key)},
        )

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.action(description=_("Make a new key; the old one stops at once"), permissions=["change"])
    def renew(self, request, queryset):
        for key in queryset:
            self._show(request, key)


class AnswerInline(ReadOnlyInline):
    model = Answer
    fields = ["turn", "key", "at"]


@admin.register(Response)
class ResponseAdmin(FiguresAdmin):
    """What customers of agents in reach answered, to read."""

    inlines = [AnswerInline]
    list_display = ["external_id", "agent", "workday", "way", "recommend", "ending", "chosen", "points"]
    list_filter = ["way", "ending"]
    list_select_related = ["agent", "version"]
    search_fields = ["=external_id", "agent__name"]
    exclude = ["customer_key", "gift"]
    readonly_fields = ["chosen"]

    @admin.display(description=_("reward"), empty_value=DASH)
    def chosen(self, response):
        """By the name that the customer read or heard."""
        return gift_of(response) if response.gift else None

    @admin.display(description=_("points"))
    def points(self, response):
        return response.given

    def get_queryset(self, request):
        given = Sum("every_thanks__points", filter=Q(every_thanks__replaced_by=None))
        return super().get_queryset(request).annotate(given=given)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
