"""Slices, leases, cancelling, and what happens when the work is interrupted."""

import datetime as dt

import pytest
from django.db import DatabaseError
from django.utils import timezone

from integrations.imports import actions, tasks
from integrations.imports.actions import importing
from integrations.imports.enums import Status
from integrations.imports.models import DATA, Import
from interactions.models import Leg, Touch
from people.models import DivisionAssignment, User

from .factories import MAPPING, begun, counts, imported

pytestmark = pytest.mark.django_db

BY_CONTENT = MAPPING.replace("id: Id", "id: {row: yes}")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(importing, "CHUNK_ROWS", 4)


def file_of(tmp_path, rows: int = 22):
    """A file in which rows of equal content and of equal id stand in different batches."""
    file = tmp_path / "a.csv"
    lines = [f"{at % 10},Agent {at % 3},2024-09-{30 - at % 20} 10:00,{at % 10}" for at in range(rows)]
    file.write_text("Id,Agent,Start,Talk\n" + "\n".join(lines) + "\n")
    return file


def contents() -> list[tuple]:
    return list(
        Leg.objects.order_by("external_id").values_list("external_id", "agent__name", "workday", "talk_seconds")
    )


def emptied():
    for model in (Leg, Touch, DivisionAssignment, User):
        model.objects.all().delete()


def fresh(run: Import, holder: str) -> Import:
    Import.objects.filter(pk=run.pk).update(lease_until=None)
    return actions.claim(holder=holder, at=timezone.now(), run=run)


@pytest.mark.parametrize("mapping", [MAPPING, BY_CONTENT])
def test_an_import_in_slices_by_different_workers_ends_as_one_in_a_piece(tmp_path, mapping):
    file = file_of(tmp_path)
    whole = imported(mapping, file)
    in_a_piece, days = contents(), list(DivisionAssignment.objects.values_list("person__name", "from_on"))
    emptied()
    run = begun(mapping, file)
    slices = 0
    while run.status == Status.RUNNING:
        run = fresh(run, f"worker {slices}")
        actions.work(run, holder=f"worker {slices}", now=timezone.now, budget=dt.timedelta(0))
        run.refresh_from_db()
        slices += 1
    assert (slices, run.status, counts(run)) == (7, Status.DONE, counts(whole))
    assert contents() == in_a_piece
    assert list(DivisionAssignment.objects.values_list("person__name", "from_on")) == days


def test_an_open_import_goes_on_without_reading_again_what_was_counted(tmp_path, monkeypatch):
    run, opened = begun(BY_CONTENT, file_of(tmp_path)), None
    for _ in range(3):
        opened = actions.work(run, holder="test", now=timezone.now, budget=dt.timedelta(0), opened=opened)
        monkeypatch.setattr(type(opened.pipeline), "count_up_to", None)
        run = fresh(run, "test")
    actions.work(run, holder="test", now=timezone.now, opened=opened)
    assert Leg.objects.count() == 22


def test_two_workers_that_take_turns_with_open_files_count_on_from_what_they_know(tmp_path):
    file = file_of(tmp_path)
    imported(BY_CONTENT, file)
    in_a_piece = contents()
    emptied()
    run, opened, turn = begun(BY_CONTENT, file), {}, 0
    while run.status == Status.RUNNING:
        holder = f"worker {turn % 2}"
        run = fresh(run, holder)
        opened[holder] = actions.work(
            run, holder=holder, now=timezone.now, budget=dt.timedelta(0), opened=opened.get(holder)
        )
        run.refresh_from_db()
        turn += 1
    assert (run.status, contents()) == (Status.DONE, in_a_piece)


def test_a_batch_that_fails_leaves_nothing_half_written_and_is_taken_up_again(tmp_path, monkeypatch):
    run = begun(MAPPING, file_of(tmp_path, 10))
    real, calls = importing._keep_issues, []

    def fails_once(*args):
        calls.append(1)
        if len(calls) == 2:
            raise DatabaseError("disk full")
        real(*args)

    monkeypatch.setattr(importing, "_keep_issues", fails_once)
    with pytest.raises(DatabaseError):
        actions.work(run, holder="test", now=timezone.now)
    run.refresh_from_db()
    assert (run.status, run.rows_new, Leg.objects.count(), run.last_line) == (Status.RUNNING, 4, 4, 5)
    assert run.error == "Stopped for now (DatabaseError: disk full). It will be taken up again."
    assert actions.claim(holder="other", at=timezone.now()) is None
    later = timezone.now() + actions.LEASE + dt.timedelta(seconds=1)
    again = actions.claim(holder="other", at=later)
    actions.work(again, holder="other", now=timezone.now)
    again.refresh_from_db()
    assert (again.status, again.error, counts(again)) == (Status.DONE, "", (10, 0, 0, 0, 0))


