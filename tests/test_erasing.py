"""Somebody who left is erased: nothing names them any more, and every sum stays as it was."""

import datetime as dt

import pytest
from auditlog.models import LogEntry
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from foundation.records import retention
from ledger.models import Account
from ledger.queries import balances_of
from people.actions import (
    StillHere,
    erase_person,
    note_looks,
    object_to_use,
    stay_off_boards,
    what_erasing_takes,
)
from people.enums import Page
from people.models import User
from people.tests.factories import make_division, make_person
from rewards_site.demo import AGENT, SUPERVISOR

AT = dt.datetime(2026, 11, 20, 14, 0, tzinfo=dt.UTC)
MAY_CHANGE = {
    "account.EmailAddress",
    "auditlog.LogEntry",
    "catalogue.Decision",
    "catalogue.Item",
    "catalogue.Request",
    "inbox.Digest",
    "inbox.Mailing",
    "inbox.Notification",
    "inbox.Switch",
    "ledger.Account",
    "ledger.Transfer",
    "people.BoardChoice",
    "people.Grant",
    "people.Look",
    "people.Objection",
    "people.User",
    "recognition.Gift",
    "thanks.Response",
}
"""Where rows go or change. Requests that wait are cancelled: what was held for them is available
again, and settled balances stay."""

TELL_OF_PAY = ["scorecards.ScoreDay", "goals.SnapshotMember", "goals.Payout", "leaderboards.Standing", "thanks.Thanks"]


def rows() -> dict[str, list]:
    """Everything in the database."""
    return {model._meta.label: sorted(model.objects.values_list(), key=str) for model in apps.get_models()}


def texts_with(words: list[str]) -> list[tuple[str, str]]:
    """Where any text of the database holds one of the words, in any case."""
    found = []
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField | models.JSONField):
                texts = [str(value).lower() for value in model.objects.values_list(field.name, flat=True)]
                found += [(str(field), word) for word in words for text in texts if word.lower() in text]
    return found


@pytest.fixture
def left(db) -> User:
    """An agent of the demo centre who left, with everything that happens to one there."""
    call_command("demo", "--date=2026-11-20", agents=24, days=24)
    person = User.objects.get(email=AGENT.email)
    boss = User.objects.get(email=SUPERVISOR.email)
    note_looks(boss, [person.pk], Page.TEAM, at=AT)
    object_to_use(person=person, text="No badges, please", at=AT)
    stay_off_boards(person=person, on=AT.date(), at=AT)
    person.is_active, person.left_at = False, AT
    person.save()
    return person


def balances() -> dict[int, int]:
    accounts = Account.objects.all()
    return {pk: balance.settled for pk, balance in balances_of(accounts).items()}


def test_nothing_names_them_and_every_figure_and_payment_stays(left, client, capsys):
    words = [left.name, left.email, left.external_id]
    before, sums, public_id = rows(), balances(), left.public_id
    assert {label for label, word in texts_with(words)} >= {"people.User.name", "people.User.email"}
    told = what_erasing_takes(left, at=AT)
    assert (told.looks, told.objections, told.choices) == (1, 1, 1)
    call_command("erase_person", str(public_id), "--dry-run")
    assert "Would erase" in capsys.readouterr().out
    assert rows() == before
    assert erase_person(person=left, by=None, at=AT) == told
    assert texts_with(words) == []
    after = rows()
    assert {label for label in before if before[label] != after[label]} <= MAY_CHANGE
    assert [label for label in TELL_OF_PAY if not before[label]] == []
    assert balances() == sums
    left.refresh_from_db()
    assert (left.public_id, left.is_erased, left.is_active, left.email) == (public_id, True, False, None)
    assert LogEntry.objects.get_for_object(left).get().changes == {"is_erased": ["False", "True"]}
    client.force_login(User.objects.get(email=SUPERVISOR.email))
    for page in ("desk:team", "leaderboards:index", "goals:index"):
        assert client.get(reverse(page), follow=True).status_code == 200


# Who, and when ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_somebody_who_is_there_is_not_erased():
    ada = make_person("Ada", email="ada@example.org")
    with pytest.raises(StillHere):
        erase_person(person=ada, by=None, at=AT)
    with pytest.raises(CommandError, match="Ada is active"):
        call_command("erase_person", "ada@example.org")


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"is_erased": True}, {"left_at": AT}])
def test_database_refuses_an_active_person_who_is_erased_or_has_left(wrong):
    ada = make_person("Ada")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=ada.pk).update(**wrong)


@pytest.mark.django_db
def test_those_who_left_long_ago_are_erased_by_the_job_where_the_settings_say_so(settings):
    old, young, here = make_person("Old"), make_person("Young"), make_person("Here")
    for person, days in ((old, 101), (young, 99)):
        person.is_active, person.left_at = False, AT - dt.timedelta(days=days)
        person.save()
    assert settings.LAUREL_KEEP_DAYS["people"] == 0
    assert dict(gone()) == {}
    settings.LAUREL_KEEP_DAYS = settings.LAUREL_KEEP_DAYS | {"people": 100}
    assert dict(gone()) == {"Name, e-mail and ids, after somebody left": 1}
    assert dict(gone()) == {}
    assert set(User.objects.filter(is_erased=True)) == {old}
    assert not User.objects.get(pk=here.pk).is_erased


