"""What a customer gives reaches the right agent, on the right day, once."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from inbox.models import Notification
from interactions.models import Touch
from interactions.queries import customer_key_of
from ledger.actions import Order, account_of, single_account, transfer
from ledger.enums import AccountKind, Purpose
from ledger.models import Debt, Transfer
from ledger.queries import balance_of
from metrics.models import DayValue, Metric, Reading
from people.tests.factories import make_person
from rewards.thanks import actions
from rewards.thanks.actions import answer, complete_responses, move, resolve, standing_of
from rewards.thanks.enums import Cap, Ending
from rewards.thanks.models import Resolution, Response, Survey, SurveyVersion, Thanks
from rewards.thanks.queries import disputed, orphans
from rewards.thanks.retention import erase
from rewards.thanks.rules.survey import spoken
from rewards.thanks.tests.factories import (
    AT,
    CALLED,
    COFFEE,
    change_survey,
    make_agent,
    make_leg,
    make_response,
    walk,
)
from scorecards.actions import rescore

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def balance(agent) -> int:
    return balance_of(account_of(agent)).available


def said(standing) -> str:
    return spoken(standing.definition, standing.turn, "en", given=standing.is_given)


def test_thanked_agent_is_told_once_with_the_gift_in_every_language():
    agent = make_agent()
    response = make_response(agent)
    walk(response)
    actions.credit(response, at=AT)
    row = Notification.objects.get()
    assert (row.person, row.kind, row.params["points"], row.url) == (agent, "thanks", 40, reverse("desk:points"))
    assert set(row.params["gift"]) >= {"en", "de"}


def test_thanks_is_points_a_transfer_and_the_days_increment():
    agent = make_agent()
    end = walk(make_response(agent))
    thanks = Thanks.objects.get()
    assert (thanks.agent, thanks.workday, thanks.points, thanks.capped) == (agent, AT.date(), 40, "")
    assert balance(agent) == 40
    reading = Reading.objects.get()
    assert (reading.metric.key, reading.agent, reading.workday, reading.value) == (
        "customer_thanks", agent, AT.date(), 40,
    )  # fmt: skip
    assert Touch.objects.filter(agent=agent, workday=AT.date()).exists()
    assert said(end) == "Your reward was handed on: specialty coffee. Thank you for the review. Goodbye."


def test_day_value_is_that_days_points_and_the_next_day_starts_from_zero():
    agent, tomorrow = make_agent(), AT + 24 * HOUR
    walk(make_response(agent))
    walk(make_response(agent), ["1", "1", "1"])
    walk(make_response(agent, started_at=tomorrow, at=tomorrow), ["1", "1", "2"], at=tomorrow)
    rescore(at=tomorrow)
    metric = Metric.objects.get(key="customer_thanks")
    days = DayValue.objects.filter(agent=agent, metric=metric).values_list("workday", "total", "count")
    assert {day: (total, count) for day, total, count in days} == {
        AT.date(): (50, 1),
        tomorrow.date(): (20, 1),
    }


def test_workday_is_that_of_the_agents_zone():
    agent = make_agent(zone="Pacific/Auckland")
    walk(make_response(agent, started_at=dt.datetime(2024, 9, 10, 14, 50, tzinfo=dt.UTC)))
    assert Thanks.objects.get().workday == dt.date(2024, 9, 11)


@pytest.mark.parametrize("after", [dt.datetime(2024, 10, 27, h, 30, tzinfo=dt.UTC) for h in (21, 22, 23)])
def test_workday_over_the_change_of_the_clock(after):
    """In Berlin the 27th has 25 hours: it ends at 23:00 UTC."""
    agent = make_agent(zone="Europe/Berlin")
    make_response(agent, started_at=after, at=after)
    assert Response.objects.get().workday == dt.date(2024, 10, 28 if after.hour == 23 else 27)


def test_who_served_last_is_thanked_though_the_first_was_named():
    first, last = make_agent(), make_agent()
    make_leg(first, "c", number=1, started_at=CALLED - HOUR)
    leg = make_leg(last, "c", number=2, workday=dt.date(2024, 9, 9))
    response = make_response(first, "c")
    assert (response.agent, response.leg, response.workday) == (last, leg, dt.date(2024, 9, 9))


@pytest.mark.parametrize("way", ["public_id", "external_id", "email"])
def test_agent_is_found_by_each_way(way):
    agent = make_agent(external_id="A-77", email="Ada@example.com")
    named = {"public_id": str(agent.public_id), "external_id": "A-77", "email": "ada@EXAMPLE.com"}[way]
    assert make_response(named).agent == agent


def test_beginning_again_finds_the_same_response_where_it_stands():
    agent = make_agent()
    first = make_response(agent, "c")
    walk(first, ["1", "1"])
    again = make_response(agent, "c")
    assert again == first
    assert standing_of(again).number == 3


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_turn_sent_again_changes_nothing(turn):
    agent = make_agent()
    response = make_response(agent)
    for number, key in enumerate(COFFEE, start=1):
        first = answer(response, turn=number, key=key, at=AT)
        if number == turn:
            again = answer(response, turn=number, key=key, at=AT + HOUR)
            assert (again.turn, again.number, said(again)) == (first.turn, first.number, said(first))
    assert (balance(agent), Thanks.objects.count(), Transfer.objects.count()) == (40, 1, 1)


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_turn_sent_again_with_another_key_is_refused(turn):
    response = make_response(make_agent())
    walk(response)
    with pytest.raises(actions.TurnIsAnswered):
        answer(response, turn=turn, key="2", at=AT)
    assert Thanks.objects.get().points == 40


def test_turn_that_has_not_come_is_refused():
    response = make_response(make_agent())
    with pytest.raises(actions.TurnIsAhead):
        answer(response, turn=2, key="1", at=AT)
    walk(response, ["5"])
    with pytest.raises(actions.TurnIsAhead):
        answer(response, turn=2, key="1", at=AT)


def test_survey_without_an_end_keeps_what_was_answered():
    response = make_response(make_agent())
    walk(response, ["2", "1", "9", "", "x"])
    response.refresh_from_db()
    assert (response.ending, response.recommend, response.wants_reward) == (Ending.GAVE_UP, 2, True)
    assert not Thanks.objects.exists()


def test_effect_is_all_or_nothing(monkeypatch):
    agent = make_agent()
    response = make_response(agent)
    walk(response, ["1", "1"])
    monkeypatch.setattr(actions, "record_readings", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        answer(response, turn=3, key="4", at=AT)
    assert (balance(agent), Thanks.objects.count(), response.answers.count()) == (0, 0, 2)
    monkeypatch.undo()
    assert answer(response, turn=3, key="4", at=AT).is_given
    assert balance(agent) == 40


def test_interaction_is_thanked_once_in_the_database():
    response = make_response(make_agent(), "c")
    fields = {"version": response.version, "way": "link", "language": "en", "started_at": AT, "asked_at": AT}
    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.create(source="calls", external_id="c", **fields)


# Caps -------------------------------------------------------------------------------------------------------------


def test_day_cap_keeps_the_thanks_without_points_and_without_a_promise():
    change_survey(day_points=70)
    agent = make_agent()
    walk(make_response(agent))
    end = walk(make_response(agent))
    thanks = Thanks.objects.first()
    assert (thanks.points, thanks.capped, thanks.transfer) == (0, Cap.DAY, None)
    assert (balance(agent), Reading.objects.count()) == (40, 1)
    assert said(end) == "Thank you for the review. Goodbye."
    walk(make_response(agent), ["1", "1", "3"])
    assert balance(agent) == 70


def test_customer_cap_holds_for_all_agents_and_ends():
    first, second = make_agent(), make_agent()
    walk(make_response(first, customer="+49 30 1"))
    walk(make_response(second, customer="+49 30 1"))
    walk(make_response(second, customer="+49 30 2"))
    assert (balance(first), balance(second)) == (40, 40)
    later = AT + 25 * HOUR
    walk(make_response(second, customer="+49 30 1", started_at=later, at=later), at=later)
    assert balance(second) == 80


def test_customers_number_is_kept_as_a_hash_only():
    response = make_response(make_agent(), customer="+49 30 1")
    assert response.customer_key == customer_key_of("+49 30 1") != "+49 30 1"


def test_customer_cap_holds_however_the_number_is_written(settings):
    """The call log brought one way of writing, the telephone another."""
    settings.LAUREL_PHONE_REGION = "DE"
    agent = make_agent()
    make_leg(agent, "log", customer_key=customer_key_of("030 123456"))
    walk(make_response(agent, "log"))
    walk(make_response(agent, customer="+4930123456"))
    assert balance(agent) == 40


def test_callers_who_show_no_number_are_no_one_customer():
    agent = make_agent()
    for _ in range(2):
        walk(make_response(agent, customer="anonymous"))
    assert balance(agent) == 80


# Interactions and agents that are not known yet ----------------------------------------------------------------------


def test_unknown_agent_is_an_orphan_that_promises_nothing():
    end = walk(make_response("nobody@example.com"))
    assert said(end) == "Thank you for the review. Goodbye."
    assert [response.named for response in orphans()] == ["nobody@example.com"]
    assert not Thanks.objects.exists()


def test_import_completes_a_stub_and_credits_whoever_served_last():
    walk(make_response("", "c"))
    first, last = make_agent(), make_agent()
    make_leg(first, "c", number=1, started_at=CALLED - HOUR)
    make_leg(last, "c", number=2, workday=dt.date(2024, 9, 9), customer_key="k")
    assert complete_responses(at=AT + HOUR) == 1
    thanks = Thanks.objects.get()
    assert (thanks.agent, thanks.workday, thanks.points, thanks.response.customer_key) == (
        last,
        dt.date(2024, 9, 9),
        40,
        "k",
    )
    assert complete_responses(at=AT + HOUR) == 0
    assert not orphans()


def test_import_completes_a_stub_of_a_known_agent_without_a_second_thanks():
    agent = make_agent()
    response = make_response(agent, "c")
    walk(response)
    leg = make_leg(agent, "c")
    assert complete_responses(at=AT + HOUR) == 1
    response.refresh_from_db()
    assert (response.leg, balance(agent), Thanks.objects.count()) == (leg, 40, 1)


def test_leg_of_somebody_else_leaves_the_stub_open():
    """The named agent's own leg is still to come."""
    first, named = make_agent(), make_agent()
    response = make_response(named, "c")
    make_leg(first, "c")
    assert complete_responses(at=AT + HOUR) == 0
    response.refresh_from_db()
    assert (response.leg, response.agent) == (None, named)


