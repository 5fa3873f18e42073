"""Tells administrators of what programs sent under names that nobody has. One notice a person and kind, which goes once
everything is matched.
"""

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse

from inbox.actions import Notice, keep_told
from inbox.enums import Kind
from integrations.imports.queries import rows_of_nobody
from people.access import holders
from people.enums import Permission
from people.models import User

from ..goal_queries import waiting_scores

LOOKED_BACK = dt.timedelta(days=30)
"""Rows that were refused before are not told of any more; their report stays with the import."""


def tell_unmatched(*, at: dt.datetime) -> None:
    tell_waiting_scores(at=at)
    tell_rows_of_nobody(at=at)


def tell_waiting_scores(*, at: dt.datetime) -> None:
    """Tells who may say which goal is meant, of people of their divisions."""
    keep_told(_waiting_scores(at), Kind.UNMATCHED, keys_from="scores wait:", at=at)


def _waiting_scores(at: dt.datetime) -> Iterable[Notice]:
    url = reverse("admin:api_goalkey_changelist") + "?goal=none"
    for person in holders(Permission.CONFIGURE_SCORING):
        if found := waiting_scores(person, at=at):
            params = {"number": found.number, "names": found.names}
            yield Notice(person.pk, _key("scores wait", person, found.newest_at), params, url)


def tell_rows_of_nobody(*, at: dt.datetime) -> None:
    """Tells who may import."""
    found = rows_of_nobody(since=at - LOOKED_BACK, at=at)
    told = holders(Permission.IMPORT) if found else ()
    url = reverse("imports:index")
    notices = [
        Notice(person.pk, _key("rows of nobody", person, found.newest_at), {"number": found.number}, url)
        for person in told
    ]
    keep_told(notices, Kind.UNMATCHED, keys_from="rows of nobody:", at=at)


def _key(of: str, person: User, newest_at: dt.datetime) -> str:
    """Grows with the day on which the newest came: who has read a notice is told of more, once a day at most."""
    return f"{of}:{person.pk}:{newest_at.astimezone(dt.UTC).date()}"
