from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leaderboards", "0004_averages")]

    operations = [
        migrations.AddField(
            model_name="round",
            name="names",
            field=models.CharField(
                choices=[("none", "nobody but oneself"), ("top", "the first few"), ("all", "everyone")],
                default="none",
                max_length=4,
                verbose_name="names",
            ),
        ),
        migrations.AddField(
            model_name="round",
            name="top",
            field=models.PositiveIntegerField(default=0, verbose_name="how many by name"),
        ),
    ]
