"""Append-only rows: a mistake is a new row. Guarded at the model, at the queryset, and in the database.

One thing only may go: what somebody wrote about a person, once that person is erased. A model names such columns.
"""

from typing import ClassVar

from django.db import models


class AppendOnly(TypeError):
    """Raised when someone tries to change or delete a row of an append-only table."""


class AppendOnlyQuerySet(models.QuerySet):
    def _refuse(self, *args, **kwargs):
        raise AppendOnly(f"{self.model.__name__} is append-only: write a new row instead")

    update = delete = bulk_update = update_or_create = _refuse

    def empty_texts(self) -> int:
        """Empties the texts that may go. The rows and all else in them stay. How many rows."""
        return super().update(**dict.fromkeys(self.model.erasable_texts, ""))


class AppendOnlyModel(models.Model):
    erasable_texts: ClassVar[tuple[str, ...]] = ()
    """Columns of text that may be emptied and never changed otherwise; none of them may be null."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if not self._state.adding:
            raise AppendOnly(f"{type(self).__name__} is append-only: write a new row instead")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args, **kwargs):
        raise AppendOnly(f"{type(self).__name__} is append-only: write a new row instead")
