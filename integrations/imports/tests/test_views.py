import datetime as dt
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.imports import actions, files
from integrations.imports.enums import Status
from integrations.imports.models import Import, ImportIssue, Mapping
from interactions.models import Leg
from metrics.models import Metric
from people.models import TeamMembership, User
from people.tests.factories import make_division, make_person

pytestmark = pytest.mark.django_db

CALLS = (
    "Call Id,Agent,Date,Time,Answered,Talk\n"
    "1,Ada Okafor,2024-03-01,09:00:00,Y,0:02:30\n"
    "2,Bruno Sørensen,2024-03-01,09:05:00,N,\n"
    "3,Ada Okafor,2024-03-31,25:10:00,Y,0:01:00\n"
    "4,Ada Okafor,2024-03-02,10:10:00,Y,0:01:00\n"
)
MAPPING = """\
source: calls
time_zone: UTC
agent:
  name: Agent
  unknown: create
fields:
  id: Call Id
  started_at:
    date: Date
    time: Time
  answered: Answered
  talk: Talk
"""


@pytest.fixture(autouse=True)
def uploads_in_a_folder_of_the_test(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


@pytest.fixture
def importer(client):
    person = make_person("Mónica", division=make_division("North", time_zone="UTC"), role="administrator")
    client.force_login(person)
    return person


def csv_file(text=CALLS, name="calls.csv"):
    return SimpleUploadedFile(name, text.encode(), content_type="text/csv")


def upload(client, *, data=None, **more) -> Import:
    response = client.post(reverse("imports:new"), {"data": data or csv_file(), **more})
    assert response.status_code == 302, response.content.decode()[:3000]
    assert response["Location"].startswith("/imports/"), response["Location"]
    return Import.objects.latest("pk")


def work_off() -> None:
    """What the worker does."""
    while run := actions.claim(holder="test", at=timezone.now()):
        actions.work(run, holder="test", now=timezone.now)


def post_text(client, run, *, do="preview", text=MAPPING, **more):
    url = reverse("imports:mapping", args=[run.public_id]) + "?as=text"
    return client.post(url, {"mapping_text": text, "do": do, **more.pop("data", {})}, **more)


def page_of(client, run, name="detail"):
    return client.get(reverse(f"imports:{name}", args=[run.public_id]))


def test_upload_dry_run_and_import_of_a_call_log(client, importer):
    run = upload(client)
    assert "Call Id" in page_of(client, run).content.decode()
    assert post_text(client, run, do="check").status_code == 302
    assert page_of(client, run).context["heading"] == "Checking the rows …"
    work_off()
    run.refresh_from_db()
    assert (run.status, run.dry_run, run.rows_new, run.rows_refused) == (Status.DONE, True, 3, 1)
    assert not Leg.objects.exists()
    assert "Import now" in page_of(client, run).content.decode()

    client.post(reverse("imports:again", args=[run.public_id]))
    work_off()
    run.refresh_from_db()
    assert (run.status, run.dry_run, run.rows_new, run.rows_refused, run.people_created) == (
        Status.DONE,
        False,
        3,
        1,
        2,
    )
    assert Leg.objects.count() == 3
    body = page_of(client, run).content.decode()
    assert "2 people were created." in body
    assert "25:10:00" in body


def test_the_same_file_again_says_that_nothing_changed(client, importer):
    for _ in range(2):
        run = upload(client)
        post_text(client, run, do="start")
        work_off()
    run.refresh_from_db()
    assert (run.rows_new, run.rows_changed, run.rows_unchanged) == (0, 0, 3)
    assert page_of(client, run).context["heading"] == "Everything was there already"


def test_refused_rows_come_as_csv(client, importer):
    run = upload(client, data=csv_file(CALLS + "5,=1+1,2024-03-03,late,Y,0:01:00\n"))
    post_text(client, run, do="start")
    work_off()
    response = client.get(reverse("imports:refused", args=[run.public_id]))
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert response["Content-Disposition"] == 'attachment; filename="calls-refused.csv"'
    assert lines[0] == "file,line,column,value,reason"
    assert [line.split(",")[:4] for line in lines[1:]] == [
        ["calls.csv", "4", "Time", "25:10:00"],
        ["calls.csv", "6", "Time", "late"],
    ]


def columns_of(client, run, **changed) -> dict:
    """What the columns form would post, with some answers changed."""
    form = client.get(reverse("imports:mapping", args=[run.public_id])).context["form"]
    answers = {name: form[name].value() or "" for name in form.fields}
    return {**answers, **changed}


def test_columns_form_makes_the_mapping(client, importer):
    run = upload(client)
    answers = columns_of(
        client,
        run,
        source="log",
        zone="Europe/Berlin",
        **{
            "field-id": "c:Call Id",
            "field-started_at": "c:Date",
            "time-started_at": "c:Time",
            "format-started_at": "",
            "field-answered": "c:Answered",
            "yes-answered": "Y",
            "field-talk": "c:Talk",
            "field-media_type": "v:voice",
            "agent-name": "c:Agent",
            "agent-id": "",
            "agent-email": "",
            "agent-unknown": "create",
        },
    )
    response = client.post(reverse("imports:mapping", args=[run.public_id]), {**answers, "do": "start"})
    assert response.status_code == 302, response.context["form"].errors
    work_off()
    leg = Leg.objects.get(external_id="1")
    assert (leg.source, leg.talk_seconds, leg.media_type, leg.answered) == ("log", 150, "voice", True)
    assert leg.started_at == dt.datetime(2024, 3, 1, 8, 0, tzinfo=dt.UTC)


def test_columns_form_without_what_is_needed_is_shown_again(client, importer):
    run = upload(client)
    answers = columns_of(client, run, **{"field-id": "", "agent-name": "", "agent-id": "", "agent-email": ""})
    response = client.post(reverse("imports:mapping", args=[run.public_id]), {**answers, "do": "start"})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"field-id", "agent-id"}
    run.refresh_from_db()
    assert run.status == Status.UPLOADED


