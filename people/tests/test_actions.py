import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from people import actions
from people.models import Grant, Role, User
from people.tests.factories import grant, make_division, make_person

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def role(slug):
    return Role.objects.get(slug=slug)


def test_shipped_roles_stand_after_migrating():
    assert set(Role.objects.values_list("slug", flat=True)) == {
        "agent",
        "rewards_manager",
        "supervisor",
        "quality_evaluator",
        "compliance_reviewer",
        "administrator",
    }


def test_grant_role_twice_is_one_grant_and_opens_the_admin():
    person = make_person()
    for _ in range(2):
        actions.grant_role(person=person, role=role("administrator"), division=None, by=None, at=NOW)
    assert Grant.objects.filter(person=person).count() == 1
    assert User.objects.get(pk=person.pk).is_staff


def test_grant_of_a_role_that_configures_nothing_leaves_the_admin_closed():
    person = make_person()
    actions.grant_role(person=person, role=role("agent"), division=None, by=None, at=NOW)
    assert not User.objects.get(pk=person.pk).is_staff


def test_revoking_the_last_configuring_role_closes_the_admin():
    person = make_person()
    given = actions.grant_role(person=person, role=role("supervisor"), division=None, by=None, at=NOW)
    actions.revoke_role(grant=given, by=None, at=NOW)
    assert not User.objects.get(pk=person.pk).is_staff


def test_aligning_staff_of_many_costs_the_same_as_of_one(django_assert_num_queries):
    people = [make_person(role=slug) for slug in ("agent", "supervisor", "administrator")]
    stale = make_person(is_staff=True)
    with django_assert_num_queries(3):
        actions.align_staff(people=User.objects.all())
    staff = {person.pk: User.objects.get(pk=person.pk).is_staff for person in (*people, stale)}
    assert list(staff.values()) == [False, True, True, False]


def test_administrator_of_one_division_cannot_grant_beyond_it():
    north, south = make_division("North"), make_division("South")
    giver, person = make_person(role="administrator", in_division=north), make_person()
    actions.grant_role(person=person, role=role("agent"), division=north, by=giver, at=NOW)
    for division in (south, None):
        with pytest.raises(actions.GrantOutOfReach):
            actions.grant_role(person=person, role=role("agent"), division=division, by=giver, at=NOW)


def test_agent_cannot_grant_or_revoke():
    agent, person = make_person(role="agent"), make_person()
    with pytest.raises(actions.GrantOutOfReach):
        actions.grant_role(person=person, role=role("agent"), division=None, by=agent, at=NOW)
    with pytest.raises(actions.GrantOutOfReach):
        actions.revoke_role(grant=grant(person, "agent"), by=agent, at=NOW)


def test_create_person_command_makes_division_and_roles(capsys):
    make_division("North")
    call_command(
        "create_person",
        "Dana Okafor",
        email="Dana@Example.com",
        password="a-long-enough-one",
        division="North",
        role=["supervisor"],
    )
    dana = User.objects.get(email="dana@example.com")
    assert dana.check_password("a-long-enough-one")
    assert dana.division_assignments.get().division.name == "North"
    assert [str(held.role) for held in dana.grants.all()] == ["Supervisor"]
    assert dana.is_staff


def test_create_person_refuses_a_taken_e_mail_in_any_case():
    make_person(email="dana@example.com")
    with pytest.raises(ValidationError):
        actions.create_person(name="Other", email="DANA@example.com", by=None, at=NOW)


@pytest.mark.parametrize(
    ("command", "arguments", "options", "words"),
    [
        ("grant_role", ("nobody@example.com", "agent"), {}, "Nobody has the e-mail address nobody@example.com"),
        ("grant_role", ("known@example.com", "king"), {}, "Known: administrator, agent"),
        (
            "grant_role",
            ("known@example.com", "agent"),
            {"division": "Moon"},
            "no division “Moon”. Known: none",
        ),
        ("create_person", ("X",), {"password": "a-long-enough-one"}, "add --email"),
        ("create_person", ("X",), {"email": "known@example.com"}, "already exists"),
        ("create_person", ("X",), {"email": "x@example.com", "password": "short"}, "too short"),
    ],
)
def test_commands_say_what_is_wrong(command, arguments, options, words):
    make_person(email="known@example.com")
    with pytest.raises(CommandError, match=words):
        call_command(command, *arguments, **options)
    assert User.objects.count() == 1
