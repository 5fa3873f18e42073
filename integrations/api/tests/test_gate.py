"""What every call passes: refusals, limits, request ids, and writing once."""

import io
import itertools
import json
import logging
import threading
import uuid

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.http import JsonResponse
from django.test import RequestFactory
from django.utils import timezone

from integrations.api.actions import ANSWERS_KEPT, forget_answers
from integrations.api.gate import gated
from integrations.api.models import Answer, Client, WrittenCall
from people.models import Division

from .factories import Caller, calling, make_client, make_token

pytestmark = pytest.mark.django_db
KEYS = ["message", "code", "status", "contextId", "details", "errors"]


# Refusals -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caller", "method", "path", "expected"),
    [
        (Caller, "GET", "users/me", (401, "authentication.required")),
        (lambda: Caller("wrong"), "GET", "users/me", (401, "bad.credentials")),
        (lambda: calling("agent", scopes=["groups"]), "GET", "users/me", (403, "missing.scopes")),
        (lambda: calling("agent"), "GET", "nothing/here", (404, "not.found")),
        (lambda: calling("agent"), "GET", "", (404, "not.found")),
        (lambda: calling("agent"), "DELETE", "users/me", (405, "method.not.allowed")),
    ],
)
def test_refusal_has_one_shape_and_its_request_id(caller, method, path, expected):
    answer = caller().call(method, path)
    assert (answer.status_code, answer.told["code"]) == expected
    assert list(answer.told) == KEYS
    assert answer.told["status"] == answer.status_code
    assert answer.told["contextId"] == answer["X-Request-Id"] == answer["ININ-Correlation-Id"]
    assert uuid.UUID(answer["X-Request-Id"])


def test_token_in_the_address_is_no_token():
    token = make_token(make_client("agent"))
    assert Caller().get("users/me", access_token=token).status_code == 401


def test_calls_beyond_the_limit_of_a_minute_are_refused_until_it_is_over():
    calls, others = calling("agent", calls_a_minute=2), calling("agent")
    with time_machine.travel("2026-03-04 12:00:20Z", tick=False) as clock:
        answers = [calls.get("users/me") for _ in range(3)]
        assert [each.status_code for each in answers] == [400, 400, 429]
        assert answers[-1]["Retry-After"] == "40"
        assert answers[-1].told["code"] == "too.many.requests"
        assert others.get("users/me").status_code == 400
        clock.shift(40)
        assert calls.get("users/me").status_code == 400


def test_every_line_of_the_log_has_the_request_id(caplog, settings):
    from foundation.pages.request_ids import WithRequestId  # noqa: PLC0415 - only what this test looks at

    caplog.handler.addFilter(WithRequestId())
    with caplog.at_level(logging.INFO, logger="integrations.api.gate"):
        answer = calling("agent", name="Export").get("users/me")
    lines = {
        (record.request_id, record.getMessage().split(" ")[1], record.getMessage().split(", ")[1])
        for record in caplog.records
    }
    assert (f" [{answer['X-Request-Id']}]", "/api/v2/users/me", "Export") in lines
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["refusals", "request id"]


# Once -----------------------------------------------------------------------------------------------------------------


class Desk:
    """A view that writes a division each time it is reached, and says the how manieth it was."""

    def __init__(self, caller_client=None, *, status=200):
        self.count, self.status = itertools.count(1), status
        self.token = make_token(caller_client or make_client("administrator"))
        self.view = gated(self._answer)

    def _answer(self, request):
        number = next(self.count)
        Division.objects.create(name=f"Written {uuid.uuid4()}")
        return JsonResponse({"number": number}, status=self.status)

    def send(self, body='{"a": 1}', *, method="POST", path="/api/v2/things", **headers):
        headers["Authorization"] = f"Bearer {self.token}"
        request = RequestFactory().generic(method, path, body, content_type="application/json", headers=headers)
        answer = self.view(request)
        answer.told = json.loads(answer.content)
        return answer


def written() -> int:
    return Division.objects.filter(name__startswith="Written").count()


def test_same_key_and_call_gets_the_first_answer():
    desk = Desk()
    first, again = (desk.send(**{"Idempotency-Key": "one"}) for _ in range(2))
    assert (first.told, again.told) == ({"number": 1}, {"number": 1})
    assert (first.get("Laurel-Replayed"), again["Laurel-Replayed"]) == (None, "true")
    assert written() == 1
    assert desk.send(**{"Idempotency-Key": "two"}).told == {"number": 2}


