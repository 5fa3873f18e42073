from django.db import migrations

from foundation.records.storage import RoomForUpdates


class Migration(migrations.Migration):
    dependencies = [("scorecards", "0002_fill_standard_profile")]

    operations = [RoomForUpdates("Score", 45), RoomForUpdates("ScoreDay", 45)]
