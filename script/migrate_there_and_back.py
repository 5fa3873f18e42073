"""Apply all migrations, take those of Laurel's own apps back to nothing, one by one, and apply them again.

For an empty database that nobody needs: every migration must reverse, and the second way must end where the first did.
"""

import os
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE_DIR))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rewards_site.settings")


def shape(connection) -> dict:
    """Tables with their columns, constraints and triggers."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = {
            table: (
                [tuple(column) for column in connection.introspection.get_table_description(cursor, table)],
                connection.introspection.get_constraints(cursor, table),
            )
            for table in tables
        }
        triggers = (
            "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
            if connection.vendor == "sqlite"
            else "SELECT DISTINCT trigger_name FROM information_schema.triggers ORDER BY trigger_name"
        )
        cursor.execute(triggers)
        return {**found, "triggers": cursor.fetchall()}


def own_apps() -> list[str]:
    """Labels of Laurel's apps that have migrations."""
    from django.apps import apps  # noqa: PLC0415 - the settings must be set up first

    return [
        app.label
        for app in apps.get_app_configs()
        if Path(app.path).is_relative_to(BASE_DIR)
        and ".venv" not in app.path
        and (Path(app.path) / "migrations" / "0001_initial.py").exists()
    ]


def take_back(connection, own: list[str]) -> None:
    """Unapplies the migrations of these apps, and what depends on them, in the reverse order of a new installation."""
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415 - as above

    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    order = [migration for migration, _ in executor.migration_plan(graph.leaf_nodes(), clean_start=True)]
    taken_back = [m for m in order if {app for app, _ in graph.forwards_plan((m.app_label, m.name))} & set(own)]
    executor.migrate(None, plan=[(migration, True) for migration in reversed(taken_back)])


def main() -> int:
    import django  # noqa: PLC0415 - the settings must be named first

    django.setup()
    from django.apps import apps  # noqa: PLC0415 - needs the set-up above
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    before, own = shape(connection), own_apps()
    take_back(connection, own)
    tables = {model._meta.db_table for label in own for model in apps.get_app_config(label).get_models()}
    remaining = tables & set(connection.introspection.table_names())
    call_command("migrate", verbosity=0)
    same = shape(connection) == before
    print(f"{connection.vendor}: {len(own)} apps back and forth; left over: {sorted(remaining)}; same shape: {same}")
    return 0 if same and not remaining else 1


if __name__ == "__main__":
    sys.exit(main())
