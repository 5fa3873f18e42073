"""Requests as tables and as rows of a file, from rows that the viewer may see."""

from collections.abc import Iterable, Iterator

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from foundation.pages.formats import format_date, format_number
from foundation.pages.tables import LaurelTable, NumberColumn, RowHeader
from foundation.pages.templatetags.laurel import icon

from .enums import RequestStatus
from .models import Request

TONES = {
    RequestStatus.REQUESTED: ("near", "clock"),
    RequestStatus.APPROVED: ("accent", "check"),
    RequestStatus.DECLINED: ("bad", "x"),
    RequestStatus.DELIVERED: ("good", "circle-check"),
    RequestStatus.CANCELLED: ("", "minus"),
}


def pill(request: Request) -> str:
    tone, name = TONES[RequestStatus(request.status)]
    return format_html('<span class="pill {}">{}{}</span>', tone, icon(name), capfirst(request.get_status_display()))


class OwnTable(LaurelTable):
    """One's own requests."""

    item_name = RowHeader(verbose_name=_("Reward"), orderable=False)
    at = tables.Column(verbose_name=_("Requested"), orderable=False)
    points = NumberColumn(verbose_name=_("Points"), orderable=False)
    status = tables.Column(verbose_name=_("State"), orderable=False)

    class Meta(LaurelTable.Meta):
        attrs = {"class": "table roomy"}
        empty_text = _("What you ask for in the catalogue appears here.")

    def render_item_name(self, value, record: Request):
        return format_html('<a href="{}">{}</a>', reverse("catalogue:detail", args=[record.public_id]), value)

    def render_at(self, value):
        return _moment(value)

    def render_status(self, record: Request):
        decisions = list(record.decisions.all())
        reason = decisions[-1].reason if decisions else ""
        return format_html('{}<span class="sub">{}</span>', pill(record), reason) if reason else pill(record)


class QueueTable(OwnTable):
    """Requests of the people whose requests the viewer decides; what may follow stands beside the state."""

    person = tables.Column(verbose_name=_("Agent"), orderable=False)

    class Meta(OwnTable.Meta):
        sequence = ("item_name", "person", "status")
        exclude = ("at", "points")
        empty_text = _("No request is here. New ones come when your people ask for something in the catalogue.")

    def render_item_name(self, value, record: Request):
        points = ngettext("%(points)s point", "%(points)s points", record.points)
        below = points % {"points": format_number(record.points)}
        return format_html('{}<span class="sub">{}</span>', super().render_item_name(value, record), below)

    def render_status(self, record: Request):
        steps = render_to_string("catalogue/steps.html", {"asked": record}, request=self.request)
        return format_html('<div class="row spread"><div>{}</div>{}</div>', super().render_status(record), steps)

    def render_person(self, record: Request):
        return format_html('{}<span class="sub">{}</span>', record.person.name, _moment(record.at))


def _moment(value) -> str:
    return format_date(localtime(value), "j M, H:i")


COLUMNS = ["reward", "points", "state", "requested_at", "decided_at", "reason"]


def export_rows(requests: Iterable[Request], *, with_person: bool) -> Iterator[list]:
    for request in requests:
        last = [*request.decisions.all()][-1:]
        cells = [request.item_name, request.points, request.status, request.at]
        cells += [last[0].at, last[0].reason] if last else [None, ""]
        yield [request.person.name, *cells] if with_person else cells
