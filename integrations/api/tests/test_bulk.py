"""Interactions in bulk: a file in one call, a job to poll, the pipeline of the imports page."""

import datetime as dt
import gzip
import io
import json
import tracemalloc
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from integrations.api import receiving
from integrations.api.models import WrittenCall
from integrations.imports.actions import save_mapping, start
from integrations.imports.actions.uploads import sweep
from integrations.imports.enums import Status
from integrations.imports.models import Import, Mapping
from integrations.imports.tasks import run_imports
from integrations.imports.tests.factories import MAPPING
from interactions.models import Leg, Touch
from people.models import User
from people.tests.factories import make_division, make_person

from .factories import Caller, calling

pytestmark = pytest.mark.django_db
BULK = "interactions/bulk"
JSONL, CSV = "application/x-ndjson", "text/csv"
AT = "2026-03-02T09:15:00Z"


@pytest.fixture
def north():
    return make_division("North")


@pytest.fixture
def south():
    return make_division("South")


@pytest.fixture
def alice(north):
    return make_person("Alice", email="alice@example.com", external_id="A1", division=north)


@pytest.fixture
def charlie(south):
    return make_person("Charlie", email="charlie@example.com", external_id="C1", division=south)


@pytest.fixture
def everywhere() -> Caller:
    return calling("administrator", replays_same_body=False)


@pytest.fixture
def northern(north) -> Caller:
    return calling("administrator", north, replays_same_body=False)


def send(caller, body, kind=JSONL, query="", **more):
    """A call with a body of bytes; `more` are entries of the WSGI environment or headers."""
    headers = {name: value for name, value in more.items() if "-" in name}
    environment = {"CONTENT_TYPE": kind} | {name: value for name, value in more.items() if "-" not in name}
    answer = caller.browser.generic(
        "POST", f"/api/v2/{BULK}{query}", body, content_type=kind, headers=headers, **environment
    )
    answer.told = json.loads(answer.content)
    return answer


def lines(*rows) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def call(number, agent="A1", **more) -> dict:
    return {"id": f"c{number}", "agent_id": agent, "started_at": AT, "talk": 120.5, "answered": True} | more


def ended(caller, answer) -> dict:
    """What the job says once a worker has done it."""
    assert answer.status_code == 202, answer.told
    run_imports()
    told = caller.get(answer.told["selfUri"])
    assert told.status_code == 200
    return told.told


def counts(job) -> tuple:
    told = job["counts"]
    return (told["new"], told["changed"], told["unchanged"], told["refused"])


def kept_files() -> list:
    root = Path(default_storage.path("imports"))
    return [path.name for path in root.rglob("*") if path.is_file()] if root.exists() else []


def test_json_lines_go_in_as_a_job(everywhere, alice):
    answer = send(everywhere, lines(call(1), call(2, agent=str(alice.public_id), queue="Sales", rating=4)))
    assert answer.told["state"] == "Queued"
    assert answer.told["counts"] == dict.fromkeys(
        ("read", "taken", "new", "changed", "unchanged", "leftOut", "refused"), 0
    )
    assert Leg.objects.count() == 0
    job = ended(everywhere, answer)
    assert (job["state"], job["percent"], counts(job)) == ("Done", 100, (2, 0, 0, 0))
    assert (job["firstWorkday"], job["lastWorkday"]) == ("2026-03-02", "2026-03-02")
    assert job["report"]["entities"] == []
    one, two = Leg.objects.order_by("external_id")
    assert (one.agent, one.talk_seconds, one.answered) == (alice, Decimal("120.5"), True)
    assert one.started_at == dt.datetime(2026, 3, 2, 9, 15, tzinfo=dt.UTC)
    assert (two.agent, two.queue.name, two.rating) == (alice, "Sales", 4)
    assert Touch.objects.filter(agent=alice).exists()
    assert kept_files() == []