def test_call_log_that_names_another_last_agent_leaves_it_to_a_person():
    first, last = make_agent(), make_agent()
    walk(make_response(first, "c"))
    make_leg(first, "c", number=1, started_at=CALLED - HOUR)
    make_leg(last, "c", number=2)
    complete_responses(at=AT + HOUR)
    assert (balance(first), balance(last)) == (40, 0)
    assert [response.external_id for response in disputed()] == ["c"]


def test_named_agent_without_a_leg_is_disputed_after_two_days():
    first, named = make_agent(), make_agent()
    walk(make_response(named, "c"))
    make_leg(first, "c")
    complete_responses(at=AT + 49 * HOUR)
    assert [(each.agent, each.leg.agent) for each in disputed()] == [(named, first)]


@pytest.fixture
def dispute():
    """(response, whom it reached, who served last by the call log, the day before)."""
    first, last = make_agent(), make_agent()
    response = make_response(first, "c", customer="+49")
    walk(response)
    make_leg(first, "c", number=1, started_at=CALLED - 24 * HOUR)
    make_leg(last, "c", number=2, workday=dt.date(2024, 9, 9))
    complete_responses(at=AT + HOUR)
    return response, first, last


def test_move_takes_back_and_gives_once(dispute):
    response, first, last = dispute
    move(response, reason="The log is right.", by=make_person(), at=AT + HOUR)
    assert (balance(first), balance(last)) == (0, 40)
    told = Notification.objects.order_by("pk").values_list("person", "kind")
    assert list(told) == [(first.pk, "thanks"), (first.pk, "reward_reversed"), (last.pk, "thanks")]
    assert [(thanks.agent, thanks.workday) for thanks in Thanks.objects.standing()] == [(last, dt.date(2024, 9, 9))]
    rescore(at=AT + HOUR)
    days = DayValue.objects.filter(metric__key="customer_thanks").values_list("agent", "workday", "total")
    assert set(days) == {(first.pk, AT.date(), 0), (last.pk, dt.date(2024, 9, 9), 40)}
    with pytest.raises(actions.AlreadyResolved):
        move(response, reason="Again.", by=make_person(), at=AT + HOUR)
    assert not disputed()
    assert standing_of(response).is_given


