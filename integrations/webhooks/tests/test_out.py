"""Events out: each takes effect once, in order; the circuit opens and closes; nothing leaves for a private address."""

import datetime as dt
import json

import pytest
import urllib3
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from goals.enums import EventType
from goals.models import Event
from goals.tests.factories import make_goal
from integrations.webhooks import actions, sending
from integrations.webhooks.actions import outgoing
from integrations.webhooks.models import Attempt, Delivery, DeliveryState, Endpoint
from integrations.webhooks.rules.addresses import AddressRefused, choose, is_public, split_url
from integrations.webhooks.rules.backoff import PAUSE, STEPS, Circuit
from people.actions import align_staff
from people.models import User
from people.tests.factories import make_person

from .receiver import receiving

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)


@pytest.fixture(autouse=True)
def loopback_allowed(settings):
    settings.LAUREL_WEBHOOK_ALLOW_PRIVATE = True


def make_endpoint(url, **fields):
    return actions.start_endpoint(Endpoint(name="Payroll", url=url, events=list(EventType.values), **fields))


def make_events(count=1, kind=EventType.CLOSED):
    goal = make_goal()
    rows = [Event(type=kind, key=f"{goal.pk}:{n}", goal=goal, payload={"n": n}, at=NOW) for n in range(count)]
    return Event.objects.bulk_create(rows)


def run(*, at=NOW):
    actions.enqueue()
    return actions.deliver(at=at)


def ids(events):
    return [str(event.public_id) for event in events]


@pytest.mark.django_db
def test_deliver_sends_each_event_once_signed_and_in_order():
    with receiving(200) as receiver:
        endpoint = make_endpoint(receiver.url)
        events = make_events(3)
        assert run(at=timezone.now()).delivered == 3
        assert run(at=timezone.now()).delivered == 0
        assert receiver.effects == ids(events)
        receiver.verify(endpoint.secret)
        assert json.loads(receiver.got[0][1])["data"] == {"n": 0}
    attempt = Attempt.objects.first()
    assert (attempt.status, len(attempt.answer)) == (200, 500)


@pytest.mark.django_db
def test_endpoint_is_told_only_of_events_after_it_was_made_and_that_it_wants():
    make_events(1)
    with receiving(200) as receiver:
        endpoint = make_endpoint(receiver.url)
        endpoint.events = [EventType.REWARD_POSTED]
        endpoint.save()
        make_events(1, EventType.CLOSED)
        wanted = make_events(1, EventType.REWARD_POSTED)
        run()
        assert receiver.effects == ids(wanted)


@pytest.mark.django_db
@pytest.mark.parametrize("trouble", [500, 503, "reset", "redirect"])
def test_failed_event_is_sent_again_before_the_next(trouble):
    with receiving(trouble, 200) as receiver:
        make_endpoint(receiver.url)
        events = make_events(2)
        assert run().failed == 1
        assert run().delivered == 0
        assert run(at=NOW + dt.timedelta(seconds=10)).delivered == 2
        assert receiver.effects == ids(events)
        assert [headers["webhook-id"] for headers, *_ in receiver.got] == [ids(events)[0], *ids(events)]


@pytest.mark.django_db
def test_silent_server_counts_as_a_failure(monkeypatch):
    monkeypatch.setattr(sending, "TIMEOUT", urllib3.Timeout(connect=1, read=0.3))
    with receiving("slow") as receiver:
        make_endpoint(receiver.url)
        make_events(1)
        assert run().failed == 1
    assert "ReadTimeout" in Attempt.objects.get().error


@pytest.mark.django_db
def test_server_that_answers_byte_by_byte_counts_as_a_failure(monkeypatch):
    monkeypatch.setattr(sending, "MOST_SECONDS", 0.5)
    with receiving("trickle") as receiver:
        make_endpoint(receiver.url)
        make_events(1)
        assert run() == actions.Sent(failed=1)


@pytest.mark.django_db
def test_circuit_opens_after_three_failures_probes_and_releases_the_queue_in_order():
    with receiving(500, 500, 500, 500, 200) as receiver:
        endpoint = make_endpoint(receiver.url)
        events = make_events(3)
        at = NOW
        for _ in range(3):
            run(at=at)
            at += dt.timedelta(seconds=10)
        endpoint.refresh_from_db()
        assert endpoint.circuit.is_open
        assert run(at=at) == actions.Sent()
        at = endpoint.next_at
        assert run(at=at).failed == 1
        endpoint.refresh_from_db()
        assert endpoint.next_at == at + STEPS[1]
        assert run(at=endpoint.next_at).delivered == 3
        endpoint.refresh_from_db()
        assert not endpoint.circuit.is_open
        assert receiver.effects == ids(events)


@pytest.mark.django_db
def test_gone_switches_the_endpoint_off():
    with receiving(410) as receiver:
        endpoint = make_endpoint(receiver.url)
        make_events(2)
        run()
        endpoint.refresh_from_db()
        assert not endpoint.is_on
        assert run(at=NOW + dt.timedelta(days=9)) == actions.Sent()
        assert len(receiver.got) == 1


@pytest.mark.django_db
def test_claimed_endpoint_is_left_to_its_worker_until_the_lease_ends():
    with receiving(200) as receiver:
        endpoint = make_endpoint(receiver.url)
        make_events(1)
        Endpoint.objects.filter(pk=endpoint.pk).update(leased_until=NOW + dt.timedelta(seconds=30))
        assert run() == actions.Sent()
        assert run(at=NOW + dt.timedelta(seconds=31)).delivered == 1


