"""What people are told, once, and the daily mail that says how much waits."""

import datetime as dt
import re
from smtplib import SMTPDataError, SMTPServerDisconnected

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from inbox import actions
from inbox.actions import Notice, choose, mark_all_read, mark_read, notify, notify_many, send_digests
from inbox.enums import Kind
from inbox.models import Digest, Mailing, Notification, Switch
from inbox.queries import inbox_of, unread_count
from people.actions import erase_person
from people.tests.factories import make_division, make_person

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)
EARLY = AT - dt.timedelta(hours=6)
"""Before the hour of the mail, which is 7."""
NEXT_DAY = AT + dt.timedelta(days=1)


@pytest.fixture
def ada():
    return make_person("Ada Okafor")


def tell(person, *, key="k", kind=Kind.THANKS, at=EARLY, **params):
    notify(person, kind, params={"gift": "Coffee", **params}, key=key, at=at)


def test_same_key_tells_once_and_does_not_break_the_callers_transaction(ada):
    with transaction.atomic():
        tell(ada, points=40)
        tell(ada, points=50)
        tell(ada, key="other")
    assert list(inbox_of(ada).order_by("pk").values_list("params__points", flat=True)) == [40, None]


def test_notification_goes_with_the_callers_transaction(ada):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell(ada)
        raise ZeroDivisionError
    assert not Notification.objects.exists()


def test_many_are_told_by_the_set(django_assert_max_num_queries):
    people = [make_person() for _ in range(300)]
    for number in (1, 300):
        notices = [Notice(person.pk, f"{number}:{person.pk}") for person in people[:number]]
        with django_assert_max_num_queries(8):  # SQLite takes so many values a statement
            notify_many(notices, Kind.GOAL_CLOSED, at=AT)
    assert Notification.objects.count() == 301


@pytest.mark.parametrize(
    ("places", "unread", "rows"),
    [((True, True), 1, 1), ((False, True), 0, 1), ((True, False), 1, 1), ((False, False), 0, 0)],
)
def test_switches_decide_where_a_kind_is_told(ada, places, unread, rows):
    choose(ada, wanted={Kind.THANKS: places}, mail=True, language="en")
    tell(ada)
    assert (unread_count(ada), Notification.objects.count()) == (unread, rows)
    assert send_digests(at=AT) == (1 if places[1] else 0)
    tell(ada, kind=Kind.BADGE_EARNED, key="another kind")
    assert unread_count(ada) == unread + 1


def test_first_reading_counts_and_all_of_a_kind_are_read_at_once(ada):
    tell(ada)
    tell(ada, key="2")
    tell(ada, key="3", kind=Kind.BADGE_EARNED)
    first = Notification.objects.get(key="k")
    mark_read(first, at=AT)
    mark_read(first, at=NEXT_DAY)
    assert mark_all_read(ada, kind=Kind.THANKS, at=NEXT_DAY) == 1
    assert set(Notification.objects.values_list("key", "read_at")) == {("k", AT), ("2", NEXT_DAY), ("3", None)}


def test_what_comes_after_the_reader_looked_stays_unread(ada):
    tell(ada, at=NEXT_DAY)
    assert mark_all_read(ada, at=AT) == 0


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/"])
def test_address_of_another_site_is_refused(ada, url):
    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.create(person=ada, kind=Kind.THANKS, key="k", at=AT, url=url)


def test_notification_is_told_somewhere(ada):
    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.create(person=ada, kind=Kind.THANKS, key="k", at=AT, in_app=False, in_digest=False)


def test_switch_and_digest_stand_once(ada):
    for make in (
        lambda: Switch.objects.create(person=ada, kind=Kind.THANKS),
        lambda: Digest.objects.create(person=ada, day=AT.date(), claimed_at=AT),
        lambda: Mailing.objects.create(person=ada),
    ):
        make()
        with pytest.raises(IntegrityError), transaction.atomic():
            make()


def test_erased_person_is_told_nothing_and_quoted_nowhere(ada):
    bob = make_person("Bob")
    tell(ada)
    notify(bob, Kind.RECOGNITION, params={"note": "Well done"}, key="from ada", by=ada, at=AT)
    tell(bob, key="bobs")
    choose(ada, wanted={Kind.THANKS: (True, True)}, mail=True, language="de")
    ada.is_active, ada.left_at = False, AT
    erase_person(person=ada, by=None, at=AT)
    assert [row.key for row in Notification.objects.all()] == ["bobs"]
    assert not Switch.objects.exists() and not Mailing.objects.exists()


# The daily mail ---------------------------------------------------------------------------------------------------