def test_move_of_what_was_spent_leaves_a_debt(dispute):
    response, first, last = dispute
    spent = Order(account_of(first), single_account(AccountKind.SPENT), 30, "spent", Purpose.REDEMPTION)
    transfer(spent, by=None, at=AT)
    move(response, reason="The log is right.", by=make_person(), at=AT + HOUR)
    assert (balance(first), balance(last)) == (0, 40)
    assert Debt.objects.get().points == 30


@pytest.mark.parametrize("who", [1, 2])
def test_move_is_not_for_those_concerned(dispute, who):
    with pytest.raises(actions.NotYourself):
        move(dispute[0], reason="Mine.", by=dispute[who], at=AT + HOUR)
    assert (balance(dispute[1]), balance(dispute[2])) == (40, 0)


def test_response_has_one_first_thanks_in_the_database():
    walk(make_response(make_agent()))
    given = Thanks.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Thanks.objects.create(
            response=given.response, agent=given.agent, workday=given.workday, points=0, capped="day", at=AT
        )


def test_survey_in_progress_follows_the_call_log():
    first, last = make_agent(), make_agent()
    response = make_response(first, "c")
    answer(response, turn=1, key="1", at=AT)
    make_leg(first, "c", number=1, started_at=CALLED - HOUR)
    make_leg(last, "c", number=2)
    complete_responses(at=AT + HOUR)
    answer(response, turn=2, key="1", at=AT)
    answer(response, turn=3, key="1", at=AT)
    assert (balance(first), balance(last)) == (0, 10)


