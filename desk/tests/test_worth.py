"""What is worth a look: what shows, to whom, since when, and what it costs."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from desk.worth_queries import worth_a_look_for
from leaderboards.tests.factories import make_agent, make_profile, measure, score_day
from metrics.models import Metric
from people.models import Look
from people.tests.factories import join, lead, make_division, make_person, make_team
from scorecards.models import Objective, ObjectiveTerms, Score, Watch
from scorecards.watch_wording import definition_text

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def today():
    return timezone.now().date()


class Pair:
    """A lead, and a watch over four days of handle time (−10 %) against transfers (+3 points), on 40 contacts."""

    def __init__(self, today, *, agents=1):
        self.today, self.division, self.profile = today, make_division(), make_profile()
        self.boss, self.team = make_person("Boss", division=self.division, role="supervisor"), make_team()
        lead(self.boss, self.team)
        Watch.objects.all().delete()
        self.watch = Watch.objects.create(
            name="Handle time against transfers",
            improving=Metric.objects.get(key="average_handle_time"),
            improves_by=10,
            improving_minimum=40,
            worsening=Metric.objects.get(key="transfer_rate"),
            worsens_by=3,
            worsening_minimum=40,
            days=4,
        )
        self.agents = [self.agent(f"Agent {number}") for number in range(1, agents + 1)]

    def agent(self, name, *, contacts=10, then=(300, 5), now=(260, 9)):
        agent = make_agent(name, self.division, self.profile)
        join(agent, self.team)
        for back in range(1, 13):
            for metric, value in zip(
                (self.watch.improving, self.watch.worsening), now if back <= 4 else then, strict=True
            ):
                total, on = Decimal(value * contacts), self.today - back * DAY
                measure(agent, metric, total=total, count=contacts, on=on)
        return agent

    def seen(self, viewer=None):
        return worth_a_look_for(viewer or self.boss, on=self.today)


def test_hint_shows_both_figures_of_both_spans_with_their_volumes(today):
    (hint,) = Pair(today).seen().hints
    assert [(side.before, side.now, side.change) for side in hint.sides] == [
        ("5:00", "4:20", "better by 13%"),
        ("5.0%", "9.0%", "worse by 4.0 points of percent"),
    ]
    assert {(side.volume_before, side.volume_now) for side in hint.sides} == {("40", "40")}
    assert (hint.watched.now.start, hint.watched.now.last) == (today - 4 * DAY, today - DAY)


def test_hint_says_since_when_it_shows_without_a_break(today):
    """A day earlier, three days at 260 and one at 300 made 270: 10 % better; transfers 8 %: 3 points worse."""
    (hint,) = Pair(today).seen().hints
    assert (hint.watched.since_on, hint.watched.is_older) == (today - DAY, False)


@pytest.mark.parametrize("figures", [{"contacts": 9}, {"now": (275, 9)}, {"now": (260, 7)}, {"now": (330, 9)}], ids=str)
def test_no_hint_for_little_change_or_volume(today, figures):
    pair = Pair(today, agents=0)
    pair.agent("Quiet", **figures)
    assert pair.seen().hints == []


def test_no_hint_of_a_pair_that_is_switched_off(today):
    pair = Pair(today)
    Watch.objects.update(is_active=False)
    assert (pair.seen().hints, pair.seen().definitions) == ([], [])


def test_lead_sees_only_todays_members(today):
    pair = Pair(today, agents=2)
    stranger = Pair.agent(pair, "Gone")
    stranger.team_memberships.update(until_on=today)
    assert [hint.person.name for hint in pair.seen().hints] == ["Agent 1", "Agent 2"]
    outsider = make_person("Other boss", division=pair.division, role="supervisor")
    assert pair.seen(outsider).hints == []


def test_evaluator_sees_their_division(today):
    pair = Pair(today)
    from_there = make_person(role="quality_evaluator", division=pair.division, in_division=pair.division)
    elsewhere = make_division("Elsewhere")
    from_elsewhere = make_person(role="quality_evaluator", division=elsewhere, in_division=elsewhere)
    score_day(pair.agents[0], pair.division, pair.profile, 5, on=today)
    assert pair.seen(from_elsewhere).hints == []
    assert [hint.person.name for hint in pair.seen(from_there).hints] == ["Agent 1"]


def test_paused_shares_are_points_over_the_maximum_of_an_objective(today):
    pair = Pair(today)
    made = Objective.objects.create(profile=pair.profile, metric=pair.watch.improving)
    terms = ObjectiveTerms.objects.create(objective=made, metric=pair.watch.improving, kind="lower", zones=[])
    for back, reason in ((1, "guarded"), (2, ""), (3, ""), (4, "")):
        on = today - back * DAY
        figures = {"points": 0 if reason else 60, "maximum": 100, "zone": "out", "reason": reason}
        Score.objects.create(agent=pair.agents[0], workday=on, objective=made, terms=terms, **figures)
    (paused,) = pair.seen().paused
    assert (paused.share.paused, paused.share.maximum, paused.share.percent) == (100, 400, 25)


def test_page_words_a_hint_and_notes_whose_figures_were_shown(client, today):
    pair = Pair(today)
    make_agent("Unhinted", pair.division, pair.profile)
    client.force_login(pair.boss)
    page = client.get(reverse("desk:worth_a_look")).content.decode()
    assert "never a verdict" in page
    assert "It may have other reasons." in page
    assert definition_text(pair.watch) in page
    assert list(Look.objects.values_list("person", "page")) == [(pair.agents[0].pk, "worth_a_look")]


def test_page_polls_without_a_change_and_without_a_look(client, today):
    client.force_login(Pair(today).boss)
    address = reverse("desk:worth_a_look")
    digest = client.get(address).context["digest"]
    Look.objects.all().delete()
    assert client.get(f"{address}?v={digest}", HTTP_HX_REQUEST="true").status_code == 204
    assert not Look.objects.exists()


def test_page_takes_as_many_queries_for_three_hints_as_for_one(client, today, django_assert_max_num_queries):
    counts, pair = [], Pair(today)
    client.force_login(pair.boss)
    for agents in (1, 3):
        pair.agents += [pair.agent(f"More {number}") for number in range(agents - len(pair.agents))]
        client.get(reverse("desk:worth_a_look"))
        with django_assert_max_num_queries(20) as found:
            page = client.get(reverse("desk:worth_a_look"))
        assert len(page.context["worth"].hints) == agents
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_my_data_tells_which_pairs_are_in_force(client, today):
    pair = Pair(today)
    client.force_login(pair.agents[0])
    assert definition_text(pair.watch) in client.get(reverse("desk:my_data")).content.decode()
    Watch.objects.update(is_active=False)
    assert definition_text(pair.watch) not in client.get(reverse("desk:my_data")).content.decode()


@pytest.mark.parametrize("role", ["agent", "administrator", None])
def test_page_is_refused_to_whoever_leads_nobody_by_role(client, role):
    client.force_login(make_person(role=role))
    assert client.get(reverse("desk:worth_a_look")).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"improves_by": 0},
        {"worsens_by": 0},
        {"improving_minimum": 0},
        {"worsening_minimum": 0},
        {"days": 0},
        {"days": 93},
        {"worsening": "improving"},
    ],
    ids=str,
)
def test_database_refuses_a_pair_that_makes_no_sense(change):
    watch = Watch.objects.first()
    if change.get("worsening"):
        change = {"worsening": watch.improving}
    with pytest.raises(IntegrityError), transaction.atomic():
        Watch.objects.filter(pk=watch.pk).update(**change)


def test_admin_refuses_a_pair_of_one_metric_and_amounts_of_nothing(client):
    client.force_login(make_person(role="administrator", is_staff=True))
    metric = Metric.objects.get(key="transfer_rate").pk
    values = {"name": "Odd", "days": 14, "improving": metric, "worsening": metric, "improves_by": "0"}
    values |= {"worsens_by": "3", "improving_minimum": "5", "worsening_minimum": "5"}
    values |= {"improves_in": "percent", "worsens_in": "units"}
    page = client.post(reverse("admin:scorecards_watch_add"), values)
    assert set(page.context["adminform"].form.errors) == {"improves_by", "worsening"}
    values |= {"improving": Metric.objects.get(key="average_handle_time").pk, "improves_by": "0:30"}
    assert client.post(reverse("admin:scorecards_watch_add"), values | {"improves_in": "units"}).status_code == 302
    assert Watch.objects.get(name="Odd").improves_by == 30


def test_three_pairs_ship():
    assert Watch.objects.filter(is_active=True).count() == 3
