"""Who was switched off before the time of leaving was kept everywhere left now: nobody is erased too early."""

from django.db import migrations
from django.utils import timezone


def fill(apps, schema_editor):
    User = apps.get_model("people", "User")
    User.objects.using(schema_editor.connection.alias).filter(is_active=False, left_at=None).update(
        left_at=timezone.now()
    )


class Migration(migrations.Migration):
    dependencies = [("people", "0009_user_page_choices")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
