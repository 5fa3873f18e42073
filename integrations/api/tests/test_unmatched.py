"""Administrators are told of what programs sent under names that nobody has, once, until it is matched."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from goals.models import Goal
from inbox.actions import mark_all_read
from inbox.models import Notification
from inbox.queries import unread_count
from integrations.api.actions.unmatched import LOOKED_BACK, tell_unmatched
from integrations.api.tasks import tell_of_unmatched
from people.models import User
from people.tests.factories import join, make_division, make_person, make_team

from .test_bulk import call, ended, lines, send
from .test_goals import GOALS, calls, sales, score

pytestmark = pytest.mark.django_db
BOSS = {"role": "administrator", "is_staff": True}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-02 12:00Z", tick=False) as clock:
        yield clock


@pytest.fixture
def north():
    return make_division("North")


@pytest.fixture
def team(north):
    return make_team("Team", division=north)


@pytest.fixture
def alice(north, team):
    person = make_person("Alice", division=north, external_id="A1", email="alice@example.com")
    join(person, team)
    return person


@pytest.fixture
def boss():
    return make_person("Boss", **BOSS)


@pytest.fixture
def ada():
    return calls("administrator")


def post(caller, person, *names, session="s1"):
    for name in names:
        sent = score(person, session=session, at="2026-03-02T10:00:00Z")
        assert caller.post(f"{GOALS}/{name}/points", sent).status_code == 202


def bring(caller, *rows):
    """Interactions in bulk. Alice's is there too: a file in which nobody is known is refused whole."""
    ended(caller, send(caller, lines(call(0), *rows)))


def told(person) -> list[tuple]:
    """(params, whether it is read) of what somebody was told, the oldest first."""
    rows = Notification.objects.filter(person=person).order_by("pk").values_list("params", "read_at")
    return [(params, read_at is not None) for params, read_at in rows]


def test_waiting_scores_are_told_in_one_notice_that_follows_them(ada, alice, boss, client):
    assert told(boss) == []
    post(ada, alice, "sales", "typo")
    post(ada, alice, "typo", session="s2")
    tell_of_unmatched()
    tell_of_unmatched()
    assert told(boss) == [({"number": 3, "names": ["typo", "sales"]}, False)]
    post(ada, alice, "more")
    tell_of_unmatched()
    assert told(boss) == [({"number": 4, "names": ["typo", "more", "sales"]}, False)]
    client.force_login(boss)
    page = client.get(reverse("inbox:index")).content.decode()
    assert "4 scores wait for goals that Laurel does not know: typo, more, sales" in page
    answer = client.get(reverse("inbox:open", args=[Notification.objects.get().public_id]), follow=True)
    assert answer.redirect_chain[-1][0] == "/admin/api/goalkey/?goal=none"
    assert "typo" in answer.content.decode()
    assert unread_count(boss) == 0


def test_notice_goes_with_the_last_score_that_is_matched(ada, alice, boss, team):
    post(ada, alice, "sales", "typo")
    tell_unmatched(at=timezone.now())
    ada.post(GOALS, sales(team, key="typo"))
    assert told(boss) == [({"number": 1, "names": ["sales"]}, False)]
    ada.post(GOALS, sales(team, key="sales", metricId=str(Goal.objects.get().metric_id)))
    assert told(boss) == [({"number": 1, "names": ["sales"]}, True)]


def test_who_has_read_it_is_told_again_of_later_ones_only_and_once_a_day(ada, alice, boss, clock):
    post(ada, alice, "sales")
    for hours in (0, 1, 24):
        clock.shift(dt.timedelta(hours=hours))
        tell_unmatched(at=timezone.now())
        mark_all_read(boss, at=timezone.now())
        assert len(told(boss)) == 1
    post(ada, alice, "typo")
    tell_unmatched(at=timezone.now())
    post(ada, alice, "third")
    tell_unmatched(at=timezone.now())
    assert [(params["number"], read) for params, read in told(boss)] == [(1, True), (3, False)]
    mark_all_read(boss, at=timezone.now())
    post(ada, alice, "fourth")
    tell_unmatched(at=timezone.now())
    assert len(told(boss)) == 2


def test_what_is_left_of_read_ones_is_not_told_again(ada, alice, boss, team, clock):
    for name in ("sales", "typo"):
        post(ada, alice, name)
        tell_unmatched(at=timezone.now())
        clock.shift(dt.timedelta(days=1))
    mark_all_read(boss, at=timezone.now())
    ada.post(GOALS, sales(team, key="typo"))
    assert told(boss) == [({"number": 2, "names": ["sales", "typo"]}, True)]


