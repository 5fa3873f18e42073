"""Interactions to read, and quality evaluations to enter and release, of people whose figures one may see."""

from django.contrib import admin
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people import access
from people.enums import Permission
from people.models import User
from people.queries import division_id_on
from people.scoped_admin import EVERYTHING, NOTHING, ScopedAdmin, today

from . import actions
from .forms import EvaluationForm
from .models import Evaluation, Leg


def evaluated_people(request):
    """People whose work the viewer may evaluate: they may see their figures, in a division where they evaluate."""
    where = access.reach(request.user, Permission.EVALUATE)
    if not where:
        return User.objects.none()
    people = access.visible_people(request.user, on=today(request)).exclude(pk=request.user.pk)
    if where.everywhere:
        return people
    inside = User.objects.alias(division_today=division_id_on(today(request)))
    return people.filter(pk__in=inside.filter(division_today__in=where.divisions).values("pk"))


class FiguresAdmin(ScopedAdmin):
    """Rows about the work of people. A superuser without a role sees none, as everywhere."""

    person_path = "agent"

    def rows_for(self, request, action, *, through=None):
        if not access.may(request.user, Permission.EVALUATE):
            return NOTHING
        return EVERYTHING & Q(agent__in=evaluated_people(request).values("pk"))


@admin.register(Leg)
class LegAdmin(FiguresAdmin):
    change_form_template = "interactions/admin/leg_change_form.html"
    list_display = ["external_id", "agent", "workday", "media_type", "direction", "queue", "answered", "handle"]
    list_filter = ["media_type", "direction", "answered"]
    list_select_related = ["agent", "queue"]
    search_fields = ["=external_id", "agent__name"]
    search_help_text = _("The id in the source, or the name of an agent")
    ordering = ["-workday", "-pk"]
    show_full_result_count = False
    list_per_page = 50
    exclude = ["customer_key"]

    @admin.display(description=_("handle time in seconds"))
    def handle(self, leg):
        return leg.handle_seconds

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Evaluation)
class EvaluationAdmin(FiguresAdmin):
    form = EvaluationForm
    list_display = ["agent", "workday", "form", "score", "maximum", "evaluator", "released"]
    list_filter = ["released", "form"]
    list_select_related = ["agent", "evaluator"]
    search_fields = ["agent__name", "form", "=external_id"]
    ordering = ["-workday", "-pk"]
    show_full_result_count = False
    raw_id_fields = ["leg"]
    fields = ["leg", "agent", "workday", "form", "score", "maximum", "released"]
    actions = ["release"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "agent":
            kwargs["queryset"] = evaluated_people(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.today = today(request)
        return form

    def has_change_permission(self, request, obj=None):
        """Imported evaluations are corrected where they came from."""
        return super().has_change_permission(request, obj) and (obj is None or obj.source == actions.ENTERED)

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        actions.save_evaluation(obj, by=request.user, at=timezone.now())

    @admin.action(description=_("Release the selected evaluations"), permissions=["change"])
    def release(self, request, queryset):
        waiting = list(queryset.filter(self.rows_for(request, "change"), released=False, source=actions.ENTERED))
        for evaluation in waiting:
            evaluation.released = True
            actions.save_evaluation(evaluation, by=request.user, at=timezone.now())
        number = len(waiting)
        self.message_user(request, _("%(number)s evaluations are released and count now.") % {"number": number})
