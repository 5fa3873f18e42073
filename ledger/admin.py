"""Reward pools in the admin: made, funded, and what moved. Of people's accounts nothing is shown here, and of transfers
and debts only the pool's side, without a person's name.
"""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people.scoped_admin import ScopedAdmin

from . import actions
from .enums import AccountKind, Purpose
from .forms import FundForm
from .models import Account, Debt, Transfer
from .queries import balance_of


@admin.register(Account)
class AccountAdmin(ScopedAdmin):
    """Pools only."""

    change_form_template = "ledger/admin/pool_change_form.html"
    list_display = ["key", "name"]
    search_fields = ["key", "name"]
    ordering = ["key"]
    actions = None
    fields = ["key", "name"]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(kind=AccountKind.POOL)

    def get_fields(self, request, obj=None):
        return [*self.fields, "available", "pending"] if obj else self.fields

    def get_readonly_fields(self, request, obj=None):
        """The key is what other systems call it: it stays."""
        return ["key", "available", "pending"] if obj else []

    @admin.display(description=_("available points"))
    def available(self, obj):
        return balance_of(obj).available

    @admin.display(description=_("pending points"))
    def pending(self, obj):
        return balance_of(obj).held

    def save_model(self, request, obj, form, change):
        obj.kind = AccountKind.POOL
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request, obj=None):
        return False

    def get_urls(self):
        fund = self.admin_site.admin_view(self.fund_view)
        return [path("<int:pk>/fund/", fund, name="ledger_account_fund"), *super().get_urls()]

    def fund_view(self, request, pk):
        """Gives points from *issued* to a pool."""
        pool = self.get_object(request, str(pk))
        if not self.has_change_permission(request):
            raise PermissionDenied
        if pool is None:
            raise Http404
        form = FundForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and self._funded(request, pool, form.cleaned_data):
            return redirect(reverse("admin:ledger_account_change", args=[pool.pk]))
        return TemplateResponse(request, "ledger/admin/fund.html", self._fund_context(request, pool, form))

    def _funded(self, request, pool, data) -> bool:
        try:
            actions.fund_pool(
                pool,
                points=data["points"],
                key=f"fund:{data['form_key']}",
                by=request.user,
                at=timezone.now(),
                note=data["note"],
            )
        except actions.LedgerRefusal as refused:
            messages.error(request, str(refused))
            return False
        text = _("“%(pool)s” was given %(points)s points.")
        messages.success(request, text % {"pool": pool, "points": data["points"]})
        return True

    def _fund_context(self, request, pool, form):
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Fund"),
            "subtitle": str(pool),
            "pool": pool,
            "balance": balance_of(pool),
            "form": form,
            "media": self.media + form.media,
        }


class ReadOnlyAdmin(ScopedAdmin):
    """What has happened is read, never changed."""

    actions = None
    list_display_links = None

    def has_add_permission(self, request, *args):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_fields(self, request, obj=None):
        return self.list_display


@admin.register(Transfer)
class TransferAdmin(ReadOnlyAdmin):
    """Transfers from and to pools."""

    list_display = ["at", "kind", "points", "paid_from", "paid_to", "purpose", "reference", "remark", "expires_on"]
    list_filter = ["kind", "purpose"]
    list_select_related = ["debit", "credit"]
    search_fields = ["reference"]
    ordering = ["-pk"]

    def get_queryset(self, request):
        pools = Q(debit__kind=AccountKind.POOL) | Q(credit__kind=AccountKind.POOL)
        return super().get_queryset(request).filter(pools)

    @admin.display(description=_("from"))
    def paid_from(self, obj):
        return _side(obj.debit)

    @admin.display(description=_("to"))
    def paid_to(self, obj):
        return _side(obj.credit)

    @admin.display(description=_("note"))
    def remark(self, obj):
        """A note to a payout may name a person; one to a funding is the administrator's own."""
        return obj.note if obj.purpose == Purpose.FUNDING else ""


@admin.register(Debt)
class DebtAdmin(ReadOnlyAdmin):
    """What people owe to pools."""

    list_display = ["at", "owed", "points"]
    list_select_related = ["owed_to"]
    ordering = ["-pk"]

    def get_queryset(self, request):
        return super().get_queryset(request).filter(owed_to__kind=AccountKind.POOL)

    @admin.display(description=_("owed to"))
    def owed(self, obj):
        return _side(obj.owed_to)


def _side(account: Account) -> str:
    """A pool by its name, anything of a person without it."""
    return str(account.get_kind_display() if account.kind == AccountKind.PERSON else account)
