from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "integrations.api"
    label = "api"
    verbose_name = _("Programming interface")

    def ready(self):
        from people.enums import Permission  # noqa: PLC0415 - models cannot be loaded before the apps are
        from people.rights import ALL, EDIT, VIEW, allow  # noqa: PLC0415 - models cannot be loaded before the apps are

        rights = {"api.client": EDIT, "api.writtencall": VIEW}
        allow(Permission.CONFIGURE_PEOPLE, rights, everywhere_only=True)
        allow(
            Permission.CONFIGURE_SCORING,
            {"api.metricalias": ALL, "api.fieldalias": ALL, "api.goalkey": EDIT, "api.goalscore": VIEW},
        )