@pytest.mark.django_db
def test_worker_that_looked_before_another_failed_leaves_the_endpoint_alone(monkeypatch):
    claim = outgoing._claim
    with receiving(500) as receiver:
        endpoint = make_endpoint(receiver.url)
        make_events(1)

        def after_another(each, *, at):
            monkeypatch.setattr(outgoing, "_claim", claim)
            assert actions.deliver(at=at).failed == 1
            return claim(each, at=at)

        monkeypatch.setattr(outgoing, "_claim", after_another)
        assert run() == actions.Sent()
        assert len(receiver.got) == 1
    endpoint.refresh_from_db()
    assert endpoint.failures == 1


@pytest.mark.django_db
def test_worker_that_looked_before_another_failed_counts_on_from_there(monkeypatch):
    claim = outgoing._claim
    with receiving(500) as receiver:
        endpoint = make_endpoint(receiver.url)
        make_events(1)

        def after_another(each, *, at):
            monkeypatch.setattr(outgoing, "_claim", claim)
            assert actions.deliver(at=at - PAUSE).failed == 1
            return claim(each, at=at)

        monkeypatch.setattr(outgoing, "_claim", after_another)
        assert run().failed == 1
    endpoint.refresh_from_db()
    assert endpoint.failures == 2


@pytest.mark.django_db
def test_worker_that_dies_before_it_notes_a_success_sends_the_same_id_again(monkeypatch):
    with receiving(200) as receiver:
        make_endpoint(receiver.url)
        events = make_events(1)
        with monkeypatch.context() as patched:
            patched.setattr(outgoing, "_note", lambda *a, **k: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                run()
        run()
        assert len(receiver.got) == 2
        assert receiver.effects == ids(events)


@pytest.mark.django_db
def test_discarded_deliveries_do_not_go_out():
    with receiving(500, 200) as receiver:
        make_endpoint(receiver.url)
        make_events(2)
        run()
        assert actions.discard(Delivery.objects.all()) == 2
        assert run(at=NOW + dt.timedelta(days=1)) == actions.Sent()
        assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.DISCARDED}
        assert len(receiver.got) == 1


@pytest.mark.django_db
def test_private_address_is_refused_unless_allowed(settings):
    settings.LAUREL_WEBHOOK_ALLOW_PRIVATE = False
    with receiving(200) as receiver:
        make_endpoint(receiver.url)
        make_events(1)
        assert run().failed == 1
        assert receiver.got == []
    assert Attempt.objects.get().error == "the host is not on the public internet"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.8",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",
        "::1",
        "fe80::1",
        "fc00::1",
        "224.0.0.1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "100.64.0.1",
    ],
)
def test_is_public_refuses(address):
    assert not is_public(address)


def test_is_public_allows_the_internet():
    assert is_public("93.184.216.34")
    assert is_public("2606:2800:220:1:248:1893:25c8:1946")


def test_choose_refuses_a_host_with_any_private_address():
    with pytest.raises(AddressRefused):
        choose(["93.184.216.34", "127.0.0.1"], allow_private=False)


@pytest.mark.parametrize("url", ["ftp://a.example/", "https://", "https://me:pw@a.example/", "https://a.example:x/"])
def test_split_url_refuses(url):
    with pytest.raises(AddressRefused):
        split_url(url)


def test_split_url_keeps_path_and_query():
    assert split_url("https://a.example/hook?x=1") == ("https", "a.example", 443, "/hook?x=1")


def test_backoff_grows_to_three_days_and_stays():
    circuit, at, waits = Circuit(), NOW, []
    for _ in range(12):
        circuit = circuit.after_failure(at)
        waits.append(circuit.next_at - at)
    assert waits[2:10] == list(STEPS)
    assert waits[-1] == dt.timedelta(days=3)
    assert circuit.after_success() == Circuit()


@pytest.fixture
def administrator(db):
    person = make_person("Ada", role="administrator")
    align_staff(people=User.objects.all())
    person.refresh_from_db()
    client = Client()
    client.force_login(person)
    return client


def test_admin_makes_an_endpoint_and_shows_its_secret_once(administrator):
    content = {"name": "Payroll", "url": "https://example.com/hook", "events": ["goal.closed"], "is_on": "on"}
    page = administrator.post(reverse("admin:webhooks_endpoint_add"), content, follow=True).content.decode()
    endpoint = Endpoint.objects.get()
    assert endpoint.secret in page
    address = reverse("admin:webhooks_endpoint_change", args=[endpoint.pk])
    assert endpoint.secret not in administrator.get(address).content.decode()


def test_admin_sends_a_sample(administrator):
    with receiving(200) as receiver:
        endpoint = make_endpoint(receiver.url)
        administrator.post(
            reverse("admin:webhooks_endpoint_changelist"), {"action": "send_sample", "_selected_action": endpoint.pk}
        )
        receiver.verify(endpoint.secret)
        assert json.loads(receiver.got[0][1])["type"] == "goal.status_changed"
    assert Attempt.objects.count() == 0


@pytest.mark.parametrize("model", ["endpoint", "delivery"])
def test_admin_lists_cost_the_same_for_one_and_three(administrator, model, django_assert_max_num_queries):
    counts = []
    for _ in range(2):
        for _ in range(1 + len(counts)):
            make_endpoint("https://example.com/")
            make_events(1)
            actions.enqueue()
        address = reverse(f"admin:webhooks_{model}_changelist")
        administrator.get(address)
        with django_assert_max_num_queries(30) as captured:
            administrator.get(address)
        counts.append(len(captured))
    assert counts[0] == counts[1]