def test_mail_says_how_many_and_nothing_of_what_they_say(ada, settings):
    settings.LAUREL_SITE_URL = "https://laurel.example.com/"
    by = make_person("Sam Supervisor")
    tell(ada, points=4321)
    notify(ada, Kind.RECOGNITION, params={"note": "Confidential", "points": 4321}, key="r", by=by, at=EARLY)
    assert send_digests(at=AT) == 1
    [sent] = mail.outbox
    assert sent.to == [ada.email]
    assert sent.subject == "Laurel: 2 new notifications"
    assert "- Thanks received: 1\n- Recognition received: 1\n" in sent.body
    [(html, of_type)] = sent.alternatives
    assert of_type == "text/html"
    assert re.findall(r">([^<>]+)</th>\s*<td[^>]*>(\d+)</td>", html) == [
        ("Thanks received", "1"), ("Recognition received", "1"),
    ]  # fmt: skip
    for link in ("https://laurel.example.com/inbox/", "https://laurel.example.com/inbox/settings/"):
        assert f"{link}\n" in sent.body
        assert f'href="{link}"' in html
    for secret in ("4321", "4,321", "Sam", "Confidential", "Coffee"):
        assert secret not in sent.body + sent.subject + html


def test_mail_as_html_escapes_names_and_fetches_nothing(ada):
    person = make_person("<b>Bo</b>", email="bo@example.com")
    tell(person)
    send_digests(at=AT)
    html = mail.outbox[0].alternatives[0][0]
    assert "Hello &lt;b&gt;Bo&lt;/b&gt;," in html
    assert "Hello <b>Bo</b>," in mail.outbox[0].body
    assert re.findall(r"src=|url\(|@import|<link|<script", html) == []
    assert 'lang="en" dir="ltr"' in html


def test_mail_comes_in_the_persons_language(ada):
    choose(ada, wanted={}, mail=True, language="de")
    tell(ada)
    send_digests(at=AT)
    assert mail.outbox[0].extra_headers["Content-Language"] == "de"
    assert "Hallo Ada" in mail.outbox[0].body
    assert 'lang="de"' in mail.outbox[0].alternatives[0][0]
    assert mail.outbox[0].subject == "Laurel: 1 neue Benachrichtigung"


def test_mail_goes_once_a_day_and_tells_of_a_thing_once(ada):
    tell(ada)
    assert [send_digests(at=AT), send_digests(at=AT + dt.timedelta(hours=3))] == [1, 0]
    tell(ada, key="later", at=AT + dt.timedelta(hours=4))
    assert send_digests(at=AT + dt.timedelta(hours=5)) == 0
    assert send_digests(at=NEXT_DAY) == 1
    assert "- Thanks received: 1\n" in mail.outbox[1].body
    assert send_digests(at=NEXT_DAY + dt.timedelta(days=1)) == 0


def test_what_was_read_is_not_mailed(ada):
    tell(ada)
    mark_all_read(ada, at=AT)
    assert send_digests(at=AT) == 0


@pytest.mark.parametrize(("zone", "expected"), [("Asia/Tokyo", 1), ("UTC", 0), ("America/New_York", 0)])
def test_mail_goes_in_the_morning_of_the_persons_zone(zone, expected):
    person = make_person("Emi", division=make_division(time_zone=zone))
    early = dt.datetime(2026, 9, 1, 2, tzinfo=dt.UTC)
    tell(person, at=early - dt.timedelta(hours=5))
    assert send_digests(at=early) == expected


def test_nobody_gets_mail_who_left_or_switched_it_off_or_has_no_address(ada):
    off, left, mute = make_person("Off"), make_person("Left", is_active=False), make_person("Mute", email=None)
    choose(off, wanted={}, mail=False, language="en")
    for person in (ada, off, left, mute):
        tell(person, key=person.name)
    assert send_digests(at=AT) == 1
    assert [sent.to for sent in mail.outbox] == [[ada.email]]


def test_no_hour_is_no_mail(ada, settings):
    settings.LAUREL_DIGEST_HOUR = None
    tell(ada)
    assert send_digests(at=AT) == 0


def failing(monkeypatch, error):
    def send(self, *args, **kwargs):
        raise error

    monkeypatch.setattr(actions.EmailMultiAlternatives, "send", send)


@pytest.mark.parametrize("error", [ConnectionRefusedError(), SMTPServerDisconnected(), TimeoutError()])
def test_mail_waits_while_the_server_is_away(ada, monkeypatch, error):
    tell(ada)
    with monkeypatch.context() as patched, pytest.raises(type(error)):
        failing(patched, error)
        send_digests(at=AT)
    assert send_digests(at=AT) == 1


def test_refused_mail_stops_nobody_elses_and_is_told_of_the_next_day(ada, monkeypatch):
    tell(ada)
    with monkeypatch.context() as patched:
        failing(patched, SMTPDataError(550, b"no"))
        assert send_digests(at=AT) == 0
    assert send_digests(at=AT) == 0
    assert send_digests(at=NEXT_DAY) == 1


def test_mail_broken_off_after_its_claim_is_not_sent_twice_that_day(ada, monkeypatch):
    tell(ada)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        failing(patched, KeyboardInterrupt())
        send_digests(at=AT)
    assert send_digests(at=AT) == 0
    assert send_digests(at=NEXT_DAY) == 1
    assert Digest.objects.filter(sent_at=None).count() == 1


def test_nothing_due_costs_two_queries(ada, django_assert_num_queries):
    with django_assert_num_queries(2):
        send_digests(at=AT)
