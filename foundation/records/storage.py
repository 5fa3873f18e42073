"""How tables and indexes lie on the disk, where the engine lets one say so."""

from django.db import models
from django.db.migrations.operations.base import Operation


class RoomForUpdates(Operation):
    """On PostgreSQL fills each page of a model's table to `percent` only: a row that is written anew then finds room
    beside its old version, and no index is touched (fillfactor and heap-only tuples in PostgreSQL's manual). For tables
    whose rows are written again and again, as those of today are. Reverses to full pages.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, model: str, percent: int):
        self.model, self.percent = model, percent

    def state_forwards(self, app_label, state):
        """Django's models know nothing of it."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        self._alter(schema_editor, to_state.apps.get_model(app_label, self.model), f"SET (fillfactor = {self.percent})")

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        self._alter(schema_editor, from_state.apps.get_model(app_label, self.model), "RESET (fillfactor)")

    def _alter(self, schema_editor, model, change: str) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"ALTER TABLE {schema_editor.quote_name(model._meta.db_table)} {change}")

    def describe(self):
        return f"Fill the pages of {self.model} to {self.percent} % only"


class CoversOnSQLite(models.Index):
    """An index over `fields` that on SQLite holds the columns of `covers` too: sums over a stretch of it are then read
    from the index alone. Not on PostgreSQL, where a row may find its new version beside the old one only while no
    index holds a column that changes (RoomForUpdates).
    """

    def __init__(self, *, fields, covers, name):
        super().__init__(fields=fields, name=name)
        self.covers = list(covers)

    def deconstruct(self):
        path, expressions, kwargs = super().deconstruct()
        return path, expressions, {**kwargs, "covers": self.covers}

    def create_sql(self, model, schema_editor, using="", **kwargs):
        covered = self.covers if schema_editor.connection.vendor == "sqlite" else []
        index = models.Index(fields=[*self.fields, *covered], name=self.name)
        return index.create_sql(model, schema_editor, using, **kwargs)
