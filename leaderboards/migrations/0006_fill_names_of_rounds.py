"""Rounds with names have those that their board is set to now; where it has none any more, nobody's: it may have named
the first few only, and the rows of the others stay hidden."""

from django.db import migrations


def fill(apps, schema_editor):
    Board, Round = apps.get_model("leaderboards", "Board"), apps.get_model("leaderboards", "Round")
    for board in Board.objects.all():
        rounds = Round.objects.filter(board=board, has_names=True)
        if board.names == "top":
            rounds.update(names="top", top=board.top)
        elif board.names == "all":
            rounds.update(names="all")
        else:
            rounds.update(names="top", top=0)


def unfill(apps, schema_editor):
    Round = apps.get_model("leaderboards", "Round")
    Round.objects.exclude(names="none").update(has_names=True)


class Migration(migrations.Migration):
    dependencies = [("leaderboards", "0005_names_of_rounds")]

    operations = [migrations.RunPython(fill, unfill)]
