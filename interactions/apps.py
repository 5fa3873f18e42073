from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InteractionsConfig(AppConfig):
    name = "interactions"
    verbose_name = _("Interactions")

    def ready(self):
        from people.enums import Permission  # noqa: PLC0415 - models are there only now
        from people.rights import EDIT, VIEW, allow  # noqa: PLC0415 - the same

        from . import checks  # noqa: F401, PLC0415 - registers itself

        allow(Permission.EVALUATE, {"interactions.evaluation": EDIT, "interactions.leg": VIEW})
