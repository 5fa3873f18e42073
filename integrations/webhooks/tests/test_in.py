"""Events in: signed, once, and only what the source confirms reaches the one goal that was linked."""

import contextlib
import datetime as dt
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from standardwebhooks.webhooks import Webhook

from goals.actions import close_periods, reconcile
from goals.enums import Counted, GoalStatus
from goals.models import Goal, Payout, ReportedResult, Snapshot
from goals.tests.factories import CLOSE, SEPTEMBER, finish, give, make_member, make_metric, make_team, make_terms
from integrations.webhooks.actions import incoming
from integrations.webhooks.models import GoalLink, Handling, Report, ReportState, Source
from ledger.models import Transfer
from people.actions import align_staff
from people.models import TeamMembership, User
from people.tests.factories import make_person


def now():
    """The clock that receiving reads: asked when a test runs, which may be long after it was collected."""
    return dt.datetime.now(dt.UTC)


EVENT = {"goalId": "their-goal", "teamId": "7", "previousStatus": "ON_TRACK", "currentStatus": "ACHIEVED"}
EVENT |= {"evaluationPeriod": "2024-09", "metricValue": 284.5, "timestamp": "2024-10-01T03:00:00Z"}


@pytest.fixture(autouse=True)
def loopback_allowed(settings):
    settings.LAUREL_WEBHOOK_ALLOW_PRIVATE = True


@contextlib.contextmanager
def answering(*answers):
    """A status address; each answer is a dict, a status, `slow` or `reset`, the last one repeats."""
    answers, asked = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers.get("authorization")))
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if answer == "reset":
                self.connection.close()
                return
            self.send_response(answer if isinstance(answer, int) else 200)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/goals/{{goalId}}/status?period={{period}}", asked
    finally:
        server.shutdown()
        server.server_close()


LOCKED = {"snapshotLocked": True, "metricValue": 284.5, "evaluatedAt": "2024-10-01T02:00:00Z"}


def make_source(url="https://example.com/{goalId}/{period}", **fields):
    return incoming.start_source(Source(name="Workforce", status_url=url, **fields))


def make_reported_goal(*, members=2):
    team = make_team()
    goal = Goal.objects.create(
        name="Reported", team=team, counted=Counted.REPORTED, starts_on=SEPTEMBER, created_at=CLOSE
    )
    make_terms(goal, achieved=285, points=40)
    people, metric = [make_member(team) for _ in range(members)], make_metric()
    for person in people:
        give(person, metric, 1, days=20)
    finish(team.division)
    return goal, people


def link(source, goal):
    return GoalLink.objects.create(source=source, external_id="their-goal", goal=goal, at=now())


def send(source, content=None, *, event_id="e-1", at=None, secret=None, body=None):
    body = json.dumps(EVENT | (content or {})) if body is None else body
    at = at or dt.datetime.now(dt.UTC)
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret or source.secret).sign(event_id, at, body),
    }
    url = reverse("webhooks:receive", args=[source.public_id])
    return Client().post(url, body, content_type="application/json", headers=headers)


def points_of(people):
    return [sum(row.points for row in Transfer.objects.filter(credit__person=person, kind="post")) for person in people]


@pytest.mark.django_db
def test_reported_and_locked_status_pays_the_linked_goal_once():
    goal, people = make_reported_goal()
    with answering(LOCKED) as (url, asked):
        source = make_source(url, status_token="t0k")
        link(source, goal)
        assert send(source).status_code == 202
        assert send(source).status_code == 202
        assert incoming.ask_sources(at=now() + dt.timedelta(minutes=1)).taken == 1
        assert incoming.ask_sources(at=now() + dt.timedelta(minutes=2)).taken == 0
    assert asked == [("/goals/their-goal/status?period=2024-09", "Bearer t0k")]
    assert Payout.objects.count() == 0
    assert [each.status for each in close_periods(at=CLOSE).closed] == [GoalStatus.ACHIEVED]
    assert close_periods(at=CLOSE).closed == []
    reconcile(at=CLOSE + dt.timedelta(hours=73))
    reconcile(at=CLOSE + dt.timedelta(days=30))
    assert points_of(people) == [40, 40]
    snapshot = Snapshot.objects.get()
    assert (float(snapshot.value), snapshot.period) == (284.5, "2024-09")


