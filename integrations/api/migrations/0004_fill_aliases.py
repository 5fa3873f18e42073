"""The symbolic names that the field's callers use. Reverse takes away those that are still as they were filled in."""

from django.db import migrations

AVERAGE, SUM = "average", "sum"

# name, key of the metric, how members are added up where the call does not say
METRICS = [
    ("acd.handle.time", "average_handle_time", AVERAGE),
    ("acd.handle.time.sum", "average_handle_time", SUM),
    ("acd.talk.time", "average_talk", AVERAGE),
    ("acd.talk.time.sum", "average_talk", SUM),
    ("acd.hold.time", "average_hold", AVERAGE),
    ("acd.hold.time.sum", "average_hold", SUM),
    ("acd.after.call.work", "average_after_call_work", AVERAGE),
    ("acd.after.call.work.sum", "average_after_call_work", SUM),
    ("acd.answer.time", "average_speed_of_answer", AVERAGE),
    ("acd.offered.count", "interactions_offered", SUM),
    ("acd.answered.count", "interactions_answered", SUM),
    ("acd.service.level", "service_level_20s", AVERAGE),
    ("acd.transfer.rate", "transfer_rate", AVERAGE),
    ("acd.first.contact.resolution", "first_contact_resolution", AVERAGE),
    ("survey.csat", "satisfaction", AVERAGE),
    ("quality.score", "quality_score", AVERAGE),
    ("tHandle", "average_handle_time", SUM),
    ("tTalk", "average_talk", SUM),
    ("tHeld", "average_hold", SUM),
    ("tAcw", "average_after_call_work", SUM),
    ("tAnswered", "average_speed_of_answer", SUM),
    ("nOffered", "interactions_offered", SUM),
    ("nConnected", "interactions_answered", SUM),
]
FIELDS = [
    ("callType", "direction"),
    ("direction", "direction"),
    ("originatingDirection", "direction"),
    ("mediaType", "media_type"),
    ("channel", "media_type"),
    ("queueId", "queue"),
    ("queueName", "queue"),
    ("userId", "person"),
    ("agentId", "person"),
    ("teamId", "team"),
    ("divisionId", "division"),
]


def fill(apps, schema_editor):
    metrics = dict(apps.get_model("metrics", "Metric").objects.values_list("key", "pk"))
    metric_alias, field_alias = apps.get_model("api", "MetricAlias"), apps.get_model("api", "FieldAlias")
    metric_alias.objects.bulk_create(
        metric_alias(name=name, metric_id=metrics[key], aggregation=aggregation)
        for name, key, aggregation in METRICS
        if key in metrics
    )
    field_alias.objects.bulk_create(field_alias(name=name, field=field) for name, field in FIELDS)


def clear(apps, schema_editor):
    metric_alias, field_alias = apps.get_model("api", "MetricAlias"), apps.get_model("api", "FieldAlias")
    for name, key, aggregation in METRICS:
        metric_alias.objects.filter(name=name, metric__key=key, aggregation=aggregation).delete()
    for name, field in FIELDS:
        field_alias.objects.filter(name=name, field=field).delete()


class Migration(migrations.Migration):
    dependencies = [("api", "0003_goals_and_aliases"), ("metrics", "0002_fill_catalogue")]

    operations = [migrations.RunPython(fill, clear)]
