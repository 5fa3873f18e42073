"""The main navigation, in this one place. An item shows only to those who may open its page."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from foundation.pages.views import theme_of
from inbox.queries import unread_count
from people.access import may
from people.enums import Permission

BAR_LENGTH = 5
"""How many items the bar on narrow screens holds."""


@dataclass(frozen=True)
class Entry:
    """A page that the navigation may show: its URL name, and the permissions of which one opens it (none: everyone)."""

    url_name: str
    label: str
    icon: str
    permissions: tuple[Permission, ...] = ()
    staff: bool = False


FIGURES = (Permission.VIEW_OWN, Permission.VIEW_LED, Permission.VIEW_DIVISION)
ENTRIES = [
    Entry("desk:home", _("Home"), "house"),
    Entry("scorecards:own", _("Scorecard"), "target", (Permission.VIEW_OWN,)),
    Entry("desk:team", _("Team"), "users", (Permission.VIEW_LED, Permission.VIEW_DIVISION)),
    Entry("leaderboards:index", _("Leaderboards"), "trophy", FIGURES),
    Entry("goals:index", _("Goals"), "flame", FIGURES),
    Entry("catalogue:index", _("Rewards"), "gift", (Permission.VIEW_OWN,)),
    Entry("recognition:index", _("Recognition"), "star", (Permission.VIEW_OWN, Permission.VIEW_LED)),
    Entry("thanks:index", _("Thanks"), "message-square", (Permission.VIEW_LED, Permission.VIEW_DIVISION)),
    Entry("catalogue:queue", _("Requests"), "shopping-bag", (Permission.VIEW_LED, Permission.CATALOGUE)),
    Entry("goals:reviews", _("Reviews"), "shield-check", (Permission.REVIEW,)),
    Entry("imports:index", _("Imports"), "upload", (Permission.IMPORT,)),
    Entry("desk:workdays", _("Workdays"), "calendar-days", (Permission.REOPEN, Permission.OPERATE)),
    Entry("admin:index", _("Admin"), "settings", staff=True),
]


@dataclass(frozen=True)
class Item:
    url: str
    label: str
    icon: str
    is_current: bool
    is_extra: bool


@dataclass(frozen=True)
class Navigation:
    items: list[Item]

    @property
    def extra(self) -> list[Item]:
        return [item for item in self.items if item.is_extra]


def navigation(request) -> Navigation:
    """What the viewer may open; the item whose page this is, or lies nearest above this one, is current."""
    found = [(entry, url) for entry in ENTRIES if _opens(request.user, entry) and (url := _url(entry))]
    direct = len(found) if len(found) <= BAR_LENGTH else BAR_LENGTH - 1
    current = max((url for _, url in found if _lies_below(request.path, url)), key=len, default=None)
    items = [
        Item(url, str(entry.label), entry.icon, url == current, is_extra=place >= direct)
        for place, (entry, url) in enumerate(found)
    ]
    return Navigation(items)


def _opens(viewer, entry: Entry) -> bool:
    if entry.staff:
        return viewer.is_staff
    return not entry.permissions or any(may(viewer, permission) for permission in entry.permissions)


def _url(entry: Entry) -> str | None:
    try:
        return reverse(entry.url_name)
    except NoReverseMatch:
        return None


def _lies_below(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(url))


def page(request) -> dict:
    """Context of every page: the theme and, made when a template asks, the navigation and the unread notifications."""
    return {
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "unread": SimpleLazyObject(lambda: unread_count(request.user)),
        "theme": theme_of(request),
    }