def test_a_mistake_of_ours_fails_the_import_for_good(tmp_path, monkeypatch):
    run = begun(MAPPING, file_of(tmp_path))
    monkeypatch.setattr(importing, "_keep_issues", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.work(run, holder="test", now=timezone.now)
    run.refresh_from_db()
    assert (run.status, Leg.objects.count()) == (Status.FAILED, 0)
    assert run.error == "Laurel made a mistake (ZeroDivisionError: division by zero)."


def test_cancelling_keeps_finished_batches_and_importing_again_completes(tmp_path):
    file = file_of(tmp_path, 10)
    run = begun(MAPPING, file)
    opened = actions.work(run, holder="test", now=timezone.now, budget=dt.timedelta(0))
    actions.cancel(run, at=timezone.now())
    run = fresh(run, "test")
    assert actions.work(run, holder="test", now=timezone.now, opened=opened) is None
    run.refresh_from_db()
    assert (run.status, run.last_line, Leg.objects.count()) == (Status.CANCELLED, 5, 4)
    actions.start(run, mapping_text=MAPPING, at=timezone.now(), holder="test")
    actions.work(run, holder="test", now=timezone.now)
    run.refresh_from_db()
    assert (run.status, counts(run)) == (Status.DONE, (6, 0, 4, 0, 0))


def test_a_waiting_import_is_cancelled_at_once(tmp_path):
    run = begun(MAPPING, file_of(tmp_path), holder="")
    actions.cancel(run, at=timezone.now())
    assert run.status == Status.CANCELLED
    assert actions.claim(holder="test", at=timezone.now()) is None


def test_one_worker_at_a_time_has_an_import_and_who_lost_it_writes_nothing(tmp_path):
    begun(MAPPING, file_of(tmp_path), holder="")
    at = timezone.now()
    run = actions.claim(holder="one", at=at)
    assert actions.claim(holder="two", at=at) is None
    assert actions.claim(holder="two", at=at + actions.LEASE + dt.timedelta(seconds=1)).pk == run.pk
    assert actions.work(run, holder="one", now=timezone.now) is None
    assert (Leg.objects.count(), Import.objects.get().status) == (0, Status.RUNNING)


def test_the_task_finishes_what_is_due_and_takes_the_uploaded_copy_away(tmp_path, settings):
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415 - only here a file is uploaded

    at = timezone.now()
    run = actions.create_import(at=at)
    actions.store_upload(SimpleUploadedFile("calls.csv", file_of(tmp_path, 9).read_bytes()), run=run, role=DATA)
    actions.start(run, mapping_text=MAPPING, dry_run=True, at=at)
    tasks.run_imports()
    run.refresh_from_db()
    assert (run.status, run.dry_run, counts(run), Leg.objects.count()) == (Status.DONE, True, (9, 0, 0, 0, 0), 0)
    actions.start(run, mapping_text=MAPPING, at=at)
    tasks.run_imports()
    run.refresh_from_db()
    assert (run.status, counts(run), Leg.objects.count(), run.percent) == (Status.DONE, (9, 0, 0, 0, 0), 9, 100)
    assert not list((tmp_path / "uploads").rglob("*.csv"))
    tasks.run_imports()


def test_preview_shows_rows_as_they_are_and_as_they_would_be(tmp_path):
    file = file_of(tmp_path, 3)
    run = actions.create_import(files=[actions.NewFile("a.csv", str(file))], at=timezone.now())
    seen = actions.preview(run, mapping_text=MAPPING + "file: {empty: '2'}", rows=2)
    assert seen.columns == ["Id", "Agent", "Start", "Talk"]
    assert seen.cells == [["0", "Agent 0", "2024-09-30 10:00", "0"], ["1", "Agent 1", "2024-09-29 10:00", "1"]]
    row = dict(zip(seen.fields, seen.values[1], strict=True))
    assert (row["agent"], row["started_at"], row["talk_seconds"]) == ("Agent 1", "2024-09-29 10:00:00 UTC", "0:00:01")
    wrong = actions.preview(run, mapping_text=MAPPING.replace("talk: Talk", "talk: Tlak"))
    assert (
        wrong.error
        == "a.csv: there is no column “Tlak”; did you mean “Talk”? The names of the columns are taken from line 1."
    )
    assert wrong.columns == seen.columns
    assert (User.objects.count(), Leg.objects.count()) == (0, 0)
