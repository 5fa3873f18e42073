from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeaderboardsConfig(AppConfig):
    name = "leaderboards"
    verbose_name = _("Leaderboards")

    def ready(self):
        from scorecards import averages  # noqa: PLC0415 - models are there only now

        from .queries.averages import average_of_everyone  # noqa: PLC0415 - the same

        averages.publishers.append(average_of_everyone)