@pytest.mark.django_db
def test_goal_without_a_report_does_not_close():
    make_reported_goal()
    assert close_periods(at=CLOSE).closed == []


@pytest.mark.django_db
def test_reported_status_that_pays_nothing_closes_without_points():
    goal, _people = make_reported_goal()
    with answering(LOCKED) as (url, _asked):
        source = make_source(url)
        link(source, goal)
        send(source, {"currentStatus": "AT_RISK"})
        incoming.ask_sources(at=now() + dt.timedelta(minutes=1))
    assert [(each.status, each.points) for each in close_periods(at=CLOSE).closed] == [(GoalStatus.AT_RISK, 0)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"secret": "whsec_" + "A" * 32}, "secret"),
        ({"minutes": -6}, "seconds from now"),
        ({"minutes": 6}, "seconds from now"),
    ],
)
def test_forged_or_replayed_event_is_refused(change, sentence):
    change = dict(change)
    if minutes := change.pop("minutes", 0):
        change = {"at": now() + dt.timedelta(minutes=minutes)}
    answer = send(make_source(), **change)
    assert answer.status_code == 401
    assert sentence in answer.json()["message"]
    assert not Report.objects.exists()


@pytest.mark.django_db
def test_changed_body_is_refused():
    source, at = make_source(), dt.datetime.now(dt.UTC)
    signature = Webhook(source.secret).sign("e", at, json.dumps(EVENT))
    headers = {"webhook-id": "e", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}
    body = json.dumps(EVENT | {"goalId": "another"})
    url = reverse("webhooks:receive", args=[source.public_id])
    assert Client().post(url, body, content_type="application/json", headers=headers).status_code == 401


@pytest.mark.django_db
def test_old_secret_holds_for_a_week():
    source = make_source()
    old = source.secret
    incoming.renew_secret(source, at=now())
    assert send(source, secret=old, event_id="a").status_code == 202
    assert send(source, event_id="b").status_code == 202
    Source.objects.update(old_secret_until=now() - dt.timedelta(seconds=1))
    assert send(source, secret=old, event_id="c").status_code == 401


@pytest.mark.django_db
def test_same_id_with_other_content_is_refused():
    source = make_source()
    assert send(source).status_code == 202
    assert send(source, {"currentStatus": "BEHIND"}).status_code == 409
    assert Report.objects.get().status == GoalStatus.ACHIEVED


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        "no json",
        "[1]",
        "NaN",
        "[" * 10_000,
        json.dumps(EVENT | {"goalId": None}),
        json.dumps(EVENT | {"goalId": "a\u0000"}),
        json.dumps(EVENT | {"currentStatus": "WON"}),
        json.dumps(EVENT | {"evaluationPeriod": "2024-13"}),
        json.dumps(EVENT | {"evaluationPeriod": "2024-09-01..2024-09-09"}),
        json.dumps(EVENT | {"metricValue": "much"}),
        json.dumps(EVENT | {"metricValue": 1e300}),
    ],
)
def test_event_that_cannot_be_read_says_why(body):
    answer = send(make_source(), body=body)
    assert answer.status_code == 422
    assert answer.json()["message"]


@pytest.mark.django_db
def test_large_event_and_unknown_source_are_refused():
    source = make_source()
    assert send(source, body=" " * 70_000).status_code == 413
    source.is_on = False
    source.save()
    assert send(source).status_code == 404


