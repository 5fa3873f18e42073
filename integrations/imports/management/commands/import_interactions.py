"""Imports files of interactions, external readings or quality evaluations through a mapping."""

import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from integrations.imports import actions
from integrations.imports.enums import Kind, Status
from integrations.imports.models import DATA, Import
from integrations.imports.rules.mapping import MappingError, load_mapping
from scorecards.actions import rescore

SHOWN_ISSUES = 20


class Command(BaseCommand):
    help = (
        "Import CSV, TSV or XLSX files of interactions, external readings or quality evaluations through a mapping "
        "(docs/imports.md). The same file twice changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", metavar="FILE", help="the files with the rows, in order")
        parser.add_argument("--mapping", required=True, metavar="MAPPING.yaml", help="which column feeds which field")
        parser.add_argument(
            "--table",
            action="append",
            default=[],
            metavar="NAME=FILE",
            help="the file of a joined table; by default it is looked for beside the mapping, then beside the data",
        )
        parser.add_argument("--dry-run", action="store_true", help="read everything, write nothing, report the same")
        parser.add_argument("--no-rescore", action="store_true", help="leave day values and scores to the worker")

    def handle(self, *args, files, mapping, table, dry_run, no_rescore, **options):
        text = _read(mapping)
        given = [*_data(files), *_tables(text, mapping, files, table)]
        run = None
        try:
            run = actions.create_import(files=given, mapping_text=text, at=timezone.now())
            holder = f"command:{os.getpid()}"
            actions.start(run, mapping_text=text, dry_run=dry_run, at=timezone.now(), holder=holder)
            actions.work(run, holder=holder, now=timezone.now)
        except actions.ImportRefused as error:
            run.delete()
            raise CommandError(f"Nothing was imported.\n{error}") from None
        except (DatabaseError, OSError) as error:
            raise CommandError(
                f"The import stopped: {error}\nWhole batches are in. Import the same files again to complete it."
            ) from None
        except KeyboardInterrupt:
            actions.cancel(run, at=timezone.now())
            Import.objects.filter(pk=run.pk).update(status=Status.CANCELLED, lease_until=None)
        run.refresh_from_db()
        self._report(run)
        if dry_run:
            run.delete()
        elif not no_rescore:
            self._rescore()
        if run.status == Status.RUNNING:
            raise CommandError("A worker has taken the import over; see its page.")
        if run.status in (Status.FAILED, Status.CANCELLED):
            raise CommandError("The import is not complete. Import the same files again to complete it.")

    def _report(self, run: Import) -> None:
        say = self.stdout.write
        if run.dry_run:
            say("Dry run: nothing was written.")
        what = "readings " if run.kind == Kind.READINGS else ""
        say(
            f"{run.rows_taken:,} rows read: {run.rows_new:,} {what}new, {run.rows_changed:,} changed, "
            f"{run.rows_unchanged:,} unchanged, {run.rows_left_out:,} left out, {run.rows_refused:,} not readable."
        )
        if run.people_created:
            say(f"{run.people_created:,} people {'would be' if run.dry_run else 'were'} created.")
        if run.first_workday:
            say(f"Workdays {run.first_workday} to {run.last_workday}.")
        issues = run.issues.all()
        for issue in issues[:SHOWN_ISSUES]:
            column = f" {issue.column}:" if issue.column else ""
            value = f" “{issue.value}”" if issue.value else ""
            say(f"  {issue.file}, line {issue.line}:{column}{value} {issue.reason}")
        if (more := issues.count() - SHOWN_ISSUES) > 0:
            say(f"  … and {more:,} more.")
        if run.status == Status.CANCELLED:
            say(f"Cancelled after line {run.last_line:,}; what was read before is in.")
        if run.error:
            self.stderr.write(run.error)

    def _rescore(self) -> None:
        done = rescore(at=timezone.now())
        self.stdout.write(f"{done.pairs:,} workdays of agents recomputed, {done.values:,} day values changed.")


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The mapping {path} cannot be read: {error}") from None


def _data(files: list[str]) -> list[actions.NewFile]:
    for file in files:
        if not Path(file).is_file():
            raise CommandError(f"Nothing was imported.\n{file}: there is no such file.")
    return [actions.NewFile(Path(file).name, str(Path(file).resolve()), DATA) for file in files]


def _tables(text: str, mapping: str, files: list[str], given: list[str]) -> list[actions.NewFile]:
    """The files of joined tables, as told or found beside the mapping or the data."""
    try:
        spec = load_mapping(text)
    except MappingError as error:
        raise CommandError(f"Nothing was imported. The mapping has mistakes:\n{error}") from None
    told = dict(item.partition("=")[::2] for item in given)
    found = []
    for name, table in spec.tables.items():
        places = [Path(told[name])] if name in told else []
        places += [Path(mapping).parent / table.file, *(Path(file).parent / table.file for file in files)]
        path = next((place for place in places if place.is_file()), None)
        if path is None:
            raise CommandError(
                f"Nothing was imported.\ntables.{name}: “{table.file}” lies neither beside the mapping nor beside the "
                f"data. Say where with --table {name}=FILE."
            )
        found.append(actions.NewFile(path.name, str(path.resolve()), name))
    return found