def gone() -> list[tuple[str, int]]:
    return [(str(kind.label), rows) for kind, rows in retention.apply_retention(at=AT) if rows]


# In the admin -----------------------------------------------------------------------------------------------------


@pytest.fixture
def north(db):
    return make_division("North")


@pytest.fixture
def browser(client, north):
    client.force_login(make_person("Nora", division=north, role="administrator", in_division=north, is_staff=True))
    return client


def page_of(person, page="erase") -> str:
    return reverse(f"admin:people_user_{page}", args=[person.pk])


def test_administrator_switches_off_and_erases(browser, north):
    ada = make_person("Ada Okafor", division=north, role="agent", email="ada@example.org", pk=12_345)
    assert "Switch the person off first" in browser.get(page_of(ada)).content.decode()
    form = browser.get(page_of(ada, "change")).context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields if name != "is_active"}
    inlines = {"grants": 1, "division_assignments": 1, "team_memberships": 0, "led_teams": 0, "queue_memberships": 0}
    management = {f"{name}-TOTAL_FORMS": 0 for name in inlines} | {f"{name}-INITIAL_FORMS": 0 for name in inlines}
    assert browser.post(page_of(ada, "change"), data | management).status_code == 302
    ada.refresh_from_db()
    assert not ada.is_active and ada.left_at is not None
    page = browser.get(page_of(ada)).content.decode()
    assert f"Former member {ada.pk}" in page
    assert browser.post(page_of(ada), {}).status_code == 200
    assert not User.objects.get(pk=ada.pk).is_erased
    assert browser.post(page_of(ada), {"sure": "on"}).status_code == 302
    assert str(User.objects.get(pk=ada.pk)) == f"Former member {ada.pk}"
    assert LogEntry.objects.get_for_object(ada).get().actor.name == "Nora"
    assert browser.get(page_of(ada)).status_code == 403
    assert "name" not in browser.get(page_of(ada, "change")).context["adminform"].form.fields


def test_nobody_beyond_reach_is_erased(browser):
    stranger = make_person("Stranger", division=make_division("South"), is_active=False)
    assert browser.post(page_of(stranger), {"sure": "on"}).status_code == 404
    assert not User.objects.get(pk=stranger.pk).is_erased


# When somebody left -----------------------------------------------------------------------------------------------


def save_it(person, *, is_active):
    person.is_active = is_active
    person.save()


def save_the_field(person, *, is_active):
    person.is_active = is_active
    person.save(update_fields=["is_active"])


def update_the_row(person, *, is_active):
    User.objects.filter(pk=person.pk).update(is_active=is_active)


@pytest.mark.django_db
@pytest.mark.parametrize("switch", [save_it, save_the_field, update_the_row])
def test_whoever_is_switched_off_left_then_and_who_is_back_has_not(switch, time_machine):
    ada = make_person("Ada")
    time_machine.move_to(AT, tick=False)
    switch(ada, is_active=False)
    assert User.objects.get(pk=ada.pk).left_at == AT
    time_machine.move_to(AT + dt.timedelta(days=1), tick=False)
    switch(User.objects.get(pk=ada.pk), is_active=False)
    assert User.objects.get(pk=ada.pk).left_at == AT
    switch(User.objects.get(pk=ada.pk), is_active=True)
    assert User.objects.get(pk=ada.pk).left_at is None


@pytest.mark.django_db
def test_people_made_in_bulk_as_switched_off_have_left(time_machine):
    time_machine.move_to(AT, tick=False)
    User.objects.bulk_create([User(name="Gone", is_active=False), User(name="Here")])
    assert dict(User.objects.values_list("name", "left_at")) == {"Gone": AT, "Here": None}


@pytest.mark.django_db
def test_database_refuses_someone_switched_off_who_has_not_left():
    ada = make_person("Ada", is_active=False)
    with pytest.raises(IntegrityError, match="people_user_switched_off_has_left"), transaction.atomic():
        User.objects.filter(pk=ada.pk).update(left_at=None)


@pytest.mark.django_db(transaction=True)
def test_who_was_switched_off_before_left_when_the_migration_ran(time_machine):
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    old = executor.migrate([("people", "0009_user_page_choices")]).apps.get_model("people", "User")
    for name, left_at in (("Long gone", None), ("Known", AT)):
        old.objects.create(name=name, is_active=False, left_at=left_at)
    old.objects.create(name="Here")
    now = AT + dt.timedelta(days=3)
    time_machine.move_to(now, tick=False)
    MigrationExecutor(connection).migrate(latest)
    assert dict(User.objects.values_list("name", "left_at")) == {"Long gone": now, "Known": AT, "Here": None}