def test_preview_comes_as_a_fragment_to_htmx(client, importer):
    run = upload(client)
    response = post_text(client, run, headers={"HX-Request": "true"})
    body = response.content.decode()
    assert response.status_code == 200
    assert body.strip().startswith("<section")
    assert "Ada Okafor" in body
    assert "1 row cannot be read." in body
    run.refresh_from_db()
    assert run.mapping_text == MAPPING


def test_mapping_with_mistakes_says_where_and_nothing_starts(client, importer):
    run = upload(client)
    response = post_text(client, run, do="start", text=MAPPING.replace("talk:", "talkk:"))
    assert response.status_code == 422
    assert "did you mean “talk”?" in response.content.decode()
    run.refresh_from_db()
    assert run.status == Status.UPLOADED


def test_text_that_is_no_yaml_is_shown_as_text(client, importer):
    run = upload(client)
    post_text(client, run, text="a: [")
    body = page_of(client, run).content.decode()
    assert "this is not YAML" in body
    assert "<textarea" in body


def test_saved_mapping_is_used_again(client, importer):
    run = upload(client)
    assert post_text(client, run, do="save", data={"name": "Our calls"}).status_code == 302
    saved = Mapping.objects.get(name="Our calls")
    assert saved.by == importer
    second = upload(client)
    client.post(reverse("imports:use", args=[second.public_id]), {"mapping": saved.pk})
    second.refresh_from_db()
    assert (second.mapping, second.mapping_text) == (saved, MAPPING)


def test_kind_can_be_changed_to_readings(client, importer):
    Metric.objects.create(key="sales", name="Sales", unit="number", source="external", aggregation="sum")
    run = upload(client, data=csv_file("Mail,Day,Sum\nada@example.com,2024-03-01,5\n", "sales.csv"))
    make_person("Ada", email="ada@example.com")
    client.post(reverse("imports:kind", args=[run.public_id]), {"kind": "readings"})
    answers = columns_of(
        client,
        run,
        **{
            "field-workday": "c:Day",
            "field-id": "",
            "agent-email": "c:Mail",
            "agent-name": "",
            "agent-id": "",
            "metric": "sales",
            "metric-value": "c:Sum",
        },
    )
    response = client.post(reverse("imports:mapping", args=[run.public_id]), {**answers, "do": "start"})
    assert response.status_code == 302, response.content.decode()
    work_off()
    run.refresh_from_db()
    assert (run.status, run.kind, run.rows_new) == (Status.DONE, "readings", 1)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("calls.csv", b"", "empty"),
        ("calls.xlsx", b"Call Id,Agent\n1,Ada\n", "not what its name"),
        ("calls.csv", b"%PDF-1.7 ...", "is a PDF"),
        ("calls.csv", "Id,Agent\n1,Müller\n".encode("utf-16-le"), "encoding"),
    ],
)
def test_upload_that_cannot_be_read_is_refused_with_what_to_do(client, importer, name, content, says):
    response = client.post(reverse("imports:new"), {"data": SimpleUploadedFile(name, content)})
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not Import.objects.exists()


def test_workbook_that_unpacks_to_too_much_is_refused_before_it_is_opened(client, importer, monkeypatch):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    monkeypatch.setattr(files, "UNPACKED_MAX", 1 << 20)
    response = client.post(reverse("imports:new"), {"data": SimpleUploadedFile("calls.xlsx", packed.getvalue())})
    assert response.status_code == 422
    assert "unpack" in response.content.decode()
    assert not Import.objects.exists()


def test_upload_that_is_too_large_is_refused_before_its_body_is_read(client, importer, settings):
    settings.LAUREL_IMPORT_MAX_MB = 1
    body = b"x" * (3 << 20)
    response = client.generic("POST", reverse("imports:new"), body, content_type="multipart/form-data; boundary=b")
    assert response.status_code == 413
    assert "more than 1 MB" in response.content.decode()
    assert not Import.objects.exists()


