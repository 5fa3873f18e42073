from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "integrations.webhooks"
    label = "webhooks"
    verbose_name = _("Webhooks")

    def ready(self):
        from people.enums import Permission  # noqa: PLC0415 - models cannot be loaded before the apps are
        from people.rights import ALL, EDIT, VIEW, allow  # noqa: PLC0415 - models cannot be loaded before the apps are

        rights = {
            "webhooks.endpoint": EDIT,
            "webhooks.delivery": VIEW,
            "webhooks.source": EDIT,
            "webhooks.goallink": ALL,
            "webhooks.report": VIEW,
        }
        allow(Permission.CONFIGURE_SCORING, rights, everywhere_only=True)
