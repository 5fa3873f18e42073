import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404

from people import access
from people.enums import Permission
from people.models import DivisionAssignment, Team, User
from people.tests.factories import grant, join, lead, make_division, make_person, make_team

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 22)
DAY = dt.timedelta(days=1)


def fresh(person):
    return User.objects.get(pk=person.pk)


def seen_by(viewer):
    return {person.name for person in access.visible_people(fresh(viewer), on=TODAY)}


@pytest.fixture
def centre():
    """North has a team with a team below it; South stands beside it."""
    north, south = make_division("North"), make_division("South")
    upper = make_team("Upper", division=north)
    lower = make_team("Lower", parent=upper)
    other = make_team("Other", division=south)
    people = {
        "alice": make_person("Alice", division=north, role="agent"),
        "bob": make_person("Bob", division=north, role="agent"),
        "charlie": make_person("Charlie", division=south, role="agent"),
        "dana": make_person("Dana", division=north, role="supervisor"),
        "erin": make_person("Erin", division=south, role="supervisor"),
        "ada": make_person("Ada", role="administrator"),
    }
    join(people["alice"], lower)
    join(people["bob"], lower)
    join(people["charlie"], other)
    lead(people["dana"], upper)
    lead(people["erin"], other)
    return {**people, "north": north, "south": south, "upper": upper, "lower": lower, "other": other}


def test_visible_people_for_each_role(centre):
    assert seen_by(centre["alice"]) == {"Alice"}
    assert seen_by(centre["dana"]) == {"Dana", "Alice", "Bob"}
    assert seen_by(centre["erin"]) == {"Erin", "Charlie"}
    assert seen_by(centre["ada"]) == set()


def test_may_see_agrees_with_visible_people_for_everyone(centre):
    for viewer in User.objects.all():
        for person in User.objects.all():
            seen = access.visible_people(viewer, on=TODAY).filter(pk=person.pk).exists()
            assert access.may_see(fresh(viewer), person, on=TODAY) == seen, (viewer.name, person.name)


def test_ended_and_future_lead_see_nothing_of_the_team(centre):
    former, future = make_person("Former", role="supervisor"), make_person("Future", role="supervisor")
    lead(former, centre["upper"], until_on=TODAY)
    lead(future, centre["upper"], from_on=TODAY + DAY)
    assert seen_by(former) == {"Former"}
    assert seen_by(future) == {"Future"}


def test_ended_and_future_membership_is_not_seen(centre):
    gone, coming = make_person("Gone"), make_person("Coming")
    join(gone, centre["lower"], until_on=TODAY)
    join(coming, centre["lower"], from_on=TODAY + DAY)
    assert seen_by(centre["dana"]) == {"Dana", "Alice", "Bob"}


def test_lead_on_last_day_of_membership_sees_member(centre):
    leaver = make_person("Leaver")
    join(leaver, centre["lower"], until_on=TODAY + DAY)
    assert seen_by(centre["dana"]) == {"Dana", "Alice", "Bob", "Leaver"}


def test_lead_of_the_lower_team_does_not_see_the_upper_one(centre):
    upper_member = make_person("Ulla")
    join(upper_member, centre["upper"])
    lower_lead = make_person("Lea", role="supervisor")
    lead(lower_lead, centre["lower"])
    assert seen_by(lower_lead) == {"Lea", "Alice", "Bob"}


def test_path_prefix_does_not_confuse_team_900_with_team_9001(centre):
    short, longer = (Team.objects.create(pk=pk, name=str(pk), division=centre["south"]) for pk in (900, 9001))
    person, boss = make_person("Inside"), make_person("Boss", role="supervisor")
    join(person, longer)
    lead(boss, short)
    assert seen_by(boss) == {"Boss"}


def test_moved_team_takes_its_path_along(centre):
    centre["lower"].parent = centre["other"]
    centre["lower"].division = centre["south"]
    centre["lower"].save()
    assert seen_by(centre["dana"]) == {"Dana"}
    assert seen_by(centre["erin"]) == {"Erin", "Charlie", "Alice", "Bob"}


