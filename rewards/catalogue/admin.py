"""Items and their categories. Stock is added, never set: requests go on while somebody fills in the form."""

from django.contrib import admin, messages
from django.db.models import F
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from people.scoped_admin import ReadOnlyInline, ScopedAdmin

from . import actions
from .forms import ItemForm
from .models import Category, Item, StockChange


@admin.register(Category)
class CategoryAdmin(ScopedAdmin):
    list_display = ["name", "icon"]

    def has_delete_permission(self, request, obj=None):
        return False


class LowStock(admin.SimpleListFilter):
    title = _("stock")
    parameter_name = "low"

    def lookups(self, request, model_admin):
        return [("1", _("low"))]

    def queryset(self, request, queryset):
        return queryset.filter(stock__lte=F("low_stock")) if self.value() == "1" else queryset


class StockChangeInline(ReadOnlyInline):
    """Who added pieces."""

    model = StockChange
    fields = ["pieces", "note", "by", "at"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("by")


@admin.register(Item)
class ItemAdmin(ScopedAdmin):
    """An item whose time is over gets an end date; nothing is deleted, since requests speak of it."""

    form = ItemForm
    inlines = [StockChangeInline]
    list_display = ["name", "category", "price_points", "stock", "is_plenty", "from_on", "until_on"]
    list_filter = [LowStock, "category"]
    list_select_related = ["category"]
    search_fields = ["name"]
    readonly_fields = ["stock", "picture_now"]
    fieldsets = [
        (None, {"fields": ["name", "description", "category", "price_points"]}),
        (_("Picture"), {"fields": ["picture_now", "upload", "no_picture"]}),
        (_("Stock"), {"fields": ["stock", "pieces", "note", "low_stock"]}),
        (_("Who may ask for it, and when"), {"fields": ["limit_per_person", "divisions", "from_on", "until_on"]}),
    ]

    @admin.display(description=_("enough"), boolean=True)
    def is_plenty(self, item):
        return not item.is_low

    @admin.display(description=_("now"))
    def picture_now(self, item):
        if not item.picture_id:
            return "–"
        return format_html('<img src="{}" alt="" width="160" height="120">', item.picture_url)

    def get_form(self, request, obj=None, change=False, **kwargs):
        """The upload and the pieces are not fields of the model."""
        return super().get_form(request, obj, change=change, **kwargs | {"fields": ItemForm.Meta.fields})

    def save_model(self, request, obj, form, change):
        """Writes what was filled in and nothing else: the stock may have changed since the form was opened."""
        obj.save(update_fields=[name for name in ItemForm.Meta.fields if name != "divisions"] if change else None)
        given = form.cleaned_data
        if given["upload"] or given["no_picture"]:
            actions.show_picture(obj, given["upload"])
        try:
            actions.restock(obj, pieces=given["pieces"], note=given["note"], by=request.user, at=timezone.now())
        except actions.CatalogueRefusal as error:
            self.message_user(request, str(error), messages.ERROR)

    def has_delete_permission(self, request, obj=None):
        return False
