from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScorecardsConfig(AppConfig):
    name = "scorecards"
    verbose_name = _("Scorecards")

    def ready(self):
        from people import changes  # noqa: PLC0415 - models are there only now

        from .actions.belonging import touch_changed_belongings  # noqa: PLC0415 - the same

        changes.listeners.append(touch_changed_belongings)