def test_same_key_with_another_call_is_refused():
    desk = Desk()
    desk.send(**{"Idempotency-Key": "one"})
    for more in ({"body": "{}"}, {"path": "/api/v2/others"}):
        assert desk.send(**{"Idempotency-Key": "one"}, **more).status_code == 409
    assert written() == 1
    assert desk.send(**{"Idempotency-Key": "k" * 151}).status_code == 400


def test_same_body_within_a_minute_gets_the_first_answer():
    desk = Desk()
    with time_machine.travel("2026-03-04 12:00Z", tick=False) as clock:
        assert [desk.send().told["number"] for _ in range(2)] == [1, 1]
        clock.shift(60)
        assert desk.send()["Laurel-Replayed"] == "true"
        clock.shift(1)
        late = desk.send()
        assert (late.told["number"], late.get("Laurel-Replayed")) == (2, None)
        assert desk.send().told["number"] == 2
    assert written() == 2


def test_same_body_to_another_address_or_of_another_client_is_another_call():
    desk, other = Desk(), Desk()
    desk.send()
    assert desk.send(path="/api/v2/others").told == {"number": 2}
    assert desk.send(path="/api/v2/things?copy=true").told == {"number": 3}
    assert other.send().told == {"number": 1}


def test_client_may_send_the_same_body_twice_on_purpose():
    desk = Desk(make_client("administrator", replays_same_body=False))
    assert [desk.send().told["number"] for _ in range(2)] == [1, 2]


@pytest.mark.parametrize(
    "more",
    [{"method": "PUT"}, {"method": "PATCH"}, {"path": "/api/v2/things/validate"}, {"path": "/api/v2/things/query"}],
)
def test_only_what_a_post_writes_is_remembered(more):
    desk = Desk()
    assert [desk.send(**more).told["number"] for _ in range(2)] == [1, 2]
    assert Answer.objects.count() == 0


def test_refused_call_writes_nothing_and_is_tried_again():
    desk = Desk(status=409)
    assert [desk.send(**{"Idempotency-Key": "one"}).told["number"] for _ in range(2)] == [1, 2]
    assert written() == 0
    assert Answer.objects.count() == 0
    assert list(WrittenCall.objects.values_list("status", flat=True)) == [409, 409]


def test_each_write_leaves_a_row_and_a_repetition_none():
    client = make_client("administrator")
    desk = Desk(client)
    answer = desk.send()
    desk.send()
    desk.send(method="GET")
    [row] = WrittenCall.objects.all()
    assert (row.client, row.person, row.method, row.path, row.status) == (
        client,
        client.person,
        "POST",
        "/api/v2/things",
        200,
    )
    assert str(row.request_id) == answer["X-Request-Id"]


def test_remembered_answers_are_forgotten_after_a_day():
    desk, at = Desk(), timezone.now()
    desk.send()
    assert forget_answers(at=at + ANSWERS_KEPT) == 0
    assert forget_answers(at=at + ANSWERS_KEPT * 2) == 1


def test_answer_is_remembered_once_for_a_key():
    client = make_client()
    row = {"client": client, "key": "one", "digest": "", "at": timezone.now()}
    Answer.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(**row)


@pytest.mark.django_db(transaction=True)
def test_repetition_that_comes_meanwhile_waits_for_the_first():
    """Four at once: one writes, the others get its answer."""
    desk, told = Desk(), []
    begin = threading.Barrier(4)

    def send():
        begin.wait()
        answer = desk.send(**{"Idempotency-Key": "one"})
        told.append((answer.status_code, answer.told["number"], answer.get("Laurel-Replayed")))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(told, key=str) == [(200, 1, "true")] * 3 + [(200, 1, None)]
    assert written() == 1
    assert Client.objects.count() == 1


# Bodies that do not come whole ----------------------------------------------------------------------------------------


class Stalled(io.RawIOBase):
    """A body that never comes."""

    def __init__(self, error: type[OSError]):
        self.error = error

    def read(self, size=-1):
        raise self.error


@pytest.mark.parametrize(("error", "status"), [(ConnectionResetError, 400), (TimeoutError, 408)])
@pytest.mark.parametrize(("method", "path"), [("POST", "gamification/profiles"), ("PUT", "wem/goals/sales")])
def test_body_that_does_not_come_is_told_and_no_mistake_of_ours(method, path, error, status):
    stalled = {"wsgi.input": Stalled(error), "CONTENT_LENGTH": "100"}
    browser = calling("administrator").browser
    answer = browser.generic(method, f"/api/v2/{path}", content_type="application/json", **stalled)
    assert (answer.status_code, "Nothing was kept" in answer.json()["message"]) == (status, True)
