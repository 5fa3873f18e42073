from django.db import migrations


class Migration(migrations.Migration):
    """Standings so far are taken anew for boards of their own, from the facts that stand: nothing but a board held them."""

    dependencies = [("leaderboards", "0001_initial")]

    operations = [
        migrations.DeleteModel("PublishedSums"),
        migrations.DeleteModel("Publication"),
    ]
