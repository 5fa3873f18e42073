"""`manage.py import_interactions`."""

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from integrations.imports.actions import importing
from integrations.imports.enums import Status
from integrations.imports.models import Import
from interactions.models import Leg, Touch
from metrics.models import DayValue

from .factories import MAPPING

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(tmp_path):
    (tmp_path / "calls.csv").write_text(
        "Id,Agent,Start,Talk\n1,E1,2024-09-30 10:00,10\n2,E1,2024-09-30 11:00,ten\n3,E2,2024-09-29 10:00,30\n"
    )
    (tmp_path / "mapping.yaml").write_text(
        MAPPING.replace(
            "agent: {name: Agent, unknown: create}", "agent: {id: Agent, name: staff.Name, unknown: create}"
        )
        + "  answered: {value: yes}\ntables: {staff: {file: staff.csv, key: No, match: Agent}}\n"
    )
    (tmp_path / "staff.csv").write_text("No,Name\nE1,Ada\nE2,Bo\n")
    return tmp_path


def ran(files, capsys, *more) -> list[str]:
    call_command("import_interactions", str(files / "calls.csv"), "--mapping", str(files / "mapping.yaml"), *more)
    return capsys.readouterr().out.splitlines()


def test_the_report_says_what_came_in_and_what_not(files, capsys):
    assert ran(files, capsys)[:6] == [
        "3 rows read: 2 new, 0 changed, 0 unchanged, 0 left out, 1 not readable.",
        "2 people were created.",
        "Workdays 2024-09-29 to 2024-09-30.",
        "  calls.csv, line 3: Talk: “ten” is not a duration",
        f"2 workdays of agents recomputed, {DayValue.objects.count()} day values changed.",
    ]
    assert DayValue.objects.exists()
    assert ran(files, capsys)[0] == "3 rows read: 0 new, 0 changed, 2 unchanged, 0 left out, 1 not readable."
    assert not Touch.objects.exists()


def test_a_dry_run_leaves_no_trace(files, capsys):
    assert ran(files, capsys, "--dry-run") == [
        "Dry run: nothing was written.",
        "3 rows read: 2 new, 0 changed, 0 unchanged, 0 left out, 1 not readable.",
        "2 people would be created.",
        "Workdays 2024-09-29 to 2024-09-30.",
        "  calls.csv, line 3: Talk: “ten” is not a duration",
    ]
    assert (Import.objects.count(), Leg.objects.count()) == (0, 0)


def test_rescoring_may_be_left_to_the_worker(files, capsys):
    assert "recomputed" not in " ".join(ran(files, capsys, "--no-rescore"))
    assert (DayValue.objects.count(), Touch.objects.count()) == (0, 2)


def test_what_is_wrong_is_said_before_anything_is_written(files, capsys):
    (files / "staff.csv").rename(files / "people.csv")
    with pytest.raises(
        CommandError, match=r"“staff\.csv” lies neither beside the mapping nor beside the data\. Say where"
    ):
        ran(files, capsys)
    assert ran(files, capsys, "--table", f"staff={files / 'people.csv'}", "--dry-run")
    (files / "mapping.yaml").write_text("source: x\nagnt: {name: Agent}\n")
    with pytest.raises(CommandError, match="line 2: agnt: there is no key “agnt” here; did you mean “agent”"):
        ran(files, capsys)
    (files / "calls.csv").unlink()
    with pytest.raises(CommandError, match="there is no such file"):
        ran(files, capsys)
    assert Import.objects.count() == 0


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OperationalError("database or disk is full")])
def test_an_interrupted_import_keeps_whole_batches_and_is_completed_by_the_next(files, capsys, monkeypatch, error):
    monkeypatch.setattr(importing, "CHUNK_ROWS", 1)
    real, calls = importing._keep_issues, []

    def interrupted(*args):
        calls.append(1)
        if len(calls) == 2:
            raise error
        real(*args)

    monkeypatch.setattr(importing, "_keep_issues", interrupted)
    with pytest.raises(CommandError, match="mport the same files again to complete it"):
        ran(files, capsys)
    assert Leg.objects.count() == 1
    assert Import.objects.get().status == (Status.CANCELLED if isinstance(error, KeyboardInterrupt) else Status.RUNNING)
    capsys.readouterr()
    assert ran(files, capsys)[0] == "3 rows read: 1 new, 0 changed, 1 unchanged, 0 left out, 1 not readable."