def test_division_grant_reaches_people_of_today_only(centre):
    evaluator = make_person("Eve", role="quality_evaluator", in_division=centre["north"])
    DivisionAssignment.objects.create(person=centre["bob"], division=centre["south"], from_on=TODAY)
    DivisionAssignment.objects.create(person=centre["charlie"], division=centre["north"], from_on=TODAY + DAY)
    assert seen_by(evaluator) == {"Eve", "Alice", "Dana"}


def test_grant_everywhere_reaches_everyone(centre):
    reviewer = make_person("Rev", role="compliance_reviewer")
    assert access.visible_people(reviewer, on=TODAY).count() == User.objects.count()


def test_person_without_division_belongs_to_the_default_one(settings):
    settings.LAUREL_DEFAULT_DIVISION = "Main"
    main = make_division("Main")
    make_person("Loose")
    evaluator = make_person("Eve", division=make_division(), role="compliance_reviewer", in_division=main)
    assert seen_by(evaluator) == {"Loose"}


def test_led_people_outside_the_division_of_the_grant_are_not_seen(centre):
    boss = make_person("Boss", role="supervisor", in_division=centre["south"])
    lead(boss, centre["upper"])
    assert seen_by(boss) == {"Boss"}


def test_led_people_without_the_permission_are_not_seen(centre):
    boss = make_person("Boss", role="agent")
    lead(boss, centre["upper"])
    assert seen_by(boss) == {"Boss"}


def test_inactive_and_anonymous_see_nothing_and_may_nothing(centre):
    inactive = make_person("Ina", role="compliance_reviewer", is_active=False)
    for viewer in (inactive, AnonymousUser()):
        assert list(access.visible_people(viewer, on=TODAY)) == []
        assert not access.may_see(viewer, centre["alice"], on=TODAY)
        assert not access.may(viewer, Permission.VIEW_DIVISION)


def test_inactive_person_is_still_seen_by_the_lead(centre):
    User.objects.filter(name="Bob").update(is_active=False)
    assert seen_by(centre["dana"]) == {"Dana", "Alice", "Bob"}


def test_superuser_configures_and_sees_nobody(centre):
    root = make_person("Root", is_superuser=True)
    assert seen_by(root) == set()
    assert access.may(root, Permission.CONFIGURE_SCORING, division=centre["north"])
    assert not access.may_see(root, centre["alice"], on=TODAY)


def test_may_holds_in_the_division_of_the_grant_only(centre):
    person = make_person(role="administrator", in_division=centre["north"])
    assert access.may(person, Permission.IMPORT)
    assert access.may(person, Permission.IMPORT, division=centre["north"])
    assert not access.may(person, Permission.IMPORT, division=centre["south"])


def test_raising_forms_refuse_with_403_and_404(centre):
    access.require(centre["ada"], Permission.IMPORT)
    access.require_see(centre["dana"], centre["alice"], on=TODAY)
    with pytest.raises(PermissionDenied):
        access.require(centre["alice"], Permission.IMPORT)
    with pytest.raises(Http404):
        access.require_see(centre["charlie"], centre["alice"], on=TODAY)


def test_grants_given_later_count_after_forgetting(centre):
    viewer = centre["alice"]
    assert not access.may(viewer, Permission.IMPORT)
    grant(viewer, "administrator")
    assert not access.may(viewer, Permission.IMPORT)
    access.forget_grants(viewer)
    assert access.may(viewer, Permission.IMPORT)


def test_may_see_costs_one_query_for_grants_and_one_for_others(centre, django_assert_num_queries):
    dana = fresh(centre["dana"])
    with django_assert_num_queries(1):
        assert access.may_see(dana, dana, on=TODAY)
    with django_assert_num_queries(1):
        assert access.may_see(dana, centre["alice"], on=TODAY)
    charlie = fresh(centre["charlie"])
    with django_assert_num_queries(1):
        assert not access.may_see(charlie, centre["alice"], on=TODAY)
    with django_assert_num_queries(0):
        assert access.may_see(charlie, charlie, on=TODAY)
