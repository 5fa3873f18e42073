from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("leaderboards", "0006_fill_names_of_rounds")]

    operations = [migrations.RemoveField(model_name="round", name="has_names")]
