"""Writes of the inbox. Other apps post by `notify`, or `notify_many`, in the transaction of what they tell of."""

import datetime as dt
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from smtplib import SMTPAuthenticationError, SMTPConnectError, SMTPException, SMTPServerDisconnected

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, ngettext, override

from foundation.pages.formats import format_number
from people.models import User

from .enums import Kind
from .models import Digest, Mailing, Notification, Switch
from .queries import DueDigest, counts_by_kind, digests_due, inbox_of, to_mail

logger = logging.getLogger(__name__)
BATCH = 2_000
MAILS_A_RUN = 500
SERVER_AWAY = (SMTPAuthenticationError, SMTPConnectError, SMTPServerDisconnected)


@dataclass(frozen=True)
class Notice:
    """What one person is told. `key` is made of facts that never change; the same key tells once. `params` are plain
    values, or words by language; a `note` among them is shown below the sentence. `url` is an address of this site.
    """

    person_id: int
    key: str
    params: Mapping = field(default_factory=dict)
    url: str = ""
    by_id: int | None = None


def notify(
    person: User,
    kind: Kind,
    *,
    params: Mapping,
    url: str = "",
    key: str,
    at: dt.datetime,
    by: User | None = None,
) -> None:
    """Tells one person of one thing, once."""
    notice = Notice(person.pk, key, params, url, by.pk if by else None)
    notify_many([notice], kind, at=at)


@transaction.atomic
def notify_many(notices: Iterable[Notice], kind: Kind, *, at: dt.datetime) -> None:
    """Tells many people of things of a kind, by the set; who has switched it off is not told. A key that was used
    changes nothing, and breaks no transaction.
    """
    notices = list(notices)
    if not notices:
        return
    switches = _switches([each.person_id for each in notices], kind)
    rows = [_row(each, kind, switches.get(each.person_id, (True, True)), at=at) for each in notices]
    told = [row for row in rows if row.in_app or row.in_digest]
    Notification.objects.bulk_create(told, batch_size=BATCH, ignore_conflicts=True)


@transaction.atomic
def keep_told(notices: Iterable[Notice], kind: Kind, *, keys_from: str, at: dt.datetime) -> None:
    """Tells how things stand now, in one notice a person. Keys begin with `keys_from` and the person, and grow.

    1. An unread notice gets the new words. 2. Who is named no more has nothing left to read of it. 3. Who has no unread
    one is told if the key is later than all before.
    """
    now = {notice.person_id: notice for notice in notices}
    before = Notification.objects.filter(key__startswith=keys_from)
    latest = dict(before.order_by().values_list("person").annotate(latest=Max("key")))
    fresh = {person: notice for person, notice in now.items() if notice.key > latest.get(person, "")}
    for row in before.filter(read_at=None).select_for_update():
        if row.person_id not in now:
            row.read_at = at
        else:
            row.params = dict(now[row.person_id].params)
            row.key = fresh.pop(row.person_id).key if row.person_id in fresh else row.key
        row.save(update_fields=["params", "key", "read_at"])
    notify_many(fresh.values(), kind, at=at)


def _switches(people: list[int], kind: Kind) -> dict[int, Iterable[bool]]:
    rows = Switch.objects.filter(kind=kind)
    rows = rows.filter(person__in=people) if len(people) < BATCH else rows
    return {person: places for person, *places in rows.values_list("person", "in_app", "in_digest")}


def _row(notice: Notice, kind: Kind, wanted: Iterable[bool], *, at: dt.datetime) -> Notification:
    in_app, in_digest = wanted
    return Notification(
        person_id=notice.person_id,
        kind=kind,
        params=dict(notice.params),
        url=notice.url,
        key=notice.key,
        by_id=notice.by_id,
        at=at,
        in_app=in_app,
        in_digest=in_digest,
    )


def mark_read(notification: Notification, *, at: dt.datetime) -> None:
    """The first reading counts."""
    Notification.objects.filter(pk=notification.pk, read_at=None).update(read_at=at)