def test_upload_without_a_token_is_refused(importer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(importer)
    assert client.post(reverse("imports:new"), {"data": csv_file()}).status_code == 403


def test_joined_table_takes_the_name_of_its_file(client, importer):
    run = upload(client, table_1=csv_file("Id,Team\n1,Blue\n", "Call Types.csv"))
    assert list(run.files.values_list("role", "name")) == [("data", "calls.csv"), ("call_types", "Call Types.csv")]


def test_table_that_is_still_missing_is_uploaded_later_and_can_be_replaced(client, importer):
    joined = MAPPING + "tables:\n  people: {file: people.csv, key: Name, match: Agent}\n"
    joined = joined.replace("  unknown: create\n", "  unknown: create\n  team: people.Team\n")
    run = upload(client)
    refused = post_text(client, run, text=joined, do="start")
    assert "people.csv" in refused.content.decode()
    assert "people.csv is still missing" in page_of(client, run, "mapping").content.decode()
    for team in ("Red", "Blue"):
        table = csv_file(f"Name,Team\nAda Okafor,{team}\nBruno Sørensen,{team}\n", "people.csv")
        client.post(reverse("imports:tables", args=[run.public_id]), {"table-people": table})
    assert list(run.files.values_list("role", flat=True)) == ["data", "people"]
    post_text(client, run, text=joined, do="start")
    work_off()
    assert set(TeamMembership.objects.values_list("team__name", flat=True)) == {"Blue"}


def test_waiting_import_is_cancelled_at_once_and_can_be_completed(client, importer):
    run = upload(client)
    post_text(client, run, do="start")
    client.post(reverse("imports:cancel", args=[run.public_id]))
    run.refresh_from_db()
    assert run.status == Status.CANCELLED
    assert "Import again" in page_of(client, run).content.decode()
    client.post(reverse("imports:again", args=[run.public_id]))
    work_off()
    assert Leg.objects.count() == 3


def test_cancelled_import_says_the_last_line_taken(client, importer):
    run = upload(client)
    post_text(client, run)
    Import.objects.update(status=Status.CANCELLED, last_line=3, rows_new=2)
    assert "The last line taken is 3." in page_of(client, run).content.decode()


def test_running_import_polls_and_says_nothing_when_nothing_changed(client, importer):
    run = upload(client)
    post_text(client, run, do="start")
    Import.objects.update(status=Status.RUNNING, rows_total=100, rows_taken=40)
    response = page_of(client, run)
    digest = response.context["digest"]
    url, htmx = reverse("imports:detail", args=[run.public_id]), {"HX-Request": "true"}
    assert client.get(url, {"v": digest}, headers=htmx).status_code == 204
    Import.objects.update(rows_taken=50)
    changed = client.get(url, {"v": digest}, headers=htmx)
    assert 'value="50"' in changed.content.decode()
    Import.objects.update(status=Status.DONE)
    assert client.get(url, {"v": digest}, headers=htmx)["HX-Refresh"] == "true"


def test_upload_that_was_not_started_can_be_discarded(client, importer, tmp_path):
    run = upload(client)
    assert [path for path in tmp_path.rglob("*") if path.is_file()]
    client.post(reverse("imports:discard", args=[run.public_id]))
    assert not Import.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_finished_import_cannot_be_discarded_or_started(client, importer):
    run = upload(client)
    post_text(client, run, do="start")
    work_off()
    for name in ("discard", "again", "kind", "use"):
        assert client.post(reverse(f"imports:{name}", args=[run.public_id])).status_code == 404
    assert page_of(client, run, "mapping")["Location"] == reverse("imports:detail", args=[run.public_id])
    assert post_text(client, run, do="start", headers={"HX-Request": "true"}).status_code == 204
    run.refresh_from_db()
    assert run.status == Status.DONE


def test_pages_are_for_those_who_may_import(client, importer):
    run = upload(client)
    client.force_login(make_person("Ada", role="agent"))
    for name in ("detail", "mapping", "refused"):
        assert page_of(client, run, name).status_code == 403
    for name in ("index", "new"):
        assert client.get(reverse(f"imports:{name}")).status_code == 403
    assert client.post(reverse("imports:new"), {"data": csv_file()}).status_code == 403


def test_list_takes_as_many_queries_for_three_imports_as_for_one(client, importer, django_assert_num_queries):
    upload(client)
    client.get(reverse("imports:index"))

    with CaptureQueriesContext(connection) as one:
        client.get(reverse("imports:index"))
    queries = len(one)
    upload(client)
    upload(client)
    with django_assert_num_queries(queries):
        client.get(reverse("imports:index"))


def test_report_with_many_refused_rows_takes_few_queries(client, importer, django_assert_max_num_queries):
    run = upload(client)
    post_text(client, run, do="start")
    work_off()
    ImportIssue.objects.bulk_create(
        ImportIssue(import_run=run, file="calls.csv", line=line, reason="is wrong") for line in range(10, 40)
    )
    with django_assert_max_num_queries(12):
        page_of(client, run)
    assert User.objects.filter(name="Ada Okafor").exists()
