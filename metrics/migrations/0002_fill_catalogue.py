"""The metrics that contact centres expect. Reverse takes away those that nothing uses."""

from django.db import migrations

COUNT, HANDLE = "count", "handle"
ANSWERED = ("both", "answered", "is", "yes")

# key, name, unit, precision, better, aggregation, dividend, divisor, factor, conditions, description
CATALOGUE = [
    ("interactions_offered", "Interactions offered", "number", 0, "higher", "sum", COUNT, "", 1, [],
     "Every interaction that reached the agent, answered or not."),
    ("interactions_answered", "Interactions answered", "number", 0, "higher", "sum", COUNT, "", 1,
     [("dividend", "answered", "is", "yes")],
     "Interactions that the agent answered."),
    ("average_handle_time", "Average handle time", "seconds", 0, "lower", "average", HANDLE, COUNT, 1, [ANSWERED],
     "Talk plus recorded hold and after-call work, by answered interaction."),
    ("average_speed_of_answer", "Average speed of answer", "seconds", 0, "lower", "average", "wait", COUNT, 1,
     [ANSWERED],
     "How long customers waited before the interaction was answered."),
    ("average_talk", "Average talk", "seconds", 0, "lower", "average", "talk", COUNT, 1, [ANSWERED],
     "Talk by answered interaction."),
    ("average_hold", "Average hold", "seconds", 0, "lower", "average", "hold", COUNT, 1, [ANSWERED],
     "Hold by answered interaction, where hold is recorded."),
    ("average_after_call_work", "Average after-call work", "seconds", 0, "lower", "average", "after_call", COUNT, 1,
     [ANSWERED],
     "After-call work by answered interaction, where it is recorded."),
    ("hold_ratio", "Hold ratio", "percent", 1, "lower", "average", "hold", HANDLE, 100, [ANSWERED],
     "The share of the handle time that the customer spent on hold."),
    ("transfer_rate", "Transfer rate", "percent", 1, "lower", "average", COUNT, COUNT, 100,
     [ANSWERED, ("dividend", "transferred", "is", "yes")],
     "The share of answered interactions that were passed on."),
    ("abandonment", "Abandonment seen", "percent", 1, "lower", "average", COUNT, COUNT, 100,
     [("dividend", "abandoned", "is", "yes")],
     "The share of offered interactions that customers gave up."),
    ("service_level_20s", "Service level within 20 seconds", "percent", 1, "higher", "average", COUNT, COUNT, 100,
     [ANSWERED, ("dividend", "wait", "at_most", "20")],
     "The share of answered interactions that were answered within 20 seconds."),
    ("first_contact_resolution", "First-contact resolution", "percent", 1, "higher", "average", COUNT, COUNT, 100,
     [ANSWERED, ("dividend", "resolved", "is", "yes")],
     "The share of answered interactions that were resolved."),
    ("satisfaction", "Satisfaction", "number", 2, "higher", "average", "rating", COUNT, 1, [],
     "The mean rating that customers gave."),
    ("satisfaction_top_boxes", "Share of top ratings", "percent", 1, "higher", "average", COUNT, COUNT, 100,
     [("dividend", "rating", "at_least", "4")],
     "The share of ratings of 4 or better."),
    ("short_call_share", "Short-call share", "percent", 1, "lower", "average", COUNT, COUNT, 100,
     [ANSWERED, ("dividend", "talk", "under", "30")],
     "The share of answered interactions with less than 30 seconds of talk."),
    ("interactions_per_handled_hour", "Interactions per handled hour", "number", 1, "higher", "average", COUNT, HANDLE,
     3600, [ANSWERED],
     "How many interactions the agent answers in an hour of handle time."),
    ("quality_score", "Quality score", "percent", 1, "higher", "average", "evaluation_score", "evaluation_maximum",
     100, [],
     "Points of released quality evaluations, out of what they could give."),
    ("charges", "Charges", "currency", 2, "higher", "sum", "charge", "", 1, [("dividend", "answered", "is", "yes")],
     "Charges of answered interactions."),
]


def fill(apps, schema_editor):
    metric_model = apps.get_model("metrics", "Metric")
    condition_model = apps.get_model("metrics", "MetricCondition")
    for position, row in enumerate(CATALOGUE, start=1):
        key, name, unit, precision, better, aggregation, dividend, divisor, factor, conditions, description = row
        metric, created = metric_model.objects.get_or_create(
            key=key,
            defaults={
                "name": name, "description": description, "unit": unit, "precision": precision, "better": better,
                "currency": "USD" if unit == "currency" else "", "aggregation": aggregation,
                "source": "interactions", "dividend": dividend, "divisor": divisor, "factor": factor,
                "position": position * 10,
            },
        )
        if created:
            condition_model.objects.bulk_create(
                condition_model(metric=metric, applies_to=applies_to, field=field, operator=operator, value=value)
                for applies_to, field, operator, value in conditions
            )


def clear(apps, schema_editor):
    metric_model = apps.get_model("metrics", "Metric")
    used = set(apps.get_model("metrics", "Reading").objects.values_list("metric_id", flat=True).distinct())
    metric_model.objects.filter(key__in=[row[0] for row in CATALOGUE]).exclude(pk__in=used).delete()


class Migration(migrations.Migration):
    dependencies = [("metrics", "0001_initial")]
    operations = [migrations.RunPython(fill, clear)]
