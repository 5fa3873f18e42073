"""Small files and their imports."""

from pathlib import Path

from django.utils import timezone

from integrations.imports import actions
from integrations.imports.enums import Status
from integrations.imports.models import DATA, Import

MAPPING = """
kind: interactions
source: test
time_zone: UTC
agent: {name: Agent, unknown: create}
fields:
  id: Id
  started_at: Start
  talk: Talk
"""


def begun(mapping: str, *files, tables: dict | None = None, dry_run: bool = False, holder: str = "test") -> Import:
    """An import that this process holds."""
    at = timezone.now()
    given = [actions.NewFile(Path(file).name, str(file), DATA) for file in files]
    given += [actions.NewFile(Path(file).name, str(file), name) for name, file in (tables or {}).items()]
    run = actions.create_import(files=given, mapping_text=mapping, at=at)
    return actions.start(run, mapping_text=mapping, dry_run=dry_run, at=at, holder=holder)


def imported(mapping: str, *files, tables: dict | None = None, dry_run: bool = False) -> Import:
    """A finished import."""
    run = begun(mapping, *files, tables=tables, dry_run=dry_run)
    actions.work(run, holder="test", now=timezone.now)
    run.refresh_from_db()
    assert run.status == Status.DONE, run.error
    return run


def counts(run: Import) -> tuple[int, int, int, int, int]:
    """New, changed, unchanged, left out, not readable."""
    return (run.rows_new, run.rows_changed, run.rows_unchanged, run.rows_left_out, run.rows_refused)


def issues(run: Import) -> list[tuple[int, str, str]]:
    return [(issue.line, issue.column, issue.reason) for issue in run.issues.all()]
