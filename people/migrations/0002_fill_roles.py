"""The roles that ship. A copy of the list as it was, so that this step stays the same when the list changes."""

from django.db import migrations

ROLES = [
    ("agent", "Agent", ["view_own"]),
    ("supervisor", "Supervisor", ["view_own", "view_led", "configure_led", "evaluate"]),
    ("quality_evaluator", "Quality evaluator", ["view_own", "view_division", "evaluate"]),
    ("compliance_reviewer", "Compliance reviewer", ["view_division", "review", "reopen"]),
    (
        "administrator",
        "Administrator",
        ["configure_people", "configure_scoring", "import", "reopen", "operate"],
    ),
]


def fill(apps, schema_editor):
    role = apps.get_model("people", "Role")
    for slug, name, permissions in ROLES:
        role.objects.get_or_create(slug=slug, defaults={"name": name, "permissions": permissions})


def empty(apps, schema_editor):
    """Takes away the shipped roles that nobody holds."""
    role = apps.get_model("people", "Role")
    role.objects.filter(slug__in=[slug for slug, _, _ in ROLES], grants__isnull=True).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        # Packages that point to people come before all else that does: Django renders the models around a changed one
        # anew with every step, and theirs are many steps.
        ("auditlog", "0017_add_actor_email"),
        ("axes", "0010_accessattemptexpiration"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
    ]
    operations = [migrations.RunPython(fill, empty)]
