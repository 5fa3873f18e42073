"""Apply all migrations, take those of Laurel's own apps back to nothing, and apply them again.

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


def main() -> int:
    import django  # noqa: PLC0415 - the settings must be named first

    django.setup()
    from django.apps import apps  # noqa: PLC0415 - needs the set-up above
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    before = shape(connection)
    own = [
        app.label
        for app in apps.get_app_configs()
        if Path(app.path).is_relative_to(BASE_DIR)
        and ".venv" not in app.path
        and (Path(app.path) / "migrations" / "0001_initial.py").exists()
    ]
    for label in reversed(own):
        call_command("migrate", label, "zero", verbosity=0)
    left = [model._meta.db_table for label in own for model in apps.get_app_config(label).get_models()]
    remaining = set(left) & set(connection.introspection.table_names())
    call_command("migrate", verbosity=0)
    same = shape(connection) == before
    print(f"{connection.vendor}: {len(own)} apps back and forth; left over: {sorted(remaining)}; same shape: {same}")
    return 0 if same and not remaining else 1


if __name__ == "__main__":
    sys.exit(main())
