from django.db import migrations

from foundation.records.storage import CoversOnSQLite


class Migration(migrations.Migration):
    dependencies = [("scorecards", "0006_fill_watches")]

    operations = [
        migrations.RemoveIndex("ScoreDay", name="scorecards_scoreday_profile"),
        migrations.AddIndex(
            "ScoreDay",
            CoversOnSQLite(
                fields=["profile", "workday"],
                covers=["division", "agent", "points", "maximum"],
                name="scorecards_scoreday_profile",
            ),
        ),
    ]
