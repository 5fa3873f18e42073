"""The pairs that ship. Repeat contacts need data that names the customer: an outside metric, see the docs."""

from django.db import migrations

PERCENT, UNITS = "percent", "units"
PAIRS = [
    ("Handle time against transfers", "average_handle_time", 10, 40, "transfer_rate", 3, 40),
    ("Handle time against short calls", "average_handle_time", 10, 40, "short_call_share", 3, 40),
    ("Contacts answered against short calls", "interactions_answered", 15, 5, "short_call_share", 3, 40),
]


def fill(apps, schema_editor):
    """By the metrics' keys; a pair whose metric an installation has taken away is left out."""
    watches, metrics = apps.get_model("scorecards", "Watch"), apps.get_model("metrics", "Metric")
    found = metrics.objects.in_bulk(field_name="key")
    for name, improving, better, volume, worsening, worse, other_volume in PAIRS:
        if improving in found and worsening in found:
            watches.objects.create(
                name=name,
                improving=found[improving],
                improves_by=better,
                improves_in=PERCENT,
                improving_minimum=volume,
                worsening=found[worsening],
                worsens_by=worse,
                worsens_in=UNITS,
                worsening_minimum=other_volume,
            )


def empty(apps, schema_editor):
    apps.get_model("scorecards", "Watch").objects.filter(name__in=[pair[0] for pair in PAIRS]).delete()


class Migration(migrations.Migration):
    dependencies = [("scorecards", "0005_watches"), ("metrics", "0002_fill_catalogue")]
    operations = [migrations.RunPython(fill, empty)]