@pytest.mark.django_db
def test_fields_may_stand_in_data_and_text_that_no_database_takes_is_kept_harmless():
    body = json.dumps({"type": "goal.status_changed", "data": EVENT, "note": "\u0000 \ud800"})
    assert send(make_source(), body=body).status_code == 202
    assert "their-goal" in Report.objects.get().body


@pytest.mark.django_db
def test_event_for_a_goal_that_is_not_linked_waits_for_a_person_and_asks_nobody():
    source = make_source()
    assert send(source).json()["state"] == ReportState.MANUAL
    assert incoming.ask_sources(at=now() + dt.timedelta(minutes=1)) == incoming.Asked()


@pytest.mark.django_db
@pytest.mark.parametrize("answer", [{"snapshotLocked": False}, {"locked": 1}, 500, 302, "reset"])
def test_report_that_is_not_confirmed_waits_and_then_a_person_is_asked(answer):
    goal, _people = make_reported_goal()
    with answering(answer) as (url, _asked):
        source = make_source(url)
        link(source, goal)
        send(source)
        at = now() + dt.timedelta(minutes=1)
        assert incoming.ask_sources(at=at).waiting == 1
        assert incoming.ask_sources(at=at).waiting == 0
        assert incoming.ask_sources(at=at + dt.timedelta(minutes=6)).waiting == 1
        assert incoming.ask_sources(at=at + dt.timedelta(days=2)).manual == 1
    assert Report.objects.get().tries == 3
    assert not ReportedResult.objects.exists()


@pytest.mark.django_db
def test_later_lock_is_taken():
    goal, _people = make_reported_goal()
    with answering({"snapshotLocked": False}, LOCKED) as (url, _asked):
        source = make_source(url)
        link(source, goal)
        send(source)
        incoming.ask_sources(at=now() + dt.timedelta(minutes=1))
        assert incoming.ask_sources(at=now() + dt.timedelta(hours=1)).taken == 1


@pytest.mark.django_db
@pytest.mark.parametrize("other", [{"metricValue": 300}, {"currentStatus": "BEHIND"}])
def test_source_that_says_something_else_by_now_goes_to_a_person(other):
    goal, _people = make_reported_goal()
    with answering(LOCKED | other) as (url, _asked):
        source = make_source(url)
        link(source, goal)
        send(source)
        assert incoming.ask_sources(at=now() + dt.timedelta(minutes=1)).manual == 1
    assert not ReportedResult.objects.exists()


@pytest.mark.django_db
def test_second_status_for_a_period_never_pays_again():
    goal, people = make_reported_goal()
    with answering({"snapshotLocked": True}) as (url, _asked):
        source = make_source(url)
        link(source, goal)
        send(source)
        incoming.ask_sources(at=now() + dt.timedelta(minutes=1))
        close_periods(at=CLOSE)
        send(source, {"currentStatus": "BEHIND"}, event_id="e-2")
        send(source, event_id="e-3")
        done = incoming.ask_sources(at=now() + dt.timedelta(minutes=2))
    assert (done.manual, done.taken) == (1, 1)
    assert close_periods(at=CLOSE).closed == []
    assert Payout.objects.count() == len(people)


@pytest.mark.django_db
def test_address_that_is_not_public_is_not_asked(settings):
    settings.LAUREL_WEBHOOK_ALLOW_PRIVATE = False
    goal, _people = make_reported_goal()
    source = make_source("http://127.0.0.1:1/{goalId}/{period}")
    link(source, goal)
    send(source)
    assert incoming.ask_sources(at=now() + dt.timedelta(minutes=1)).waiting == 1
    assert "public internet" in Handling.objects.get().answer


@pytest.mark.django_db(transaction=True)
def test_eight_posts_at_once_are_one_report():
    source = make_source()

    def post(_number):
        try:
            return send(source).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(post, range(8))) == {202}
    assert Report.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_ask_once():
    goal, _people = make_reported_goal()
    with answering(LOCKED) as (url, asked):
        source = make_source(url)
        link(source, goal)
        send(source)

        def work(_number):
            try:
                return incoming.ask_sources(at=now() + dt.timedelta(minutes=1)).taken
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            assert sum(pool.map(work, range(2))) == 1
    assert len(asked) == 1


