from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecognitionConfig(AppConfig):
    name = "rewards.recognition"
    label = "recognition"
    verbose_name = _("Recognition")

    def ready(self):
        from people.enums import Permission  # noqa: PLC0415 - models cannot be loaded before the apps are
        from people.rights import ADD, allow  # noqa: PLC0415 - the same

        allow(Permission.CONFIGURE_SCORING, {"recognition.budget": ADD}, everywhere_only=True)
        allow(Permission.CONFIGURE_SCORING, {"recognition.leadbudget": ADD})
