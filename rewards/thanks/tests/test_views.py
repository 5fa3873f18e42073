"""Pages for those who lead: who sees what, and what they write."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from ledger.actions import account_of
from ledger.queries import balance_of
from people.tests.factories import join, lead, make_division, make_person, make_team
from rewards.thanks.actions import complete_responses
from rewards.thanks.models import Resolution, Response, Thanks
from rewards.thanks.queries import disputed, orphans
from rewards.thanks.tests.factories import make_leg, make_response, walk
from rewards.thanks.tests.tree import TREE
from scorecards.actions import rescore

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def division():
    return make_division("North")


@pytest.fixture
def team(division):
    return make_team("Team", division=division)


@pytest.fixture
def agent(division, team):
    person = make_person("Ada Okafor", division=division, role="agent")
    join(person, team)
    return person


@pytest.fixture
def boss(client, division, team):
    person = make_person("Dana Lead", division=division, role="supervisor")
    lead(person, team)
    client.force_login(person)
    return person


@pytest.fixture
def reviewer(client):
    person = make_person("Vic", role="compliance_reviewer")
    client.force_login(person)
    return person


def asked_now(agent, external_id="", keys=()) -> Response:
    at = timezone.now()
    response = make_response(agent, external_id, started_at=at, at=at)
    if keys:
        walk(response, keys, at=at)
    return response


# How often agents ask -----------------------------------------------------------------------------------------------


def test_index_shows_the_share_of_contacts_that_were_asked(client, boss, agent):
    now = timezone.now()
    for number in range(8):
        make_leg(agent, f"c{number}", started_at=now - MINUTE, workday=now.date(), answered=number != 7 or None)
    make_leg(agent, "lost", started_at=now, workday=now.date(), answered=False)
    asked_now(agent, "c1", ["1", "1", "4"])
    asked_now(agent, "c2")
    (row,) = client.get(reverse("thanks:index")).context["table"].data.data
    assert (row.name, row.contacts, row.asked, row.share, row.answered, row.thanked, row.points) == (
        "Ada Okafor", 8, 2, 25, 1, 1, 40,
    )  # fmt: skip


def test_index_names_nobody_beyond_reach(client, boss, agent):
    asked_now(make_person("Zora Elsewhere", division=make_division(), role="agent"))
    asked_now(agent)
    page = client.get(reverse("thanks:index")).content.decode()
    assert "Ada Okafor" in page
    assert "Zora" not in page


def test_index_costs_the_same_for_one_and_for_three(client, boss, agent, team, division, django_assert_num_queries):
    asked_now(agent)
    client.get(reverse("thanks:index"))
    with django_assert_num_queries(9):
        client.get(reverse("thanks:index"))
    for name in ("Bo", "Cy"):
        person = make_person(name, division=division, role="agent")
        join(person, team)
        asked_now(person, keys=["1", "1", "4"])
    client.get(reverse("thanks:index"))
    with django_assert_num_queries(9):
        client.get(reverse("thanks:index"))


# A link -------------------------------------------------------------------------------------------------------------


def test_offer_gives_the_link_of_an_interaction(client, boss, agent):
    make_leg(agent, "c-1", started_at=timezone.now() - MINUTE)
    page = client.post(reverse("thanks:offer"), {"interaction": "c-1", "language": "de"})
    link = page.context["link"]
    client.logout()
    assert "Wie wahrscheinlich" in client.get(link).content.decode()
    assert Response.objects.get().agent == agent


def test_offer_again_gives_the_same_response(client, boss, agent):
    make_leg(agent, "c-1", started_at=timezone.now() - MINUTE)
    for _ in range(2):
        client.post(reverse("thanks:offer"), {"interaction": "c-1", "language": "en"})
    assert Response.objects.count() == 1


def test_offer_for_oneself_or_out_of_reach_is_as_if_it_were_not_there(client, boss, division):
    now = timezone.now()
    make_leg(boss, "own", started_at=now - MINUTE)
    make_leg(make_person("Zora", division=make_division(), role="agent"), "far", started_at=now - MINUTE)
    pages = [
        client.post(reverse("thanks:offer"), {"interaction": each, "language": "en"}) for each in ("own", "far", "x")
    ]
    assert [page.status_code for page in pages] == [422] * 3
    assert len({str(page.context["form"].non_field_errors()) for page in pages}) == 1
    assert not Response.objects.exists()


def test_agent_makes_no_link(client, agent):
    client.force_login(agent)
    assert client.post(reverse("thanks:offer"), {"interaction": "c", "language": "en"}).status_code == 403


# Thanks that wait ---------------------------------------------------------------------------------------------------


def test_queue_holds_orphans_until_somebody_says_whose_they_are(client, reviewer, agent):
    response = asked_now("nobody@example.com", "c-1", ["1", "1", "4"])
    assert "c-1" in client.get(reverse("thanks:queue")).content.decode()
    page = reverse("thanks:waiting", args=[response.public_id])
    assert client.post(page, {"agent": "who?", "reason": "x"}).status_code == 422
    assert client.post(page, {"agent": agent.email, "reason": ""}).status_code == 422
    assert not Thanks.objects.exists()
    assert client.post(page, {"agent": agent.email, "reason": "Asked the team."}).status_code == 302
    assert balance_of(account_of(agent)).available == 40
    assert "c-1" not in client.get(reverse("thanks:queue")).content.decode()
    assert client.post(page, {"agent": agent.email, "reason": "Again."}).status_code == 404


def test_queue_can_say_that_nobody_is_found(client, reviewer):
    response = asked_now("nobody@example.com", "c-1", ["1", "1", "4"])
    client.post(reverse("thanks:waiting", args=[response.public_id]), {"agent": "", "reason": "A test call."})
    assert Resolution.objects.get().agent is None
    assert not Thanks.objects.exists()


def test_reviewer_does_not_credit_themself(client, reviewer):
    response = asked_now("nobody@example.com", "c-1", ["1", "1", "4"])
    page = client.post(reverse("thanks:waiting", args=[response.public_id]), {"agent": reviewer.email, "reason": "Me."})
    assert page.status_code == 422
    assert not Thanks.objects.exists()


@pytest.mark.parametrize(("decision", "stays", "goes"), [("stay", 40, 0), ("move", 0, 40)])
def test_queue_shows_what_the_call_log_disputes(client, reviewer, agent, division, decision, stays, goes):
    last = make_person("Bo Last", division=division, role="agent")
    response = asked_now(agent, "c-1", ["1", "1", "4"])
    before = response.asked_at - dt.timedelta(hours=1)
    make_leg(agent, "c-1", number=1, started_at=before)
    make_leg(last, "c-1", number=2, started_at=before + MINUTE)
    complete_responses(at=timezone.now())
    assert "Bo Last" in client.get(reverse("thanks:queue")).content.decode()
    client.post(reverse("thanks:waiting", args=[response.public_id]), {"decision": decision, "reason": "Asked."})
    assert not disputed()
    assert (balance_of(account_of(agent)).available, balance_of(account_of(last)).available) == (stays, goes)


def test_queue_costs_the_same_for_one_and_for_three(client, reviewer, django_assert_num_queries):
    asked_now("nobody@example.com", keys=["1", "1", "4"])
    client.get(reverse("thanks:queue"))
    with django_assert_num_queries(6):
        client.get(reverse("thanks:queue"))
    for _ in range(2):
        asked_now("nobody@example.com", keys=["1", "1", "4"])
    assert orphans().count() == 3
    with django_assert_num_queries(6):
        client.get(reverse("thanks:queue"))


# A call to try ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("keys", "ending", "recommend", "wants", "gift"), TREE)
def test_trial_walks_the_whole_tree_and_keeps_nothing(client, boss, keys, ending, recommend, wants, gift):
    query = {"keys": ",".join(key or "-" for key in keys[:-1]), "key": keys[-1] or "-"}
    turn = client.get(reverse("thanks:trial"), query).context["turn"]
    assert (turn.ending, turn.recommend, turn.wants_reward, turn.gift) == (ending, recommend, wants, gift)
    assert not Response.objects.exists()


@pytest.mark.parametrize("query", ["keys=x,y,,1&key=zz", "version=999", "version=x&lang=xx", "keys=" + "1," * 500])
def test_trial_with_a_strange_address_is_a_trial(client, boss, query):
    assert client.get(f"{reverse('thanks:trial')}?{query}").status_code == 200


# What the agent reads -----------------------------------------------------------------------------------------------


def test_scorecard_and_points_say_what_the_customer_gave(client, agent):
    asked_now(agent, "c-1", ["1", "1", "4"])
    rescore(at=timezone.now())
    client.force_login(agent)
    assert "A customer thanked you: specialty coffee, +40" in client.get("/scorecard/").content.decode()
    assert "A customer thanked you: specialty coffee" in client.get("/rewards/points/").content.decode()


def test_poll_of_the_scorecard_shows_a_thanks_with_the_next_update(client, agent):
    asked_now(agent, "c-1", ["1", "1", "1"])
    rescore(at=timezone.now())
    client.force_login(agent)
    shown = client.get("/scorecard/")
    poll = {"v": shown.context["digest"], "on": timezone.now().date().isoformat()}
    assert client.get("/scorecard/", poll, headers={"hx-request": "true"}).status_code == 204
    asked_now(agent, "c-2", ["1", "1", "2"])
    rescore(at=timezone.now())
    fresh = client.get("/scorecard/", poll, headers={"hx-request": "true"})
    assert "A customer thanked you: soft drink, +20" in fresh.content.decode()


def test_lead_reads_whom_a_customer_thanked(client, boss, agent):
    asked_now(agent, "c-1", ["1", "1", "4"])
    rescore(at=timezone.now())
    page = client.get(reverse("scorecards:scorecard", args=[agent.public_id])).content.decode()
    assert "A customer thanked Ada: specialty coffee, +40" in page