def test_resolve_credits_whom_a_person_names_once():
    response = make_response("nobody@example.com", "c")
    walk(response)
    agent, reviewer = make_agent(), make_person(role="compliance_reviewer")
    resolve(response, agent=agent, reason="Asked the team.", by=reviewer, at=AT + HOUR)
    assert (balance(agent), Thanks.objects.get().agent) == (40, agent)
    with pytest.raises(actions.AlreadyResolved):
        resolve(response, agent=make_agent(), reason="Another.", by=reviewer, at=AT + HOUR)
    make_leg(make_agent(), "c")
    complete_responses(at=AT + HOUR)
    assert Thanks.objects.count() == 1


def test_resolve_to_nobody_keeps_it_out_of_the_queue_for_good():
    response = make_response("nobody@example.com", "c")
    walk(response)
    resolve(response, agent=None, reason="A test call.", by=make_person(), at=AT)
    make_leg(make_agent(), "c")
    complete_responses(at=AT + HOUR)
    assert not orphans()
    assert not Thanks.objects.exists()


def test_resolve_to_oneself_is_refused():
    response = make_response("nobody@example.com")
    walk(response)
    agent = make_agent()
    with pytest.raises(actions.NotYourself):
        resolve(response, agent=agent, reason="It was me.", by=agent, at=AT)
    assert not Resolution.objects.exists()


# Versions ---------------------------------------------------------------------------------------------------------


def test_survey_that_has_begun_goes_on_as_it_began():
    response = make_response(make_agent())
    change_survey(leads_on_to=1)
    assert not answer(response, turn=1, key="3", at=AT).turn.is_over
    assert walk(make_response(make_agent()), ["3"]).turn.is_over


def test_survey_of_the_division_comes_before_the_one_for_all():
    agent = make_agent()
    shipped = SurveyVersion.objects.get()
    division = agent.division_assignments.get().division
    own = Survey.objects.create(name="Own", division=division)
    SurveyVersion.objects.create(survey=own, from_on=dt.date(2024, 1, 1), content=shipped.content, at=AT)
    assert make_response(agent).version.survey == own
    assert make_response(make_agent()).version == shipped


def test_survey_that_is_off_does_not_begin():
    Survey.objects.update(is_on=False)
    with pytest.raises(actions.NoSurvey):
        make_response(make_agent())


@pytest.mark.parametrize("started_at", [AT + HOUR, AT - dt.timedelta(days=61)])
def test_interaction_of_an_impossible_time_is_refused(started_at):
    with pytest.raises(actions.NotThatMoment):
        make_response(make_agent(), started_at=started_at)


def test_erasing_takes_the_reasons_of_decisions_about_the_person():
    agent, other, reviewer = make_agent(), make_agent(), make_person()
    for whom in (agent, other):
        response = make_response("nobody@example.com")
        walk(response)
        resolve(response, agent=whom, reason=f"Asked {whom.name}.", by=reviewer, at=AT + HOUR)
    erase(agent, at=AT + 2 * HOUR)
    assert dict(Resolution.objects.values_list("agent", "reason")) == {agent.pk: "", other.pk: f"Asked {other.name}."}
    assert Thanks.objects.count() == 2