def test_csv_goes_in_by_its_names(everywhere, alice):
    body = f"id;agent_email;started_at;talk\nc1;ALICE@example.com;{AT};0:02:00\n"
    job = ended(everywhere, send(everywhere, body.encode("cp1252"), "text/csv; charset=cp1252"))
    assert counts(job) == (1, 0, 0, 0)
    assert Leg.objects.get().agent == alice


def test_saved_mapping_reads_a_file_of_other_names(everywhere, alice):
    save_mapping(name="Phone", text=MAPPING.replace(", unknown: create", ""), at=timezone.now())
    job = ended(
        everywhere, send(everywhere, b"Id,Agent,Start,Talk\n1,Alice,2026-03-02 09:15,20\n", CSV, "?mapping=Phone")
    )
    assert (job["mapping"], counts(job)) == ("Phone", (1, 0, 0, 0))
    assert Leg.objects.get().source == "test"
    for name, kind in (("Nothing", None), ("Scores", "evaluations")):
        if kind:
            Mapping.objects.create(name=name, kind=kind, text="kind: evaluations", saved_at=timezone.now())
        assert send(everywhere, b"Id\n1\n", CSV, f"?mapping={name}").status_code == 400


def test_packed_body_is_unpacked_also_in_parts(everywhere, alice):
    body = gzip.compress(lines(call(1))) + gzip.compress(lines(call(2)))
    assert counts(ended(everywhere, send(everywhere, body, **{"Content-Encoding": "gzip"}))) == (2, 0, 0, 0)


def test_broken_rows_are_reported_with_their_lines_and_the_rest_goes_in(everywhere, alice):
    body = (
        lines(call(1))
        + b'{"id": c2}\n\xff\n[1]\n\n'
        + lines(call(3, agent="nobody"), call(4, talk="long"), call(1), call(5, tlak=1), call(6, queue={"id": 1}))
    )
    job = ended(everywhere, send(everywhere, body))
    assert counts(job) == (1, 0, 0, 8)
    assert job["counts"]["read"] == 9
    assert [(row["line"], row.get("column"), row["reason"]) for row in job["report"]["entities"]] == [
        (2, None, "the line is no JSON object (Expecting value, at character 8)"),
        (3, None, "the line is not UTF-8"),
        (4, None, "the line is no JSON object, as {…} is"),
        (6, "agent", "there is no person with this id; `unknown: create` under `agent:` would make one"),
        (7, "talk", "is not a duration"),
        (8, None, "an earlier row of this file has this id; where rows are legs of one contact, say `leg:`"),
        (9, "tlak", "there is no such field; did you mean “talk”?"),
        (10, "queue", "is neither a text nor a number nor true or false"),
    ]
    assert job["report"]["entities"][3]["value"] == "nobody"
    page = everywhere.get(job["selfUri"], pageSize=3, pageNumber=2).told["report"]
    assert ([row["line"] for row in page["entities"]], page["total"], page["pageCount"]) == ([6, 7, 8], 8, 3)


def test_job_is_the_one_of_the_imports_page(everywhere, alice, client):
    answer = send(everywhere, lines(call(1), call(2, agent="nobody")))
    job = ended(everywhere, answer)
    client.force_login(make_person("Ada", role="administrator"))
    page = client.get(f"/imports/{job['id']}/").content.decode()
    assert job["report"]["entities"][0]["reason"].split(";")[0] in page
    assert "interactions.jsonl" in client.get("/imports/").content.decode()


# Refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind", "more", "status", "says"),
    [
        (b"", JSONL, {}, 400, "The body is empty."),
        (b"{}\n", "application/json", {}, 415, "Content-Type is one of"),
        (b"{}\n", JSONL, {"Content-Encoding": "br"}, 415, "Content-Encoding is one of"),
        (b"no json\n", JSONL, {}, 400, "“id” must be there; “started_at” must be there"),
        (b'["id", "agent_id", "started_at"]\n', JSONL, {}, 400, "the line is no JSON object, as {…} is"),
        (lines({"id": "1", "started_at": AT}), JSONL, {}, 400, "say whose the interactions are"),
        (lines({"id": "1", "agent_id": "A1"}), JSONL, {}, 400, "“started_at” must be there"),
        (b"id,agent_id,start\n1,A1,x\n", CSV, {}, 400, "no field “start”; did you mean “started_at”?"),
        (b"id,agent_id,started_at\n1,A1,soon\n", CSV, {}, 400, "none of the first 1 rows can be read"),
        (b"id,agent_id,started_at\n", CSV, {}, 400, "holds no rows"),
        (b"PK\x03\x04", CSV, {}, 400, "is an Excel workbook"),
        (b"plain", JSONL, {"Content-Encoding": "gzip"}, 400, "no gzip"),
        (gzip.compress(lines(call(1)), mtime=0)[:-9], JSONL, {"Content-Encoding": "gzip"}, 400, "ends too early"),
        (lines(call(1)), JSONL, {"Transfer-Encoding": "chunked", "CONTENT_LENGTH": ""}, 400, "without Content-Length"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_and_leaves_nothing(everywhere, alice, body, kind, more, status, says):
    answer = send(everywhere, body, kind, **more)
    assert (answer.status_code, answer.told["status"]) == (status, status)
    assert says in answer.told["message"]
    assert (Import.objects.count(), kept_files()) == (0, [])
    assert WrittenCall.objects.get().status == status


def test_source_is_one_of_few_letters(everywhere, alice):
    assert send(everywhere, lines(call(1)), query="?source=a%20b").status_code == 400
    assert send(everywhere, lines(call(1)), query="?source=laurel").status_code == 400
    ended(everywhere, send(everywhere, lines(call(1)), query="?source=phone-2"))
    assert Leg.objects.get().source == "phone-2"


def test_too_large_a_body_is_refused_before_and_after_unpacking(everywhere, alice, settings):
    settings.LAUREL_IMPORT_MAX_MB = 1
    bomb = gzip.compress(b" " * (64 << 20))
    assert len(bomb) < 1 << 20
    tracemalloc.start()
    for body, more in ((b" " * ((1 << 20) + 1), {}), (bomb, {"Content-Encoding": "gzip"})):
        answer = send(everywhere, body, **more)
        assert (answer.status_code, answer.told["code"]) == (413, "request.entity.too.large")
        assert (Import.objects.count(), kept_files()) == (0, [])
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()


class Slowly(io.RawIOBase):
    """A body that is made while it is read."""

    def __init__(self, head: bytes, piece: bytes, pieces: int):
        self.parts = iter([head, *[piece] * pieces])
        self.length, self.rest = len(head) + len(piece) * pieces, b""

    def read(self, size=-1):
        while len(self.rest) < size and (part := next(self.parts, b"")):
            self.rest += part
        given, self.rest = self.rest[:size], self.rest[size:]
        return given


def test_huge_file_goes_to_the_disk_and_not_into_memory(everywhere, alice):
    row = f"c,A1,{AT},{'x' * 100}\n".encode()
    body = Slowly(b"id,agent_id,started_at,wrap_up\n", row * 1000, 300)
    tracemalloc.start()
    answer = send(everywhere, b"", CSV, **{"wsgi.input": body, "CONTENT_LENGTH": str(body.length)})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status_code == 202
    assert body.length > 35 << 20 > 3 * peak
    assert Import.objects.get().files.get().size == body.length


class Broken(io.RawIOBase):
    """A connection that breaks, by ending or by an error."""

    def __init__(self, data: bytes, error: type[OSError] | None):
        self.data, self.error = data, error

    def read(self, size=-1):
        given, self.data = self.data[:size], self.data[size:]
        if not given and self.error:
            raise self.error
        return given


def broken(error: type[OSError] | None, *, chunked: bool) -> dict:
    """What a call has whose body is `lines(call(1))` and then breaks."""
    more = {"wsgi.input": Broken(lines(call(1)), error), "CONTENT_LENGTH": "" if chunked else "100000"}
    return more | ({"Transfer-Encoding": "chunked", "wsgi.input_terminated": True} if chunked else {})


@pytest.mark.parametrize(
    ("error", "chunked", "status"),
    [
        (None, False, 400),
        (ConnectionResetError, False, 400),
        (ConnectionResetError, True, 400),
        (TimeoutError, False, 408),
        (TimeoutError, True, 408),
    ],
)
def test_half_a_body_leaves_nothing_behind(everywhere, alice, error, chunked, status):
    answer = send(everywhere, b"", **broken(error, chunked=chunked))
    assert (answer.status_code, "Nothing was kept" in answer.told["message"]) == (status, True)
    assert (Import.objects.count(), kept_files()) == (0, [])


def test_body_of_unknown_length_goes_in(everywhere, alice):
    assert counts(ended(everywhere, send(everywhere, b"", **broken(None, chunked=True)))) == (1, 0, 0, 0)


def test_full_disk_is_said_kindly_and_leaves_nothing(everywhere, alice, monkeypatch):
    monkeypatch.setattr(receiving, "_copy", lambda source, file: Path("/dev/full").write_bytes(source.read()))
    answer = send(everywhere, lines(call(1)))
    assert (answer.status_code, answer.told["code"]) == (503, "service.unavailable")
    assert answer.told["message"].startswith("The disk of the server is full.")
    assert (Import.objects.count(), kept_files()) == (0, [])


def test_sweep_takes_what_killed_calls_left_and_nothing_else(everywhere, alice):
    send(everywhere, lines(call(1)))
    folder = Path(default_storage.path("imports")) / "5a1f2d4e-0000-4000-8000-000000000000"
    folder.mkdir()
    (folder / "half.jsonl").write_text("{")
    assert sweep(at=timezone.now()) == 0
    assert sweep(at=timezone.now() + dt.timedelta(days=2)) == 1
    assert (folder.exists(), len(kept_files())) == (False, 1)


# Once ---------------------------------------------------------------------------------------------------------------


def test_repetition_gets_the_same_job(alice):
    caller = calling("administrator")
    first, again = (send(caller, lines(call(1))) for _ in range(2))
    assert (again.status_code, again.told["id"], again["Laurel-Replayed"]) == (202, first.told["id"], "true")
    assert send(caller, lines(call(2))).told["id"] != first.told["id"]
    assert (Import.objects.count(), len(kept_files())) == (2, 2)
    assert [row.status for row in WrittenCall.objects.all()] == [202, 202]


def test_key_stands_for_one_file(everywhere, alice):
    first, again = (send(everywhere, lines(call(1)), **{"Idempotency-Key": "k"}) for _ in range(2))
    assert first.told["id"] == again.told["id"]
    other = send(everywhere, lines(call(2)), **{"Idempotency-Key": "k"})
    assert (other.status_code, Import.objects.count(), len(kept_files())) == (409, 1, 1)


def test_same_rows_later_are_unchanged_and_others_changed(everywhere, alice):
    ended(everywhere, send(everywhere, lines(call(1), call(2))))
    job = ended(everywhere, send(everywhere, lines(call(1), call(2, talk=9))))
    assert (counts(job), job["counts"]["taken"]) == ((0, 1, 1, 0), 1)


def test_failed_start_is_no_job(everywhere, alice, monkeypatch):
    """Whatever goes wrong after the file is there: no row and no file stays."""
    monkeypatch.setattr("integrations.imports.actions.importing.start", lambda *args, **more: 1 / 0)
    assert send(everywhere, lines(call(1))).status_code == 500
    assert (Import.objects.count(), kept_files()) == (0, [])


# Whose ----------------------------------------------------------------------------------------------------------------


def test_scope_and_right_are_both_needed(alice):
    for caller, code in (
        (calling("administrator", scopes=["gamification", "employee-performance"]), "missing.scopes"),
        (calling("quality_evaluator"), "not.authorized"),
    ):
        for answer in (send(caller, lines(call(1))), caller.get(f"{BULK}/5a1f2d4e-0000-4000-8000-000000000000")):
            assert (answer.status_code, answer.told["code"]) == (403, code)
    assert send(Caller(), lines(call(1))).status_code == 401
    assert (Import.objects.count(), kept_files()) == (0, [])


def test_client_of_a_division_writes_for_its_people_only(northern, alice, charlie):
    body = lines(call(1), call(2, agent="C1"), call(3, agent=str(charlie.public_id)), call(4, agent=None))
    job = ended(northern, send(northern, body))
    assert counts(job) == (1, 0, 0, 3)
    assert {row["reason"] for row in job["report"]["entities"]} == {
        "there is no person with this id that this client may write for",
        "the row names no agent",
    }
    assert [leg.agent for leg in Leg.objects.all()] == [alice]


def test_client_of_a_division_makes_nobody(northern, alice):
    save_mapping(name="Phone", text=MAPPING, at=timezone.now())
    people = User.objects.count()
    body = b"Id,Agent,Start,Talk\n1,Alice,2026-03-02 09:15,20\n2,Someone new,2026-03-02 09:15,20\n"
    job = ended(northern, send(northern, body, CSV, "?mapping=Phone"))
    assert (counts(job), User.objects.count()) == ((1, 0, 0, 1), people)


def test_client_of_a_division_takes_over_no_interaction_of_another(everywhere, northern, alice, charlie):
    ended(everywhere, send(everywhere, lines(call(1, agent="C1"), call(2, agent=None), call(3)), query="?source=phone"))
    job = ended(northern, send(northern, lines(*(call(n, talk=1) for n in (1, 2, 3, 4))), query="?source=phone"))
    assert counts(job) == (1, 1, 0, 2)
    assert [row["value"] for row in job["report"]["entities"]] == ["c1", "c2"]
    assert dict(Leg.objects.values_list("external_id", "agent")) == {
        "c1": charlie.pk,
        "c2": None,
        "c3": alice.pk,
        "c4": alice.pk,
    }


def test_job_of_another_division_is_not_found(everywhere, northern, south, alice):
    mine, theirs = send(northern, lines(call(1))), send(everywhere, lines(call(2)))
    southern = calling("administrator", south)
    assert southern.get(mine.told["selfUri"]).status_code == 404
    assert northern.get(theirs.told["selfUri"]).status_code == 404
    assert northern.get(mine.told["selfUri"]).status_code == 200
    assert everywhere.get(mine.told["selfUri"]).status_code == 200
    assert northern.get(f"{BULK}/nothing").status_code == 404


def test_job_that_a_person_starts_again_keeps_its_limits(northern, alice, charlie):
    answer = send(northern, lines(call(1), call(2, agent="C1")))
    run = Import.objects.get()
    Import.objects.filter(pk=run.pk).update(status=Status.CANCELLED)
    start(run, mapping_text=run.mapping_text, by=make_person("Ada", role="administrator"), at=timezone.now())
    assert counts(ended(northern, answer)) == (1, 0, 0, 1)


def test_job_costs_as_many_queries_with_many_refused_rows(
    everywhere, alice, django_assert_num_queries, django_assert_max_num_queries
):
    one = ended(everywhere, send(everywhere, lines(call(1), call(2, agent="x"))))
    more = ended(everywhere, send(everywhere, lines(call(1), *(call(n, agent="x") for n in range(2, 5)))))
    with django_assert_max_num_queries(8) as asked:
        everywhere.get(one["selfUri"])
    with django_assert_num_queries(len(asked)):
        assert len(everywhere.get(more["selfUri"]).told["report"]["entities"]) == 3
