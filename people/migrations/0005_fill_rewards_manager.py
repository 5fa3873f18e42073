"""The role of whoever runs the catalogue. A copy as it was, so that this step stays the same when the list changes."""

from django.db import migrations

SLUG = "rewards_manager"


def fill(apps, schema_editor):
    role = apps.get_model("people", "Role")
    role.objects.get_or_create(slug=SLUG, defaults={"name": "Rewards manager", "permissions": ["catalogue"]})


def empty(apps, schema_editor):
    """Takes the role away where nobody holds it."""
    apps.get_model("people", "Role").objects.filter(slug=SLUG, grants__isnull=True).delete()


class Migration(migrations.Migration):
    dependencies = [("people", "0004_objections")]
    operations = [migrations.RunPython(fill, empty)]
