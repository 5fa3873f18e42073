import datetime as dt

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from foundation.records.dated import EVER
from people import changes
from people.enums import Belonging
from people.models import DivisionAssignment, Grant, Role, Team, TeamMembership, User
from people.tests.factories import grant, join, lead, make_division, make_person, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre():
    north, south = make_division("North"), make_division("South")
    return {
        "north": north,
        "south": south,
        "north_team": make_team("North team", division=north),
        "south_team": make_team("South team", division=south),
        "nils": make_person("Nils", division=north),
        "sara": make_person("Sara", division=south),
        "local": make_person("Local", division=north, role="administrator", in_division=north, is_staff=True),
        "central": make_person("Central", role="administrator", is_staff=True),
    }


def page(name, *args):
    return reverse(f"admin:people_{name}", args=args)


def names(response):
    return {str(row) for row in response.context["cl"].result_list}


def no_inlines(*prefixes):
    prefixes = prefixes or ("grants", "division_assignments", "team_memberships", "led_teams", "queue_memberships")
    return {f"{prefix}-{key}": "0" for prefix in prefixes for key in ("TOTAL_FORMS", "INITIAL_FORMS")}


def test_lists_hold_only_the_rows_of_the_division(client, centre):
    client.force_login(centre["local"])
    assert names(client.get(page("user_changelist"))) == {"Nils", "Local"}
    assert names(client.get(page("team_changelist"))) == {"North team"}
    assert names(client.get(page("division_changelist"))) == {"North"}
    client.force_login(centre["central"])
    assert names(client.get(page("user_changelist"))) == {"Nils", "Sara", "Local", "Central"}


def test_search_does_not_find_people_of_other_divisions(client, centre):
    client.force_login(centre["local"])
    assert names(client.get(page("user_changelist"), {"q": "Sara"})) == set()


def test_row_history_and_deletion_of_another_division_are_not_there(client, centre):
    client.force_login(centre["local"])
    for name in ("team_change", "team_history", "team_delete"):
        assert client.get(page(name, centre["north_team"].pk)).status_code == 200
        assert client.get(page(name, centre["south_team"].pk)).status_code == 404


def test_filters_offer_only_divisions_in_reach(client, centre):
    client.force_login(centre["local"])
    text = client.get(page("team_changelist")).content.decode()
    assert "North" in text
    assert "South" not in text


def test_autocomplete_finds_only_what_may_be_chosen(client, centre):
    client.force_login(centre["local"])
    grant(centre["local"], "supervisor")
    Role.objects.create(slug="scoring", name="Scoring", permissions=["configure_scoring"])
    Grant.objects.create(person=centre["local"], role=Role.objects.get(slug="scoring"))
    query = {"app_label": "people", "model_name": "teammembership", "field_name": "team", "term": "team"}
    found = client.get(reverse("admin:autocomplete"), query).json()["results"]
    assert [row["text"] for row in found] == ["North team"]


def test_person_cannot_be_moved_to_a_team_out_of_reach(client, centre):
    client.force_login(centre["local"])
    data = {"name": "Nils", **no_inlines(), "is_active": "on"}
    data |= {"team_memberships-TOTAL_FORMS": "1", "team_memberships-0-team": centre["south_team"].pk}
    data |= {"team_memberships-0-person": centre["nils"].pk}
    response = client.post(page("user_change", centre["nils"].pk), data)
    assert response.status_code == 200
    assert not TeamMembership.objects.exists()


def test_local_administrator_cannot_add_a_person_outside_the_division(client, centre):
    client.force_login(centre["local"])
    data = {"name": "New", **no_inlines()}
    assert client.post(page("user_add"), data).status_code == 403
    assert not User.objects.filter(name="New").exists()


def test_local_administrator_adds_a_person_with_division_team_and_role(client, centre):
    client.force_login(centre["local"])
    data = {"name": "New", "email": "new@example.com", "password1": "a-long-enough-one", **no_inlines()}
    data |= {"division_assignments-TOTAL_FORMS": "1", "division_assignments-0-division": centre["north"].pk}
    data |= {"team_memberships-TOTAL_FORMS": "1", "team_memberships-0-team": centre["north_team"].pk}
    data |= {"grants-TOTAL_FORMS": "1", "grants-0-role": Role.objects.get(slug="supervisor").pk}
    data |= {"grants-0-division": centre["north"].pk, "team_memberships-0-from_on": "2026-11-02"}
    response = client.post(page("user_add"), data)
    assert response.status_code == 302, response.context["errors"]
    new = User.objects.get(name="New")
    assert new.check_password("a-long-enough-one")
    assert new.is_staff
    assert new.division_assignments.get().from_on == EVER
    assert new.team_memberships.get().from_on == dt.date(2026, 11, 2)