def test_waiting_scores_are_told_to_who_configures_their_people(ada, alice, north):
    charlie = make_person("Charlie", division=make_division("South"))
    nora = make_person("Nora", division=north, in_division=north, **BOSS)
    others = [make_person(role, role=role) for role in ("supervisor", "quality_evaluator", "compliance_reviewer")]
    post(ada, charlie, "far")
    tell_unmatched(at=timezone.now())
    assert told(nora) == []
    post(ada, alice, "near")
    tell_unmatched(at=timezone.now())
    assert told(nora) == [({"number": 1, "names": ["near"]}, False)]
    assert [told(other) for other in others] == [[], [], []]


def test_scores_that_nobody_may_match_are_not_told(north, alice, boss, team):
    south = make_division("South")
    charlie = make_person("Charlie", division=south)
    post(calls("administrator", south), charlie, "sales")
    tell_unmatched(at=timezone.now())
    assert told(boss) == [({"number": 1, "names": ["sales"]}, False)]
    calls("administrator").post(GOALS, sales(team, key="sales"))
    tell_unmatched(at=timezone.now())
    assert told(boss) == [({"number": 1, "names": ["sales"]}, True)]


def test_rows_of_nobody_are_told_until_all_of_them_are_known(ada, alice, boss, client):
    bring(ada, call(1), call(2, agent="B2"), call(3, agent="B2"), call(4, talk="long"))
    bring(ada, call(5, agent="C3"))
    tell_of_unmatched()
    assert told(boss) == [({"number": 3}, False)]
    client.force_login(boss)
    page = client.get(reverse("inbox:index")).content.decode()
    assert "3 rows that programs sent name people whom Laurel does not know" in page
    answer = client.get(reverse("inbox:open", args=[Notification.objects.get().public_id]))
    assert answer.url == reverse("imports:index")
    make_person("Bob", external_id="B2")
    make_person("Cleo", external_id="C3")
    Notification.objects.update(read_at=None)
    tell_of_unmatched()
    assert told(boss) == [({"number": 3}, True)]


@pytest.mark.parametrize(
    ("way", "known", "unknown"),
    [("id", "A1", "B2"), ("email", "alice@example.com", "Bo@Example.com"), ("name", "Alice", "bo  Li")],
)
def test_somebody_is_known_by_each_way_that_rows_name_people(ada, alice, boss, way, known, unknown):
    rows = [{"id": name, f"agent_{way}": name, "started_at": "2026-03-02T09:15:00Z"} for name in (known, unknown)]
    ended(ada, send(ada, lines(*rows)))
    tell_unmatched(at=timezone.now())
    assert told(boss) == [({"number": 1}, False)]
    make_person("Bo Li", external_id="B2", email="bo@example.com")
    tell_unmatched(at=timezone.now())
    assert told(boss) == [({"number": 1}, True)]


def test_somebody_of_another_division_is_as_good_as_unknown(north, alice, boss):
    make_person("Charlie", division=make_division("South"), external_id="C1")
    northern = calls("administrator", north)
    bring(northern, call(1, agent="C1"))
    tell_unmatched(at=timezone.now())
    assert told(boss) == [({"number": 1}, False)]


def test_somebody_is_known_only_to_senders_who_may_write_for_them(ada, north, alice, boss):
    for caller in (ada, calls("administrator", north)):
        bring(caller, call(1, agent="C1"))
    tell_unmatched(at=timezone.now())
    assert told(boss) == [({"number": 2}, False)]
    make_person("Charlie", division=make_division("South"), external_id="C1")
    tell_unmatched(at=timezone.now())
    assert told(boss) == [({"number": 1}, False)]


def test_everyone_is_read_once_however_many_sent(ada, north, alice, boss):
    def reads() -> int:
        with CaptureQueriesContext(connection) as counted:
            tell_unmatched(at=timezone.now())
        return sum('"external_id"' in each["sql"] and " IN " not in each["sql"] for each in counted)

    bring(ada, call(1, agent="C1"))
    before = reads()
    bring(calls("administrator", north), call(1, agent="C1"))
    assert reads() == before == 1


def test_old_rows_of_nobody_are_told_no_more(ada, alice, boss, clock):
    bring(ada, call(1, agent="B2"))
    tell_unmatched(at=timezone.now())
    clock.shift(LOOKED_BACK + dt.timedelta(minutes=1))
    tell_unmatched(at=timezone.now())
    assert told(boss) == [({"number": 1}, True)]


def test_more_scores_and_rows_take_no_more_queries(ada, alice, boss):
    def queries(number) -> int:
        post(ada, alice, f"name{number}")
        bring(ada, *(call(f"{number}.{n}", agent=f"B{n}") for n in range(number)))
        Notification.objects.all().delete()
        with CaptureQueriesContext(connection) as counted:
            tell_unmatched(at=timezone.now())
        assert Notification.objects.count() == 2
        return len(counted)

    assert queries(1) == queries(3)
    assert User.objects.filter(is_service=True).count() == 1
