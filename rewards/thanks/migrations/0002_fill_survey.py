"""The survey that ships, and the metric that its points add up to. Reverse takes away what nothing uses."""

import datetime as dt

from django.db import migrations

TEXTS = {
    "en": {
        "recommend": "How likely are you to recommend us?",
        "scale_1": "extremely likely",
        "scale_2": "very likely",
        "scale_3": "likely",
        "scale_4": "not very likely",
        "scale_5": "not at all likely",
        "reward": "Would you like to reward the person who helped you? It costs you nothing.",
        "yes": "yes",
        "no": "no",
        "gift": "Which reward shall it be?",
        "press": "Press {key} for {choice}.",
        "again": "Sorry, that was not one of the choices.",
        "given": "Your reward was handed on: {gift}.",
        "goodbye": "Thank you for the review. Goodbye.",
        "gave_up": "Thank you for your time. Goodbye.",
    },
    "de": {
        "recommend": "Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?",
        "scale_1": "äußerst wahrscheinlich",
        "scale_2": "sehr wahrscheinlich",
        "scale_3": "wahrscheinlich",
        "scale_4": "eher unwahrscheinlich",
        "scale_5": "überhaupt nicht wahrscheinlich",
        "reward": "Möchten Sie die Person belohnen, die Ihnen geholfen hat? Es kostet Sie nichts.",
        "yes": "ja",
        "no": "nein",
        "gift": "Welche Belohnung soll es sein?",
        "press": "Drücken Sie {key} für {choice}.",
        "again": "Das stand leider nicht zur Auswahl.",
        "given": "Ihre Belohnung ist angekommen: {gift}.",
        "goodbye": "Vielen Dank für die Bewertung. Auf Wiedersehen.",
        "gave_up": "Vielen Dank für Ihre Zeit. Auf Wiedersehen.",
    },
}
OPTIONS = [
    {"key": "1", "points": 10, "names": {"en": "high five", "de": "High Five"}},
    {"key": "2", "points": 20, "names": {"en": "soft drink", "de": "Erfrischungsgetränk"}},
    {"key": "3", "points": 30, "names": {"en": "delivered snack", "de": "gelieferter Imbiss"}},
    {"key": "4", "points": 40, "names": {"en": "specialty coffee", "de": "Kaffeespezialität"}},
]
CONTENT = {
    "leads_on_to": 3, "repeats": 2, "options": OPTIONS, "texts": TEXTS, "day_points": 400, "customer_thanks": 1,
    "customer_days": 1, "link_days": 7,
}
METRIC = {
    "name": "Customer thanks", "description": "Reward points that customers gave the agent after a contact.",
    "unit": "number", "precision": 0, "better": "higher", "aggregation": "sum", "source": "external", "position": 185,
}


def fill(apps, schema_editor):
    apps.get_model("metrics", "Metric").objects.get_or_create(key="customer_thanks", defaults=METRIC)
    survey, is_new = apps.get_model("thanks", "Survey").objects.get_or_create(
        division=None, defaults={"name": "After a contact"}
    )
    if is_new:
        day = dt.date(1, 1, 1)
        at = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
        apps.get_model("thanks", "SurveyVersion").objects.create(survey=survey, from_on=day, content=CONTENT, at=at)


def clear(apps, schema_editor):
    """The tables go with the migration before; the metric stays where readings use it."""
    used = apps.get_model("metrics", "Reading").objects.values("metric_id")
    apps.get_model("metrics", "Metric").objects.filter(key="customer_thanks").exclude(pk__in=used).delete()


class Migration(migrations.Migration):
    dependencies = [("thanks", "0001_initial"), ("metrics", "0002_fill_catalogue")]
    operations = [migrations.RunPython(fill, clear)]
