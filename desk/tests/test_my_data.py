"""My data: everything about oneself, who sees it, who looked, and staying off boards."""

import csv
import datetime as dt
import io
import json
import zipfile

import pytest
from auditlog.models import LogEntry
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from foundation.periods import Kind, period_of
from leaderboards.models import Board, Publication
from leaderboards.tests.factories import make_board
from leaderboards.tests.publishing import boards_of_everyone
from leaderboards.tests.test_actions import publish_boards
from people.actions import BACK_AFTER, come_back_to_boards, note_looks, stay_off_boards
from people.enums import Page
from people.models import Look, User
from people.queries import is_out_of_boards, out_of_boards_on
from people.tests.factories import join, lead, make_person, make_team
from scorecards.models import ScoreDay

pytestmark = pytest.mark.django_db
TODAY = dt.date(2024, 3, 27)
AT = dt.datetime(2024, 3, 27, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def agents():
    found = make_board(*range(130, 0, -10), on=timezone.now().date())
    boards_of_everyone()
    return found


def board_address(name="board") -> str:
    return reverse(f"leaderboards:{name}", args=[Board.objects.get().pk]) + "?period=today"


@pytest.fixture
def boss(agents):
    found, team = make_person("Boss", role="supervisor"), make_team()
    lead(found, team)
    join(agents[0], team)
    return found


def page(client, person, **kwargs):
    client.force_login(person)
    return client.get(reverse("desk:my_data"), **kwargs).content.decode()


# Who looked ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        lambda agent: reverse("scorecards:scorecard", args=[agent.public_id]),
        lambda agent: reverse("scorecards:csv", args=[agent.public_id]),
        lambda agent: reverse("desk:team"),
        lambda agent: reverse("desk:team_csv"),
        lambda agent: reverse("desk:home"),
        lambda agent: board_address(),
        lambda agent: board_address("board_csv"),
    ],
)
def test_page_that_shows_figures_by_name_is_kept_and_can_be_read(client, agents, boss, address):
    client.force_login(boss)
    response = client.get(address(agents[0]))
    assert response.status_code == 200
    assert set(Look.objects.values_list("person", "viewer")) == {(agents[0].pk, boss.pk)}
    assert "Boss" in page(client, agents[0])


def test_own_pages_and_unchanged_polls_are_not_kept(client, agents, boss):
    address = board_address()
    client.force_login(agents[0])
    client.get(reverse("scorecards:own"))
    client.get(address)
    assert Look.objects.count() == 0
    client.force_login(boss)
    digest = client.get(address).context["digest"]
    Look.objects.all().delete()
    assert client.get(f"{address}&v={digest}", HTTP_HX_REQUEST="true").status_code == 204
    assert Look.objects.count() == 0


def test_look_is_one_row_an_hour_for_page_and_person(agents, boss):
    for minutes in (0, 20, 40):
        note_looks(boss, [agents[0].pk, agents[1].pk], Page.TEAM, at=AT + dt.timedelta(minutes=minutes))
    note_looks(boss, [agents[0].pk, boss.pk], Page.TEAM, at=AT)
    hours = sorted(set(Look.objects.values_list("hour", flat=True)))
    assert hours == [AT.replace(minute=0), AT.replace(hour=10, minute=0)]
    assert Look.objects.count() == 4


# Staying off boards ----------------------------------------------------------------------------------------------


def test_choice_holds_at_once_and_coming_back_takes_three_days(agents):
    person = agents[0]
    stay_off_boards(person=person, on=TODAY, at=AT)
    assert is_out_of_boards(person, on=TODAY)
    come_back_to_boards(person=person, on=TODAY, at=AT)
    come_back_to_boards(person=person, on=TODAY + dt.timedelta(days=1), at=AT)
    assert out_of_boards_on(TODAY + dt.timedelta(days=2)) == {person.pk}
    assert out_of_boards_on(TODAY + BACK_AFTER) == set()
    stay_off_boards(person=person, on=TODAY + dt.timedelta(days=1), at=AT)
    assert out_of_boards_on(TODAY + BACK_AFTER) == {person.pk}


def test_page_lets_people_stay_off_and_come_back(client, agents):
    client.force_login(agents[0])
    address = reverse("desk:my_data")
    assert client.post(address, {"boards": "off"}).status_code == 302
    assert "You stay off leaderboards:" in page(client, agents[0])
    client.post(address, {"boards": "on"})
    assert "and come back then" in page(client, agents[0])


