"""The default profile, with objectives that have no start date: a first import of history is scored by them."""

import datetime as dt

from django.db import migrations

EVER = dt.date(1, 1, 1)
UNIT = 100_000


def zone(kind, lower, upper, lower_points, upper_points):
    return {
        "kind": kind,
        "lower": None if lower is None else lower * UNIT,
        "upper": None if upper is None else upper * UNIT,
        "lower_points": lower_points,
        "upper_points": upper_points,
    }


def higher(good, target, good_points, target_points, best=None, best_points=None):
    """Good from `good` to `target`; on target from there, up to `best` where that is given."""
    return "higher", [
        zone("out", None, good, 0, 0),
        zone("good", good, target, good_points[0], good_points[1]),
        zone("target", target, best, target_points, best_points or target_points),
    ]


def lower(target, good, target_points, good_points):
    """On target up to `target`; good from there to `good`."""
    return "lower", [
        zone("target", None, target, target_points, target_points),
        zone("good", target, good, good_points[0], good_points[1]),
        zone("out", good, None, 0, 0),
    ]


OBJECTIVES = [
    ("interactions_answered", higher(5, 20, (20, 100), 100, 40, 200)),
    ("average_handle_time", lower(240, 900, 300, (250, 50))),
    ("average_speed_of_answer", lower(20, 120, 100, (80, 20))),
    ("first_contact_resolution", higher(60, 85, (50, 150), 200)),
    ("satisfaction", higher(2, 4, (20, 120), 150)),
    ("quality_score", higher(60, 85, (50, 150), 200)),
]


def fill(apps, schema_editor):
    profile_model = apps.get_model("scorecards", "Profile")
    if profile_model.objects.filter(is_default=True).exists():
        return
    profile = profile_model.objects.create(name="Standard", is_default=True)
    metrics = apps.get_model("metrics", "Metric").objects.in_bulk(field_name="key")
    for position, (key, (kind, zones)) in enumerate(OBJECTIVES, start=1):
        objective = apps.get_model("scorecards", "Objective").objects.create(
            profile=profile, metric=metrics[key], position=position * 10
        )
        apps.get_model("scorecards", "ObjectiveTerms").objects.create(
            objective=objective, from_on=EVER, kind=kind, zones=zones, metric=metrics[key]
        )


def clear(apps, schema_editor):
    """From the leaves up, without the collector: going backwards it meets two renderings of the same model."""

    def rows(model, **where):
        return apps.get_model("scorecards", model).objects.filter(**where)

    profiles = list(rows("Profile", name="Standard", is_default=True).values_list("pk", flat=True))
    objectives = list(rows("Objective", profile_id__in=profiles).values_list("pk", flat=True))
    terms = list(rows("ObjectiveTerms", objective_id__in=objectives).values_list("pk", flat=True))
    for found in (
        rows("Multiplier", terms_id__in=terms),
        rows("ObjectiveTerms", pk__in=terms),
        rows("Objective", pk__in=objectives),
        rows("Profile", pk__in=profiles),
    ):
        found._raw_delete(schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("scorecards", "0001_initial"), ("metrics", "0002_fill_catalogue")]
    operations = [migrations.RunPython(fill, clear)]
