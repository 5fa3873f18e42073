"""How often agents ask, as a table, from rows that the viewer may see."""

from decimal import Decimal
from fractions import Fraction

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from foundation.pages.formats import format_value
from foundation.pages.tables import LaurelTable, NumberColumn, RowHeader


class OffersTable(LaurelTable):
    name = RowHeader(verbose_name=_("Agent"))
    share = NumberColumn(verbose_name=_("Share asked"), order_by=("share_key",))
    asked = NumberColumn(verbose_name=_("Asked"))
    contacts = NumberColumn(verbose_name=_("Contacts"))
    answered = NumberColumn(verbose_name=_("Answered"))
    thanked = NumberColumn(verbose_name=_("Thanked"))
    points = NumberColumn(verbose_name=_("Points"))

    class Meta(LaurelTable.Meta):
        empty_text = _("Nobody has contacts or was thanked in these days.")
        order_by = "name"

    def render_share(self, value: Fraction | None):
        number = None if value is None else Decimal(value.numerator) / value.denominator
        return format_value(number, unit="percent", precision=1)

    def render_name(self, record):
        return format_html('<a href="{}">{}</a>', record.url, record.name)