def test_rows_that_name_something_out_of_reach_are_not_shown_and_not_lost(client, centre):
    held = join(centre["nils"], centre["south_team"])
    client.force_login(centre["local"])
    address = page("user_change", centre["nils"].pk)
    assert "South" not in client.get(address).content.decode()
    assert client.post(address, {"name": "Nils Holgersson", "is_active": "on", **no_inlines()}).status_code == 302
    assert User.objects.get(pk=centre["nils"].pk).name == "Nils Holgersson"
    assert TeamMembership.objects.filter(pk=held.pk).exists()


def test_team_below_one_out_of_reach_can_be_saved_again(client, centre):
    team = make_team("Below", division=centre["north"], parent=centre["south_team"])
    client.force_login(centre["local"])
    data = {"name": "Renamed", "division": centre["north"].pk, "parent": centre["south_team"].pk}
    assert client.post(page("team_change", team.pk), data | no_inlines("leads", "memberships")).status_code == 302
    assert Team.objects.get(pk=team.pk).name == "Renamed"


def test_supervisor_of_one_division_does_not_find_led_teams_of_another(client, centre):
    boss = make_person("Boss", division=centre["north"], role="supervisor", in_division=centre["south"], is_staff=True)
    lead(boss, centre["north_team"])
    client.force_login(boss)
    assert names(client.get(page("team_changelist"))) == set()


@pytest.mark.parametrize("division", ["south", None])
def test_local_administrator_cannot_give_roles_beyond_the_division(client, centre, division):
    client.force_login(centre["local"])
    data = {"name": "Nils", **no_inlines(), "is_active": "on", "grants-TOTAL_FORMS": "1"}
    data |= {"grants-0-role": Role.objects.get(slug="agent").pk, "grants-0-person": centre["nils"].pk}
    data |= {"grants-0-division": centre[division].pk if division else ""}
    assert client.post(page("user_change", centre["nils"].pk), data).status_code == 200
    assert not centre["nils"].grants.exists()


def test_local_administrator_cannot_touch_someone_with_rights_beyond_the_division(client, centre):
    grant(centre["nils"], "administrator")
    client.force_login(centre["local"])
    address = page("user_change", centre["nils"].pk)
    assert client.post(address, {"name": "Changed", **no_inlines()}).status_code == 403
    assert client.get(reverse("admin:auth_user_password_change", args=[centre["nils"].pk])).status_code == 403


def test_nobody_but_a_superuser_makes_a_superuser(client, centre):
    client.force_login(centre["central"])
    data = {"name": "Nils", "is_active": "on", "is_superuser": "on", "is_staff": "on", **no_inlines()}
    assert client.post(page("user_change", centre["nils"].pk), data).status_code == 302
    nils = User.objects.get(name="Nils")
    assert not nils.is_superuser
    assert not nils.is_staff


def test_roles_are_shared_and_changed_only_with_a_grant_everywhere(client, centre):
    client.force_login(centre["local"])
    assert client.get(page("role_changelist")).status_code == 403
    client.force_login(centre["central"])
    role = Role.objects.create(slug="helper", name="Helper", permissions=["view_own"])
    Grant.objects.create(person=centre["nils"], role=role)
    data = {"name": "Helper", "slug": "helper", "permissions": ["view_own", "import"]}
    assert client.post(page("role_change", role.pk), data).status_code == 302
    assert Role.objects.get(slug="helper").permissions == ["view_own", "import"]
    assert User.objects.get(name="Nils").is_staff


def test_team_with_members_is_not_deleted(client, centre):
    client.force_login(centre["central"])
    join(centre["nils"], centre["north_team"], until_on=dt.date(2020, 1, 1))
    assert client.post(page("team_delete", centre["north_team"].pk), {"post": "yes"}).status_code == 403
    assert client.post(page("team_delete", centre["south_team"].pk), {"post": "yes"}).status_code == 302
    assert [team.name for team in Team.objects.all()] == ["North team"]