def test_who_stays_off_is_in_no_new_standing_and_the_running_week_is_withdrawn(client, agents):
    today = timezone.now().date()
    monday = period_of(Kind.WEEKLY, today).start
    ScoreDay.objects.update(workday=monday)
    tuesday, wednesday = (dt.datetime.combine(monday + dt.timedelta(days=n), dt.time(6), dt.UTC) for n in (1, 2))
    publish_boards(at=tuesday)
    week = period_of(Kind.WEEKLY, monday).key
    assert Publication.objects.filter(period=week).exists()
    stay_off_boards(person=agents[0], on=tuesday.date(), at=tuesday)
    publish_boards(at=wednesday)
    assert not Publication.objects.filter(period=week).exists()
    later = dt.datetime.combine(monday + dt.timedelta(days=8), dt.time(6), dt.UTC)
    for agent in agents:
        day = ScoreDay.objects.get(agent=agent)
        ScoreDay.objects.create(
            agent=agent,
            workday=monday + dt.timedelta(days=7),
            division=day.division,
            profile=day.profile,
            points=5,
            maximum=9,
            changed_at=later,
        )
    publish_boards(at=later)
    newest = Publication.objects.get(period=period_of(Kind.WEEKLY, later.date()).key)
    assert agents[0].pk not in newest.rows.values_list("owner", flat=True)
    assert newest.rows.filter(ranking="points").count() == 12


def test_who_stays_off_sees_nobodys_row(client, agents):
    today = timezone.now().date()
    stay_off_boards(person=agents[3], on=today, at=AT)
    client.force_login(agents[3])
    address = board_address()
    response = client.get(address)
    assert "You stay off leaderboards." in response.content.decode()
    assert [row.person_id for row in response.context["board"].masked.rows] == [agents[3].pk]


# Everything ------------------------------------------------------------------------------------------------------


def test_page_says_who_may_see(client, agents, boss):
    make_person("Quinn Quality", role="quality_evaluator")
    text = page(client, agents[0])
    assert "leads your team, or one above it" in text
    assert "Quinn Quality" in text
    assert "Boss" not in page(client, agents[1])


def test_json_holds_everything_about_oneself_and_nobody_else(client, agents, boss):
    client.force_login(agents[0])
    response = client.get(reverse("desk:my_data_json"))
    found = json.loads(response.content)
    assert found["person"]["name"] == agents[0].name
    assert [team["team"] for team in found["teams"]]
    assert not any(other.name in response.content.decode() for other in agents[2:9])
    assert "attachment" in response["Content-Disposition"]


def test_csv_files_hold_the_rows_of_the_json(client, agents, boss):
    note_looks(boss, [agents[0].pk], Page.TEAM, at=timezone.now())
    client.force_login(agents[0])
    told = client.get(reverse("desk:my_data_json")).json()
    answer = client.get(reverse("desk:my_data_zip"))
    assert answer["Content-Disposition"].endswith('.zip"')
    with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as archive:
        files = {
            name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
            for name in archive.namelist()
        }
    assert set(files) == {name for name, rows in told.items() if rows}
    assert {name: len(rows) for name, rows in files.items() if name != "person"} == {
        name: len(told[name]) for name in files if name != "person"
    }
    assert files["person"][0]["name"] == agents[0].name
    assert files["who_looked"][0]["viewer"] == boss.name
    assert all(set(files[name][0]) == set(told[name][0]) for name in files if name != "person")


def test_page_takes_as_many_queries_for_many_looks_as_for_one(client, agents, boss, django_assert_max_num_queries):
    client.force_login(agents[0])
    client.get(reverse("desk:my_data"))
    counts = []
    for people in ([boss], [make_person(f"Viewer {n}") for n in range(4)]):
        for viewer in people:
            note_looks(viewer, [agents[0].pk], Page.SCORECARD, at=timezone.now())
        with django_assert_max_num_queries(17) as found:
            client.get(reverse("desk:my_data"))
        counts.append(len(found))
    assert counts[0] == counts[1]


# Erasing ---------------------------------------------------------------------------------------------------------


def test_erased_person_is_a_number_and_their_figures_stay(agents, boss, capsys):
    person = agents[0]
    person.name, person.email = "Ada Unmistakable", "ada@example.com"
    person.save()
    note_looks(boss, [person.pk], Page.TEAM, at=AT)
    with pytest.raises(CommandError, match="is active"):
        call_command("erase_person", str(person.public_id))
    User.objects.filter(pk=person.pk).update(is_active=False)
    call_command("erase_person", "ada@example.com", "--dry-run")
    assert User.objects.get(pk=person.pk).name == "Ada Unmistakable"
    call_command("erase_person", "ada@example.com")
    person.refresh_from_db()
    assert (person.name, person.email, person.external_id) == (f"Former member {person.pk}", None, None)
    assert not person.has_usable_password()
    assert ScoreDay.objects.filter(agent=person).exists()
    assert not Look.objects.filter(person=person).exists()
    assert not LogEntry.objects.filter(object_repr__contains="Unmistakable").exists()
    assert not any("Unmistakable" in str(entry.changes) for entry in LogEntry.objects.all())


def test_erasing_of_nobody_says_so():
    with pytest.raises(CommandError, match="no person"):
        call_command("erase_person", "nobody@example.com")
