"""Boards in the admin: what may not be combined is said, names are a decision, a preview says what it would hide."""

import pytest
import time_machine
from auditlog.models import LogEntry
from django.urls import reverse

from foundation.pages.admin_preview import PREVIEW
from leaderboards.enums import Names, Rounds
from leaderboards.models import Board
from people.actions import align_staff
from people.models import User
from people.tests.factories import make_division, make_person

from .test_actions import morning
from .test_boards import WEDNESDAY, agents, make, place, team_of  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    person = make_person("Ada", role="administrator")
    align_staff(people=User.objects.all())
    person.refresh_from_db()
    client.force_login(person)
    return client


def values(place, **changes) -> dict:  # noqa: F811
    return {
        "name": "Board", "is_active": "on", "profile": place.profile.pk, "division": place.division.pk, "team": "",
        "queue": "", "rows_are": "people", "by_points": "on", "rounds": "weekly", "has_days": "on", "refresh": "daily",
        "refresh_at": "05:00", "limit": 10, "ties": "competition", "names": "none", "top": 3, "rows": "limit",
        "minimum": "",
    } | changes  # fmt: skip


def add(client, data):
    with time_machine.travel(morning(WEDNESDAY), tick=False):
        return client.post(reverse("admin:leaderboards_board_add"), data)


def errors(response) -> dict:
    return dict(response.context["adminform"].form.errors)


def test_board_is_saved_and_kept_in_the_audit_log(admin, place, agents):  # noqa: F811
    assert add(admin, values(place)).status_code == 302
    board = Board.objects.get()
    assert (board.name, board.is_standard, board.names) == ("Board", False, Names.NONE)
    assert LogEntry.objects.filter(content_type__model="board", object_pk=str(board.pk)).exists()


def test_names_are_a_decision_that_is_said(admin, place, agents):  # noqa: F811
    response = add(admin, values(place, names="all"))
    assert list(errors(response)) == ["confirm_names"]
    assert add(admin, values(place, names="all", confirm_names="on")).status_code == 302


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"refresh": "live"}, "refresh"),
        ({"refresh": "hourly", "names": "top", "confirm_names": "on"}, "refresh"),
        ({"rows_are": "teams", "names": "all", "confirm_names": "on"}, "names"),
        ({"rows": "own_team", "names": "top", "confirm_names": "on"}, "rows"),
        ({"minimum": 2}, "minimum"),
        ({"limit": 301}, "limit"),
        ({"by_points": ""}, "__all__"),
    ],
)
def test_what_may_not_be_combined_is_said(admin, place, agents, changes, field):  # noqa: F811
    response = add(admin, values(place, **changes))
    assert list(errors(response)) == [field]
    assert Board.objects.count() == 0


def test_team_of_another_division_is_refused(admin, place, agents):  # noqa: F811
    other = team_of(type(place)(division=make_division("South"), profile=place.profile), [])
    assert list(errors(add(admin, values(place, team=other.pk)))) == ["team"]


def test_boards_of_the_same_people_have_one_kind_of_period(admin, place, agents):  # noqa: F811
    make(place, "Weeks")
    response = add(admin, values(place, rounds=Rounds.MONTHLY))
    assert "“Weeks” ranks the same people by other periods" in str(errors(response)["rounds"])


def test_preview_says_whom_it_ranks_and_which_boards_it_would_hide(admin, place, agents):  # noqa: F811
    make(place, "Everyone")
    team = team_of(place, agents[:8])
    data = values(place, names="all", confirm_names="on", team=team.pk) | {PREVIEW: "1"}
    text = add(admin, data).content.decode()
    assert "8 people would be on it." in text
    assert "<li>Everyone</li>" in text
    assert Board.objects.count() == 1


def test_preview_of_a_board_that_would_single_out_a_few_says_so(admin, place, agents):  # noqa: F811
    team = team_of(place, agents[:16])
    text = add(admin, values(place, team=team.pk) | {PREVIEW: "1"}).content.decode()
    assert "it would single out a few people; it is not shown." in text


def test_what_a_board_is_about_does_not_change(admin, place, agents):  # noqa: F811
    board, other = make(place, "Board"), make_division("South")
    address = reverse("admin:leaderboards_board_change", args=[board.pk])
    assert admin.post(address, values(place, division=other.pk, name="New")).status_code == 302
    board.refresh_from_db()
    assert (board.name, board.division) == ("New", place.division)


def test_list_says_what_would_become_of_each_today(admin, place, agents, django_assert_max_num_queries):  # noqa: F811
    team, counts = team_of(place, agents[:3]), []
    make(place, "Small", team=team)
    address = reverse("admin:leaderboards_board_changelist")
    with time_machine.travel(morning(WEDNESDAY), tick=False):
        assert "too few people are on it" in admin.get(address).content.decode()
        for name in ("Fine", "Finer"):
            with django_assert_max_num_queries(40) as found:
                admin.get(address)
            counts.append(len(found))
            make(place, name)
    assert counts[0] == counts[1]


def test_administrator_of_one_division_finds_its_boards_only(client, place, agents):  # noqa: F811
    there = make_division("South")
    make(place, "Here")
    make(type(place)(division=there, profile=place.profile), "There")
    nora = make_person("Nora", division=there, role="administrator", in_division=there)
    align_staff(people=User.objects.all())
    client.force_login(User.objects.get(pk=nora.pk))
    text = client.get(reverse("admin:leaderboards_board_changelist")).content.decode()
    assert "There" in text
    assert "Here" not in text.replace("There", "")