@pytest.mark.django_db
def test_worker_that_dies_after_asking_asks_again(monkeypatch):
    goal, _people = make_reported_goal()
    with answering(LOCKED) as (url, asked):
        source = make_source(url)
        link(source, goal)
        send(source)
        with monkeypatch.context() as patch:
            patch.setattr(incoming, "take", lambda *args, **kwargs: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                incoming.ask_sources(at=now() + dt.timedelta(minutes=1))
        assert incoming.ask_sources(at=now() + dt.timedelta(minutes=1)).taken == 0
        assert incoming.ask_sources(at=now() + dt.timedelta(minutes=3)).taken == 1
    assert len(asked) == 2
    assert ReportedResult.objects.count() == 1


# The manual queue ------------------------------------------------------------------------------------------------


@pytest.fixture
def administrator(db):
    person = make_person("Ada", role="administrator")
    align_staff(people=User.objects.all())
    person.refresh_from_db()
    client = Client()
    client.force_login(person)
    client.user = person
    return client


def decide(client, action, report, reason=""):
    data = {"action": action, "_selected_action": [report.pk], "reason": reason}
    return client.post(reverse("admin:webhooks_report_changelist"), data, follow=True)


@pytest.mark.django_db
def test_person_takes_a_report_with_a_reason(administrator):
    goal, _people = make_reported_goal()
    source = make_source()
    send(source)
    report = Report.objects.get()
    decide(administrator, "accept", report)
    assert not ReportedResult.objects.exists()
    decide(administrator, "accept", report, "They confirmed by telephone")
    assert Report.objects.get().why == "No goal here is linked to this one."
    link(source, goal)
    decide(administrator, "accept", report, "They confirmed by telephone")
    assert Report.objects.get().state == ReportState.TAKEN
    assert Handling.objects.first().by == administrator.user
    assert ReportedResult.objects.get().goal == goal


@pytest.mark.django_db
def test_nobody_takes_a_report_that_pays_themselves(administrator):
    goal, _people = make_reported_goal()
    source = make_source()
    send(source)
    link(source, goal)
    TeamMembership.objects.create(team=goal.team, person=administrator.user, from_on=SEPTEMBER)
    decide(administrator, "accept", Report.objects.get(), "Because")
    assert not ReportedResult.objects.exists()


@pytest.mark.django_db
def test_person_asks_again_or_discards(administrator):
    source = make_source()
    send(source)
    report = Report.objects.get()
    decide(administrator, "discard", report)
    assert Report.objects.get().state == ReportState.MANUAL
    decide(administrator, "ask_again", report)
    assert Report.objects.get().state == ReportState.WAITING
    Report.objects.update(state=ReportState.MANUAL)
    decide(administrator, "discard", report, "A test of theirs")
    assert (Report.objects.get().state, Report.objects.get().why) == (ReportState.DISCARDED, "A test of theirs")


@pytest.mark.django_db
def test_source_is_made_in_the_admin_and_shows_its_secret_once(administrator):
    url = reverse("admin:webhooks_source_add")
    data = {"name": "Workforce", "status_url": "http://127.0.0.1/{goalId}/{period}", "window_seconds": 300}
    data |= {"patience_hours": 24, "is_on": "on", "links-TOTAL_FORMS": 0, "links-INITIAL_FORMS": 0}
    page = administrator.post(url, data | {"status_url": "http://127.0.0.1/status"}, follow=True)
    assert "{goalId}" in page.content.decode()
    page = administrator.post(url, data, follow=True)
    assert Source.objects.get().secret in page.content.decode()
    page = administrator.get(reverse("admin:webhooks_source_change", args=[Source.objects.get().pk]))
    assert Source.objects.get().secret not in page.content.decode()