def mark_done(*, keys_from: str, at: dt.datetime) -> None:
    """What these notices asked for is done: nobody who was told has to read them any more. `keys_from` is how all of
    their keys begin.
    """
    Notification.objects.filter(key__startswith=keys_from, read_at=None).update(read_at=at)


def mark_all_read(person: User, *, kind: str = "", at: dt.datetime) -> int:
    """Everything in a person's inbox, or of one kind, that came until now. How many were unread."""
    rows = inbox_of(person, kind=kind).select_related(None).order_by()
    return rows.filter(read_at=None, at__lte=at).update(read_at=at)


@transaction.atomic
def choose(person: User, *, wanted: Mapping[Kind, tuple[bool, bool]], mail: bool, language: str) -> None:
    """What a person wants to be told from now on: by kind, (in the inbox, in the digest)."""
    for kind, (in_app, in_digest) in wanted.items():
        values = {"in_app": in_app, "in_digest": in_digest}
        Switch.objects.update_or_create(person=person, kind=kind, defaults=values)
    Mailing.objects.update_or_create(person=person, defaults={"is_on": mail, "language": language})


# The daily mail ---------------------------------------------------------------------------------------------------


def send_digests(*, at: dt.datetime) -> int:
    """Sends the mails that are due. How many went out. Run twice, at once or late, each person gets one a day."""
    if settings.LAUREL_DIGEST_HOUR is None:
        return 0
    due = digests_due(at=at, hour=settings.LAUREL_DIGEST_HOUR)
    return sum(send_digest(each, at=at) for each in due[:MAILS_A_RUN])


def send_digest(due: DueDigest, *, at: dt.datetime) -> bool:
    """1. Claim the day, and what the mail tells of. 2. Send. 3. Note that it went out.

    Whoever finds the day claimed leaves it. Where the mail server is away the claim is given back, and the next run
    tries again. Where the server refuses this one mail, or the process dies in between, the next day's tells of it.
    """
    claimed = _claim(due, at=at)
    if claimed is None:
        return False
    digest, counts = claimed
    try:
        _send(digest, counts)
    except OSError as error:
        if isinstance(error, SMTPException) and not isinstance(error, SERVER_AWAY):
            logger.warning("The mail of %s for %s was refused: %s", due.day, due.person_id, error)
            return False
        digest.delete()
        raise
    Digest.objects.filter(pk=digest.pk).update(sent_at=at)
    return True


@transaction.atomic
def _claim(due: DueDigest, *, at: dt.datetime) -> tuple[Digest, dict[Kind, int]] | None:
    rows = list(to_mail(due).values_list("pk", flat=True))
    if not rows:
        return None
    digest, is_new = Digest.objects.get_or_create(person_id=due.person_id, day=due.day, defaults={"claimed_at": at})
    if not is_new:
        return None
    Notification.objects.filter(pk__in=rows).update(digest=digest)
    return digest, counts_by_kind(rows)


def _send(digest: Digest, counts: Mapping[Kind, int]) -> None:
    """Says how many of what are new, as text and as HTML, and nothing of their content: others may read a mailbox."""
    mailing = Mailing.objects.filter(person=digest.person_id).first()
    with override(mailing.language if mailing else settings.LANGUAGE_CODE):
        address = settings.LAUREL_SITE_URL.rstrip("/")
        new = sum(counts.values())
        subject = ngettext("Laurel: %(count)s new notification", "Laurel: %(count)s new notifications", new)
        waiting = ngettext("%(count)s new notification", "%(count)s new notifications", new)
        context = {
            "subject": subject % {"count": format_number(new)},
            "waiting": waiting % {"count": format_number(new)},
            "person": digest.person,
            "counts": [(kind.label, format_number(count)) for kind, count in counts.items()],
            "inbox": address + reverse("inbox:index"),
            "settings": address + reverse("inbox:settings"),
        }
        body = render_to_string("inbox/digest.txt", context)
        mail = EmailMultiAlternatives(context["subject"], body, to=[digest.person.email])
        mail.attach_alternative(render_to_string("inbox/digest.html", context), "text/html")
        mail.extra_headers = {
            "Content-Language": get_language(),
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{context['settings']}>",
        }
        mail.send()
