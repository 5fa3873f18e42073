"""Exact decimals stored as whole numbers, so that Python, SQLite and PostgreSQL add and round alike.

SQLite adds decimals as floats; a `UnitField` stores `value × 10**places` as a 64-bit integer and
hands Python a `Decimal`. Set-based SQL sees the whole numbers.
"""

from decimal import ROUND_HALF_UP, Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

LARGEST_STORED = 2**63 - 1


class UnitField(models.BigIntegerField):
    """A decimal with a fixed number of places, stored as a whole number of the smallest unit.

    `places` is how many decimal places are kept; a value with more is rounded half up when it is stored.
    """

    def __init__(self, *args, places: int, **kwargs):
        self.places = places
        self.scale = 10**places
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        kwargs["places"] = self.places
        return name, path, args, kwargs

    def to_units(self, value) -> int | None:
        """Whole number of the smallest unit for a natural value; None stays None."""
        if value is None or value == "":
            return None
        try:
            units = (Decimal(str(value)) * self.scale).to_integral_value(ROUND_HALF_UP)
        except ArithmeticError as error:
            raise ValidationError(_("“%(value)s” is not a number."), params={"value": value}) from error
        if not units.is_finite() or abs(units) > LARGEST_STORED:
            raise ValidationError(_("“%(value)s” is too large."), params={"value": value})
        return int(units)

    def from_units(self, units: int | None) -> Decimal | None:
        """The natural value of a stored whole number."""
        return None if units is None else Decimal(int(units)).scaleb(-self.places)

    def from_db_value(self, value, expression, connection):
        return self.from_units(value)

    def to_python(self, value):
        if value is None or isinstance(value, Decimal):
            return value
        return self.from_units(self.to_units(value))

    def get_prep_value(self, value):
        if hasattr(value, "resolve_expression"):
            return value
        return self.to_units(value)

    @property
    def validators(self):
        return self._validators  # the integer limits of the column do not apply to the natural value

    def formfield(self, **kwargs):
        return models.Field.formfield(
            self, **{"form_class": forms.DecimalField, "decimal_places": self.places, **kwargs}
        )
