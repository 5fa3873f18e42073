"""Boards in the admin: whom they rank, who reads what, and whether they could be shown today."""

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.pages.admin_preview import PreviewAdmin
from people.scoped_admin import ScopedAdmin, today

from .enums import Names, Verdict
from .forms import BoardForm
from .models import Board
from .queries.checks import PROBLEMS
from .queries.openings import forecast
from .queries.populations import goals_to_rank

FIXED = ["profile", "division", "rows_are"]
"""What a board is about: another choice is another board."""


@admin.register(Board)
class BoardAdmin(PreviewAdmin, ScopedAdmin):
    form = BoardForm
    division_path = "division"
    preview_template = "leaderboards/admin/board_preview.html"
    list_display = ["name", "profile", "division", "team", "queue", "names", "refresh", "is_active", "shown_today"]
    list_filter = ["is_active", "names", "division", "profile"]
    list_select_related = ["profile", "division", "team", "queue"]
    search_fields = ["name"]
    change_list_template = "leaderboards/admin/change_list.html"
    fieldsets = [
        (None, {"fields": [("name", "is_active")], "classes": ["laurel-fields"]}),
        (
            _("Whose figures"),
            {"fields": [("profile", "division"), ("team", "queue"), "rows_are"], "classes": ["laurel-fields"]},
        ),
        (
            _("What is ranked"),
            {
                "fields": [("by_points", "by_percent", "by_improvement", "by_all_metrics"), "metrics", "goals", "ties"],
                "classes": ["laurel-fields"],
            },
        ),
        (
            _("When"),
            {"fields": [("rounds", "has_days"), ("refresh", "refresh_at")], "classes": ["laurel-fields"]},
        ),
        (
            _("What colleagues see"),
            {
                "fields": [("names", "top"), "confirm_names", ("rows", "limit"), "minimum"],
                "classes": ["laurel-fields"],
            },
        ),
        (_("Who may open it"), {"fields": ["roles", "teams"], "classes": ["collapse", "laurel-fields"]}),
    ]

    def get_readonly_fields(self, request, obj=None):
        return FIXED if obj else []

    def has_delete_permission(self, request, obj=None):
        """A board that is or was shown is switched off instead: another one would be admitted as if nobody had read
        this one."""
        was_shown = obj is not None and obj.round_rows.filter(verdict=Verdict.SHOWN).exists()
        return not was_shown and super().has_delete_permission(request, obj)

    def get_actions(self, request):
        """Boards are deleted one by one, since some may not be."""
        return {name: each for name, each in super().get_actions(request).items() if name != "delete_selected"}

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in ("metrics", "goals", "roles"):
            kwargs["widget"] = forms.CheckboxSelectMultiple
        if db_field.name == "goals":
            kwargs["queryset"] = db_field.remote_field.model.objects.filter(goals_to_rank())
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_list_display(self, request):
        """The column reads what would become of each board today, of all at once."""
        coming = forecast(Board.objects.filter(is_active=True), on=today(request))

        @admin.display(description=_("today"))
        def shown_today(board):
            opened = coming.get(board.pk)
            return "–" if opened is None else opened.verdict.label

        return [shown_today if name == "shown_today" else name for name in self.list_display]

    def shown_today(self, board):
        """Named for the checks of the admin; the list shows the column of `get_list_display`."""
        return ""

    def preview_context(self, request, form, formsets) -> dict:
        """Whether the board as typed would be shown if its round began today, and what it would hide."""
        if form.is_bound and form.errors:
            return {"errors": True}
        board = form.instance
        if not board.profile_id or not board.division_id:
            return {}
        on = timezone.now().astimezone(board.division.zone).date()
        others = Board.objects.filter(profile=board.profile_id, division=board.division_id, is_active=True)
        others = list(others.exclude(pk=board.pk).select_related("profile", "division"))
        before, after = forecast(others, on=on), forecast([*others, board], on=on)
        opened = after[board.pk]
        return {
            "board": board,
            "people": len(opened.people),
            "is_shown": opened.is_shown,
            "problem": PROBLEMS.get(opened.verdict, ""),
            "has_names": board.names != Names.NONE,
            "hidden_teams": opened.hidden_teams,
            "lost": [each for each in others if before[each.pk].is_shown and not after[each.pk].is_shown],
        }