def test_team_cannot_be_part_of_a_team_below_it(client, centre):
    below = make_team("Below", parent=centre["north_team"])
    client.force_login(centre["central"])
    data = {"name": "North team", "division": centre["north"].pk, "parent": below.pk}
    data |= no_inlines("leads", "memberships")
    response = client.post(page("team_change", centre["north_team"].pk), data)
    assert "cannot be part of itself" in response.content.decode()


def test_changed_memberships_are_announced_before_and_after(client, centre, monkeypatch):
    heard = []
    monkeypatch.setattr(changes, "listeners", [lambda told, at: heard.extend(told)])
    held = join(centre["nils"], centre["north_team"], from_on=dt.date(2026, 1, 1), until_on=dt.date(2026, 6, 1))
    client.force_login(centre["central"])
    data = {"name": "Nils", "is_active": "on", **no_inlines()}
    data |= {"team_memberships-TOTAL_FORMS": "1", "team_memberships-INITIAL_FORMS": "1"}
    data |= {"team_memberships-0-id": held.pk, "team_memberships-0-person": centre["nils"].pk}
    data |= {"team_memberships-0-team": centre["north_team"].pk, "team_memberships-0-from_on": "2026-02-01"}
    assert client.post(page("user_change", centre["nils"].pk), data).status_code == 302
    nils = centre["nils"].pk
    assert heard == [
        changes.Change(nils, Belonging.TEAM, dt.date(2026, 1, 1), dt.date(2026, 6, 1)),
        changes.Change(nils, Belonging.TEAM, dt.date(2026, 2, 1), None),
    ]


def test_new_division_is_announced_from_its_first_day(client, centre, monkeypatch):
    heard = []
    monkeypatch.setattr(changes, "listeners", [lambda told, at: heard.extend(told)])
    client.force_login(centre["central"])
    data = {"name": "Nils", "is_active": "on", **no_inlines(), "division_assignments-TOTAL_FORMS": "1"}
    data |= {"division_assignments-0-division": centre["south"].pk, "division_assignments-0-from_on": "2026-03-01"}
    data |= {"division_assignments-0-person": centre["nils"].pk}
    assert client.post(page("user_change", centre["nils"].pk), data).status_code == 302
    assert heard == [changes.Change(centre["nils"].pk, Belonging.DIVISION, dt.date(2026, 3, 1))]
    assert DivisionAssignment.objects.filter(person=centre["nils"]).count() == 2


def test_change_in_the_admin_leaves_an_entry_with_its_author(client, centre):
    client.force_login(centre["central"])
    data = {"name": "North", "time_zone": "Europe/Berlin"}
    assert client.post(page("division_change", centre["north"].pk), data).status_code == 302
    entry = LogEntry.objects.get_for_object(centre["north"]).first()
    assert entry.actor == centre["central"]
    assert entry.changes_dict["time_zone"] == ["UTC", "Europe/Berlin"]


def test_entries_of_changes_are_found_by_their_author(client, centre):
    client.force_login(centre["central"])
    data = {"name": "North", "time_zone": "Europe/Berlin"}
    assert client.post(page("division_change", centre["north"].pk), data).status_code == 302
    found = client.get(reverse("admin:auditlog_logentry_changelist"), {"q": "Central Europe/Berlin"})
    assert names(found) == {str(LogEntry.objects.get_for_object(centre["north"]).first())}


def test_supervisor_finds_only_those_they_lead(client, centre):
    boss = make_person("Boss", division=centre["north"], role="supervisor", is_staff=True)
    lead(boss, centre["north_team"])
    join(centre["nils"], centre["north_team"])
    client.force_login(boss)
    assert names(client.get(page("user_changelist"))) == {"Nils"}
    assert names(client.get(page("team_changelist"))) == {"North team"}
    assert client.get(page("user_add")).status_code == 403
    text = client.get(page("user_change", centre["nils"].pk)).content.decode()
    assert "Nils" in text
    assert "Set a new one" not in text
    assert client.post(page("user_change", centre["nils"].pk), {"name": "X"}).status_code == 403


@pytest.mark.parametrize("name", ["user", "team"])
def test_list_costs_the_same_for_one_and_for_many(client, centre, django_assert_max_num_queries, name):
    client.force_login(centre["central"])
    client.get(page(f"{name}_changelist"))  # the first page of all makes the default division
    counts = []
    for _ in range(2):
        with django_assert_max_num_queries(30) as queries:
            client.get(page(f"{name}_changelist"))
        counts.append(len(queries))
        for _ in range(3):
            make_person(division=centre["north"])
            make_team(parent=centre["north_team"])
    assert counts[0] == counts[1]
