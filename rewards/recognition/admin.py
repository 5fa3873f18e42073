"""The monthly budgets. A row that has begun is not changed: a new one follows it."""

from django.contrib import admin

from people.scoped_admin import ScopedAdmin

from .models import Budget, LeadBudget


@admin.register(Budget)
class BudgetAdmin(ScopedAdmin):
    list_display = ["from_on", "lead_points", "peer_points", "pair_points"]
    fields = ["from_on", "lead_points", "peer_points", "pair_points"]


@admin.register(LeadBudget)
class LeadBudgetAdmin(ScopedAdmin):
    person_path = "person"
    list_display = ["person", "from_on", "points"]
    list_select_related = ["person"]
    search_fields = ["person__name"]
    autocomplete_fields = ["person"]
    fields = ["person", "from_on", "points"]
